"""XPath values as OpenRosa knows them: text, number, truth and dates written in ISO 8601; only conversions.

A node reads as text. A date is text that also counts as days since 1970 (a time of day as a part of a day, by the
clock on the wall), which makes today() - ${birthday} a number of days.
"""

import math
import re
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

Value = str | float | bool
_NUMBER = re.compile(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*", re.ASCII)
ZONE = ZoneInfo("Europe/Amsterdam")
_EPOCH = date(1970, 1, 1).toordinal()


def to_number(value: Value) -> float:
    """NaN for text that is neither a number nor a date."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    if _NUMBER.fullmatch(value):
        return float(value)
    return _days_of(value) if len(value) >= 10 and value[4] == "-" else math.nan


def part_of_day(text: str) -> float:
    """A time of day as a part of a day; also that of a date with a time. NaN for other text."""
    try:
        clock = time.fromisoformat(text.rpartition("T")[2])
    except ValueError:
        return math.nan
    return (clock.hour * 3600 + clock.minute * 60 + clock.second) / 86400


def _days_of(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    if moment.tzinfo is not None:
        moment = moment.astimezone(ZONE)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return moment.toordinal() - _EPOCH + seconds / 86400


def to_text(value: Value) -> str:
    """A number as XPath writes it: as many digits as tell it from every other, and no exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def to_truth(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return not math.isnan(value) and value != 0
    return value != ""


def to_result(value: Value) -> str:
    """What a calculation stores: as text, and nothing where there is no number."""
    return "" if isinstance(value, float) and math.isnan(value) else to_text(value)


def to_date(value: Value) -> str:
    """An ISO date from a date, a date with a time, or days since 1970; empty when it is none of them."""
    days = to_number(value)
    if not math.isfinite(days) or not 0 < math.floor(days) + _EPOCH <= date.max.toordinal():
        return ""
    return date.fromordinal(math.floor(days) + _EPOCH).isoformat()


def to_moment(value: Value) -> datetime | None:
    """The date and time on the wall that `value` stands for; naive."""
    day = to_date(value)
    if not day:
        return None
    seconds = round(to_number(value) * 86400) % 86400
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    return datetime.combine(date.fromisoformat(day), clock)


def is_equal(left: Value, right: Value) -> bool:
    """XPath 1.0: truth before number before text."""
    if isinstance(left, bool) or isinstance(right, bool):
        return to_truth(left) == to_truth(right)
    if isinstance(left, float) or isinstance(right, float):
        return to_number(left) == to_number(right)
    return left == right
