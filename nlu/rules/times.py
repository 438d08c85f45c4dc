"""Reads simple dates and times of day; a time that could be night or afternoon is asked back."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nlu.rules.normalise import fold, plain
from nlu.rules.numbers import number_word
from nlu.rules.reading import Reading, answer, ask
from nlu.rules.tables import table

_HERE = "Europe/Amsterdam"
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}|\d{2}))?(?!\d)")
_DAY_MONTH = re.compile(r"\b(\d{1,2})(?:e|de|ste|st|nd|rd|th)? (?:of )?([a-z]{3,10})(?: (\d{4}))?\b")
_NUMERIC_DAY = re.compile(
    r"\b\d{4}-\d{1,2}-\d{1,2}t?\b|\b\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?(?!\d)|\b\d{1,2}\.\d{1,2}\.\d{2,4}\b"
)
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-4])(?:[:.h]([0-5]\d))\b")
_HOUR = re.compile(r"\b(?:om |rond |at |about )?(\w{1,8}) ?(?:uur|oclock|u)\b")
_AMPM = re.compile(r"\b(\d{1,2}) ?(am|pm)\b")
_HALF = re.compile(r"\bhalf (\w{2,8})\b")
_QUARTER = re.compile(r"\b(kwart|\w{1,7}) (voor|over|past|to|veur|euver) (half )?(\w{2,8})\b")
_MOST_LETTERS = 80


def read_date(text: str, now: datetime) -> Reading | None:
    """A date in ISO 8601. `now` is UTC; "morgen" counts from today in Amsterdam."""
    if len(text) > _MOST_LETTERS:
        return None
    today = now.astimezone(ZoneInfo(_HERE)).date()
    found = _numeric_date(plain(text), today) or _named_date(fold(text), today)
    return answer(found.isoformat(), 0.95) if found else None


def _numeric_date(said: str, today: date) -> date | None:
    if match := _ISO_DATE.search(said):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.search(said):
        year = match[3]
        if year is None:
            return _next(today, int(match[2]), int(match[1]))
        return _date(int(year) if len(year) == 4 else 2000 + int(year), int(match[2]), int(match[1]))
    return None


def _named_date(said: str, today: date) -> date | None:
    entry = table("times")
    for match in _DAY_MONTH.finditer(said):
        if month := entry["months"].get(match[2]):
            day = int(match[1])
            return _date(int(match[3]), month, day) if match[3] else _next(today, month, day)
    for phrase, days in entry["days"].items():
        if re.search(rf"\b{phrase}\b", said):
            return today + timedelta(days=int(days))
    for word in said.split():
        if word in entry["weekdays"]:
            return today + timedelta(days=(entry["weekdays"][word] - today.weekday() - 1) % 7 + 1)
    return None


def _next(today: date, month: int, day: int) -> date | None:
    this_year = _date(today.year, month, day)
    return this_year if this_year and this_year >= today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_time(text: str) -> Reading | None:
    """A time of day as "hh:mm:ss"."""
    if len(text) > _MOST_LETTERS:
        return None
    said = plain(text)
    if match := _CLOCK.search(said):
        return _as_said(int(match[1]), int(match[2]), said, certain=len(match[1]) == 2)
    if match := _AMPM.search(said):
        hour = int(match[1]) % 12 + (12 if match[2] == "pm" else 0)
        return answer(time(hour).isoformat())
    return _time_in_words(" ".join(re.findall(r"\w+", said)), said)


def read_moment(text: str, now: datetime) -> Reading | None:
    """A date with a time, in ISO 8601 by the clock on the wall. A time alone is today. Half past two is taken as in
    the afternoon: what was noted is said back."""
    day = read_date(text, now)
    clock = read_time(_NUMERIC_DAY.sub(" ", plain(text)))
    if clock is None:
        return None
    date_said = day.values[0] if day else now.astimezone(ZoneInfo(_HERE)).date().isoformat()
    return answer(f"{date_said}T{clock.values[0]}", 0.9 if clock.is_answer else 0.7)


def _time_in_words(said: str, whole: str) -> Reading | None:
    if match := _QUARTER.search(said):
        return _quarter(match, whole)
    if match := _HALF.search(said):
        hour = _hour(match[1])
        return None if hour is None else _as_said((hour - 1) % 24, 30, whole)
    if match := _HOUR.search(said):
        hour = _hour(match[1])
        return None if hour is None else _as_said(hour, 0, whole)
    for phrase, clock in table("times")["moments"].items():
        if re.search(rf"\b{phrase}\b", said):
            return answer(str(clock), 0.9)
    hour = _hour(said)
    return None if hour is None else _as_said(hour, 0, whole)


def _quarter(match: re.Match[str], whole: str) -> Reading | None:
    minutes = 15 if match[1] == "kwart" or match[1] == "quarter" else _minutes(match[1])
    hour = _hour(match[4])
    if minutes is None or hour is None:
        return None
    sign = -1 if match[2] in ("voor", "to", "veur") else 1
    total = (hour * 60 - (30 if match[3] else 0) + sign * minutes) % 1440
    return _as_said(total // 60, total % 60, whole)


def _minutes(word: str) -> int | None:
    value = float(word) if word.isdecimal() else number_word(word)
    return int(value) if value is not None and 0 < value < 30 else None


def _hour(word: str) -> int | None:
    value = float(word) if word.isdecimal() and len(word) < 3 else number_word(word)
    return int(value) if value is not None and 0 <= value <= 24 else None


def _as_said(hour: int, minute: int, said: str, *, certain: bool = False) -> Reading:
    hour %= 24
    entry = table("times")
    afternoon = any(part in said for part in entry["afternoon"])
    morning = any(part in said for part in entry["morning"])
    if afternoon and hour < 12:
        hour += 12
    if certain or afternoon or morning or hour == 0 or hour > 6:
        return answer(time(hour, minute).isoformat(), 0.95)
    return ask(time(hour + 12, minute).isoformat(), time(hour, minute).isoformat())
