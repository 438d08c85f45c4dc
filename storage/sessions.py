"""Talks in person on either database: offers, sessions and who sits in them, invitations, requests and what is due;
who is offered what, and when, is decided elsewhere."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.session import (
    Gender,
    Invitation,
    InvitationStatus,
    Offer,
    RequestStatus,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkRequest,
    TalkWish,
)
from storage import schema
from storage.claims import ClaimStatements, ClaimTable
from storage.columns import UtcTime
from storage.people import FeedKind, PeopleStatements, PeopleTable
from storage.posting import PostStatements, PostTable
from storage.session_traces import BY_NO_TURN
from storage.statements import ONE, Db, Row, Statement, insert_row

Ready = Callable[[sa.sql.ClauseElement], Statement]

_WRITTEN = (
    "kind",
    "duo",
    "resident_meemaker",
    "professional_meemaker",
    "place",
    "room",
    "start_at",
    "end_at",
    "status",
    "sequence",
    "language",
    "seats",
)


def _new(*names: str) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(f"new_{name}") for name in names}


def _word(value: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{value}'", sa.Text())


class SessionStatements:
    """Every statement of talks in person, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        self.claims, self.people = ClaimStatements(dialect), PeopleStatements(dialect)
        self.post = PostStatements(dialect)
        self._sessions(ready, sa.func.string_agg if dialect.name == "postgresql" else sa.func.group_concat)
        self._offers(ready)
        self._requests(ready)

    def _sessions(self, ready: Ready, joined: Callable[..., sa.Function[Any]]) -> None:
        sessions, seats, invitations = schema.sessions, schema.session_seats, schema.session_invitations
        this: sa.BindParameter[str] = sa.bindparam("this")
        person: sa.BindParameter[str] = sa.bindparam("person")
        booked = seats.c.status == _word(SeatStatus.BOOKED)
        # One text for each session, in no order: PostgreSQL takes a join of tables that it never counted for small, and
        # compares every session with every seat. A subquery goes by the key.
        sat = sa.cast(seats.c.at, sa.Text()) + _word(" ") + seats.c.reference
        who = sa.select(joined(sat, _word(","), type_=sa.Text())).where(
            seats.c.session == sessions.c.id, booked
        )
        all_ = sa.select(
            sessions.c.id,
            *(sessions.c[name] for name in _WRITTEN),
            who.correlate(sessions).scalar_subquery(),
        ).order_by(sessions.c.start_at, sessions.c.id)
        stands = sessions.c.status != _word(SessionStatus.CANCELLED)
        since, begin, end = (sa.bindparam(name, type_=UtcTime()) for name in ("since", "begin", "end"))
        theirs = sa.select(seats.c.session).where(seats.c.reference == person, booked)
        mine = (sessions.c.resident_meemaker == person) | (sessions.c.professional_meemaker == person)
        # Seats are read once the row is locked: a read that waited for the lock would still see those from before.
        self.lock = ready(sa.select(sessions.c.id).where(sessions.c.id == this).with_for_update())
        self.find = ready(all_.where(sessions.c.id == this))
        self.of_resident = ready(all_.where(sessions.c.id.in_(theirs), stands, sessions.c.end_at > since))
        self.of_meemaker = ready(all_.where(mine, stands, sessions.c.end_at > since))
        self.between = ready(all_.where(stands, sessions.c.start_at >= begin, sessions.c.start_at < end))
        self.period = ready(all_.where(sessions.c.start_at >= begin, sessions.c.start_at < end))
        self.invited = ready(
            sa.select(*invitations.columns)
            .join_from(sessions, invitations, invitations.c.session == sessions.c.id)
            .where(sessions.c.start_at >= begin, sessions.c.start_at < end)
            .order_by(invitations.c.asked_at, invitations.c.meemaker)
        )
        at_home = sa.update(sessions).where(sessions.c.id == this)
        self.address = ready(sa.select(sessions.c.address).where(sessions.c.id == this))
        self.save_address = ready(at_home.values(address=sa.bindparam("new_address")))
        self.arrive = ready(at_home.values(arrived_at=sa.bindparam("moment")))
        self.leave = ready(at_home.values(left_at=sa.bindparam("moment")))
        self.checks = ready(sa.select(sessions.c.arrived_at, sessions.c.left_at).where(sessions.c.id == this))
        responses = schema.responses
        self.reports = ready(
            sa.select(responses.c.meemaker, responses.c.id, responses.c.outcome)
            .where(responses.c.session == this, responses.c.session != _word(""))
            .where(responses.c.meemaker != _word(""))
            .order_by(responses.c.started_at, responses.c.id)
        )
        here = sessions.c.place == person
        by_kind: tuple[tuple[FeedKind, sa.ColumnElement[bool]], ...] = (("meemaker", mine), ("place", here))
        self.all_of = {kind: ready(all_.where(whose, sessions.c.end_at > since)) for kind, whose in by_kind}
        self.add = ready(insert_row(sessions))
        changed = sa.update(sessions).where(sessions.c.id == this)
        self.save = ready(changed.values(_new(*_WRITTEN, "changed_at")).returning(ONE))
        seat = (seats.c.session == this) & (seats.c.reference == person)
        self.save_seat = ready(sa.update(seats).where(seat).values(_new("status", "at")).returning(ONE))
        self.add_seat = ready(insert_row(seats))
        self.invitations = ready(
            sa.select(*invitations.columns)
            .where(invitations.c.session == this)
            .order_by(invitations.c.asked_at, invitations.c.meemaker)
        )
        invited = (invitations.c.session == this) & (invitations.c.meemaker == person)
        self.save_invitation = ready(
            sa.update(invitations).where(invited).values(_new("status", "asked_at", "until")).returning(ONE)
        )
        self.add_invitation = ready(insert_row(invitations))

    def _offers(self, ready: Ready) -> None:
        offers, claims = schema.offers, schema.claims
        person: sa.BindParameter[str] = sa.bindparam("person")
        theirs = offers.c.reference == person
        self.add_offer = ready(insert_row(offers))
        self.offers = ready(
            sa.select(*(column for column in offers.columns if column.name != "reference"))
            .where(theirs, offers.c.until > sa.bindparam("now", type_=UtcTime()))
            .order_by(offers.c.start_at, offers.c.id)
        )
        self.drop_held = ready(
            sa.delete(claims).where(claims.c.owner.in_(sa.select(offers.c.id).where(theirs)))
        )
        self.drop_offers = ready(sa.delete(offers).where(theirs))

    def _requests(self, ready: Ready) -> None:
        requests, work = schema.talk_requests, schema.work
        theirs = requests.c.reference == sa.bindparam("person")
        self.request = ready(sa.select(*requests.columns).where(theirs))
        self.open_requests = ready(
            sa.select(*requests.columns)
            .where(requests.c.status != _word(RequestStatus.BOOKED))
            .order_by(requests.c.since, requests.c.reference)
        )
        self.save_request = ready(
            sa.update(requests).where(theirs).values(_new("wish", "since", "status", "reason")).returning(ONE)
        )
        self.add_request = ready(insert_row(requests))
        self.drop_request = ready(sa.delete(requests).where(theirs))
        self.add_work = ready(insert_row(work))
        self.drop_work = ready(sa.delete(work).where(work.c.key == sa.bindparam("this")))
        this = work.c.key == sa.bindparam("this")
        self.planned = ready(sa.select(ONE).select_from(work).where(this))
        now, mine = (sa.bindparam(name, type_=UtcTime()) for name in ("now", "mine"))
        lease = sa.update(work).values(leased_until=sa.bindparam("until")).returning(ONE)
        free = work.c.leased_until.is_(None) | (work.c.leased_until <= now)
        self.lease = ready(lease.where(this, work.c.due_at <= now, free))
        self.extend = ready(lease.where(this, work.c.leased_until == mine))


def _dump_wish(wish: TalkWish) -> str:
    return orjson.dumps(
        {
            "kind": wish.kind,
            "neighbourhood": wish.neighbourhood,
            "accepts": sorted(wish.accepts),
            "language": wish.language,
            "gender": wish.gender,
            "step_free": wish.step_free,
            "windows": [[each.start, each.end] for each in wish.windows],
            "parts": sorted(wish.parts),
        }
    ).decode()


def _load_wish(stored: str) -> TalkWish:
    wish = orjson.loads(stored)
    return TalkWish(
        SessionKind(wish["kind"]),
        wish["neighbourhood"],
        frozenset(wish["accepts"]),
        wish["language"],
        Gender(wish["gender"]) if wish["gender"] else None,
        wish["step_free"],
        tuple(Stretch(*map(datetime.fromisoformat, each)) for each in wish["windows"]),
        frozenset(wish["parts"]),
    )


def _read_request(row: Row) -> TalkRequest:
    reference, wish, since, status, reason = row
    return TalkRequest(reference, _load_wish(wish), since, RequestStatus(status), reason)


def _read_seats(seats: str | None) -> tuple[str, ...]:
    """Who sits in a session, by when they took their seat."""
    taken = (each.split(" ", 1) for each in seats.split(",")) if seats else ()
    return tuple(reference for _, reference in sorted((int(at), reference) for at, reference in taken))


def _read_session(row: Row) -> Session:
    (
        id_,
        kind,
        duo,
        resident,
        professional,
        place,
        room,
        start,
        end,
        status,
        sequence,
        language,
        seats,
        sat,
    ) = row
    return Session(
        id_,
        SessionKind(kind),
        duo,
        resident,
        professional,
        place,
        room,
        Stretch(start, end),
        SessionStatus(status),
        sequence,
        language,
        seats,
        _read_seats(sat),
    )


def _read_invitation(row: Row) -> Invitation:
    session, meemaker, status, asked_at, until = row
    return Invitation(session, meemaker, InvitationStatus(status), asked_at, until)


class SessionTable(ClaimTable, PeopleTable):
    """Implements scheduler.ports.SessionDb in one open transaction."""

    def __init__(self, db: Db, statements: SessionStatements) -> None:
        ClaimTable.__init__(self, db, statements.claims)
        PeopleTable.__init__(self, db, statements.people)
        self._sql = statements
        self._post = PostTable(db, statements.post)

    def put_offer(self, reference: str, offer: Offer) -> None:
        self._db.run(
            self._sql.add_offer,
            id=offer.id,
            reference=reference,
            kind=offer.kind.value,
            duo=offer.duo,
            place=offer.place,
            room=offer.room,
            start_at=offer.when.start,
            end_at=offer.when.end,
            until=offer.until,
        )

    def offers_of(self, reference: str, *, now: datetime) -> list[Offer]:
        return [
            Offer(id_, SessionKind(kind), duo, place, room, Stretch(start, end), until)
            for id_, kind, duo, place, room, start, end, until in self._db.rows(
                self._sql.offers, person=reference, now=now
            )
        ]

    def drop_offers(self, reference: str) -> None:
        self._db.run(self._sql.drop_held, person=reference)
        self._db.run(self._sql.drop_offers, person=reference)

    def session(self, id: str) -> Session | None:
        if self._db.row(self._sql.lock, this=id) is None:
            return None
        return self._sessions(self._sql.find, this=id)[0]

    def put_session(self, session: Session, *, at: datetime) -> None:
        written = {
            "kind": session.kind.value,
            "duo": session.duo,
            "resident_meemaker": session.resident_meemaker,
            "professional_meemaker": session.professional_meemaker,
            "place": session.place,
            "room": session.room,
            "start_at": session.when.start,
            "end_at": session.when.end,
            "status": session.status.value,
            "sequence": session.sequence,
            "language": session.language,
            "seats": session.seats,
            "changed_at": at,
        }
        if self._wrote(self._sql.save, written, this=session.id):
            return
        self._db.run(self._sql.add, id=session.id, address=None, arrived_at=None, left_at=None, **written)

    def set_seat(self, session: str, reference: str, status: SeatStatus, *, at: datetime) -> None:
        written = {"status": status.value, "at": at}
        if not self._wrote(self._sql.save_seat, written, this=session, person=reference):
            self._db.run(self._sql.add_seat, session=session, reference=reference, **written)

    def sessions_of(self, reference: str, *, since: datetime) -> list[Session]:
        return self._sessions(self._sql.of_resident, person=reference, since=since)

    def sessions_with(self, meemaker: str, *, since: datetime) -> list[Session]:
        return self._sessions(self._sql.of_meemaker, person=meemaker, since=since)

    def sessions_between(self, begin: datetime, end: datetime) -> list[Session]:
        return self._sessions(self._sql.between, begin=begin, end=end)

    def with_invitations(
        self, begin: datetime, end: datetime
    ) -> list[tuple[Session, tuple[Invitation, ...]]]:
        """All that begin in that time, cancelled ones too, soonest first; invitations oldest first."""
        invited = defaultdict[str, list[Invitation]](list)
        for row in self._db.rows(self._sql.invited, begin=begin, end=end):
            invited[row[0]].append(_read_invitation(row))
        found = self._sessions(self._sql.period, begin=begin, end=end)
        return [(each, tuple(invited[each.id])) for each in found]

    def address(self, session: str) -> str:
        """Where a visit at home is, "" where it is not known (yet)."""
        found = self._db.row(self._sql.address, this=session)
        return (found[0] or "") if found else ""

    def set_address(self, session: str, address: str) -> None:
        self._db.run(self._sql.save_address, this=session, new_address=address or None)

    def mark_arrived(self, session: str, *, at: datetime) -> None:
        self._db.run(self._sql.arrive, this=session, moment=at)

    def mark_left(self, session: str, *, at: datetime) -> None:
        self._db.run(self._sql.leave, this=session, moment=at)

    def checks(self, session: str) -> tuple[datetime | None, datetime | None]:
        """When the duo said that they were there, and that they had left."""
        arrived, left = self._db.row(self._sql.checks, this=session) or (None, None)
        return arrived, left

    def reports(self, session: str) -> list[tuple[str, str, str]]:
        """(meemaker, response, its outcome) of the reports on a session, "" for one that is not finished."""
        return [(*row,) for row in self._db.rows(self._sql.reports, this=session)]

    def all_of(self, kind: FeedKind, id: str, *, since: datetime) -> list[Session]:
        """Those of a meemaker or at a place that end after `since`, soonest first, cancelled ones too."""
        return self._sessions(self._sql.all_of[kind], person=id, since=since)

    def invitations(self, session: str) -> list[Invitation]:
        return [_read_invitation(row) for row in self._db.rows(self._sql.invitations, this=session)]

    def put_invitation(self, invitation: Invitation) -> None:
        written = {
            "status": invitation.status.value,
            "asked_at": invitation.asked_at,
            "until": invitation.until,
        }
        session, meemaker = invitation.session, invitation.meemaker
        if not self._wrote(self._sql.save_invitation, written, this=session, person=meemaker):
            self._db.run(self._sql.add_invitation, session=session, meemaker=meemaker, **written)

    def request(self, reference: str) -> TalkRequest | None:
        found = self._db.row(self._sql.request, person=reference)
        return None if found is None else _read_request(found)

    def put_request(self, request: TalkRequest) -> None:
        written = {
            "wish": _dump_wish(request.wish),
            "since": request.since,
            "status": request.status.value,
            "reason": request.reason,
        }
        if not self._wrote(self._sql.save_request, written, person=request.reference):
            self._db.run(self._sql.add_request, reference=request.reference, **written)

    def drop_request(self, reference: str) -> None:
        self._db.run(self._sql.drop_request, person=reference)

    def open_requests(self) -> list[TalkRequest]:
        return [_read_request(row) for row in self._db.rows(self._sql.open_requests)]

    def plan(self, key: str, kind: str, reference: str, due_at: datetime) -> None:
        self.unplan(key)
        self._db.run(
            self._sql.add_work,
            key=key,
            kind=kind,
            reference=reference,
            due_at=due_at,
            revision=BY_NO_TURN,
            leased_until=None,
        )

    def is_planned(self, key: str) -> bool:
        return self._db.row(self._sql.planned, this=key) is not None

    def unplan(self, key: str) -> None:
        self._db.run(self._sql.drop_work, this=key)

    def lease(self, key: str, *, now: datetime, until: datetime) -> bool:
        """Whether this work is due and was nobody's; from now on it is the caller's, until `until`."""
        return self._db.row(self._sql.lease, this=key, now=now, until=until) is not None

    def extend(self, key: str, mine: datetime, *, until: datetime) -> bool:
        """Goes on with what was leased until `mine`. False when somebody else has it since, or it was planned anew."""
        return self._db.row(self._sql.extend, this=key, mine=mine, until=until) is not None

    def take_back(self, key: str) -> bool:
        return self._post.take_back(key)

    def _sessions(self, statement: Statement, **which: object) -> list[Session]:
        return [_read_session(row) for row in self._db.rows(statement, **which)]

    def _wrote(self, statement: Statement, written: dict[str, Any], **which: str) -> bool:
        """Whether there was a row to write over."""
        values = {f"new_{name}": value for name, value in written.items()}
        return self._db.count(statement, **which, **values) > 0
