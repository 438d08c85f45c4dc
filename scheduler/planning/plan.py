"""A plan, and how it is put together out of a choice of who goes where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduler.planning.candidates import Meeting, Problem
from scheduler.planning.reasons import NotPlaced, why_not


@dataclass(frozen=True, slots=True)
class Session:
    """Residents who meet a duo in a slot at a location; those who were confirmed stand first."""

    duo: str
    slot: str
    location: str
    residents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`bound` is what no plan can exceed, `gap` how far below it this one may be, as a share of it. `method` is
    "optimal", "within_gap" or "greedy"."""

    sessions: tuple[Session, ...]
    not_placed: tuple[NotPlaced, ...]
    objective: int
    bound: float
    gap: float
    seconds: float
    method: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Who goes where: to a new session, or to a seat in a confirmed one (its place in `Problem.open_seats`)."""

    meetings: Mapping[str, Meeting]
    seats: Mapping[str, int]

    def value(self, problem: Problem) -> int:
        """What it adds to the objective, with the confirmed sessions as they are."""
        gained = sum(
            problem.worth(problem.residents[who], meeting.slot, meeting.spot.neighbourhood)
            for who, meeting in self.meetings.items()
        )
        gained += sum(
            problem.worth_of_seat(problem.residents[who], number) for who, number in self.seats.items()
        )
        new = Counter(meeting.duo for meeting in set(self.meetings.values()))
        return gained - sum(problem.burden(duo, many) for duo, many in new.items())


NOTHING = Choice({}, {})


def sessions_of(problem: Problem, choice: Choice) -> tuple[Session, ...]:
    """All sessions, confirmed ones with the residents who join them, in the order of time."""
    joining: dict[int, list[str]] = defaultdict(list)
    for who, number in choice.seats.items():
        joining[number].append(who)
    joined = {problem.open_seats[number][0]: residents for number, residents in joining.items()}
    meeting: dict[Meeting, list[str]] = defaultdict(list)
    for who, each in choice.meetings.items():
        meeting[each].append(who)
    places = _places(problem, sorted(meeting))
    found = [
        Session(each.duo, each.slot, each.location, (*each.residents, *sorted(joined.get(each, ()))))
        for each in problem.standing
    ]
    found += [
        Session(each.duo, each.slot, places[each], tuple(sorted(residents)))
        for each, residents in meeting.items()
    ]
    return tuple(
        sorted(found, key=lambda each: (problem.slots[each.slot].start, each.slot, each.location, each.duo))
    )


def finish(problem: Problem, choice: Choice, bound: float, seconds: float, method: str) -> Plan:
    """`bound` is that of what the choice adds."""
    objective = problem.standing_value + choice.value(problem)
    bound = max(float(objective), problem.standing_value + bound)
    return Plan(
        sessions=sessions_of(problem, choice),
        not_placed=tuple(
            why_not(problem, each)
            for each in problem.waiting
            if each.id not in choice.meetings and each.id not in choice.seats
        ),
        objective=objective,
        bound=bound,
        gap=(bound - objective) / abs(bound) if bound else 0.0,
        seconds=seconds,
        method=method,
    )


def _places(problem: Problem, meetings: Sequence[Meeting]) -> dict[Meeting, str]:
    """A location with a free room for each session: locations of one spot are alike, so any order does."""
    taken = Counter((each.slot, each.location) for each in problem.standing)
    found = {}
    for each in meetings:
        for place in problem.places_at(each.slot, each.spot):
            if taken[each.slot, place.id] < place.rooms:
                taken[each.slot, place.id] += 1
                found[each] = place.id
                break
    return found
