"""Which duos fit what a resident asks, and when they, a place and the resident are free together; chooses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

from domain.session import (
    TICK,
    Claim,
    Duo,
    Gender,
    Hours,
    Meemaker,
    MeemakerKind,
    Place,
    Reason,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkWish,
)
from scheduler.claims import (
    MEEMAKER,
    RESIDENT,
    ROOM,
    SEAT,
    TRAVEL,
    WEEK,
    Grid,
    Taken,
    at_same_place,
    free_tickets,
    look_from,
    starts_in,
    week_start,
    with_travel,
)
from scheduler.hours import ClockPeriod, busy_times, clock_periods, week_of, weeks_between

LENGTH = {
    SessionKind.PRIVATE: timedelta(minutes=75),
    SessionKind.HOME: timedelta(minutes=75),
    SessionKind.GROUP: timedelta(minutes=90),
}
NOTICE = timedelta(hours=24)
"""Nobody is offered a talk that is sooner."""
HORIZON = timedelta(days=56)

PARTS = {
    "morning": tuple(Hours(day, time(8), time(12)) for day in range(7)),
    "afternoon": tuple(Hours(day, time(12), time(18)) for day in range(7)),
    "evening": tuple(Hours(day, time(18), time(22)) for day in range(7)),
    "weekday_morning": tuple(Hours(day, time(8), time(12)) for day in range(5)),
    "weekday_afternoon": tuple(Hours(day, time(12), time(18)) for day in range(5)),
    "weekday_evening": tuple(Hours(day, time(18), time(22)) for day in range(5)),
    "weekend": tuple(Hours(day, time(8), time(22)) for day in (5, 6)),
}
_DAYTIME = tuple(Hours(day, time(8), time(22)) for day in range(7))
"""When a talk may be for a resident who named no time."""
_TRAVEL_BITS = TRAVEL // TICK


@dataclass(frozen=True, slots=True)
class Town:
    """Who and what there is, and what is taken, from `look_from(now)` until `now + HORIZON`."""

    meemakers: Sequence[Meemaker]
    duos: Sequence[Duo]
    places: Sequence[Place]
    sessions: Sequence[Session] = ()
    taken: Sequence[Claim] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a talk could be: a location, or `place` None for the resident's home."""

    place: Place | None
    neighbourhood: str

    @property
    def id(self) -> str | None:
        return self.place.id if self.place else None

    def rooms_for(self, kind: SessionKind) -> list[str]:
        if self.place is None:
            return [""]
        least = 2 if kind is SessionKind.GROUP else 1
        return [room.name for room in self.place.rooms if room.seats >= least]


def speaks(meemaker: Meemaker, language: str) -> bool:
    return language in meemaker.languages


def has_gender(gender: Gender | None, meemakers: Iterable[Meemaker]) -> bool:
    """Whether one of them is as asked for."""
    return gender is None or any(each.gender is gender for each in meemakers)


def is_whole(duo: Duo, meemakers: dict[str, Meemaker]) -> bool:
    """Both are there, one of each kind."""
    pair = [meemakers.get(each) for each in duo.members]
    return [each and each.kind for each in pair] == [MeemakerKind.RESIDENT, MeemakerKind.PROFESSIONAL]


def homes(wish: TalkWish, meemakers: Iterable[Meemaker], places: Iterable[Place]) -> frozenset[str]:
    """The neighbourhoods that a visit at home counts as: their own, or those they accept where nobody knows their own
    (somewhere else in town)."""
    known = {each.neighbourhood for each in places}.union(*(each.neighbourhoods for each in meemakers))
    return frozenset({wish.neighbourhood}) if wish.neighbourhood in known else wish.accepts & known


def serve(pair: Iterable[Meemaker], neighbourhoods: Iterable[str]) -> bool:
    """Whether there is one that both come to."""
    both = frozenset.intersection(*(each.neighbourhoods for each in pair))
    return not both.isdisjoint(neighbourhoods)


class Fits:
    """One resident's wish, laid over the town. Sets of moments are bits of `grid`, each where a talk could start."""

    def __init__(
        self, reference: str, wish: TalkWish, town: Town, now: datetime, avoid: Sequence[Stretch] = ()
    ) -> None:
        self.reference, self.wish, self.town = reference, wish, town
        self._avoid = avoid
        self.begin, self.end = now + NOTICE, now + HORIZON
        self.grid = Grid(look_from(now))
        self.length = LENGTH[wish.kind]
        self._many = self.length // (self.grid.moment(1) - self.grid.moment(0))
        self.meemakers = {each.id: each for each in town.meemakers}

    def reason(self) -> Reason | None:
        """The first thing that stands in the way, or None when something fits."""
        if not starts_in(self._allowed, self._many):
            return Reason.NO_TIME
        if not self._speaking:
            return Reason.NO_LANGUAGE
        if not self._asked:
            return Reason.NO_GENDER
        if not self._near:
            return Reason.NO_PLACE
        if not self._reached:
            return Reason.NO_STEP_FREE
        if not self._serving:
            return Reason.NO_DUO_NEARBY
        if not any(self._could(duo, spot) for duo, spot in self._serving):
            return Reason.NO_COMMON_TIME
        return None

    @cached_property
    def taken(self) -> Taken:
        return Taken(self.grid, self.town.taken)

    @cached_property
    def starts(self) -> dict[str | None, dict[str, int]]:
        """By place, by duo: when a new talk could start there."""
        found: dict[str | None, dict[str, int]] = {}
        for duo, spot in self._serving:
            bits = self._duo_starts(duo, spot) & self._spot_starts(spot)
            if bits:
                found.setdefault(spot.id, {})[duo.id] = bits
        return found

    @cached_property
    def spots(self) -> dict[str | None, Spot]:
        return {spot.id: spot for _, spot in self._serving}

    @cached_property
    def groups(self) -> list[tuple[Session, Spot]]:
        """Group sessions that stand and have a seat for this resident."""
        if self.wish.kind is not SessionKind.GROUP:
            return []
        spots = {spot.id: spot for spot in self._reached}
        return [(each, spots[each.place]) for each in self.town.sessions if self._has_seat(each, spots)]

    def room_at(self, spot: Spot, bit: int) -> str:
        """The first that is free, of those `starts` found."""
        return next(name for name, bits in self._rooms(spot) if bits >> bit & 1)

    def load(self, duo: Duo, at: datetime) -> tuple[int, int]:
        """How many talks the busier of the two has that week, and how many both have in all."""
        week = week_of(at)
        theirs = [self._sessions_with.get(each, []) for each in duo.members]
        return (
            max(sum(week_of(each.when.start) == week for each in sessions) for sessions in theirs),
            sum(map(len, theirs)),
        )

    def tickets(self, meemaker: str, week: datetime) -> int:
        """How many talks they can still take on that week."""
        most = self.meemakers[meemaker].max_per_week
        return len(free_tickets(self.grid, self.taken, WEEK, meemaker, week, most))

    @cached_property
    def _allowed(self) -> int:
        """Quarters that suit the resident, whatever they have already."""
        if self.wish.windows or self.wish.parts:
            hours = [each for part in self.wish.parts for each in PARTS.get(part, ())]
        else:
            hours = list(_DAYTIME)
        return (self.grid.hours(hours, self._periods) | self.grid.within(self.wish.windows)) & self._span

    @cached_property
    def _free(self) -> int:
        """And that they are free in."""
        gone = self.taken.of(RESIDENT, self.reference) | self.grid.touched(self._avoid)
        return self._allowed & ~gone

    @cached_property
    def _speaking(self) -> list[Duo]:
        return [
            duo
            for duo in self.town.duos
            if is_whole(duo, self.meemakers)
            and all(speaks(self.meemakers[each], self.wish.language) for each in duo.members)
        ]

    @cached_property
    def _asked(self) -> list[Duo]:
        return [
            duo
            for duo in self._speaking
            if has_gender(self.wish.gender, (self.meemakers[each] for each in duo.members))
        ]

    @cached_property
    def _near(self) -> list[Spot]:
        if self.wish.kind is SessionKind.HOME:
            return [Spot(None, self.wish.neighbourhood)]
        accepts = self.wish.accepts | {self.wish.neighbourhood}
        return [Spot(each, each.neighbourhood) for each in self.town.places if each.neighbourhood in accepts]

    @cached_property
    def _reached(self) -> list[Spot]:
        return [
            spot
            for spot in self._near
            if spot.place is None or spot.place.step_free or not self.wish.step_free
        ]

    @cached_property
    def _serving(self) -> list[tuple[Duo, Spot]]:
        return [
            (duo, spot)
            for duo in self._asked
            for spot in self._reached
            if serve((self.meemakers[each] for each in duo.members), self._counts_as(spot))
        ]

    def _counts_as(self, spot: Spot) -> frozenset[str]:
        return frozenset({spot.neighbourhood}) if spot.place else self._homes

    @cached_property
    def _homes(self) -> frozenset[str]:
        return homes(self.wish, self.town.meemakers, self.town.places)

    def _could(self, duo: Duo, spot: Spot) -> bool:
        """Were nothing taken."""
        if not spot.rooms_for(self.wish.kind) or not all(
            self.meemakers[each].max_per_week for each in duo.members
        ):
            return False
        free = self._hours(duo.resident) & self._hours(duo.professional) & self._allowed
        return bool(starts_in(free & self._opened(spot), self._many))

    def _hours(self, meemaker: str) -> int:
        """Quarters in which they hold talks, whatever they have already."""
        if meemaker not in self._free_hours:
            who = self.meemakers[meemaker]
            usual = self.grid.hours(who.hours, self._periods) & ~self.grid.touched(who.away)
            self._free_hours[meemaker] = (usual | self.grid.within(who.extra)) & self._span
        return self._free_hours[meemaker]

    @cached_property
    def _free_hours(self) -> dict[str, int]:
        return {}

    @cached_property
    def _periods(self) -> tuple[ClockPeriod, ...]:
        return clock_periods(self.begin, self.end)

    @cached_property
    def _span(self) -> int:
        return self.grid.within([Stretch(self.begin, self.end)])

    def _opened(self, spot: Spot) -> int:
        if spot.place is None:
            return self._allowed
        if spot.id not in self._open:
            usual = self.grid.hours(spot.place.hours, self._periods)
            self._open[spot.id] = usual & ~self.grid.touched(spot.place.closed)
        return self._open[spot.id]

    @cached_property
    def _open(self) -> dict[str | None, int]:
        return {}

    def _spot_starts(self, spot: Spot) -> int:
        found = 0
        for _, bits in self._rooms(spot):
            found |= bits
        return found

    def _rooms(self, spot: Spot) -> list[tuple[str, int]]:
        """When a talk could start in each room, as far as place and resident go."""
        if spot.id not in self._room_starts:
            free = self._opened(spot) & self._free
            self._room_starts[spot.id] = [
                (name, starts_in(free & ~self._room_taken(spot, name), self._many))
                for name in spot.rooms_for(self.wish.kind)
            ]
        return self._room_starts[spot.id]

    def _room_taken(self, spot: Spot, room: str) -> int:
        return self.taken.of(ROOM, f"{spot.id}/{room}") if spot.place else 0

    @cached_property
    def _room_starts(self) -> dict[str | None, list[tuple[str, int]]]:
        return {}

    def _duo_starts(self, duo: Duo, spot: Spot) -> int:
        return self._member_starts(duo.resident, spot) & self._member_starts(duo.professional, spot)

    def _member_starts(self, meemaker: str, spot: Spot) -> int:
        there = at_same_place(meemaker, spot.id, self._sessions_with.get(meemaker, ()))
        key = (meemaker, spot.id if there else "")
        if key not in self._members:
            self._members[key] = self._find_member_starts(meemaker, there)
        return self._members[key]

    @cached_property
    def _members(self) -> dict[tuple[str, str | None], int]:
        return {}

    def _find_member_starts(self, meemaker: str, there: list[Session]) -> int:
        """Between two talks at the same place nobody travels; what is taken for that does not stand in the way."""
        travel = self.grid.touched(with_travel(each.when) for each in there)
        talks = self.grid.touched(each.when for each in there)
        busy = self.grid.touched(busy_times(self.meemakers[meemaker]))
        clear = ~(self.taken.of(MEEMAKER, meemaker) & ~travel | busy)
        clear &= (1 << self.grid.bit(self.end + timedelta(days=1))) - 1
        around = starts_in(clear, self._many + 2 * _TRAVEL_BITS) << _TRAVEL_BITS
        return around & starts_in(self._hours(meemaker) & ~talks, self._many) & self._open_weeks(meemaker)

    def _open_weeks(self, meemaker: str) -> int:
        found = 0
        for week, bits in self._weeks:
            if self.tickets(meemaker, week):
                found |= bits
        return found

    @cached_property
    def _weeks(self) -> list[tuple[datetime, int]]:
        """Each by the quarter that its tickets are written at."""
        return [
            (week_start(week.start), self.grid.within([week])) for week in weeks_between(self.begin, self.end)
        ]

    @cached_property
    def _sessions_with(self) -> dict[str, list[Session]]:
        found: dict[str, list[Session]] = {}
        for session in self.town.sessions:
            for each in session.meemakers:
                found.setdefault(each, []).append(session)
        return found

    def _has_seat(self, session: Session, spots: dict[str | None, Spot]) -> bool:
        if session.kind is not SessionKind.GROUP or session.place not in spots:
            return False
        if session.status not in (SessionStatus.ASKED, SessionStatus.CONFIRMED):
            return False
        if session.language != self.wish.language or self.reference in session.booked:
            return False
        core = self.grid.touched([session.when])
        pair = [self.meemakers[each] for each in session.meemakers if each in self.meemakers]
        room = f"{session.place}/{session.room}"
        return (
            core & self._free == core
            and has_gender(self.wish.gender, pair)
            and bool(free_tickets(self.grid, self.taken, SEAT, room, session.when.start, session.seats))
        )
