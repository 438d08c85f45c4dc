"""The hours of a week, and stretches of time, as they are said back to somebody; and how their own words are read."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from functools import reduce
from itertools import groupby

from bot.dialogue.effects import Phrase, Words
from bot.meeting.moments import ZONE
from domain.session import Hours, Stretch

ReadWeek = Callable[[str], tuple[Hours, ...]]
"""Reads when somebody usually can, by the clock in Amsterdam; empty when it cannot be read. Never raises."""

ReadTimes = Callable[[str, datetime], Sequence[Stretch]]
"""Reads the stretches of time (UTC) that words name, seen from `now` (UTC); empty when they name none. Never raises."""

_MIDNIGHT = time(0)


def under_each_other(words: Iterable[Words]) -> Words:
    """One line each; there has to be at least one."""
    return reduce(lambda above, below: Phrase("duo.under", {"above": above, "below": below}), words)


def week_words(hours: Sequence[Hours]) -> Words:
    """A line for each day, or for days in a row with the same hours: "maandag tot en met vrijdag, 9.00 tot 17.00 uur"."""
    if not hours:
        return Phrase("duo.week.none")
    days = [
        (weekday, tuple((each.begin, each.until) for each in of_day))
        for weekday, of_day in groupby(hours, key=lambda each: each.weekday)
    ]
    rows: list[tuple[int, int, tuple[tuple[time, time], ...]]] = []
    for weekday, spans in days:
        if rows and rows[-1][1:] == (weekday - 1, spans):
            rows[-1] = (rows[-1][0], weekday, spans)
        else:
            rows.append((weekday, weekday, spans))
    return under_each_other(
        Phrase("duo.week.day", {"days": _days(first, last), "hours": _hours(spans)})
        for first, last, spans in rows
    )


def stretch_words(stretch: Stretch, now: datetime) -> Words:
    """In whole days where it is whole days, from now or from midnight: "maandag 3 augustus tot en met maandag 10 augustus".
    `now` is UTC."""
    start, end = stretch.start.astimezone(ZONE), stretch.end.astimezone(ZONE)
    begins_whole = start.time() == _MIDNIGHT or stretch.start <= now
    if begins_whole and end.time() == _MIDNIGHT:
        last = end - timedelta(days=1)
        first_day, last_day = _day(start, now), _day(last, now)
        if start.date() == last.date():
            return Phrase("duo.times.day", {"day": first_day})
        return Phrase("duo.times.days", {"first": first_day, "last": last_day})
    until = Phrase("duo.midnight") if end.time() == _MIDNIGHT else _clock(end.time())
    if start.date() == (end - timedelta(microseconds=1)).date():
        return Phrase(
            "duo.times.hours", {"day": _day(start, now), "begin": _clock(start.time()), "until": until}
        )
    return Phrase(
        "duo.times.long",
        {
            "first": _day(start, now),
            "begin": _clock(start.time()),
            "last": _day(end, now),
            "until": _clock(end.time()),
        },
    )


def _days(first: int, last: int) -> Words:
    if first == last:
        return Phrase(f"day.{first}")
    return Phrase("duo.week.days", {"first": Phrase(f"day.{first}"), "last": Phrase(f"day.{last}")})


def _hours(spans: Iterable[tuple[time, time]]) -> Words:
    return reduce(
        lambda first, second: Phrase("hours.and", {"first": first, "second": second}),
        (_span(begin, until) for begin, until in spans),
    )


def _span(begin: time, until: time) -> Words:
    if begin == until == _MIDNIGHT:
        return Phrase("duo.week.whole_day")
    end = Phrase("duo.midnight") if until == _MIDNIGHT else _clock(until)
    return Phrase("duo.week.span", {"begin": _clock(begin), "until": end})


def _clock(clock: time) -> Words:
    return Phrase("hours.clock", {"hour": str(clock.hour), "minute": f"{clock.minute:02}"})


def _day(moment: datetime, now: datetime) -> Words:
    params: dict[str, str | int | Words] = {
        "day": Phrase(f"day.{moment.weekday()}"),
        "number": moment.day,
        "month": Phrase(f"month.{moment.month}"),
    }
    if moment.year == now.astimezone(ZONE).year:
        return Phrase("duo.date", params)
    return Phrase("duo.date_far", {**params, "year": moment.year})
