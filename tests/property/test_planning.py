"""Plans of any instance: every rule is kept, nobody confirmed moves, and on small ones nothing better exists."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.planning import fall_out, generate
from scheduler.planning.instance import Instance, read_instance
from scheduler.planning.plan_json import as_json
from scheduler.planning.solve import make_plan
from tests.property.brute_planning import Brute
from tests.unit.scheduler.planning.judge import problems_of

HOODS = st.sampled_from((["nazareth"], ["pottenberg"], ["nazareth", "pottenberg"]))
LANGUAGES = st.sampled_from((["nl"], ["en"], ["nl", "en"]))


@st.composite
def instances(draw: st.DrawFn, most: int = 4) -> dict[str, Any]:
    starts = draw(
        st.lists(
            st.tuples(st.integers(1, 12), st.sampled_from((9, 10, 11, 14))),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    slots = [
        {
            "id": f"s{number}",
            "start": f"2026-12-{day:02}T{hour:02}:00:00+01:00",
            "end": f"2026-12-{day:02}T{hour + 1:02}:00:00+01:00",
        }
        for number, (day, hour) in enumerate(starts)
    ]
    ids = [slot["id"] for slot in slots]
    some = st.just(ids) | st.lists(st.sampled_from(ids), unique=True)
    locations = [
        {
            "id": f"l{number}",
            "neighbourhood": draw(st.sampled_from(("nazareth", "pottenberg"))),
            "rooms": draw(st.integers(0, 2)),
            "open_slots": draw(some),
            "step_free": draw(st.booleans()),
        }
        for number in range(draw(st.integers(1, 3)))
    ]
    duos = [
        {
            "id": f"d{number}",
            "neighbourhoods": draw(HOODS),
            "languages": draw(LANGUAGES),
            "genders": draw(st.sampled_from((["f"], ["f", "m"], []))),
            "available_slots": draw(some),
            "max_per_week": draw(st.integers(0, 3)),
        }
        for number in range(draw(st.integers(1, 2)))
    ]
    residents = [
        {
            "id": f"r{number}",
            "neighbourhood": draw(st.sampled_from(("nazareth", "pottenberg"))),
            "accepts": draw(HOODS),
            "languages": draw(LANGUAGES),
            "wants_gender": draw(st.sampled_from((None, None, "f", "m"))),
            "needs_step_free": draw(st.booleans()),
            "available_slots": draw(some),
            "priority": draw(st.integers(1, 3)),
        }
        for number in range(draw(st.integers(1, most)))
    ]
    confirmed = (
        [{"resident": "r0", "duo": "d0", "slot": ids[0], "location": "l0"}] if draw(st.booleans()) else []
    )
    return {
        "seats": draw(st.sampled_from((1, 1, 2, 3))),
        "slots": slots,
        "locations": locations,
        "duos": duos,
        "residents": residents,
        "confirmed": confirmed,
    }


def plan_of(data: dict[str, Any], *, solvers: bool = True) -> dict[str, Any]:
    instance = read_instance(data)
    assert isinstance(instance, Instance), instance
    return as_json(make_plan(instance, clock=time.monotonic, solvers=solvers))


@settings(max_examples=100, deadline=None)
@given(instances(), st.booleans())
def test_every_plan_keeps_the_rules_and_the_confirmed(data: dict[str, Any], solvers: bool) -> None:
    plan = plan_of(data, solvers=solvers)
    assert problems_of(data, plan) == []


DAYS = tuple(
    datetime.fromisoformat(f"{day}T00:00:00+01:00") for day in ("2026-12-04", "2026-12-06", "2027-01-03")
)
"""A Friday, the Sunday after it, and the Sunday that ends the 53rd ISO week."""

BEGINS = (9, 9.5, 10, 11, 23, 24, 25, 34)
"""In hours of that day: at once after each other, half over each other, up to and from midnight, and on the day after."""


@st.composite
def tight(draw: st.DrawFn) -> dict[str, Any]:
    """Few slots that get in each other's way, and more who want them than there is room."""
    begins = draw(
        st.lists(
            st.tuples(st.sampled_from(DAYS), st.sampled_from(BEGINS)), min_size=2, max_size=3, unique=True
        )
    )
    slots = [
        {"id": f"s{number}", "start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
        for number, start in enumerate(day + timedelta(hours=hour) for day, hour in begins)
    ]
    ids = [slot["id"] for slot in slots]
    most = st.just(ids) | st.just(ids) | st.lists(st.sampled_from(ids), unique=True)
    near = st.sampled_from(("nazareth", "nazareth", "pottenberg"))
    locations = [
        {
            "id": f"l{number}",
            "neighbourhood": draw(near),
            "rooms": draw(st.sampled_from((1, 1, 2))),
            "open_slots": draw(most),
            "step_free": draw(st.sampled_from((True, True, False))),
        }
        for number in range(2)
    ]
    duos = [
        {
            "id": f"d{number}",
            "neighbourhoods": draw(HOODS),
            "languages": draw(LANGUAGES),
            "genders": draw(st.sampled_from((["f", "m"], ["f"]))),
            "available_slots": draw(most),
            "max_per_week": draw(st.integers(1, 3)),
        }
        for number in range(2)
    ]
    residents = [
        {
            "id": f"r{number}",
            "neighbourhood": draw(near),
            "accepts": draw(HOODS),
            "languages": draw(LANGUAGES),
            "wants_gender": draw(st.sampled_from((None, None, None, "m"))),
            "needs_step_free": draw(st.sampled_from((False, False, True))),
            "available_slots": draw(most),
            "priority": draw(st.integers(1, 3)),
        }
        for number in range(draw(st.integers(2, 4)))
    ]
    confirmed = [
        {
            "resident": f"r{number}",
            "duo": draw(st.sampled_from(("d0", "d1"))),
            "slot": draw(st.sampled_from(ids)),
            "location": "l0",
        }
        for number in range(draw(st.integers(0, 2)))
    ]
    return {
        "seats": draw(st.sampled_from((1, 1, 2))), "slots": slots, "locations": locations, "duos": duos,
        "residents": residents, "confirmed": confirmed,
    }  # fmt: skip # read as one row


@settings(max_examples=150, deadline=None)
@given(tight())
def test_of_a_small_instance_no_plan_is_better(data: dict[str, Any]) -> None:
    assume(isinstance(read_instance(data), Instance))  # a duo may be confirmed in two places
    plan, best = plan_of(data), Brute(data).best()
    assert problems_of(data, plan) == []
    assert (plan["objective"], plan["bound"], plan["gap"], plan["method"]) == (best, best, 0, "optimal")
    assert plan_of(data, solvers=False)["objective"] <= best


@pytest.mark.parametrize("seats", [1])
def test_of_a_thousand_residents_every_rule_is_kept_and_the_bound_is_met(seats: int) -> None:
    data = generate(11, seats=seats)
    instance = read_instance(data)
    assert isinstance(instance, Instance)
    plan = make_plan(instance, clock=time.monotonic)
    written = as_json(plan)
    assert problems_of(data, written) == []
    assert written["gap"] < 0.001
    greedy = plan_of(data, solvers=False)
    assert problems_of(data, greedy) == []
    assert greedy["objective"] < written["objective"] <= greedy["bound"]
    again, lost = fall_out(data, plan, 11)
    later = plan_of(again)
    assert lost
    assert problems_of(again, later) == []
