"""A thousand bookings of the same duo, room and resident from several processes: each time is promised once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import pytest

from domain.session import Session
from storage import Store
from storage.claims import keys
from tests.contract.conftest import KEY, Database
from tests.contract.sessions_child import A_DAY, BOOKINGS, claims, session
from tests.unit.storage.talking import stored

ROOT = Path(__file__).parent.parent.parent
PROCESSES = 4

Child = subprocess.Popen[str]


@contextmanager
def children(database: Database, guard: str = "guarded") -> Iterator[list[Child]]:
    """Processes that wait for a word to begin at once."""
    command = [sys.executable, "-m", "tests.contract.sessions_child", database.url, KEY, str(PROCESSES)]
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen([*command, str(number), guard], stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=os.environ)
        for number in range(PROCESSES)
    ]  # fmt: skip # read as one piece
    try:
        for child in started:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in started:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        yield started
    finally:
        for child in started:
            child.kill()
            child.communicate()


def said(child: Child, lines: int | None = None) -> dict[int, str]:
    """What became of each booking that a child told of, until it ended or said so many."""
    assert child.stdout is not None
    told = child.stdout.readlines() if lines is None else [child.stdout.readline() for _ in range(lines)]
    words = [line.split() for line in told if line.endswith("\n")]
    return {int(number): word for number, word in words}


def booked(store: Store) -> list[Session]:
    return [session(int(id.removeprefix("s"))) for (id,) in stored(store, "id", "sessions ORDER BY id")]


def check_nothing_is_promised_twice(store: Store) -> None:
    pairs = combinations(booked(store), 2)
    twice = [(one.id, other.id) for one, other in pairs if one.when.overlaps(other.when)]
    assert not twice, f"promised twice: {len(twice)}"


def check_nothing_is_half(store: Store) -> None:
    """Each session has all it claims and its resident, and nothing is claimed for a session that is not there."""
    wanted = {(*key, each.id) for each in booked(store) for claim in claims(each) for key in keys(claim)}
    assert set(stored(store, "what, id, tick, owner", "claims")) == wanted, "claimed by half"
    seats = stored(store, "session, reference", "session_seats")
    assert sorted(seats) == [(each.id, "ref") for each in booked(store)], "a session without its resident"


def test_of_a_thousand_bookings_at_once_one_wins_each_time(
    database: Database, open_stores: Callable[[], Store]
) -> None:
    with children(database) as started:
        outcome = {number: word for child in started for number, word in said(child).items()}
        assert [child.wait() for child in started] == [0] * PROCESSES
    assert len(outcome) == BOOKINGS

    store = open_stores()
    check_nothing_is_promised_twice(store)
    check_nothing_is_half(store)
    won = [number for number, word in outcome.items() if word == "won"]
    assert {f"s{number}" for number in won} == {each.id for each in booked(store)}
    a_day = Counter(number // A_DAY for number in won)
    assert a_day == dict.fromkeys(range(BOOKINGS // A_DAY), 1), "a time that nobody got, or two did"


def test_without_the_guard_the_same_bookings_are_promised_twice(
    database: Database, open_stores: Callable[[], Store]
) -> None:
    """What the test above is worth."""
    with children(database, "unguarded") as started:
        outcome = {number: word for child in started for number, word in said(child).items()}
        assert [child.wait() for child in started] == [0] * PROCESSES
    assert len(outcome) == BOOKINGS

    store = open_stores()
    with pytest.raises(AssertionError, match="promised twice"):
        check_nothing_is_promised_twice(store)
    with pytest.raises(AssertionError, match="claimed by half"):
        check_nothing_is_half(store)


def test_processes_that_are_killed_while_they_book_leave_nothing_half(
    database: Database, open_stores: Callable[[], Store]
) -> None:
    won = set[int]()
    with children(database) as started:
        for number, child in enumerate(started):
            heard = said(child, 20 + 40 * number)
            child.kill()
            heard |= said(child)
            won |= {number for number, word in heard.items() if word == "won"}

    store = open_stores()
    check_nothing_is_promised_twice(store)
    check_nothing_is_half(store)
    assert won
    assert {f"s{number}" for number in won} <= {each.id for each in booked(store)}
