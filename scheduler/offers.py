"""Up to three concrete talks for a resident who wants one, as varied as can be; holds and books nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.session import TICK, Duo, Hours, Reason, Session, SessionKind, Stretch, TalkWish
from scheduler.claims import TRAVEL, week_start
from scheduler.fits import Fits, Spot, Town
from scheduler.hours import AMSTERDAM, stretches, week_of

MANY = 3

# What makes one offer worse than another, in days of waiting. An own group costs a duo's time where a seat does not.
_ELSEWHERE, _SAME_DAY, _SAME_PART, _SAME_PLACE, _OWN_GROUP, _ODD_QUARTER = 10, 7, 5, 3, 7, 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """A talk that could be. `joins` is the group session it would be a seat in, "" when it would be a new session."""

    kind: SessionKind
    duo: Duo
    place: str | None
    room: str
    when: Stretch
    seats: int = 1
    joins: str = ""

    @property
    def meemakers(self) -> tuple[str, str]:
        return self.duo.members


def find_offers(
    reference: str,
    wish: TalkWish,
    town: Town,
    *,
    now: datetime,
    many: int = MANY,
    avoid: Sequence[Stretch] = (),
) -> tuple[Proposal, ...] | Reason:
    """Up to `many`, none at the same time as another and none in `avoid`; or the first thing that stands in the way. Own
    neighbourhood first, soon, on different days, parts of the day and places."""
    fits = Fits(reference, wish, town, now, avoid)
    return _Picker(fits).pick(many) or fits.reason() or Reason.FULL


@dataclass(frozen=True, slots=True)
class _Cell:
    """The moments of one part of one day."""

    day: date
    part: int
    bits: int


@dataclass(frozen=True, slots=True)
class _Choice:
    cell: _Cell
    spot: Spot
    bit: int
    cost: int
    joins: Session | None = None


class _Picker:
    def __init__(self, fits: Fits) -> None:
        self._fits = fits
        self._wish = fits.wish
        self._chosen: list[_Choice] = []
        self._found: list[Proposal] = []
        self._gone = 0  # starts at which the talk would touch one that is chosen, or for which no duo is left
        self._starts = {
            place: _all_of(by_duo.values()) for place, by_duo in fits.starts.items()
        }  # by place: when any duo could start
        self._cells = list(self._find_cells())
        self._round = self._bits_of_half_hours()

    def pick(self, many: int) -> tuple[Proposal, ...]:
        while len(self._found) < many:
            choice = min(self._choices(), key=self._order, default=None)
            if choice is None:
                break
            proposal = self._join(choice.joins) if choice.joins else self._propose(choice)
            if proposal is None:
                self._starts[choice.spot.id] &= ~(1 << choice.bit)
                continue
            self._found.append(proposal)
            self._chosen.append(choice)
            self._gone |= self._touching(proposal.when)
        return tuple(sorted(self._found, key=lambda each: (each.when.start, each.place or "")))

    def _choices(self) -> Iterator[_Choice]:
        for session, spot in self._fits.groups:
            bit = self._fits.grid.bit(session.when.start)
            if not self._gone >> bit & 1:
                cell = next(each for each in self._cells if each.bits >> bit & 1)
                yield _Choice(cell, spot, bit, self._cost(cell, spot, bit) - _OWN_GROUP, session)
        for place, bits in self._starts.items():
            spot = self._fits.spots[place]
            for cell in self._cells:
                here = bits & cell.bits & ~self._gone
                if here:
                    bit = _first(here & self._round or here)
                    yield _Choice(cell, spot, bit, self._cost(cell, spot, bit))

    def _cost(self, cell: _Cell, spot: Spot, bit: int) -> int:
        cost = (self._fits.grid.moment(bit) - self._fits.begin).days
        cost += _ELSEWHERE * (spot.neighbourhood != self._wish.neighbourhood)
        cost += _ODD_QUARTER * (not self._round >> bit & 1)
        for other in self._chosen:
            cost += _SAME_DAY * (other.cell.day == cell.day) + _SAME_PART * (other.cell.part == cell.part)
            cost += _SAME_PLACE * (spot.place is not None and other.spot.id == spot.id)
        return cost

    @staticmethod
    def _order(choice: _Choice) -> tuple[int, int, str]:
        return (choice.cost, choice.bit, choice.spot.id or "")

    def _propose(self, choice: _Choice) -> Proposal | None:
        start = self._fits.grid.moment(choice.bit)
        when = Stretch(start, start + self._fits.length)
        duo = self._duo_for(choice, when)
        if duo is None:
            return None
        room = self._fits.room_at(choice.spot, choice.bit)
        place = choice.spot.place
        seats = next((each.seats for each in place.rooms if each.name == room), 1) if place else 1
        if self._wish.kind is not SessionKind.GROUP:
            seats = 1
        return Proposal(self._wish.kind, duo, choice.spot.id, room, when, seats)

    def _duo_for(self, choice: _Choice, when: Stretch) -> Duo | None:
        """One that is not in the other offers where that can be, and that has the least to do."""
        here = self._fits.starts[choice.spot.id]
        free = [duo for duo in self._fits.town.duos if here.get(duo.id, 0) >> choice.bit & 1]
        able = [duo for duo in free if self._has_room_for(duo, when)]
        return min(
            able, key=lambda duo: (self._shares(duo), *self._fits.load(duo, when.start), duo.id), default=None
        )

    def _shares(self, duo: Duo) -> bool:
        return any(set(duo.members) & set(each.meemakers) for each in self._found)

    def _has_room_for(self, duo: Duo, when: Stretch) -> bool:
        """Beside the offers that are chosen already, as if all of them were booked."""
        far = 2 * TRAVEL
        busy: Counter[str] = Counter()
        for each in self._found:
            if each.joins:
                continue
            for meemaker in set(each.meemakers) & set(duo.members):
                if each.when.start < when.end + far and when.start < each.when.end + far:
                    return False
                busy[meemaker] += week_of(each.when.start) == week_of(when.start)
        week = week_start(when.start)
        return all(self._fits.tickets(each, week) > many for each, many in busy.items())

    def _join(self, session: Session) -> Proposal:
        duo = Duo(session.duo, *session.meemakers)
        return Proposal(
            session.kind, duo, session.place, session.room, session.when, session.seats, session.id
        )

    def _touching(self, when: Stretch) -> int:
        """The starts of talks that would have time in common with this one."""
        span = Stretch(when.start - self._fits.length + TICK, when.end)
        return self._fits.grid.touched([span])

    def _find_cells(self) -> Iterator[_Cell]:
        for number, (begin, until) in enumerate(((0, 12), (12, 18), (18, 0))):
            hours = [Hours(weekday, time(begin), time(until)) for weekday in range(7)]
            for each in stretches(hours, self._fits.begin - timedelta(days=1), self._fits.end):
                day = each.start.astimezone(AMSTERDAM).date()
                yield _Cell(day, number, self._fits.grid.touched([each]))

    def _bits_of_half_hours(self) -> int:
        first = self._fits.grid.bit(week_start(self._fits.begin))
        return sum(1 << bit for bit in range(first, self._fits.grid.bit(self._fits.end), 2))


def _all_of(sets: Iterable[int]) -> int:
    found = 0
    for each in sets:
        found |= each
    return found


def _first(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
