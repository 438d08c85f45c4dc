"""Plans for everybody who waits for a talk, in a town as it stands now. Pure: what it proposes is held by others.

The planner knows slots that a duo can do one of; what is really free is kept in quarters of an hour, with travel, tickets of
a week, and people who are in more than one duo. So what it finds is checked with the same rule as every booking, and who
loses out is planned again with what the others leave. Talks that stand only take up time here: nothing can move them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.session import TICK, Claim, Reason, RequestStatus, SessionKind, Stretch, TalkRequest
from scheduler.claims import TRAVEL, Grid, Talk, claims_for, look_from
from scheduler.fits import LENGTH, Fits, Town, homes
from scheduler.hours import AMSTERDAM
from scheduler.offers import Proposal, find_offers
from scheduler.planning.candidates import PER_EXTRA_SESSION, Problem
from scheduler.planning.instance import MOST_PRIORITY, Duo, Instance, Location, Resident, Slot
from scheduler.planning.plan import Plan, Session
from scheduler.planning.solve import make_plan

FREEZE = timedelta(hours=48)
"""Nothing is planned sooner: nobody has to rearrange their day at short notice."""
AHEAD = timedelta(weeks=4)
_ROUNDS = 4
_PATIENCE = timedelta(weeks=2)
"""Who waits longer goes before who waits shorter, in steps of this."""
_HOME = "home:"


@dataclass(frozen=True, slots=True)
class Placed:
    """A talk that is proposed to somebody who waits."""

    reference: str
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan comes to. `gap` is how far below the best there is it may be, as a share of `bound`."""

    placed: tuple[Placed, ...]
    not_placed: tuple[tuple[str, Reason], ...]
    objective: int
    bound: float
    seconds: float
    method: str

    @property
    def gap(self) -> float:
        return (self.bound - self.objective) / self.bound if self.bound > 0 else 0.0


def plan_waiting(
    town: Town,
    requests: Sequence[TalkRequest],
    *,
    now: datetime,
    clock: Callable[[], float],
    time_limit: float = 60.0,
    solvers: bool = True,
) -> Preview:
    """A talk for as many of `requests` as can be; `now` is UTC. Groups come last, one resident after another: they are
    offered a seat in a group that stands, or a new one. `clock` gives seconds that never go back."""
    return _Planning(town, requests, now, clock, time_limit, solvers).preview()


class _Planning:
    def __init__(
        self,
        town: Town,
        requests: Sequence[TalkRequest],
        now: datetime,
        clock: Callable[[], float],
        time_limit: float,
        solvers: bool,
    ) -> None:
        self._town, self._now, self._solvers = town, now, solvers
        self._clock, self._began = clock, clock()
        self._until = self._began + time_limit
        open_ones = [each for each in requests if each.status is not RequestStatus.BOOKED]
        self._requests = sorted(open_ones, key=lambda each: (each.since, each.reference))
        self._most = {each.id: each.max_per_week for each in town.meemakers}
        self._grid = Grid(look_from(now))
        self._placed: list[Placed] = []
        self._reasons: dict[str, Reason] = {}
        self._gained = 0

    def preview(self) -> Preview:
        alone = [each for each in self._requests if each.wish.kind is not SessionKind.GROUP]
        first, waiting = self._round(alone)
        for _ in range(_ROUNDS - 1):
            if waiting and self._clock() < self._until:
                _, waiting = self._round(waiting)
        for each in waiting:
            self._reasons[each.reference] = Reason.FULL
        for each in self._requests:
            if each.wish.kind is SessionKind.GROUP:
                self._seat(each)
        return Preview(
            placed=tuple(sorted(self._placed, key=lambda each: (each.proposal.when.start, each.reference))),
            not_placed=tuple(sorted(self._reasons.items())),
            objective=self._gained,
            # What the first round could not exceed, all rounds together cannot: later ones only have what it left.
            bound=max(first.bound, float(self._gained)),
            seconds=self._clock() - self._began,
            method=first.method if first.method == "greedy" or self._gained < first.bound else "optimal",
        )

    def _round(self, waiting: Sequence[TalkRequest]) -> tuple[Plan, list[TalkRequest]]:
        """The plan, and who lost out because more is taken by a talk than the planner knows."""
        fits = {each.reference: self._fits(each) for each in waiting}
        instance = self._instance(waiting, fits)
        left = max(0.5, self._until - self._clock())
        plan = make_plan(instance, clock=self._clock, time_limit=left, solvers=self._solvers)
        problem = Problem(instance)
        lost = []
        held = Counter(each.proposal.duo.id for each in self._placed)
        for session in plan.sessions:
            who = session.residents[0]
            if self._take(who, fits[who], session):
                near = problem.locations[session.location].neighbourhood
                self._gained += problem.worth(problem.residents[who], session.slot, near)
                self._gained -= PER_EXTRA_SESSION * held[session.duo]
                held[session.duo] += 1
            else:
                lost.append(who)
        for each in plan.not_placed:
            self._reasons[each.resident] = fits[each.resident].reason() or Reason.FULL
        return plan, [each for each in waiting if each.reference in lost]

    def _fits(self, request: TalkRequest) -> Fits:
        return Fits(request.reference, request.wish, self._town, self._now)

    def _take(self, who: str, fits: Fits, session: Session) -> bool:
        """Counts on it, if it is free by the rule of every booking."""
        bit = int(session.slot)
        place = None if session.location.startswith(_HOME) else session.location
        if not fits.starts.get(place, {}).get(session.duo, 0) >> bit & 1:
            return False
        start = self._grid.moment(bit)
        when = Stretch(start, start + fits.length)
        duo = next(each for each in self._town.duos if each.id == session.duo)
        for room in fits.spots[place].rooms_for(fits.wish.kind):
            if self._count_on(who, Proposal(fits.wish.kind, duo, place, room, when)):
                return True
        return False

    def _count_on(self, who: str, proposal: Proposal) -> bool:
        talk = Talk(
            proposal.kind, proposal.meemakers, proposal.place, proposal.room, proposal.when, (who,),
            proposal.seats, bool(proposal.joins),
        )  # fmt: skip # read as one row
        claims = claims_for(
            talk, taken=self._near(proposal.when), sessions=self._town.sessions, most=self._most
        )
        if claims is None:
            return False
        self._town = replace(self._town, taken=(*self._town.taken, *claims))
        self._placed.append(Placed(who, proposal))
        return True

    def _near(self, when: Stretch) -> list[Claim]:
        since, until = look_from(when.start), when.end + 2 * TRAVEL
        return [each for each in self._town.taken if each.end > since and each.start < until]

    def _seat(self, request: TalkRequest) -> None:
        """A group, by the rule of offers."""
        soon = Stretch(self._now, self._now + FREEZE)
        found = find_offers(request.reference, request.wish, self._town, now=self._now, many=1, avoid=[soon])
        if isinstance(found, Reason):
            self._reasons[request.reference] = found
        elif not self._count_on(request.reference, found[0]):
            self._reasons[request.reference] = Reason.FULL

    def _instance(self, waiting: Sequence[TalkRequest], fits: Mapping[str, Fits]) -> Instance:
        """As the planner sees the town: slots on half hours, and who could do what in which."""
        window = Stretch(self._now + FREEZE, self._now + AHEAD)
        halves = [
            bit
            for bit in range(self._grid.bit(window.start) + 1, self._grid.bit(window.end))
            if self._grid.moment(bit).minute % 30 == 0
        ]
        mask = sum(1 << bit for bit in halves)
        of_duo: dict[str, int] = defaultdict(int)
        of_place: dict[str | None, int] = defaultdict(int)
        of_resident: dict[str, int] = defaultdict(int)
        for who, each in fits.items():
            for place, by_duo in each.starts.items():
                for duo, bits in by_duo.items():
                    of_duo[duo] |= bits & mask
                    of_place[place] |= bits & mask
                    of_resident[who] |= bits & mask
        any_time = 0
        for bits in of_resident.values():
            any_time |= bits
        return Instance(
            seats=1,
            slots=tuple(self._slot(bit) for bit in halves if any_time >> bit & 1),
            locations=tuple(self._locations(waiting, of_place)),
            duos=tuple(self._duo(each.id, bits) for each in self._town.duos if (bits := of_duo[each.id])),
            residents=tuple(self._resident(each, of_resident[each.reference]) for each in waiting),
        )

    def _slot(self, bit: int) -> Slot:
        """It ends so late that the next one a duo can do is the first after the travel of both."""
        start = self._grid.moment(bit).astimezone(AMSTERDAM)
        return Slot(str(bit), start, start + LENGTH[SessionKind.PRIVATE] + 2 * TRAVEL - TICK)

    def _locations(
        self, waiting: Sequence[TalkRequest], open_at: Mapping[str | None, int]
    ) -> Iterator[Location]:
        for place in self._town.places:
            if bits := open_at.get(place.id, 0):
                rooms = len(place.rooms)
                yield Location(place.id, place.neighbourhood, rooms, _slots(bits), place.step_free)
        visited = {each.wish.neighbourhood for each in waiting if each.wish.kind is SessionKind.HOME}
        for home in sorted(visited.union(*(self._homes(each) for each in waiting))):
            name = f"{_HOME}{home}"
            yield Location(name, name, len(waiting), _slots(open_at.get(None, 0)), True)

    def _homes(self, request: TalkRequest) -> frozenset[str]:
        if request.wish.kind is not SessionKind.HOME:
            return frozenset()
        return homes(request.wish, self._town.meemakers, self._town.places)

    def _duo(self, id: str, bits: int) -> Duo:
        duo = next(each for each in self._town.duos if each.id == id)
        pair = [each for each in self._town.meemakers if each.id in duo.members]
        near = frozenset.intersection(*(each.neighbourhoods for each in pair))
        return Duo(
            id,
            near | {f"{_HOME}{each}" for each in near},
            frozenset.intersection(*(each.languages for each in pair)),
            frozenset(each.gender.value for each in pair if each.gender),
            _slots(bits),
            min(each.max_per_week for each in pair),
        )

    def _resident(self, request: TalkRequest, bits: int) -> Resident:
        wish = request.wish
        own, accepts = wish.neighbourhood, wish.accepts | {wish.neighbourhood}
        if wish.kind is SessionKind.HOME:
            own, accepts = f"{_HOME}{own}", frozenset(f"{_HOME}{each}" for each in self._homes(request))
        return Resident(
            request.reference,
            own,
            accepts,
            frozenset({wish.language}),
            wish.gender.value if wish.gender else None,
            wish.step_free,
            _slots(bits),
            1 + min(MOST_PRIORITY - 1, max(timedelta(), self._now - request.since) // _PATIENCE),
        )


def _slots(bits: int) -> frozenset[str]:
    found = set()
    while bits:
        low = bits & -bits
        found.add(str(low.bit_length() - 1))
        bits ^= low
    return frozenset(found)
