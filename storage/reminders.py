"""Reminders that are due, on either database: checked again at the moment of sending; when and what is others'."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.ports import DueReminder, PlannedWork, Reminder
from storage import schema
from storage.columns import UtcTime
from storage.messages import dump_message
from storage.statements import Db, Statement, insert_row

Decide = Callable[[DueReminder, str], Reminder | PlannedWork | None]
"""What becomes of a due reminder, given the state of the conversation: the message, the same later, or nothing."""

KINDS = ("remind_first", "remind_last")


class ReminderStatements:
    """Every statement of reminders, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        work, conversations = schema.work, schema.conversations
        now = sa.bindparam("now", type_=UtcTime())
        this = work.c.key == sa.bindparam("this")
        self.due = ready(
            sa.select(work.c.key, work.c.kind, work.c.reference, work.c.due_at, work.c.revision)
            .where(sa.or_(*(work.c.kind == kind for kind in KINDS)), work.c.due_at <= now)
            .where(work.c.leased_until.is_(None) | (work.c.leased_until <= now))
            .order_by(work.c.due_at)
            .limit(sa.bindparam("at_most", type_=sa.Integer()))
            .with_for_update(skip_locked=True)
        )
        self.lease = ready(sa.update(work).where(this).values(leased_until=sa.bindparam("until")))
        # The conversation first, as in a turn, so that the two never wait for each other.
        self.person = ready(
            sa.select(
                conversations.c.channel,
                conversations.c.state,
                conversations.c.revision,
                conversations.c.blocked_at,
            )
            .where(conversations.c.reference == sa.bindparam("person"))
            .with_for_update()
        )
        self.still_due = ready(sa.select(work.c.revision).where(this, work.c.kind == sa.bindparam("of_kind")))
        self.finish = ready(sa.delete(work).where(this))
        self.add_work = ready(insert_row(work))
        self.add_message = ready(insert_row(schema.outbox, "id", "key_hash"))


class ReminderTable:
    """Reminders in one open transaction."""

    def __init__(self, db: Db, statements: ReminderStatements) -> None:
        self._db, self._sql = db, statements

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[DueReminder]:
        found = [DueReminder(*row) for row in self._db.rows(self._sql.due, now=now, at_most=limit)]
        for due in found:
            self._db.run(self._sql.lease, this=due.key, until=now + lease)
        return tuple(found)

    def send(self, due: DueReminder, decide: Decide, now: datetime) -> bool:
        """Whether a message was written. Nothing is, once the person did anything since the reminder was planned."""
        person = self._db.row(self._sql.person, person=due.reference)
        planned = self._db.row(self._sql.still_due, this=due.key, of_kind=due.kind)
        if planned is None or planned[0] != due.revision:
            return False  # sent by another process, cancelled, or planned anew: that plan stands
        self._db.run(self._sql.finish, this=due.key)
        if person is None or person[2] != due.revision or person[3] is not None:
            return False
        decided = decide(due, person[1])
        if isinstance(decided, PlannedWork):
            self._plan(due, decided)
        if not isinstance(decided, Reminder):
            return False
        self._write(due.reference, person[0], decided, now)
        if decided.then is not None:
            self._plan(due, decided.then)
        return True

    def _plan(self, due: DueReminder, planned: PlannedWork) -> None:
        self._db.run(
            self._sql.add_work,
            key=planned.key,
            kind=planned.kind,
            reference=due.reference,
            due_at=planned.due_at,
            revision=due.revision,
            leased_until=None,
        )

    def _write(self, reference: str, channel: str, reminder: Reminder, now: datetime) -> None:
        self._db.run(
            self._sql.add_message,
            channel=channel,
            reference=reference,
            channel_ref=None,
            about=None,
            payload=json.dumps(dump_message(reminder.message)),
            created_at=now,
            not_before=now,
            not_after=reminder.not_after,
            leased_until=None,
            attempts=0,
            status="waiting",
            code="",
            sent_at=None,
        )
