"""What has had its time goes, rule by rule and some rows at a time, each with a receipt in the same transaction; when to look is
the app's. A person whose contact goes is cut loose from their answers: these stay, and are nobody's. See docs/decisions/0039."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.audit import SYSTEM, AuditAction, AuditEntry
from domain.consent import Purpose
from domain.retention import KEEP_RULES
from domain.session import RequestStatus, SeatStatus, SessionStatus
from storage import schema
from storage.base import Store
from storage.columns import UtcTime
from storage.receipts import RETENTION, ReceiptStatements, ReceiptTable
from storage.session_traces import SessionTraces, SessionTraceStatements
from storage.statements import ONE, Db, Row, Statement
from storage.traces import TALK_MAIL, Traces, TraceStatements
from storage.work import FORGET

BATCH = 100
"""So many people or rows go in one transaction: a turn never waits for more."""

Counts = Counter[str]
"""How many rows of which table."""


class _Step(Protocol):
    """Takes away at most `limit` of what came before a moment; empty when there is none left."""

    def __call__(self, db: Db, *, before: datetime, now: datetime, limit: int) -> Counts: ...


class Retention:
    """The rules on one store. `days` says for each rule of KEEP_RULES how long; `new_id` makes a name that leads nowhere. `who` runs
    them, for the audit log."""

    def __init__(
        self, store: Store, days: Mapping[str, int], new_id: Callable[[], str], who: str = SYSTEM
    ) -> None:
        self._store, self._days, self._who = store, days, who
        self._receipts = ReceiptStatements(store.dialect)
        self._steps = _steps(store.dialect, new_id)

    async def run(
        self, now: datetime, *, go_on: Callable[[Db], bool] = lambda db: True, limit: int = BATCH
    ) -> Mapping[str, Counts] | None:
        """All that has had its time goes. What was taken away before it was interrupted stays away, with its receipt; another
        run goes on. Each transaction first asks `go_on`; None when that said no."""
        done: dict[str, Counts] = {}
        for rule in KEEP_RULES:
            done[rule] = Counter()
            while gone := await self._store.transact(partial(self._batch, rule, now, go_on, limit)):
                done[rule] += gone
            if gone is None:
                return None
        # Once at the end, also for what an earlier run took that was cut off: it writes the whole file anew.
        await self._store.transact(lambda db: self._store.scrub_soon())
        return {rule: counts for rule, counts in done.items() if counts}

    async def rehearse(self, now: datetime) -> Mapping[str, Counts]:
        """What `run` would take away, with nothing changed: the same steps on what is thrown away at the end. Nobody waits for
        it, but on PostgreSQL for a row of whom it would take away."""
        return await self._store.rehearse(lambda db: self._act(db, now))

    def _batch(
        self, rule: str, now: datetime, go_on: Callable[[Db], bool], limit: int, db: Db
    ) -> Counts | None:
        if not go_on(db):
            return None
        gone = self._step(db, rule, now, limit)
        if gone:
            days = self._days[rule]
            ReceiptTable(db, self._receipts).add(
                RETENTION, rule, gone, at=now, days=days, run=now.date().isoformat()
            )
            entry = AuditEntry(AuditAction.EXPIRE, now, who=self._who, thing=rule, count=gone.total())
            self._store.audit(db).append(entry)
        return gone

    def _act(self, db: Db, now: datetime) -> Mapping[str, Counts]:
        done: dict[str, Counts] = {}
        for rule in KEEP_RULES:
            counts: Counts = Counter()
            while gone := self._step(db, rule, now, BATCH):
                counts += gone
            if counts:
                done[rule] = counts
        return done

    def _step(self, db: Db, rule: str, now: datetime, limit: int) -> Counts:
        before = now - timedelta(days=self._days[rule])
        counts: Counts = Counter()
        for step in self._steps[rule]:
            counts += step(db, before=before, now=now, limit=limit)
        return counts


def _steps(dialect: Dialect, new_id: Callable[[], str]) -> Mapping[str, tuple[_Step, ...]]:
    before = _before()
    signals, cases, events = schema.signals, schema.cases, schema.events
    hand_overs, sessions, times = schema.hand_overs, schema.sessions, schema.meemaker_times
    return {
        "answers": (_Responses(dialect),),
        "sensitive": (_SensitiveAnswers(dialect),),
        "quote": (_Quotes(dialect),),
        "signals": (
            _Delete(dialect, signals, signals.c.at < before),
            _Delete(dialect, cases, cases.c.closed_at < before, schema.case_steps.c.case_id),
        ),
        "hand_overs": (_Delete(dialect, hand_overs, hand_overs.c.at < before),),
        "events": (_Delete(dialect, events, events.c.at < before),),
        "sessions": (
            _Delete(
                dialect,
                sessions,
                sessions.c.end_at < before,
                schema.session_seats.c.session,
                schema.session_invitations.c.session,
            ),
        ),
        "times": (_Delete(dialect, times, times.c.end_at < before),),
        "meemakers": (_Meemakers(dialect),),
        "contact": (_Contacts(dialect, new_id),),
    }


def _before() -> sa.BindParameter[datetime]:
    return sa.bindparam("before", type_=UtcTime())


def _at_most() -> sa.BindParameter[int]:
    return sa.bindparam("at_most", type_=sa.Integer())


class _Delete:
    """Rows of a table that are old, with what hangs on them."""

    def __init__(
        self, dialect: Dialect, table: sa.Table, old: sa.ColumnElement[bool], *children: sa.Column[Any]
    ) -> None:
        [key] = table.primary_key.columns
        self._find = Statement(
            sa.select(key).where(old).order_by(key).limit(_at_most()).with_for_update(skip_locked=True),
            dialect,
        )
        this = sa.bindparam("this", type_=key.type)
        drops = [(child.table, child) for child in children] + [(table, key)]
        self._drop = [
            (of.name, Statement(sa.delete(of).where(column == this).returning(ONE), dialect))
            for of, column in drops
        ]

    def __call__(self, db: Db, *, before: datetime, now: datetime, limit: int) -> Counts:
        del now
        counts: Counts = Counter()
        for (this,) in db.rows(self._find, before=before, at_most=limit):
            for name, statement in self._drop:
                counts[name] += db.count(statement, this=this)
        return counts


class _Reset:
    """Lets a conversation begin anew where its state knows a response of which something went; the contact stays, and what is
    planned for somebody."""

    def __init__(self, dialect: Dialect) -> None:
        conversations, responses = schema.conversations, schema.responses
        response: sa.BindParameter[str] = sa.bindparam("this_response", type_=sa.Text())
        whose = sa.select(responses.c.reference).where(responses.c.id == response)
        knows = (conversations.c.response == response) | conversations.c.state.contains(response)
        self._reset = Statement(
            sa.update(conversations)
            .where(conversations.c.reference.in_(whose), knows)
            .values(state="", response=sa.null(), revision=conversations.c.revision + 1)
            .returning(conversations.c.reference),
            dialect,
        )
        self._drop_work = TraceStatements(dialect).drop_turn_work

    def __call__(self, db: Db, response: str) -> int:
        found = db.rows(self._reset, this_response=response)
        for (reference,) in found:
            db.run(self._drop_work, person=reference)
        return len(found)


class _Responses:
    """Whole responses, with everything that hangs on them."""

    def __init__(self, dialect: Dialect) -> None:
        responses = schema.responses
        self._find = Statement(
            sa.select(responses.c.id)
            .where(responses.c.started_at < _before())
            .order_by(responses.c.started_at, responses.c.id)
            .limit(_at_most()),
            dialect,
        )
        this = sa.bindparam("response", type_=sa.Text())
        # Children before their parents, as the foreign keys want it.
        columns = (
            schema.answers.c.response,
            schema.consents.c.response,
            schema.wishes.c.response,
            schema.reaches.c.response,
            responses.c.id,
        )
        self._drop = [
            (
                column.table.name,
                Statement(sa.delete(column.table).where(column == this).returning(ONE), dialect),
            )
            for column in columns
        ]
        self._reset = _Reset(dialect)

    def __call__(self, db: Db, *, before: datetime, now: datetime, limit: int) -> Counts:
        del now
        counts: Counts = Counter()
        for (response,) in db.rows(self._find, before=before, at_most=limit):
            counts["conversations"] += self._reset(db, response)
            for name, statement in self._drop:
                counts[name] += db.count(statement, response=response)
        return counts


class _SensitiveAnswers:
    def __init__(self, dialect: Dialect) -> None:
        responses, answers = schema.responses, schema.answers
        sensitive = answers.c.purpose == Purpose.SENSITIVE.value
        self._find = Statement(
            sa.select(responses.c.id)
            .where(responses.c.started_at < _before())
            .where(sa.exists().where(answers.c.response == responses.c.id, sensitive))
            .order_by(responses.c.started_at, responses.c.id)
            .limit(_at_most()),
            dialect,
        )
        of_response = answers.c.response == sa.bindparam("response", type_=sa.Text())
        self._drop = Statement(sa.delete(answers).where(of_response, sensitive).returning(ONE), dialect)
        self._reset = _Reset(dialect)

    def __call__(self, db: Db, *, before: datetime, now: datetime, limit: int) -> Counts:
        del now
        counts: Counts = Counter()
        for (response,) in db.rows(self._find, before=before, at_most=limit):
            counts["conversations"] += self._reset(db, response)
            counts["answers"] += db.count(self._drop, response=response)
        return counts


class _Quotes:
    """Consents to be quoted. One that was refused stays: it holds for earlier words of that person too."""

    def __init__(self, dialect: Dialect) -> None:
        responses, consents = schema.responses, schema.consents
        given = (consents.c.purpose == Purpose.QUOTE.value) & consents.c.given.is_(True)
        old = sa.select(responses.c.id).where(responses.c.started_at < _before())
        self._drop = _Delete(dialect, consents, given & consents.c.response.in_(old))

    def __call__(self, db: Db, *, before: datetime, now: datetime, limit: int) -> Counts:
        return self._drop(db, before=before, now=now, limit=limit)


class _Meemakers:
    """Who has no duo, and had no talk and said nothing for so long. Their conversation goes with their contact."""

    def __init__(self, dialect: Dialect) -> None:
        meemakers, duos, sessions = schema.meemakers, schema.duos, schema.sessions
        conversations, responses, outbox = schema.conversations, schema.responses, schema.outbox
        before, id = _before(), meemakers.c.id
        self._find = Statement(
            sa.select(id)
            .where(meemakers.c.invited_until < before)
            .where(~sa.exists().where(((duos.c.resident == id) | (duos.c.professional == id)) & duos.c.active))
            .where(
                ~sa.exists().where(
                    (sessions.c.resident_meemaker == id) | (sessions.c.professional_meemaker == id),
                    sessions.c.end_at >= before,
                )
            )
            .where(
                ~sa.exists().where(
                    conversations.c.reference == meemakers.c.reference, conversations.c.last_at >= before
                )
            )
            .where(~sa.exists().where(responses.c.assisted_by == id, responses.c.started_at >= before))
            .order_by(id)
            .limit(_at_most()),
            dialect,
        )  # fmt: skip # one condition a line
        this = sa.bindparam("this", type_=sa.Text())
        mail = sa.literal_column(f"'{TALK_MAIL}'", sa.Text()) + this
        self._cut = Statement(
            sa.update(responses).where(responses.c.meemaker == this).values(meemaker=""), dialect
        )
        self._mail = Statement(sa.delete(outbox).where(outbox.c.reference == mail).returning(ONE), dialect)
        self._drop = Statement(sa.delete(meemakers).where(id == this).returning(ONE), dialect)
        hang_on = (
            schema.meemaker_hours.c.meemaker,
            schema.meemaker_times.c.meemaker,
            schema.session_invitations.c.meemaker,
            duos.c.resident,
            duos.c.professional,
        )
        self._hang_on = [
            (
                column.table.name,
                Statement(sa.select(ONE).select_from(column.table).where(column == this), dialect),
            )
            for column in hang_on
        ]
        self._traces = SessionTraceStatements(dialect)

    def __call__(self, db: Db, *, before: datetime, now: datetime, limit: int) -> Counts:
        counts: Counts = Counter()
        for (this,) in db.rows(self._find, before=before, at_most=limit):
            for name, statement in self._hang_on:
                counts[name] += len(db.rows(statement, this=this))
            SessionTraces(db, self._traces).erase_meemaker(this, now)
            counts["outbox"] += db.count(self._mail, this=this)
            db.run(self._cut, this=this)
            counts["meemakers"] += db.count(self._drop, this=this)
        return counts


class _Contacts:
    """People for whom nothing is planned and who have been silent for so long: everything of them goes, but for the answers, the
    consents that these were given under, and how many sat in a talk."""

    def __init__(self, dialect: Dialect, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._find = Statement(_silent_people(), dialect)
        person = sa.bindparam("person", type_=sa.Text())
        responses, consents, seats = schema.responses, schema.consents, schema.session_seats
        theirs = consents.c.reference == person
        quote = consents.c.purpose == sa.literal_column(f"'{Purpose.QUOTE}'", sa.Text())
        refused = sa.select(sa.func.max(consents.c.id)).where(theirs, quote, consents.c.given.is_(False))
        self._cut = tuple(
            Statement(each, dialect)
            for each in (
                # A "do not quote me" held for all their words, and nothing leads from one to the other any more.
                sa.delete(consents).where(
                    theirs, quote, consents.c.given.is_(True), consents.c.id < refused.scalar_subquery()
                ),
                sa.update(consents)
                .where(theirs, consents.c.response.is_not(None))
                .values(reference=sa.null()),
                sa.update(responses).where(responses.c.reference == person).values(reference=sa.null()),
            )
        )
        self._seats = Statement(
            sa.update(seats).where(seats.c.reference == person).values(reference=sa.bindparam("nobody")),
            dialect,
        )
        self._counts = count_of_person(dialect)
        self._traces = TraceStatements(dialect)

    def __call__(self, db: Db, *, before: datetime, now: datetime, limit: int) -> Counts:
        counts: Counts = Counter()
        for (reference,) in db.rows(self._find, before=before, now=now, at_most=limit):
            counts += self._counts(db, reference)
            for statement in self._cut:
                db.run(statement, person=reference)
            db.run(self._seats, person=reference, nobody=self._new_id())
            Traces(db, self._traces).erase(reference, now)
        return counts


def _silent_people() -> sa.Select[Any]:
    conversations, responses = schema.conversations, schema.responses
    seats, sessions, invitations = schema.session_seats, schema.sessions, schema.campaign_invitations
    work, requests, offers, outbox = schema.work, schema.talk_requests, schema.offers, schema.outbox
    this, before = conversations.c.reference, _before()
    # With a code and without a chat of their own nobody is known by them; the code must work while the answers are there.
    has_code = conversations.c.assisted_by != ""
    kept_by = (
        sa.exists().where(schema.meemakers.c.reference == this),
        sa.exists().where(work.c.reference == this, work.c.kind != FORGET),
        sa.exists()
        .where(seats.c.reference == this, seats.c.status != SeatStatus.CANCELLED.value)
        .where(seats.c.session == sessions.c.id, sessions.c.end_at >= before)
        .where(sessions.c.status != SessionStatus.CANCELLED.value),
        sa.exists().where(requests.c.reference == this, requests.c.status != RequestStatus.BOOKED.value),
        sa.exists().where(offers.c.reference == this, offers.c.until > sa.bindparam("now", type_=UtcTime())),
        sa.exists()
        .where(invitations.c.reference == this)
        .where(invitations.c.sent_at.is_(None) | (invitations.c.sent_at >= before)),
        sa.exists().where(schema.cases.c.reference == this, schema.cases.c.closed_at.is_(None)),
        sa.exists().where(schema.talks.c.reference == this),
        sa.exists().where(outbox.c.reference == this, schema.is_waiting()),
        has_code & sa.exists().where(responses.c.reference == this),
    )
    return (
        sa.select(this)
        .where(conversations.c.last_at < before, *(~each for each in kept_by))
        .order_by(this)
        .limit(_at_most())
        .with_for_update(of=conversations, skip_locked=True)
    )


def count_of_person(dialect: Dialect) -> Callable[[Db, str], Counts]:
    """How many rows of each table are about one person, but for the answers themselves and what hangs on these."""
    person = sa.bindparam("person", type_=sa.Text())
    tables = [
        table
        for table in schema.metadata.sorted_tables
        if "reference" in table.columns and table.name not in ("staff", "meemakers")
    ]
    numbers = (
        sa.select(sa.func.count())
        .select_from(table)
        .where(table.c.reference == person)
        .scalar_subquery()
        .label(table.name)
        for table in tables
    )
    statement, names = Statement(sa.select(*numbers), dialect), [table.name for table in tables]

    def count(db: Db, reference: str) -> Counts:
        row: Row | None = db.row(statement, person=reference)
        assert row is not None
        return Counter(dict(zip(names, row, strict=True)))

    return count
