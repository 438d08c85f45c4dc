"""Reads responses back in chunks, as far as their consents reach; turning them into files is export's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.answer import Answer, AnswerStatus
from domain.consent import Purpose
from storage import schema
from storage.columns import UtcTime
from storage.statements import Db, Statement

CHUNK = 200
_NOT_TOLD = ("reference", "meemaker")
"""What of a response would lead to people."""

_THEME = ("code", "kind", "valence", "level", "confidence", "model", "state")


@dataclass(slots=True)
class StoredResponse:
    """One response with its current answers, those under a withdrawn consent left out. Times are UTC. `models` names, by
    path, the version of the model that helped to understand the answer; `themes` are what was heard in it."""

    id: str
    questionnaire: str
    version: str
    language: str
    channel: str
    simulated: bool
    started_at: datetime
    closed_at: datetime | None
    outcome: str
    campaign: str
    wave: int
    assisted_by: str
    session: str
    answers: dict[str, Answer] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    themes: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    consents: dict[str, bool] = field(default_factory=dict)

    @property
    def is_withdrawn(self) -> bool:
        return self.consents.get(Purpose.ANSWERS) is False

    @property
    def may_quote(self) -> bool:
        return self.consents.get(Purpose.QUOTE) is True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which responses: of one questionnaire or (empty) of all, with or without simulated people."""

    questionnaire: str = ""
    simulated: bool = False


class ExportStatements:
    """Every statement of an export, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        responses, answers, consents = schema.responses, schema.answers, schema.consents
        one: sa.BindParameter[str] = sa.bindparam("questionnaire")
        wanted = (
            (one == "") | (responses.c.questionnaire == one),
            responses.c.simulated.in_([sa.bindparam("simulated", type_=sa.Boolean()), sa.false()]),
        )
        place = sa.tuple_(responses.c.started_at, responses.c.id)
        after = place > sa.tuple_(sa.bindparam("after_at", type_=UtcTime()), sa.bindparam("after_id"))
        upto = place <= sa.tuple_(sa.bindparam("upto_at", type_=UtcTime()), sa.bindparam("upto_id"))
        columns = [column for column in responses.c if column.name not in _NOT_TOLD]
        self.versions = Statement(
            sa.select(responses.c.questionnaire, responses.c.version)
            .where(*wanted)
            .distinct()
            .order_by(responses.c.questionnaire, responses.c.version),
            dialect,
        )
        self.paths = Statement(
            sa.select(answers.c.path)
            .join_from(answers, responses, answers.c.response == responses.c.id)
            .where(responses.c.questionnaire == one, responses.c.version == sa.bindparam("version"))
            .distinct()
            .order_by(answers.c.path),
            dialect,
        )
        self.chunk = Statement(
            sa.select(*columns)
            .where(*wanted, after)
            .order_by(responses.c.started_at, responses.c.id)
            .limit(CHUNK),
            dialect,
        )
        self.answers = Statement(
            sa.select(
                answers.c.response,
                answers.c.path,
                answers.c.status,
                answers.c.value,
                answers.c.purpose,
                answers.c.model,
            )
            .join_from(answers, responses, answers.c.response == responses.c.id)
            .where(*wanted, after, upto)
            .order_by(answers.c.id),
            dialect,
        )
        themes = schema.themes
        self.themes = Statement(
            sa.select(
                answers.c.response,
                answers.c.path,
                # Both drivers give a float as it is; a conversion of SQLAlchemy's wants to hear more from the driver.
                *(sa.type_coerce(themes.c[name], sa.types.NULLTYPE) for name in _THEME),
            )
            .join_from(themes, answers, themes.c.answer == answers.c.id)
            .join(responses, answers.c.response == responses.c.id)
            .where(*wanted, after, upto)
            .order_by(answers.c.id, themes.c.confidence.desc(), themes.c.code),
            dialect,
        )
        self.consents = Statement(
            sa.select(consents.c.response, consents.c.purpose, consents.c.given)
            .join_from(consents, responses, consents.c.response == responses.c.id)
            .where(*wanted, after, upto)
            .order_by(consents.c.id),
            dialect,
        )


def read_versions(db: Db, sql: ExportStatements, wanted: Wanted) -> list[tuple[str, str]]:
    """(questionnaire, version) of the wanted responses, in order."""
    rows = db.rows(sql.versions, questionnaire=wanted.questionnaire, simulated=wanted.simulated)
    return [(questionnaire, version) for questionnaire, version in rows]


def read_paths(db: Db, sql: ExportStatements, questionnaire: str, version: str) -> list[str]:
    return [path for (path,) in db.rows(sql.paths, questionnaire=questionnaire, version=version)]


def read_responses(db: Db, sql: ExportStatements, wanted: Wanted) -> Iterator[StoredResponse]:
    """In the order in which they began, never more than a chunk in memory."""
    filters = {"questionnaire": wanted.questionnaire, "simulated": wanted.simulated}
    place: dict[str, Any] = {"after_at": datetime.fromisoformat("1970-01-01T00:00:00+00:00"), "after_id": ""}
    while True:
        chunk = [StoredResponse(*row) for row in db.rows(sql.chunk, **filters, **place)]
        if not chunk:
            return
        upto = {"upto_at": chunk[-1].started_at, "upto_id": chunk[-1].id}
        _fill(db, sql, chunk, {**filters, **place, **upto})
        yield from chunk
        place = {"after_at": chunk[-1].started_at, "after_id": chunk[-1].id}


def _fill(db: Db, sql: ExportStatements, chunk: list[StoredResponse], bounds: dict[str, Any]) -> None:
    """A later answer takes the place of an earlier one, and a later consent too."""
    by_id = {response.id: response for response in chunk}
    for response, purpose, given in db.rows(sql.consents, **bounds):
        by_id[response].consents[purpose] = bool(given)
    for response, path, status, value, purpose, model in db.rows(sql.answers, **bounds):
        found = by_id.get(response)
        if found is not None and found.consents.get(purpose) is not False:
            found.answers[path] = Answer(AnswerStatus(status), value)
            found.models[path] = model
    for response, path, *theme in db.rows(sql.themes, **bounds):
        found = by_id.get(response)
        if found is not None and path in found.answers:
            found.themes.setdefault(path, []).append(dict(zip(_THEME, theme, strict=True)))
