"""Which resident fits which session, and what a placement is worth; nothing is chosen here.

Places of one neighbourhood with the same access are alike for everybody: they are one *spot*, with their rooms added up.
Which of the places a session gets is settled at the very end. That keeps the sums small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from scheduler.planning.instance import Confirmed, Duo, Instance, Location, Resident, Slot

PER_PRIORITY = 1000
PER_WEEK = 2
ELSEWHERE = 6
PER_EXTRA_SESSION = 8


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Places that are alike: a neighbourhood, and whether there are no steps."""

    neighbourhood: str
    step_free: bool


@dataclass(frozen=True, slots=True, order=True)
class Meeting:
    """A duo in a slot at a spot: a session that could be."""

    duo: str
    slot: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Standing:
    """A confirmed session with the residents who come."""

    duo: str
    slot: str
    location: str
    residents: tuple[str, ...]


class Problem:
    """An instance, looked at from all sides a planner needs. Made once; holds no choice."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.seats = min(instance.seats, max(1, len(instance.residents)))
        self.slots: dict[str, Slot] = {slot.id: slot for slot in instance.slots}
        self.duos: dict[str, Duo] = {duo.id: duo for duo in instance.duos}
        self.locations: dict[str, Location] = {place.id: place for place in instance.locations}
        self.residents: dict[str, Resident] = {each.id: each for each in instance.residents}
        self.standing = _standing(instance.confirmed)
        self.waiting = self._waiting()
        self.week = {slot.id: _monday(slot) for slot in instance.slots}
        first = min(self.slots.values(), key=lambda slot: slot.start, default=None)
        self._first_week = _monday(first) if first else date.min
        self._rooms = self._count_rooms()

    def _waiting(self) -> list[Resident]:
        settled = {each.resident for each in self.instance.confirmed}
        return [each for each in self.instance.residents if each.id not in settled]

    @cached_property
    def one_at_a_time(self) -> list[tuple[str, ...]]:
        """Groups of slots of which a duo can do one: they overlap, or one follows the other at once on the same day.
        Two slots that exclude each other stand together in at least one group."""
        ordered = sorted(self.slots.values(), key=lambda slot: (slot.start, slot.end, slot.id))
        groups = []
        before: list[Slot] = []
        for place, slot in enumerate(ordered):
            before = [each for each in before if _reaches(each, slot)] + [slot]
            # One that stands in the next group as a whole says nothing new.
            after = ordered[place + 1] if place + 1 < len(ordered) else None
            if after is None or not all(_reaches(each, after) for each in before):
                groups.append(tuple(each.id for each in before))
        return groups

    @cached_property
    def conflicts(self) -> dict[str, frozenset[str]]:
        """For each slot the others that one duo cannot do as well."""
        found: dict[str, set[str]] = {slot: set() for slot in self.slots}
        for group in self.one_at_a_time:
            for slot in group:
                found[slot] |= {other for other in group if other != slot}
        return {slot: frozenset(others) for slot, others in found.items()}

    def most_sessions(self, duo: str) -> int:
        """How many new sessions a duo can hold at the very most."""
        return sum(left for (each, _), left in self.sessions_left.items() if each == duo)

    def spot_of(self, location: str) -> Spot:
        place = self.locations[location]
        return Spot(place.neighbourhood, place.step_free)

    def rooms(self, slot: str, spot: Spot) -> int:
        """Rooms at a spot that no confirmed session has."""
        return self._rooms.get((slot, spot), 0)

    def _count_rooms(self) -> dict[tuple[str, Spot], int]:
        taken: dict[tuple[str, str], int] = defaultdict(int)
        for session in self.standing:
            taken[session.slot, session.location] += 1
        found: dict[tuple[str, Spot], int] = defaultdict(int)
        for place in self.instance.locations:
            for slot in place.open_slots:
                free = max(0, place.rooms - taken[slot, place.id])
                if free:
                    found[slot, self.spot_of(place.id)] += free
        return dict(found)

    @cached_property
    def meetings_in(self) -> dict[str, list[Meeting]]:
        """Sessions that may still begin, for each slot, in a fixed order: the duo is free, serves the neighbourhood and
        has a session left that week, and there is a room."""
        spots: dict[str, list[Spot]] = defaultdict(list)
        for slot, spot in self._rooms:
            spots[slot].append(spot)
        left = self.sessions_left
        found: dict[str, list[Meeting]] = defaultdict(list)
        for duo in sorted(self.duos.values(), key=lambda each: each.id):
            for slot in sorted(duo.available_slots - self.busy[duo.id]):
                if left[duo.id, self.week[slot]] > 0:
                    found[slot] += [
                        Meeting(duo.id, slot, spot)
                        for spot in sorted(spots[slot])
                        if spot.neighbourhood in duo.neighbourhoods
                    ]
        return dict(found)

    @cached_property
    def busy(self) -> dict[str, set[str]]:
        """For each duo the slots that its confirmed sessions take away."""
        found: dict[str, set[str]] = {duo: set() for duo in self.duos}
        for session in self.standing:
            found[session.duo] |= {session.slot, *self.conflicts[session.slot]}
        return found

    @cached_property
    def sessions_left(self) -> dict[tuple[str, date], int]:
        """How many sessions each duo may still do in each week."""
        held: dict[tuple[str, date], int] = defaultdict(int)
        for session in self.standing:
            held[session.duo, self.week[session.slot]] += 1
        return {
            (duo.id, week): max(0, duo.max_per_week - held[duo.id, week])
            for duo in self.duos.values()
            for week in set(self.week.values())
        }

    @cached_property
    def held(self) -> dict[str, int]:
        """How many confirmed sessions each duo has."""
        found = dict.fromkeys(self.duos, 0)
        for session in self.standing:
            found[session.duo] += 1
        return found

    @cached_property
    def open_seats(self) -> list[tuple[Standing, int]]:
        """Confirmed sessions with seats left, and how many."""
        return [
            (session, self.seats - len(session.residents))
            for session in self.standing
            if len(session.residents) < self.seats
        ]

    def worth(self, resident: Resident, slot: str, neighbourhood: str) -> int:
        weeks = (self.week[slot] - self._first_week).days // 7
        elsewhere = ELSEWHERE if neighbourhood != resident.neighbourhood else 0
        return PER_PRIORITY * resident.priority - PER_WEEK * weeks - elsewhere

    def fits(self, resident: Resident, duo: str, slot: str, spot: Spot) -> bool:
        return (
            slot in resident.available_slots
            and spot.neighbourhood in resident.accepts
            and (spot.step_free or not resident.needs_step_free)
            and suits(resident, self.duos[duo])
        )

    def candidates(self, resident: Resident) -> Iterator[Meeting]:
        """The new sessions this resident could come to."""
        duos = self._suiting(resident.languages, resident.wants_gender)
        for slot in sorted(resident.available_slots):
            for meeting in self.meetings_in.get(slot, ()):
                spot = meeting.spot
                if (
                    meeting.duo in duos
                    and spot.neighbourhood in resident.accepts
                    and (spot.step_free or not resident.needs_step_free)
                ):
                    yield meeting

    def seats_for(self, resident: Resident) -> Iterator[tuple[int, Standing]]:
        """Confirmed sessions with a seat that this resident could take, with their place in `open_seats`."""
        for number, (session, _) in enumerate(self.open_seats):
            if self.fits(resident, session.duo, session.slot, self.spot_of(session.location)):
                yield number, session

    def _suiting(self, languages: frozenset[str], gender: str | None) -> frozenset[str]:
        key = (languages, gender)
        if key not in self._suited:
            self._suited[key] = frozenset(
                duo.id for duo in self.duos.values() if speaks(languages, duo) and is_asked(gender, duo)
            )
        return self._suited[key]

    @cached_property
    def _suited(self) -> dict[tuple[frozenset[str], str | None], frozenset[str]]:
        return {}

    def worth_of_seat(self, resident: Resident, number: int) -> int:
        session = self.open_seats[number][0]
        return self.worth(resident, session.slot, self.locations[session.location].neighbourhood)

    def burden(self, duo: str, many: int) -> int:
        """What so many new sessions of a duo cost, beside its confirmed ones."""
        return PER_EXTRA_SESSION * sum(range(self.held[duo], self.held[duo] + many))

    @cached_property
    def standing_value(self) -> int:
        """What the confirmed appointments are worth by themselves."""
        gained = sum(
            self.worth(self.residents[who], session.slot, self.locations[session.location].neighbourhood)
            for session in self.standing
            for who in session.residents
        )
        return gained - sum(PER_EXTRA_SESSION * many * (many - 1) // 2 for many in self.held.values())

    def places_at(self, slot: str, spot: Spot) -> list[Location]:
        """The locations of a spot that are open then."""
        return [place for place in self._places_of[spot] if slot in place.open_slots]

    @cached_property
    def _places_of(self) -> dict[Spot, list[Location]]:
        found: dict[Spot, list[Location]] = defaultdict(list)
        for place in self.instance.locations:
            found[self.spot_of(place.id)].append(place)
        return found


def suits(resident: Resident, duo: Duo) -> bool:
    """Whether they share a language and the asked-for gender is there."""
    return speaks(resident.languages, duo) and is_asked(resident.wants_gender, duo)


def speaks(languages: frozenset[str], duo: Duo) -> bool:
    return not languages.isdisjoint(duo.languages)


def is_asked(gender: str | None, duo: Duo) -> bool:
    return gender is None or gender in duo.genders


def _reaches(earlier: Slot, later: Slot) -> bool:
    """Whether a duo in the earlier one cannot hold the later one, which starts at the same time or after it."""
    return later.start < earlier.end or (
        later.start == earlier.end and later.start.date() == earlier.start.date()
    )


def _monday(slot: Slot) -> date:
    day = slot.start.date()
    return day - timedelta(days=day.weekday())


def _standing(confirmed: tuple[Confirmed, ...]) -> list[Standing]:
    together: dict[tuple[str, str, str], list[str]] = {}
    for each in confirmed:
        together.setdefault((each.duo, each.slot, each.location), []).append(each.resident)
    return [Standing(*key, tuple(residents)) for key, residents in together.items()]
