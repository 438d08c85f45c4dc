"""Token buckets: how much at once, how much in the long run, and never more memory than allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.limits import Limiter, Rate
from tests.browser.fakes import FakeTime


def limiter(time: FakeTime, *, per_minute: float = 60, burst: int = 3, capacity: int = 100) -> Limiter:
    return Limiter(Rate(per_minute, burst), clock=lambda: time.seconds, capacity=capacity)


def test_take_more_than_the_burst_is_refused_with_the_time_to_wait() -> None:
    bucket = limiter(FakeTime())
    assert [bucket.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]


def test_take_after_the_told_wait_goes() -> None:
    time = FakeTime()
    bucket = limiter(time)
    waits = [bucket.take("a") for _ in range(4)]
    time.move(seconds=waits[-1])
    assert bucket.take("a") == 0.0
    assert bucket.take("a") == 1.0


def test_take_of_one_key_leaves_another_alone() -> None:
    bucket = limiter(FakeTime(), burst=1)
    assert (bucket.take("a"), bucket.take("a"), bucket.take("b")) == (0.0, 1.0, 0.0)


def test_what_is_given_back_can_be_taken_again_and_never_adds_up() -> None:
    bucket = limiter(FakeTime(), burst=2)
    bucket.give_back("a")
    bucket.take("a")
    bucket.give_back("a")
    bucket.give_back("a")
    assert [bucket.take("a") for _ in range(3)] == [0.0, 0.0, 1.0]


def test_take_when_the_clock_goes_back_gives_nothing_extra() -> None:
    time = FakeTime()
    bucket = limiter(time, burst=1)
    bucket.take("a")
    time.move(seconds=-3600)
    assert bucket.take("a") == 1.0


def test_keys_beyond_the_capacity_forget_the_quietest() -> None:
    bucket = limiter(FakeTime(), burst=1, capacity=2)
    for key in ("a", "b", "a", "c"):
        bucket.take(key)
    assert bucket.remembered == 2
    assert bucket.take("a") == 1.0
    assert bucket.take("b") == 0.0


@given(st.lists(st.floats(0, 5), max_size=60))
def test_take_in_any_rhythm_never_gives_more_than_burst_and_rate(pauses: list[float]) -> None:
    time = FakeTime()
    bucket = limiter(time)
    taken = 0
    for pause in pauses:
        time.move(seconds=pause)
        taken += bucket.take("a") == 0.0
    assert taken <= 3 + sum(pauses) + 1e-3


@pytest.mark.parametrize("quiet", [3, 3_600])
def test_take_after_a_quiet_time_gives_the_burst_and_no_more(quiet: int) -> None:
    time = FakeTime()
    bucket = limiter(time)
    for _ in range(4):
        bucket.take("a")
    time.move(seconds=quiet)
    assert [bucket.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]
