"""What a resident said of a talk afterwards, on either database: a response of its own, of a questionnaire with one question,
about that session."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.consent import Purpose
from domain.session import AFTERWARDS, SeatStatus
from storage import schema
from storage.statements import ONE, Db, Statement, insert_row

_VERSION = "1"
_QUESTION = "how"
_PRESENT = (SeatStatus.BOOKED.value, SeatStatus.CAME.value)


class AfterwardsStatements:
    def __init__(self, dialect: Dialect) -> None:
        responses, seats = schema.responses, schema.session_seats
        conversations = schema.conversations
        person: sa.BindParameter[str] = sa.bindparam("person")
        session: sa.BindParameter[str] = sa.bindparam("of_session")
        own = (responses.c.reference == person) & (
            responses.c.questionnaire == sa.literal_column(f"'{AFTERWARDS}'", sa.Text())
        )
        self.person = Statement(
            sa.select(conversations.c.channel, conversations.c.language, conversations.c.simulated)
            .join_from(conversations, seats, seats.c.reference == conversations.c.reference)
            .where(conversations.c.reference == person, seats.c.session == session)
            .where(sa.or_(*(seats.c.status == each for each in _PRESENT))),
            dialect,
        )
        self.find = Statement(sa.select(responses.c.id).where(own, responses.c.session == session), dialect)
        self.any = Statement(sa.select(ONE).select_from(responses).where(own).limit(1), dialect)
        self.add_response = Statement(insert_row(responses), dialect)
        self.add_answer = Statement(insert_row(schema.answers, "id"), dialect)
        self.add_consent = Statement(insert_row(schema.consents, "id"), dialect)
        theirs = sa.select(responses.c.id).where(own)
        # Children before their parents, as the foreign keys want it.
        self.drop = tuple(
            Statement(each, dialect)
            for each in (
                sa.delete(schema.answers).where(schema.answers.c.response.in_(theirs)),
                sa.delete(schema.consents).where(schema.consents.c.response.in_(theirs)),
                sa.delete(responses).where(own),
            )
        )


class AfterwardsTable:
    """In one open transaction."""

    def __init__(self, db: Db, statements: AfterwardsStatements) -> None:
        self._db, self._sql = db, statements

    def keep(
        self,
        reference: str,
        session: str,
        how: str,
        *,
        text_version: str,
        at: datetime,
        new_id: Callable[[], str],
    ) -> bool:
        """The last answer counts. False when they were not in that session. `at` is UTC."""
        who = self._db.row(self._sql.person, person=reference, of_session=session)
        if who is None:
            return False
        found = self._db.row(self._sql.find, person=reference, of_session=session)
        response = found[0] if found is not None else new_id()
        if found is None:
            self._begin(response, reference, session, tuple(who), at)
            self._db.run(
                self._sql.add_consent,
                reference=reference,
                response=response,
                purpose=Purpose.ANSWERS.value,
                given=True,
                text_version=text_version,
                at=at,
            )
        self._db.run(
            self._sql.add_answer,
            response=response,
            path=_QUESTION,
            status="answered",
            value=how,
            at=at,
            by="tap",
            model="",
            purpose=Purpose.ANSWERS.value,
            typed_by="",
        )
        return True

    def drop(self, reference: str) -> bool:
        """Who takes back the consent for their answers takes these along; whether there were any."""
        if self._db.row(self._sql.any, person=reference) is None:
            return False
        for statement in self._sql.drop:
            self._db.run(statement, person=reference)
        return True

    def _begin(
        self, response: str, reference: str, session: str, who: tuple[str, str, bool], at: datetime
    ) -> None:
        channel, language, simulated = who
        self._db.run(
            self._sql.add_response,
            id=response,
            reference=reference,
            questionnaire=AFTERWARDS,
            version=_VERSION,
            language=language,
            channel=channel,
            simulated=simulated,
            started_at=at,
            closed_at=at,
            outcome="finished",
            campaign="",
            wave=0,
            assisted_by="",
            session=session,
            meemaker="",
        )
