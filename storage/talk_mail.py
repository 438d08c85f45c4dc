"""E-mail to meemakers about talks, in the outbox, in order for each of them, on either database."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.message import Message
from storage import schema
from storage.posting import add_once, waiting_row
from storage.staff import MAIL
from storage.statements import Db, Statement
from storage.traces import TALK_MAIL


class TalkMailStatements:
    """Every statement of e-mail to meemakers, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        meemakers = schema.meemakers
        self.address = Statement(
            sa.select(meemakers.c.email).where(meemakers.c.id == sa.bindparam("meemaker")), dialect
        )
        self.add = add_once(dialect)


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
        key = f"{MAIL}:{key}" if key else ""
        row = waiting_row(MAIL, f"{TALK_MAIL}{meemaker}", message, at, address=address, about=about, key=key)
        self._db.run(self._sql.add, **row)
