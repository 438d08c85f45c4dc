"""Reads when somebody usually can: as a list of hours, or in words, with the rules that read when a resident can."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain.session import Hours
from nlu.rules.window_words import Kind, marks_in
from nlu.rules.windows import read_windows
from scheduler.weekly_hours import BadHours, in_order, read_hours

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_WEEKS = (datetime(2026, 2, 2, tzinfo=_AMSTERDAM), datetime(2026, 5, 7, tzinfo=_AMSTERDAM))
"""A Monday and a Thursday in weeks without a feast or a change of the clock."""
_NOT_WEEKLY = frozenset(
    {
        Kind.DATE, Kind.SOON, Kind.WEEK, Kind.ALTERNATE, Kind.PARITY, Kind.SHIFT, Kind.WEEKEND,
        # Who is not understood to the last word ("the first Tuesday of the month") is asked for a list.
        Kind.WORD,
    }
)  # fmt: skip # read as one line
_EVERY_WEEK = re.compile(r"\b(?:(?:elke|iedere|every) week|wekelijks|weekly)\b", re.IGNORECASE)
_LISTED = re.compile(r"\d ?[-–] ?\d|\b(?:2[5-9]|[3-9]\d)[:.]\d|\w- ")
"""Meant as a list of hours, no hour of the clock, or half a word: what is wrong in it is not read around."""
_MOST_LETTERS = 300


def read_weekly(text: str) -> tuple[Hours, ...] | BadHours:
    """By the clock in Amsterdam, in the order of the week; empty for an empty text. What names a date, one week, or no
    day at all ("'s avonds") cannot be read: the days have to be told."""
    listed = read_hours(text)
    if not isinstance(listed, BadHours) or _LISTED.search(text) or len(text) > _MOST_LETTERS:
        return listed
    said = _EVERY_WEEK.sub(" ", text)
    if any(mark.kind in _NOT_WEEKLY for mark in marks_in(said, _WEEKS[0].date())):
        return BadHours(text)
    found, again = (_as_seen_from(begin, said) for begin in _WEEKS)
    # What depends on the day it is said ("'s avonds" is tonight) is not about every week.
    return found if found and found == again else BadHours(text)


def _as_seen_from(begin: datetime, text: str) -> tuple[Hours, ...]:
    spans = []
    for window in read_windows(text, begin.astimezone(UTC)):
        day, minutes = window.start.weekday(), window.start.hour * 60 + window.start.minute
        is_later = window.end.date() > window.start.date()
        spans.append((day, minutes, 24 * 60 if is_later else window.end.hour * 60 + window.end.minute))
    return in_order(spans)
