"""What is graded as right, wrong or asked back; and the lines the rules were made with are read rightly."""

from datetime import UTC, datetime, timedelta

import pytest

from nlu.measure_rules import (
    ASKED_BACK,
    HELD_NOW,
    Grade,
    Held,
    HeldCase,
    as_table,
    grade_of_line,
    held_cases,
    measured,
)
from nlu.rules.windows import read_windows


def said(kind: str, value: str = "", *windows: tuple[str, str]) -> dict[str, object]:
    told = [{"start": f"2026-{start}:00+01:00", "end": f"2026-{end}:00+01:00"} for start, end in windows]
    return {"kind": kind, "value": value, "alternatives": [], "windows": told}


@pytest.mark.parametrize(
    ("kind", "value", "told", "grade"),
    [
        (Held.YESNO, "yes", said("answer", "yes"), Grade.RIGHT),
        (Held.YESNO, "yes", said("answer", "no"), Grade.WRONG),
        (Held.YESNO, "yes", said("unclear"), Grade.ASKED),
        (Held.YESNO, "yes", said("command", "stop"), Grade.COMMAND),
        (Held.NUMBER, "7", said("answer", "7"), Grade.RIGHT),
        (Held.NUMBER, "1.5", said("answer", "1.50"), Grade.RIGHT),
        (Held.NUMBER, ASKED_BACK, said("unclear"), Grade.RIGHT),
        (Held.NUMBER, ASKED_BACK, said("command", "dont_know"), Grade.RIGHT),
        (Held.NUMBER, ASKED_BACK, said("answer", "3"), Grade.WRONG),
        (Held.COMMANDS, "stop", said("command", "stop"), Grade.RIGHT),
        (Held.COMMANDS, "stop", said("answer", "stop"), Grade.WRONG),
        (Held.COMMANDS, "stop", said("social", "thanks"), Grade.WRONG),
    ],
)
def test_a_line_is_right_wrong_or_asked_back(
    kind: Held, value: str, told: dict[str, object], grade: Grade
) -> None:
    assert grade_of_line(kind, HeldCase("-", value), told) is grade


@pytest.mark.parametrize(
    ("days", "hours", "windows", "grade"),
    [
        ("2026-12-01", "12:00-18:00", [("12-01T12:00", "12-01T18:00")], Grade.RIGHT),
        ("2026-12-01", "18:00-24:00", [("12-01T18:00", "12-02T00:00")], Grade.RIGHT),
        ("2026-12-01", "12:00-18:00", [("12-01T12:00", "12-01T17:00")], Grade.WRONG),
        ("2026-12-01", "12:00-18:00", [], Grade.ASKED),
        (
            "2026-11-28",
            "09:00-17:00",
            [("11-28T10:00", "11-28T17:00")],
            Grade.RIGHT,
        ),  # what is over is left out
        ("next", "06:00-12:00", [("11-29T06:00", "11-29T12:00")], Grade.RIGHT),
        ("next", "06:00-12:00", [("11-30T06:00", "11-30T12:00")], Grade.WRONG),
        (
            "next",
            "18:00-24:00",
            [("11-28T18:00", "11-29T00:00"), ("11-29T18:00", "11-30T00:00")],
            Grade.RIGHT,
        ),
        (
            "2026-12-01,2026-12-02",
            "2026-12-01 09:00-17:00; 2026-12-02 18:00-24:00",
            [("12-01T09:00", "12-01T17:00"), ("12-02T18:00", "12-03T00:00")],
            Grade.RIGHT,
        ),
        ("", "", [], Grade.RIGHT),
        ("", "", [("12-01T09:00", "12-01T17:00")], Grade.WRONG),
    ],
)
def test_times_are_right_when_every_window_is(
    days: str, hours: str, windows: list[tuple[str, str]], grade: Grade
) -> None:
    assert grade_of_line(Held.TIMES, HeldCase("-", "", days, hours), said("unclear", "", *windows)) is grade


def test_figures_count_what_was_decided() -> None:
    cases = [HeldCase("ja", "yes"), HeldCase("nee", "no"), HeldCase("tja", "no")]

    figures = measured(Held.YESNO, cases, [said("answer", "yes"), said("answer", "yes"), said("unclear")])

    assert (figures.lines, figures.right, figures.wrong, figures.asked) == (3, 1, 1, 1)
    assert "| yes or no | rules | 3 | 1 | 1 | 0 | 1 | 50.0% |" in as_table([("yes or no", "rules", figures)])
    assert [case.text for case, _, _ in figures.missed] == ["nee", "tja"]


def test_nothing_is_measured_where_there_is_no_file() -> None:
    assert held_cases(Held.TIMES, "no_such") == ()


def test_times_as_residents_type_them_become_windows() -> None:
    wrong = [
        case.text
        for case in held_cases(Held.TIMES, "dev")
        if grade_of_line(Held.TIMES, case, windows_of(case.text)) is not Grade.RIGHT
    ]
    assert wrong == []


def windows_of(text: str) -> dict[str, object]:
    found = read_windows(text, HELD_NOW.astimezone(UTC))
    return {
        "windows": [{"start": each.start.isoformat(), "end": each.end.isoformat()} for each in found],
    }


@pytest.mark.parametrize("month", [3, 10])
def test_hours_are_those_of_the_clock_on_the_days_that_it_changes(month: int) -> None:
    sunday = datetime(2026, month, 29 if month == 3 else 25)
    before = (sunday - timedelta(days=3)).replace(tzinfo=UTC)

    (evening,) = read_windows("zondag na zevenen", before)
    (morning,) = read_windows("zondagochtend om 8 uur", before)

    assert (evening.start.hour, evening.start.day) == (19, sunday.day)
    assert (morning.start.hour, morning.start.day) == (8, sunday.day)
    summer, winter = timedelta(hours=2), timedelta(hours=1)
    assert morning.start.utcoffset() == (summer if month == 3 else winter)
