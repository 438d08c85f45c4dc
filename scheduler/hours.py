"""When people can and places are open: hours of the week by the clock in Amsterdam, as stretches in UTC; books nothing.

A moment belongs to hours when the clock on the wall reads a time within them. So on the day the clock goes forward hours
between two and three do not exist, and on the day it goes back they are there twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.session import TICK, Hours, Meemaker, Place, Stretch

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_DAY = timedelta(days=1)


def stretches(hours: Iterable[Hours], begin: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The hours between two moments (UTC), in order and without overlap. `until` midnight is the end of the day."""
    if begin >= end:
        return ()
    of_weekday: dict[int, list[Hours]] = {}
    for each in hours:
        of_weekday.setdefault(each.weekday, []).append(each)
    found = [
        stretch
        for day in _days(begin, end)
        for each in of_weekday.get(day.weekday(), ())
        for stretch in _on_day(day, each)
    ]
    return common(merge(found), (Stretch(begin, end),))


def free_times(meemaker: Meemaker, begin: datetime, end: datetime) -> tuple[Stretch, ...]:
    """When they can hold a talk: their usual hours, less when they are away, and when they can all the same."""
    usual = minus(stretches(meemaker.hours, begin, end), meemaker.away)
    return common(merge((*usual, *meemaker.extra)), (Stretch(begin, end),)) if begin < end else ()


def busy_times(meemaker: Meemaker) -> tuple[Stretch, ...]:
    """When they do something else: travel to or from a talk does not fit in there either."""
    return minus(merge(meemaker.away), merge(meemaker.extra))


def open_times(place: Place, begin: datetime, end: datetime) -> tuple[Stretch, ...]:
    return minus(stretches(place.hours, begin, end), place.closed)


def week_of(moment: datetime) -> date:
    """The Monday of the ISO week, by the clock in Amsterdam."""
    day = moment.astimezone(AMSTERDAM).date()
    return day - timedelta(days=day.weekday())


def weeks_between(begin: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The ISO weeks that lie between two moments at least in part, each from Monday to Monday, in UTC."""
    found, monday = [], week_of(begin)
    while (start := _midnight(monday)) < end:
        monday += 7 * _DAY
        found.append(Stretch(start, _midnight(monday)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ClockPeriod:
    """A time in which the clock in Amsterdam is `ahead` of UTC by the same."""

    ahead: timedelta
    during: Stretch


def clock_periods(begin: datetime, end: datetime) -> tuple[ClockPeriod, ...]:
    """The times between two moments, in order and without a hole, cut where the clock changes."""
    found: list[ClockPeriod] = []
    for day in _days(begin, end):
        for zero, valid in _clocks_of(day):
            ahead = datetime.combine(day, time.min, UTC) - zero
            last = found.pop() if found and found[-1].ahead == ahead else None
            start = last.during.start if last else valid.start
            found.append(ClockPeriod(ahead, Stretch(start, valid.end)))
    cut = ((each.ahead, max(each.during.start, begin), min(each.during.end, end)) for each in found)
    return tuple(ClockPeriod(ahead, Stretch(start, last)) for ahead, start, last in cut if start < last)


def merge(found: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """In order, without overlap; what touches becomes one; empty ones fall away."""
    merged: list[Stretch] = []
    for each in sorted(found, key=lambda stretch: stretch.start):
        if each.start >= each.end:
            continue
        if merged and each.start <= merged[-1].end:
            if each.end > merged[-1].end:
                merged[-1] = Stretch(merged[-1].start, each.end)
        else:
            merged.append(each)
    return tuple(merged)


def common(some: Iterable[Stretch], others: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """What lies in both; each has to be in order and without overlap."""
    left, right = list(some), list(others)
    found, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start, right[j].start), min(left[i].end, right[j].end)
        if start < end:
            found.append(Stretch(start, end))
        if left[i].end <= right[j].end:
            i += 1
        else:
            j += 1
    return tuple(found)


def minus(some: Iterable[Stretch], others: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """What lies in the first only; the first has to be in order and without overlap."""
    found, gone = [], merge(others)
    for each in some:
        start = each.start
        for hole in gone:
            if hole.end <= start:
                continue
            if hole.start >= each.end:
                break
            if start < hole.start:
                found.append(Stretch(start, hole.start))
            start = hole.end
        if start < each.end:
            found.append(Stretch(start, each.end))
    return tuple(found)


def _days(begin: datetime, end: datetime) -> Iterator[date]:
    day, last = begin.astimezone(AMSTERDAM).date(), end.astimezone(AMSTERDAM).date()
    while day <= last:
        yield day
        day += _DAY


def _on_day(day: date, hours: Hours) -> Iterator[Stretch]:
    """One stretch, or none or two around a change of the clock."""
    begin = timedelta(hours=hours.begin.hour, minutes=hours.begin.minute)
    until = timedelta(hours=hours.until.hour, minutes=hours.until.minute) or _DAY
    for zero, valid in _clocks_of(day):
        start, end = max(zero + begin, valid.start), min(zero + until, valid.end)
        if start < end:
            yield Stretch(start, end)


@lru_cache(maxsize=1024)
def _clocks_of(day: date) -> tuple[tuple[datetime, Stretch], ...]:
    """For each way the clock stands on that day: when it would have read midnight, and from when until when it stands so."""
    start, end = _midnight(day), _midnight(day + _DAY)
    edges, moment = [start], start
    while moment + TICK < end:
        if _offset(moment + TICK) != _offset(moment):
            edges.append(moment + TICK)
        moment += TICK
    midnight = datetime.combine(day, time.min, UTC)
    return tuple(
        (midnight - _offset(begin), Stretch(begin, until)) for begin, until in pairwise([*edges, end])
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, AMSTERDAM).astimezone(UTC)


def _offset(moment: datetime) -> timedelta:
    return moment.astimezone(AMSTERDAM).utcoffset() or timedelta()
