"""CSV for spreadsheets: a column for the value, one for its label where it has one, and one for the status."""

import csv
from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path

from storage.export_formats.spec import Cell, Column, TableSpec
from storage.export_formats.spooled import TextFile
from storage.export_formats.words import harmless

# A spreadsheet takes a file for UTF-8 only when it begins with the mark for it.
_MARK = b"\xef\xbb\xbf"
LABEL, STATUS = "__label", "__status"


class CsvTable:
    def __init__(self, paths: Sequence[Path], spec: TableSpec) -> None:
        self._layout = Layout(spec.columns, harmless)
        self._file = TextFile(paths[0], _MARK)
        self._row = csv.writer(self._file.text, lineterminator="\r\n").writerow
        self._row([harmless(name) for name in self._layout.names])

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        labels = self._layout.labels(values)
        self._row(self._layout.in_order([*map(_plain, values), *labels, *statuses]))
        self._file.row_done()

    def close(self) -> Sequence[str]:
        return self._file.close()


def _plain(cell: Cell) -> object:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, bool):
        return int(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


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
        self.in_order = itemgetter(*order) if len(order) > 1 else tuple

    def labels(self, values: Sequence[Cell]) -> list[str]:
        return [labels.get(values[place], "") for place, labels in self._labelled]
