"""Plans of any instance: every rule is kept, nobody confirmed moves, and on small ones nothing better exists."""

import itertools
import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.instance import Instance, read_instance
from scheduler.planning.plan_json import as_json
from scheduler.planning.solve import make_plan
from tests.unit.scheduler.planning.judge import problems_of, value_of

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


@settings(max_examples=60, deadline=None)
@given(instances(most=3))
def test_of_a_small_instance_no_plan_is_better(data: dict[str, Any]) -> None:
    best = _best_of_all(data)
    if best is not None:
        plan = plan_of(data)
        assert (plan["objective"], plan["gap"]) == (best, 0)


def _best_of_all(data: dict[str, Any]) -> int | None:
    """By trying everything; None where that is too much."""
    settled = {each["resident"] for each in data["confirmed"]}
    waiting = [each["id"] for each in data["residents"] if each["id"] not in settled]
    sessions = [
        (duo["id"], slot["id"], place["id"])
        for duo in data["duos"]
        for slot in data["slots"]
        for place in data["locations"]
    ]
    ways = [
        [None, *(key for key in sessions if not problems_of(data, _plan(data, {who: key})))]
        for who in waiting
    ]
    many = 1
    for each in ways:
        many *= len(each)
    if many > 2_000:
        return None
    plans = [_plan(data, dict(zip(waiting, keys, strict=True))) for keys in itertools.product(*ways)]
    values = [plan["objective"] for plan in plans if not problems_of(data, plan)]
    return max(values)


def _plan(data: dict[str, Any], chosen: dict[str, tuple[str, str, str] | None]) -> dict[str, Any]:
    sessions: dict[tuple[str, str, str], list[str]] = {}
    for each in data["confirmed"]:
        sessions.setdefault((each["duo"], each["slot"], each["location"]), []).append(each["resident"])
    for who, key in chosen.items():
        if key is not None:
            sessions.setdefault(key, []).append(who)
    placed = {who for residents in sessions.values() for who in residents}
    plan: dict[str, Any] = {
        "sessions": [
            {"duo": key[0], "slot": key[1], "location": key[2], "residents": residents}
            for key, residents in sessions.items()
        ],
        "not_placed": [{"resident": each["id"]} for each in data["residents"] if each["id"] not in placed],
    }
    plan["objective"] = plan["bound"] = value_of(data, plan)
    return plan
