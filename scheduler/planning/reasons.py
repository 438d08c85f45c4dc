"""Why somebody has no place: the first thing that stands in the way, from what nobody can change to what may change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scheduler.planning.candidates import Problem, is_asked, speaks
from scheduler.planning.instance import Resident


class Reason(StrEnum):
    """In the order in which they are looked at."""

    NO_TIME = "no_time"  # the resident named no time
    NO_LANGUAGE = "no_language"  # no duo speaks a language of theirs
    NO_GENDER = "no_gender"  # no such duo has a woman, or a man, as asked for
    NO_PLACE = "no_place"  # no place in a neighbourhood they accept
    NO_STEP_FREE = "no_step_free"  # no such place without steps
    NO_DUO_NEARBY = "no_duo_nearby"  # no such duo serves the neighbourhood of such a place
    NO_COMMON_TIME = "no_common_time"  # they are never all free while it is open
    FULL = "full"  # all that would have fitted is taken


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
