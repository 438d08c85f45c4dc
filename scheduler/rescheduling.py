"""Moves a group session or a street moment that stands, in the caller's transaction: who has a seat keeps it, and both
meemakers are asked anew. What stands in the way is told all at once, and then nothing is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.session import (
    Claim,
    Duo,
    News,
    Place,
    Room,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    Tell,
)
from domain.talk_outcomes import Done, Refusal, Refused
from scheduler.claims import RESIDENT, ROOM, talk_of, week_start, with_travel
from scheduler.hours import week_of
from scheduler.moments import Moments
from scheduler.offering import Offering
from scheduler.opening import (
    InTheWay,
    Obstacle,
    ToOpen,
    duo_in_the_way,
    place_called,
    place_in_the_way,
    time_in_the_way,
)
from scheduler.ports import SessionDb
from scheduler.quorum import Quorum
from scheduler.taking import Taking

_DAY = timedelta(days=1)
_STANDING = (SessionStatus.ASKED, SessionStatus.CONFIRMED)
_OPENED = (SessionKind.GROUP, SessionKind.STREET)


@dataclass(frozen=True, slots=True)
class ToMove:
    """Where and when a session goes. `start` and `end` are UTC; without `start` it begins as before, without `end` it
    takes as long as before. `place` is the id or name of a location, `room` one of its rooms; `spot` is where a street
    moment is when that is no location. "" leaves it where it is."""

    session: str
    start: datetime | None = None
    end: datetime | None = None
    place: str = ""
    room: str = ""
    spot: str = ""


class Rescheduling:
    """For one transaction. `now` is UTC."""

    def __init__(self, db: SessionDb, new_id: Callable[[], str], *, hours_to_answer: float = 24) -> None:
        self._db, self._taking = db, Taking(db)
        offering = Offering(db, self._taking, new_id)
        self._quorum = Quorum(db, self._taking, offering, hours_to_answer=hours_to_answer)

    def move(self, wanted: ToMove, *, now: datetime) -> Done | Refused | tuple[InTheWay, ...]:
        """A talk with one resident is moved by that resident."""
        session = self._db.session(wanted.session)
        if session is None or session.status not in _STANDING:
            return Refused(Refusal.NOT_THERE)
        if session.when.start <= now:
            return Refused(Refusal.PAST)
        if session.kind not in _OPENED:
            return (InTheWay(Obstacle.ONE_RESIDENT),)
        own = self._taking.let_go(session.id, talk_of(session), now=now)
        moved = self._moved(session, wanted, own, now)
        if isinstance(moved, Session):
            return self._put(session, moved, wanted, now)
        self._taking.take(session.id, talk_of(session), own, now=now)
        return moved

    def _moved(
        self, session: Session, wanted: ToMove, own: Sequence[Claim], now: datetime
    ) -> Session | tuple[InTheWay, ...]:
        """What it held has been let go of. It takes what it needs then."""
        place = self._place(session, wanted)
        start = wanted.start or session.when.start
        when = Stretch(start, wanted.end or start + (session.when.end - session.when.start))
        taken = self._db.taken(week_start(when.start) - _DAY, with_travel(when).end + _DAY, now=now)
        room = _room(session, place, taken, when)
        found = [*self._in_the_way(session, wanted, place, room, taken, when, now)]
        if found:
            return tuple(dict.fromkeys(found))
        moved = replace(
            session,
            place=place.id if place is not None else None,
            room=room.name if room is not None else "",
            when=when,
            status=SessionStatus.ASKED,
            sequence=session.sequence + 1,
            seats=min(session.seats, room.seats) if room is not None else session.seats,
        )
        self._drop_offers_then(session, taken, when)
        if self._taking.take(session.id, talk_of(moved), own, now=now):
            return moved
        return tuple(InTheWay(Obstacle.MEEMAKER_TAKEN, each) for each in session.meemakers if each)

    def _place(self, session: Session, wanted: ToMove) -> Place | None:
        """With the rooms that may be chosen from."""
        found = place_called(wanted.place or ("" if wanted.spot else session.place or ""), self._db.places())
        if found is None or not wanted.room:
            return found
        return replace(found, rooms=tuple(each for each in found.rooms if _is(each.name, wanted.room)))

    def _in_the_way(
        self,
        session: Session,
        wanted: ToMove,
        place: Place | None,
        room: Room | None,
        taken: Sequence[Claim],
        when: Stretch,
        now: datetime,
    ) -> Iterator[InTheWay]:
        people = self._taking.meemakers()
        spot = wanted.spot or self._db.address(session.id)
        as_new = ToOpen(
            session.kind,
            session.duo,
            when.start,
            when.end - when.start,
            wanted.place,
            spot,
            len(session.booked),
            session.language,
        )
        yield from time_in_the_way(as_new, now)
        if all(each in people for each in session.meemakers):
            duo = Duo(session.duo, *session.meemakers)
            for each in duo_in_the_way(as_new, duo, people, taken, when):
                has_ticket = week_of(when.start) == week_of(session.when.start)
                if each.obstacle is not Obstacle.WEEK_FULL or not has_ticket:
                    yield each
        if wanted.room and (place is None or not place.rooms or session.kind is SessionKind.STREET):
            yield InTheWay(Obstacle.NO_ROOM, wanted.room)
        else:
            yield from place_in_the_way(as_new, place, room, when)
        in_room = room.name if room is not None else ""
        stays = place is not None and (place.id, in_room) == (session.place, session.room)
        spot_stays = place is None and session.place is None and spot == self._db.address(session.id)
        if when == session.when and (stays or spot_stays):
            yield InTheWay(Obstacle.SAME)

    def _drop_offers_then(self, session: Session, taken: Sequence[Claim], when: Stretch) -> None:
        """Who has a seat may be looking at another talk at that very time: the seat goes first."""
        looking = {each.id for each in taken if each.what == RESIDENT and _at(each, when)}
        for each in looking.intersection(session.booked):
            self._db.drop_offers(each)

    def _put(self, was: Session, session: Session, wanted: ToMove, now: datetime) -> Done:
        Moments(self._db).unplan(was)
        self._db.put_session(session, at=now)
        if session.kind is SessionKind.STREET and (wanted.spot or wanted.place):
            self._db.set_address(session.id, "" if session.place else wanted.spot)
        self._taking.settle_neighbours(was, now=now)
        tells = [Tell(each, News.MOVED, session.id) for each in session.booked]
        people = self._taking.meemakers()
        duo = [each for each in session.meemakers if each in people]
        return Done(session, (*tells, *(self._quorum.ask(session, each, now=now, was=was) for each in duo)))


def _is(name: str, wanted: str) -> bool:
    return name.strip().casefold() == wanted.strip().casefold()


def _room(session: Session, place: Place | None, taken: Sequence[Claim], when: Stretch) -> Room | None:
    """The one it is in, when it is free; else the smallest with as many seats, or the largest in which everybody who
    has a seat can sit."""
    if place is None or session.kind is not SessionKind.GROUP:
        return None
    gone = {each.id for each in taken if each.what == ROOM and _at(each, when)}
    free = [
        each
        for each in place.rooms
        if each.seats >= max(len(session.booked), 2) and f"{place.id}/{each.name}" not in gone
    ]
    same = place.id == session.place
    return min(
        free,
        key=lambda each: (
            not (same and each.name == session.room),
            each.seats < session.seats,
            each.seats if each.seats >= session.seats else -each.seats,
        ),
        default=None,
    )


def _at(claim: Claim, when: Stretch) -> bool:
    return when.overlaps(Stretch(claim.start, claim.end))
