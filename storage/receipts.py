"""Receipts of what was taken away: when, by which rule, how many rows of which table; nobody is in them. On either database."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from storage import schema
from storage.statements import Db, Row, Statement, insert_row

RETENTION, ERASURE = "retention", "erasure"

NO_CONSENT = "no consent"
"""The rule for who fell silent without a consent; see storage.work."""

BY_CHAT, BY_CODE = "chat", "code"
"""The ways of an erasure: asked for in a chat, or with the code that a meemaker gave."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """`kind` is RETENTION or ERASURE, `rule` the name of the rule or the way of the erasure, `days` how long was kept (0 for an
    erasure), `counts` the rows by table. `at` is UTC, of the last that went. An erasure has the `number` that its resident was
    told, only the day (at 0:00) and no counts: how many rows somebody had would tell them from others."""

    id: int
    kind: str
    rule: str
    days: int
    at: datetime
    counts: Mapping[str, int]
    number: str = ""


class ReceiptStatements:
    """Every statement about receipts, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        receipts = schema.receipts
        self.add = Statement(insert_row(receipts, "id"), dialect)
        this = (receipts.c.run == sa.bindparam("run")) & (receipts.c.rule == sa.bindparam("rule"))
        self.find = Statement(
            sa.select(receipts.c.id, receipts.c.counts).where(this).with_for_update(), dialect
        )
        self.save = Statement(
            sa.update(receipts)
            .where(receipts.c.id == sa.bindparam("this"))
            .values(counts=sa.bindparam("counts"), at=sa.bindparam("at"), days=sa.bindparam("days")),
            dialect,
        )
        columns = (receipts.c[name] for name in ("id", "kind", "rule", "days", "at", "counts", "number"))
        all_of_it = sa.select(*columns).order_by(receipts.c.id.desc())
        self.newest = Statement(all_of_it.limit(sa.bindparam("at_most", type_=sa.Integer())), dialect)
        self.numbered = Statement(
            all_of_it.where(receipts.c.number == sa.bindparam("of", type_=sa.Text())), dialect
        )


class ReceiptTable:
    """In one open transaction: a receipt stands if, and only if, what it tells of is gone."""

    def __init__(self, db: Db, statements: ReceiptStatements) -> None:
        self._db, self._sql = db, statements

    def add(
        self, kind: str, rule: str, counts: Mapping[str, int], *, at: datetime, days: int = 0, run: str = ""
    ) -> None:
        """With a `run`, what goes by the same rule in the same run comes to one receipt."""
        found = self._db.row(self._sql.find, run=run, rule=rule) if run else None
        if found is None:
            self._db.run(
                self._sql.add,
                kind=kind,
                rule=rule,
                run=run,
                days=days,
                at=at,
                counts=_dump(Counter(counts)),
                number="",
            )
            return
        id, earlier = found
        together = Counter(orjson.loads(earlier)) + Counter(counts)
        self._db.run(self._sql.save, this=id, at=at, days=days, counts=_dump(together))

    def erased(self, way: str, number: str, at: datetime) -> None:
        """Somebody was erased. Nothing tells who, so nothing is brought together with anybody else's."""
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        self._db.run(
            self._sql.add, kind=ERASURE, rule=way, run="", days=0, at=day, counts="{}", number=number
        )

    def newest(self, limit: int) -> Sequence[Receipt]:
        """The last ones, oldest of them first."""
        return [_receipt(row) for row in reversed(self._db.rows(self._sql.newest, at_most=limit))]

    def numbered(self, number: str) -> Sequence[Receipt]:
        """One as a rule, none for a number that was never given; by chance two."""
        return [_receipt(row) for row in self._db.rows(self._sql.numbered, of=number)]


def _receipt(row: Row) -> Receipt:
    id, kind, rule, days, at, counts, number = row
    return Receipt(id, kind, rule, days, at, orjson.loads(counts), number)


def _dump(counts: "Counter[str]") -> str:
    kept = {
        str(name): count for name, count in sorted(counts.items()) if count
    }  # SQLAlchemy's names are more than text
    return orjson.dumps(kept).decode()
