"""CSV for spreadsheets: a column for the value, one for its label where it has one, and one for the status."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
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
_SHORT = 200
_QUOTED = re.compile('[,"\r\n]')


class CsvTable:
    def __init__(self, paths: Sequence[Path], spec: TableSpec) -> None:
        self._layout = Layout(spec.columns, _quoted)
        self._file = TextFile(paths[0], _MARK)
        self._known, self._made = _Known(), _ways_to_write()
        self._file.row(",".join(map(_quoted, self._layout.names)) + "\r\n")

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        known, made, layout = self._known, self._made, self._layout
        cells: Sequence[str] = [
            known[cell] if cell.__class__ is str else made[type(cell)](cell) for cell in values
        ]
        if not layout.is_plain:
            cells = layout.in_order([*cells, *layout.labels(values), *statuses])
        # A cell is made ready once where it comes again, which csv.writer could not do.
        self._file.row(",".join(cells) + "\r\n")

    def close(self) -> Sequence[str]:
        return self._file.close()


class _Known(dict[str, str]):
    """Texts as cells. Most words of an export come again: names of choices, questions, versions. Stories do not, and would
    fill the memory."""

    def __missing__(self, text: str) -> str:
        cell = _quoted(text)
        if len(text) < _SHORT:
            if len(self) >= _WORDS:
                self.clear()
            self[text] = cell
        return cell


class _Ways(dict[type, Callable[[Any], str]]):
    """A kind of text, or of number, that nobody thought of is written as what it is."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        found: Callable[[Any], str] = next((self[each] for each in kind.__mro__[1:] if each in self), str)
        self[kind] = found
        return found


def _ways_to_write() -> _Ways:
    return _Ways({
        str: _quoted, bool: {True: "1", False: "0"}.__getitem__, int: str, float: repr, type(None): lambda _: "",
        datetime: datetime.isoformat, date: date.isoformat,
    })  # fmt: skip # read as one piece


def _quoted(text: str) -> str:
    text = harmless(text)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


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
