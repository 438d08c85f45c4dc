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


def test_group_without_a_name_is_named_as_empty() -> None:
    assert told("| | begin_group | | Groep |\n| | text | a | A |") == [
        (2, "type", 'the group "" is not closed'),
        (2, "name", "this row has no name"),
    ]


def test_choices_of_no_list_are_no_reason_to_stop_and_are_told_once() -> None:
    survey = "| | wrong | a | A |"
    wrong = (2, "type", 'a question of type "wrong" is not supported')
    assert told(survey, "| c | x | X |\n| | | | Y |") == [wrong]
    assert told(survey, "| | x | X |\n| | | x | Y |\n| | c | y | Y |") == [
        wrong,
        (3, "name", 'the choice "x" is there twice in the list ""'),
    ]


def test_choices_from_a_repeat_are_not_looked_for_on_the_choices_sheet() -> None:
    assert told("| | wrong | a | A |\n| | select_one ${a} | b | B |") == [
        (2, "type", 'a question of type "wrong" is not supported')
    ]


def test_remark_may_name_anything() -> None:
    assert told("| | wrong | a | A | | ask ${nobody} |") == [
        (2, "type", 'a question of type "wrong" is not supported')
    ]


def test_mistakes_on_a_sheet_with_nothing_but_types_and_names_are_told() -> None:
    table = "| survey | |\n| | type | name |\n| | wrong | a |\n| | calculate | a |\n"
    with pytest.raises(DefinitionError) as raised:
        load_form(Path("refused.md"), text=f"{table}| settings | |\n| | version |\n| | 1 |\n")
    assert [(each.row, each.rule) for each in raised.value.problems] == [
        (2, 'a question of type "wrong" is not supported'),
        (3, 'the name "a" is there twice'),
    ]


def test_misspelt_column_of_one_language_is_told_with_its_right_name() -> None:
    text = "| survey | |\n| | type | name | lable::Nederlands (nl) |\n| | text | a | A |\n"
    with pytest.raises(DefinitionError) as raised:
        load_form(Path("refused.md"), text=f"{text}| settings | |\n| | version |\n| | 1 |\n")
    (found,) = (each for each in raised.value.problems if each.column)
    assert (found.column, found.rule) == ("lable::Nederlands (nl)", "this column is not supported")
    assert found.fix.startswith('Did you mean "label"?')


def test_what_is_wrong_with_the_whole_form_is_told_before_its_sheets() -> None:
    text = """
| survey | |
| | type | name | label | colour |
| | note | a | A |
| settings | |
| | version | theme |
| | 1 | blue |
"""
    with pytest.raises(DefinitionError) as raised:
        load_form(Path("refused.md"), text=text)
    assert [(each.sheet, each.column) for each in raised.value.problems] == [
        ("", "type"),
        ("settings", "theme"),
        ("survey", "colour"),
    ]
