"""Reads the times that meemakers and residents tell in everyday words, with the rules that read every other time."""

import re
from datetime import UTC, datetime, timedelta

from app.weekly_hours import read_weekly
from domain.session import Hours, Stretch
from nlu.rules.windows import read_windows
from scheduler.weekly_hours import BadHours

_MANY = 30
"""As many windows as the rules give at most: there may have been more."""
_LONGEST = timedelta(days=366)
_UNTIL = re.compile(r"\b(t/m|tm|tot en met|tot|through|until|till|to)\b", re.IGNORECASE)
_FROM = re.compile(r"\b(?:van|vanaf|from)\b", re.IGNORECASE)
_UP_TO = frozenset({"tot", "until", "till", "to"})
"""Words that leave the last day out, unless a first day is named as well."""


def read_week(text: str) -> tuple[Hours, ...]:
    """When somebody usually can, by the clock in Amsterdam; empty when it cannot be read."""
    read = read_weekly(text)
    return () if isinstance(read, BadHours) else read


def read_times(text: str, now: datetime) -> tuple[Stretch, ...]:
    """The stretches of time (UTC) that words name, seen from `now` (UTC), in order, days in a row as one. Longer than the
    rules look (a summer away) goes up to the last day that is named."""
    windows = read_windows(text, now)
    merged: list[Stretch] = []
    for each in windows:
        start, end = each.start.astimezone(UTC), each.end.astimezone(UTC)
        if merged and start <= merged[-1].end:
            merged[-1] = Stretch(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Stretch(start, end))
    if len(windows) == _MANY and len(merged) == 1:
        return (_up_to_the_last_day(text, merged[0], now),)
    return tuple(merged)


def _up_to_the_last_day(text: str, found: Stretch, now: datetime) -> Stretch:
    words = list(_UNTIL.finditer(text))
    last = read_windows(text[words[-1].end() :], now) if words else ()
    if not last:
        return found
    leaves_out = words[-1][1].casefold() in _UP_TO and not _FROM.search(text)
    end = (last[0].start if leaves_out else last[-1].end).astimezone(UTC)
    return Stretch(found.start, end) if found.end < end <= found.start + _LONGEST else found
