"""Reads responses back in chunks, as far as their consents reach; turning them into tables is export's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.answer import AnswerStatus
from domain.consent import Purpose
from storage import schema
from storage.columns import UtcTime
from storage.statements import Db, Statement

CHUNK = 400


_THEME = ("code", "kind", "valence", "level", "confidence", "model", "state")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANSWERED = AnswerStatus.ANSWERED.value


class Said(NamedTuple):
    """An answer with its status and value as in `domain.answer`, when it was given (UTC; None for what is worked out) and
    the version of the model that helped to understand it."""

    status: str
    value: str
    at: datetime | None = None
    model: str = ""

    @classmethod
    def of(cls, value: str) -> "Said":
        return cls(_ANSWERED, value)


@dataclass(slots=True)
class StoredResponse:
    """One response with its current answers, those under a withdrawn consent left out. Times are UTC. `reference` and
    `assisted_by` are empty where they were not asked for. `themes` are what was heard in answers, by path."""

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
    session: str
    assisted: bool
    assisted_by: str
    reference: str
    answers: dict[str, Said] = field(default_factory=dict)
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
    """Which responses: of one questionnaire or (empty) of all, of one round of campaigns or (None) of all, begun at `since`
    (UTC) or later, with or without simulated people; `traceable`: with what leads to people."""

    questionnaire: str = ""
    simulated: bool = False
    wave: int | None = None
    since: datetime = _EPOCH
    traceable: bool = False

    def filters(self) -> dict[str, Any]:
        first, last = (0, 2**31 - 1) if self.wave is None else (self.wave, self.wave)
        return {
            "questionnaire": self.questionnaire,
            "simulated": self.simulated,
            "first_wave": first,
            "last_wave": last,
        }


class ExportStatements:
    """Every statement of an export, compiled for one database."""

    def __init__(self, dialect: Dialect, *, traceable: bool = False) -> None:
        responses, answers, consents = schema.responses, schema.answers, schema.consents
        one: sa.BindParameter[str] = sa.bindparam("questionnaire")
        wanted = (
            (one == "") | (responses.c.questionnaire == one),
            responses.c.simulated.in_([sa.bindparam("simulated", type_=sa.Boolean()), sa.false()]),
            responses.c.wave.between(sa.bindparam("first_wave"), sa.bindparam("last_wave")),
        )
        begun = responses.c.started_at >= sa.bindparam("since", type_=UtcTime())
        place = sa.tuple_(responses.c.started_at, responses.c.id)
        after = place > sa.tuple_(sa.bindparam("after_at", type_=UtcTime()), sa.bindparam("after_id"))
        upto = place <= sa.tuple_(sa.bindparam("upto_at", type_=UtcTime()), sa.bindparam("upto_id"))
        these = (*wanted, after, upto)
        self.count = Statement(
            sa.select(sa.func.count()).select_from(responses).where(*wanted, begun), dialect
        )
        self.versions = Statement(
            sa.select(responses.c.questionnaire, responses.c.version)
            .where(*wanted, begun)
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
        end = place <= sa.tuple_(sa.bindparam("end_at", type_=UtcTime()), sa.bindparam("end_id"))
        self.middle = Statement(
            sa.select(responses.c.started_at, responses.c.id)
            .where(*wanted, begun)
            .order_by(responses.c.started_at, responses.c.id)
            .limit(1)
            .offset(sa.bindparam("before", type_=sa.Integer())),
            dialect,
        )
        self.chunk = Statement(
            sa.select(*_columns(traceable))
            .where(*wanted, after, end)
            .order_by(responses.c.started_at, responses.c.id)
            .limit(CHUNK),
            dialect,
        )
        # Along the index of answers, so that nothing is sorted; of a path the last is the newest. The time is read as it
        # is stored: a conversion for each row of a million is felt.
        self.answers = Statement(
            sa.select(
                answers.c.response,
                answers.c.path,
                answers.c.purpose,
                answers.c.status,
                answers.c.value,
                sa.type_coerce(answers.c.at, sa.types.NULLTYPE),
                answers.c.model,
            )
            .join_from(responses, answers, answers.c.response == responses.c.id)
            .where(*these)
            .order_by(responses.c.started_at, responses.c.id, answers.c.path, answers.c.id),
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
            .where(*these)
            .order_by(answers.c.id, themes.c.confidence.desc(), themes.c.code),
            dialect,
        )
        self.consents = Statement(
            sa.select(consents.c.id, consents.c.response, consents.c.purpose, consents.c.given)
            .join_from(consents, responses, consents.c.response == responses.c.id)
            .where(*these)
            .order_by(consents.c.id),
            dialect,
        )
        # Whoever takes this back does so for all their words, also those of an earlier response.
        self.no_quotes = Statement(
            sa.select(responses.c.id, sa.func.max(consents.c.id))
            .join_from(responses, consents, consents.c.reference == responses.c.reference)
            .where(*these, consents.c.purpose == Purpose.QUOTE.value, consents.c.given.is_(False))
            .group_by(responses.c.id),
            dialect,
        )


def _columns(traceable: bool) -> list[sa.ColumnElement[Any]]:
    """In the order of StoredResponse. What is not wanted is not even read."""
    responses = schema.responses
    plain = (
        "id", "questionnaire", "version", "language", "channel", "simulated", "started_at", "closed_at", "outcome",
        "campaign", "wave", "session",
    )  # fmt: skip # read as one piece
    nothing: sa.ColumnElement[str] = sa.literal_column("''")
    reference = sa.func.coalesce(responses.c.reference, nothing) if traceable else nothing
    return [
        *(responses.c[name] for name in plain),
        (responses.c.assisted_by != nothing).label("assisted"),
        responses.c.assisted_by if traceable else nothing.label("assisted_by"),
        reference.label("reference"),
    ]


def count_responses(db: Db, sql: ExportStatements, wanted: Wanted) -> int:
    """How many there are, those among them that will be left out."""
    row = db.row(sql.count, **wanted.filters(), since=wanted.since)
    assert row is not None
    return int(row[0])


def read_versions(db: Db, sql: ExportStatements, wanted: Wanted) -> list[tuple[str, str]]:
    """(questionnaire, version) of the wanted responses, in order."""
    rows = db.rows(sql.versions, **wanted.filters(), since=wanted.since)
    return [(questionnaire, version) for questionnaire, version in rows]


def read_paths(db: Db, sql: ExportStatements, questionnaire: str, version: str) -> list[str]:
    return [path for (path,) in db.rows(sql.paths, questionnaire=questionnaire, version=version)]


def read_middle(db: Db, sql: ExportStatements, wanted: Wanted, total: int) -> "Place | None":
    """The last response of the first half of `total`; None when there are fewer by now."""
    row = db.row(sql.middle, **wanted.filters(), since=wanted.since, before=total // 2 - 1)
    return None if row is None else (row[0], row[1])


Place = tuple[datetime, str]
"""When a response began (UTC), and its id."""
_LAST: Place = (datetime(9999, 1, 1, tzinfo=UTC), "")


def read_responses(
    db: Db, sql: ExportStatements, wanted: Wanted, after: Place | None = None, upto: Place | None = None
) -> Iterator[StoredResponse]:
    """In the order in which they began, never more than a chunk in memory; those after one, up to one and with it."""
    filters, (end_at, end_id) = wanted.filters(), upto or _LAST
    # One lower bound, or SQLite goes by the wrong one and begins each chunk at the beginning.
    at, id = after or (wanted.since, "")
    while True:
        place: dict[str, Any] = {"after_at": at, "after_id": id}
        rows = db.rows(sql.chunk, **filters, **place, end_at=end_at, end_id=end_id)
        chunk = [StoredResponse(*row) for row in rows]
        if not chunk:
            return
        at, id = chunk[-1].started_at, chunk[-1].id
        _fill(db, sql, chunk, {**filters, **place, "upto_at": at, "upto_id": id})
        yield from chunk


def _fill(db: Db, sql: ExportStatements, chunk: list[StoredResponse], bounds: dict[str, Any]) -> None:
    """A later answer takes the place of an earlier one, and a later consent too."""
    by_id = {response.id: response for response in chunk}
    quotes: dict[str, int] = {}
    for number, response, purpose, given in db.rows(sql.consents, **bounds):
        if response in by_id:
            by_id[response].consents[purpose] = bool(given)
            if purpose == Purpose.QUOTE:
                quotes[response] = number
    for response, number in db.rows(sql.no_quotes, **bounds):
        if response in by_id and number >= quotes.get(response, 0):
            by_id[response].consents[Purpose.QUOTE] = False
    _put_answers(db.rows(sql.answers, **bounds), by_id)
    for response, path, *theme in db.rows(sql.themes, **bounds):
        found = by_id.get(response)
        if found is not None and path in found.answers:
            found.themes.setdefault(path, []).append(dict(zip(_THEME, theme, strict=True)))


def _put_answers(rows: Iterable[tuple[Any, ...]], by_id: Mapping[str, StoredResponse]) -> None:
    """Rows come response by response; one that began since the chunk was read is nobody's."""
    # Said(...) by the shortest way: this runs for each of a million rows.
    make, moment = tuple.__new__, datetime.fromtimestamp
    for name, of_response in groupby(rows, itemgetter(0)):
        response = by_id.get(name)
        if response is None:
            continue
        refused = {purpose for purpose, given in response.consents.items() if not given}
        answers = response.answers
        for _, path, purpose, status, value, at, model in of_response:
            if purpose not in refused:
                answers[path] = make(Said, (status, value, moment(at / 1_000_000, UTC), model))
