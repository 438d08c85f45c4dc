"""Forgetting a response and erasing a person, on either database; who asks for it is decided elsewhere."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from storage import schema
from storage.columns import UtcTime
from storage.session_traces import SessionTraces, SessionTraceStatements
from storage.statements import Db, Statement

TALK_MAIL = "mail:"
"""What the queue of e-mail to a meemaker is called in the outbox, before their id."""


def about_signal(reference: str) -> str:
    """Whom a waiting message about a signal tells of. Apart from their words: a stop takes those back, and not this."""
    return f"{_SIGNAL}{reference}"


def about_talk(reference: str) -> str:
    """Whom a waiting message about a talk in person tells of. Apart from their words, as the above."""
    return f"{_TALK}{reference}"


_SIGNAL, _TALK = "signal:", "talk:"


class TraceStatements:
    """Every statement that forgets, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        person: sa.BindParameter[str] = sa.bindparam("person")
        response: sa.BindParameter[str] = sa.bindparam("response")
        closed = sa.bindparam("at", type_=UtcTime())
        signal, talk = (sa.literal_column(f"'{about}'", sa.Text()) for about in (_SIGNAL, _TALK))
        conversations, responses, answers = schema.conversations, schema.responses, schema.answers
        invitations = schema.campaign_invitations
        theirs = sa.select(responses.c.id).where(responses.c.reference == person)
        theirs_to_do = schema.work.c.reference == person
        self.drop_work = ready(sa.delete(schema.work).where(theirs_to_do))
        self.drop_turn_work = ready(sa.delete(schema.work).where(theirs_to_do, schema.work.c.revision >= 0))
        self.sessions = SessionTraceStatements(dialect)
        # Children before their parents, as the foreign keys want it.
        self.forget = (
            ready(sa.delete(answers).where(answers.c.response == response)),
            ready(sa.delete(schema.consents).where(schema.consents.c.response == response)),
            ready(sa.delete(schema.wishes).where(schema.wishes.c.response == response)),
            ready(sa.delete(schema.reaches).where(schema.reaches.c.response == response)),
            ready(sa.delete(responses).where(responses.c.id == response)),
        )
        self.forget_loose_consents = ready(
            sa.delete(schema.consents).where(
                schema.consents.c.reference == person, schema.consents.c.response.is_(None)
            )
        )
        self.drop_misses = ready(sa.delete(schema.misses).where(schema.misses.c.reference == person))
        self.drop_events = ready(sa.delete(schema.events).where(schema.events.c.reference == person))
        self.keep_signals_nameless = ready(
            sa.update(schema.signals)
            .where(schema.signals.c.reference == person)
            .values(reference=sa.null(), closed_at=sa.func.coalesce(schema.signals.c.closed_at, closed))
        )
        self.keep_cases_nameless = ready(
            sa.update(schema.cases)
            .where(schema.cases.c.reference == person)
            .values(reference=sa.null(), closed_at=sa.func.coalesce(schema.cases.c.closed_at, closed))
        )
        self.keep_updates_nameless = ready(
            sa.update(schema.updates)
            .where(schema.updates.c.reference == person)
            .values(reference=sa.null(), reply=sa.null(), at=closed)
        )
        self.erase = (
            ready(sa.delete(answers).where(answers.c.response.in_(theirs))),
            ready(sa.delete(schema.consents).where(schema.consents.c.response.in_(theirs))),
            ready(sa.delete(schema.consents).where(schema.consents.c.reference == person)),
            ready(sa.delete(schema.wishes).where(schema.wishes.c.response.in_(theirs))),
            ready(sa.delete(schema.wishes).where(schema.wishes.c.reference == person)),
            ready(sa.delete(schema.reaches).where(schema.reaches.c.response.in_(theirs))),
            ready(sa.delete(schema.reaches).where(schema.reaches.c.reference == person)),
            ready(sa.delete(responses).where(responses.c.reference == person)),
            ready(sa.delete(schema.outbox).where(schema.outbox.c.reference == person)),
            ready(sa.delete(schema.outbox).where(schema.outbox.c.about == person)),
            ready(sa.delete(schema.outbox).where(schema.outbox.c.about == signal + person)),
            ready(sa.delete(schema.outbox).where(schema.outbox.c.about == talk + person)),
            ready(sa.delete(schema.talk_lines).where(schema.talk_lines.c.reference == person)),
            ready(sa.delete(schema.talks).where(schema.talks.c.reference == person)),
            self.drop_work,
            self.drop_events,
            self.drop_misses,
            ready(sa.delete(schema.hand_overs).where(schema.hand_overs.c.reference == person)),
            ready(sa.delete(invitations).where(invitations.c.reference == person)),
            ready(_erase_talk_mail(person)),
            ready(sa.delete(schema.meemakers).where(schema.meemakers.c.reference == person)),
            ready(sa.delete(schema.contacts).where(schema.contacts.c.reference == person)),
            ready(sa.delete(conversations).where(conversations.c.reference == person)),
        )


def _erase_talk_mail(person: sa.BindParameter[str]) -> sa.Delete:
    """What waits for the e-mail address of a meemaker whose conversation that is."""
    meemakers, outbox = schema.meemakers, schema.outbox
    names = sa.select(sa.literal_column(f"'{TALK_MAIL}'", sa.Text()) + meemakers.c.id)
    return sa.delete(outbox).where(outbox.c.reference.in_(names.where(meemakers.c.reference == person)))


class Traces:
    def __init__(self, db: Db, statements: TraceStatements) -> None:
        self._db, self._sql = db, statements

    def forget(self, reference: str, response: str) -> None:
        """Drops one response with all that hangs on it, and what its person's turns planned."""
        for statement in self._sql.forget:
            self._db.run(statement, response=response)
        self._db.run(self._sql.forget_loose_consents, person=reference)
        self._db.run(self._sql.drop_turn_work, person=reference)
        self._db.run(self._sql.drop_events, person=reference)
        self._db.run(self._sql.drop_misses, person=reference)
        SessionTraces(self._db, self._sql.sessions).forget(reference)

    def erase(self, reference: str, at: datetime) -> None:
        """Drops every row of a person. A signal and its case stay as a count: kind and time, closed, with nobody's name. That an
        update was taken stays known for two days, as a hash of nobody's: brought again it would make them known anew."""
        self._db.run(self._sql.keep_signals_nameless, person=reference, at=at)
        self._db.run(self._sql.keep_cases_nameless, person=reference, at=at)
        self._db.run(self._sql.keep_updates_nameless, person=reference, at=at)
        SessionTraces(self._db, self._sql.sessions).erase(reference, at)
        for statement in self._sql.erase:
            self._db.run(statement, person=reference)
