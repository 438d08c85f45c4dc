"""Answers as Flow Results writes them, by the kind of their column."""

from collections.abc import Callable, Mapping

from storage.export_formats.spec import Cell, Column, Kind
from storage.export_formats.typed import as_boolean, as_date, as_number, as_time

BOOLEANS = ("true", "false")


def type_of(column: Column) -> str:
    """The type of a question, as in the specification's chapter "Question Types". A choice of which nobody knows the
    others is a text."""
    if column.kind in ("choice", "choices") and not column.value_labels:
        return "text"
    return _TYPES[column.kind]


def reader_of(column: Column) -> Callable[[Cell], object]:
    """Gives the response, or None for what is none of its kind."""
    return str if type_of(column) == "text" else _READERS[column.kind]


def _number(cell: Cell) -> float | int | None:
    """A whole number without a fraction, and in all its digits."""
    if isinstance(cell, str) and cell.lstrip("+-").isdecimal() and len(cell) < 18:
        return int(cell)
    number = as_number(cell)
    return int(number) if number is not None and number.is_integer() and abs(number) < 2**53 else number


def _boolean(cell: Cell) -> str | None:
    found = as_boolean(cell)
    return None if found is None else BOOLEANS[not found]


def _date(cell: Cell) -> str | None:
    day = as_date(cell)
    return None if day is None else day.isoformat()


def _time(cell: Cell) -> str | None:
    moment = as_time(cell)
    return None if moment is None else moment.isoformat()


def _names(cell: Cell) -> list[str]:
    return str(cell).split()


_TYPES: Mapping[Kind, str] = {
    "text": "text",
    "integer": "numeric",
    "number": "numeric",
    "boolean": "select_one",
    "time": "datetime",
    "date": "date",
    "choice": "select_one",
    "choices": "select_many",
}
_READERS: Mapping[Kind, Callable[[Cell], object]] = {
    "text": str,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "time": _time,
    "date": _date,
    "choice": str,
    "choices": _names,
}
