"""Reads simple times of day and moments; a time that could be night or afternoon, or two times, is asked back."""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from nlu.rules.dates import names_a_day, read_date, without_days
from nlu.rules.normalise import plain
from nlu.rules.numbers import number_word
from nlu.rules.reading import Reading, answer, ask
from nlu.rules.tables import table

__all__ = ["read_date", "read_moment", "read_time"]

_HERE = "Europe/Amsterdam"
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-4])(?:[:.h]([0-5]\d))\b")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{2})(?![\d.])")
_HOUR = re.compile(r"\b(?:om |rond |at |about )?(\w{1,8}) ?(?:uur|oclock|u)\b")
_AMPM = re.compile(r"\b(\d{1,2}) ?(am|pm)\b")
_HALF = re.compile(r"\bhalf (\w{1,8})\b")
_AROUND = re.compile(r"\b(?:tussen|between|van|from|zo|iets)\b")
_QUARTER = re.compile(r"\b(kwart|\w{1,7}) (voor|over|past|to|veur|euver) (half )?(\w{2,8})\b")
_EITHER = re.compile(r"\b(?:of|or|tot|until|en|and)\b|[-–]")
_MOST_LETTERS = 80


def read_time(text: str) -> Reading | None:
    """A time of day as "hh:mm:ss"."""
    if len(text) > _MOST_LETTERS:
        return None
    times, is_sure = _times(plain(text), plain(text))
    if len(times) == 1 and is_sure:
        return times[0]
    return ask(*(value for each in times for value in each.values)) if times else None


def read_moment(text: str, now: datetime) -> Reading | None:
    """A date with a time, in ISO 8601 by the clock on the wall. A time alone is today. Half past two is taken as in
    the afternoon: what was noted is said back."""
    if len(text) > _MOST_LETTERS:
        return None
    said = _day_told_from_time(plain(text))
    day = read_date(_DOTTED.sub(" ", said), now)
    clocks, is_sure = _times(without_days(said), said)
    if not clocks or (day is None and names_a_day(said)):
        return None
    days = day.values if day else (now.astimezone(ZoneInfo(_HERE)).date().isoformat(),)
    values = [f"{each}T{clock.values[0]}" for each in days for clock in clocks]
    if len(values) > 1 or not is_sure or (day and not day.is_answer):
        return ask(*values)
    return answer(values[0], 0.9 if clocks[0].is_answer else 0.7)


def _day_told_from_time(said: str) -> str:
    """ "1.11 om 10.00": of two pairs with a dot the first is the day."""
    return _DOTTED.sub(r"\1-\2", said, count=1) if len(_DOTTED.findall(said)) > 1 else said


def _times(said: str, whole: str) -> tuple[tuple[Reading, ...], bool]:
    """Every time that is said, and whether nothing else was offered beside it. `whole` tells the part of the day."""
    parts = [part for part in _EITHER.split(_AROUND.sub(" ", said)) if part.strip()]
    found = [each for part in parts for each in _times_in(part, whole)]
    if len(parts) > 1 and len(found) < 2:
        one = _time_in_words(_words(said), whole)
        found = found or ([one] if one else [])
    distinct = tuple({each.values: each for each in found}.values())
    return distinct, len(distinct) == 1 and (len(parts) == 1 or not _is_either(said))


def _is_either(said: str) -> bool:
    return re.search(r"\b(?:of|or|tot|until|tussen|between)\b", said) is not None


def _times_in(said: str, whole: str) -> list[Reading]:
    clocks = [
        _as_said(int(match[1]), int(match[2]), whole, certain=len(match[1]) == 2)
        for match in _CLOCK.finditer(said)
    ]
    if clocks:
        return clocks
    if match := _AMPM.search(said):
        hour = int(match[1]) % 12 + (12 if match[2] == "pm" else 0)
        return [answer(time(hour).isoformat())]
    found = _time_in_words(_words(said), whole)
    return [found] if found else []


def _words(said: str) -> str:
    return " ".join(re.findall(r"\w+", said))


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
    if "nacht" in said and "middernacht" not in said and hour >= 9:  # "12 uur 's nachts", "elf uur 's nachts"
        return answer(time((hour + 12) % 24 if hour <= 12 else hour, minute).isoformat(), 0.95)
    if afternoon and hour < 12:
        hour += 12
    if certain or afternoon or morning or hour == 0 or hour > 6:
        return answer(time(hour, minute).isoformat(), 0.95)
    return ask(time(hour + 12, minute).isoformat(), time(hour, minute).isoformat())
