"""Hours of the week by the clock in Amsterdam, read as anybody would read them."""

from datetime import UTC, datetime, time

import pytest

from domain.session import Hours, Place, Room, Stretch
from scheduler.hours import open_times, stretches, week_of

SUNDAY = 6
ALL_DAY = (Hours(SUNDAY, time(0), time(0)),)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]  # year to minute only


def on(day: datetime) -> tuple[datetime, datetime]:
    return day.replace(hour=0), day.replace(hour=23, minute=59)


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        (utc(2026, 3, 28, 23), utc(2026, 3, 29, 22), 23),
        (utc(2026, 10, 24, 22), utc(2026, 10, 25, 23), 25),
        (utc(2027, 3, 27, 23), utc(2027, 3, 28, 22), 23),
        (utc(2027, 10, 30, 22), utc(2027, 10, 31, 23), 25),
        (utc(2026, 11, 28, 23), utc(2026, 11, 29, 23), 24),
    ],
)
def test_open_all_day_is_as_long_as_the_day_is(begin: datetime, end: datetime, hours: int) -> None:
    found = stretches(ALL_DAY, begin.replace(hour=12), end.replace(hour=23, minute=45))
    assert found == (Stretch(begin, end),)
    assert (found[0].end - found[0].start).total_seconds() == hours * 3600


def test_half_past_two_does_not_exist_when_the_clock_goes_forward() -> None:
    night = (Hours(SUNDAY, time(2, 30), time(2, 45)),)
    assert stretches(night, *on(utc(2026, 3, 29))) == ()


def test_half_past_two_comes_twice_when_the_clock_goes_back() -> None:
    night = (Hours(SUNDAY, time(2, 30), time(2, 45)),)
    assert stretches(night, *on(utc(2026, 10, 25))) == (
        Stretch(utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 0, 45)),
        Stretch(utc(2026, 10, 25, 1, 30), utc(2026, 10, 25, 1, 45)),
    )


def test_hours_from_half_past_two_begin_at_three_when_there_is_no_half_past_two() -> None:
    early = (Hours(SUNDAY, time(2, 30), time(4)),)
    assert stretches(early, *on(utc(2027, 3, 28))) == (Stretch(utc(2027, 3, 28, 1), utc(2027, 3, 28, 2)),)


def test_hours_of_the_day_stay_where_the_clock_says() -> None:
    tuesday = (Hours(1, time(10), time(12)),)
    assert stretches(tuesday, utc(2026, 10, 19), utc(2026, 11, 1)) == (
        Stretch(utc(2026, 10, 20, 8), utc(2026, 10, 20, 10)),
        Stretch(utc(2026, 10, 27, 9), utc(2026, 10, 27, 11)),
    )


def test_a_place_that_is_closed_for_once_is_closed() -> None:
    place = Place(
        "hall",
        "Hall",
        "Street 1",
        "nazareth",
        True,
        (Room("one", 4),),
        (Hours(1, time(9), time(17)),),
        closed=(Stretch(utc(2026, 12, 1, 11), utc(2026, 12, 1, 12)),),
    )
    assert open_times(place, utc(2026, 11, 30), utc(2026, 12, 6)) == (
        Stretch(utc(2026, 12, 1, 8), utc(2026, 12, 1, 11)),
        Stretch(utc(2026, 12, 1, 12), utc(2026, 12, 1, 16)),
    )


def test_the_week_turns_at_midnight_in_amsterdam() -> None:
    assert week_of(utc(2026, 11, 29, 22, 59)) < week_of(utc(2026, 11, 29, 23))
