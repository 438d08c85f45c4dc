"""When the planner runs by itself: every night at 03:30 by the clock in Amsterdam. Times are UTC."""

from datetime import UTC, date, datetime, time, timedelta

from scheduler.hours import AMSTERDAM

AT = time(3, 30)
"""An hour that is there once in every night, also when the clock changes."""


def next_night(now: datetime) -> datetime:
    """The first 03:30 after `now`."""
    local = now.astimezone(AMSTERDAM)
    tonight = _at(local.date())
    return tonight if tonight > now else _at(local.date() + timedelta(days=1))


def _at(day: date) -> datetime:
    return datetime.combine(day, AT, AMSTERDAM).astimezone(UTC)
