"""The register of tables that were published: what numbers, when and by whom; never one that was withheld."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from storage import schema
from storage.base import Store
from storage.statements import Db, Statement, insert_row

TOGETHER = -1
"""The wave of a release in which the rounds of campaigns are not told apart."""


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release: numbers from 1 upwards, `at` is UTC, `numbers` is JSON."""

    number: int
    questionnaire: str
    wave: int
    at: datetime
    who: str
    numbers: str


class ReleaseStatements:
    """Every statement of the register, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        releases = schema.table_releases
        names = ("number", "questionnaire", "wave", "at", "who", "numbers")
        self.all = Statement(
            sa.select(*(releases.c[name] for name in names)).order_by(releases.c.number), dialect
        )
        self.add = Statement(insert_row(releases), dialect)


def read_releases(store: Store) -> Sequence[ReleaseRow]:
    """All, oldest first."""
    sql = ReleaseStatements(store.dialect)
    with store.reading() as db:
        return _rows(db, sql)


async def register(store: Store, row: ReleaseRow, questions: int) -> None:
    """Adds `row`, with numbers of so many questions, and accounts for it in the audit log. Raises DomainError("tables_raced") when somebody else published
    since `row.number` was taken: the numbers have to be looked at again beside theirs."""
    sql = ReleaseStatements(store.dialect)

    def run(db: Db) -> None:
        # Who appends to the audit log waits for others who do, so between these two nobody comes in.
        store.audit(db).append(
            AuditEntry(
                AuditAction.TABLES,
                row.at,
                row.who,
                thing=f"{row.questionnaire}, release {row.number}",
                count=questions,
            )
        )
        if len(_rows(db, sql)) + 1 != row.number:
            raise DomainError("tables_raced")
        db.run(
            sql.add,
            number=row.number,
            questionnaire=row.questionnaire,
            wave=row.wave,
            at=row.at,
            who=row.who,
            numbers=row.numbers,
        )

    await store.transact(run)


def _rows(db: Db, sql: ReleaseStatements) -> Sequence[ReleaseRow]:
    return [ReleaseRow(*row) for row in db.rows(sql.all)]
