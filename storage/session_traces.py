"""What erasing somebody does to talks in person, on either database: nothing of them stays, and who stays is not left
waiting for them."""

import re
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.session import SESSION_LEFT, SeatStatus, SessionKind, SessionStatus
from storage import schema
from storage.columns import UtcTime
from storage.statements import Db, Statement, insert_row

BY_NO_TURN = -1
"""The revision of work that follows from a session: a turn that cancels its own work leaves it alone."""


def _words(*values: str) -> list[sa.ColumnElement[str]]:
    return [sa.literal_column(f"'{value}'", sa.Text()) for value in values]


class SessionTraceStatements:
    """Every statement that takes somebody out of talks in person, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        sessions, seats, claims, offers = (
            schema.sessions,
            schema.session_seats,
            schema.claims,
            schema.offers,
        )
        meemakers, duos, work = schema.meemakers, schema.duos, schema.work
        person: sa.BindParameter[str] = sa.bindparam("person")
        this: sa.BindParameter[str] = sa.bindparam("this")
        at = sa.bindparam("at", type_=UtcTime())
        comes = sessions.c.status.in_(_words(SessionStatus.ASKED, SessionStatus.CONFIRMED)) & (
            sessions.c.end_at > at
        )
        alone = sessions.c.kind.in_(_words(SessionKind.PRIVATE, SessionKind.HOME))
        [booked] = _words(SeatStatus.BOOKED)
        sat_in = sa.select(seats.c.session).where(seats.c.reference == person)
        of_offers = sa.select(offers.c.id)

        # A resident.
        self.without_resident = ready(
            sa.select(sessions.c.id)
            .where(sessions.c.id.in_(sat_in.where(seats.c.status == booked)), alone, comes)
            .order_by(sessions.c.id)
            .with_for_update()
        )
        group = sessions.c.kind == _words(SessionKind.GROUP)[0]
        self.with_a_seat = ready(
            sa.select(sessions.c.id)
            .where(sessions.c.id.in_(sat_in.where(seats.c.status == booked)), group, comes)
            .order_by(sessions.c.id)
            .with_for_update()
        )
        # Seats are tickets with a number and nobody's name: any of them will do.
        [seat] = _words("seat")
        last = sa.select(sa.func.max(claims.c.id)).where(claims.c.owner == this, claims.c.what == seat)
        self.give_back_seat = ready(
            sa.delete(claims).where(
                claims.c.owner == this, claims.c.what == seat, claims.c.id == last.scalar_subquery()
            )
        )
        self.cancel = ready(
            sa.update(sessions)
            .where(sessions.c.id == this)
            .values(
                status=_words(SessionStatus.CANCELLED)[0], sequence=sessions.c.sequence + 1, changed_at=at
            )
        )
        self.release = ready(sa.delete(claims).where(claims.c.owner == this))
        theirs = offers.c.reference == person
        self.drop_request = ready(
            sa.delete(schema.talk_requests).where(schema.talk_requests.c.reference == person)
        )
        self.drop_held = ready(sa.delete(claims).where(claims.c.owner.in_(of_offers.where(theirs))))
        self.drop_offers = ready(sa.delete(offers).where(theirs))
        self.resident = (
            ready(
                sa.update(sessions)
                .where(sessions.c.id.in_(sat_in), sessions.c.address.is_not(None))
                .values(address=sa.null())
            ),
            ready(sa.delete(seats).where(seats.c.reference == person)),
            ready(sa.delete(claims).where(claims.c.what == _words("resident")[0], claims.c.id == person)),
            self.drop_held,
            self.drop_offers,
            self.drop_request,
        )

        # A meemaker; `this` is their pseudonym.
        self.meemakers = ready(
            sa.select(meemakers.c.id).where(meemakers.c.reference == person).order_by(meemakers.c.id)
        )
        mine = (sessions.c.resident_meemaker == this) | (sessions.c.professional_meemaker == this)
        self.without_meemaker = ready(
            sa.select(sessions.c.id).where(mine, comes).order_by(sessions.c.id).with_for_update()
        )
        self.ask_again = ready(
            sa.update(sessions)
            .where(mine, comes)
            .values(status=_words(SessionStatus.ASKED)[0], sequence=sessions.c.sequence + 1, changed_at=at)
        )
        their_duos = sa.select(duos.c.id).where((duos.c.resident == this) | (duos.c.professional == this))
        of_them = offers.c.duo.in_(their_duos)
        nobody = _words("")[0]
        self.meemaker = (
            ready(sa.update(sessions).where(sessions.c.duo.in_(their_duos)).values(duo=nobody)),
            ready(
                sa.update(sessions)
                .where(sessions.c.resident_meemaker == this)
                .values(resident_meemaker=nobody)
            ),
            ready(
                sa.update(sessions)
                .where(sessions.c.professional_meemaker == this)
                .values(professional_meemaker=nobody)
            ),
            ready(sa.delete(claims).where(claims.c.what == _words("meemaker")[0], claims.c.id == this)),
            ready(sa.delete(claims).where(claims.c.owner.in_(of_offers.where(of_them)))),
            ready(sa.delete(offers).where(of_them)),
            ready(sa.delete(schema.session_invitations).where(schema.session_invitations.c.meemaker == this)),
            ready(sa.delete(duos).where((duos.c.resident == this) | (duos.c.professional == this))),
            ready(sa.delete(schema.meemaker_hours).where(schema.meemaker_hours.c.meemaker == this)),
            ready(sa.delete(schema.meemaker_times).where(schema.meemaker_times.c.meemaker == this)),
        )
        # Planned before they had a conversation, it names nobody but in its key.
        self.drop_their_work = ready(
            sa.delete(work).where(work.c.key.like(sa.bindparam("theirs", type_=sa.Text()), escape="!"))
        )
        self.drop_work = ready(sa.delete(work).where(work.c.key == this))
        self.add_work = ready(insert_row(work))


class SessionTraces:
    def __init__(self, db: Db, statements: SessionTraceStatements) -> None:
        self._db, self._sql = db, statements

    def forget(self, reference: str) -> None:
        """Drops what they asked for and what is held for them. A talk that is booked stands: others count on it."""
        for statement in (self._sql.drop_held, self._sql.drop_offers, self._sql.drop_request):
            self._db.run(statement, person=reference)

    def erase(self, reference: str, at: datetime) -> None:
        """Takes somebody out of everything, as a resident and as a meemaker. A talk that was theirs alone is cancelled;
        one that they were to hold stays for the other half, to be filled. Both are left as work of SESSION_LEFT. Their seat
        in a group is free at once."""
        for (session,) in self._db.rows(self._sql.without_resident, person=reference, at=at):
            self._db.run(self._sql.cancel, this=session, at=at)
            self._db.run(self._sql.release, this=session)
            self._leave(session, at)
        for (session,) in self._db.rows(self._sql.with_a_seat, person=reference, at=at):
            self._db.run(self._sql.give_back_seat, this=session)
        for statement in self._sql.resident:
            self._db.run(statement, person=reference)
        for (meemaker,) in self._db.rows(self._sql.meemakers, person=reference):
            self.erase_meemaker(meemaker, at)

    def erase_meemaker(self, meemaker: str, at: datetime) -> None:
        """Takes a meemaker out of every talk and duo; their own row is the caller's."""
        for (session,) in self._db.rows(self._sql.without_meemaker, this=meemaker, at=at):
            self._leave(session, at)
        self._db.run(self._sql.ask_again, this=meemaker, at=at)
        for statement in self._sql.meemaker:
            self._db.run(statement, this=meemaker)
        name = re.sub("([!%_])", r"!\1", meemaker)
        self._db.run(self._sql.drop_their_work, theirs=f"session:%:{name}")

    def _leave(self, session: str, at: datetime) -> None:
        key = f"{SESSION_LEFT}:{session}"
        self._db.run(self._sql.drop_work, this=key)
        self._db.run(
            self._sql.add_work,
            key=key,
            kind=SESSION_LEFT,
            reference="",
            due_at=at,
            revision=BY_NO_TURN,
            leased_until=None,
        )
