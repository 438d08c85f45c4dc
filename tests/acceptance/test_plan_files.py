"""`wijkverhaal plan --input`: a plan in a file, and for what cannot be planned a sentence for each problem and no file."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_people_and_places import real, run
from tests.unit.scheduler.planning.judge import problems_of
from tests.unit.scheduler.planning.test_planning import DAY, TWO_WEEKS


def file_of(folder: Path, content: object) -> Path:
    path = folder / "instance.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def planned(folder: Path, content: object, *more: str) -> tuple[dict[str, Any] | None, str]:
    """The plan, or None where there is none, and what was said."""
    output = folder / "plan.json"
    done = run(folder, "plan", "--input", str(file_of(folder, content)), "--output", str(output), *more)
    assert (done.returncode == 0) == output.exists()
    assert done.stdout == ""
    return json.loads(output.read_text(encoding="utf-8")) if output.exists() else None, done.stderr


def test_the_real_command_writes_the_plan_and_says_how_good_it_is(tmp_path: Path) -> None:
    given, output = file_of(tmp_path, TWO_WEEKS), tmp_path / "plan.json"
    done = real(tmp_path, "plan", "--input", str(given), "--output", str(output), "--time-limit", "20")
    assert done.returncode == 0, done.stderr
    assert "1 residents in 1 sessions, 0 without a place. No plan is better." in done.stderr
    assert problems_of(TWO_WEEKS, json.loads(output.read_text(encoding="utf-8"))) == []
    assert not (tmp_path / "data").exists(), "it looked at a database"


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    data = deepcopy(TWO_WEEKS)
    data["seats"] = -1
    data["slots"][0]["end"] = data["slots"][0]["start"]
    data["slots"][1]["start"] = "half twelve"
    data["locations"][0].update(rooms=-2, open_slots=["ten", "never"])
    data["duos"][0]["available_slots"] = ["yesterday"]
    data["residents"] *= 2
    data["confirmed"] = [{"resident": "anna", "duo": "nobody", "slot": "ten", "location": "hall"}]
    plan, said = planned(tmp_path, data)
    assert plan is None
    first, *problems = said.splitlines()
    assert first.endswith("instance.json cannot be planned. Mend this and try again:")
    assert problems == [
        "- The instance: `seats` has to be a whole number from 1.",
        "- `slots`, entry 1: `end` has to be after `start`.",
        "- `slots`, entry 2: `start` has to be a date and time such as 2026-12-01T10:00:00+01:00.",
        "- `locations`, entry 1: `rooms` has to be a whole number from 0.",
        "- There are two residents with the id 'anna'.",
        "- Location 'hall' is open in slot 'never', which is not in the instance.",
        "- Duo 'els-and-jo' is available in slot 'yesterday', which is not in the instance.",
        "- A confirmed appointment names the duo 'nobody', which is not in the instance.",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON: too many brackets inside each other"),
        ("[]", "- The instance has to be one JSON object."),
        ("{}", "- `slots` has to be a list."),
        ('{"slots": 1, "locations": {}, "duos": null, "residents": "a"}', "- `residents` has to be a list."),
    ],
    ids=["empty", "half", "deep", "a list", "no lists", "no lists at all"],
)
def test_what_is_no_instance_is_told(tmp_path: Path, content: str, said: str) -> None:
    plan, told = planned(tmp_path, content)
    assert plan is None
    assert said in told


def test_slots_in_the_past_are_a_what_if_unless_it_is_said_what_time_it_is(tmp_path: Path) -> None:
    plan, told = planned(tmp_path, TWO_WEEKS, "--now", f"{DAY}T12:00:00+01:00")
    assert plan is None
    assert "- Slot 'ten' begins at" in told
    assert "- Slot 'noon' begins at" in told
    assert "later" not in told
    plan, told = planned(tmp_path, TWO_WEEKS, "--now", "noon")
    assert plan is None
    assert "--now cannot be 'noon'" in told
    plan, _ = planned(tmp_path, TWO_WEEKS)
    assert plan is not None
    assert run(tmp_path, "plan", "--now", f"{DAY}T12:00:00+01:00").returncode != 0


def test_confirmed_appointments_that_break_a_rule_stand_and_are_named(tmp_path: Path) -> None:
    data = deepcopy(TWO_WEEKS)
    data["residents"][0]["languages"] = ["tr"]
    data["confirmed"] = [{"resident": "anna", "duo": "els-and-jo", "slot": "ten", "location": "hall"}]
    plan, told = planned(tmp_path, data)
    assert plan is not None
    assert plan["sessions"][0]["residents"] == ["anna"]
    assert "- Resident 'anna' and duo 'els-and-jo' share no language." in told


def test_the_plan_does_not_take_the_place_of_what_was_planned(tmp_path: Path) -> None:
    given = file_of(tmp_path, TWO_WEEKS)
    for output in (given, tmp_path, tmp_path / "no" / "plan.json"):
        done = run(tmp_path, "plan", "--input", str(given), "--output", str(output))
        assert done.returncode != 0
        assert "cannot be written" in done.stderr
    assert json.loads(given.read_text(encoding="utf-8")) == TWO_WEEKS


def _spoiled(chance: random.Random, value: Any) -> Any:
    """The same with something else somewhere inside."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        return {**value, key: _spoiled(chance, value[key])}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        return [*value[:place], _spoiled(chance, value[place]), *value[place + 1 :]]
    return chance.choice((None, -1, 0, 10**30, 1.5, True, "", "x", [], ["x"], {}, [[]], DAY, f"{DAY}T10:00"))


def test_whatever_stands_in_the_file_there_is_a_plan_or_a_sentence(tmp_path: Path) -> None:
    chance = random.Random(5)
    confirmed = [{"resident": "anna", "duo": "els-and-jo", "slot": "ten", "location": "hall"}]
    counted = {True: 0, False: 0}
    for _ in range(50):
        data = _spoiled(chance, {**TWO_WEEKS, "confirmed": confirmed})
        (tmp_path / "plan.json").unlink(missing_ok=True)
        plan, told = planned(tmp_path, data)
        counted[plan is not None] += 1
        if plan is None:
            assert told.rstrip().endswith((".", "!")), told
        else:
            assert isinstance(data, dict)
            assert "residents" in told
    assert min(counted.values()) > 2
