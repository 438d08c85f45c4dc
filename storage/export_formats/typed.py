"""Values as numbers, for formats in which a column has one type."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time

from storage.export_formats.spec import Cell, Kind
from storage.export_formats.words import counted

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def as_number(cell: Cell) -> float | None:
    """None for what is no number, and for one that no file holds: endless, or not a number by name."""
    if isinstance(cell, str):
        number = float(cell) if _NUMBER.fullmatch(cell.strip()) else math.nan
    elif isinstance(cell, int | float):
        number = float(cell)
    else:
        return None
    return number if math.isfinite(number) else None


def as_boolean(cell: Cell) -> bool | None:
    if isinstance(cell, bool):
        return cell
    return _BOOLEANS.get(cell) if isinstance(cell, str | int | float) else None


_BOOLEANS: Mapping[Cell, bool] = {"true": True, "1": True, "false": False, "0": False, 1: True, 0: False}


def as_date(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(cell) if isinstance(cell, str) else None
    except ValueError:
        return None


def as_time(cell: Cell) -> datetime | None:
    """In UTC; a moment without a zone is in UTC already."""
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell)
        except ValueError:
            return None
    if isinstance(cell, datetime):
        return cell.astimezone(UTC) if cell.tzinfo else cell.replace(tzinfo=UTC)
    return datetime.combine(cell, time(), UTC) if isinstance(cell, date) else None


_SPSS_BEGINS = datetime(1582, 10, 14, tzinfo=UTC)


def spss_time(cell: Cell) -> float | None:
    """Seconds since the calendar began, which is how SPSS keeps time."""
    moment = as_time(cell)
    return None if moment is None else (moment - _SPSS_BEGINS).total_seconds()


def spss_date(cell: Cell) -> float | None:
    day = as_date(cell)
    return None if day is None else (day - _SPSS_BEGINS.date()).days * 86_400.0


def spss_boolean(cell: Cell) -> float | None:
    found = as_boolean(cell)
    return None if found is None else float(found)


SPSS: Mapping[Kind, Callable[[Cell], float | None]] = {
    "integer": as_number,
    "number": as_number,
    "boolean": spss_boolean,
    "time": spss_time,
    "date": spss_date,
}


def unreadable(column: str, number: int, kind: str) -> str:
    found = counted(number, f"value that is no {kind} was", f"values that are no {kind} were")
    return f"{column}: {found} left out here; an export as CSV has all."
