"""Which rules confirmed appointments break. They stand all the same; nothing new is planned that breaks them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from scheduler.planning.candidates import Problem, Standing, is_asked, speaks


def clashes(problem: Problem) -> list[str]:
    """A whole sentence for each, in the order of the instance."""
    return [
        *(each for session in problem.standing for each in _of_session(problem, session)),
        *_of_rooms(problem),
        *_of_weeks(problem),
        *_of_travel(problem),
    ]


def _of_session(problem: Problem, session: Standing) -> Iterator[str]:
    duo, place = problem.duos[session.duo], problem.locations[session.location]
    if session.slot not in place.open_slots:
        yield f"Location {place.id!r} is not open in slot {session.slot!r}."
    if session.slot not in duo.available_slots:
        yield f"Duo {duo.id!r} is not available in slot {session.slot!r}."
    if place.neighbourhood not in duo.neighbourhoods:
        yield f"Duo {duo.id!r} does not serve {place.neighbourhood!r}, where {place.id!r} is."
    for who in session.residents:
        resident = problem.residents[who]
        if session.slot not in resident.available_slots:
            yield f"Resident {who!r} is not available in slot {session.slot!r}."
        if place.neighbourhood not in resident.accepts:
            yield f"Resident {who!r} does not accept {place.neighbourhood!r}, where {place.id!r} is."
        if not speaks(resident.languages, duo):
            yield f"Resident {who!r} and duo {duo.id!r} share no language."
        if not is_asked(resident.wants_gender, duo):
            yield f"Resident {who!r} asked for another gender than duo {duo.id!r} has."
        if resident.needs_step_free and not place.step_free:
            yield f"Resident {who!r} needs a place without steps, and {place.id!r} has them."


def _of_rooms(problem: Problem) -> Iterator[str]:
    held = Counter((each.slot, each.location) for each in problem.standing)
    for (slot, location), many in held.items():
        if many > (rooms := problem.locations[location].rooms):
            yield f"Location {location!r} has {many} confirmed sessions in slot {slot!r}, and {rooms} rooms."


def _of_weeks(problem: Problem) -> Iterator[str]:
    held = Counter((each.duo, problem.week[each.slot]) for each in problem.standing)
    for (duo, monday), many in held.items():
        if many > (most := problem.duos[duo].max_per_week):
            yield f"Duo {duo!r} has {many} confirmed sessions in the week of {monday}, and does {most} at most."


def _of_travel(problem: Problem) -> Iterator[str]:
    for one, two in combinations(problem.standing, 2):
        if one.duo == two.duo and two.slot in problem.conflicts[one.slot]:
            yield f"Duo {one.duo!r} has confirmed sessions in slots {one.slot!r} and {two.slot!r}, which follow at once."
