"""What functions give at their limits: nothing given, no number, infinity, one too many, the other direction."""

import math

import pytest

from bot.forms.expressions import compile_tree
from bot.forms.places import area, distance, read_point
from bot.forms.syntax import parse
from bot.forms.values import part_of_day, to_date, to_moment, to_number, to_text
from tests.unit.bot.forms.test_expressions import Nodes

NODES = Nodes({"none": "", "born": "2026-11-20T06:30:15"})


def evaluate(text: str) -> str:
    return to_text(compile_tree(parse(text, "x", "data"), "x")(NODES))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("int(1 div 0)", "Infinity"),
        ("floor(-1 div 0)", "-Infinity"),
        ("ceiling(1 div 0)", "Infinity"),
        ("round(1 div 0)", "Infinity"),
        ("round(0 div 0, 0 div 0)", "NaN"),
        ("round(1.25, 'x')", "1.25"),
        ("round(1.25, 1 div 0)", "1.25"),
        ("round(0.12345678901234567, 15)", "0.123456789012346"),
        ("round(0.12345678901234567, 16)", "0.12345678901234566"),
        ("round(pow(10, 300), 15) = pow(10, 300)", "true"),
        ("round(1250, -2)", "1300"),
        ("min(/data/none)", "NaN"),
        ("max(/data/none)", "NaN"),
        ("min(/data/none, 3, 2)", "2"),
        ("max('', 3, 2)", "3"),
        ("sum(/data/none)", "0"),
        ("substring-before('abc', 'x')", ""),
        ("substring-after('abc', 'x')", ""),
        ("substring-before('a-b-c', '-')", "a"),
        ("substring-after('a-b-c', '-')", "b-c"),
        ("substring-before('abc', '')", ""),
        ("substring-after('abc', '')", "abc"),
        ("translate('abcd', 'abd', 'xy')", "xyc"),
        ("weighted-checklist(3, 3, true(), 1, true(), 2)", "true"),
        ("weighted-checklist(6, 6, true(), 1, false(), 2, true(), 5)", "true"),
        ("weighted-checklist(1, 1, true(), 1, true())", "true"),
        ("weighted-checklist(0, 5, true(), -2)", "false"),
        ("weighted-checklist(-1, 5, true(), -2)", "true"),
        ("checklist(0.5, 5, false())", "false"),
        ("checklist(1, 0, true())", "false"),
        ("checklist(0, 0.5, true())", "false"),
        ("checklist(0, -1, true(), true())", "true"),
        ("digest('a', 'MD5')", "DMF1ucDxtqgxw5niaXcmYQ=="),
        ("digest('a', 'md5', 'hex')", "0cc175b9c0f1b6a831c399e269772661"),
        ("base64-decode('YQ==')", "a"),
        ("base64-decode('YQ==!')", ""),
        ("format-date(/data/born, '%H:%M:%S')", "06:30:15"),
    ],
)
def test_function_at_its_limit(expression: str, value: str) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (0.5, "0.5"),
        (0.0000001, "0.0000001"),
        (1.5e-7, "0.00000015"),
        (1e21, "1000000000000000000000"),
        (-2.0, "-2"),
    ],
)
def test_number_is_written_without_an_exponent(number: float, text: str) -> None:
    assert to_text(number) == text


def test_truth_counts_as_one_or_nothing() -> None:
    assert (to_number(True), to_number(False)) == (1.0, 0.0)


@pytest.mark.parametrize("text", ["20261120xx", "2026/11/20", "12-11", "abcd-efghij"])
def test_text_that_only_looks_like_a_date_is_no_number(text: str) -> None:
    assert math.isnan(to_number(text))


def test_iso_date_without_dashes_is_no_number() -> None:
    assert math.isnan(to_number("20261120T06"))


def test_time_of_day_counts_to_the_second() -> None:
    seconds = 6 * 3600 + 30 * 60 + 15
    assert part_of_day("06:30:15") == seconds / 86400
    assert part_of_day("2026-11-20T06:30:15") == seconds / 86400
    assert to_number("1970-01-02T06:30:15") == 1 + seconds / 86400


@pytest.mark.parametrize(
    ("days", "day"),
    [
        (-719162.0, "0001-01-01"),
        (-719163.0, ""),
        (2932896.0, "9999-12-31"),
        (2932897.0, ""),
        (math.inf, ""),
        (math.nan, ""),
        (0.99, "1970-01-01"),
    ],
)
def test_date_is_between_the_first_and_the_last_that_there_is(days: float, day: str) -> None:
    assert to_date(days) == day


def test_moment_is_rounded_to_the_second_and_stays_on_its_day() -> None:
    moments = [to_moment(value) for value in ("2026-11-20T06:30:15", 1.0, 1.5 + 1 / 86400, 2 - 0.1 / 86400)]
    assert [moment and moment.isoformat() for moment in moments] == [
        "2026-11-20T06:30:15",
        "1970-01-02T00:00:00",
        "1970-01-02T12:00:01",
        "1970-01-02T00:00:00",
    ]


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("90 180 0 0", (90.0, 180.0)),
        ("-90 -180", (-90.0, -180.0)),
        ("90.5 10", None),
        ("10 180.5", None),
        ("91 181", None),
        ("here", None),
    ],
)
def test_place_is_on_the_earth_or_none(text: str, point: tuple[float, float] | None) -> None:
    assert read_point(text) == point


def test_degree_is_as_long_to_the_north_as_along_the_equator() -> None:
    degree = 6378100.0 * math.pi / 180
    assert [round(distance(one, other), 3) for one, other in (("50 5", "51 5"), ("0 5", "0 6"), ("0 5;0 6", "0 7"))] == [
        round(degree, 3), round(degree, 3), round(2 * degree, 3)
    ]  # fmt: skip # read as one piece
    assert round(distance("60 5", "60 6") / degree, 3) == 0.5
    assert distance("50 5") == 0.0


def test_other_side_of_the_earth_is_half_its_girth_away() -> None:
    half = 6378100.0 * math.pi
    assert {round(distance(f"{north} 0", f"{-north} 180")) for north in range(90)} == {round(half)}


def test_area_of_a_triangle_counts_and_of_a_line_does_not() -> None:
    square = (6378100.0 * math.pi / 180) ** 2
    assert area("0 0", "0 1") == 0.0
    assert round(area("0 0", "0 1", "1 1") / square, 3) == 0.5
    assert round(area("0 0;0 1;1 1;1 0") / square, 3) == 1.0
