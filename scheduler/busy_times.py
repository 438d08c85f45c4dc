"""Reads when somebody is busy from a calendar of their own, and nothing else of it; fetching it is for others.

Such a file is made by anybody, so there are limits to it before it is taken apart. A rule that fits no day at all can
still keep a processor busy: the caller gives this a process of its own, and stops that in time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import islice
from math import prod
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event

from domain.session import Stretch

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MOST_BYTES = 5_000_000
MOST_EVENTS = 20_000
MOST_OCCURRENCES = 2_000
MOST_A_DAY = 24
"""How often one event may repeat on one day."""

_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_TIMES = frozenset(
    {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS", "TRANSP"}
)
_EVENT = re.compile(rb"^BEGIN:VEVENT", re.IGNORECASE | re.MULTILINE)


class CalendarTrouble(StrEnum):
    """Why somebody's calendar could not be read; a text for each stands under `calendar.trouble.`."""

    LINK = "link"  # no https address
    PRIVATE = "private"  # it leads into a network that is not public
    AWAY = "away"  # no such server, or no connection
    REFUSED = "refused"  # an answer, but no calendar: no right to it, or gone
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"  # events
    TOO_FULL = "too_full"  # in the time asked for
    TOO_OFTEN = "too_often"  # something repeats every hour, or more
    NOT_A_CALENDAR = "not_a_calendar"
    BROKEN = "broken"  # the time of something in it cannot be read


@dataclass(frozen=True, slots=True)
class Unreadable:
    reason: CalendarTrouble


def busy_in(calendar: bytes, begin: datetime, end: datetime) -> tuple[Stretch, ...] | Unreadable:
    """When its owner is busy in that time, in UTC, soonest first; what meets or overlaps is one stretch. Whole days
    count; what is cancelled or marked as free does not. A time without a zone is one in Amsterdam. Either the whole
    calendar was read, or none of it."""
    if len(calendar) > MOST_BYTES:
        return Unreadable(CalendarTrouble.TOO_LARGE)
    if sum(1 for _ in _EVENT.finditer(calendar)) > MOST_EVENTS:
        return Unreadable(CalendarTrouble.TOO_MANY)
    # Two libraries, and anything at all in a file of somebody else's: what they raise has no end.
    try:
        found = Calendar.from_ical(calendar.removeprefix(b"\xef\xbb\xbf"), multiple=True)
    except MemoryError:
        raise
    except Exception:
        return Unreadable(CalendarTrouble.NOT_A_CALENDAR)
    calendars = [each for each in found if isinstance(each, Calendar)]
    if not calendars:
        return Unreadable(CalendarTrouble.NOT_A_CALENDAR)
    try:
        return _read(calendars, begin.astimezone(AMSTERDAM), end.astimezone(AMSTERDAM))
    except MemoryError:
        raise
    except Exception:
        return Unreadable(CalendarTrouble.BROKEN)


def _read(calendars: list[Calendar], begin: datetime, end: datetime) -> tuple[Stretch, ...] | Unreadable:
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    if any(name in _TIMES for event in events for name, _ in event.errors):
        return Unreadable(CalendarTrouble.BROKEN)
    rules = [rule for event in events for rule in _all(event.get("RRULE"))]
    if not all(rule.get("FREQ") for rule in rules):
        return Unreadable(CalendarTrouble.BROKEN)
    if any(_repeats_often(rule) for rule in rules):
        return Unreadable(CalendarTrouble.TOO_OFTEN)
    occurrences = list(islice(_occurrences(calendars, begin, end), MOST_OCCURRENCES + 1))
    if len(occurrences) > MOST_OCCURRENCES:
        return Unreadable(CalendarTrouble.TOO_FULL)
    busy = (_stretch(event) for event in occurrences if _is_busy(event))
    return _merged(
        Stretch(max(each.start, begin).astimezone(UTC), min(each.end, end).astimezone(UTC))
        for each in busy
        if each.start < each.end
    )


def _occurrences(calendars: list[Calendar], begin: datetime, end: datetime) -> Iterator[Event]:
    for calendar in calendars:
        for series in recurring_ical_events.of(calendar).series:
            for occurrence in series.between(begin, end):
                event = occurrence.as_component(keep_recurrence_attributes=False)
                assert isinstance(event, Event)
                yield event


def _all(value: object) -> list[dict[str, list[object]]]:
    """A property once or several times."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]  # type: ignore[list-item]  # a rule is a dictionary


def _repeats_often(rule: dict[str, list[object]]) -> bool:
    if any(str(each).upper() in _OFTEN for each in rule.get("FREQ", [])):
        return True
    if any(int(str(each)) < 1 for each in rule.get("INTERVAL", [])):
        return True  # for ever, on one day
    return prod(max(1, len(rule.get(each, []))) for each in ("BYHOUR", "BYMINUTE", "BYSECOND")) > MOST_A_DAY


def _is_busy(event: Event) -> bool:
    return (
        str(event.get("STATUS", "")).upper() != "CANCELLED"
        and str(event.get("TRANSP", "")).upper() != "TRANSPARENT"
    )


def _stretch(event: Event) -> Stretch:
    return Stretch(_moment(event.start), _moment(event.end))


def _moment(given: date) -> datetime:
    """A date begins at midnight in Amsterdam."""
    if not isinstance(given, datetime):
        return datetime.combine(given, time(), AMSTERDAM)
    return given.replace(tzinfo=AMSTERDAM) if given.tzinfo is None else given


def _merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    merged: list[Stretch] = []
    for each in sorted(stretches, key=lambda stretch: (stretch.start, stretch.end)):
        if merged and each.start <= merged[-1].end:
            merged[-1] = Stretch(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(each)
    return tuple(merged)
