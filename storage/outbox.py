"""Messages that wait to be sent, in order per chat, on either database; sending them is the sender's."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.ports import OutboxMessage
from storage import schema
from storage.columns import Encrypted, UtcTime
from storage.messages import load_message
from storage.statements import ONE, Db, Statement


def _heads() -> sa.Select[Any]:
    """The oldest waiting message of each chat, where it is due and free. A row that another process is claiming is
    passed over; the one behind it is no head until that one is marked."""
    outbox, contacts = schema.outbox, schema.contacts
    earlier = outbox.alias("earlier")
    has_earlier = (
        sa.exists()
        .where(earlier.c.reference == outbox.c.reference, earlier.c.channel == outbox.c.channel)
        .where(earlier.c.id < outbox.c.id, schema.is_waiting(earlier))
    )
    now = sa.bindparam("now", type_=UtcTime())
    whereto = sa.func.coalesce(outbox.c.channel_ref, contacts.c.channel_ref, type_=Encrypted())
    return (
        sa.select(
            outbox.c.id,
            outbox.c.reference,
            whereto,
            outbox.c.payload,
            outbox.c.attempts,
            outbox.c.not_after,
            outbox.c.key_hash.is_not(None),
        )
        .join_from(
            outbox,
            contacts,
            (contacts.c.reference == outbox.c.reference) & (contacts.c.channel == outbox.c.channel),
            isouter=True,
        )
        .where(outbox.c.channel == sa.bindparam("channel"), schema.is_waiting(), outbox.c.not_before <= now)
        .where(outbox.c.leased_until.is_(None) | (outbox.c.leased_until <= now), ~has_earlier)
        .order_by(outbox.c.id)
        .limit(sa.bindparam("at_most", type_=sa.Integer()))
        .with_for_update(of=outbox, skip_locked=True)
    )


class OutboxStatements:
    """Every statement of the outbox, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        outbox, conversations, work = schema.outbox, schema.conversations, schema.work
        this = outbox.c.id == sa.bindparam("message")
        person: sa.BindParameter[str] = sa.bindparam("person")
        done = {"payload": "", "leased_until": None}
        self.heads = ready(_heads())
        self.free_leases = ready(
            sa.update(outbox)
            .where(outbox.c.channel == sa.bindparam("of_channel"), schema.is_waiting())
            .values(leased_until=None)
        )
        self.lease = ready(sa.update(outbox).where(this).values(leased_until=sa.bindparam("until")))
        self.drop_farewell = ready(
            sa.delete(outbox).where(this, outbox.c.channel_ref.is_not(None)).returning(ONE)
        )
        self.sent = ready(
            sa.update(outbox).where(this).values(status="sent", sent_at=sa.bindparam("sent"), **done)
        )
        self.failed = ready(
            sa.update(outbox).where(this).values(status="failed", code=sa.bindparam("reason"), **done)
        )
        self.again = ready(
            sa.update(outbox)
            .where(this, schema.is_waiting())
            .values(
                status=sa.bindparam("new_status"),
                attempts=outbox.c.attempts + 1,
                not_before=sa.bindparam("from_then"),
                leased_until=None,
            )
        )
        self.still_waits = ready(sa.select(ONE).select_from(outbox).where(this, schema.is_waiting()))
        self.came_back = ready(
            sa.select(ONE)
            .select_from(conversations)
            .where(conversations.c.reference == person)
            .where(conversations.c.last_at > sa.bindparam("blocked", type_=UtcTime()))
        )
        self.block = ready(
            sa.update(conversations)
            .where(conversations.c.reference == person)
            .values(blocked_at=sa.bindparam("blocked"))
        )
        self.drop_waiting = ready(sa.delete(outbox).where(outbox.c.reference == person, schema.is_waiting()))
        # A talk in person goes on: whoever looks after it has to hear that somebody cannot be reached.
        self.drop_work = ready(sa.delete(work).where(work.c.reference == person, work.c.revision >= 0))


class OutboxTable:
    """The outbox in one open transaction. What it marks may be gone by then: that is no error."""

    def __init__(self, db: Db, statements: OutboxStatements) -> None:
        self._db, self._sql = db, statements

    def free_leases(self, channel: str) -> None:
        self._db.run(self._sql.free_leases, of_channel=channel)

    def claim(self, channel: str, now: datetime, limit: int, lease: timedelta) -> Sequence[OutboxMessage]:
        """Leased heads. One whose contact is gone, or whose time is over, can never arrive: it fails here, or it would block its chat."""
        claimed = []
        for number, reference, channel_ref, payload, attempts, not_after, has_key in self._db.rows(
            self._sql.heads, channel=channel, now=now, at_most=limit
        ):
            if channel_ref is None:
                self._db.run(self._sql.failed, message=number, reason="no_contact")
                continue
            if not_after is not None and not_after <= now:
                self._db.run(self._sql.failed, message=number, reason="too_late")
                continue
            self._db.run(self._sql.lease, message=number, until=now + lease)
            message = load_message(json.loads(payload))
            claimed.append(OutboxMessage(number, reference, channel_ref, message, attempts, bool(has_key)))
        return tuple(claimed)

    def still_waits(self, message_id: int) -> bool:
        return self._db.row(self._sql.still_waits, message=message_id) is not None

    def mark_sent(self, message_id: int, at: datetime) -> bool:
        """Blanks the words at once. True when it was the last word to an erased person, which leaves no row."""
        if self._dropped_farewell(message_id):
            return True
        self._db.run(self._sql.sent, message=message_id, sent=at)
        return False

    def mark_failed(self, message_id: int, code: str) -> bool:
        """As `mark_sent`, for a message that will never arrive."""
        if self._dropped_farewell(message_id):
            return True
        self._db.run(self._sql.failed, message=message_id, reason=code)
        return False

    def mark_again(self, message_id: int, not_before: datetime, unknown: bool) -> None:
        status = "unknown" if unknown else "waiting"
        self._db.run(self._sql.again, message=message_id, from_then=not_before, new_status=status)

    def mark_blocked(self, reference: str, at: datetime) -> None:
        """Does nothing when the person has said something since: news of a block may come late, and a reply waits."""
        if self._db.row(self._sql.came_back, person=reference, blocked=at) is not None:
            return
        self._db.run(self._sql.block, person=reference, blocked=at)
        self._db.run(self._sql.drop_waiting, person=reference)
        self._db.run(self._sql.drop_work, person=reference)

    def _dropped_farewell(self, message_id: int) -> bool:
        return self._db.count(self._sql.drop_farewell, message=message_id) > 0
