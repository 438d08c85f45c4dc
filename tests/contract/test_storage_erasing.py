"""After "wis mijn gegevens" nothing of a person is left: not in a table, not in the bytes of the file."""

import json
from dataclasses import astuple
from datetime import time, timedelta

import pytest

from bot.dialogue.effects import Record
from bot.ports import Changes, NewResponse, PlannedWork, RecordedConsent
from domain.answer import answered
from domain.consent import Purpose
from domain.message import Button, Message
from domain.safety import SignalKind
from domain.session import (
    Claim,
    Duo,
    Hours,
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
from storage.schema import metadata
from storage.sessions import SessionTable
from storage.statements import Db
from tests.contract.conftest import Database
from tests.patience import until
from tests.unit.storage.talking import AT, CHANNEL, loading, saving, stored, words

pytestmark = pytest.mark.anyio
LEASE = timedelta(seconds=30)


def full(name: str) -> Changes:
    """A turn that writes `name` into every text column it can reach."""
    long = f"{name} " * 400  # so that some of it lives on pages of its own
    return Changes(
        json.dumps({"said": long}),
        messages=[Message(f"U zei: {name}", (Button(name, "/a"),))],
        deliver_later=True,
        begin=NewResponse(f"response-{name}", "veerkracht", "1", "nl"),
        answers=[
            Record("open", answered(long), Purpose.ANSWERS, f"rules {name}", f"model {name}"),
            Record(f"path-{name}", answered(name), Purpose.SENSITIVE, "tap"),
        ],
        consents=[RecordedConsent(Purpose.ANSWERS, True, f"version {name}")],
        signals=[SignalKind.SUICIDE],
        hand_over=True,
        wish={"when": name},
        reach={"at": name},
        plan=[PlannedWork(f"reminder:{name}", "reminder", AT)],
    )


async def live(store: Store, name: str) -> str:
    """Somebody who said a lot, was answered in both ways and got one of their messages."""
    found = await store.turn(saving(full(name), ref=f"ref-{name}", update=f"first-{name}"))
    assert found is not None
    await store.turn(
        saving(Changes("", messages=words(f"kept {name}")), ref=f"ref-{name}", update=f"u-{name}")
    )
    await store.transact(lambda db: talk(db, store, name, found.reference))
    return found.reference


def talk(db: Db, store: Store, name: str, reference: str) -> None:
    """They asked for a talk, hold an offer, have one at home, and hold talks themselves."""
    table, when = SessionTable(db, store._turns.sessions), Stretch(AT + LEASE, AT + timedelta(hours=1))
    wish = TalkWish(SessionKind.HOME, name, frozenset({f"near {name}"}))
    table.put_request(TalkRequest(reference, wish, AT, RequestStatus.WAITING, "no_time"))
    id = reference.partition("-")[2]  # a session stays, so nothing of the person is in its name
    offer = Offer(f"offer-{name}", SessionKind.HOME, f"duo-{name}", None, "", when, AT + timedelta(days=1))
    table.put_offer(reference, offer)
    table.claim(offer.id, [Claim("room", f"room-{id}", *astuple(when))], until=offer.until, now=AT)
    meemaker = f"meemaker-{name}"
    kind = MeemakerKind.PROFESSIONAL
    known = Meemaker(meemaker, kind, frozenset({name}), frozenset({name}), reference=reference)
    table.put_meemaker(known, name=name, at=AT)
    table.set_hours(meemaker, [Hours(0, time(9), time(17))])
    table.set_times(meemaker, f"calendar {name}", away=[when])
    table.put_duo(Duo(f"duo-{name}", meemaker, meemaker))
    claims = [Claim("resident", reference, *astuple(when)), Claim("meemaker", meemaker, *astuple(when))]
    assert table.claim(f"session-{id}", claims, until=None, now=AT)
    status = SessionStatus.CONFIRMED
    session = Session(
        f"session-{id}", SessionKind.HOME, f"duo-{name}", meemaker, meemaker, None, "", when, status
    )
    table.put_session(session, at=AT)
    table.set_seat(session.id, reference, SeatStatus.BOOKED, at=AT)
    table.put_invitation(Invitation(session.id, meemaker, InvitationStatus.ACCEPTED, AT, AT))
    table.plan(f"remind:{session.id}:{name}", "session_remind", reference, AT + timedelta(days=1))
    db._execute(f"UPDATE sessions SET address = 'at {name}' WHERE id = '{session.id}'", {})


def erasing(**more: object) -> Changes:
    return Changes("", erase=True, **more)  # type: ignore[arg-type]  # any field of Changes


async def everything(store: Store) -> str:
    """All rows of all tables as text."""
    return "\n".join(
        f"{table.name}: {row}" for table in metadata.sorted_tables for row in stored(store, "*", table.name)
    )


async def test_erase_leaves_no_row(store: Store) -> None:
    reference = await live(store, "Tineke")
    await live(store, "Mohamed")
    before = await everything(store)
    assert "Tineke" in before
    assert reference in before

    await store.turn(saving(erasing(), ref="ref-Tineke", update="last"))

    after = await everything(store)
    assert "Tineke" not in after
    assert reference not in after
    assert after.count("Mohamed") == before.count("Mohamed")
    assert (await store.turn(loading("ref-Tineke"))).is_new


async def test_erase_keeps_signals_as_a_count(store: Store) -> None:
    await live(store, "Tineke")
    await store.turn(saving(erasing(), ref="ref-Tineke"))

    assert stored(store, "reference, kind", "signals WHERE closed_at IS NOT NULL") == [(None, "suicide")]


async def test_erasing_update_stays_claimed_without_a_person(store: Store) -> None:
    await live(store, "Tineke")
    await store.turn(saving(erasing(messages=words("Dag")), ref="ref-Tineke", update="last"))

    assert await store.turn(lambda db: db.earlier_reply(CHANNEL, "last")) == ()
    assert stored(store, "reference, reply", "updates") == [(None, None)] * 3


async def test_update_from_before_an_erasure_brought_again_is_nobodys(store: Store) -> None:
    await live(store, "Tineke")
    await store.turn(saving(erasing(messages=words("Dag")), ref="ref-Tineke", update="last"))

    for update in ("first-Tineke", "u-Tineke"):
        assert await store.turn(lambda db, update=update: db.earlier_reply(CHANNEL, update)) == ()  # type: ignore[misc]  # mypy does not infer it


async def test_farewell_is_delivered_and_then_leaves_no_row(store: Store) -> None:
    await live(store, "Tineke")
    farewell = erasing(messages=words("Uw gegevens zijn gewist.", "Dag."), deliver_later=True)
    await store.turn(saving(farewell, ref="ref-Tineke"))

    for text in ("Uw gegevens zijn gewist.", "Dag."):
        [head] = await store.claim(CHANNEL, now=AT, limit=9, lease=LEASE)
        assert (head.channel_ref, head.message.text) == ("ref-Tineke", text)
        await store.mark_sent(head.id, at=AT)
    assert stored(store, "*", "outbox") == []


async def test_farewell_that_never_arrives_goes_after_two_days(store: Store) -> None:
    await store.turn(saving(erasing(messages=words("Dag"), deliver_later=True)))
    await store.purge(now=AT + timedelta(hours=47))
    assert len(stored(store, "*", "outbox")) == 1

    await store.purge(now=AT + timedelta(hours=49))
    assert stored(store, "*", "outbox") == []


async def test_erase_of_somebody_unknown_is_quiet(store: Store) -> None:
    await store.turn(saving(erasing(messages=words("Dag"), deliver_later=True), update="u1"))

    assert stored(store, "*", "conversations") == []
    assert len(await store.claim(CHANNEL, now=AT, limit=9, lease=LEASE)) == 1


def found_on_disk(database: Database, *names: str) -> set[str]:
    files = [path for path in database.file.parent.iterdir() if path.name.startswith(database.file.name)]
    content = b"".join(path.read_bytes() for path in files)
    return {name for name in names if name.encode() in content}


async def until_clean(database: Database, *names: str) -> None:
    await until(
        lambda: not found_on_disk(database, *names), "the log is emptied, and nothing left on the disk"
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_erase_leaves_no_byte_in_the_file(store: Store, database: Database) -> None:
    names = [f"Kanarie{number:03}x" for number in range(60)]
    references = [await live(store, name) for name in names]
    # Neighbours come and go meanwhile, so that pages split, merge and are used again.
    for number in range(0, 60, 3):
        await store.turn(saving(Changes("short"), ref=f"ref-{names[number]}", update=f"again-{number}"))
    gone = [number for number in range(60) if number % 4 != 0]
    words_of_gone = [word for number in gone for word in (names[number], references[number] + '"')]
    assert found_on_disk(database, *(names[number] for number in gone)) == {names[number] for number in gone}

    for number in gone:
        farewell = erasing(messages=words("Dag"), deliver_later=True)
        await store.turn(saving(farewell, ref=f"ref-{names[number]}", update=f"last-{names[number]}"))
    for head in await store.claim(CHANNEL, now=AT, limit=999, lease=LEASE):
        await store.mark_sent(head.id, at=AT)

    await until_clean(database, *words_of_gone)
    assert names[0] in found_on_disk(database, names[0])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_erase_waits_for_a_reader_to_clean_the_log(store: Store, database: Database) -> None:
    await live(store, "Kanarie")
    with store.reading() as db:
        db._execute("BEGIN", {})
        db._execute("SELECT count(*) FROM answers", {}).fetchall()
        await store.turn(saving(erasing(), ref="ref-Kanarie"))
        assert await store.turn(saving(Changes(""), ref="somebody else")) is not None
        assert found_on_disk(database, "Kanarie") == {"Kanarie"}
        db._execute("ROLLBACK", {})

    await until_clean(database, "Kanarie")
