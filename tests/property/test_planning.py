"""Plans of any instance: every rule is kept, nobody confirmed moves, and on small ones nothing better exists."""

import random
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
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

BEGINS = ((9, 10, 11), (9, 9.5, 10), (23, 24), (23, 24, 25), (11, 23, 34), (10, 34, 35), (9, 11, 14))
"""In hours of that day: at once after each other, half over each other, up to and from midnight, and on the day after."""


def tight(chance: random.Random) -> dict[str, Any]:
    """Few slots that get in each other's way, and more who want them than there is room. Not of Hypothesis: it likes what is
    empty, and here hardly anything may be."""
    day, begins = chance.choice(DAYS), chance.choice(BEGINS)
    slots = [
        {"id": f"s{number}", "start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
        for number, start in enumerate(day + timedelta(hours=hour) for hour in begins)
    ]
    ids = [slot["id"] for slot in slots]

    def most() -> list[str]:
        return [each for each in ids if chance.random() < 0.85]

    def hoods() -> list[str]:
        return chance.choice((["nazareth"], ["nazareth", "pottenberg"], ["nazareth", "pottenberg"]))

    locations = [
        {"id": f"l{number}", "neighbourhood": chance.choice(hoods()), "rooms": chance.choice((1, 1, 2)),
         "open_slots": most(), "step_free": chance.random() < 0.8}
        for number in range(2)
    ]  # fmt: skip # read as rows
    duos = [
        {"id": f"d{number}", "neighbourhoods": hoods(), "languages": chance.choice((["nl"], ["nl", "en"])),
         "genders": chance.choice((["f", "m"], ["f"])), "available_slots": most(),
         "max_per_week": chance.choice((1, 2, 2, 3))}
        for number in range(chance.choice((1, 2)))
    ]  # fmt: skip # read as rows
    residents = [
        {"id": f"r{number}", "neighbourhood": chance.choice(hoods()), "accepts": hoods(),
         "languages": chance.choice((["nl"], ["nl"], ["en"])), "wants_gender": chance.choice((None, None, "f", "m")),
         "needs_step_free": chance.random() < 0.2, "available_slots": most(), "priority": chance.choice((1, 1, 2, 3))}
        for number in range(chance.choice((2, 3, 3, 4)))
    ]  # fmt: skip # read as rows
    confirmed = [
        {
            "resident": f"r{number}",
            "duo": chance.choice(duos)["id"],
            "slot": chance.choice(ids),
            "location": "l0",
        }
        for number in range(chance.choice((0, 0, 1, 1, 2)))
    ]
    return {
        "seats": chance.choice((1, 1, 2)), "slots": slots, "locations": locations, "duos": duos,
        "residents": residents, "confirmed": confirmed,
    }  # fmt: skip # read as one row


def test_of_a_small_instance_no_plan_is_better() -> None:
    tried = 0
    for seed in range(250):
        data = tight(random.Random(seed))
        if not isinstance(read_instance(data), Instance):
            continue  # a duo is confirmed in two places
        tried += 1
        plan, best = plan_of(data), Brute(data).best()
        assert problems_of(data, plan) == [], seed
        assert (plan["objective"], plan["bound"], plan["gap"], plan["method"]) == (
            best,
            best,
            0,
            "optimal",
        ), seed
        assert plan_of(data, solvers=False)["objective"] <= best, seed
    assert tried > 200


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
