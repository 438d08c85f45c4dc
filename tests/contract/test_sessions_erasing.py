"""Who is erased leaves every talk in person, and who stays is not left waiting."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import Changes, NewResponse, RecordedConsent
from domain.consent import Purpose
from domain.session import (
    SESSION_LEFT,
    TICK,
    Claim,
    Duo,
    Invitation,
    InvitationStatus,
    Meemaker,
    MeemakerKind,
    Offer,
    RequestStatus,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkRequest,
    TalkWish,
)
from storage import Store
from storage.sessions import SessionTable
from tests.unit.storage.talking import AT, saving, stored

pytestmark = pytest.mark.anyio

TOMORROW = Stretch(AT + timedelta(days=1), AT + timedelta(days=1, hours=1))
YESTERDAY = Stretch(AT - timedelta(days=1, hours=1), AT - timedelta(days=1))
SESSION = Session(
    "s1",
    SessionKind.PRIVATE,
    "duo",
    "fatima",
    "jan",
    "huis",
    "kamer",
    TOMORROW,
    SessionStatus.CONFIRMED,
    2,
)
LEFT = f"{SESSION_LEFT}:s1"


async def person(store: Store, name: str) -> str:
    found = await store.turn(
        saving(Changes("", begin=NewResponse(f"r-{name}", "q", "1", "nl")), ref=name, update=name)
    )
    assert found is not None
    return found.reference


async def do(store: Store, job: Callable[[SessionTable], None]) -> None:
    await store.with_sessions(job)


async def erase(store: Store, name: str) -> None:
    await store.turn(saving(Changes("", erase=True), ref=name))


def booking(session: Session, *references: str) -> Callable[[SessionTable], None]:
    def job(db: SessionTable) -> None:
        start, end = session.when.start, session.when.end
        whats = [("meemaker", "fatima"), ("meemaker", "jan"), ("room", "huis/kamer")]
        claims = [Claim(what, id, start, end) for what, id in whats]
        assert db.claim(session.id, claims, until=None, now=AT)
        db.put_session(session, at=AT)
        for each in references:
            assert db.claim(session.id, [Claim("resident", each, start, end)], until=None, now=AT)
            db.set_seat(session.id, each, SeatStatus.BOOKED, at=AT)
        for meemaker in session.meemakers:
            db.put_invitation(Invitation(session.id, meemaker, InvitationStatus.ACCEPTED, AT, AT))

    return job


async def found(store: Store, id: str = "s1") -> Session:
    session = await store.with_sessions(lambda db: db.session(id))
    assert session is not None
    return session


def claimed(store: Store) -> set[tuple[str, str]]:
    return set(stored(store, "what, id", "claims"))


def due(store: Store) -> list[str]:
    return [key for (key,) in stored(store, "key", "work ORDER BY key")]


@pytest.mark.parametrize("kind", [SessionKind.PRIVATE, SessionKind.HOME])
async def test_talk_of_a_resident_alone_is_cancelled_and_lets_go(store: Store, kind: SessionKind) -> None:
    reference = await person(store, "Tineke")
    await do(store, booking(replace(SESSION, kind=kind), reference))
    await erase(store, "Tineke")

    assert await found(store) == replace(SESSION, kind=kind, status=SessionStatus.CANCELLED, sequence=3)
    assert claimed(store) == set()
    assert due(store) == [LEFT]  # the duo has to hear it
    assert len(stored(store, "*", "session_invitations")) == 2


async def test_talk_in_a_group_goes_on_without_them(store: Store) -> None:
    reference, other = await person(store, "Tineke"), await person(store, "Mohamed")
    group = replace(SESSION, kind=SessionKind.GROUP, seats=8)
    await do(store, booking(group, reference, other))
    await erase(store, "Tineke")

    assert await found(store) == replace(group, booked=(other,))
    assert ("resident", reference) not in claimed(store)
    assert {("resident", other), ("meemaker", "jan"), ("room", "huis/kamer")} <= claimed(store)
    assert due(store) == []


async def test_talk_that_was_or_whose_seat_was_given_up_stays_as_it_is(store: Store) -> None:
    reference = await person(store, "Tineke")
    past = replace(SESSION, when=YESTERDAY)
    await do(store, booking(past, reference))
    given_up = replace(SESSION, id="s2", kind=SessionKind.HOME)
    await do(store, booking(given_up, reference))
    await do(store, lambda db: db.set_seat("s2", reference, SeatStatus.CANCELLED, at=AT))
    await erase(store, "Tineke")

    assert await found(store) == past
    assert await found(store, "s2") == given_up
    assert due(store) == []
    assert stored(store, "*", "session_seats") == []


async def test_request_and_offers_go_with_what_was_held(store: Store) -> None:
    held = [Claim("room", "huis/kamer", TOMORROW.start, TOMORROW.end)]
    wish = TalkWish(SessionKind.PRIVATE, "limmel", frozenset({"limmel"}))

    def job(db: SessionTable) -> None:
        db.put_request(TalkRequest(reference, wish, AT, RequestStatus.OPEN))
        offer = Offer("o1", SessionKind.PRIVATE, "duo", "huis", "kamer", TOMORROW, TOMORROW.end)
        db.put_offer(reference, offer)
        assert db.claim("o1", held, until=offer.until, now=AT)

    for name, changes in (("erase", Changes("", erase=True)), ("forget", Changes("", forget=True))):
        reference = await person(store, name)
        await do(store, job)
        await store.turn(saving(changes, ref=name))
        assert stored(store, "*", "talk_requests") == []
        assert stored(store, "*", "offers") == []
        assert claimed(store) == set()


async def test_talk_that_is_booked_stands_when_only_answers_are_forgotten(store: Store) -> None:
    reference = await person(store, "Tineke")
    await do(store, booking(SESSION, reference))
    await do(store, lambda db: db.plan("remind:s1", "session_remind", reference, AT))
    await store.turn(saving(Changes("", forget=True), ref="Tineke"))

    assert await found(store) == replace(SESSION, booked=(reference,))
    assert due(store) == ["remind:s1"]


async def hire(store: Store) -> None:
    """Fatima and Jan, who hold talks together; Fatima has a conversation of her own."""
    reference = await person(store, "Fatima")

    def job(db: SessionTable) -> None:
        empty = frozenset[str]()
        fatima = Meemaker("fatima", MeemakerKind.RESIDENT, empty, empty, reference=reference)
        db.put_meemaker(fatima, name="Fatima", at=AT)
        db.put_meemaker(Meemaker("jan", MeemakerKind.PROFESSIONAL, empty, empty), name="Jan", at=AT)
        db.put_duo(Duo("duo", "fatima", "jan"))

    await do(store, job)


async def test_meemaker_who_is_erased_leaves_a_place_to_fill(store: Store) -> None:
    await hire(store)
    await do(store, booking(SESSION, "somebody"))
    await erase(store, "Fatima")

    left = replace(SESSION, duo="", resident_meemaker="", status=SessionStatus.ASKED, sequence=3)
    assert await found(store) == replace(left, booked=("somebody",))
    assert ("meemaker", "fatima") not in claimed(store)
    assert {("meemaker", "jan"), ("room", "huis/kamer"), ("resident", "somebody")} <= claimed(store)
    assert [each.meemaker for each in await store.with_sessions(lambda db: db.invitations("s1"))] == ["jan"]
    assert due(store) == [LEFT]
    assert await store.with_sessions(lambda db: db.duos()) == []
    assert [each.id for each in await store.with_sessions(lambda db: db.meemakers())] == ["jan"]


async def test_meemaker_who_is_erased_is_in_no_talk_that_was_either(store: Store) -> None:
    await hire(store)
    past = replace(SESSION, when=YESTERDAY, status=SessionStatus.DONE)
    await do(store, booking(past))
    await erase(store, "Fatima")

    assert await found(store) == replace(past, duo="", resident_meemaker="")
    assert due(store) == []


async def test_offers_with_a_meemaker_who_is_erased_let_go(store: Store) -> None:
    await hire(store)

    def job(db: SessionTable) -> None:
        for id, duo in (("o1", "duo"), ("o2", "other duo")):
            offer = Offer(id, SessionKind.PRIVATE, duo, "huis", "kamer", TOMORROW, TOMORROW.end)
            db.put_offer("somebody", offer)
            held = [Claim("room", f"room of {id}", TOMORROW.start, TOMORROW.end)]
            assert db.claim(id, held, until=offer.until, now=AT)

    await do(store, job)
    await erase(store, "Fatima")

    assert stored(store, "id", "offers") == [("o2",)]
    assert claimed(store) == {("room", "room of o2")}


async def test_two_who_leave_the_same_talk_are_told_of_once(store: Store) -> None:
    await hire(store)
    reference = await person(store, "Tineke")
    await do(store, booking(SESSION, reference))
    await erase(store, "Fatima")
    await erase(store, "Tineke")

    assert (await found(store)).status is SessionStatus.CANCELLED
    assert due(store) == [LEFT]


async def test_nothing_is_planned_any_more_under_the_name_of_who_is_erased(store: Store) -> None:
    """Some of it from before they had a conversation; who has nearly the same name keeps theirs."""
    await hire(store)

    def job(db: SessionTable) -> None:
        for meemaker, reference in (("fatima", ""), ("jan", "ref-jan"), ("fatim%", ""), ("_fatima", "")):
            db.plan(f"session:s1:session_day:{meemaker}", "session_day", reference, AT)

    await do(store, job)
    await erase(store, "Fatima")

    assert due(store) == [f"session:s1:session_day:{name}" for name in ("_fatima", "fatim%", "jan")]


async def test_name_with_signs_in_it_takes_nobody_elses_work_along(store: Store) -> None:
    reference = await person(store, "Fa")

    def job(db: SessionTable) -> None:
        empty = frozenset[str]()
        known = Meemaker("f_%!", MeemakerKind.RESIDENT, empty, empty, reference=reference)
        db.put_meemaker(known, name="Fa", at=AT)
        for meemaker in ("f_%!", "fatima", "f_x!"):
            db.plan(f"session:s1:session_day:{meemaker}", "session_day", "", AT)

    await do(store, job)
    await erase(store, "Fa")

    assert due(store) == ["session:s1:session_day:f_x!", "session:s1:session_day:fatima"]


async def test_report_and_what_somebody_told_of_a_talk_go_with_them(store: Store) -> None:
    await hire(store)
    for name, response in (("Fatima", "report"), ("Tineke", "told")):
        begin = NewResponse(response, "gespreksverslag", "1", "nl", session="s1")
        await store.turn(saving(Changes("", begin=begin), ref=name))
    assert len(await store.with_sessions(lambda db: db.reports("s1"))) == 1
    await erase(store, "Tineke")
    assert stored(store, "id", "responses WHERE session = 's1'") == [("report",)]
    await erase(store, "Fatima")

    assert stored(store, "id", "responses WHERE session = 's1'") == []
    assert "fatima" not in str(stored(store, "*", "responses"))


async def test_calendar_and_feed_of_who_is_erased_are_gone(store: Store) -> None:
    await hire(store)

    def job(db: SessionTable) -> None:
        db.set_calendar("fatima", "https://calendar.example")
        db.add_time("fatima", TOMORROW, free=False)
        assert db.new_feed("meemaker", "fatima", "hash-1")

    await do(store, job)
    await erase(store, "Fatima")

    found = await store.with_sessions(
        lambda db: (db.calendars(), db.find_feed("hash-1"), db.names(["fatima"]))
    )
    assert found == ([], None, {})
    assert stored(store, "*", "meemaker_times") == []


async def test_address_of_a_visit_is_gone_with_its_resident(store: Store) -> None:
    reference = await person(store, "Tineke")
    await do(store, booking(replace(SESSION, kind=SessionKind.HOME), reference))
    await do(store, lambda db: db.set_address("s1", "Kanjel 1"))
    await erase(store, "Tineke")

    assert stored(store, "address", "sessions") == [(None,)]


async def test_seat_in_a_group_is_free_at_once(store: Store) -> None:
    people = [await person(store, name) for name in ("Tineke", "Karin")]
    group = replace(SESSION, kind=SessionKind.GROUP, seats=2)

    def job(db: SessionTable) -> None:
        booking(group, people[0])(db)
        db.set_seat("s1", people[1], SeatStatus.BOOKED, at=AT)
        tickets = [
            Claim("seat", f"huis/kamer#{number}", TOMORROW.start, TOMORROW.start + TICK) for number in (0, 1)
        ]
        rest = [Claim("resident", people[1], TOMORROW.start, TOMORROW.end), *tickets]
        assert db.claim("s1", rest, until=None, now=AT)

    await do(store, job)
    await erase(store, "Karin")

    assert stored(store, "count(*)", "claims WHERE what = 'seat'") == [(1,)]
    assert stored(store, "status", "sessions") == [("confirmed",)]
    await erase(store, "Tineke")
    assert stored(store, "*", "claims WHERE what IN ('seat', 'resident')") == []


async def test_how_a_talk_was_is_kept_once_and_goes_with_the_person_or_their_consent(store: Store) -> None:
    people = {name: await person(store, name) for name in ("Tineke", "Karin")}
    await do(store, booking(SESSION, people["Tineke"]))
    await do(store, lambda db: db.set_seat("s1", people["Karin"], SeatStatus.MISSED, at=AT))

    async def keep(name: str, how: str, session: str = "s1") -> bool:
        return await store.turn(
            lambda db: db.keep_afterwards(people[name], session, how, text_version="q 1", at=AT)
        )

    kept = (
        "responses r JOIN answers a ON a.response = r.id WHERE r.questionnaire = 'hoe_was_het' ORDER BY a.id"
    )
    assert [await keep("Tineke", each) for each in ("bad", "good")] == [True, True]
    assert not await keep("Tineke", "good", "other")
    assert not await keep("Karin", "good")  # was not there
    assert stored(store, "r.session, a.path, a.value, r.meemaker, r.outcome", kept) == [
        ("s1", "how", "bad", "", "finished"),
        ("s1", "how", "good", "", "finished"),
    ]
    agreed = "consents c JOIN responses r ON r.id = c.response WHERE r.questionnaire = 'hoe_was_het'"
    assert stored(store, "c.purpose, c.text_version", agreed) == [("answers", "q 1")]

    taken_back = RecordedConsent(Purpose.ANSWERS, False, "q 1")
    await store.turn(saving(Changes("", consents=[taken_back]), ref="Tineke", update="no"))
    assert stored(store, "*", kept) == []

    assert await keep("Tineke", "so_so")
    await store.turn(saving(Changes("", forget=True), ref="Tineke", update="forget"))
    assert stored(store, "*", kept) == []

    assert await keep("Tineke", "so_so")
    await erase(store, "Tineke")
    assert stored(store, "*", kept) == []
    assert stored(store, "id", "responses") == [("r-Karin",)]
