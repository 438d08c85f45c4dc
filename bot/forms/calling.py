"""What the functions of OpenRosa do with values; which node a value comes from is left to expressions."""

import base64
import hashlib
import math
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.forms.places import area, distance
from bot.forms.values import Value, part_of_day, to_date, to_moment, to_number, to_text, to_truth


def _selected_at(names: Value, index: Value) -> Value:
    every, place = to_text(names).split(), to_number(index)
    return every[int(place)] if 0 <= place < len(every) else ""


def _substr(text: Value, start: Value, end: Value = math.inf) -> Value:
    """As in OpenRosa: zero-based, the end not included, negative counts from the end."""
    first, last, whole = to_number(start), to_number(end), to_text(text)
    if math.isnan(first) or math.isnan(last) or math.isinf(first):
        return ""
    return whole[int(first) :] if math.isinf(last) else whole[int(first) : int(last)]


def _whole(value: Value) -> Value:
    number = to_number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def _down(value: Value) -> Value:
    number = to_number(value)
    return float(math.floor(number)) if math.isfinite(number) else number


def _up(value: Value) -> Value:
    number = to_number(value)
    return float(math.ceil(number)) if math.isfinite(number) else number


def _round(value: Value, digits: Value = 0.0) -> Value:
    """Halves go up, as in XPath."""
    number, places = to_number(value), to_number(digits)
    if not math.isfinite(number) or not math.isfinite(places) or abs(places) > 15:
        return number
    factor = 10.0 ** int(places)
    return math.floor(number * factor + 0.5) / factor if math.isfinite(number * factor) else number


def _numbers(values: tuple[Value, ...]) -> list[float]:
    return [to_number(value) for value in values if to_text(value) != ""]


def _least(*values: Value) -> Value:
    return min(_numbers(values), default=math.nan)


def _most(*values: Value) -> Value:
    return max(_numbers(values), default=math.nan)


def _sum(*values: Value) -> Value:
    return sum((number for number in _numbers(values) if not math.isnan(number)), 0.0)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE_FIELDS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "n": lambda moment: str(moment.month),
    "d": lambda moment: f"{moment.day:02}",
    "e": lambda moment: str(moment.day),
    "H": lambda moment: f"{moment.hour:02}",
    "h": lambda moment: str(moment.hour),
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "3": lambda moment: f"{moment.microsecond // 1000:03}",
    "a": lambda moment: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()],
    "b": lambda moment: _MONTHS[moment.month - 1],
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "W": lambda moment: f"{moment.isocalendar().week:02}",
    "%": lambda moment: "%",
}


def _format_date(value: Value, pattern: Value) -> Value:
    moment = to_moment(value)
    if moment is None:
        return ""
    return re.sub(r"%(.)", lambda found: _date_field(found, moment), to_text(pattern))


def _date_field(found: re.Match[str], moment: datetime) -> str:
    field = _DATE_FIELDS.get(found[1])
    return field(moment) if field else found[0]


def _safely(function: Callable[..., float], *values: Value) -> Value:
    """Not a number, instead of an error, outside what the function is defined for."""
    try:
        return float(function(*map(to_number, values)))
    except (ValueError, OverflowError):
        return math.nan


_OF_MATHS = ("acos", "asin", "atan", "atan2", "cos", "exp", "log", "log10", "pow", "sin", "sqrt", "tan")


def _beside(text: Value, part: Value) -> tuple[str, str]:
    """What stands before and behind `part`; both empty when it is not in `text`."""
    whole, sought = to_text(text), to_text(part)
    if not sought:
        return "", whole
    before, found, after = whole.partition(sought)
    return (before, after) if found else ("", "")


def _translate(text: Value, old: Value, new: Value) -> Value:
    former, latter = to_text(old), to_text(new)
    instead = {ord(mark): latter[place : place + 1] for place, mark in reversed(list(enumerate(former)))}
    return to_text(text).translate(instead)


def _checklist(least: Value, most: Value, *values: Value) -> Value:
    return _within(least, most, sum(1.0 for value in values if to_truth(value)))


def _weighted_checklist(least: Value, most: Value, *values: Value) -> Value:
    weighed = sum(
        to_number(weight) for value, weight in zip(values[::2], values[1::2], strict=False) if to_truth(value)
    )
    return _within(least, most, weighed)


def _within(least: Value, most: Value, count: float) -> bool:
    """A negative bound is no bound."""
    low, high = to_number(least), to_number(most)
    return (low < 0 or count >= low) and (high < 0 or count <= high)


_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _digest(text: Value, algorithm: Value, encoding: Value = "base64") -> Value:
    """Empty for an algorithm that is not in the specification."""
    name = _DIGESTS.get(to_text(algorithm).upper())
    if name is None:
        return ""
    found = hashlib.new(name, to_text(text).encode(), usedforsecurity=False)
    return found.hexdigest() if to_text(encoding) == "hex" else base64.b64encode(found.digest()).decode()


def _from_base64(text: Value) -> Value:
    try:
        return base64.b64decode(to_text(text), validate=True).decode()
    except ValueError:
        return ""


def _date_time(value: Value) -> Value:
    text = to_text(value)
    if isinstance(value, str) and not text[:4].isdigit():
        return ""
    moment = to_moment(value)
    return moment.isoformat(timespec="milliseconds") if moment else ""


PLAIN_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "boolean": to_truth,
    "ceiling": _up,
    "concat": lambda *values: "".join(map(to_text, values)),
    "contains": lambda text, part: to_text(part) in to_text(text),
    "count-non-empty": lambda *values: float(sum(to_text(value) != "" for value in values)),
    "count-selected": lambda names: float(len(to_text(names).split())),
    "date": to_date,
    "ends-with": lambda text, end: to_text(text).endswith(to_text(end)),
    "false": lambda: False,
    "floor": _down,
    "format-date": _format_date,
    "int": _whole,
    "max": _most,
    "min": _least,
    "normalize-space": lambda text: " ".join(to_text(text).split()),
    "not": lambda value: not to_truth(value),
    "number": to_number,
    "round": _round,
    "selected": lambda names, name: to_text(name).strip() in to_text(names).split(" "),
    "selected-at": _selected_at,
    "starts-with": lambda text, start: to_text(text).startswith(to_text(start)),
    "string": to_text,
    "string-length": lambda text: float(len(to_text(text))),
    "substr": _substr,
    "sum": _sum,
    "true": lambda: True,
    "abs": lambda value: abs(to_number(value)),
    "area": area,
    "base64-decode": _from_base64,
    "boolean-from-string": lambda value: to_text(value).strip().lower() in ("1", "true"),
    "checklist": _checklist,
    "count": lambda *values: float(len(values)),
    "date-time": _date_time,
    "decimal-date-time": to_number,
    "decimal-time": lambda value: part_of_day(to_text(value)),
    "digest": _digest,
    "distance": distance,
    "enclosed-area": area,
    "exp10": lambda value: _safely(math.pow, 10.0, value),
    "format-date-time": _format_date,
    "join": lambda between, *values: to_text(between).join(map(to_text, values)),
    "pi": lambda: math.pi,
    "substring-after": lambda text, part: _beside(text, part)[1],
    "substring-before": lambda text, part: _beside(text, part)[0],
    "translate": _translate,
    "weighted-checklist": _weighted_checklist,
    **{name: partial(_safely, getattr(math, name)) for name in _OF_MATHS},
}
