"""Which instances of repeats an expression means: from inside one, from a predicate, and from outside all."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, answered

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLE = """
| survey | |
| | type | name | label | calculation |
| | begin repeat | house | Huis |
| | begin repeat | person | Bewoner |
| | text | who | Naam |
| | integer | age | Leeftijd |
| | calculate | inside | | {inside} |
| | end repeat | |
| | end repeat | |
| | calculate | outside | | {outside} |
| settings | |
| | form_id | version |
| | houses | 12 |
"""
AGES = {(1, 1): "40", (1, 2): "12", (2, 1): "30", (2, 2): "70"}
HOUSES: dict[str, Answer] = {
    "house[2]": answered("yes"),
    "house[1]/person[2]": answered("yes"),
    "house[2]/person[2]": answered("yes"),
    **{f"house[{house}]/person[{person}]/age": answered(age) for (house, person), age in AGES.items()},
}


def houses(inside: str = "''", outside: str = "''") -> Form:
    return load_form(Path("houses.md"), text=TABLE.format(inside=inside, outside=outside))


def values_inside(expression: str, seed: str = "s") -> list[str]:
    """What the expression gives for each of the four persons."""
    view = houses(inside=expression).view(HOUSES, NOW, seed=seed)
    return [view.read(f"house[{house}]/person[{person}]/inside") for house, person in AGES]


def value_outside(expression: str) -> str:
    return houses(outside=expression).view(HOUSES, NOW).read("outside")


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("count(../../person[./age > current()/../age])", ["0", "1", "1", "0"]),
        ("count(../../person[position() < position(current()/..)])", ["0", "1", "0", "1"]),
        ("count(../../person[current()/../age = 12])", ["0", "2", "0", "0"]),
        ("sum(../../person/age)", ["40", "12", "30", "70"]),
        ("position(..)", ["1", "2", "1", "2"]),
        ("position(../..)", ["1", "1", "2", "2"]),
        ("position(../age)", ["1", "2", "1", "2"]),
        ("indexed-repeat(${age}, ${person}, 2)", ["12", "12", "70", "70"]),
        ("indexed-repeat(${age}, ${house}, 2, ${person}, 1)", ["30", "30", "30", "30"]),
        ("indexed-repeat(${age}, ${person}, 3)", ["", "", "", ""]),
    ],
)
def test_expression_inside_a_repeat(expression: str, values: list[str]) -> None:
    assert values_inside(expression) == values


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sum(${age})", "152"),
        ("count(${person})", "4"),
        ("count(${person}[./age > 30])", "2"),
        ("position(${house})", "1"),
        ("count(${house}[position() = position(current()/../house)])", "1"),
        ("indexed-repeat(${age}, ${person}, 2)", "12"),
        ("version()", "12"),
    ],
)
def test_expression_outside_all_repeats(expression: str, value: str) -> None:
    assert value_outside(expression) == value


def test_chance_differs_between_instances_and_stays_the_same_for_each() -> None:
    drawn = values_inside("random()")
    assert len(set(drawn)) == 4
    assert values_inside("random()") == drawn
    assert not set(values_inside("random()", seed="other")) & set(drawn)


def test_a_value_kept_by_once_is_that_of_its_own_instance() -> None:
    form = houses(inside="once(../age)")
    view = form.view({**HOUSES, "house[1]/person[2]/inside": answered("99")}, NOW)
    assert [view.read(f"house[1]/person[{person}]/inside") for person in (1, 2)] == ["40", "99"]
