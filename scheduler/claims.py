"""What a talk takes up, in quarters of an hour: both meemakers with their travel, the room, the residents; and as numbered
tickets the seats of a group and the talks that a meemaker holds in a week. Decides nothing; storage guards that nothing is
taken twice.

Sets of quarters are whole numbers, one bit for each: laying sixty agendas over each other is then a few instructions.

Between two talks at the same place nobody travels. The later one of the two to be booked takes what the other left free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from domain.session import TICK, Claim, Hours, Offer, Session, SessionKind, Stretch
from scheduler.hours import ClockPeriod, week_of

TRAVEL = timedelta(minutes=30)
"""Before and after a talk. A talk has to be longer than twice this: then no two fit where only travel is left."""

MEEMAKER, RESIDENT, ROOM, SEAT, WEEK = "meemaker", "resident", "room", "seat", "week"

_WEEK = timedelta(days=7)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Grid:
    """Quarters of an hour from a moment on; the first is bit 0."""

    def __init__(self, begin: datetime) -> None:
        self._first = (begin - _EPOCH) // TICK

    def bit(self, moment: datetime) -> int:
        """The number of the quarter in which it is."""
        return (moment - _EPOCH) // TICK - self._first

    def moment(self, bit: int) -> datetime:
        return _EPOCH + (self._first + bit) * TICK

    def within(self, stretches: Iterable[Stretch]) -> int:
        """The quarters that lie wholly in them."""
        found = 0
        for each in stretches:
            found |= _ones(-((_EPOCH - each.start) // TICK) - self._first, self.bit(each.end))
        return found

    def touched(self, stretches: Iterable[Stretch]) -> int:
        """The quarters that lie in them at least in part."""
        found = 0
        for each in stretches:
            found |= _ones(self.bit(each.start), -((_EPOCH - each.end) // TICK) - self._first)
        return found

    def hours(self, hours: Iterable[Hours], periods: Iterable[ClockPeriod]) -> int:
        """The quarters that lie wholly in hours of the week, in those periods; as `scheduler.hours.stretches` has them, in
        a hundredth of the time."""
        week = _week_bits(hours)
        found = 0
        for period in periods:
            here = self.within([period.during])
            monday = datetime.combine(week_of(period.during.start), time(), UTC) - period.ahead
            repeated = 0
            while monday < period.during.end:
                shift = self.bit(monday)
                repeated |= week << shift if shift >= 0 else week >> -shift
                monday += _WEEK
            found |= here & repeated
        return found

    def stretches(self, bits: int) -> Iterator[Stretch]:
        while bits:
            low = (bits & -bits).bit_length() - 1
            rest = bits >> low
            run = (~rest & (rest + 1)).bit_length() - 1
            yield Stretch(self.moment(low), self.moment(low + run))
            bits &= ~_ones(low, low + run)


def _week_bits(hours: Iterable[Hours]) -> int:
    """From Monday at midnight, bit by bit; `until` midnight is the end of the day."""
    found = 0
    for each in hours:
        begin = each.begin.hour * 60 + each.begin.minute
        until = each.until.hour * 60 + each.until.minute or 24 * 60
        day = each.weekday * 24 * 4
        found |= _ones(day - (-begin // 15), day + until // 15)
    return found


def _ones(low: int, high: int) -> int:
    low = max(low, 0)
    return ((1 << (high - low)) - 1) << low if high > low else 0


def starts_in(bits: int, many: int) -> int:
    """Where so many quarters in a row begin."""
    found, done = bits, 1
    while done < many:
        step = min(done, many - done)
        found &= found >> step
        done += step
    return found


class Taken:
    """What is taken, by kind and id."""

    def __init__(self, grid: Grid, claims: Iterable[Claim]) -> None:
        self._grid = grid
        self._bits: dict[tuple[str, str], int] = {}
        self._claims: dict[tuple[str, str], list[Claim]] = {}
        for each in claims:
            self._claims.setdefault((each.what, each.id), []).append(each)

    def of(self, what: str, id: str) -> int:
        key = (what, id)
        if key not in self._bits:
            found = self._claims.get(key, ())
            self._bits[key] = self._grid.touched(Stretch(each.start, each.end) for each in found)
        return self._bits[key]


@dataclass(frozen=True, slots=True)
class Talk:
    """A session or an offer, seen as what it takes up. `residents` are those who come; `seats` is only for a group.
    `joins` says that meemakers and room are taken already by a group that stands."""

    kind: SessionKind
    meemakers: tuple[str, str]
    place: str | None
    room: str
    when: Stretch
    residents: tuple[str, ...]
    seats: int = 1
    joins: bool = False

    @property
    def room_id(self) -> str:
        return f"{self.place}/{self.room}"


def talk_of(session: Session) -> Talk:
    return Talk(
        session.kind,
        session.meemakers,
        session.place,
        session.room,
        session.when,
        session.booked,
        session.seats,
    )


def talk_offered(offer: Offer, meemakers: tuple[str, str], resident: str, *, seats: int, joins: bool) -> Talk:
    return Talk(offer.kind, meemakers, offer.place, offer.room, offer.when, (resident,), seats, joins)


def with_travel(when: Stretch) -> Stretch:
    return Stretch(when.start - TRAVEL, when.end + TRAVEL)


def week_start(moment: datetime) -> datetime:
    """The quarter (UTC) that tickets of a week are written at."""
    return datetime.combine(week_of(moment), time(), UTC)


def look_from(moment: datetime) -> datetime:
    """From when on what is taken has to be known, to judge a talk at or after that moment."""
    return min(week_start(moment), moment - TRAVEL)


def claims_for(
    talk: Talk,
    *,
    taken: Sequence[Claim],
    own: Sequence[Claim] = (),
    sessions: Sequence[Session] = (),
    most: Mapping[str, int],
) -> tuple[Claim, ...] | None:
    """All that the talk takes up, or None when something of it is not there. `taken` is what others have, `own` what it had
    itself: it keeps its own tickets where it can. `sessions` are the others near it, `most` how many talks each meemaker
    holds in a week."""
    grid = Grid(look_from(talk.when.start))
    others, had = Taken(grid, taken), Taken(grid, own)
    found: list[Claim] = []
    core = grid.touched((talk.when,))
    if not talk.joins:
        for meemaker in filter(None, talk.meemakers):
            span = grid.touched((with_travel(talk.when),))
            there = at_same_place(meemaker, talk.place, sessions)
            if core & grid.touched(each.when for each in there):
                return None
            travel = grid.touched(with_travel(each.when) for each in there)
            if span & others.of(MEEMAKER, meemaker) & ~travel:
                return None
            left = span & ~others.of(MEEMAKER, meemaker)
            found += (Claim(MEEMAKER, meemaker, each.start, each.end) for each in grid.stretches(left))
            week = week_start(talk.when.start)
            ticket = _tickets(grid, WEEK, meemaker, week, 1, most.get(meemaker, 0), others, had)
            if ticket is None:
                return None
            found += ticket
        if talk.place is not None:
            if core & others.of(ROOM, talk.room_id):
                return None
            found.append(Claim(ROOM, talk.room_id, talk.when.start, talk.when.end))
    for resident in talk.residents:
        if core & others.of(RESIDENT, resident):
            return None
        found.append(Claim(RESIDENT, resident, talk.when.start, talk.when.end))
    if talk.kind is SessionKind.GROUP:
        seats = _tickets(
            grid, SEAT, talk.room_id, talk.when.start, len(talk.residents), talk.seats, others, had
        )
        if seats is None:
            return None
        found += seats
    return tuple(found)


def at_same_place(meemaker: str, place: str | None, sessions: Iterable[Session]) -> list[Session]:
    """Their sessions at that place; a home is never the same place as another. Who was erased ("") has none."""
    if place is None or not meemaker:
        return []
    return [each for each in sessions if each.place == place and meemaker in each.meemakers]


def free_tickets(grid: Grid, taken: Taken, what: str, id: str, at: datetime, most: int) -> list[str]:
    bit = 1 << grid.bit(at)
    names = (f"{id}#{number}" for number in range(most))
    return [name for name in names if not taken.of(what, name) & bit]


def _tickets(
    grid: Grid, what: str, id: str, at: datetime, many: int, most: int, others: Taken, had: Taken
) -> list[Claim] | None:
    """So many that are free, its own first. Own ones stay good when somebody since holds fewer talks a week."""
    bit = 1 << grid.bit(at)
    own = [f"{id}#{number}" for number in range(_MOST) if had.of(what, f"{id}#{number}") & bit]
    free = [name for name in free_tickets(grid, others, what, id, at, most) if name not in own]
    chosen = [*own, *free][:many]
    return [Claim(what, name, at, at + TICK) for name in chosen] if len(chosen) == many else None


_MOST = 200
"""More tickets than anybody gives out for one week or one room."""
