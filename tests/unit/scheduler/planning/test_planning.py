"""What a planner is told and tells: reasons, bad instances, confirmed people, and the planner without solvers."""

import sys
import time
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest

from domain.session import Reason
from scheduler.planning.candidates import Problem
from scheduler.planning.clashes import clashes
from scheduler.planning.instance import BadInstance, Instance, read_instance
from scheduler.planning.plan_json import as_json
from scheduler.planning.solve import make_plan
from tests.unit.scheduler.planning.judge import problems_of

DAY = "2026-12-01"
TWO_WEEKS: dict[str, Any] = {
    "seats": 1,
    "slots": [
        {"id": "ten", "start": f"{DAY}T10:00:00+01:00", "end": f"{DAY}T11:30:00+01:00"},
        {"id": "noon", "start": f"{DAY}T11:30:00+01:00", "end": f"{DAY}T13:00:00+01:00"},
        {"id": "later", "start": "2026-12-09T10:00:00+01:00", "end": "2026-12-09T11:30:00+01:00"},
    ],
    "locations": [
        {
            "id": "hall",
            "neighbourhood": "nazareth",
            "rooms": 1,
            "open_slots": ["ten", "noon", "later"],
            "step_free": True,
        }
    ],
    "duos": [
        {
            "id": "els-and-jo",
            "neighbourhoods": ["nazareth"],
            "languages": ["nl"],
            "genders": ["f"],
            "available_slots": ["ten", "noon", "later"],
            "max_per_week": 2,
        }
    ],
    "residents": [
        {
            "id": "anna",
            "neighbourhood": "nazareth",
            "accepts": ["nazareth"],
            "languages": ["nl"],
            "wants_gender": None,
            "needs_step_free": False,
            "available_slots": ["ten", "noon", "later"],
            "priority": 1,
        }
    ],
    "confirmed": [],
}


def given(**changes: Mapping[str, Any]) -> dict[str, Any]:
    """The instance with other values: `residents={"languages": ["tr"]}` changes the first resident."""
    data = deepcopy(TWO_WEEKS)
    for key, value in changes.items():
        data[key][0].update(value)
    return data


def with_residents(*names: str) -> dict[str, Any]:
    data = deepcopy(TWO_WEEKS)
    data["residents"] = [{**data["residents"][0], "id": name} for name in names]
    return data


def plan_of(data: dict[str, Any], *, solvers: bool = True) -> dict[str, Any]:
    instance = read_instance(data)
    assert isinstance(instance, Instance), instance
    plan = as_json(make_plan(instance, clock=time.monotonic, solvers=solvers))
    assert problems_of(data, plan) == []
    return plan


def test_somebody_gets_the_first_week_and_their_own_neighbourhood() -> None:
    plan = plan_of(TWO_WEEKS)
    (session,) = plan["sessions"]
    assert session["slot"] in ("ten", "noon")
    assert (session["residents"], plan["objective"], plan["gap"], plan["method"]) == (
        ["anna"],
        1000,
        0,
        "optimal",
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"residents": {"available_slots": []}}, Reason.NO_TIME),
        ({"residents": {"languages": ["tr"]}}, Reason.NO_LANGUAGE),
        ({"residents": {"wants_gender": "m"}}, Reason.NO_GENDER),
        ({"residents": {"neighbourhood": "pottenberg", "accepts": ["pottenberg"]}}, Reason.NO_PLACE),
        ({"residents": {"needs_step_free": True}, "locations": {"step_free": False}}, Reason.NO_STEP_FREE),
        ({"duos": {"neighbourhoods": ["pottenberg"]}}, Reason.NO_DUO_NEARBY),
        (
            {"duos": {"available_slots": ["noon"]}, "residents": {"available_slots": ["ten"]}},
            Reason.NO_COMMON_TIME,
        ),
    ],
)
@pytest.mark.parametrize("solvers", [True, False])
def test_who_has_no_place_is_told_why(changes: dict[str, Any], reason: Reason, solvers: bool) -> None:
    plan = plan_of(given(**changes), solvers=solvers)
    assert plan["not_placed"] == [{"resident": "anna", "reason": reason.value}]


def test_where_all_is_taken_the_reason_says_so() -> None:
    plan = plan_of(with_residents("anna", "bo", "cas"))
    # "ten" and "noon" follow each other: of the three slots the duo can do two.
    assert len(plan["sessions"]) == 2
    assert [each["reason"] for each in plan["not_placed"]] == ["full"]


def test_priority_goes_first() -> None:
    data = with_residents("anna", "bo", "cas")
    data["residents"][2]["priority"] = 3
    data["duos"][0]["max_per_week"] = 1
    data["slots"].pop()
    data["locations"][0]["open_slots"].pop()
    data["duos"][0]["available_slots"].pop()
    for each in data["residents"]:
        each["available_slots"] = ["ten"]
    assert plan_of(data)["sessions"][0]["residents"] == ["cas"]


@pytest.mark.parametrize("solvers", [True, False])
def test_confirmed_people_stay_also_where_others_would_gain(solvers: bool) -> None:
    data = with_residents("anna", "bo")
    data["residents"][1].update(available_slots=["ten"], priority=3)
    data["duos"][0]["max_per_week"] = 1
    data["confirmed"] = [{"resident": "anna", "duo": "els-and-jo", "slot": "ten", "location": "hall"}]
    plan = plan_of(data, solvers=solvers)
    assert plan["sessions"] == [
        {"duo": "els-and-jo", "slot": "ten", "location": "hall", "residents": ["anna"]}
    ]
    assert plan["not_placed"] == [{"resident": "bo", "reason": "full"}]


@pytest.mark.parametrize("solvers", [True, False])
def test_a_seat_that_is_left_in_a_confirmed_session_is_used(solvers: bool) -> None:
    data = with_residents("anna", "bo")
    data["seats"] = 2
    data["confirmed"] = [{"resident": "anna", "duo": "els-and-jo", "slot": "ten", "location": "hall"}]
    data["residents"][1]["available_slots"] = ["ten"]
    plan = plan_of(data, solvers=solvers)
    assert [each["residents"] for each in plan["sessions"]] == [["anna", "bo"]]


def test_a_session_in_the_next_calendar_week_counts_for_that_week() -> None:
    """The clocks of the two weeks lie in different ISO years: 2026-W53 and 2027-W01."""
    data = with_residents("anna", "bo")
    data["duos"][0]["max_per_week"] = 1
    data["slots"] = [
        {"id": "ten", "start": "2027-01-03T10:00:00+01:00", "end": "2027-01-03T11:00:00+01:00"},
        {"id": "noon", "start": "2027-01-04T10:00:00+01:00", "end": "2027-01-04T11:00:00+01:00"},
        {"id": "later", "start": "2027-01-02T10:00:00+01:00", "end": "2027-01-02T11:00:00+01:00"},
    ]
    plan = plan_of(data)
    assert sorted(each["slot"] for each in plan["sessions"])[1:] == ["ten"] or len(plan["sessions"]) == 2
    assert not plan["not_placed"]


def test_without_solvers_installed_the_greedy_planner_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scheduler.planning.solvers", None)
    plan = plan_of(TWO_WEEKS)
    assert plan["method"] == "greedy"
    assert plan["sessions"]


def test_nobody_to_place_is_a_plan_too() -> None:
    assert plan_of({**TWO_WEEKS, "residents": []})["sessions"] == []
    assert (
        plan_of({"slots": [], "locations": [], "duos": [], "residents": []} | {"seats": 1})["objective"] == 0
    )


def test_everything_that_is_wrong_is_told_at_once() -> None:
    data = given(
        slots={"start": "soon"},
        locations={"rooms": -1, "open_slots": ["never"]},
        duos={"max_per_week": "two"},
        residents={"priority": 4},
    )
    data["residents"].append("bo")
    data["confirmed"] = [{"resident": "zoe", "duo": "els-and-jo", "slot": "ten", "location": "hall"}]
    found = read_instance(data)
    assert isinstance(found, BadInstance)
    assert found.problems == (
        "`slots`, entry 1: `start` has to be a date and time such as 2026-12-01T10:00:00+01:00.",
        "`locations`, entry 1: `rooms` has to be a whole number from 0.",
        "`duos`, entry 1: `max_per_week` has to be a whole number from 0.",
        "`residents`, entry 1: `priority` has to be 1, 2 or 3.",
        "`residents`, entry 2 has to be an object.",
        "Location 'hall' is open in slot 'never', which is not in the instance.",
        "A confirmed appointment names the resident 'zoe', which is not in the instance.",
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"locations": {"open_slots": ["never"]}},
            "Location 'hall' is open in slot 'never', which is not in the instance.",
        ),
        (
            {"duos": {"available_slots": ["never"]}},
            "Duo 'els-and-jo' is available in slot 'never', which is not in the instance.",
        ),
        (
            {"residents": {"available_slots": ["never"]}},
            "Resident 'anna' is available in slot 'never', which is not in the instance.",
        ),
        (
            {"slots": {"end": f"{DAY}T09:00:00+01:00"}},
            "`slots`, entry 1: `end` has to be after `start`.",
        ),
        (
            {"slots": {"end": f"{DAY}T10:00:00+01:00"}},
            "`slots`, entry 1: `end` has to be after `start`.",
        ),
        (
            {"slots": {"end": f"{DAY}T11:30:00"}},
            "`slots`, entry 1: `start` and `end` have to carry a zone both or neither.",
        ),
        (
            {"slots": {"start": DAY}},
            "`slots`, entry 1: `start` has to be a date and time such as 2026-12-01T10:00:00+01:00.",
        ),
        ({"slots": {"id": "noon"}}, "There are two slots with the id 'noon'."),
        (
            {"residents": {"wants_gender": "woman"}},
            '`residents`, entry 1: `wants_gender` has to be "f", "m" or null.',
        ),
        (
            {"residents": {"languages": [True]}},
            "`residents`, entry 1: `languages` has to be a list of words.",
        ),
        ({"duos": {"id": ""}}, "`duos`, entry 1: `id` has to be a word."),
    ],
)
def test_what_does_not_fit_together_is_named(change: dict[str, Any], problem: str) -> None:
    found = read_instance(given(**change))
    assert isinstance(found, BadInstance)
    assert problem in found.problems


@pytest.mark.parametrize("kind", ["slots", "locations", "duos", "residents"])
def test_an_id_that_is_given_again_is_told_once(kind: str) -> None:
    data = deepcopy(TWO_WEEKS)
    data[kind] += [data[kind][0]] * 2
    found = read_instance(data)
    assert isinstance(found, BadInstance)
    assert found.problems == (f"There are 3 {kind} with the id {data[kind][0]['id']!r}.",)


def test_slots_that_have_begun_are_refused_only_where_it_is_known_what_time_it_is() -> None:
    assert isinstance(read_instance(TWO_WEEKS), Instance)
    found = read_instance(TWO_WEEKS, now=datetime.fromisoformat(f"{DAY}T09:30:00Z"))
    assert isinstance(found, BadInstance)
    assert found.problems == (f"Slot 'ten' begins at {DAY}T10:00:00+01:00, and that is past. Leave it out.",)
    # Without a zone it is by the clock in Amsterdam, on both sides.
    data = given(slots={"start": f"{DAY}T10:00:00", "end": f"{DAY}T11:30:00"})
    data["slots"] = data["slots"][:1]
    for each in (data["locations"], data["duos"], data["residents"]):
        each[0]["open_slots" if each is data["locations"] else "available_slots"] = ["ten"]
    for moment in (f"{DAY}T08:30:00Z", f"{DAY}T09:30:00", f"{DAY}T10:00:00+01:00"):
        assert isinstance(read_instance(data, now=datetime.fromisoformat(moment)), Instance)
    for moment in (f"{DAY}T09:30:00Z", f"{DAY}T10:30:00"):
        assert isinstance(read_instance(data, now=datetime.fromisoformat(moment)), BadInstance)


def test_more_seats_than_anybody_needs_do_no_harm() -> None:
    plan = plan_of({**with_residents("anna", "bo", "cas"), "seats": 10**18})
    assert [each["residents"] for each in plan["sessions"]] == [["anna", "bo", "cas"]]


def test_confirmed_appointments_that_break_a_rule_stand_and_each_is_named() -> None:
    data = deepcopy(TWO_WEEKS)
    data["locations"][0].update(open_slots=["later"], step_free=False, rooms=0)
    data["duos"][0].update(
        available_slots=["later"], max_per_week=1, neighbourhoods=["pottenberg"], genders=["m"]
    )
    anna = data["residents"][0]
    anna.update(
        neighbourhood="limmel",
        accepts=[],
        available_slots=["later"],
        languages=["tr"],
        wants_gender="f",
        needs_step_free=True,
    )
    data["residents"].append({**TWO_WEEKS["residents"][0], "id": "bo"})
    data["confirmed"] = [
        {"resident": "anna", "duo": "els-and-jo", "slot": "ten", "location": "hall"},
        {"resident": "bo", "duo": "els-and-jo", "slot": "noon", "location": "hall"},
    ]
    plan = plan_of(data)
    assert [each["residents"] for each in plan["sessions"]] == [["anna"], ["bo"]]
    instance = read_instance(data)
    assert isinstance(instance, Instance)
    assert clashes(Problem(instance)) == [
        "Location 'hall' is not open in slot 'ten'.",
        "Duo 'els-and-jo' is not available in slot 'ten'.",
        "Duo 'els-and-jo' does not serve 'nazareth', where 'hall' is.",
        "Resident 'anna' is not available in slot 'ten'.",
        "Resident 'anna' does not accept 'nazareth', where 'hall' is.",
        "Resident 'anna' and duo 'els-and-jo' share no language.",
        "Resident 'anna' asked for another gender than duo 'els-and-jo' has.",
        "Resident 'anna' needs a place without steps, and 'hall' has them.",
        "Location 'hall' is not open in slot 'noon'.",
        "Duo 'els-and-jo' is not available in slot 'noon'.",
        "Duo 'els-and-jo' does not serve 'nazareth', where 'hall' is.",
        "Location 'hall' has 1 confirmed sessions in slot 'ten', and 0 rooms.",
        "Location 'hall' has 1 confirmed sessions in slot 'noon', and 0 rooms.",
        "Duo 'els-and-jo' has 2 confirmed sessions in the week of 2026-11-30, and does 1 at most.",
        "Duo 'els-and-jo' has confirmed sessions in slots 'ten' and 'noon', which follow at once.",
    ]


def test_a_confirmed_appointment_of_nobody_is_named() -> None:
    data = deepcopy(TWO_WEEKS)
    data["confirmed"] = [{"resident": "zoe", "duo": "els-and-jo", "slot": "ten", "location": "hall"}] * 2
    found = read_instance(data)
    assert isinstance(found, BadInstance)
    assert found.problems == (
        "A confirmed appointment names the resident 'zoe', which is not in the instance.",
        "A confirmed appointment names the resident 'zoe', which is not in the instance.",
        "Resident 'zoe' has two confirmed appointments.",
    )


def test_confirmed_appointments_that_cannot_all_be_true_are_told_at_once() -> None:
    data = deepcopy(TWO_WEEKS)
    data["locations"].append({**data["locations"][0], "id": "barn"})
    data["residents"] += [{**data["residents"][0], "id": name} for name in ("bea", "cor")]
    data["duos"].append({**data["duos"][0], "id": "piet-and-mia"})
    data["confirmed"] = [
        {"resident": "anna", "duo": "els-and-jo", "slot": "ten", "location": "hall"},
        {"resident": "bea", "duo": "els-and-jo", "slot": "ten", "location": "barn"},
        {"resident": "cor", "duo": "piet-and-mia", "slot": "ten", "location": "hall"},
    ]
    found = read_instance(data)
    assert isinstance(found, BadInstance)
    assert [problem.split(" has ")[0] for problem in found.problems] == [
        "Duo 'els-and-jo'",
    ]


def test_more_confirmed_residents_than_seats_are_told() -> None:
    data = deepcopy(TWO_WEEKS)
    data["residents"].append({**data["residents"][0], "id": "bea"})
    data["confirmed"] = [
        {"resident": who, "duo": "els-and-jo", "slot": "ten", "location": "hall"} for who in ("anna", "bea")
    ]
    found = read_instance(data)
    assert isinstance(found, BadInstance)
    assert "2 confirmed residents" in found.problems[0]


def test_no_seats_and_mixed_zones_are_told() -> None:
    data = deepcopy(TWO_WEEKS)
    data["slots"][0] = {"id": "ten", "start": f"{DAY}T10:00:00", "end": f"{DAY}T11:30:00"}
    mixed = read_instance(data)
    assert isinstance(mixed, BadInstance)
    assert "zone" in mixed.problems[0]
    none = read_instance({**TWO_WEEKS, "seats": 0})
    assert isinstance(none, BadInstance)
    assert "`seats`" in none.problems[0]


@pytest.mark.parametrize(("before", "after", "sessions"), [("23", "00", 2), ("22", "23", 1)])
def test_slots_that_follow_over_midnight_are_not_on_the_same_day(
    before: str, after: str, sessions: int
) -> None:
    data = with_residents("anna", "bo")
    day = "02" if after == "00" else "01"
    data["slots"] = [
        {"id": "ten", "start": f"{DAY}T{before}:00:00+01:00", "end": f"2026-12-{day}T{after}:00:00+01:00"},
        {
            "id": "noon",
            "start": f"2026-12-{day}T{after}:00:00+01:00",
            "end": f"2026-12-{day}T{after}:59:00+01:00",
        },
    ]
    for each in (*data["duos"], *data["residents"]):
        each["available_slots"] = ["ten", "noon"]
    data["locations"][0]["open_slots"] = ["ten", "noon"]
    assert len(plan_of(data)["sessions"]) == sessions


@pytest.mark.parametrize("solvers", [True, False])
def test_confirmed_sessions_count_for_the_week_of_a_duo(solvers: bool) -> None:
    data = with_residents("anna", "bo", "cas")
    data["slots"][1] = {"id": "noon", "start": f"{DAY}T14:00:00+01:00", "end": f"{DAY}T15:00:00+01:00"}
    data["duos"][0]["max_per_week"] = 1
    data["confirmed"] = [{"resident": "anna", "duo": "els-and-jo", "slot": "ten", "location": "hall"}]
    plan = plan_of(data, solvers=solvers)
    assert [each["slot"] for each in plan["sessions"]] == ["ten", "later"]
    # A week later, and the second of the duo.
    assert plan["objective"] == 1000 + 1000 - 2 - 8
