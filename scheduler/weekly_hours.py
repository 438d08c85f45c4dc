"""Hours of a week as people write them in a file: "ma-vr 09:00-17:00; za 10-13". By the clock in Amsterdam.

Sentences ("dinsdagmiddag en donderdag na zevenen") are not read here.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from itertools import groupby

from domain.session import Hours

DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_DAY = 24 * 60
_NAMES = {
    **{day: number for number, day in enumerate(DAYS)},
    **{name: number for number, names in enumerate((
        ("maandag", "mon", "monday"),
        ("dinsdag", "tue", "tues", "tuesday"),
        ("woe", "woensdag", "wed", "wednesday"),
        ("donderdag", "thu", "thur", "thurs", "thursday"),
        ("vrij", "vrijdag", "fri", "friday"),
        ("zat", "zaterdag", "sat", "saturday"),
        ("zon", "zondag", "sun", "sunday"),
    )) for name in names},
}  # fmt: skip # read as one list of words
_GROUPS = {
    **dict.fromkeys(("werkdag", "werkdagen", "doordeweeks", "weekday", "weekdays"), range(5)),
    **dict.fromkeys(("weekend", "weekenden", "weekends"), range(5, 7)),
    **dict.fromkeys(("dagelijks", "elke dag", "iedere dag", "alle dagen", "every day", "daily"), range(7)),
}
_CLOCK = r"(\d{1,2})(?:[:.u](\d{2}))?(?: ?(?:uur|u|h))?"
_SPAN = re.compile(rf"{_CLOCK} ?- ?{_CLOCK}")
_WHOLE_DAY = re.compile(r"(?:de )?hele dag|heel de dag|all day")
_NAME = r"[a-z]+"
_RANGE = re.compile(rf"({_NAME}) ?- ?({_NAME})")


@dataclass(frozen=True, slots=True)
class BadHours:
    """The part of a text that cannot be read as hours."""

    part: str


def read_hours(text: str) -> tuple[Hours, ...] | BadHours:
    """In the order of the week, without overlap; empty for an empty text. Parts stand between semicolons, commas or on
    lines of their own: days, then times; days without a time take those that follow ("di, do 13-17"), times without a
    day are for the days before them ("ma 9-12, 13-17"). Every time ends on the day on which it begins."""
    found: list[tuple[int, int, int]] = []
    days: list[int] = []
    has_times = True
    waiting = ""
    for part in _parts(text):
        named, times = _cut(part)
        if named is None or times is None:
            return BadHours(part)
        if named:
            days = named if has_times else [*days, *named]
            has_times, waiting = False, part
        if times:
            if not days:
                return BadHours(part)
            has_times = True
            found += [(day, begin, until) for day in days for begin, until in times]
    return in_order(found) if has_times else BadHours(waiting)


def in_order(spans: Iterable[tuple[int, int, int]]) -> tuple[Hours, ...]:
    """Weekday with minutes from and until as hours, those that touch or overlap as one."""
    merged: list[list[int]] = []
    for day, begin, until in sorted(spans):
        if merged and merged[-1][0] == day and begin <= merged[-1][2]:
            merged[-1][2] = max(merged[-1][2], until)
        else:
            merged.append([day, begin, until])
    return tuple(Hours(day, _clock(begin), _clock(until % _DAY)) for day, begin, until in merged)


def hours_words(hours: Iterable[Hours]) -> str:
    """As `read_hours` reads them, with days of the same hours in a row as one: "ma-vr 09:00-17:00; za 10:00-13:00"."""
    days = [
        (weekday, ", ".join(_span(each) for each in of_day))
        for weekday, of_day in groupby(hours, key=lambda each: each.weekday)
    ]
    rows: list[list[int | str]] = []
    for weekday, spans in days:
        if rows and rows[-1][2] == spans and rows[-1][1] == weekday - 1:
            rows[-1][1] = weekday
        else:
            rows.append([weekday, weekday, spans])
    return "; ".join(f"{_days(int(first), int(last))} {spans}" for first, last, spans in rows)


def _parts(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold()).translate({ord(dash): "-" for dash in "‐‑‒–—−"})
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = re.sub(r"\b(?:t/m|tm|tot en met|tot|through|until|to)\b", "-", plain)
    plain = re.sub(r"\b(?:(?:elke|iedere|every) week|wekelijks|weekly|van|from|op|on)\b", " ", plain)
    plain = re.sub(r"\b(?:elke|iedere|every)\b(?! (?:dag|day)\b)", " ", plain)
    plain = re.sub(r"\b(?:en|and)\b|[;,&+\n]", ";", plain)
    return [part for each in plain.split(";") if (part := " ".join(each.split()))]


def _cut(part: str) -> tuple[list[int] | None, list[tuple[int, int]] | None]:
    """The days and the times that a part names, each None when that cannot be read."""
    if whole := _WHOLE_DAY.search(part):
        rest = (part[: whole.start()] + part[whole.end() :]).strip()
        return _days_in(rest), [(0, _DAY)]
    first = re.search(r"\d", part)
    if first is None:
        return _days_in(part), []
    return _days_in(part[: first.start()].rstrip(" :")), _times_in(part[first.start() :])


def _days_in(text: str) -> list[int] | None:
    text = text.strip(" .").replace(".", " ")
    if text in _GROUPS:
        return list(_GROUPS[text])
    if span := _RANGE.fullmatch(text):
        first, last = (_NAMES.get(name) for name in span.groups())
        if first is None or last is None:
            return None
        return [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]
    numbers = [_NAMES.get(word) for word in text.split()]
    known = [number for number in numbers if number is not None]
    return known if len(known) == len(numbers) else None


def _times_in(text: str) -> list[tuple[int, int]] | None:
    rest = text.removesuffix(".").strip()
    found: list[tuple[int, int]] = []
    while rest:
        span = _SPAN.match(rest)
        if span is None:
            return None
        begin, until = _minutes(span[1], span[2]), _minutes(span[3], span[4])
        if begin is None or until is None or until <= begin:
            return None
        found.append((begin, until))
        rest = rest[span.end() :].strip()
    return found


def _minutes(hour: str, minute: str | None) -> int | None:
    minutes = int(hour) * 60 + int(minute or 0)
    return minutes if minutes <= _DAY and int(minute or 0) < 60 else None


def _clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _span(hours: Hours) -> str:
    until = "24:00" if hours.until == time(0) else f"{hours.until:%H:%M}"
    return f"{hours.begin:%H:%M}-{until}"


def _days(first: int, last: int) -> str:
    return DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
