"""Meemakers and the residents they type for, on either database; what is said to them is bot.assisting's."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.audit import RESIDENT, AuditAction, AuditEntry
from storage import schema
from storage.audit import AuditStatements, AuditTable
from storage.columns import UtcTime
from storage.receipts import BY_CODE, ReceiptStatements, ReceiptTable
from storage.statements import ONE, Db, Statement, insert_row
from storage.traces import Traces, TraceStatements
from storage.vault import Vault


class MeemakerStatements:
    """Every statement about meemakers, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        meemakers, conversations = schema.meemakers, schema.conversations
        person = sa.bindparam("person", type_=sa.Text())
        digest = sa.bindparam("digest", type_=sa.Text())
        self.invite = ready(insert_row(meemakers))
        self.redeem = ready(
            sa.update(meemakers)
            .where(meemakers.c.invite_hash == digest)
            .where(meemakers.c.invited_until > sa.bindparam("at", type_=UtcTime()))
            .values(reference=person, invite_hash=None)
            .returning(ONE)
        )
        self.of_person = ready(sa.select(meemakers.c.id).where(meemakers.c.reference == person))
        self.all = ready(
            sa.select(meemakers.c.id, meemakers.c.name, meemakers.c.reference).order_by(meemakers.c.id)
        )
        self.keep_code = ready(
            sa.update(conversations).where(conversations.c.reference == person).values(erase_hash=digest)
        )
        self.by_code = ready(
            sa.select(conversations.c.reference).where(conversations.c.erase_hash == digest).with_for_update()
        )
        self.traces = TraceStatements(dialect)
        self.audit = AuditStatements(dialect)
        self.receipts = ReceiptStatements(dialect)


class MeemakerTable:
    """Implements bot.ports.MeemakerDb in one open transaction."""

    def __init__(self, db: Db, statements: MeemakerStatements, vault: Vault) -> None:
        self._db, self._sql, self._vault = db, statements, vault
        self.erased = False

    def invite(self, id: str, name: str, code: str, *, until: datetime) -> None:
        digest = self._vault.contact_hash("meemaker invitation", code)
        self._db.run(
            self._sql.invite,
            id=id,
            name=name,
            invite_hash=digest,
            invited_until=until,
            reference=None,
            kind="",
            languages="",
            neighbourhoods="",
            gender="",
            max_per_week=0,
            email=None,
            calendar_url=None,
            feed_hash=None,
        )

    def all(self) -> list[tuple[str, str, bool]]:
        """(pseudonym, name, whether the link was used)."""
        return [(id, name, reference is not None) for id, name, reference in self._db.rows(self._sql.all)]

    def redeem(self, code: str, reference: str, at: datetime) -> bool:
        digest = self._vault.contact_hash("meemaker invitation", code)
        return self._db.count(self._sql.redeem, digest=digest, person=reference, at=at) > 0

    def id_of(self, reference: str) -> str:
        found = self._db.row(self._sql.of_person, person=reference)
        return found[0] if found else ""

    def keep_code(self, reference: str, code: str) -> None:
        self._db.run(
            self._sql.keep_code, person=reference, digest=self._vault.contact_hash("erase code", code)
        )

    def erase(self, code: str, at: datetime, *, receipt: str, who: str = RESIDENT) -> bool:
        """See `bot.ports.MeemakerDb`; `who` typed the code, for the audit log."""
        found = self._db.row(self._sql.by_code, digest=self._vault.contact_hash("erase code", code))
        if found is None:
            return False
        Traces(self._db, self._sql.traces).erase(found[0], at)
        entry = AuditEntry(AuditAction.ERASE, at, who, thing="code", person=found[0], count=1)
        AuditTable(self._db, self._sql.audit, self._vault).append(entry)
        ReceiptTable(self._db, self._sql.receipts).erased(BY_CODE, receipt, at)
        self.erased = True
        return True
