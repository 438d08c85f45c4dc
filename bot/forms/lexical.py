"""Whether a text is a value of a question's kind, as XForms writes values; constraints are left to the form."""

import math
import re
from collections.abc import Callable, Collection
from datetime import date, datetime, time

from bot.forms.places import read_point
from domain.questionnaire import Question, QuestionKind

ACKNOWLEDGED = "OK"
"""The value of an acknowledge question that was answered, as in every XForm."""
ADDED, ENOUGH = "yes", "no"
"""The values of "is there another one?"."""


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", value) is not None and math.isfinite(
        float(value)
    )


def _is_date(value: str) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]", value) is not None and _parses(
        date.fromisoformat, value
    )


def _is_time(value: str) -> bool:
    """With seconds, as XML Schema has it; a resident who types 09:30 is understood as 09:30:00 before this."""
    return re.fullmatch(
        r"[0-9][0-9]:[0-9][0-9]:[0-9][0-9](\.[0-9]{1,6})?([+-][0-9][0-9]:[0-9][0-9]|Z)?", value
    ) is not None and _parses(time.fromisoformat, value)


def _is_moment(value: str) -> bool:
    day, _, clock = value.partition("T")
    return _is_date(day) and _is_time(clock) and _parses(datetime.fromisoformat, value)


def _is_point(value: str) -> bool:
    parts = value.split(" ")
    return 2 <= len(parts) <= 4 and all(map(_is_number, parts)) and read_point(value) is not None


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


def _is_said(value: str) -> bool:
    return bool(value.strip())


_FITS: dict[QuestionKind, Callable[[str], bool]] = {
    QuestionKind.INTEGER: lambda value: re.fullmatch(r"[+-]?[0-9]{1,18}", value) is not None,
    QuestionKind.DECIMAL: _is_number,
    QuestionKind.DATE: _is_date,
    QuestionKind.TIME: _is_time,
    QuestionKind.DATETIME: _is_moment,
    QuestionKind.GEOPOINT: _is_point,
    QuestionKind.ACKNOWLEDGE: lambda value: value == ACKNOWLEDGED,
    QuestionKind.REPEAT: lambda value: value in (ADDED, ENOUGH),
    QuestionKind.TEXT: _is_said,
    QuestionKind.AUDIO: _is_said,
    QuestionKind.IMAGE: _is_said,
}


def fits_type(question: Question, value: str, names: Collection[str] | None = None) -> bool:
    """Whether `value` is a lexical value of the question's kind, or names choices it has (`names` when given)."""
    if question.kind in (QuestionKind.SELECT_ONE, QuestionKind.SELECT_MULTIPLE):
        offered = set(names) if names is not None else {choice.name for choice in question.choices}
        picked = value.split(" ") if question.kind is QuestionKind.SELECT_MULTIPLE else [value]
        return bool(value) and len(set(picked)) == len(picked) and offered.issuperset(picked)
    if question.kind is QuestionKind.RANGE:
        return _is_number(value) and _is_on_range(question, float(value))
    return question.kind in _FITS and _FITS[question.kind](value)


def in_list_order(question: Question, value: str) -> str:
    """`value` as it is stored: picked choices in the order of the list, whatever the order of picking."""
    if question.kind is not QuestionKind.SELECT_MULTIPLE:
        return value
    picked = value.split(" ")
    return " ".join(choice.name for choice in question.choices if choice.name in picked)


def _is_on_range(question: Question, number: float) -> bool:
    low, high, step = question.low or 0.0, question.high, question.step or 1.0
    steps = (number - low) / step
    return number >= low and (high is None or number <= high) and abs(steps - round(steps)) < 1e-9
