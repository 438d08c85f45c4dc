"""First come, first served: the planner that stands in where no solver is installed, and what ours is measured against."""

from __future__ import annotations

from collections import Counter

from scheduler.planning.candidates import Meeting, Problem
from scheduler.planning.instance import Resident
from scheduler.planning.plan import Choice


def place_greedily(problem: Problem) -> Choice:
    """Everybody in turn, those with priority first, gets the best of what is left."""
    return _Greedy(problem).place()


class _Greedy:
    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._left = dict(problem.sessions_left)
        self._busy = {duo: set(slots) for duo, slots in problem.busy.items()}
        self._rooms: Counter[tuple[str, object]] = Counter()
        self._seats = [seats for _, seats in problem.open_seats]
        self._new: Counter[Meeting] = Counter()
        self._many: Counter[str] = Counter()

    def place(self) -> Choice:
        meetings, seats = {}, {}
        for resident in sorted(self._problem.waiting, key=lambda each: -each.priority):
            found = self._best(resident)
            if isinstance(found, Meeting):
                meetings[resident.id] = found
            elif found is not None:
                seats[resident.id] = found
        return Choice(meetings, seats)

    def _best(self, resident: Resident) -> Meeting | int | None:
        best: Meeting | int | None = None
        most = 0
        for number, _ in self._problem.seats_for(resident):
            value = self._problem.worth_of_seat(resident, number)
            if self._seats[number] and value > most:
                best, most = number, value
        for meeting in self._problem.candidates(resident):
            value = self._problem.worth(resident, meeting.slot, meeting.spot.neighbourhood)
            joins = 0 < self._new[meeting] < self._problem.seats
            if not joins:
                value -= self._problem.burden(meeting.duo, self._many[meeting.duo] + 1)
                value += self._problem.burden(meeting.duo, self._many[meeting.duo])
            if value > most and (joins or self._may_begin(meeting)):
                best, most = meeting, value
        self._take(best)
        return best

    def _may_begin(self, meeting: Meeting) -> bool:
        week = self._problem.week[meeting.slot]
        return (
            not self._new[meeting]
            and meeting.slot not in self._busy[meeting.duo]
            and self._left[meeting.duo, week] > 0
            and self._rooms[meeting.slot, meeting.spot] < self._problem.rooms(meeting.slot, meeting.spot)
        )

    def _take(self, best: Meeting | int | None) -> None:
        if isinstance(best, int):
            self._seats[best] -= 1
        elif best is not None:
            if not self._new[best]:
                self._left[best.duo, self._problem.week[best.slot]] -= 1
                self._busy[best.duo] |= {best.slot, *self._problem.conflicts[best.slot]}
                self._rooms[best.slot, best.spot] += 1
                self._many[best.duo] += 1
            self._new[best] += 1
