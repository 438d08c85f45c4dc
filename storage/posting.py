"""Puts a message in the outbox of somebody who is told of something, once, on either database; what to tell whom is decided
elsewhere."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from domain.message import Message
from storage import schema
from storage.columns import Hashed, UtcTime
from storage.messages import dump_message
from storage.statements import ONE, Db, Statement, insert_row
from storage.traces import about_talk

DELIVERED_LATER = frozenset({"telegram"})
"""Channels that we send to by ourselves, so that somebody can be reached there later too; the others only answer."""

_REMINDED = "reminded"
"""The kind of event that counts a reminder of a talk."""


def add_once(dialect: Dialect) -> Statement:
    """Puts a row in the outbox, unless one with its `key_hash` is there."""
    outbox = schema.outbox
    insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    names = [column.name for column in outbox.columns if column.name != "id"]
    row = insert(outbox).values({name: sa.bindparam(name) for name in names})
    return Statement(row.on_conflict_do_nothing().inline(), dialect)


def waiting_row(
    channel: str, reference: str, message: Message, at: datetime, *, address: str | None, about: str, key: str
) -> dict[str, Any]:
    """A message that waits from `at` (UTC) on. `address` None is that of the person's own chat; `about` is the resident
    with whom it goes, `key` what it is said once for, either "" for none."""
    return {
        "channel": channel,
        "reference": reference,
        "channel_ref": address,
        "about": about_talk(about) if about else None,
        "payload": json.dumps(dump_message(message)),
        "created_at": at,
        "not_before": at,
        "not_after": None,
        "leased_until": None,
        "attempts": 0,
        "status": "waiting",
        "code": "",
        "sent_at": None,
        "key_hash": key or None,
    }


class PostStatements:
    """Every statement of posting, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        conversations, contacts, outbox = schema.conversations, schema.contacts, schema.outbox
        events = schema.events
        # A resident whom a meemaker types for has a conversation and no contact. The lock keeps somebody who is being
        # erased from getting a row afterwards; two who are told in each other's turns share it.
        self.channel = Statement(
            sa.select(contacts.c.channel)
            .join_from(contacts, conversations, contacts.c.reference == conversations.c.reference)
            .where(conversations.c.reference == sa.bindparam("person"), conversations.c.blocked_at.is_(None))
            .with_for_update(read=True, key_share=True, of=conversations),
            dialect,
        )
        self.add = add_once(dialect)
        self.take_back = Statement(
            sa.delete(outbox)
            # Also one that a sender has: a sender that died would have it sent after all.
            .where(outbox.c.key_hash == sa.bindparam("name", type_=Hashed()), schema.is_waiting())
            .returning(ONE),
            dialect,
        )
        this = conversations.c.reference == sa.bindparam("person")
        self.language = Statement(sa.select(conversations.c.language).where(this), dialect)
        # One at a time, or two processes would each find room for the last.
        self.lock = Statement(
            sa.select(ONE).select_from(conversations).where(this).with_for_update(key_share=True), dialect
        )
        self.reminded = Statement(
            sa.select(ONE)
            .select_from(events)
            .where(events.c.reference == sa.bindparam("person"), events.c.kind == _REMINDED)
            .where(events.c.at > sa.bindparam("since", type_=UtcTime())),
            dialect,
        )
        self.add_event = Statement(insert_row(events, "id"), dialect)


class PostTable:
    """The outbox of whoever is told of something, in one open transaction."""

    def __init__(self, db: Db, statements: PostStatements) -> None:
        self._db, self._sql = db, statements

    def post(self, reference: str, message: Message, *, at: datetime, key: str = "", about: str = "") -> bool:
        """See `bot.ports.TurnDb`. A key counts until 48 hours after its message was sent; what has one is sent also when
        the person ends the questions meanwhile."""
        found = self._db.row(self._sql.channel, person=reference)
        if found is None or found[0] not in DELIVERED_LATER:
            return False
        row = waiting_row(found[0], reference, message, at, address=None, about=about, key=key)
        self._db.run(self._sql.add, **row)
        return True

    def take_back(self, key: str) -> bool:
        """See `scheduler.ports.SessionDb`."""
        return self._db.count(self._sql.take_back, name=key) > 0

    def language(self, reference: str) -> str:
        found = self._db.row(self._sql.language, person=reference)
        return found[0] if found else ""

    def may_remind(self, reference: str, *, at: datetime, since: datetime, most: int) -> bool:
        if self._db.row(self._sql.lock, person=reference) is None:
            return False
        if len(self._db.rows(self._sql.reminded, person=reference, since=since)) >= most:
            return False
        self._db.run(self._sql.add_event, reference=reference, at=at, kind=_REMINDED, what="", path="")
        return True
