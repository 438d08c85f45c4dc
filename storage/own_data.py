"""Everything that is kept about one person, for that person: every table that leads to them, with why and how long it is
kept. Which columns there are, the schema tells; what is left out stands below, with its reason."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from storage import schema
from storage.columns import Encrypted, Hashed
from storage.privacy import KEPT, how_long
from storage.statements import Db, Statement

LEFT_OUT = {
    "updates": "names of messages that were taken, as keyed hashes, and replies the person has read; gone after two days",
    "outbox": "words on their way to the person, who reads them anyway; gone when sent",
    "work": "when the program looks at the conversation again; it says nothing that does not stand elsewhere",
    "claims": "which quarters of an hour are taken for a talk, which stands among the sessions",
    "audit": "the person is a keyed hash there, and it is there to hold others to account",
    "case_steps": "what staff did; that help was shown stands among the signals",
    "staff": "people who work with the product, not the person",
    "duos": "with whom a meemaker holds talks: names of others",
    "table_releases": "numbers of many people",
}
"""Tables that say something of people and are not in the file, and why."""

MASKED = "..."
_OF_MEEMAKER = ("meemaker_hours", "meemaker_times", "session_invitations")


def tables_told() -> dict[str, sa.ColumnElement[bool]]:
    """The tables in the file, each with what makes a row the person's."""
    person: sa.BindParameter[str] = sa.bindparam("person")
    theirs = sa.select(schema.responses.c.id).where(schema.responses.c.reference == person)
    answers = sa.select(schema.answers.c.id).where(schema.answers.c.response.in_(theirs))
    meemaker = sa.select(schema.meemakers.c.id).where(schema.meemakers.c.reference == person)
    seats = sa.select(schema.session_seats.c.session).where(schema.session_seats.c.reference == person)
    told: dict[str, sa.ColumnElement[bool]] = {}
    for table in schema.metadata.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        if table is schema.sessions:
            told[table.name] = table.c.id.in_(seats)
        elif table.name in _OF_MEEMAKER:
            told[table.name] = table.c.meemaker.in_(meemaker)
        elif table in (schema.themes, schema.theme_readings):
            told[table.name] = table.c.answer.in_(answers)
        elif "reference" in table.c and "response" in table.c and table is not schema.conversations:
            told[table.name] = sa.or_(table.c.reference == person, table.c.response.in_(theirs))
        elif "reference" in table.c:
            told[table.name] = table.c.reference == person
        elif "response" in table.c:
            told[table.name] = table.c.response.in_(theirs)
    return told


class OwnDataStatements:
    """One for each table, compiled for one database when somebody first asks."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._ready: dict[str, tuple[list[sa.Column[Any]], Statement]] = {}

    def all(self) -> Iterator[tuple[str, list[sa.Column[Any]], Statement]]:
        if not self._ready:
            for name, is_theirs in tables_told().items():
                table = schema.metadata.tables[name]
                columns = [each for each in table.columns if _is_told(each)]
                rows = sa.select(*map(_plain, columns)).where(is_theirs).order_by(*table.primary_key.columns)
                self._ready[name] = (columns, Statement(rows, self._dialect))
        for name, (columns, statement) in self._ready.items():
            yield name, columns, statement


def own_data(db: Db, statements: OwnDataStatements, reference: str, at: datetime) -> str:
    """As JSON for people and programs; `at` is UTC. What is kept encrypted (a phone number, an address) is told but for
    its last letters: the file travels through the channel, and the person knows it."""
    kept: dict[str, Any] = {}
    for name, columns, statement in statements.all():
        rows = [
            {column.name: _told(column, cell) for column, cell in zip(columns, row, strict=True)}
            for row in db.rows(statement, person=reference)
        ]
        if rows:
            declared = KEPT[name]
            kept[name] = {
                "what": declared.what,
                "why": declared.why,
                "how_long": how_long(declared.keep),
                "seen_by": declared.seen_by,
                "rows": rows,
            }
    document = {"made_at": at.isoformat(), "you": reference, "kept": kept}
    return json.dumps(document, ensure_ascii=False, indent=1, default=str)


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Both drivers give a float as it is; a conversion of SQLAlchemy's wants to hear more from the driver."""
    return sa.type_coerce(column, sa.types.NULLTYPE) if isinstance(column.type, sa.Double) else column


def _is_told(column: sa.Column[Any]) -> bool:
    """Keyed hashes say nothing to anybody; who else is in a row is theirs to tell."""
    is_hash = isinstance(column.type, Hashed) or column.name.endswith("_hash")
    others = column.name in (
        "resident_meemaker",
        "professional_meemaker",
        "told_to",
        "taken_by",
        "closed_by",
        "asked",
    )
    return not is_hash and not others


def _told(column: sa.Column[Any], cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(column.type, Encrypted) and cell:
        return MASKED + cell[-2:]
    if column.name == "state" and column.table.name == "conversations":
        return json.loads(cell) if cell else {}
    return cell
