"""CSV for spreadsheets: a column for the value, one for its label where it has one, and one for the status."""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from storage.export_formats.spec import Cell, Column, TableSpec
from storage.export_formats.spooled import TextFile
from storage.export_formats.words import harmless

# A spreadsheet takes a file for UTF-8 only when it begins with the mark for it.
_MARK = b"\xef\xbb\xbf"
LABEL, STATUS = "__label", "__status"
_WORDS = 4_096


class CsvTable:
    def __init__(self, paths: Sequence[Path], spec: TableSpec) -> None:
        self._layout = Layout(spec.columns, harmless)
        self._file = TextFile(paths[0], _MARK)
        self._row = csv.writer(self._file.text, lineterminator="\r\n").writerow
        # Most words of an export come again: names of choices, questions, versions.
        words = lru_cache(maxsize=_WORDS)(harmless)
        self._made: Mapping[type, Callable[[Any], object]] = {
            str: words, bool: int, datetime: datetime.isoformat, date: date.isoformat,
        }  # fmt: skip # read as one piece
        self._row([harmless(name) for name in self._layout.names])

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        find, layout = self._made.get, self._layout
        cells = [made(cell) if (made := find(type(cell))) else cell for cell in values]
        if layout.is_plain:
            self._row(cells)
        else:
            self._row(layout.in_order([*cells, *layout.labels(values), *statuses]))
        self._file.row_done()

    def close(self) -> Sequence[str]:
        return self._file.close()


class Layout:
    """Where values, labels and statuses go in a row that has them side by side. `made` is what is done to a label."""

    def __init__(self, columns: Sequence[Column], made: Callable[[str], str] = str) -> None:
        self._labelled: list[tuple[int, dict[Cell, str]]] = [
            (place, {name: made(label) for name, label in column.value_labels.items()})
            for place, column in enumerate(columns)
            if column.kind == "choice" and column.value_labels
        ]
        label, status = len(columns), len(columns) + len(self._labelled)
        self.names: list[str] = []
        order = []
        for place, column in enumerate(columns):
            self.names.append(column.name)
            order.append(place)
            if column.kind == "choice" and column.value_labels:
                self.names.append(column.name + LABEL)
                order.append(label)
                label += 1
            if column.has_status:
                self.names.append(column.name + STATUS)
                order.append(status)
                status += 1
        self.is_plain = order == list(range(len(columns)))
        self.in_order = itemgetter(*order) if len(order) > 1 else tuple

    def labels(self, values: Sequence[Cell]) -> list[str]:
        return [labels.get(values[place], "") for place, labels in self._labelled]
