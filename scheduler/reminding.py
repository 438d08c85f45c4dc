"""When people are reminded of a talk: a day and two hours before, but never at night in the Netherlands. Times are UTC."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from scheduler.hours import AMSTERDAM

DAY, SOON = timedelta(hours=24), timedelta(hours=2)
MORNING, NIGHT = time(9), time(21)
EVENING = time(20, 30)
"""When somebody hears in the evening what would else come at night."""


class Before(StrEnum):
    DAY = "day"
    SOON = "soon"


def is_night(moment: datetime) -> bool:
    """Whether a message that nobody waits for has to wait: from 21:00 to 9:00 by the clock in Amsterdam."""
    return not MORNING <= moment.astimezone(AMSTERDAM).time() < NIGHT


def next_morning(moment: datetime) -> datetime:
    """The first 9:00 in Amsterdam from `moment` on."""
    local = moment.astimezone(AMSTERDAM)
    return _at(local.date() + timedelta(days=local.time() > MORNING), MORNING)


def by_day(moment: datetime) -> datetime:
    return next_morning(moment) if is_night(moment) else moment


def waking(moment: datetime, hours: float) -> datetime:
    """So many hours later, counting none of the night."""
    at, left = by_day(moment), timedelta(hours=hours)
    while (until := _at(at.astimezone(AMSTERDAM).date(), NIGHT)) - at < left:
        left -= until - at
        at = next_morning(until)
    return at + left


def remind_at(which: Before, start: datetime) -> datetime:
    """When to remind of a talk that begins at `start`. What falls in the night comes the evening before it; a reminder of
    the day before that falls after midnight comes that morning, which is still a day ahead."""
    usual = start - (DAY if which is Before.DAY else SOON)
    if not is_night(usual):
        return usual
    local = usual.astimezone(AMSTERDAM)
    if local.time() >= NIGHT:
        return _at(local.date(), EVENING)
    if which is Before.DAY:
        return _at(local.date(), MORNING)
    return _at(local.date() - timedelta(days=1), EVENING)


def are_told_together(which: Before, first: datetime, other: datetime) -> bool:
    """Whether one reminder tells of both talks, by their beginnings: it is that of `first`, and that of `other` would not
    come before it. A day ahead all talks of that day are told."""
    if first == other:
        return True
    mine, its = remind_at(which, first), remind_at(which, other)
    same_day = first.astimezone(AMSTERDAM).date() == other.astimezone(AMSTERDAM).date()
    return mine == its or (which is Before.DAY and same_day and mine <= its)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)
