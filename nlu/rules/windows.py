"""Reads when somebody can, in everyday words, into windows of time in Amsterdam; books nothing.

Theory of operation. Whole phrases are rewritten to simpler words; the words are cut into clauses ("en", "of", "maar",
a comma); each clause tells days, hours, or both, and whether it says when somebody can *not*. A clause that lacks one
of the two takes it from its neighbour. Then the days of the clauses are laid on the calendar from now on.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from nlu.rules.dates import read_date
from nlu.rules.normalise import plain
from nlu.rules.numbers import number_word
from nlu.rules.tables import table

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_DAY = 24 * 60
_MOMENT = 60
"""Minutes that a single moment ("om half elf") stands for."""
_MOST_LETTERS = 200
_MOST_WINDOWS = 30
_CLOCK = re.compile(r"\b(\d{1,2})[:.h](\d{2})(?: ?(?:uur|u|h)\b)?|\b(\d{1,2}) ?(?:uur|u|h|oclock)\b")
_AMPM = re.compile(r"\b(\d{1,2})(?::(\d{2}))? ?(am|pm)\b")
_SPAN = re.compile(r"(\d{1,2}(?::\d{2})?) ?(?:-|–|tot|to|until|t m|tot en met) ?(\d{1,2}(?::\d{2})?)")
_QUARTER = re.compile(r"\b(kwart|\w{1,7}) (voor|over|past|to|veur) (half )?(\w{1,9})\b")
_HALF = re.compile(r"\bhalf (\w{1,9})\b")
_DATED = re.compile(r"\d{1,2}[-/]\d{1,2}|\d{1,2}(?:e|de|ste|st|nd|rd|th)? (?:of )?[a-z]{3,10}")
_POINTS = ("van", "om", "rond", "at", "about")
_WORD = re.compile(r"[^\W_]+(?::\d{2})?|[,;.+&]")


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, both with the time zone of Amsterdam; `end` is not in it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Clause:
    """What a few words say. `days` are dates; `numbers` weekdays; `hours` (from, to) in minutes; `week` counts from
    this one. `is_every`: not just the first such day."""

    days: tuple[date, ...] = ()
    numbers: tuple[int, ...] = ()
    hours: tuple[tuple[int, int], ...] = ()
    week: int | None = None
    is_every: bool = False
    is_not: bool = False
    is_compound: bool = False

    @property
    def names_days(self) -> bool:
        return bool(self.days or self.numbers)


def read_windows(text: str, now: datetime) -> tuple[Window, ...]:
    """The windows that `text` names, from `now` (UTC) on, in order and without overlap; empty when it names none, or
    only such as are over. Within two weeks, unless it names a date."""
    if len(text) > _MOST_LETTERS:
        return ()
    here = now.astimezone(AMSTERDAM)
    clauses = [clause for words in _clauses(_simpler(plain(text))) if (clause := _read(words, here))]
    if not clauses:
        return ()
    clauses = _completed(clauses)
    can = [span for each in clauses if not each.is_not for span in _laid_out(each, here)]
    if all(each.is_not for each in clauses):
        can = [span for each in _horizon(clauses, here) for span in _whole(each)]
    cannot = [
        span for each in clauses if each.is_not for span in _laid_out(replace(each, is_every=True), here)
    ]
    found = _without(_merged(can), _merged(cannot))
    return tuple(Window(max(start, here), end) for start, end in found[:_MOST_WINDOWS] if end > here)


def _simpler(said: str) -> str:
    said = said.replace("'s ", "s").replace("’s ", "s")
    said = re.sub(r"\bs (ochtends|morgens|middags|avonds|nachts|aoves|morges)\b", r"s\1", said)
    said = " ".join(re.findall(r"[^\W_]+(?:[:./-]\d+)*|[,;+&–-]|\.(?=\s|$)", said))
    said = re.sub(r"(\d)\.(\d{2})\b", r"\1:\2", said)
    for phrase, simple in _phrases():
        if phrase in said:
            said = re.sub(rf"\b{phrase}\b", simple, said)
    said = _AMPM.sub(lambda match: _clock(int(match[1]) % 12 + 12 * (match[3] == "pm"), match[2]), said)
    said = _QUARTER.sub(_quarter, said)
    said = _HALF.sub(_half, said)
    return _CLOCK.sub(lambda match: _clock(int(match[1] or match[3]), match[2]), said)


@cache
def _phrases() -> list[tuple[str, str]]:
    """The longest first."""
    return sorted(table("windows")["phrases"].items(), key=lambda each: -len(each[0]))


def _clock(hour: int, minutes: str | None) -> str:
    return f"{hour}:{minutes or '00'}"


def _quarter(match: re.Match[str]) -> str:
    minutes = 15 if match[1] == "kwart" else _small(match[1])
    hour = _hour(match[4])
    if minutes is None or hour is None or minutes > 29:
        return match[0]
    total = hour * 60 - (30 if match[3] else 0) + (minutes if match[2] in ("over", "past") else -minutes)
    return f"{total // 60 % 24}:{total % 60:02}"


def _half(match: re.Match[str]) -> str:
    hour = _hour(match[1])
    return match[0] if hour is None else f"{(hour - 1) % 24}:30"


def _small(word: str) -> int | None:
    value = float(word) if word.isdecimal() and len(word) < 3 else number_word(word)
    return int(value) if value is not None and value == int(value) and 0 <= value < 60 else None


def _hour(word: str) -> int | None:
    known = table("windows")["hours"].get(word)
    hour = _small(word) if known is None else int(known)
    return hour if hour is not None and hour <= 24 else None


def _clauses(said: str) -> Iterator[list[str]]:
    """Between "tussen 2 en 4" and the like nothing is cut."""
    entry = table("windows")["words"]
    said = re.sub(r"\b(?:tussen|between) (\S+) (?:en|and) (\S+)", r"van \1 tot \2", said)
    words: list[str] = []
    for word in _SPAN.sub(r"van \1 tot \2", said).split():
        if word in entry["clause"] or word in ",;.+&":
            yield words
            words = []
        elif word in entry["except"]:
            yield words
            words = [word]
        else:
            words.append(word)
    yield words


def _read(words: Sequence[str], here: datetime) -> _Clause | None:
    entry = table("windows")
    clause = _Clause(hours=_hours_in(words), is_not=not set(words).isdisjoint(entry["words"]["not"]))
    parts: list[tuple[int, int]] = []
    for word in words:
        day, part = _compound(word)
        if word in entry["soon"]:
            after, first, last = entry["soon"][word]
            clause = replace(clause, days=(*clause.days, here.date() + timedelta(days=after)))
            parts += [(first * 60, last * 60)] if (first, last) != (0, 24) else []
        elif word in entry["parts"]:
            parts.append(_minutes(entry["parts"][word]))
        elif day is not None:
            every = word.endswith("s") and word not in entry["weekdays"] and word[:-1] in _weekdays()
            clause = replace(clause, numbers=(*clause.numbers, day), is_every=clause.is_every or every)
            if part:
                parts.append(part)
                clause = replace(clause, is_compound=True)
        elif entry["days"].get(word):
            clause = replace(clause, numbers=(*clause.numbers, *entry["days"][word]), is_every=True)
        elif word in entry["words"]["every"]:
            clause = replace(clause, is_every=True)
        elif word in ("dezeweek", "volgendeweek", "komendeweek", "weekerna"):
            week = {"dezeweek": 0, "volgendeweek": 1, "komendeweek": 1, "weekerna": 2}[word]
            clause = replace(clause, week=week)
    if not clause.names_days and (dated := _dated(" ".join(words), here)):
        clause = replace(clause, days=dated)
    if parts:
        clause = replace(clause, hours=_within(clause.hours, parts))
    return (
        clause if clause.names_days or clause.hours or clause.week is not None or _is_all_day(words) else None
    )


def _is_all_day(words: Sequence[str]) -> bool:
    return "heledag" in words


def _dated(said: str, here: datetime) -> tuple[date, ...]:
    """Dates with a number ("3 december", "12-1"): weekdays and such are read elsewhere."""
    names_month = any(word in table("times")["months"] for word in said.split())
    if not _DATED.search(said) or not (names_month or "-" in said or "/" in said):
        return ()
    reading = read_date(said, here)
    days = [date.fromisoformat(value) for value in reading.values] if reading else []
    return tuple(day for day in days if day >= here.date())[:1] if len(days) < 3 else ()


def _compound(word: str) -> tuple[int | None, tuple[int, int] | None]:
    """ "dinsdagmiddag" as tuesday and the afternoon."""
    days = _weekdays()
    if word in days:
        return days[word], None
    if word.endswith("s") and word[:-1] in days:
        return days[word[:-1]], None
    if not word.endswith(_ends_of_days()):
        return None, None
    for part, hours in table("windows")["parts"].items():
        if word.endswith(part) and word[: -len(part)] in days and len(word) - len(part) > 4:
            return days[word[: -len(part)]], _minutes(hours)
    if word.endswith("morgen") and word[:-6] in days:
        return days[word[:-6]], _minutes([6, 12])
    return None, None


@cache
def _ends_of_days() -> tuple[str, ...]:
    return (*table("windows")["parts"], "morgen")


@cache
def _weekdays() -> dict[str, int]:
    return {**table("times")["weekdays"], **table("windows")["weekdays"]}


def _minutes(hours: Sequence[int]) -> tuple[int, int]:
    return hours[0] * 60, hours[1] * 60


def _hours_in(words: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """From, to; a moment has a length of an hour."""
    entry = table("windows")["words"]
    low, high, moments = 0, _DAY, []
    has_edge = False
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        is_expected = before in entry["after"] or before in entry["before"] or before in _POINTS
        minute = _minute(word, is_expected)
        if minute is None:
            continue
        if before in entry["after"] or before == "van":
            low, has_edge = _by_day(minute, word, after=True), True
        elif before in entry["before"]:
            high, has_edge = _by_day(minute, word, after=False), True
            if high <= low:
                high = minute + _DAY // 2 if minute + _DAY // 2 > low else high
        else:
            moments.append(_by_day(minute, word, after=False))
    if has_edge:
        if low >= high and low - _DAY // 2 >= 0:
            low -= _DAY // 2
        return ((low, high),) if low < high else ()
    return tuple((moment, min(moment + _MOMENT, _DAY)) for moment in moments)


def _minute(word: str, is_expected: bool) -> int | None:
    """Minutes since midnight as said; a bare number counts only after a word that expects one."""
    if ":" in word and (match := re.fullmatch(r"(\d{1,2}):(\d{2})", word)):
        at, minutes = int(match[1]), int(match[2])
        return at * 60 + minutes if at <= 24 and minutes < 60 else None
    if word in table("windows")["hours"]:
        return int(table("windows")["hours"][word]) * 60
    hour = _hour(word) if is_expected else None
    return hour * 60 if hour is not None else None


def _by_day(minute: int, word: str, *, after: bool) -> int:
    """Nobody means the small hours: up to half past seven is afternoon or evening, "na achten" too. Written with a
    nought ("07:30") it is meant as it stands."""
    if word.startswith("0") or minute >= 12 * 60:
        return minute
    return minute + _DAY // 2 if minute < 8 * 60 or (after and minute == 8 * 60) else minute


def _within(
    hours: Sequence[tuple[int, int]], parts: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Clock times inside the part of the day that is said with them: "dinsdagavond na acht"."""
    if not hours or not parts:
        return tuple(hours or parts)
    found = []
    for low, high in hours:
        for first, last in parts:
            for shift in (0, _DAY // 2, -_DAY // 2):
                start = low + shift if low else first
                end = high + shift if high != _DAY else last
                if first <= start < last and start < min(end, last):
                    found.append((start, min(end, last)))
                    break
    return tuple(dict.fromkeys(found)) or tuple(hours)


def _completed(clauses: list[_Clause]) -> list[_Clause]:
    """Each clause with what it leaves to its neighbours: "maandag en dinsdag na zevenen", "dinsdag, na drieen"."""
    week = next((each.week for each in clauses if each.week is not None), None)
    done: list[_Clause] = []
    for place, each in enumerate(clauses):
        former = done[-1] if done else None
        following = clauses[place + 1] if place + 1 < len(clauses) else None
        if each.week is None and week is not None and not each.days:
            each = replace(each, week=week)
        if each.names_days and not each.hours and following is not None and _shares_hours(each, following):
            each = replace(each, hours=following.hours)
        if not each.names_days and each.hours and former is not None and former.names_days:
            if not former.hours and not each.is_not:
                done[-1] = replace(former, hours=each.hours)
                continue
            each = replace(each, days=former.days, numbers=former.numbers, is_every=former.is_every)
        done.append(each)
    only_week = [each for each in done if not (each.names_days or each.hours) and each.week is not None]
    rest = [each for each in done if each not in only_week]
    return rest or only_week[:1] or done


def _shares_hours(clause: _Clause, following: _Clause) -> bool:
    """In "maandag en dinsdag na zeven" it does; in "maandag en dinsdagmiddag" it does not."""
    return following.names_days and following.is_not == clause.is_not and not following.is_compound


def _laid_out(clause: _Clause, here: datetime) -> Iterator[tuple[datetime, datetime]]:
    for day in _days_of(clause, here):
        for low, high in clause.hours or ((0, _DAY),):
            yield _at(day, low), _at(day, high)


def _days_of(clause: _Clause, here: datetime) -> list[date]:
    today = here.date()
    if clause.days:
        return list(clause.days)
    horizon = _span_of_days(clause.week, today)
    if not clause.numbers:
        if clause.week is not None or clause.is_not:
            return horizon
        start = today if any(_at(today, low) > here for low, _ in clause.hours) else today + timedelta(days=1)
        return [start]
    wanted = [day for day in horizon if day.weekday() in clause.numbers]
    if clause.is_every or clause.week is not None:
        return wanted
    last = max((high for _, high in clause.hours), default=_DAY)
    first: dict[int, date] = {}
    for day in wanted:
        if _at(day, last) > here and not (day == today and not clause.hours):
            first.setdefault(day.weekday(), day)
    return sorted(first.values())


def _span_of_days(week: int | None, today: date) -> list[date]:
    if week is None:
        return [today + timedelta(days=each) for each in range(int(table("windows")["horizon_days"]) + 1)]
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * week)
    return [day for each in range(7) if (day := monday + timedelta(days=each)) >= today]


def _horizon(clauses: Iterable[_Clause], here: datetime) -> list[date]:
    week = next((each.week for each in clauses if each.week is not None), None)
    return _span_of_days(week, here.date())


def _whole(day: date) -> list[tuple[datetime, datetime]]:
    return [(_at(day, 0), _at(day, _DAY))]


def _at(day: date, minute: int) -> datetime:
    days, minute = divmod(minute, _DAY)
    return datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), AMSTERDAM)


Span = tuple[datetime, datetime]


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order; what overlaps becomes one. Whole days beside each other stay apart."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    left = list(spans)
    for start, end in taken:
        left = [
            piece
            for low, high in left
            for piece in ((low, min(high, start)), (max(low, end), high))
            if piece[0] < piece[1]
        ]
    return left
