"""The account of who looked, exported, changed and erased: rows that are only added, each chained to the one before by
a keyed MAC, so that whoever changes the database without the key is found out. See docs/decisions/0036."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from domain.audit import AuditEntry
from storage import schema
from storage.columns import UtcTime, Words
from storage.statements import Db, Statement, insert_row
from storage.vault import Vault

HEAD = "audit_head"
"""The key in `meta` of how far the chain goes; its row is what concurrent writers wait for."""

_NO_HEAD = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row as it is kept: `person` is a keyed hash of a reference or empty, `mac` 64 hexadecimal digits. `at` is UTC."""

    number: int
    at: datetime
    who: str
    action: str
    thing: str
    person: str
    count: int
    reason: str
    mac: str


@dataclass(frozen=True, slots=True)
class AuditAnchor:
    """How far the chain went at a moment (UTC); kept elsewhere, it tells later whether rows were cut off."""

    number: int
    mac: str
    at: datetime


class AuditStatements:
    """Every statement of the audit log, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        audit, meta = schema.audit, schema.meta
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        is_head = meta.c.key == HEAD

        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        first = insert(meta).values(key=HEAD, value=_NO_HEAD).on_conflict_do_nothing()
        self.first_head = ready(first.inline())
        self.lock_head = ready(sa.select(meta.c.value).where(is_head).with_for_update())
        self.read_head = ready(sa.select(meta.c.value).where(is_head))
        self.save_head = ready(sa.update(meta).where(is_head).values(value=sa.bindparam("head")))
        self.last = ready(sa.select(sa.func.coalesce(sa.func.max(audit.c.number), 0)))
        self.add = ready(insert_row(audit))
        self.page = ready(
            sa.select(*audit.c)
            .where(audit.c.number > sa.bindparam("after", type_=sa.BigInteger()))
            .order_by(audit.c.number)
            .limit(sa.bindparam("at_most", type_=sa.Integer()))
        )
        self.newest = ready(
            sa.select(*audit.c)
            .order_by(audit.c.number.desc())
            .limit(sa.bindparam("at_most", type_=sa.Integer()))
        )


class AuditTable:
    """The audit log in one open transaction: what is appended stands if, and only if, what it tells of happened."""

    def __init__(self, db: Db, statements: AuditStatements, vault: Vault) -> None:
        self._db, self._sql = db, statements
        self._chain = Chain(vault)

    def append(self, entry: AuditEntry) -> int:
        """Adds a row and returns its number. Last in a transaction, where that can be: others who append wait for it."""
        number, previous = self._lock()
        row = AuditRow(
            number,
            entry.at,
            entry.who,
            entry.action.value,
            entry.thing,
            self._chain.person(entry.person),
            entry.count,
            _as_kept(entry.reason),
            "",
        )
        mac = self._chain.mac(row, previous)
        self._db.run(
            self._sql.add,
            number=number,
            at=row.at,
            who=row.who,
            action=row.action,
            thing=row.thing,
            person=row.person,
            count=row.count,
            reason=row.reason,
            mac=mac,
        )
        self._db.run(self._sql.save_head, head=self._chain.head(number, mac))
        return number

    def rows(self, after: int = 0, limit: int = 1000) -> Sequence[AuditRow]:
        """The next rows after a number, in order."""
        return [AuditRow(*row) for row in self._db.rows(self._sql.page, after=after, at_most=limit)]

    def newest(self, limit: int) -> Sequence[AuditRow]:
        """The last rows, oldest of them first."""
        return [AuditRow(*row) for row in reversed(self._db.rows(self._sql.newest, at_most=limit))]

    def anchor(self, at: datetime) -> AuditAnchor:
        """Where the chain ends now; number 0 for a log without rows."""
        last = self.newest(1)
        return AuditAnchor(last[0].number, last[0].mac, at) if last else AuditAnchor(0, "", at)

    def verify(self, anchor: AuditAnchor | None = None) -> Sequence[str]:
        """What is wrong with the log, a sentence each; empty when every row is as it was written and none is missing."""
        head = self._db.row(self._sql.read_head)
        check = _Check(self._chain, anchor)
        after = None
        while rows := self.rows(-(2**62) if after is None else after):
            check.walk(rows)
            after = rows[-1].number
        return check.finish(head[0] if head is not None else None)

    def _lock(self) -> tuple[int, str]:
        """The number and the MAC that the next row follows. Rows behind the head that are gone leave a gap for good."""
        self._db.run(self._sql.first_head)
        locked, last = self._db.row(self._sql.lock_head), self._db.row(self._sql.last)
        number, mac = self._chain.read_head(locked[0] if locked is not None else "") or (0, "")
        return max(number, last[0] if last is not None else 0) + 1, mac


class Chain:
    """The keys of the chain, and what they make of a row."""

    def __init__(self, vault: Vault) -> None:
        self._key = vault.secret_for("audit")
        self._person_key = vault.secret_for("audit person")

    def mac(self, row: AuditRow, previous: str) -> str:
        at = UtcTime().process_bind_param(row.at, sqlite.dialect())
        fields = [
            row.number, at, row.who, row.action, row.thing, row.person, row.count, row.reason, previous,
        ]  # fmt: skip # read as one list
        return hmac.digest(self._key, orjson.dumps(fields), hashlib.sha256).hex()

    def head(self, number: int, mac: str) -> str:
        """What stands in `meta`: nobody without the key can point it at an earlier row."""
        signed = hmac.digest(self._key, orjson.dumps(["head", number, mac]), hashlib.sha256).hex()
        return f"{number} {mac} {signed}"

    def read_head(self, head: str) -> tuple[int, str] | None:
        """The number and the MAC in it; None for one that we did not write."""
        parsed = _parse_head(head)
        fits = parsed is not None and hmac.compare_digest(head.encode(), self.head(*parsed).encode())
        return parsed if fits else None

    def person(self, reference: str) -> str:
        """A name that is the same in every row about one person, and leads to nobody once their reference is gone."""
        return hmac.digest(self._person_key, reference.encode(), hashlib.sha256).hex() if reference else ""


class _Check:
    """Walks the rows once and notes what does not fit."""

    def __init__(self, chain: Chain, anchor: AuditAnchor | None) -> None:
        self._chain, self._anchor = chain, anchor
        self._number, self._mac = 0, ""
        self._at_anchor = ""
        self._found: list[str] = []

    def walk(self, rows: Iterable[AuditRow]) -> None:
        for row in rows:
            self._step(row)
            self._number, self._mac = row.number, row.mac
            if self._anchor is not None and row.number == self._anchor.number:
                self._at_anchor = row.mac

    def _step(self, row: AuditRow) -> None:
        if row.number < 1:
            self._found.append(f"Row {row.number} was put in: rows begin at 1.")
        elif row.number > self._number + 1:
            self._found.append(_gone(self._number + 1, row.number - 1))
        elif not hmac.compare_digest(row.mac.encode(), self._chain.mac(row, self._mac).encode()):
            self._found.append(f"Row {row.number} was changed, moved or put in: its MAC does not fit.")

    def finish(self, head: str | None) -> list[str]:
        self._look_at_head(head)
        anchor = self._anchor
        if anchor is not None and anchor.number:
            if self._number < anchor.number:
                self._found.append(
                    f"Rows were cut off: there were {anchor.number} when the anchor was made, now {self._number}."
                )
            elif self._at_anchor != anchor.mac:
                self._found.append(f"Row {anchor.number} is not the one that the anchor names.")
        return self._found

    def _look_at_head(self, head: str | None) -> None:
        if head is None and not self._number:
            return
        parsed = self._chain.read_head(head or "")
        if not head:
            self._found.append("The record of how far the log goes is gone.")
        elif parsed is None:
            self._found.append("The record of how far the log goes was changed.")
        elif parsed[0] > self._number:
            self._found.append(_gone(self._number + 1, parsed[0]))
        elif parsed != (self._number, self._mac):
            self._found.append("The record of how far the log goes does not fit the last row.")


def _gone(first: int, last: int) -> str:
    return f"Row {first} is missing." if first == last else f"Rows {first} to {last} are missing."


def _parse_head(head: str) -> tuple[int, str] | None:
    parts = head.split(" ")
    if len(parts) != 3 or not (parts[0].isascii() and parts[0].isdigit()):
        return None
    return int(parts[0]), parts[1]


def _as_kept(reason: str) -> str:
    """As the column keeps it, so that the MAC is over what will be read."""
    return Words().process_bind_param(reason, sqlite.dialect()) or ""
