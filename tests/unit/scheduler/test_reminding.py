"""Reminders come a day and two hours before, by day: also over the nights in which the clock changes."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.hours import AMSTERDAM
from scheduler.reminding import Before, are_told_together, by_day, is_night, next_morning, remind_at, waking


def local(text: str) -> datetime:
    """By the clock in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "day", "soon"),
    [
        ("2026-12-01 14:00", "2026-11-30 14:00", "2026-12-01 12:00"),
        ("2026-12-01 11:00", "2026-11-30 11:00", "2026-12-01 09:00"),
        ("2026-12-01 10:59", "2026-11-30 10:59", "2026-11-30 20:30"),  # early: the evening before
        ("2026-12-01 09:00", "2026-11-30 09:00", "2026-11-30 20:30"),
        (
            "2026-12-01 08:30",
            "2026-11-30 09:00",
            "2026-11-30 20:30",
        ),  # in the morning it is still a day ahead
        ("2026-12-01 21:30", "2026-11-30 20:30", "2026-12-01 19:30"),  # late: the evening before
        ("2026-12-01 23:30", "2026-11-30 20:30", "2026-12-01 20:30"),
        ("2026-12-01 02:30", "2026-11-30 09:00", "2026-11-30 20:30"),
        ("2026-10-25 10:00", "2026-10-24 11:00", "2026-10-24 20:30"),  # the night of 25 hours
        ("2026-03-29 12:00", "2026-03-28 11:00", "2026-03-29 10:00"),  # the night of 23 hours
        ("2027-10-31 08:00", "2027-10-30 09:00", "2027-10-30 20:30"),
        ("2027-03-28 08:00", "2027-03-27 09:00", "2027-03-27 20:30"),
    ],
)
def test_reminders_come_by_day_and_before_the_talk(start: str, day: str, soon: str) -> None:
    begins = local(start)
    assert remind_at(Before.DAY, begins) == local(day)
    assert remind_at(Before.SOON, begins) == local(soon)


def test_no_reminder_of_any_talk_comes_at_night_or_too_late() -> None:
    start = local("2026-10-24 00:00")
    for quarter in range(4 * 24 * 3):
        begins = start + timedelta(minutes=15) * quarter
        day, soon = (remind_at(each, begins) for each in Before)
        assert not is_night(day)
        assert not is_night(soon)
        assert day <= soon <= begins - timedelta(hours=2)


def test_night_is_from_nine_to_nine() -> None:
    hours = [
        hour for hour in range(24) if is_night(datetime(2026, 12, 1, hour, tzinfo=AMSTERDAM).astimezone(UTC))
    ]
    assert hours == [*range(9), 21, 22, 23]
    assert by_day(local("2026-12-01 23:00")) == local("2026-12-02 09:00")
    assert by_day(local("2026-12-01 12:00")) == local("2026-12-01 12:00")
    assert next_morning(local("2026-12-01 09:00")) == local("2026-12-01 09:00")


def test_talks_of_one_day_are_told_together_a_day_ahead_and_apart_two_hours_before() -> None:
    first, second = local("2026-12-01 13:00"), local("2026-12-01 16:00")
    assert are_told_together(Before.DAY, first, second)
    assert not are_told_together(Before.DAY, second, first), "the first has told of both"
    assert not are_told_together(Before.DAY, first, local("2026-12-02 13:00"))
    assert not are_told_together(Before.SOON, first, second)
    assert are_told_together(Before.SOON, local("2026-12-01 09:30"), local("2026-12-01 10:45"))


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        ("2026-12-01 10:00", 2, "2026-12-01 12:00"),
        ("2026-12-01 19:00", 2, "2026-12-01 21:00"),
        ("2026-12-01 20:30", 2, "2026-12-02 10:30"),
        ("2026-12-01 23:00", 2, "2026-12-02 11:00"),
        ("2026-12-01 03:00", 2, "2026-12-01 11:00"),
        ("2026-12-01 10:00", 30, "2026-12-03 16:00"),
        ("2026-10-24 20:00", 2, "2026-10-25 10:00"),  # the clock goes back in that night
    ],
)
def test_hours_to_choose_leave_out_the_night(moment: str, hours: float, expected: str) -> None:
    assert waking(local(moment), hours) == local(expected)
