"""Talks in person, on both databases: what is written is what is read, and nothing is taken twice."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

import pytest

from bot.ports import Changes, PlannedWork, TurnDb
from domain.session import (
    SESSION_LEFT,
    Claim,
    Duo,
    Gender,
    Hours,
    Invitation,
    InvitationStatus,
    Meemaker,
    MeemakerKind,
    Offer,
    Place,
    RequestStatus,
    Room,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkRequest,
    TalkWish,
)
from scheduler.moments import Moment
from storage import Store
from storage.sessions import SessionTable
from tests.unit.storage.talking import saving, stored

pytestmark = pytest.mark.anyio
T = TypeVar("T")

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
QUARTER = timedelta(minutes=15)


def at(hour: int, minute: int = 0, *, day: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def claim(id: str, start: datetime, end: datetime, what: str = "meemaker") -> Claim:
    return Claim(what, id, start, end)


RESIDENT = Meemaker(
    "fatima",
    MeemakerKind.RESIDENT,
    frozenset({"nl", "ar"}),
    frozenset({"nazareth", "limmel"}),
    Gender.WOMAN,
    3,
    reference="ref-fatima",
)
PROFESSIONAL = Meemaker("jan", MeemakerKind.PROFESSIONAL, frozenset({"nl"}), frozenset())
HOURS = (
    Hours(0, time(9), time(12, 30)),
    Hours(0, time(19), time(0)),  # until the end of the day
    Hours(4, time(0), time(0)),  # the whole day
)
PLACE = Place(
    "huis",
    "Huis van de Wijk",
    "Kasteel Hillenraadweg 1",
    "nazareth",
    True,
    (Room("grote zaal; boven", 12), Room("kamer 4", 3)),
    HOURS,
)
SESSION = Session(
    "s1",
    SessionKind.PRIVATE,
    "duo-1",
    "fatima",
    "jan",
    "huis",
    "kamer 4",
    Stretch(at(10), at(11, 30)),
    SessionStatus.ASKED,
)
WISH = TalkWish(
    SessionKind.PRIVATE,
    "nazareth",
    frozenset({"nazareth", "limmel"}),
    "ar",
    Gender.WOMAN,
    True,
    (Stretch(at(10), at(12)), Stretch(at(14, day=5), at(15, day=5))),
    frozenset({"evening"}),
)


async def do(store: Store, job: Callable[[SessionTable], T]) -> T:
    return await store.with_sessions(job)


async def book(store: Store, session: Session, *references: str, made: datetime = NOW) -> None:
    def job(db: SessionTable) -> None:
        db.put_session(session, at=made)
        for number, reference in enumerate(references):
            db.set_seat(session.id, reference, SeatStatus.BOOKED, at=made + timedelta(seconds=number))

    await do(store, job)


# Meemakers, duos and places


async def test_meemakers_come_with_all_their_times(store: Store) -> None:
    away, extra = Stretch(at(0), at(0, day=9)), Stretch(at(18), at(20))

    def job(db: SessionTable) -> None:
        db.put_meemaker(RESIDENT, name="Fatima", at=NOW)
        db.put_meemaker(PROFESSIONAL, name="Jan", at=NOW)
        db.set_hours("fatima", HOURS)
        db.set_times("fatima", "chat", away=[away], extra=[extra])
        db.set_times("fatima", "calendar", away=[Stretch(at(1), at(2))])
        db.set_times("fatima", "calendar", away=[Stretch(at(3, day=2), at(4, day=2))])

    await do(store, job)

    fatima, jan = await do(store, lambda db: db.meemakers())
    busy = Stretch(at(3, day=2), at(4, day=2))
    assert fatima == replace(RESIDENT, hours=HOURS, away=(busy, away), extra=(extra,))
    assert jan == PROFESSIONAL


async def test_meemakers_who_only_type_for_residents_hold_no_talks(store: Store) -> None:
    await store.with_meemakers(lambda db: db.invite("typist", "Ans", "code", until=LATER))

    assert await do(store, lambda db: db.meemakers()) == []


async def test_meemaker_written_again_keeps_their_link_and_conversation(store: Store) -> None:
    await store.with_meemakers(lambda db: db.invite("fatima", "Fatima", "code", until=LATER))
    await store.with_meemakers(lambda db: db.redeem("code", "ref-fatima", NOW))

    await do(store, lambda db: db.put_meemaker(replace(RESIDENT, reference=""), name="Fatima B.", at=NOW))

    assert await do(store, lambda db: db.meemakers()) == [RESIDENT]
    assert await store.with_meemakers(lambda db: db.all()) == [("fatima", "Fatima B.", True)]


async def test_only_active_duos_and_places_are_planned(store: Store) -> None:
    duo, other = Duo("duo-1", "fatima", "jan"), replace(PLACE, id="x", step_free=False, rooms=(), hours=())

    def job(db: SessionTable) -> None:
        for each in (RESIDENT, PROFESSIONAL):
            db.put_meemaker(each, name=each.id, at=NOW)
        db.put_duo(duo)
        db.put_duo(Duo("duo-2", "fatima", "jan"))
        db.put_place(PLACE)
        db.put_place(other)

    await do(store, job)
    assert await do(store, lambda db: db.places()) == [PLACE, other]

    await do(store, lambda db: db.put_duo(Duo("duo-2", "fatima", "jan"), active=False))
    await do(store, lambda db: db.put_place(other, active=False))
    assert await do(store, lambda db: db.duos()) == [duo]
    assert await do(store, lambda db: db.places()) == [PLACE]


# Claims


async def test_claim_takes_all_or_nothing(store: Store) -> None:
    first = [claim("fatima", at(10), at(11)), claim("huis/zaal", at(10), at(11), "room")]
    second = [claim("jan", at(10), at(11)), claim("fatima", at(10, 45), at(12))]

    def job(db: SessionTable) -> tuple[bool, bool]:
        won = db.claim("s1", first, until=None, now=NOW)
        return won, db.claim("s2", second, until=None, now=NOW)

    assert await do(store, job) == (True, False)
    assert stored(store, "DISTINCT owner", "claims") == [("s1",)]
    assert len(stored(store, "*", "claims")) == 8


async def test_claims_that_only_touch_are_both_taken(store: Store) -> None:
    def job(db: SessionTable) -> bool:
        assert db.claim("s1", [claim("fatima", at(10), at(11))], until=None, now=NOW)
        assert db.claim("s2", [claim("fatima", at(10), at(11), "resident")], until=None, now=NOW)
        return db.claim("s3", [claim("fatima", at(11), at(12))], until=None, now=NOW)

    assert await do(store, job)


async def test_refused_claim_leaves_what_its_owner_had(store: Store) -> None:
    def job(db: SessionTable) -> bool:
        assert db.claim("s1", [claim("fatima", at(10), at(11))], until=None, now=NOW)
        return db.claim("s1", [claim("fatima", at(10, 45), at(12))], until=None, now=NOW)

    assert not await do(store, job)
    assert await do(store, lambda db: db.taken(NOW, LATER, now=NOW)) == [claim("fatima", at(10), at(11))]


async def test_claim_of_part_of_a_quarter_takes_the_quarter(store: Store) -> None:
    def job(db: SessionTable) -> tuple[bool, bool]:
        assert db.claim("s1", [claim("fatima", at(10, 5), at(10, 50))], until=None, now=NOW)
        before = db.claim("s2", [claim("fatima", at(9), at(10, 1))], until=None, now=NOW)
        return before, db.claim("s3", [claim("fatima", at(10, 59), at(12))], until=None, now=NOW)

    assert await do(store, job) == (False, False)
    assert await do(store, lambda db: db.taken(NOW, LATER, now=NOW)) == [claim("fatima", at(10), at(11))]


async def test_hold_ends_by_itself_and_all_of_it(store: Store) -> None:
    held = [claim("fatima", at(10), at(11)), claim("jan", at(10), at(11))]
    wanted = [claim("fatima", at(10, 30), at(11, 30))]
    end = NOW + QUARTER
    assert await do(store, lambda db: db.claim("offer", held, until=end, now=NOW))

    just = end - timedelta(seconds=1)
    assert not await do(store, lambda db: db.claim("s1", wanted, until=None, now=just))
    assert len(await do(store, lambda db: db.taken(NOW, LATER, now=just))) == 2

    assert await do(store, lambda db: db.taken(NOW, LATER, now=end)) == []
    assert await do(store, lambda db: db.claim("s1", wanted, until=None, now=end))
    assert stored(store, "DISTINCT owner", "claims") == [("s1",)]


async def test_what_was_held_is_handed_on_for_good(store: Store) -> None:
    held, end = [claim("fatima", at(10), at(11))], NOW + QUARTER
    await do(store, lambda db: db.claim("offer", held, until=end, now=NOW))

    assert await do(store, lambda db: db.hand_on("offer", "s1"))
    assert not await do(store, lambda db: db.claim("s2", held, until=None, now=LATER))
    assert stored(store, "DISTINCT owner", "claims") == [("s1",)]


async def test_hold_that_somebody_else_took_after_its_time_is_not_handed_on(store: Store) -> None:
    """A process whose clock is behind still sees the offer."""
    held = [claim("fatima", at(10), at(11)), claim("jan", at(10), at(11))]
    end = NOW + QUARTER
    await do(store, lambda db: db.claim("offer", held, until=end, now=NOW))
    await do(store, lambda db: db.claim("s1", [claim("jan", at(10), at(11))], until=None, now=end))

    assert not await do(store, lambda db: db.hand_on("offer", "s2"))
    assert stored(store, "DISTINCT owner", "claims") == [("s1",)]


async def test_released_is_free(store: Store) -> None:
    wanted = [claim("fatima", at(10), at(11))]

    def job(db: SessionTable) -> bool:
        assert db.claim("s1", wanted, until=None, now=NOW)
        assert db.claim("s2", [claim("jan", at(10), at(11))], until=None, now=NOW)
        db.release("s1")
        return db.claim("s3", wanted, until=None, now=NOW)

    assert await do(store, job)
    assert stored(store, "DISTINCT owner", "claims ORDER BY owner") == [("s2",), ("s3",)]


async def test_taken_joins_quarters_to_stretches_within_what_is_asked(store: Store) -> None:
    def job(db: SessionTable) -> None:
        for owner, start, end in (("a", 10, 11), ("b", 11, 12), ("c", 14, 15)):
            assert db.claim(owner, [claim("fatima", at(start), at(end))], until=None, now=NOW)
        assert db.claim("d", [claim("zaal", at(10), at(11), "room")], until=None, now=NOW)

    await do(store, job)
    assert await do(store, lambda db: db.taken(at(10, 30), at(14, 15), now=NOW)) == [
        claim("fatima", at(10, 30), at(12)),
        claim("fatima", at(14), at(14, 15)),
        claim("zaal", at(10, 30), at(11), "room"),
    ]
    assert await do(store, lambda db: db.taken(at(12), at(14), now=NOW)) == []


async def test_claims_of_a_turn_that_fails_are_not_there(store: Store) -> None:
    def fail(db: TurnDb) -> None:
        table = db.sessions
        assert isinstance(table, SessionTable)
        assert table.claim("s1", [claim("fatima", at(10), at(11))], until=None, now=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.turn(fail)
    assert stored(store, "*", "claims") == []


async def test_housekeeping_drops_what_is_over(store: Store) -> None:
    def job(db: SessionTable) -> None:
        db.put_offer("ref", offer("over", at(10), until=NOW))
        db.put_offer("ref", offer("holds", at(12), until=NOW + QUARTER))
        db.claim("over", [claim("fatima", at(10), at(11))], until=NOW, now=NOW - QUARTER)
        db.claim("holds", [claim("fatima", at(12), at(13))], until=NOW + QUARTER, now=NOW)
        db.claim("past", [claim("jan", at(6, day=1), at(7, day=1))], until=None, now=NOW)
        db.claim("booked", [claim("jan", at(8), at(9))], until=None, now=NOW)

    await do(store, job)
    await store.purge(now=NOW)

    assert stored(store, "id", "offers") == [("holds",)]
    assert stored(store, "DISTINCT owner", "claims ORDER BY owner") == [("booked",), ("holds",)]


# Offers


def offer(id: str, start: datetime, *, until: datetime, place: str | None = "huis") -> Offer:
    when = Stretch(start, start + timedelta(hours=1))
    return Offer(id, SessionKind.PRIVATE, "duo-1", place, "kamer 4" if place else "", when, until)


async def test_offers_hold_until_their_time_and_come_soonest_first(store: Store) -> None:
    end = NOW + QUARTER
    late, soon = offer("o1", at(14), until=end), offer("o2", at(10), until=end, place=None)
    over, of_other = offer("o3", at(9), until=NOW), offer("o4", at(9), until=end)

    def job(db: SessionTable) -> None:
        for each in (late, soon, over):
            db.put_offer("ref", each)
        db.put_offer("somebody else", of_other)

    await do(store, job)
    assert await do(store, lambda db: db.offers_of("ref", now=NOW)) == [soon, late]
    assert await do(store, lambda db: db.offers_of("ref", now=end)) == []


async def test_dropped_offers_let_go_of_what_they_held_and_of_nothing_else(store: Store) -> None:
    end = NOW + QUARTER

    def job(db: SessionTable) -> None:
        for number, (reference, hour) in enumerate((("ref", 9), ("ref", 11), ("other", 13))):
            name = f"o{number}"
            db.put_offer(reference, offer(name, at(hour), until=end))
            assert db.claim(name, [claim("fatima", at(hour), at(hour + 1))], until=end, now=NOW)
        assert db.hand_on("o1", "s1")
        db.drop_offers("ref")

    await do(store, job)
    assert stored(store, "DISTINCT owner", "claims ORDER BY owner") == [("o2",), ("s1",)]
    assert stored(store, "id", "offers") == [("o2",)]


# Sessions


async def test_session_is_written_over_and_keeps_its_seats(store: Store) -> None:
    await book(store, SESSION, "ref-b", "ref-a")
    moved = replace(
        SESSION,
        place=None,
        room="",
        when=Stretch(at(14), at(15)),
        status=SessionStatus.CONFIRMED,
        sequence=1,
        language="ar",
    )
    await do(store, lambda db: db.put_session(moved, at=NOW))

    assert await do(store, lambda db: db.session("s1")) == replace(moved, booked=("ref-b", "ref-a"))
    assert await do(store, lambda db: db.session("s2")) is None


async def test_seat_that_is_given_up_is_no_longer_booked(store: Store) -> None:
    await book(store, replace(SESSION, kind=SessionKind.GROUP, seats=8), "a", "b", "c")
    await do(store, lambda db: db.set_seat("s1", "b", SeatStatus.CANCELLED, at=NOW))

    found = await do(store, lambda db: db.session("s1"))
    assert found is not None
    assert found.booked == ("a", "c")
    assert await do(store, lambda db: db.sessions_of("b", since=NOW)) == []


def ids(found: list[Session]) -> list[str]:
    return [session.id for session in found]


async def test_sessions_of_a_resident_are_those_to_come_soonest_first(store: Store) -> None:
    late = replace(SESSION, id="late", when=Stretch(at(9, day=9), at(10, day=9)))
    gone = replace(SESSION, id="gone", status=SessionStatus.CANCELLED)
    past = replace(SESSION, id="past", when=Stretch(at(9, day=1), at(10, day=1)))
    for each in (late, SESSION, gone, past):
        await book(store, each, "a")
    await book(store, replace(SESSION, id="theirs"), "b")

    found = await do(store, lambda db: db.sessions_of("a", since=NOW))
    assert found == [replace(SESSION, booked=("a",)), replace(late, booked=("a",))]
    assert ids(await do(store, lambda db: db.sessions_of("a", since=SESSION.when.end))) == ["late"]


async def test_sessions_with_a_meemaker_in_either_part(store: Store) -> None:
    swapped = replace(SESSION, id="s2", resident_meemaker="piet", when=Stretch(at(8), at(9)))
    gone = replace(SESSION, id="gone", status=SessionStatus.CANCELLED)
    other = replace(SESSION, id="other", resident_meemaker="piet", professional_meemaker="els")
    for each in (SESSION, swapped, gone, other):
        await book(store, each)

    assert ids(await do(store, lambda db: db.sessions_with("jan", since=NOW))) == ["s2", "s1"]
    assert ids(await do(store, lambda db: db.sessions_with("jan", since=at(9)))) == ["s1"]
    assert ids(await do(store, lambda db: db.sessions_with("fatima", since=NOW))) == ["s1"]


async def test_sessions_between_are_those_that_begin_then(store: Store) -> None:
    for hour in (9, 10, 12):
        await book(store, replace(SESSION, id=f"at {hour}", when=Stretch(at(hour), at(hour + 3))), "a", "b")
    await book(store, replace(SESSION, id="gone", status=SessionStatus.CANCELLED))

    found = await do(store, lambda db: db.sessions_between(at(9), at(12)))
    assert [(session.id, session.booked) for session in found] == [
        ("at 9", ("a", "b")),
        ("at 10", ("a", "b")),
    ]


async def test_last_seats_go_to_no_more_people_than_there_are_seats(open_stores: Callable[[], Store]) -> None:
    """Who waited for the lock sees the seats that were booked meanwhile."""
    first, second = open_stores(), open_stores()
    await book(first, replace(SESSION, kind=SessionKind.GROUP, seats=3))

    def sit(reference: str) -> Callable[[SessionTable], bool]:
        def job(db: SessionTable) -> bool:
            session = db.session("s1")
            assert session is not None
            if len(session.booked) >= session.seats:
                return False
            db.set_seat("s1", reference, SeatStatus.BOOKED, at=NOW)
            return True

        return job

    stores = [first, second] * 20
    sat = await asyncio.gather(*(do(store, sit(f"r{number}")) for number, store in enumerate(stores)))
    assert sat.count(True) == 3
    assert len(stored(first, "*", "session_seats")) == 3


# Invitations


async def test_invitations_come_oldest_first_and_one_for_each_meemaker(store: Store) -> None:
    await book(store, SESSION)
    asked = Invitation("s1", "jan", InvitationStatus.ASKED, NOW, LATER)
    second = Invitation("s1", "fatima", InvitationStatus.ASKED, NOW - QUARTER, LATER)

    def job(db: SessionTable) -> None:
        db.put_invitation(asked)
        db.put_invitation(second)
        db.put_invitation(replace(asked, status=InvitationStatus.ACCEPTED))

    await do(store, job)
    accepted = replace(asked, status=InvitationStatus.ACCEPTED)
    assert await do(store, lambda db: db.invitations("s1")) == [second, accepted]
    assert await do(store, lambda db: db.invitations("s2")) == []


# Requests


async def test_request_keeps_every_word_of_the_wish(store: Store) -> None:
    request = TalkRequest("a", WISH, NOW, RequestStatus.OPEN)
    waiting = replace(request, status=RequestStatus.WAITING, reason="no_duo")
    await do(store, lambda db: db.put_request(request))
    assert await do(store, lambda db: db.request("a")) == request

    await do(store, lambda db: db.put_request(waiting))
    assert await do(store, lambda db: db.request("a")) == waiting

    await do(store, lambda db: db.drop_request("a"))
    assert await do(store, lambda db: db.request("a")) is None


async def test_who_waits_longest_comes_first_and_who_is_booked_not_at_all(store: Store) -> None:
    plain = TalkWish(SessionKind.GROUP, "limmel", frozenset({"limmel"}))
    requests = [
        TalkRequest("late", plain, NOW, RequestStatus.OPEN),
        TalkRequest("early", WISH, NOW - QUARTER, RequestStatus.WAITING, "no_time"),
        TalkRequest("booked", WISH, NOW - 2 * QUARTER, RequestStatus.BOOKED),
    ]
    for each in requests:
        await do(store, lambda db, each=each: db.put_request(each))  # type: ignore[misc]  # mypy does not infer it

    assert await do(store, lambda db: db.open_requests()) == [requests[1], requests[0]]


# What is due


async def test_planned_again_under_the_same_key_replaces_the_first(store: Store) -> None:
    def job(db: SessionTable) -> None:
        db.plan("remind:s1:a", "session_remind", "a", NOW)
        db.plan("remind:s1:a", "session_remind", "a", NOW + QUARTER)
        db.plan("remind:s1:b", "session_remind", "b", NOW)
        db.unplan("remind:s1:b")
        db.unplan("unknown")

    await do(store, job)
    claimed = await store.claim_work(now=NOW + QUARTER, limit=9, lease=QUARTER)
    assert [(due.key, due.kind, due.reference, due.due_at) for due in claimed] == [
        ("remind:s1:a", "session_remind", "a", NOW + QUARTER)
    ]


@pytest.mark.parametrize("changes", [Changes("", cancel_work=True), Changes("", unremind=True)])
async def test_turn_that_cancels_its_own_work_leaves_that_of_a_session(
    store: Store, changes: Changes
) -> None:
    """Who ends the questions still comes to the talk."""
    found = await store.turn(saving(Changes("", plan=[PlannedWork("own", "own", NOW)])))
    assert found is not None
    await do(store, lambda db: db.plan("remind:s1", "session_remind", found.reference, NOW))

    await store.turn(saving(changes))

    assert ("remind:s1",) in stored(store, "key", "work")
    assert (("own",) in stored(store, "key", "work")) is not changes.cancel_work


KINDS = (*Moment, SESSION_LEFT)


async def test_thousand_things_due_in_the_same_second_are_each_given_out_once_and_in_order(
    open_stores: Callable[[], Store],
) -> None:
    stores = [open_stores(), open_stores()]
    planned = [(f"k{number:04}", KINDS[number % len(KINDS)], number) for number in range(1000)]

    def job(db: SessionTable) -> None:
        for key, kind, number in reversed(planned):
            db.plan(key, kind, f"ref-{number}", NOW + timedelta(milliseconds=number // 10))
        db.plan("later", Moment.DAY, "ref", NOW + timedelta(seconds=2))

    await do(stores[0], job)

    async def work(store: Store) -> list[tuple[str, str]]:
        done: list[tuple[str, str]] = []
        while found := await store.claim_work(now=NOW + timedelta(seconds=1), limit=20, lease=QUARTER):
            for due in found:
                done.append((due.key, due.kind))
                await store.finish_work(due.key)
        return done

    given = await asyncio.gather(*map(work, stores))

    assert sorted(given[0] + given[1]) == [(key, kind) for key, kind, _ in planned]
    assert all(each == sorted(each) for each in given)
    assert all(given), "one process had it all"
    assert stored(stores[0], "key", "work") == [("later",)]


async def test_who_blocks_us_is_still_waited_for_at_their_talk(store: Store) -> None:
    """Silence of a meemaker whom nothing reaches must be noticed, and a reminder that cannot come told to staff."""
    found = await store.turn(saving(Changes("", plan=[PlannedWork("own", "own", NOW)])))
    assert found is not None
    await do(store, lambda db: db.plan("session:s1:session_answer:jan", Moment.ANSWER, found.reference, NOW))

    await store.mark_blocked(found.reference, at=LATER)

    assert stored(store, "key", "work") == [("session:s1:session_answer:jan",)]
