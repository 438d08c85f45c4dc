"""Why somebody has no place: the first thing that stands in the way, from what nobody can change to what may change."""

from __future__ import annotations

from dataclasses import dataclass

from domain.session import Reason
from scheduler.planning.candidates import Problem, is_asked, speaks
from scheduler.planning.instance import Resident


@dataclass(frozen=True, slots=True)
class NotPlaced:
    resident: str
    reason: Reason


def why_not(problem: Problem, resident: Resident) -> NotPlaced:
    return NotPlaced(resident.id, _reason(problem, resident))


def _reason(problem: Problem, resident: Resident) -> Reason:
    if not resident.available_slots:
        return Reason.NO_TIME
    speaking = [duo for duo in problem.duos.values() if speaks(resident.languages, duo)]
    if not speaking:
        return Reason.NO_LANGUAGE
    asked = [duo for duo in speaking if is_asked(resident.wants_gender, duo)]
    if not asked:
        return Reason.NO_GENDER
    near = [place for place in problem.locations.values() if place.neighbourhood in resident.accepts]
    if not near:
        return Reason.NO_PLACE
    reached = [place for place in near if place.step_free or not resident.needs_step_free]
    if not reached:
        return Reason.NO_STEP_FREE
    serving = [
        (duo, place) for duo in asked for place in reached if place.neighbourhood in duo.neighbourhoods
    ]
    if not serving:
        return Reason.NO_DUO_NEARBY
    common = any(
        not resident.available_slots.isdisjoint(duo.available_slots & place.open_slots)
        for duo, place in serving
        if place.rooms and duo.max_per_week
    )
    return Reason.FULL if common else Reason.NO_COMMON_TIME
