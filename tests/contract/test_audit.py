"""The audit log: one chain, whoever writes, and every way to meddle with it is found."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from domain.audit import SYSTEM, AuditAction, AuditEntry, by_operator
from domain.errors import DomainError
from storage import Store
from storage.audit import AuditAnchor, AuditRow, AuditStatements, AuditTable
from storage.statements import Db
from storage.vault import Vault, new_key
from tests.contract.conftest import AT, Database
from tests.unit.storage.talking import stored

pytestmark = pytest.mark.anyio

ANNABEL = by_operator("annabel")
LOOK = AuditEntry(AuditAction.TRACE, AT, ANNABEL, person="person-7")
EXPORT = AuditEntry(
    AuditAction.EXPORT, AT + timedelta(seconds=1), ANNABEL, "csv", count=12, reason="voor de wijkagenda \0é"
)
SWEEP = AuditEntry(AuditAction.EXPIRE, AT + timedelta(seconds=2), who=SYSTEM, count=3)
ROWS = (LOOK, EXPORT, SWEEP, LOOK, EXPORT, SWEEP)


def run_sql(database: Database, *statements: str) -> None:
    """As somebody would who has the database and not the key."""
    if database.is_sqlite:
        with sqlite3.connect(database.file) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(database.url) as server:
        for statement in statements:
            server.execute(statement.encode())


async def found(store: Store, anchor: AuditAnchor | None = None) -> Sequence[str]:
    return await store.with_audit(lambda audit: audit.verify(anchor))


@pytest.fixture
async def filled(store: Store) -> Store:
    for entry in ROWS:
        await store.note(entry)
    return store


async def test_rows_come_back_as_they_were_and_nothing_is_wrong_with_them(filled: Store) -> None:
    rows = await filled.with_audit(lambda audit: audit.rows())

    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [(row.at, row.action, row.count) for row in rows[:3]] == [
        (AT, "trace", 0), (AT + timedelta(seconds=1), "export", 12), (AT + timedelta(seconds=2), "expire", 3)
    ]  # fmt: skip # read as a table
    assert rows[1].reason == "voor de wijkagenda é"
    assert (rows[0].who, rows[2].who) == ("operator:annabel", "system")
    assert await found(filled) == []


async def test_log_without_rows_is_whole(store: Store) -> None:
    assert await found(store) == []
    assert await store.with_audit(lambda audit: audit.anchor(AT)) == AuditAnchor(0, "", AT)


async def test_row_holds_no_reference_and_rows_of_one_person_go_together(filled: Store) -> None:
    rows = await filled.with_audit(lambda audit: audit.rows())

    assert "person-7" not in str(stored(filled, "*", "audit"))
    assert rows[0].person == rows[3].person != ""
    assert rows[1].person == ""


MEDDLING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **{
        f"changed {column}": (
            (f"UPDATE audit SET {column} = {value} WHERE number = 3",),
            ("Row 3 was changed, moved or put in: its MAC does not fit.",),
        )
        for column, value in (
            ("at", "at + 1"),
            ("who", "'nobody'"),
            ("action", "'trace'"),
            ("thing", "'xlsx'"),
            ("person", "'somebody'"),
            ("count", "4"),
            ("reason", "'because'"),
        )
    },
    "changed mac": (
        ("UPDATE audit SET mac = 'x' WHERE number = 3",),
        (
            "Row 3 was changed, moved or put in: its MAC does not fit.",
            "Row 4 was changed, moved or put in: its MAC does not fit.",
        ),
    ),
    "removed": (("DELETE FROM audit WHERE number = 3",), ("Row 3 is missing.",)),
    "removed from the start": (("DELETE FROM audit WHERE number < 3",), ("Rows 1 to 2 are missing.",)),
    "removed and closed up": (
        (
            "DELETE FROM audit WHERE number = 3",
            *(f"UPDATE audit SET number = {number - 1} WHERE number = {number}" for number in (4, 5, 6)),
        ),
        (
            *(f"Row {number} was changed, moved or put in: its MAC does not fit." for number in (3, 4, 5)),
            "Row 6 is missing.",
        ),
    ),
    "put in at the end": (
        (
            "INSERT INTO audit SELECT 7, at, who, action, thing, person, count, reason, mac FROM audit WHERE number = 6",
        ),
        (
            "Row 7 was changed, moved or put in: its MAC does not fit.",
            "The record of how far the log goes does not fit the last row.",
        ),
    ),
    "put in before the first": (
        (
            "INSERT INTO audit SELECT 0, at, who, action, thing, person, count, reason, mac FROM audit WHERE number = 6",
        ),
        ("Row 0 was put in: rows begin at 1.", "Row 1 was changed, moved or put in: its MAC does not fit."),
    ),
    "put in between": (
        (
            *(f"UPDATE audit SET number = {number + 1} WHERE number = {number}" for number in (6, 5, 4, 3)),
            "INSERT INTO audit SELECT 3, at, who, action, thing, person, count, reason, mac FROM audit WHERE number = 2",
        ),
        (
            *(
                f"Row {number} was changed, moved or put in: its MAC does not fit."
                for number in (3, 4, 5, 6, 7)
            ),
            "The record of how far the log goes does not fit the last row.",
        ),
    ),
    "swapped": (
        (
            "UPDATE audit SET number = 99 WHERE number = 2",
            "UPDATE audit SET number = 2 WHERE number = 3",
            "UPDATE audit SET number = 3 WHERE number = 99",
        ),
        tuple(f"Row {number} was changed, moved or put in: its MAC does not fit." for number in (2, 3, 4)),
    ),
    "swapped content": (
        tuple(
            f"UPDATE audit SET action = '{action}', person = '', count = 0, reason = '', thing = '' WHERE number = {number}"
            for number, action in ((1, "export"), (2, "trace"))
        ),
        tuple(f"Row {number} was changed, moved or put in: its MAC does not fit." for number in (1, 2)),
    ),
    "cut off": (("DELETE FROM audit WHERE number > 4",), ("Rows 5 to 6 are missing.",)),
    "emptied": (("DELETE FROM audit",), ("Rows 1 to 6 are missing.",)),
    "head taken away": (
        ("DELETE FROM meta WHERE key = 'audit_head'",),
        ("The record of how far the log goes is gone.",),
    ),
    "cut off, with a head that points there": (
        (
            "UPDATE meta SET value = (SELECT '4 ' || mac || ' ' || mac FROM audit WHERE number = 4) "
            "WHERE key = 'audit_head'",
            "DELETE FROM audit WHERE number > 4",
        ),
        ("The record of how far the log goes was changed.",),
    ),
}


@pytest.mark.parametrize("how", MEDDLING)
async def test_meddling_is_found(filled: Store, database: Database, how: str) -> None:
    statements, sentences = MEDDLING[how]
    run_sql(database, *statements)

    assert tuple(await found(filled)) == sentences


@pytest.mark.parametrize("how", MEDDLING)
async def test_meddling_is_still_found_when_the_log_went_on(
    filled: Store, database: Database, how: str
) -> None:
    run_sql(database, *MEDDLING[how][0])
    await filled.note(LOOK, SWEEP)

    assert await found(filled)


async def test_tail_cut_off_with_its_head_put_back_is_found_by_an_anchor_from_outside(
    filled: Store, database: Database
) -> None:
    at_four = stored(filled, "value", "meta WHERE key = 'audit_head'")[0][0]
    await filled.note(LOOK)
    anchor = await filled.with_audit(lambda audit: audit.anchor(AT))
    assert await found(filled, anchor) == []
    run_sql(
        database,
        "DELETE FROM audit WHERE number > 6",
        f"UPDATE meta SET value = '{at_four}' WHERE key = 'audit_head'",
    )

    assert await found(filled) == []
    assert await found(filled, anchor) == ["Rows were cut off: there were 7 when the anchor was made, now 6."]
    await filled.note(SWEEP)
    assert await found(filled, anchor) == ["Row 7 is not the one that the anchor names."]


async def test_whole_log_thrown_away_is_found_by_an_anchor_from_outside(
    filled: Store, database: Database
) -> None:
    anchor = await filled.with_audit(lambda audit: audit.anchor(AT))
    run_sql(database, "DELETE FROM audit", "DELETE FROM meta WHERE key = 'audit_head'")

    assert await found(filled) == []
    assert await found(filled, anchor) == ["Rows were cut off: there were 6 when the anchor was made, now 0."]


async def test_writers_at_once_make_one_chain(open_stores: Callable[[], Store]) -> None:
    stores = [open_stores(), open_stores()]

    async def write(number: int) -> None:
        await stores[number % 2].note(AuditEntry(AuditAction.EXPORT, AT, ANNABEL, count=number))

    await asyncio.gather(*(write(number) for number in range(40)))
    rows: Sequence[AuditRow] = await stores[0].with_audit(lambda audit: audit.rows())
    assert [row.number for row in rows] == list(range(1, 41))
    assert sorted(row.count for row in rows) == list(range(40))
    assert await found(stores[0]) == []


async def test_row_of_what_did_not_happen_is_not_there(filled: Store) -> None:
    def fail(audit: AuditTable) -> Any:
        audit.append(LOOK)
        raise DomainError("no_such_staff")

    with pytest.raises(DomainError):
        await filled.with_audit(fail)
    assert len(stored(filled, "*", "audit")) == 6
    assert await found(filled) == []


async def test_other_key_does_not_vouch_for_the_log(filled: Store) -> None:
    statements = AuditStatements(filled.dialect)

    def look(db: Db) -> Sequence[str]:
        return AuditTable(db, statements, Vault.open(key=new_key())).verify()

    assert len(await filled.transact(look)) == 7
