"""Themes of open answers: which answers no model in use has listened to, and what one heard, kept beside the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.answer import AnswerStatus
from domain.theme import ThemeState, ThemeSuggestion
from storage import schema
from storage.columns import UtcTime
from storage.statements import ONE, Db, Statement, insert_row

PAGE = 500


@dataclass(frozen=True, slots=True)
class UnheardAnswer:
    """A stored answer that stands, of any kind of question. `heard_by` is the model that listened to it, empty when none did."""

    id: int
    questionnaire: str
    version: str
    path: str
    text: str
    heard_by: str


class ThemeStatements:
    """Every statement of themes, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        answers, responses = schema.answers, schema.responses
        readings, themes = schema.theme_readings, schema.themes
        later = answers.alias("later")
        stands = ~sa.exists().where(
            later.c.response == answers.c.response,
            later.c.path == answers.c.path,
            later.c.id > answers.c.id,
        )
        this: sa.BindParameter[int] = sa.bindparam("this")
        self.page = ready(
            sa.select(
                answers.c.id,
                responses.c.questionnaire,
                responses.c.version,
                answers.c.path,
                answers.c.value,
                sa.func.coalesce(readings.c.model, ""),
            )
            .join_from(answers, responses, answers.c.response == responses.c.id)
            .outerjoin(readings, readings.c.answer == answers.c.id)
            .where(
                answers.c.id > sa.bindparam("after"),
                answers.c.at <= sa.bindparam("before", type_=UtcTime()),
                answers.c.status == AnswerStatus.ANSWERED.value,
                stands,
            )
            .order_by(answers.c.id)
            .limit(PAGE)
        )
        # No turn of this person changes or erases the answer while we write; the next one takes what we wrote along.
        conversations = schema.conversations
        self.hold = ready(
            sa.select(conversations.c.reference)
            .join_from(answers, responses, answers.c.response == responses.c.id)
            .join(conversations, conversations.c.reference == responses.c.reference)
            .where(answers.c.id == this)
            .with_for_update(of=conversations)
        )
        self.standing = ready(sa.select(answers.c.id).where(answers.c.id == this, stands))
        self.read_again = ready(
            sa.update(readings)
            .where(readings.c.answer == this)
            .values(model=sa.bindparam("by"), at=sa.bindparam("now", type_=UtcTime()))
            .returning(ONE)
        )
        self.add_reading = ready(insert_row(readings))
        self.drop_suggested = ready(
            sa.delete(themes).where(themes.c.answer == this, themes.c.state == ThemeState.SUGGESTED.value)
        )
        self.add = ready(insert_row(themes))


class ThemeTable:
    """Themes in one open transaction."""

    def __init__(self, db: Db, statements: ThemeStatements) -> None:
        self._db, self._sql = db, statements

    def page(self, after: int, before: datetime) -> Sequence[UnheardAnswer]:
        """The first answers with a number above `after` that were given by `before` (UTC), whoever listened to them."""
        return [UnheardAnswer(*row) for row in self._db.rows(self._sql.page, after=after, before=before)]

    def keep(self, answer: int, themes: Sequence[ThemeSuggestion], model: str, at: datetime) -> bool:
        """Puts these suggestions in the place of those before; False, and nothing kept, when the answer is gone or was
        changed. `at` is UTC."""
        self._db.row(self._sql.hold, this=answer)
        if self._db.row(self._sql.standing, this=answer) is None:
            return False
        if not self._db.count(self._sql.read_again, this=answer, by=model, now=at):
            self._db.run(self._sql.add_reading, answer=answer, model=model, at=at)
        self._db.run(self._sql.drop_suggested, this=answer)
        for theme in themes:
            self._db.run(
                self._sql.add,
                answer=answer,
                code=theme.code.value,
                kind=theme.kind.value,
                valence=theme.valence.value,
                level=theme.level.value,
                confidence=theme.confidence,
                model=model,
                state=ThemeState.SUGGESTED.value,
            )
        return True
