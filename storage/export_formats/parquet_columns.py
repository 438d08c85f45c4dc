"""Columns of a table as columns of Parquet, each with one type."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

import pandas as pd

from storage.export_formats.csv_table import STATUS
from storage.export_formats.spec import STATUSES, Cell, Column, Kind
from storage.export_formats.spooled import halves
from storage.export_formats.typed import as_boolean, as_date, as_number, as_time, unreadable
from storage.export_formats.words import whole


class ParquetColumn(ABC):
    """`place` is where its cells are in a row of values and statuses. No value is null."""

    def __init__(self, name: str, place: int) -> None:
        self.name, self.place = name, place

    @abstractmethod
    def make(self, cells: Sequence[Any]) -> Any:
        """These cells as pandas has them."""

    def notes(self) -> list[str]:
        return []


class Texts(ParquetColumn):
    def __init__(self, name: str, place: int) -> None:
        super().__init__(name, place)
        self._halves = 0

    def make(self, cells: Sequence[Any]) -> Any:
        return pd.array([self._text(cell) for cell in cells], dtype="str")

    def notes(self) -> list[str]:
        return halves(self._halves)

    def _text(self, cell: Cell) -> str | None:
        if cell is None or cell == "":
            return None
        text = str(cell)
        if not text.isprintable():
            text, found = whole(text)
            self._halves += found
        return text


class Named(ParquetColumn):
    """Few values that come again and again, in an order: the file has each once, and a number for it in every row."""

    def __init__(self, name: str, place: int, values: Iterable[str]) -> None:
        super().__init__(name, place)
        self._places: dict[Cell, int] = {value: place for place, value in enumerate(values)}

    def make(self, cells: Sequence[Any]) -> Any:
        places = self._places
        codes = [-1 if cell is None or cell == "" else places.setdefault(cell, len(places)) for cell in cells]
        return pd.Categorical.from_codes(codes, categories=[whole(str(value))[0] for value in places])


class Typed(ParquetColumn):
    def __init__(self, name: str, place: int, kind: Kind) -> None:
        super().__init__(name, place)
        self._kind = kind
        self._read, self._type = _TYPES[kind]
        self._unread = 0

    def make(self, cells: Sequence[Any]) -> Any:
        return pd.array([self._value(cell) for cell in cells], dtype=self._type)

    def notes(self) -> list[str]:
        return [unreadable(self.name, self._unread, self._kind)] if self._unread else []

    def _value(self, cell: Cell) -> Any:
        if cell is None or cell == "":
            return None
        value = self._read(cell)
        self._unread += value is None
        return value


class Chosen(ParquetColumn):
    """Whether one of several choices was chosen; null where nothing was."""

    def __init__(self, name: str, place: int, choice: str) -> None:
        super().__init__(name, place)
        self._choice = choice

    def make(self, cells: Sequence[Any]) -> Any:
        chosen = [self._choice in str(cell).split() if cell else None for cell in cells]
        return pd.array(chosen, dtype="boolean")


def _whole_number(cell: Cell) -> int | None:
    """Without a detour by way of floats, which would round a long one."""
    try:
        number = int(cell) if isinstance(cell, str) else as_number(cell)
    except ValueError:
        number = as_number(cell)
    if number is None or number != int(number) or not -(2**63) <= number < 2**63:
        return None
    return int(number)


def _midnight(cell: Cell) -> datetime | None:
    day = as_date(cell)
    return None if day is None else datetime.combine(day, time())


_TYPES: Mapping[Kind, tuple[Callable[[Cell], object], str]] = {
    "integer": (_whole_number, "Int64"),
    "number": (as_number, "Float64"),
    "boolean": (as_boolean, "boolean"),
    "time": (as_time, "datetime64[us, UTC]"),
    "date": (_midnight, "datetime64[us]"),
}


def parquet_columns(columns: Sequence[Column]) -> Iterator[ParquetColumn]:
    """In the order of the CSV file, but for labels, which are in the metadata."""
    status = len(columns)
    for place, column in enumerate(columns):
        yield from _of_values(column, place)
        if column.has_status:
            yield Named(column.name + STATUS, status, STATUSES)
            status += 1


def _of_values(column: Column, place: int) -> Iterator[ParquetColumn]:
    if column.kind == "choice" and column.value_labels:
        yield Named(column.name, place, column.value_labels)
    elif column.kind in _TYPES:
        yield Typed(column.name, place, column.kind)
    else:
        yield Texts(column.name, place)
    for choice in column.value_labels if column.kind == "choices" else ():
        yield Chosen(f"{column.name}/{choice}", place, choice)
