"""A whole database goes to the other kind and back, and every row is the same; the source is only read."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ports import Changes
from domain.audit import AuditAction, by_operator
from storage import moving
from storage.moving import Moved, move
from storage.whole import Row, TableShape, Whole
from tests.contract.conftest import AT, Database, close_now
from tests.contract.test_storage_backup import HOSTILE, VAULT, code_of, everything, live, quiet
from tests.postgres import fresh_database
from tests.unit.storage.talking import answer, loading, saving, stored


@pytest.fixture
def other(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the other kind."""
    if not database.is_sqlite:
        yield Database(f"sqlite:///{tmp_path / 'other' / 'wijkverhaal.db'}", tmp_path)
        return
    with fresh_database(request.getfixturevalue("server")) as url:
        yield Database(url, tmp_path)


def moved(source: Database, target: Database) -> Moved:
    return move(source.url, target.url, VAULT, at=AT, who=by_operator("annabel"), tell=quiet)


def test_there_and_back_again_every_row_is_the_same(
    database: Database, other: Database, tmp_path: Path
) -> None:
    live(database.open())
    before = everything(database.url)
    there = moved(database, other)
    # The move itself is a row in the account of where the data went.
    home = Database(f"sqlite:///{tmp_path / 'home.db'}", tmp_path) if database.is_sqlite else None

    assert there.rows["answers"] == len(HOSTILE)
    assert everything(other.url) == before == everything(database.url)
    if home is not None:
        moved(other, home)
        assert everything(home.url) == before


def test_the_conversation_goes_on_where_it_was(database: Database, other: Database) -> None:
    live(database.open())
    moved(database, other)

    store = other.open()
    assert asyncio.run(store.turn(loading())).state == '{"at": "q5"}'
    assert asyncio.run(store.turn(saving(Changes("twice"), update="u1"))) is None
    assert asyncio.run(store.turn(saving(Changes("on", answers=[answer("more")]), update="u2"))) is not None
    assert [text for (text,) in stored(store, "value", "answers ORDER BY id")] == [*HOSTILE, "ja"]
    rows = asyncio.run(store.with_audit(lambda audit: audit.rows()))
    assert [(row.action, row.who, row.count) for row in rows] == [
        (AuditAction.MOVE, "operator:annabel", sum_of(database))
    ]
    close_now(store)


def sum_of(database: Database) -> int:
    return sum(len(rows) for rows in everything(database.url).values())


def test_source_is_not_touched(database: Database, other: Database) -> None:
    live(database.open())
    before = (
        hashlib.sha256(database.file.read_bytes()).digest()
        if database.is_sqlite
        else everything(database.url)
    )
    moved(database, other)

    after = (
        hashlib.sha256(database.file.read_bytes()).digest()
        if database.is_sqlite
        else everything(database.url)
    )
    assert after == before


def test_running_assistant_is_seen_at_either_end(database: Database, other: Database) -> None:
    live(database.open())
    for running in (database, other):
        store = running.open()
        asyncio.run(store.ping())
        assert code_of(lambda: moved(database, other)) == "database_in_use"
        close_now(store)
    moved(database, other)


def test_target_that_is_not_empty_and_the_source_itself_are_refused(
    database: Database, other: Database
) -> None:
    live(database.open())
    store = other.open()
    asyncio.run(store.turn(saving(Changes("here already"))))
    close_now(store)
    before = everything(other.url)

    assert code_of(lambda: moved(database, other)) == "database_not_empty"
    assert everything(other.url) == before
    assert code_of(lambda: moved(database, database)) == "same_database"


def test_source_that_is_not_there_is_refused(empty_database: Database, tmp_path: Path) -> None:
    target = Database(f"sqlite:///{tmp_path / 'target.db'}", tmp_path)

    assert code_of(lambda: moved(empty_database, target)) == "no_database"


@pytest.mark.parametrize("fault", ["a row less", "a letter changed", "a row twice"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_row_that_arrives_otherwise_stops_the_move(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    live(database.open())
    target = Database(f"sqlite:///{tmp_path / 'target.db'}", tmp_path)
    fill = Whole.fill

    def fill_badly(self: Whole, shape: TableShape, rows: Iterator[Row]) -> None:
        kept = list(rows)
        if shape.name == "answers" and fault == "a row less":
            del kept[3]
        elif shape.name == "answers" and fault == "a letter changed":
            kept[3] = tuple("e" if each == HOSTILE[3] else each for each in kept[3])
        elif shape.name == "answers":
            kept.append((99, *kept[3][1:]))
        fill(self, shape, kept)

    monkeypatch.setattr(moving.Whole, "fill", fill_badly)
    assert code_of(lambda: moved(database, target)) == "rows_differ"
    monkeypatch.undo()
    moved(database, target)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_the_other_database_cannot_hold_is_named_and_nothing_is_there(
    database: Database, other: Database
) -> None:
    live(database.open())
    store = database.open()
    asyncio.run(
        store.turn(saving(Changes("", answers=[answer("a\0b")])))
    )  # no text of a person: a path of ours
    close_now(store)
    close_now(other.open())

    assert code_of(lambda: moved(database, other)) == "rows_refused"
    assert sum_of(other) == 1  # the check value of the key
