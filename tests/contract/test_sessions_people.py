"""What meemakers change in the chat, visits at home, feeds and reports, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import Changes, NewResponse
from domain.session import Invitation, InvitationStatus, SessionStatus, Stretch
from storage import Store
from storage.sessions import SessionTable
from tests.contract.test_sessions import (
    LATER,
    NOW,
    PLACE,
    PROFESSIONAL,
    QUARTER,
    RESIDENT,
    SESSION,
    at,
    book,
    do,
)
from tests.unit.storage.talking import saving, stored

pytestmark = pytest.mark.anyio


async def hire(store: Store) -> None:
    def job(db: SessionTable) -> None:
        db.put_meemaker(RESIDENT, name="Fatima el Amrani", at=NOW)
        db.put_meemaker(PROFESSIONAL, name="Jan", at=NOW)
        db.put_place(PLACE)

    await do(store, job)


async def test_times_that_somebody_told_go_by_what_they_touch_and_a_calendar_stays(store: Store) -> None:
    await hire(store)
    away, later, extra = Stretch(at(9), at(12)), Stretch(at(12), at(14)), Stretch(at(10), at(11))
    busy = Stretch(at(9), at(10))

    def job(db: SessionTable) -> None:
        for when, free in ((away, False), (later, False), (extra, True)):
            db.add_time("fatima", when, free=free)
        db.add_time("jan", away, free=False)
        db.set_times("fatima", "calendar", away=[busy])

    await do(store, job)
    fatima, _ = await do(store, lambda db: db.meemakers())
    assert (set(fatima.away), fatima.extra) == ({away, busy, later}, (extra,))

    await do(store, lambda db: db.drop_times("fatima", Stretch(at(11), at(12))))
    fatima, jan = await do(store, lambda db: db.meemakers())
    assert (fatima.away, fatima.extra, jan.away) == ((busy, later), (extra,), (away,))


async def test_meemaker_is_found_by_their_conversation(store: Store) -> None:
    await hire(store)
    await store.with_meemakers(lambda db: db.invite("typist", "Ans", "code", until=LATER))
    await store.with_meemakers(lambda db: db.redeem("code", "ref-ans", NOW))
    await do(store, lambda db: db.add_time("fatima", Stretch(at(9), at(12)), free=False))

    fatima = replace(RESIDENT, away=(Stretch(at(9), at(12)),))
    assert await do(store, lambda db: db.meemaker_of("ref-fatima")) == fatima
    for nobody in ("ref-ans", "somebody", ""):
        assert await do(store, lambda db, who=nobody: db.meemaker_of(who)) is None  # type: ignore[misc]  # mypy does not infer it


async def test_names_are_first_names_of_who_is_there(store: Store) -> None:
    await hire(store)

    assert await do(store, lambda db: db.names(["jan", "fatima", "gone", ""])) == {
        "jan": "Jan",
        "fatima": "Fatima",
    }


async def test_calendar_of_their_own_is_kept_secret_and_leaves_nothing(store: Store) -> None:
    await hire(store)
    url, busy = "https://calendar.example/secret", Stretch(at(9), at(10))

    def job(db: SessionTable) -> None:
        db.set_calendar("fatima", url)
        db.set_times("fatima", "calendar", away=[busy])
        db.add_time("fatima", Stretch(at(12), at(14)), free=False)

    await do(store, job)
    assert await do(store, lambda db: db.calendars()) == [("fatima", url)]
    assert "secret" not in str(stored(store, "*", "meemakers"))

    await do(store, lambda db: db.set_calendar("fatima", ""))
    assert await do(store, lambda db: db.calendars()) == []
    fatima, _ = await do(store, lambda db: db.meemakers())
    assert fatima.away == (Stretch(at(12), at(14)),)


async def test_feed_shows_whose_it_is_until_there_is_a_new_one(store: Store) -> None:
    await hire(store)

    def job(db: SessionTable) -> list[bool]:
        return [
            db.new_feed("meemaker", "fatima", "hash-1"),
            db.new_feed("place", "huis", "hash-2"),
            db.new_feed("meemaker", "fatima", "hash-3"),
            db.new_feed("place", "fatima", "hash-4"),
        ]

    assert await do(store, job) == [True, True, True, False]
    found = await do(store, lambda db: [db.find_feed(f"hash-{number}") for number in range(5)])
    assert found == [None, None, ("place", "huis"), ("meemaker", "fatima"), None]


async def test_people_and_places_read_anew_keep_feed_and_calendar(store: Store) -> None:
    await hire(store)

    def job(db: SessionTable) -> None:
        db.new_feed("meemaker", "fatima", "hash-1")
        db.new_feed("place", "huis", "hash-2")
        db.set_calendar("fatima", "https://calendar.example")

    await do(store, job)
    await hire(store)
    found = await do(store, lambda db: (db.find_feed("hash-1"), db.find_feed("hash-2"), db.calendars()))
    assert found == (("meemaker", "fatima"), ("place", "huis"), [("fatima", "https://calendar.example")])


async def test_sessions_of_a_period_come_with_their_invitations(store: Store) -> None:
    gone = replace(SESSION, id="gone", status=SessionStatus.CANCELLED, when=Stretch(at(9), at(10)))
    late = replace(SESSION, id="late", when=Stretch(at(10, day=9), at(11, day=9)))
    asked = Invitation("s1", "jan", InvitationStatus.ASKED, NOW, LATER)
    first = Invitation("s1", "fatima", InvitationStatus.ACCEPTED, NOW - QUARTER, LATER)
    for each in (SESSION, gone, late):
        await book(store, each, "a", "b")
    for invitation in (asked, first):
        await do(store, lambda db, each=invitation: db.put_invitation(each))  # type: ignore[misc]  # mypy does not infer it

    found = await do(store, lambda db: db.with_invitations(at(9), at(9, day=9)))
    assert found == [
        (replace(gone, booked=("a", "b")), ()),
        (replace(SESSION, booked=("a", "b")), (first, asked)),
    ]


async def test_address_of_a_visit_is_kept_secret_and_stays_with_the_session(store: Store) -> None:
    await book(store, SESSION)
    assert await do(store, lambda db: (db.address("s1"), db.address("unknown"))) == ("", "")

    await do(store, lambda db: db.set_address("s1", "Kanjel 1"))
    await book(store, replace(SESSION, sequence=1))
    assert await do(store, lambda db: db.address("s1")) == "Kanjel 1"
    assert "Kanjel" not in str(stored(store, "*", "sessions"))

    await do(store, lambda db: db.set_address("s1", ""))
    assert await do(store, lambda db: db.address("s1")) == ""


async def test_address_goes_two_days_after_the_visit_or_when_it_is_called_off(store: Store) -> None:
    for id, status in (("s1", SessionStatus.DONE), ("off", SessionStatus.CANCELLED)):
        await book(store, replace(SESSION, id=id, status=status))
        await do(store, lambda db, id=id: db.set_address(id, f"Kanjel {id}"))  # type: ignore[misc]  # mypy does not infer it

    await store.purge(now=SESSION.when.end + timedelta(days=2))
    assert await do(store, lambda db: (db.address("s1"), db.address("off"))) == ("Kanjel s1", "")

    await store.purge(now=SESSION.when.end + timedelta(days=2, seconds=1))
    assert await do(store, lambda db: db.address("s1")) == ""


async def test_coming_and_going_of_the_duo_is_noted(store: Store) -> None:
    await book(store, SESSION)
    assert await do(store, lambda db: db.checks("s1")) == (None, None)

    await do(store, lambda db: db.mark_arrived("s1", at=at(10)))
    assert await do(store, lambda db: db.checks("s1")) == (at(10), None)

    await do(store, lambda db: db.mark_left("s1", at=at(11)))
    await book(store, replace(SESSION, status=SessionStatus.DONE))
    assert await do(store, lambda db: db.checks("s1")) == (at(10), at(11))
    assert await do(store, lambda db: db.checks("unknown")) == (None, None)


async def test_report_names_its_session_and_who_tells_of_it(store: Store) -> None:
    await hire(store)
    fatima = await store.turn(saving(Changes(""), ref="Fatima"))
    assert fatima is not None
    await store.with_meemakers(lambda db: db.invite("karin", "Karin", "code", until=LATER))
    await store.with_meemakers(lambda db: db.redeem("code", fatima.reference, NOW))
    report = NewResponse("r1", "gespreksverslag", "1", "nl", session="s1")
    await store.turn(saving(Changes("", begin=report), ref="Fatima"))
    told = NewResponse("r2", "hoe-was-het", "1", "nl", session="s1")
    await store.turn(saving(Changes("", begin=told), ref="Tineke"))
    other = NewResponse("r3", "veerkracht", "1", "nl")
    await store.turn(saving(Changes("", begin=other), ref="Mohamed"))

    assert await do(store, lambda db: db.reports("s1")) == [("karin", "r1", "")]
    await store.turn(saving(Changes("", close="finished"), ref="Fatima"))
    assert await do(store, lambda db: db.reports("s1")) == [("karin", "r1", "finished")]
    assert stored(store, "id, session, meemaker", "responses ORDER BY id") == [
        ("r1", "s1", "karin"),
        ("r2", "s1", ""),
        ("r3", "", ""),
    ]
