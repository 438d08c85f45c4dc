"""When staff can be asked: opening hours in Amsterdam's time, and the moments that follow from them; all else UTC."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.dialogue.effects import Phrase, Words

ZONE = ZoneInfo("Europe/Amsterdam")
DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
LOOK_AHEAD_DAYS = 400

_ENTRY = re.compile(r"([a-z]{2})(?:\s*-\s*([a-z]{2}))?\s+(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """The same hours on a row of days: `first` and `last` are weekdays (Monday is 0), both included, the second not
    before the first. `begin` and `end` are minutes since midnight; at `end` it is closed."""

    first: int
    last: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Periods in the order they were written, but for `closed_on` (holidays)."""

    periods: tuple[Period, ...]
    closed_on: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        return self._present_or_next(at)[0] <= at

    def closing(self, at: datetime) -> datetime:
        """When the hours that `at` falls in end; `at` itself when it is closed then."""
        begin, end = self._present_or_next(at)
        return end if begin <= at else at

    def next_opening(self, at: datetime) -> datetime:
        """The first moment from `at` on at which it is open."""
        return max(self._present_or_next(at)[0], at)

    def after_open(self, at: datetime, wait: timedelta) -> datetime:
        """The moment at which so much open time has gone by since `at`."""
        for begin, end in self._spans(at):
            start = max(begin, at)
            if end <= start:
                continue
            if end - start >= wait:
                return start + wait
            wait -= end - start
        raise ValueError("hours that never open")

    def _present_or_next(self, at: datetime) -> tuple[datetime, datetime]:
        return next((begin, end) for begin, end in self._spans(at) if end > at)

    def _spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Begin and end of each row of open hours from the day of `at` on; what touches is one."""
        former: tuple[datetime, datetime] | None = None
        day = at.astimezone(ZONE).date()
        for number in range(LOOK_AHEAD_DAYS):
            for begin, end in self._spans_on(day + timedelta(days=number)):
                if former is not None and begin <= former[1]:
                    former = (former[0], max(former[1], end))
                    continue
                if former is not None:
                    yield former
                former = (begin, end)
        if former is not None:
            yield former

    def _spans_on(self, day: date) -> list[tuple[datetime, datetime]]:
        if day in self.closed_on:
            return []
        today = [each for each in self.periods if each.first <= day.weekday() <= each.last]
        return sorted((_moment(day, each.begin), _moment(day, each.end)) for each in today)


def _moment(day: date, minutes: int) -> datetime:
    """So many minutes on the clock, on a day that may have 23 or 25 hours."""
    days, rest = divmod(minutes, 24 * 60)
    local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), ZONE)
    return local.astimezone(UTC)


def parse_hours(text: str, closed_on: str = "") -> OpeningHours:
    """Hours such as "ma-vr 09:00-17:00, za 10:00-12:00", and days off such as "2026-12-25, 2026-12-26".

    Raises ValueError with the part that cannot be read.
    """
    periods = tuple(_period(part.strip().lower()) for part in text.split(","))
    days = (part.strip() for part in closed_on.split(","))
    return OpeningHours(periods, frozenset(date.fromisoformat(day) for day in days if day))


def _period(entry: str) -> Period:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise ValueError(entry)
    first, last, begin, end = found.groups()
    if first not in DAYS or (last or first) not in DAYS:
        raise ValueError(entry)
    period = Period(DAYS.index(first), DAYS.index(last or first), _minutes(begin), _minutes(end))
    if period.last < period.first or period.end <= period.begin:
        raise ValueError(entry)
    return period


def _minutes(text: str) -> int:
    hour, minute = (int(part) for part in text.split(":"))
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise ValueError(text)
    return hour * 60 + minute


def hours_words(hours: OpeningHours) -> Words:
    """The hours in words: "maandag tot en met vrijdag van 9.00 tot 17.00 uur"."""
    first, *rest = (_period_words(period) for period in hours.periods)
    words: Words = first
    for each in rest:
        words = Phrase("hours.and", {"first": words, "second": each})
    return words


def _period_words(period: Period) -> Words:
    between: dict[str, str | int | Words] = {
        "begin": _clock_words(period.begin),
        "end": _clock_words(period.end),
        "first": Phrase(f"day.{period.first}"),
    }
    if period.first == period.last:
        return Phrase("hours.day", between)
    return Phrase("hours.days", {**between, "last": Phrase(f"day.{period.last}")})


def _clock_words(minutes: int) -> Words:
    return Phrase("hours.clock", {"hour": str(minutes // 60), "minute": f"{minutes % 60:02}"})


def moment_words(moment: datetime, now: datetime) -> Words:
    """A moment to come, as people say it: today, tomorrow, a day of the coming week, or a date."""
    local, today = moment.astimezone(ZONE), now.astimezone(ZONE).date()
    days = (local.date() - today).days
    said: dict[str, str | int | Words] = {"clock": _clock_words(local.hour * 60 + local.minute)}
    if days < 2:
        return Phrase("when.tomorrow" if days else "when.today", said)
    said["day"] = Phrase(f"day.{local.weekday()}")
    return Phrase("when.day", said) if days < 7 else date_words(moment)


def date_words(moment: datetime) -> Words:
    """A moment in full, with the date, also one that is past."""
    local = moment.astimezone(ZONE)
    said: dict[str, str | int | Words] = {
        "clock": _clock_words(local.hour * 60 + local.minute),
        "day": Phrase(f"day.{local.weekday()}"),
        "number": local.day,
        "month": Phrase(f"month.{local.month}"),
    }
    return Phrase("when.date", said)
