"""The cookie: what a browser gets, and that only what we signed, not too long ago, opens a conversation."""

import base64

import pytest

from bot.channels.web.visits import Visit, Visits
from tests.browser.fakes import KEY, FakeTime, counting_bytes


def visits(time: FakeTime, key: bytes = KEY) -> Visits:
    return Visits(key, now=lambda: time.now, token_bytes=counting_bytes())


def pair(set_cookie: str) -> str:
    return set_cookie.partition(";")[0]


def test_set_cookie_over_https_has_every_guard() -> None:
    shop = visits(FakeTime())
    name_and_value, *attributes = shop.set_cookie(shop.begin(), secure=True).split("; ")
    assert name_and_value.startswith("__Host-wijkverhaal=1.")
    assert attributes == ["Path=/", "Max-Age=1209600", "HttpOnly", "SameSite=Strict", "Secure"]


def test_set_cookie_over_http_has_no_secure() -> None:
    shop = visits(FakeTime())
    name_and_value, *attributes = shop.set_cookie(shop.begin(), secure=False).split("; ")
    assert name_and_value.startswith("wijkverhaal=1.")
    assert attributes == ["Path=/", "Max-Age=1209600", "HttpOnly", "SameSite=Strict"]


def test_token_has_256_bits() -> None:
    token = visits(FakeTime()).begin().token
    assert len(base64.urlsafe_b64decode(token + "=")) == 32


def test_channel_ref_does_not_hold_the_token() -> None:
    visit = visits(FakeTime()).begin()
    assert len(visit.channel_ref) == 64
    assert visit.token not in visit.channel_ref
    assert Visit("other", visit.issued_at).channel_ref != visit.channel_ref


def test_read_own_cookie_among_others_gives_the_visit() -> None:
    shop = visits(FakeTime())
    visit = shop.begin()
    assert shop.read("a=b; " + pair(shop.set_cookie(visit, secure=True)) + ";c", secure=True) == visit


def test_read_until_the_last_second_and_not_after() -> None:
    time = FakeTime()
    shop = visits(time)
    visit = shop.begin()
    cookie = pair(shop.set_cookie(visit, secure=True))
    time.move(days=14, seconds=-1)
    assert shop.read(cookie, secure=True) == visit
    time.move(seconds=1)
    assert shop.read(cookie, secure=True) is None


def test_renewed_visit_lives_on_as_the_same_person() -> None:
    time = FakeTime()
    shop = visits(time)
    visit = shop.begin()
    time.move(days=13)
    again = shop.renewed(visit)
    cookie = pair(shop.set_cookie(again, secure=True))
    time.move(days=13)
    assert shop.is_due_for_renewal(again)
    read = shop.read(cookie, secure=True)
    assert read is not None
    assert read.channel_ref == visit.channel_ref


def test_read_cookie_from_the_future_is_refused() -> None:
    time = FakeTime()
    shop = visits(time)
    cookie = pair(shop.set_cookie(shop.begin(), secure=True))
    time.move(minutes=-6)
    assert shop.read(cookie, secure=True) is None


def test_read_cookie_of_another_key_is_refused() -> None:
    other = visits(FakeTime(), bytes(32))
    assert visits(FakeTime()).read(pair(other.set_cookie(other.begin(), secure=True)), secure=True) is None


@pytest.mark.parametrize("place", [0, 2, 20, 50, -1, -20])
def test_read_cookie_with_one_character_changed_is_refused(place: int) -> None:
    shop = visits(FakeTime())
    name, _, value = pair(shop.set_cookie(shop.begin(), secure=True)).partition("=")
    letters = list(value)
    letters[place] = "7" if letters[place] != "7" else "8"
    assert shop.read(f"{name}={value}", secure=True) is not None
    assert shop.read(f"{name}={''.join(letters)}", secure=True) is None


@pytest.mark.parametrize(
    "value", ["", "1", "1..", "1.\u00e9.1.x", "x" * 5_000, "2." + "A" * 43 + ".1." + "A" * 43]
)
def test_read_nonsense_is_refused(value: str) -> None:
    assert visits(FakeTime()).read(f"__Host-wijkverhaal={value}", secure=True) is None
