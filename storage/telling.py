"""Everything that is kept of one person's conversation, in order, for those who have to account for it; read only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from storage import schema
from storage.statements import Db, Statement


@dataclass(frozen=True, slots=True)
class TracedPerson:
    """Who the trace is of, without anything that says who that is. UTC."""

    reference: str
    channel: str
    simulated: bool
    language: str
    turns: int
    blocked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Traced:
    """One thing that happened `at` (UTC), or is planned for then: what kind of thing, and what is known of it."""

    at: datetime
    kind: str
    detail: dict[str, str]


class TellingStatements:
    """Every statement of a trace, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(table: sa.Table, *names: str) -> Statement:
            columns = [table.c[name] for name in names]
            order = table.c.id if "id" in table.c else columns[0]
            return Statement(
                sa.select(*columns).where(table.c.reference == sa.bindparam("person")).order_by(order),
                dialect,
            )

        conversations, answers, responses = schema.conversations, schema.answers, schema.responses
        self.person = of(
            conversations, "reference", "channel", "simulated", "language", "revision", "blocked_at"
        )
        self.began = of(responses, "started_at", "questionnaire", "version", "language", "campaign")
        self.closed = of(responses, "closed_at", "outcome", "questionnaire", "version")
        self.answers = Statement(
            sa.select(
                answers.c.at,
                answers.c.path,
                answers.c.status,
                answers.c.value,
                answers.c.by,
                answers.c.purpose,
                responses.c.questionnaire,
                responses.c.version,
            )
            .join_from(answers, responses, answers.c.response == responses.c.id)
            .where(responses.c.reference == sa.bindparam("person"))
            .order_by(answers.c.id),
            dialect,
        )
        self.consents = of(schema.consents, "at", "purpose", "given", "text_version")
        self.signals = of(schema.signals, "at", "kind", "closed_at")
        self.hand_overs = of(schema.hand_overs, "at", "closed_at")
        steps, cases, staff = schema.case_steps, schema.cases, schema.staff
        self.steps = Statement(
            sa.select(steps.c.at, steps.c.step, staff.c.name)
            .join_from(steps, cases, cases.c.id == steps.c.case_id)
            .join(staff, staff.c.id == steps.c.member, isouter=True)
            .where(cases.c.reference == sa.bindparam("person"))
            .order_by(steps.c.id),
            dialect,
        )
        self.wishes = of(schema.wishes, "at", "preferences")
        self.work = of(schema.work, "due_at", "kind")
        self.outbox = of(schema.outbox, "created_at", "status", "sent_at", "not_before", "attempts", "code")
        self.events = of(schema.events, "at", "kind", "what", "path")


class Telling:
    """One person's trace in one open transaction."""

    def __init__(self, db: Db, dialect: Dialect) -> None:
        self._db, self._sql = db, TellingStatements(dialect)

    def person(self, reference: str) -> TracedPerson | None:
        found = self._db.row(self._sql.person, person=reference)
        return TracedPerson(found[0], found[1], bool(found[2]), *found[3:]) if found is not None else None

    def of(self, reference: str) -> list[Traced]:
        """In order of time; what happened in the same turn comes in the order in which it is told here."""
        return sorted(self._all(reference), key=lambda each: each.at)

    def _all(self, reference: str) -> Iterator[Traced]:
        sources: tuple[tuple[str, Statement, tuple[str, ...]], ...] = (
            ("", self._sql.events, ("kind", "heard", "question")),
            ("response", self._sql.began, ("questionnaire", "version", "language", "campaign")),
            ("consent", self._sql.consents, ("purpose", "given", "text")),
            (
                "answer",
                self._sql.answers,
                ("question", "status", "value", "understood_by", "purpose", "questionnaire", "version"),
            ),
            ("wish", self._sql.wishes, ("preferences",)),
            ("signal", self._sql.signals, ("danger", "closed_at")),
            ("signal-step", self._sql.steps, ("step", "member")),
            ("hand-over", self._sql.hand_overs, ("closed_at",)),
            ("message", self._sql.outbox, ("status", "sent_at", "not_before", "attempts", "code")),
            ("closed", self._sql.closed, ("outcome", "questionnaire", "version")),
            ("planned", self._sql.work, ("what",)),
        )
        for kind, statement, names in sources:
            for at, *values in self._db.rows(statement, person=reference):
                detail = {name: _shown(value) for name, value in zip(names, values, strict=True)}
                if at is not None:
                    yield Traced(
                        at, kind or detail.pop("kind"), {name: text for name, text in detail.items() if text}
                    )


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat()
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
