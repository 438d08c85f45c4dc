"""What has had its time goes, and nothing else: just before and just after each period, on either database."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count as count_from
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.night_retention import LEASE, NightlyRetention
from app.wiring import new_id
from bot.dialogue.effects import Record
from bot.ports import Changes, NewResponse, PlannedWork, RecordedConsent
from domain.answer import answered
from domain.consent import Purpose
from domain.message import Message
from domain.retention import KEEP_RULES, usual_days
from domain.safety import SignalKind
from storage import Store
from storage.columns import UtcTime
from storage.retention import Retention
from storage.schema import metadata
from storage.statements import Db
from tests.contract.conftest import Database, close_now
from tests.effort import effort
from tests.patience import PATIENCE
from tests.unit.storage.talking import AT, loading, saving, stored

pytestmark = pytest.mark.anyio

DAYS = usual_days()
SECOND = timedelta(seconds=1)


def after(rule: str) -> datetime:
    """Just when what happened at AT has been kept for as long as the rule says."""
    return AT + timedelta(days=DAYS[rule])


def micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def retention(store: Store) -> Retention:
    return Retention(store, DAYS, new_id)


async def run(store: Store, now: datetime) -> dict[str, dict[str, int]]:
    return {rule: dict(counts) for rule, counts in (await retention(store).run(now) or {}).items()}


async def execute(store: Store, sql: str) -> None:
    def job(db: Db) -> None:
        db._execute(sql, {})

    await store.transact(job)


def said(name: str) -> Changes:
    """A turn of somebody who says a lot and is done."""
    return Changes(
        f"state of response-{name}",
        begin=NewResponse(f"response-{name}", "veerkracht", "1", "nl"),
        answers=[
            Record("open", answered(f"words {name}"), Purpose.ANSWERS, "rules"),
            Record("lonely", answered(f"alone {name}"), Purpose.SENSITIVE, "tap"),
        ],
        consents=[RecordedConsent(purpose, True, "1") for purpose in (Purpose.ANSWERS, Purpose.QUOTE)],
        signals=[SignalKind.SUICIDE],
        hand_over=True,
        wish={"when": name},
        reach={"at": f"06 {name}"},
        close="finished",
    )


async def person(store: Store, name: str, at: datetime = AT) -> str:
    found = await store.turn(saving(said(name), ref=f"ref-{name}", update=f"u-{name}", at=at))
    assert found is not None
    return found.reference


def count(store: Store, table: str, where: str = "1 = 1") -> int:
    [(found,)] = stored(store, "count(*)", f"{table} WHERE {where}")
    return int(found)


def everything(store: Store) -> dict[str, list[Any]]:
    kept = set(metadata.tables) - {"audit", "receipts", "meta", "work"}
    return {name: sorted(map(repr, stored(store, "*", name))) for name in kept}


async def test_contact_goes_after_its_time_and_the_answers_stay_nobodys(store: Store) -> None:
    reference = await person(store, "Tineke")
    assert "contact" not in await run(store, after("contact"))
    assert not (await store.turn(loading("ref-Tineke"))).is_new

    gone = await run(store, after("contact") + SECOND)

    assert gone["contact"]["contacts"] == 1
    assert (await store.turn(loading("ref-Tineke"))).is_new
    assert stored(store, "reference, outcome", "responses") == [(None, "finished")]
    assert stored(store, "value", "answers ORDER BY id") == [("words Tineke",), ("alone Tineke",)]
    assert stored(store, "reference, response", "consents") == [(None, "response-Tineke")] * 2
    left = {name: rows for name, rows in everything(store).items() if reference in str(rows)}
    assert left == {}
    assert stored(store, "reference, kind", "signals WHERE closed_at IS NOT NULL") == [(None, "suicide")]


async def test_who_comes_back_begins_anew(store: Store) -> None:
    first = await person(store, "Tineke")
    await run(store, after("contact") + SECOND)
    found = await store.turn(
        saving(Changes("again"), ref="ref-Tineke", update="new", at=after("contact") + 2 * SECOND)
    )

    assert found is not None
    assert found.is_new
    assert (found.state, found.response) == ("", "")
    assert found.reference != first


_TALK = (
    "INSERT INTO sessions (id, kind, duo, resident_meemaker, professional_meemaker, room, start_at, end_at, status, "
    "sequence, language, seats, changed_at) VALUES ('s', 'private', '', '', '', '', {end}, {end}, '{status}', 0, 'nl', 1, 0)"
)
_SEAT = "INSERT INTO session_seats VALUES ('s', '{reference}', '{status}', 0)"
_CAMPAIGN = "INSERT INTO campaigns VALUES ('c', 'c', 'veerkracht', '1', 2, 'answers', 0)"
_INVITED = "INSERT INTO campaign_invitations VALUES ('c', '{reference}', 0, {sent})"
_CASE = "INSERT INTO cases VALUES ('k', {reference}, 'suicide', {at}, {at}, 1, '', '', NULL, NULL, '', NULL, '{by}', {closed})"
_MEEMAKER = (
    "INSERT INTO meemakers (id, name, invited_until, reference, kind, languages, neighbourhoods, gender, max_per_week) "
    "VALUES ('{id}', 'x', {at}, {reference}, 'resident', '', '', '', 0)"
)
LATER = micros(AT + timedelta(days=80))
PLANNED = {
    "a talk that comes": [
        _TALK.format(end=LATER, status="confirmed"),
        _SEAT.format(reference="{reference}", status="booked"),
    ],
    "a reminder": [
        "INSERT INTO work VALUES ('remind', 'remind_first', '{reference}', 0, 1, NULL)",
    ],
    "a place on the waiting list": ["INSERT INTO talk_requests VALUES ('{reference}', '', 0, 'waiting', '')"],
    "an invitation that waits": [_CAMPAIGN, _INVITED.format(reference="{reference}", sent="NULL")],
    "an invitation of late": [_CAMPAIGN, _INVITED.format(reference="{reference}", sent=LATER)],
    "an open case": [_CASE.format(reference="'{reference}'", at=0, by="", closed="NULL")],
    "a talk with staff": [
        "INSERT INTO talks VALUES ('{reference}', 0, 0, '', '', '', '', NULL, '', NULL, NULL)",
    ],
    "being a meemaker": [_MEEMAKER.format(id="m", at=LATER, reference="'{reference}'")],
}


@pytest.mark.parametrize("planned", sorted(PLANNED))
async def test_contact_stays_while_something_is_planned(store: Store, planned: str) -> None:
    reference = await person(store, "Tineke")
    for sql in PLANNED[planned]:
        await execute(store, sql.replace("{reference}", reference))

    assert "contact" not in await run(store, after("contact") + SECOND)
    assert not (await store.turn(loading("ref-Tineke"))).is_new


async def test_message_that_waits_keeps_the_contact(store: Store) -> None:
    await person(store, "Tineke")
    waiting = Changes("x", messages=[Message("Dag")], deliver_later=True)
    await store.turn(saving(waiting, ref="ref-Tineke", update="w"))

    assert "contact" not in await run(store, after("contact") + SECOND)


async def test_talk_that_was_is_counted_from_its_end_and_stays_a_count(store: Store) -> None:
    reference = await person(store, "Tineke")
    end = AT + timedelta(days=10)
    await execute(store, _TALK.format(end=micros(end), status="done"))
    await execute(store, _SEAT.format(reference=reference, status="came"))
    assert "contact" not in await run(store, end + timedelta(days=DAYS["contact"]))
    await run(store, end + timedelta(days=DAYS["contact"]) + SECOND)

    [(nobody, status)] = stored(store, "reference, status", "session_seats")
    assert (await store.turn(loading("ref-Tineke"))).is_new
    assert (nobody != reference, status) == (True, "came")


async def test_talk_that_was_called_off_keeps_nobody(store: Store) -> None:
    reference = await person(store, "Tineke")
    await execute(store, _TALK.format(end=LATER, status="cancelled"))
    await execute(store, _SEAT.format(reference=reference, status="booked"))

    assert "contact" in await run(store, after("contact") + SECOND)


async def test_code_of_somebody_without_a_phone_works_as_long_as_their_answers_are_there(
    store: Store,
) -> None:
    reference = await person(store, "Tineke")
    await execute(store, f"UPDATE conversations SET assisted_by = 'm' WHERE reference = '{reference}'")

    assert "contact" not in await run(store, after("contact") + SECOND)
    assert {"answers", "contact"} <= set(await run(store, after("answers") + SECOND))
    assert count(store, "conversations") == 0


async def test_words_not_to_be_quoted_stay_so_when_nobody_is_known(store: Store) -> None:
    await person(store, "Tineke")
    refusal = Changes(
        "x",
        begin=NewResponse("second", "veerkracht", "1", "nl"),
        consents=[RecordedConsent(Purpose.QUOTE, False, "1")],
    )
    await store.turn(saving(refusal, ref="ref-Tineke", update="no"))
    await run(store, after("contact") + SECOND)

    found = stored(store, "response, given", "consents WHERE purpose = 'quote'")
    assert [(response, bool(given)) for response, given in found] == [("second", False)]


async def test_stranger_without_a_consent_is_gone_after_a_day(store: Store) -> None:
    plan = [PlannedWork("forget:x", "forget", AT + timedelta(hours=24))]
    await store.turn(saving(Changes("hallo", plan=plan), update="u"))
    await store.purge(now=AT + timedelta(hours=24) - SECOND)
    assert count(store, "conversations") == 1

    await store.purge(now=AT + timedelta(hours=24))
    assert count(store, "conversations") == count(store, "contacts") == 0


async def test_answers_go_after_the_longest_time_and_the_conversation_begins_anew(store: Store) -> None:
    await person(store, "Tineke")
    now = after("answers")
    await store.turn(saving(Changes("knows response-Tineke"), ref="ref-Tineke", update="late", at=now))
    assert "answers" not in await run(store, now)

    await run(store, now + SECOND)

    for table in ("responses", "answers", "consents", "wishes", "reaches"):
        assert count(store, table) == 0, table
    found = await store.turn(loading("ref-Tineke"))
    assert (found.is_new, found.state, found.response) == (False, "", "")


async def test_sensitive_answers_have_a_time_of_their_own(store: Store) -> None:
    await person(store, "Tineke")
    short = Retention(store, DAYS | {"sensitive": 10, "quote": 20}, new_id)
    assert await short.run(AT + timedelta(days=10)) == {}
    gone = await short.run(AT + timedelta(days=10) + SECOND)

    assert gone == {"sensitive": {"answers": 1, "conversations": 1}}
    assert stored(store, "path", "answers") == [("open",)]
    assert (await store.turn(loading("ref-Tineke"))).state == ""
    assert await short.run(AT + timedelta(days=20)) == {}
    assert await short.run(AT + timedelta(days=20) + SECOND) == {"quote": {"consents": 1}}
    assert stored(store, "purpose", "consents") == [("answers",)]


_AT = micros(AT)
ROWS = {
    "signals": [
        f"INSERT INTO signals (reference, kind, at, closed_at) VALUES (NULL, 'suicide', {_AT}, {_AT})",
        _CASE.format(reference="NULL", at=_AT, by="m", closed=_AT),
        f"INSERT INTO case_steps (case_id, member, step, at) VALUES ('k', 'm', 'closed', {_AT})",
    ],
    "hand_overs": [f"INSERT INTO hand_overs (reference, at, closed_at) VALUES ('x', {_AT}, NULL)"],
    "events": [f"INSERT INTO events (reference, at, kind, what, path) VALUES ('x', {_AT}, 'turn', '', '')"],
    "sessions": [
        _TALK.format(end=_AT, status="done"),
        _SEAT.format(reference="x", status="came"),
        "INSERT INTO session_invitations VALUES ('s', 'm', 'accepted', 0, 0)",
    ],
    "times": [
        _MEEMAKER.format(id="m", at=micros(after("answers")), reference="NULL"),
        f"INSERT INTO meemaker_times (meemaker, start_at, end_at, free, source) VALUES ('m', {_AT}, {_AT}, false, '')",
    ],
    "meemakers": [
        _MEEMAKER.format(id="m", at=_AT, reference="NULL"),
        "INSERT INTO meemaker_hours (meemaker, weekday, begin_at, until) VALUES ('m', 0, 540, 600)",
        "INSERT INTO duos VALUES ('d', 'm', 'm', false)",
        f"INSERT INTO responses VALUES ('r', NULL, 'q', '1', 'nl', 'telegram', false, {_AT}, {_AT}, 'finished', '', 1, '', 's', 'm')",
    ],
}  # fmt: skip # a statement a line
GOES = {
    "signals": {"signals": 1, "cases": 1, "case_steps": 1},
    "hand_overs": {"hand_overs": 1},
    "events": {"events": 1},
    "sessions": {"sessions": 1, "session_seats": 1, "session_invitations": 1},
    "times": {"meemaker_times": 1},
    "meemakers": {"meemakers": 1, "meemaker_hours": 1, "duos": 2},
}


@pytest.mark.parametrize("rule", sorted(ROWS))
async def test_each_kind_goes_after_its_own_time_and_not_a_second_earlier(store: Store, rule: str) -> None:
    for sql in ROWS[rule]:
        await execute(store, sql)
    before = everything(store)
    assert await run(store, after(rule)) == {}
    assert everything(store) == before

    assert await run(store, after(rule) + SECOND) == {rule: GOES[rule]}
    assert all(count(store, table) == 0 for table in GOES[rule])
    assert count(store, "responses") == (rule == "meemakers")
    assert "'m'" not in str(stored(store, "*", "responses"))


def test_every_rule_is_tried_here() -> None:
    assert set(ROWS) | {"contact", "answers", "sensitive", "quote"} == set(KEEP_RULES)


async def test_meemaker_with_a_duo_stays(store: Store) -> None:
    for sql in ROWS["meemakers"]:
        await execute(store, sql)
    await execute(store, "UPDATE duos SET active = true")

    assert "meemakers" not in await run(store, after("meemakers") + SECOND)


async def test_dry_run_tells_what_the_run_does_and_changes_nothing(store: Store) -> None:
    for number in range(7):
        await person(store, f"old-{number}")
    await person(store, "new", at=after("contact"))
    for rule in ("sessions", "events"):
        for sql in ROWS[rule]:
            await execute(store, sql)
    before, now = everything(store), after("sessions") + SECOND

    told = await retention(store).rehearse(now)

    assert everything(store) == before
    assert count(store, "receipts") == 0
    assert set(told) >= {"answers", "contact", "sessions", "events"}
    assert told == await retention(store).run(now, limit=2)
    assert await retention(store).rehearse(now) == {}


async def test_receipt_and_audit_row_tell_how_much_and_nobody(store: Store) -> None:
    references = [await person(store, f"Tineke {number}") for number in range(3)]
    gone = await retention(store).run(after("contact") + SECOND, limit=1)

    assert gone is not None
    [receipt] = await store.receipts(10)
    assert (receipt.kind, receipt.rule, receipt.days) == ("retention", "contact", DAYS["contact"])
    assert receipt.counts == gone["contact"]
    assert receipt.counts["contacts"] == 3
    kept = str([*stored(store, "*", "receipts"), *stored(store, "*", "audit")])
    assert "Tineke" not in kept
    assert not any(reference in kept for reference in references)
    rows = await store.with_audit(lambda log: log.rows())
    assert [row.count for row in rows if row.thing == "contact"] == [sum(receipt.counts.values()) // 3] * 3
    assert await store.with_audit(lambda log: log.verify()) == []


async def test_run_that_is_cut_off_half_way_goes_on(store: Store) -> None:
    for number in range(5):
        await person(store, f"p-{number}")
    now = after("contact") + SECOND
    told = await retention(store).rehearse(now)
    left = iter([True] * 11)  # nine rules that find nothing come first

    assert await retention(store).run(now, go_on=lambda db: next(left, False), limit=2) is None
    halfway = count(store, "contacts")
    assert 0 < halfway < 5
    await retention(store).run(now, limit=2)

    assert count(store, "contacts") == 0
    receipts = {each.rule: each.counts for each in await store.receipts(10)}
    assert receipts == told


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def test_it_happens_every_night_by_itself_and_in_one_process(
    store: Store, open_stores: Callable[[], Store]
) -> None:
    await person(store, "Tineke")
    clock = Clock(after("contact") - timedelta(days=1))
    nights = [NightlyRetention(each, DAYS, clock) for each in (store, open_stores())]

    async def pass_by(hours: int) -> None:
        for _ in range(hours):
            clock.now += timedelta(hours=1)
            await asyncio.gather(*(night.look() for night in nights))

    await pass_by(12)
    assert count(store, "contacts") == 1
    await pass_by(48)
    assert count(store, "contacts") == 0
    receipts = await store.receipts(10)
    assert sorted(each.rule for each in receipts) == ["contact"]
    [(due,)] = stored(store, "due_at", "work WHERE kind = 'retention_night'")
    assert (
        clock.now < (UtcTime().process_result_value(due, store.dialect) or AT) < clock.now + timedelta(days=1)
    )


async def test_another_process_goes_on_when_one_died(store: Store, open_stores: Callable[[], Store]) -> None:
    await person(store, "Tineke")
    clock = Clock(after("contact") + timedelta(days=1))
    dead, heir = (NightlyRetention(each, DAYS, clock) for each in (store, open_stores()))
    await dead.look()  # plans the first night
    clock.now += timedelta(days=1)
    assert await store.transact(dead._lease)
    await heir.look()
    assert count(store, "contacts") == 1

    clock.now += LEASE
    await heir.look()

    assert count(store, "contacts") == 0
    assert not await store.transact(dead._extend)


async def test_residents_are_answered_in_the_middle_of_a_dry_run(
    store: Store, open_stores: Callable[[], Store]
) -> None:
    """The dry run asks for a name in the middle of its work; it gets it when somebody else's turn is written."""
    await person(store, "Tineke")
    await person(store, "Mohamed")
    other, now, turns = open_stores(), after("contact") + SECOND, count_from(1)
    loop = asyncio.get_running_loop()

    async def speak(ref: str, number: int) -> None:
        assert await other.turn(saving(Changes("hallo"), ref=ref, update=f"hallo {number}", at=now))

    def name() -> str:
        number = next(turns)
        turn = asyncio.run_coroutine_threadsafe(speak(f"somebody-{number}", number), loop)
        turn.result(PATIENCE)
        return new_id()

    told = await Retention(store, DAYS, name).rehearse(now)

    assert next(turns) == 3
    assert count(store, "contacts") == 4
    assert told == await retention(store).run(now)
    assert told["contact"]["contacts"] == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_went_is_no_longer_in_the_file(store: Store, database: Database) -> None:
    reference = await person(store, "Kanarie")
    long = Changes("state of nobody " * 2000)  # fills pages of its own
    await store.turn(saving(long, ref="ref-long", update="long"))
    await run(store, after("contact") + SECOND)
    await store.close()

    content = b"".join(path.read_bytes() for path in database.file.parent.iterdir())
    assert b"state of response-Kanarie" not in content
    assert reference.encode() + b'"' not in content
    assert b"words Kanarie" in content
    with sqlite3.connect(database.file) as reader:
        # Written anew: where rows are only taken out their pages stay, with what SQLite leaves in the gaps.
        assert reader.execute("PRAGMA freelist_count").fetchone() == (0,)
    reader.close()


AGES = st.lists(st.integers(0, 2 * DAYS["answers"]), min_size=1, max_size=6)


@settings(
    max_examples=effort(10),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(ages=AGES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whatever_the_ages_only_what_is_old_goes(database: Database, ages: list[int]) -> None:
    now = AT + timedelta(days=3 * DAYS["answers"])
    database.file.unlink()
    store = database.open()

    async def live() -> None:
        for number, age in enumerate(ages):
            await person(store, f"p-{number}", at=now - timedelta(days=age))
        told = await retention(store).rehearse(now)
        assert told == await retention(store).run(now, limit=2)

    try:
        asyncio.run(live())
        kept = {number: age for number, age in enumerate(ages) if age <= DAYS["answers"]}
        known = {f"response-p-{number}" for number, age in kept.items() if age <= DAYS["contact"]}
        assert {id for (id,) in stored(store, "id", "responses")} == {
            f"response-p-{number}" for number in kept
        }
        assert {id for (id,) in stored(store, "response", "conversations")} == known
        assert {id for (id,) in stored(store, "id", "responses WHERE reference IS NOT NULL")} == known
        assert count(store, "answers") == 2 * len(kept)
        assert count(store, "contacts") == count(store, "wishes") == len(known)
        assert count(store, "signals") == sum(age <= DAYS["signals"] for age in ages)
    finally:
        close_now(store)
        for path in database.file.parent.iterdir():
            if path.suffix in (".db-wal", ".db-shm"):
                path.unlink()
