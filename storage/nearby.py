"""Who may be told of something in their neighbourhood, on either database; what is told, and when, is others'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.consent import Purpose
from storage import schema
from storage.columns import UtcTime
from storage.posting import DELIVERED_LATER
from storage.statements import Db, Statement
from storage.traces import about_talk

_MAY = (Purpose.CONTACT.value, Purpose.REMINDERS.value)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody who can be written to and agreed to it, with the state of their conversation as stored."""

    reference: str
    language: str
    state: str


class NearbyStatements:
    def __init__(self, dialect: Dialect) -> None:
        conversations, contacts, outbox = schema.conversations, schema.contacts, schema.outbox
        responses, answers, consents = schema.responses, schema.answers, schema.consents
        heard = sa.exists().where(
            outbox.c.reference == conversations.c.reference,
            outbox.c.not_before > sa.bindparam("since", type_=UtcTime()),
        )
        self.people = Statement(
            sa.select(conversations.c.reference, conversations.c.language, conversations.c.state)
            .join_from(conversations, contacts, contacts.c.reference == conversations.c.reference)
            .where(sa.or_(*(conversations.c.channel == each for each in sorted(DELIVERED_LATER))))
            .where(conversations.c.blocked_at.is_(None), conversations.c.simulated.is_(sa.false()))
            .where(~heard)
            .order_by(conversations.c.reference),
            dialect,
        )
        self.lives = Statement(
            sa.select(responses.c.reference, answers.c.path, answers.c.value)
            .join_from(answers, responses, answers.c.response == responses.c.id)
            .where(answers.c.path.like(sa.bindparam("path", type_=sa.Text())), responses.c.session == "")
            .order_by(answers.c.id),
            dialect,
        )
        self.consents = Statement(
            sa.select(consents.c.reference, consents.c.purpose, consents.c.given)
            .where(sa.or_(*(consents.c.purpose == each for each in _MAY)))
            .order_by(consents.c.id),
            dialect,
        )
        of_it = outbox.c.about == sa.bindparam("about", type_=sa.Text())
        self.take_back = Statement(
            sa.delete(outbox).where(of_it, schema.is_waiting(), outbox.c.leased_until.is_(None)), dialect
        )
        self.told = Statement(
            sa.select(conversations.c.reference, conversations.c.language, conversations.c.state)
            .distinct()
            .join_from(outbox, conversations, outbox.c.reference == conversations.c.reference)
            .where(of_it, conversations.c.blocked_at.is_(None))
            .order_by(conversations.c.reference),
            dialect,
        )


class NearbyTable:
    """In one open transaction. Times are UTC."""

    def __init__(self, db: Db, statements: NearbyStatements) -> None:
        self._db, self._sql = db, statements

    def neighbours(self, neighbourhood: str, names: Sequence[str], *, since: datetime) -> list[Neighbour]:
        """Who answered `neighbourhood` last to a question with one of these `names`, has a consent for contact or reminders
        that stands, can be written to, and got no message after `since`."""
        lives: dict[str, str] = {}
        for name in names:
            for reference, path, value in self._db.rows(self._sql.lives, path=f"%{name}"):
                if path.rpartition("/")[2] == name:
                    lives[reference] = value
        agreed: dict[tuple[str, str], bool] = {}
        for reference, purpose, given in self._db.rows(self._sql.consents):
            agreed[reference, purpose] = bool(given)
        return [
            Neighbour(*row)
            for row in self._db.rows(self._sql.people, since=since)
            if lives.get(row[0]) == neighbourhood and any(agreed.get((row[0], each)) for each in _MAY)
        ]

    def told(self, session: str) -> list[Neighbour]:
        """Who was told of a session with a message that is `about` it, and can be written to; known as long as messages
        that were sent are kept. What nobody began to send yet is taken back: they need not hear of it any more."""
        self._db.run(self._sql.take_back, about=about_talk(session))
        return [Neighbour(*row) for row in self._db.rows(self._sql.told, about=about_talk(session))]
