"""E-mail to meemakers about talks, in the outbox, in order for each of them, on either database."""

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from domain.message import Message
from storage import schema
from storage.messages import dump_message
from storage.staff import MAIL
from storage.statements import Db, Statement
from storage.traces import TALK_MAIL, about_talk


class TalkMailStatements:
    """Every statement of e-mail to meemakers, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        meemakers, outbox = schema.meemakers, schema.outbox
        self.address = Statement(
            sa.select(meemakers.c.email).where(meemakers.c.id == sa.bindparam("meemaker")), dialect
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


class TalkMailTable:
    """See `bot.ports.TurnDb`. A row has its own address, as a last word to somebody has: it goes when it was sent."""

    def __init__(self, db: Db, statements: TalkMailStatements) -> None:
        self._db, self._sql = db, statements

    def email_of(self, meemaker: str) -> str:
        found = self._db.row(self._sql.address, meemaker=meemaker)
        return (found[0] or "") if found else ""

    def mail(self, meemaker: str, message: Message, *, at: datetime, key: str, about: str = "") -> None:
        address = self.email_of(meemaker)
        if not address:
            return
        self._db.run(
            self._sql.add,
            channel=MAIL,
            reference=f"{TALK_MAIL}{meemaker}",
            channel_ref=address,
            about=about_talk(about) if about else None,
            payload=json.dumps(dump_message(message)),
            created_at=at,
            not_before=at,
            not_after=None,
            leased_until=None,
            attempts=0,
            status="waiting",
            code="",
            sent_at=None,
            key_hash=f"{MAIL}:{key}" if key else None,
        )
