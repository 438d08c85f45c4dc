"""A word of its own in every field of every table that a person can fill: found before "wis mijn gegevens", and nowhere after it.

The real process over its channels is tried in tests/acceptance/test_canary.py; this is every column, on either database. What stays
is declared below, one by one, with why."""

import base64
from typing import Any

import pytest
import sqlalchemy as sa

from bot.ports import Changes, NewResponse
from storage import Store
from storage.columns import Encrypted, Hashed, UtcTime, Words
from storage.schema import metadata
from storage.statements import Db, Statement, insert_row
from tests.canary import as_stored, bytes_under, canary, hits, readable, written
from tests.contract.conftest import Database
from tests.patience import until
from tests.unit.storage.talking import AT, saving

pytestmark = pytest.mark.anyio

NOT_ABOUT_A_RESIDENT = {
    "audit": "rows are only added; a person is a keyed hash",
    "campaigns": "rounds of a questionnaire",
    "case_steps": "what the staff did",
    "forms": "questionnaires",
    "meta": "about the database",
    "place_hours": "locations",
    "places": "locations",
    "receipts": "numbers",
    "staff": "other people",
    "table_releases": "numbers that were published",
}
STAYS = {
    ("cases", "id"), ("cases", "kinds"),  # danger that was heard stays as a count
    ("cases", "asked"), ("cases", "told_to"), ("cases", "taken_by"), ("cases", "closed_by"),  # the staff
    ("claims", "what"), ("claims", "owner"),  # a room may be taken still
    ("sessions", "id"), ("sessions", "kind"), ("sessions", "room"), ("sessions", "place"), ("sessions", "status"),
    ("sessions", "language"),  # a talk stays as a count, without its people
    ("signals", "kind"),
    ("updates", "channel"), ("updates", "update_hash"),  # hashed, for two days
}  # fmt: skip # in the order of the tables

_KNOWN: dict[str, Any] = {
    "session": "s1", "meemaker": "m1", "resident": "m1", "professional": "m1", "resident_meemaker": "m1",
    "professional_meemaker": "m1", "campaign": "c1", "case_id": "k1", "place": None, "duo": "d1",
}  # fmt: skip # read as one piece
_IDS = {"sessions": "s1", "meemakers": "m1", "duos": "d1", "responses": "r1", "offers": "o1"}


def value(column: sa.Column[Any], person: str, marks: dict[tuple[str, str], str]) -> Any:
    """What a column gets: what leads to the person, or a word of its own."""
    table, name = str(column.table.name), str(column.name)
    if name in ("reference", "about") or (table, name) == ("claims", "id"):
        return person
    if name == "response":
        return "r1"
    if name == "answer":
        return 1
    if name == "id" and table in _IDS:
        return _IDS[table]
    if name in _KNOWN:
        return _KNOWN[name]
    if (table, name) in (("outbox", "status"), ("claims", "what")):
        return {"outbox": "waiting", "claims": "resident"}[table]
    if isinstance(column.type, UtcTime):
        return AT
    if isinstance(column.type, sa.Text | Words | Encrypted | Hashed):
        marks[table, name] = canary(f"{table} {name}")
        return marks[table, name]
    return False if isinstance(column.type, sa.Boolean) else 1


async def live(store: Store) -> tuple[str, dict[tuple[str, str], str]]:
    """A person with a row in every table, and where which word was put."""
    marks: dict[tuple[str, str], str] = {}
    begun = Changes(canary("state"), begin=NewResponse("r1", canary("questionnaire"), "1", "nl"))
    found = await store.turn(saving(begun, ref=canary("chat"), update=canary("update")))
    assert found is not None
    there = {"conversations", "contacts", "responses", "meta", *NOT_ABOUT_A_RESIDENT}

    def fill(db: Db) -> None:
        db._execute("INSERT INTO campaigns VALUES ('c1', 'c', 'q', '1', 1, '', 0)", {})
        for table in metadata.sorted_tables:
            if table.name in there:
                continue
            own = [str(column.name) for column in table.columns if column.identity is not None]
            if table.name == "answers":
                own = []  # its number is what themes hang on
            values = {
                str(column.name): value(column, found.reference, marks)
                for column in table.columns
                if column.name not in own
            }
            db.run(Statement(insert_row(table, *own), store.dialect), **values)

    await store.transact(fill)
    marks |= {
        ("conversations", "state"): canary("state"),
        ("responses", "questionnaire"): canary("questionnaire"),
        ("contacts", "channel_ref"): canary("chat"),
    }
    return found.reference, marks


def kinds(marks: dict[tuple[str, str], str]) -> tuple[set[str], set[str]]:
    """Words that can be read as they are stored, and words that only the vault reads."""
    types = {place: metadata.tables[place[0]].columns[place[1]].type for place in marks}
    hidden = {marks[place] for place, type_ in types.items() if isinstance(type_, Encrypted)}
    hashed = {marks[place] for place, type_ in types.items() if isinstance(type_, Hashed)}
    return set(marks.values()) - hidden - hashed, hidden


async def test_every_word_is_found_before_and_none_after(store: Store, database: Database) -> None:
    reference, marks = await live(store)
    plain, hidden = kinds(marks)
    assert len(plain) > 60
    assert len(hidden) >= 5
    assert hits(plain, as_stored(store)) == plain
    assert hits(hidden, as_stored(store)) == set(), "encrypted, and not to be read without the key"
    assert hits(plain | hidden, readable(store)) == plain | hidden
    if database.is_sqlite:
        assert hits(plain, *bytes_under(database.file.parent)) == plain

    await store.turn(saving(Changes("", erase=True), ref=canary("chat"), update="last"))

    left = {place for place, word in marks.items() if hits([word], readable(store), as_stored(store))}
    assert left <= STAYS
    assert reference not in readable(store).decode()
    if database.is_sqlite:
        gone = {word for place, word in marks.items() if place not in STAYS}
        await until(lambda: not hits(gone, *bytes_under(database.file.parent)), "nothing is left on the disk")


def test_an_error_of_the_database_does_not_quote_what_was_written(store: Store) -> None:
    with store._engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as raised:  # type: ignore[attr-defined]  # of the two kinds there are
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:word)"), {"word": canary("parameter")})
    assert hits([canary("parameter")], str(raised.value).encode()) == set()


def test_every_table_is_filled_or_said_to_be_about_nobody() -> None:
    about_somebody = {
        str(table.name)
        for table in metadata.sorted_tables
        if any(column.info["privacy"] != "technical" for column in table.columns)
    }
    assert about_somebody >= {"answers", "reaches", "sessions", "meemakers"}
    assert set(NOT_ABOUT_A_RESIDENT) <= set(metadata.tables)
    assert {table for table, _ in STAYS} <= set(metadata.tables)


@pytest.mark.parametrize("shift", range(4))
def test_word_is_found_however_it_was_written(shift: int) -> None:
    word = canary("here")
    ways = (
        word.encode(),
        word.encode("utf-16-le"),
        base64.b64encode(b"x" * shift + word.encode() + b"y"),
        rb'{"a": "Kanari\u00ebHereZz"}',
        b"?a=Kanari%C3%ABHereZz",
    )
    assert [hits([word], b"..." + way) for way in ways] == [{word}] * len(ways)
    assert hits([word], b"Kanarie") == set()
    assert all(len(form) > 8 for form in written(word))
