"""Mistakes in rows that pyxform does not name one by one: each with its row, and none that is not there."""

from pathlib import Path

import pytest

from bot.forms.load import load_form
from domain.errors import DefinitionError, Problem


def problems(survey: str, choices: str = "| c | x | X |") -> tuple[Problem, ...]:
    text = f"""
| survey | |
| | type | name | label | relevant | # remark |
{survey}
| choices | |
| | list name | name | label |
| {choices}
| settings | |
| | form_id | version |
| | refused | 1 |
"""
    with pytest.raises(DefinitionError) as raised:
        load_form(Path("refused.md"), text=text)
    return raised.value.problems


def told(survey: str, choices: str = "| c | x | X |") -> list[tuple[int | None, str, str]]:
    return [(each.row, each.column, each.rule) for each in problems(survey, choices)]


@pytest.mark.parametrize("kind", ["select_one", "select_multiple"])
def test_choice_without_a_list_says_so(kind: str) -> None:
    assert told(f"| | {kind} | a | A |") == [(2, "type", f"this {kind} names no list")]


def test_lists_under_a_heading_with_a_space_are_known() -> None:
    assert told("| | select_one c | a | A |\n| | select_one d | b | B |") == [
        (3, "type", 'the list "d" is not on the choices sheet')
    ]


def test_same_name_in_different_groups_is_no_mistake() -> None:
    survey = "\n".join(
        f"| | {row} |"
        for row in (
            "begin_group | one | Een", "begin_group | in | In", "text | a | A", "end_group | |", "text | a | A",
            "end_group | |", "begin_group | two | Twee", "text | a | A", "end_group | |", "text | a | A",
            "text | a | A", "wrong | b | B",
        )
    )  # fmt: skip # read as rows of a table
    assert told(survey) == [
        (12, "name", 'the name "a" is there twice'),
        (13, "type", 'a question of type "wrong" is not supported'),
    ]


def test_reference_to_nothing_is_named_with_the_nearest_name() -> None:
    found = problems(
        "| | text | street | Straat |\n| | text | streets | Straten |\n| | text | b | B | ${stret} != '' |"
    )
    assert [(each.row, each.column, each.fix) for each in found] == [
        (4, "relevant", "Did you mean ${street}")
    ]


def test_space_in_a_name_matters_only_where_several_are_picked() -> None:
    one = "| c | x y | X |"
    assert told("| | wrong | a | A |\n| | select_one c | b | B |", one) == [
        (2, "type", 'a question of type "wrong" is not supported')
    ]
    for kind in ("select_multiple c", "select all that apply c"):
        assert told(f"| | wrong | a | A |\n| | {kind} | b | B |", one)[-1] == (
            2,
            "name",
            'the choice name "x y" has a space in it',
        )


def test_repeat_that_is_not_closed_is_named() -> None:
    assert told("| | begin repeat | pets | Dieren |\n| | text | a | A |") == [
        (2, "type", 'the repeat "pets" is not closed')
    ]
