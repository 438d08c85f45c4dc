"""Reads simple dates, past and to come; what may be two dates is asked back, never the first of them taken."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from nlu.rules.normalise import fold, plain
from nlu.rules.numbers import number_word
from nlu.rules.reading import Reading, answer, ask
from nlu.rules.tables import table

_HERE = "Europe/Amsterdam"
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DAY_FIRST = re.compile(r"(?<![\d.,:])(\d{1,2})([-/.])(\d{1,2})(?:[-/.](\d{4}|\d{2}))?(?!\d)")
_DAY_MONTH = re.compile(
    r"\b(?:(\d{1,2}) (?:(?:of|en|or|and|tot|to|t m|tot en met) )?)?"
    r"(\d{1,2})(?:e|de|ste|st|nd|rd|th)? (?:of )?([a-z]{3,10})(?: (\d{4}))?\b"
)
_RELATIVE = re.compile(
    r"\b(?:(over|in) )?(\w{1,12}) (dag|dagen|day|days|week|weken|weeks|maand|maanden|month|months|jaar|jaren|year|years)"
    r"( geleden| ago| terug)?\b"
)
_NUMERIC_DAY = re.compile(r"\b\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?(?!\d)|\b\d{1,2}\.\d{1,2}\.\d{2,4}\b")
_DAYS_IN = {"d": 1, "w": 7}
_MOST_LETTERS = 80
_NEAR = timedelta(days=92)
"""Without a year, a date this near is the one that is meant; further away last year and next are as likely."""
_LATER_YEARS = 10


def read_date(text: str, now: datetime) -> Reading | None:
    """A date in ISO 8601. `now` is UTC; "morgen" counts from today in Amsterdam."""
    if len(text) > _MOST_LETTERS:
        return None
    today = now.astimezone(ZoneInfo(_HERE)).date()
    said = fold(text)
    levels = [_numeric(plain(text), today, said), _named(said, today), _counted(said, today)]
    levels += [_by_word(said, today), _weekdays(said, today)]
    found = [each for level in levels for each in level]
    if not _offers_two(said):
        found = next((level for level in levels if level), [])
    values = tuple(dict.fromkeys(day.isoformat() for day in found))
    if not values:
        return None
    if len(values) > 1 or not _entry("not").isdisjoint(said.split()) or _is_rough(said):
        return ask(*values)
    return answer(values[0], 0.95)


def names_a_day(text: str) -> bool:
    """Whether a text speaks of some day, also of one that cannot be read ("een paar dagen geleden")."""
    found = set(fold(text).split())
    return (
        any(_ISO_DATE.finditer(text))
        or any(match[2] != "." or match[4] for match in _DAY_FIRST.finditer(text))
        or not found.isdisjoint(_entry("past") | _entry("future") | _entry("units"))
        or not found.isdisjoint(table("times")["weekdays"])
    )


def without_days(said: str) -> str:
    """A folded or plain text without the words for days, so that its times can be read."""
    for expression in (_ISO_DATE, _NUMERIC_DAY, _RELATIVE):
        said = expression.sub(" ", said)
    return _day_words().sub(" ", said)


def _offers_two(said: str) -> bool:
    return not {"of", "or", "tot", "niet", "not", "maar", "but"}.isdisjoint(said.split())


def _is_rough(said: str) -> bool:
    """A month or a year back is seldom meant to the day."""
    return any(match[3][0] in "mjy" and (match[1] or match[4]) for match in _RELATIVE.finditer(said))


def _numeric(text: str, today: date, said: str) -> list[date]:
    found = [_date(int(match[1]), int(match[2]), int(match[3])) for match in _ISO_DATE.finditer(text)]
    has_name = any(_month(match) for match in _DAY_MONTH.finditer(said)) or bool(_by_word(said, today))
    for match in _DAY_FIRST.finditer(_ISO_DATE.sub(" ", text)):
        day, month, year = int(match[1]), int(match[3]), match[4]
        if year is None and match[2] == "." and has_name:  # a time of day: "3 mei 10.15"
            continue
        found += [_date(each, month, day) for each in _years(year, today)] if year else []
        found += _without_year(today, month, day, said) if not year else []
    return [each for each in found if each is not None]


def _years(year: str, today: date) -> tuple[int, ...]:
    """The years that digits may mean: "70" is 1970, "26" this year; "31" may be to come or a year of birth."""
    if len(year) == 4:
        return (int(year),)
    this_century = today.year // 100 * 100 + int(year)
    if this_century <= today.year + 1:
        return (this_century,)
    if this_century <= today.year + _LATER_YEARS:
        return (this_century, this_century - 100)
    return (this_century - 100,)


def _named(said: str, today: date) -> list[date]:
    found: list[date | None] = []
    for match in _DAY_MONTH.finditer(said):
        month = _month(match)
        for day in [int(each) for each in (match[1], match[2]) if each] if month else []:
            if match[4]:
                found.append(_date(int(match[4]), month, day))
            else:
                found += _without_year(today, month, day, said)
    return [each for each in found if each is not None]


def _month(match: re.Match[str]) -> int:
    return int(table("times")["months"].get(match[3], 0))


def _without_year(today: date, month: int, day: int, said: str) -> list[date]:
    """The nearest such day, or both sides of today when neither is near."""
    years = range(today.year - 1, today.year + 2)
    days = [each for year in years if (each := _date(year, month, day)) is not None]
    if "vorig jaar" in said or "last year" in said:
        return [each for each in days if each.year == today.year - 1]
    if "volgend jaar" in said or "next year" in said:
        return [each for each in days if each.year == today.year + 1]
    before = [each for each in days if each < today][-1:]
    after = [each for each in days if each >= today][:1]
    if _says(said, "past"):
        return before
    if _says(said, "future"):
        return after
    near = [each for each in (*before, *after) if abs(each - today) <= _NEAR]
    return near[:1] if len(near) == 1 else [*before, *after]


def _counted(said: str, today: date) -> list[date]:
    """ "3 dagen geleden", "over een week"."""
    found: list[date] = []
    for match in _RELATIVE.finditer(said):
        number = _count(match[2])
        if number is None or not (match[1] or match[4]):
            continue
        number = number if match[1] and not match[4] else -number
        found += _moved(today, number, match[3])
    return found


def _count(word: str) -> int | None:
    value = 1.0 if word in ("een", "a", "one", "n") else number_word(word)
    value = float(word) if word.isdecimal() and len(word) < 4 else value
    return int(value) if value is not None and value == int(value) else None


def _moved(today: date, number: int, unit: str) -> list[date]:
    if unit[0] in _DAYS_IN:
        return [today + timedelta(days=number * _DAYS_IN[unit[0]])]
    months = today.year * 12 + today.month - 1 + number * (1 if unit[0] == "m" else 12)
    moved = _date(months // 12, months % 12 + 1, min(today.day, 28))
    return [moved] if moved else []


def _by_word(said: str, today: date) -> list[date]:
    """ "Morgen"; but "dinsdag morgen" is a part of tuesday."""
    rest = _part_of_day().sub(" ", said)
    found: list[tuple[int, date]] = []
    for phrase, days in table("times")["days"].items():
        for match in re.finditer(rf"\b{phrase}\b", rest):
            found.append((match.start(), today + timedelta(days=int(days))))
            rest = rest[: match.start()] + " " * len(phrase) + rest[match.end() :]
    return [day for _, day in sorted(found)]


def _weekdays(said: str, today: date) -> list[date]:
    numbers = [
        table("times")["weekdays"][word] for word in said.split() if word in table("times")["weekdays"]
    ]
    monday = today - timedelta(days=today.weekday())
    for phrase, weeks in table("times")["weeks"].items():
        if re.search(rf"\b{phrase}\b", said):
            return [monday + timedelta(days=7 * weeks + number) for number in numbers]
    if _says(said, "past"):
        return [today - timedelta(days=(today.weekday() - number - 1) % 7 + 1) for number in numbers]
    return [today + timedelta(days=(number - today.weekday() - 1) % 7 + 1) for number in numbers]


def _says(said: str, name: str) -> bool:
    return not _entry(name).isdisjoint(said.split())


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@cache
def _part_of_day() -> re.Pattern[str]:
    days = _alternatives(table("times")["weekdays"])
    return re.compile(rf"\b({days}|goede|goeie|goeden) (?:morgen|middag|avond)\b")


@cache
def _day_words() -> re.Pattern[str]:
    entry = table("times")
    days = _alternatives((*entry["days"], *entry["weekdays"], *entry["weeks"]))
    months = _alternatives(entry["months"])
    return re.compile(
        rf"\b(?:(?:\d{{1,2}} ?(?:of|en|tot) ?)?\d{{1,2}}(?:e|de|ste)? (?:{months})(?: \d{{4}})?|{days})\b"
    )


@cache
def _entry(name: str) -> frozenset[str]:
    return frozenset(table("times")[name])
