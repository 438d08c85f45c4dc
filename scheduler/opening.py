"""Group sessions and street moments that the programme opens itself, and calling a session off; in the caller's
transaction. What stands in the way is told all at once, and then nothing is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.session import (
    TICK,
    Claim,
    Duo,
    Meemaker,
    News,
    Place,
    RequestStatus,
    Room,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    Tell,
)
from domain.talk_outcomes import Done, Refusal, Refused
from scheduler.claims import MEEMAKER, ROOM, TRAVEL, WEEK, talk_of, week_start, with_travel
from scheduler.fits import NOTICE, is_whole, speaks
from scheduler.hours import open_times
from scheduler.offering import Offering
from scheduler.ports import SessionDb
from scheduler.quorum import Quorum
from scheduler.taking import Taking

SHORTEST, LONGEST = 2 * TRAVEL + TICK, timedelta(hours=8)
_DAY = timedelta(days=1)
_STANDING = (SessionStatus.ASKED, SessionStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class ToOpen:
    """A group session, or a street moment, as somebody of the programme wants it. `place` is the id or name of a location;
    `spot` is where a street moment is when that is no location. `duo` is its id, or the names of its halves. `seats` 0 is as
    many as the room has. `start` is UTC."""

    kind: SessionKind
    duo: str
    start: datetime
    length: timedelta
    place: str = ""
    spot: str = ""
    seats: int = 0
    language: str = "nl"


class Obstacle(StrEnum):
    """What stands in the way of a session."""

    PAST = "past"
    TOO_SOON = "too_soon"  # nobody could find it any more
    NO_QUARTER = "no_quarter"  # it does not begin on a quarter of an hour
    LENGTH = "length"
    NO_DUO = "no_duo"
    NO_LANGUAGE = "no_language"
    NO_PLACE = "no_place"
    NO_SPOT = "no_spot"  # neither a location nor a description
    CLOSED = "closed"
    SEATS = "seats"
    ROOM_TAKEN = "room_taken"
    MEEMAKER_TAKEN = "meemaker_taken"
    WEEK_FULL = "week_full"
    ONE_RESIDENT = "one_resident"  # a talk with one resident is moved by that resident
    NO_ROOM = "no_room"  # no such room there
    SAME = "same"  # it is then and there already


@dataclass(frozen=True, slots=True)
class InTheWay:
    """`who` is the meemaker, place or duo it is about, "" where it is about the session itself."""

    obstacle: Obstacle
    who: str = ""


class Opening:
    """For one transaction. `now` is UTC."""

    def __init__(self, db: SessionDb, new_id: Callable[[], str], *, hours_to_answer: float = 24) -> None:
        self._db, self._new_id = db, new_id
        self._taking = Taking(db)
        offering = Offering(db, self._taking, new_id)
        self._quorum = Quorum(db, self._taking, offering, hours_to_answer=hours_to_answer)

    def open(self, wanted: ToOpen, *, now: datetime) -> Done | tuple[InTheWay, ...]:
        """Asks both meemakers; or all that stands in the way, and nothing is done."""
        people = self._taking.meemakers()
        duo, place = self._duo(wanted.duo, people), place_called(wanted.place, self._db.places())
        when = Stretch(wanted.start, wanted.start + wanted.length)
        taken = self._db.taken(week_start(when.start) - _DAY, with_travel(when).end + _DAY, now=now)
        room = _room(wanted, place, taken, when)
        found = [
            *time_in_the_way(wanted, now),
            *duo_in_the_way(wanted, duo, people, taken, when),
            *place_in_the_way(wanted, place, room, when),
        ]
        if found or duo is None:
            return tuple(found)
        seats = wanted.seats or (room.seats if room is not None else 1)
        session = Session(
            self._new_id(), wanted.kind, duo.id, duo.resident, duo.professional,
            place.id if place is not None else None, room.name if room is not None else "", when,
            SessionStatus.ASKED, 0, wanted.language, seats if wanted.kind is SessionKind.GROUP else 1,
        )  # fmt: skip # read as one row
        if not self._taking.take(session.id, talk_of(session), (), now=now):
            return tuple(InTheWay(Obstacle.MEEMAKER_TAKEN, each) for each in duo.members)
        self._db.put_session(session, at=now)
        if place is None:
            self._db.set_address(session.id, wanted.spot)
        return Done(session, tuple(self._quorum.ask(session, each, now=now) for each in duo.members))

    def cancel(self, session_id: str, *, now: datetime) -> Done | Refused:
        """Nobody comes: everybody hears once, and residents with a wish for a talk wait for another."""
        session = self._db.session(session_id)
        if session is None or session.status not in _STANDING:
            return Refused(Refusal.NOT_THERE)
        if session.when.start <= now:
            return Refused(Refusal.PAST)
        residents = session.booked
        session, tells = self._quorum.call_off(session, now=now)
        for each in residents:
            self._db.set_seat(session.id, each, SeatStatus.CANCELLED, at=now)
            request = self._db.request(each)
            if request is not None:
                self._db.put_request(replace(request, status=RequestStatus.WAITING))
        told = [Tell(each, News.CANCELLED, session.id) for each in residents]
        return Done(session, (*told, *tells))

    def _duo(self, wanted: str, people: dict[str, Meemaker]) -> Duo | None:
        """By its id, or by the ids or names of both halves: "els+jo", "Els Peeters + Jo Smit"."""
        duos = [each for each in self._db.duos() if is_whole(each, people)]
        names = self._db.names([member for each in duos for member in each.members])
        halves = {_plain(each) for each in wanted.replace(" en ", "+").replace(" and ", "+").split("+")}
        first_names = {half.partition(" ")[0] for half in halves}
        found = [
            each
            for each in duos
            if each.id == wanted
            or halves == {_plain(member) for member in each.members}
            or first_names == {_plain(names.get(member, "")) for member in each.members}
        ]
        return found[0] if len(found) == 1 else None


def place_called(name: str, places: Sequence[Place]) -> Place | None:
    """By its id or name."""
    name = name.strip()
    found = [each for each in places if name and (name == each.id or _plain(name) == _plain(each.name))]
    return found[0] if len(found) == 1 else None


def time_in_the_way(wanted: ToOpen, now: datetime) -> Iterator[InTheWay]:
    if wanted.start <= now:
        yield InTheWay(Obstacle.PAST)
    elif wanted.kind is SessionKind.GROUP and wanted.start <= now + NOTICE:
        yield InTheWay(Obstacle.TOO_SOON)
    if wanted.start.timestamp() % TICK.total_seconds():
        yield InTheWay(Obstacle.NO_QUARTER)
    if not SHORTEST <= wanted.length <= LONGEST or wanted.length % TICK:
        yield InTheWay(Obstacle.LENGTH)


def duo_in_the_way(
    wanted: ToOpen, duo: Duo | None, people: dict[str, Meemaker], taken: Sequence[Claim], when: Stretch
) -> Iterator[InTheWay]:
    if duo is None:
        yield InTheWay(Obstacle.NO_DUO, wanted.duo)
        return
    for each in duo.members:
        theirs = [claim for claim in taken if claim.what == MEEMAKER and claim.id == each]
        if any(when.overlaps(Stretch(claim.start, claim.end)) for claim in theirs):
            yield InTheWay(Obstacle.MEEMAKER_TAKEN, each)
        week = week_start(when.start)
        tickets = [claim for claim in taken if claim.what == WEEK and claim.id.startswith(f"{each}#")]
        if sum(claim.start == week for claim in tickets) >= people[each].max_per_week:
            yield InTheWay(Obstacle.WEEK_FULL, each)
        if not speaks(people[each], wanted.language):
            yield InTheWay(Obstacle.NO_LANGUAGE, each)


def place_in_the_way(
    wanted: ToOpen, place: Place | None, room: Room | None, when: Stretch
) -> Iterator[InTheWay]:
    if place is None:
        if wanted.place or wanted.kind is SessionKind.GROUP:
            yield InTheWay(Obstacle.NO_PLACE, wanted.place)
        elif not wanted.spot:
            yield InTheWay(Obstacle.NO_SPOT)
        return
    if not any(each.holds(when) for each in open_times(place, when.start - _DAY, when.end + _DAY)):
        yield InTheWay(Obstacle.CLOSED, place.id)
    if wanted.kind is SessionKind.GROUP and room is None:
        enough = any(each.seats >= max(wanted.seats, 2) for each in place.rooms)
        yield InTheWay(Obstacle.ROOM_TAKEN if enough else Obstacle.SEATS, place.id)


def _room(wanted: ToOpen, place: Place | None, taken: Sequence[Claim], when: Stretch) -> Room | None:
    """The smallest that is free with enough seats; the largest where no number of seats is named."""
    if place is None or wanted.kind is not SessionKind.GROUP:
        return None
    gone = {
        claim.id for claim in taken if claim.what == ROOM and when.overlaps(Stretch(claim.start, claim.end))
    }
    free = [
        each
        for each in place.rooms
        if each.seats >= max(wanted.seats, 2) and f"{place.id}/{each.name}" not in gone
    ]
    chosen = min if wanted.seats else max
    return chosen(free, key=lambda each: each.seats, default=None)


def _plain(name: str) -> str:
    return name.strip().casefold()
