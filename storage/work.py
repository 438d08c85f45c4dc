"""Work that is due and rows that have had their time, on either database; when to look is the clock's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.session import SessionStatus
from storage import schema
from storage.claims import first_tick
from storage.columns import UtcTime
from storage.misses import MissStatements, MissTable
from storage.statements import ONE, Db, Row, Statement
from storage.traces import Traces, TraceStatements

FORGET = "forget"
"""The kind of work that housekeeping does by itself: a conversation that never came to a consent."""

OWN_KINDS = (FORGET, "remind_first", "remind_last", "plan_night", "retention_night")
"""Kinds that are claimed by what belongs to them, and by nobody else."""

KEEP_UPDATES = timedelta(hours=48)
KEEP_SENT = timedelta(hours=48)
KEEP_MISSES = timedelta(weeks=8)
KEEP_CLAIMS = timedelta(days=1)
KEEP_ADDRESSES = timedelta(days=2)
KEEP_GUESSES = timedelta(days=1)
KEEP_WITHOUT_CONSENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DueWork:
    """Work claimed by this process until its lease ends. `revision` is the turn it was planned in. UTC."""

    key: str
    kind: str
    reference: str
    due_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows housekeeping took away; `people` counts conversations erased for want of a consent."""

    updates: int
    messages: int
    people: int
    misses: int = 0


class WorkStatements:
    """Every statement of due work and housekeeping, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        work, updates, outbox, conversations = (
            schema.work,
            schema.updates,
            schema.outbox,
            schema.conversations,
        )
        now, before = sa.bindparam("now", type_=UtcTime()), sa.bindparam("before", type_=UtcTime())
        free = work.c.leased_until.is_(None) | (work.c.leased_until <= now)
        due = (
            sa.select(work.c.key, work.c.kind, work.c.reference, work.c.due_at, work.c.revision)
            .where(work.c.due_at <= now, free)
            .order_by(work.c.due_at, work.c.key)
            .limit(sa.bindparam("at_most", type_=sa.Integer()))
            .with_for_update(skip_locked=True)
        )
        this = work.c.key == sa.bindparam("this")
        self.due = ready(due.where(*(work.c.kind != kind for kind in OWN_KINDS)))
        person: sa.BindParameter[str] = sa.bindparam("person")
        responses, meemakers = schema.responses, schema.meemakers
        any_response = sa.select(sa.func.min(responses.c.id)).where(responses.c.reference == person)
        meemaker = sa.select(sa.func.min(meemakers.c.id)).where(meemakers.c.reference == person)
        requests, seats = schema.talk_requests, schema.session_seats
        any_request = sa.select(sa.func.min(requests.c.reference)).where(requests.c.reference == person)
        any_seat = sa.select(sa.func.min(seats.c.reference)).where(seats.c.reference == person)
        self.to_forget = ready(due.where(work.c.kind == FORGET))
        self.lease = ready(sa.update(work).where(this).values(leased_until=sa.bindparam("until")))
        # Planned anew meanwhile, a row has no lease: that plan stands.
        self.finish = ready(sa.delete(work).where(this, work.c.leased_until.is_not(None)))
        self.drop = ready(sa.delete(work).where(this))
        self.last_heard = ready(
            # Whoever has any response, has a talk or waits for one, or is a meemaker, is no stranger who must be forgotten.
            sa.select(
                sa.func.coalesce(
                    conversations.c.response,
                    any_response.scalar_subquery(),
                    any_request.scalar_subquery(),
                    any_seat.scalar_subquery(),
                    meemaker.scalar_subquery(),
                ),
                conversations.c.last_at,
            )
            .where(conversations.c.reference == person)
            .with_for_update(of=conversations)
        )
        self.postpone = ready(sa.update(work).where(this).values(due_at=sa.bindparam("then")))
        self.old_updates = ready(sa.delete(updates).where(updates.c.at < before).returning(ONE))
        self.old_messages = ready(
            sa.delete(outbox)
            .where(~schema.is_waiting(), outbox.c.created_at < before)
            .where(outbox.c.sent_at.is_(None) | (outbox.c.sent_at < before))
            .returning(ONE)
        )
        self.old_farewells = ready(
            sa.delete(outbox)
            .where(schema.is_waiting(), outbox.c.channel_ref.is_not(None), outbox.c.created_at < before)
            .returning(ONE)
        )
        claims, offers = schema.claims, schema.offers
        self.old_claims = ready(
            sa.delete(claims).where(
                (claims.c.until <= now) | (claims.c.tick < sa.bindparam("tick", type_=sa.BigInteger()))
            )
        )
        sessions = schema.sessions
        self.old_addresses = ready(
            sa.update(sessions)
            .where(sessions.c.address.is_not(None))
            .where((sessions.c.end_at < before) | (sessions.c.status == SessionStatus.CANCELLED.value))
            .values(address=sa.null())
        )
        self.old_offers = ready(sa.delete(offers).where(offers.c.until <= now))
        self.traces = TraceStatements(dialect)
        self.misses = MissStatements(dialect)


class WorkTable:
    """Due work in one open transaction."""

    def __init__(self, db: Db, statements: WorkStatements) -> None:
        self._db, self._sql = db, statements

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[DueWork]:
        found = [DueWork(*row) for row in self._db.rows(self._sql.due, now=now, at_most=limit)]
        for due in found:
            self._db.run(self._sql.lease, this=due.key, until=now + lease)
        return tuple(found)

    def finish(self, key: str) -> None:
        self._db.run(self._sql.finish, this=key)

    def purge(self, now: datetime, limit: int = 500) -> Purged:
        """What has had its time goes, with offers that nobody took, what is past of what was claimed, and where visits
        at home were; at most `limit` people at once."""
        people = sum(self._forget(DueWork(*row), now) for row in self._to_forget(now, limit))
        updates = self._db.count(self._sql.old_updates, before=now - KEEP_UPDATES)
        messages = self._db.count(self._sql.old_messages, before=now - KEEP_SENT)
        messages += self._db.count(self._sql.old_farewells, before=now - KEEP_SENT)
        self._db.run(self._sql.old_claims, now=now, tick=first_tick(now - KEEP_CLAIMS))
        self._db.run(self._sql.old_offers, now=now)
        self._db.run(self._sql.old_addresses, before=now - KEEP_ADDRESSES)
        day, guesses = ((now - keep).date().isoformat() for keep in (KEEP_MISSES, KEEP_GUESSES))
        misses = MissTable(self._db, self._sql.misses).drop_before(day, guesses=guesses)
        return Purged(updates, messages, people, misses)

    def _to_forget(self, now: datetime, limit: int) -> list[Row]:
        return self._db.rows(self._sql.to_forget, now=now, at_most=limit)

    def _forget(self, due: DueWork, now: datetime) -> bool:
        """Erases a person who stayed silent without a consent; who came to one, or still talks, stays."""
        found = self._db.row(self._sql.last_heard, person=due.reference)
        if found is None or found[0] is not None:
            self._db.run(self._sql.drop, this=due.key)
            return False
        if now - found[1] < KEEP_WITHOUT_CONSENT:
            self._db.run(self._sql.postpone, this=due.key, then=found[1] + KEEP_WITHOUT_CONSENT)
            return False
        Traces(self._db, self._sql.traces).erase(due.reference, now)
        return True
