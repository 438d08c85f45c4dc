"""The versions of questionnaires that were ever in use, on either database; what a form says is not read here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from storage import schema
from storage.statements import Db, Statement, insert_row

KEPT, SHIPPED, PUBLISHED = "kept", "shipped", "published"
"""Where a version came from: an earlier program's folder, a file at the start, or the command that publishes."""


@dataclass(frozen=True, slots=True)
class FormRow:
    """One version. `hash` is that of its file, empty where that is not known; `source` is the form as the program
    reads it, `moves` where answers to earlier versions went, both JSON. `published_at` is UTC."""

    questionnaire: str
    version: str
    hash: str
    source: str
    moves: str
    origin: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class UsedValue:
    """Something that was answered to an earlier version: its version, the question's path and the stored value."""

    version: str
    path: str
    value: str


class FormStatements:
    """Every statement of forms, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        forms, answers, responses = schema.forms, schema.answers, schema.responses
        this = (forms.c.questionnaire == sa.bindparam("of_form")) & (
            forms.c.version == sa.bindparam("of_version")
        )
        self.find = ready(sa.select(*forms.c).where(this))
        self.latest = ready(
            sa.select(*forms.c)
            .where(forms.c.origin == PUBLISHED)
            .order_by(forms.c.published_at.desc())
            .limit(1)
        )
        self.drop = ready(sa.delete(forms).where(this))
        self.add = ready(insert_row(forms))
        self.used = ready(
            sa.select(responses.c.version, answers.c.path, answers.c.value)
            .distinct()
            .join_from(answers, responses, answers.c.response == responses.c.id)
            .where(responses.c.questionnaire == sa.bindparam("of_form"), answers.c.status == "answered")
            .order_by(answers.c.path, answers.c.value, responses.c.version)
        )


class FormTable:
    """Forms in one open transaction."""

    def __init__(self, db: Db, statements: FormStatements) -> None:
        self._db, self._sql = db, statements

    def find(self, questionnaire: str, version: str) -> FormRow | None:
        found = self._db.row(self._sql.find, of_form=questionnaire, of_version=version)
        return FormRow(*found) if found is not None else None

    def latest_published(self) -> FormRow | None:
        found = self._db.row(self._sql.latest)
        return FormRow(*found) if found is not None else None

    def used(self, questionnaire: str) -> Sequence[UsedValue]:
        """What stands answered under any version, each value once."""
        return [UsedValue(*row) for row in self._db.rows(self._sql.used, of_form=questionnaire)]

    def put(self, row: FormRow) -> bool:
        """False, with nothing written, when this version stands there with other content. What a published version
        was published with stays when the same file comes again at a start."""
        found = self.find(row.questionnaire, row.version)
        if found is not None:
            if found.hash and row.hash != found.hash and row.origin != KEPT:
                return False
            if row.origin == KEPT or (row.origin == SHIPPED and found.hash):
                return True
            self._db.run(self._sql.drop, of_form=row.questionnaire, of_version=row.version)
        self._db.run(
            self._sql.add,
            questionnaire=row.questionnaire,
            version=row.version,
            hash=row.hash,
            source=row.source,
            moves=row.moves,
            origin=row.origin,
            published_at=row.published_at,
        )
        return True
