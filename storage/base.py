"""What every store does, whatever its database: turns, the outbox, due work and reading; how a transaction runs is
in sqlite and postgres, what happens inside one in turns, outbox, work and traces."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.engine import Dialect

from bot.ports import DueReminder, OutboxMessage, TurnDb
from domain.audit import SYSTEM, AuditAction, AuditEntry
from storage.audit import AuditTable
from storage.campaigns import CampaignTable
from storage.forms import FormRow, FormStatements, FormTable
from storage.meemakers import MeemakerTable
from storage.misses import MissTable
from storage.outbox import OutboxStatements, OutboxTable
from storage.receipts import NO_CONSENT, RETENTION, Receipt, ReceiptTable
from storage.reminders import Decide, ReminderStatements, ReminderTable
from storage.sessions import SessionTable
from storage.statements import Db
from storage.themes import ThemeStatements, ThemeTable, UnheardAnswer
from storage.turns import StoredTurn, TurnStatements
from storage.vault import Vault
from storage.work import KEEP_WITHOUT_CONSENT, DueWork, Purged, WorkStatements, WorkTable

T = TypeVar("T")


class Store(ABC):
    """A database of either kind. Times are UTC; every method but `reading` may be called from many tasks at once.

    Everything raises DomainError("storage_unavailable") when the database cannot be reached, is locked by another
    process for longer than five seconds, or cannot be written; nothing has been written then.
    """

    def __init__(self, dialect: Dialect, vault: Vault, new_id: Callable[[], str]) -> None:
        self.dialect = dialect
        self._vault, self._new_id = vault, new_id
        self._turns = TurnStatements(dialect)
        self._outbox = OutboxStatements(dialect)
        self._work = WorkStatements(dialect)
        self._reminders = ReminderStatements(dialect)
        self._forms = FormStatements(dialect)
        self._themes = ThemeStatements(dialect)
        self._audit = self._turns.audit

    @abstractmethod
    async def transact(self, job: Callable[[Db], T]) -> T:
        """Runs `job` in one transaction and returns its result after the commit; `job` may run more than once."""

    async def rehearse(self, job: Callable[[Db], T]) -> T:
        """Runs `job` as `transact` does, with nothing of it kept. Only rows that `job` changes are locked meanwhile."""

        def run(db: Db) -> None:
            raise _Rehearsed(job(db))

        try:
            await self.transact(run)
        except _Rehearsed as end:
            result: T = end.result
            return result
        raise AssertionError("a rehearsal always rolls back")

    @abstractmethod
    def reading(self) -> AbstractContextManager[Db]:
        """A connection of its own for reading, in the thread that asks; it holds nothing up."""

    @abstractmethod
    async def close(self) -> None:
        """Finishes what was asked for and lets the database go."""

    def scrub_soon(self) -> None:
        """Called within a transaction that erased somebody: what was overwritten must leave the disk as well.
        Nothing to do where the server sees to that."""
        return

    def audit(self, db: Db) -> AuditTable:
        """The audit log within an open transaction, for what has to be accounted for together with what it does."""
        return AuditTable(db, self._audit, self._vault)

    async def with_audit(self, job: Callable[[AuditTable], T]) -> T:
        """Runs `job` on the audit log in one transaction; it may run more than once."""
        return await self.transact(lambda db: job(self.audit(db)))

    async def note(self, *entries: AuditEntry) -> None:
        """Accounts for what is about to be shown or written out: what cannot be noted must not be shown."""
        await self.with_audit(lambda audit: [audit.append(entry) for entry in entries])

    async def turn(self, work: Callable[[TurnDb], T], *, note: Callable[[T], AuditEntry] | None = None) -> T:
        """See `bot.ports.TurnStore`. What `note` makes of the result is accounted for in the same transaction."""

        def run(db: Db) -> T:
            turn = StoredTurn(db, self._turns, self._vault, self._new_id)
            result = self._noted(db, work(turn), note)
            if turn.erased:
                self.scrub_soon()
            return result

        return await self.transact(run)

    async def claim(
        self, channel: str, *, now: datetime, limit: int, lease: timedelta
    ) -> Sequence[OutboxMessage]:
        """See `bot.ports.Outbox`, as the five that follow, but for `free_leases`."""
        return await self.transact(lambda db: OutboxTable(db, self._outbox).claim(channel, now, limit, lease))

    async def free_leases(self, channel: str) -> None:
        """Gives back every message a former process held; only where no other process sends from this database."""
        await self.transact(lambda db: OutboxTable(db, self._outbox).free_leases(channel))

    async def mark_sent(self, message_id: int, *, at: datetime) -> None:
        await self.transact(lambda db: self._marked(OutboxTable(db, self._outbox).mark_sent(message_id, at)))

    async def mark_again(self, message_id: int, *, not_before: datetime, unknown: bool = False) -> None:
        await self.transact(
            lambda db: OutboxTable(db, self._outbox).mark_again(message_id, not_before, unknown)
        )

    async def mark_failed(self, message_id: int, *, code: str) -> None:
        await self.transact(
            lambda db: self._marked(OutboxTable(db, self._outbox).mark_failed(message_id, code))
        )

    async def still_waits(self, message_id: int) -> bool:
        return await self.transact(lambda db: OutboxTable(db, self._outbox).still_waits(message_id))

    async def mark_blocked(self, reference: str, *, at: datetime) -> None:
        def run(db: Db) -> None:
            OutboxTable(db, self._outbox).mark_blocked(reference, at)
            if reference.startswith("staff:"):
                StoredTurn(db, self._turns, self._vault, self._new_id).desk.block(reference, at)

        await self.transact(run)

    async def block_contact(self, channel: str, channel_ref: str, *, at: datetime) -> None:
        """The person behind `channel_ref` blocked the bot; nothing happens when nobody is known by it."""

        def run(db: Db) -> None:
            turn = StoredTurn(db, self._turns, self._vault, self._new_id)
            found, member = turn.load(channel, channel_ref), turn.desk.find_member(channel, channel_ref)
            if member is not None:
                turn.desk.block(member.id, at)
            if not found.is_new:
                OutboxTable(db, self._outbox).mark_blocked(found.reference, at)

        await self.transact(run)

    async def with_campaigns(
        self, job: Callable[[CampaignTable], T], *, note: Callable[[T], AuditEntry] | None = None
    ) -> T:
        """Runs `job` on the campaigns in one transaction; `note` as in `turn`, here and in the next two."""

        def run(db: Db) -> T:
            return self._noted(db, job(CampaignTable(db, self._turns.campaigns)), note)

        return await self.transact(run)

    async def with_meemakers(
        self, job: Callable[[MeemakerTable], T], *, note: Callable[[T], AuditEntry] | None = None
    ) -> T:
        """Runs `job` on the meemakers in one transaction."""

        def run(db: Db) -> T:
            table = MeemakerTable(db, self._turns.meemakers, self._vault)
            result = self._noted(db, job(table), note)
            if table.erased:
                self.scrub_soon()
            return result

        return await self.transact(run)

    async def with_sessions(
        self, job: Callable[[SessionTable], T], *, note: Callable[[T], AuditEntry] | None = None
    ) -> T:
        """Runs `job` on people, places and talks in person in one transaction; it may run more than once."""

        def run(db: Db) -> T:
            return self._noted(db, job(SessionTable(db, self._turns.sessions)), note)

        return await self.transact(run)

    async def receipts(self, last: int, number: str = "") -> Sequence[Receipt]:
        """The `last` ones, oldest of them first; with a `number` those of that number: one as a rule."""

        def run(db: Db) -> Sequence[Receipt]:
            table = ReceiptTable(db, self._turns.receipts)
            return table.numbered(number) if number else table.newest(last)

        return await self.transact(run)

    async def ping(self) -> None:
        """Raises DomainError("storage_unavailable") when the database cannot be written to."""
        await self.transact(lambda db: None)

    async def claim_work(self, *, now: datetime, limit: int, lease: timedelta) -> Sequence[DueWork]:
        """Work that is due and that no other process has, oldest first; it comes back when its lease ends."""
        return await self.transact(lambda db: WorkTable(db, self._work).claim(now, limit, lease))

    async def finish_work(self, key: str) -> None:
        """Takes claimed work away; a newer plan under the same key stays."""
        await self.transact(lambda db: WorkTable(db, self._work).finish(key))

    async def claim_reminders(self, *, now: datetime, limit: int, lease: timedelta) -> Sequence[DueReminder]:
        """See `bot.ports.ReminderStore`, as the next."""
        return await self.transact(lambda db: ReminderTable(db, self._reminders).claim(now, limit, lease))

    async def remind(self, due: DueReminder, decide: Decide, *, now: datetime) -> bool:
        return await self.transact(lambda db: ReminderTable(db, self._reminders).send(due, decide, now))

    async def with_forms(self, job: Callable[[FormTable], T]) -> T:
        """Runs `job` on the forms in one transaction; it may run more than once."""
        return await self.transact(lambda db: job(FormTable(db, self._forms)))

    async def with_misses(self, job: Callable[[MissTable], T]) -> T:
        """Runs `job` on the misses in one transaction; it may run more than once. What it drops leaves the disk too."""

        def run(db: Db) -> T:
            self.scrub_soon()
            return job(MissTable(db, self._turns.misses))

        return await self.transact(run)

    async def with_themes(self, job: Callable[[ThemeTable], T]) -> T:
        """Runs `job` on the themes of answers in one transaction; it may run more than once."""
        return await self.transact(lambda db: job(ThemeTable(db, self._themes)))

    def unheard(self, after: int, before: datetime) -> Sequence[UnheardAnswer]:
        """See `ThemeTable.page`; read at once in the thread that asks."""
        with self.reading() as db:
            return ThemeTable(db, self._themes).page(after, before)

    def find_form(self, questionnaire: str, version: str) -> FormRow | None:
        """One version, read at once in the thread that asks."""
        with self.reading() as db:
            return FormTable(db, self._forms).find(questionnaire, version)

    async def purge(self, *, now: datetime) -> Purged:
        """Housekeeping: update ids and sent messages older than 48 hours, misses of eight weeks ago, and people who
        fell silent without a consent (work of kind "forget" that is due and a day of silence)."""

        def run(db: Db) -> Purged:
            purged = WorkTable(db, self._work).purge(now)
            if purged.people:
                self.audit(db).append(_expired(purged, now))
                ReceiptTable(db, self._turns.receipts).add(
                    RETENTION,
                    NO_CONSENT,
                    {"conversations": purged.people},
                    at=now,
                    days=KEEP_WITHOUT_CONSENT.days,
                    run=now.date().isoformat(),
                )
            if purged.people or purged.messages or purged.misses:
                self.scrub_soon()
            return purged

        return await self.transact(run)

    def _noted(self, db: Db, result: T, note: Callable[[T], AuditEntry] | None) -> T:
        if note is not None:
            self.audit(db).append(note(result))
        return result

    def _marked(self, farewell: bool) -> None:
        if farewell:
            self.scrub_soon()


class _Rehearsed(Exception):
    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


def _expired(purged: Purged, at: datetime) -> AuditEntry:
    return AuditEntry(AuditAction.EXPIRE, at, who=SYSTEM, thing=NO_CONSENT, count=purged.people)
