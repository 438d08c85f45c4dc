"""SPSS files: every reason for not answering is a user-missing value of its own.

SPSS has to know how wide a text is before the first row, and ReadStat wants all rows at once: until the end numbers wait
in arrays, nine bytes each, and texts as they are."""

import errno
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from storage.export_formats import sav_parts
from storage.export_formats.codes import MISSING_CODES
from storage.export_formats.sav_names import LABEL
from storage.export_formats.sav_parts import Part, Variable, Writing
from storage.export_formats.spec import STATUSES, Cell, Column, TableSpec
from storage.export_formats.statuses import words
from storage.export_formats.words import cut, whole

_PLACES = {status: place for place, status in enumerate(STATUSES)}
_PARTS: dict[str, type[Part]] = {
    "text": sav_parts.Texts,
    "choice": sav_parts.Choice,
    "choices": sav_parts.Choices,
}
_ERRORS = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError)
_WIDE = 40  # letters on the screen, however long the texts are


class SavTable:
    def __init__(self, paths: Sequence[Path], spec: TableSpec) -> None:
        self._path, self._spec = paths[0], spec
        # Nothing is written before the end; that it can be is known at the beginning.
        self._path.touch()
        self._parts = list(_parts(spec.columns))
        self._notes: list[str] | None = None

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        places = [_PLACES[status] for status in statuses]
        for part, value in zip(self._parts, values, strict=True):
            part.add(value, places)

    def close(self) -> Sequence[str]:
        if self._notes is None:
            self._notes = []  # after an error there is no second try
            writing = Writing(words(self._spec.language))
            variables: list[Variable] = []
            found: list[str] = []
            while self._parts:  # each is let go of when it has become variables
                part = self._parts.pop(0)
                variables += part.variables(writing)
                found += part.notes()
            _write(self._path, self._spec.title, variables)
            self._notes = [*writing.names.notes, *writing.labels.notes, *found]
        return self._notes


def _parts(columns: Sequence[Column]) -> "list[Part]":
    parts: list[Part] = []
    asked = 0
    for column in columns:
        make = _PARTS.get(column.kind, sav_parts.Numbers)
        parts.append(make(column, asked if column.has_status else None))
        asked += column.has_status
    return parts


def _write(path: Path, title: str, variables: Sequence[Variable]) -> None:
    # Texts as they are: a type of pandas' own for them would be another copy.
    columns = {each.name: pd.Series(each.values, dtype=each.values.dtype, copy=False) for each in variables}
    frame = pd.DataFrame(columns, copy=False)
    try:
        pyreadstat.write_sav(
            frame,
            path,
            file_label=cut(whole(title)[0], LABEL // 4),
            column_labels={variable.name: variable.label for variable in variables},
            row_compress=True,
            note=_note(),
            variable_value_labels=_given(variables, "value_labels"),
            missing_ranges={
                variable.name: [{"lo": variable.missing[0], "hi": variable.missing[1]}]
                for variable in variables
                if variable.missing
            },
            variable_display_width={
                variable.name: _WIDE for variable in variables if variable.values.dtype == object
            },
            variable_measure=_given(variables, "measure"),
            variable_format=_given(variables, "format"),
        )
    except _ERRORS as error:
        raise OSError(errno.EIO, str(error), str(path)) from error
    _check(path, frame)


def _given(variables: Sequence[Variable], what: str) -> dict[str, Any]:
    found = {variable.name: getattr(variable, what) for variable in variables}
    return {name: value for name, value in found.items() if value}


def _note() -> list[str]:
    said = words("en")
    return [
        "User-missing values, each for its reason:",
        *(f"{code} {said[status]}" for status, code in MISSING_CODES.items()),
        "They are lower where an answer is one of these numbers.",
    ]


def _check(path: Path, frame: pd.DataFrame) -> None:
    """ReadStat says nothing of a disk that is full: the last row has to be there."""
    if frame.empty:
        return
    last = len(frame) - 1
    try:
        found, _ = pyreadstat.read_sav(path, row_offset=last, row_limit=1, usecols=[frame.columns[-1]])
    except _ERRORS as error:
        raise OSError(errno.ENOSPC, str(error), str(path)) from error
    if len(found) != 1:
        raise OSError(errno.ENOSPC, "the file is shorter than what was written to it", str(path))
