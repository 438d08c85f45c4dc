"""Repeats in repeats in repeats: which instance is meant, what is asked next, and what order they have."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forms.actions import settle
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.forms.view import MOST_INSTANCES
from domain.answer import Answer, answered
from domain.errors import DefinitionError
from tests.unit.bot.forms.test_nodesets import houses, value_outside, values_inside

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLE = """
| survey | |
| | type | name | label | calculation | trigger | repeat_count | default |
| | begin repeat | house | Huis |
| | begin repeat | person | Bewoner |
| | begin repeat | pet | Dier |
| | text | name | Naam | | | | concat('dier ', position(..)) |
| | calculate | said | | concat(${name}, ' ', position(), position(..), position(../..), position(../../..)) |
| | calculate | renamed | | concat(${name}, '!') | ${name} |
| | end repeat | |
| | end repeat | |
| | end repeat | |
| settings | |
| | form_id | version |
| | pets | 1 |
"""
FORM = load_form(Path("pets.md"), text=TABLE)
ADDED = ("house[2]", "house[2]/person[2]", "house[2]/person[2]/pet[2]", "house[2]/person[2]/pet[3]")
PETS: dict[str, Answer] = {path: answered("yes") for path in ADDED}


def test_instances_come_in_the_order_in_which_they_are_asked() -> None:
    paths = [path for _, path in FORM.view(PETS, NOW).instances() if path.endswith(("name", "]"))]
    assert paths == [
        "house[1]/person[1]/pet[1]/name", "house[1]/person[1]/pet[2]", "house[1]/person[2]", "house[2]",
        "house[2]/person[1]/pet[1]/name", "house[2]/person[1]/pet[2]", "house[2]/person[2]",
        "house[2]/person[2]/pet[1]/name", "house[2]/person[2]/pet[2]",
        "house[2]/person[2]/pet[2]/name", "house[2]/person[2]/pet[3]",
        "house[2]/person[2]/pet[3]/name", "house[2]/person[2]/pet[4]",
        "house[2]/person[3]", "house[3]",
    ]  # fmt: skip # read as one list
    assert sorted(paths, key=FORM.order) == paths


def test_expression_three_repeats_deep_reads_its_own_instance() -> None:
    place = "house[2]/person[2]/pet"
    view = FORM.view({**PETS, f"{place}[3]/name": answered("Rex"), f"{place}[2]/name": answered("Mia")}, NOW)
    assert [view.read(f"{place}[{number}]/said") for number in (1, 2, 3)] == [
        " 1122",
        "Mia 2222",
        "Rex 3322",
    ]


def test_default_in_a_repeat_is_that_of_its_own_instance() -> None:
    view = FORM.view(PETS, NOW)
    assert [view.default(f"house[2]/person[2]/pet[{number}]/name") for number in (1, 3)] == [
        "dier 1",
        "dier 3",
    ]


def test_trigger_three_repeats_deep_fills_in_its_own_instance_only() -> None:
    place = "house[2]/person[2]/pet[2]"
    before = {**PETS, f"{place}/name": answered("Rex")}
    assert settle(FORM, before, (f"{place}/name",), NOW) == {**before, f"{place}/renamed": answered("Rex!")}


@pytest.mark.parametrize(
    ("given", "question"),
    [
        ({}, "house[1]/person[1]/pet[1]/name"),
        ({"house[1]/person[1]/pet[1]/name": "Rex"}, "house[1]/person[1]/pet[2]"),
        ({"house[1]/person[1]/pet[1]/name": "Rex", "house[1]/person[1]/pet[2]": "no"}, "house[1]/person[2]"),
    ],
)
def test_next_is_another_one_of_the_innermost_repeat_first(given: dict[str, str], question: str) -> None:
    step = FORM.view({path: answered(value) for path, value in given.items()}, NOW).next_step()
    assert step.question is not None
    assert step.question.path == question


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_repeat_never_has_more_than_so_many_instances(more: int) -> None:
    added = {f"house[{number}]": answered("yes") for number in range(2, MOST_INSTANCES + more + 1)}
    assert FORM.view(added, NOW).count("house") == MOST_INSTANCES + min(more, 0)


def counted(count: str) -> Form:
    rows = f"| | text | n | Hoeveel? |\n| | begin repeat | child | Kind | | | {count} |\n| | text | name | Naam |\n| | end repeat | |"
    return load_form(Path("n.md"), text="\n".join([*TABLE.splitlines()[:3], rows, *TABLE.splitlines()[-3:]]))


@pytest.mark.parametrize(
    ("count", "instances"),
    [("${n}", 0), ("number('x')", 0), ("1 div 0", 0), ("0 - 2", 0), ("2.9", 2), ("501", 500)],
)
def test_repeat_with_a_count_has_that_many_or_none(count: str, instances: int) -> None:
    assert counted(count).view({}, NOW).count("child") == instances


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("position()", ["1", "2", "1", "2"]),
        ("concat('x', ${age})", ["x40", "x12", "x30", "x70"]),
        ("count(../../person[age > 20][position() = 1])", ["1", "1", "1", "1"]),
        ("../../person[age > 35][position() = 1]/age", ["40", "40", "70", "70"]),
    ],
)
def test_expression_inside_a_repeat_counts_what_it_looks_at(expression: str, values: list[str]) -> None:
    assert values_inside(expression) == values


def test_number_that_is_not_answered_in_a_repeat_reads_as_nothing() -> None:
    view = houses(inside="concat('x', ${age})").view({}, NOW)
    assert view.read("house[1]/person[1]/inside") == "x"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("indexed-repeat(${age}, ${house}, 2, ${person}, 2)", "70"),
        ("indexed-repeat(${age}, ${house}, 2, ${person}, 3)", ""),
        ("indexed-repeat(${age}, ${house}, 1 div 0, ${person}, 1)", ""),
        ("indexed-repeat(${age}, ${house}, 0 div 0, ${person}, 1)", ""),
        ("concat('x', indexed-repeat(${age}, ${house}, 3, ${person}, 1))", "x"),
        ("/data/house[position() = 2]/person[age > 35]/age", "70"),
    ],
)
def test_instance_by_number_is_that_one_or_nothing(expression: str, value: str) -> None:
    assert value_outside(expression) == value


def test_numbers_in_a_repeat_are_compared_as_numbers() -> None:
    form = houses(
        outside="indexed-repeat(${age}, ${house}, 1, ${person}, 1) = indexed-repeat(${age}, ${house}, 1, ${person}, 2)"
    )
    answers = {
        "house[1]/person[2]": answered("yes"),
        "house[1]/person[1]/age": answered("7"),
        "house[1]/person[2]/age": answered("07"),
    }
    assert form.view(answers, NOW).read("outside") == "true"


@pytest.mark.parametrize(
    "expression",
    [
        "indexed-repeat('x', ${person}, 1)",
        "indexed-repeat(1, ${person}, 1)",
        "indexed-repeat(/data/house[1]/person/age, ${person}, 1)",
        "indexed-repeat(${age}, /data/house[1]/person, 1)",
        "indexed-repeat(${age}, 'x', 1)",
        "indexed-repeat(${age}, ${person}, 1, ${house})",
        "indexed-repeat(${age}, ${age}, 1)",
    ],
)
def test_wrong_instance_by_number_is_refused(expression: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        houses(outside=expression)
    assert [problem.rule for problem in raised.value.problems] == [
        "indexed-repeat() does not name a question and the repeats around it"
    ]
