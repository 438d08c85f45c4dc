from datetime import UTC, datetime

import pytest

from domain.understanding import Expected, ExpectedKind, UnderstandingKind
from nlu.measure_rules import ASKED_BACK, Held, HeldCase, held_cases
from nlu.rules.numbers import position_of, positions_in, read_number
from nlu.understand import understand


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", "7"),
        ("een 7", "7"),
        ("zeven", "7"),
        ("een zeven hoor", "7"),
        ("ik geef een 8", "8"),
        ("7/10", "7"),
        ("8 van de 10", "8"),
        ("een", "1"),
        ("ten", "10"),
        ("zeuve", "7"),
    ],
)
def test_mark_out_of_ten(text: str, value: str) -> None:
    reading = read_number(text, low=1, high=10, whole=True)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (True, (value,))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("7,5", ("7", "8")),
        ("zevenenhalf", ("7", "8")),
        ("7 en een half", ("7", "8")),
        ("7½", ("7", "8")),
        ("8 and a half", ("8", "9")),
        ("8 of 9", ("8", "9")),
        ("drie of vier", ("3", "4")),
    ],
)
def test_in_between_is_asked_back(text: str, values: tuple[str, ...]) -> None:
    reading = read_number(text, low=1, high=10, whole=True)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, values)


@pytest.mark.parametrize("text", ["11", "0", "honderd", "-3", "veel", "twenty one", "06-12345678", ""])
def test_what_does_not_fit_is_nothing(text: str) -> None:
    assert read_number(text, low=1, high=10, whole=True) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("zeventien", "17"),
        ("zevenendertig", "37"),
        ("twee\u00ebnveertig", "42"),
        ("honderd", "100"),
        ("tweehonderdvijf", "205"),
        ("twenty one", "21"),
        ("2,5", "2.5"),
        ("anderhalf", "1.5"),
        ("7 en een half jaar", "7.5"),
        ("2 ½", "2.5"),
        ("½", "0.5"),
        ("ik ben 67 jaar", "67"),
    ],
)
def test_number_without_bounds(text: str, value: str) -> None:
    reading = read_number(text, low=None, high=None, whole=False)

    assert reading is not None
    assert reading.values == (value,)


@pytest.mark.parametrize(
    ("text", "position"),
    [("de tweede", 1), ("2", 1), ("optie 3", 2), ("de laatste", 2), ("4", None), ("0", None)],
)
def test_position_among_three(text: str, position: int | None) -> None:
    assert position_of(tuple(text.split()), 3) == position


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        ("1 en 3", (0, 2)),
        ("de eerste twee", (0, 1)),
        ("de laatste twee", (1, 2)),
        ("1 en 9", ()),
        ("hoi", ()),
    ],
)
def test_positions_among_three(text: str, positions: tuple[int, ...]) -> None:
    assert positions_in(tuple(text.split()), 3) == positions


@pytest.mark.parametrize("case", held_cases(Held.NUMBER, "dev"), ids=lambda case: case.text)
def test_numbers_as_residents_type_them(case: HeldCase) -> None:
    reading = read_number(case.text, low=0, high=None, whole=False, now=datetime(2026, 11, 28, tzinfo=UTC))

    if case.value == ASKED_BACK:
        assert reading is None or not reading.is_answer
    else:
        assert reading is not None
        assert (reading.is_answer, reading.values) == (True, (case.value,))


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("bouwjaar 1962", ("64", "63")),
        ("ik ben van 58", ("68", "67")),
        ("geboren in 2004", ("22", "21")),
        ("in maart word ik 60", ("59", "60")),
    ],
)
def test_an_age_that_depends_on_a_birthday_is_asked_back(text: str, ages: tuple[str, ...]) -> None:
    reading = read_number(text, low=0, high=120, whole=True, now=datetime(2026, 11, 28, tzinfo=UTC))

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, ages)


@pytest.mark.parametrize("text", ["ach ja", "Ach, nee hoor", "ach joh"])
def test_a_sigh_is_no_eight(text: str) -> None:
    assert read_number(text, low=0, high=None, whole=False) is None


def test_eight_is_no_wait() -> None:
    """ "Wacht" asks for a pause; "acht" is one letter less and a number."""
    expected = Expected(ExpectedKind.NUMBER)

    heard = understand("acht", expected, now=datetime(2026, 11, 28, tzinfo=UTC))

    assert (heard.kind, heard.value) == (UnderstandingKind.ANSWER, "8")
