"""Puts a message in the outbox of somebody who is told of something, once, on either database; what to tell whom is decided
elsewhere."""

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from domain.message import Message
from storage import schema
from storage.messages import dump_message
from storage.statements import Db, Statement
from storage.vault import Vault

DELIVERED_LATER = frozenset({"telegram"})
"""Channels that we send to by ourselves, so that somebody can be reached there later too; the others only answer."""

_KEY = "post"
"""The "channel" under which the hash of a key is made."""


class PostStatements:
    """Every statement of posting, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        conversations, contacts, outbox = schema.conversations, schema.contacts, schema.outbox
        # A resident whom a meemaker types for has a conversation and no contact. The lock keeps somebody who is being
        # erased from getting a row afterwards; two who are told in each other's turns share it.
        self.channel = Statement(
            sa.select(contacts.c.channel)
            .join_from(contacts, conversations, contacts.c.reference == conversations.c.reference)
            .where(conversations.c.reference == sa.bindparam("person"), conversations.c.blocked_at.is_(None))
            .with_for_update(read=True, key_share=True, of=conversations),
            dialect,
        )
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        names = [column.name for column in outbox.columns if column.name != "id"]
        self.add = Statement(
            insert(outbox)
            .values({name: sa.bindparam(name) for name in names})
            .on_conflict_do_nothing()
            .inline(),
            dialect,
        )


class PostTable:
    """The outbox of whoever is told of something, in one open transaction."""

    def __init__(self, db: Db, statements: PostStatements, vault: Vault) -> None:
        self._db, self._sql, self._vault = db, statements, vault

    def post(self, reference: str, message: Message, *, at: datetime, key: str = "") -> bool:
        """See `bot.ports.TurnDb`. A key counts until 48 hours after its message was sent; what has one is sent also when
        the person ends the questions meanwhile."""
        found = self._db.row(self._sql.channel, person=reference)
        if found is None or found[0] not in DELIVERED_LATER:
            return False
        self._db.run(
            self._sql.add,
            channel=found[0],
            reference=reference,
            channel_ref=None,
            about=None,
            payload=json.dumps(dump_message(message)),
            created_at=at,
            not_before=at,
            not_after=None,
            leased_until=None,
            attempts=0,
            status="waiting",
            code="",
            sent_at=None,
            key_hash=self._vault.update_hash(_KEY, key) if key else None,
        )
        return True
