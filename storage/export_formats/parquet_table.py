"""Parquet for R, Python and databases: columns with types, the status beside each answer, labels in the metadata."""

import json
import warnings
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from fastparquet.writer import write
from pandas.errors import Pandas4Warning

from storage.codebook import STATUSES as MEANINGS
from storage.export_formats.parquet_columns import parquet_columns
from storage.export_formats.spec import Cell, TableSpec

_CELLS = 500_000  # that wait for the next piece of the file


class ParquetTable:
    def __init__(self, paths: Sequence[Path], spec: TableSpec) -> None:
        self._path, self._spec = paths[0], spec
        self._columns = list(parquet_columns(spec.columns))
        self._most = max(1, _CELLS // len(self._columns))
        self._waiting: list[Sequence[Any]] = []
        self._is_begun = False
        self._notes: list[str] | None = None
        self._path.touch()

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        self._waiting.append((*values, *statuses))
        if len(self._waiting) >= self._most:
            self._flush()

    def close(self) -> Sequence[str]:
        if self._notes is None:
            self._notes = []  # after an error there is no second try
            if self._waiting or not self._is_begun:
                self._flush()
            self._notes = [note for column in self._columns for note in column.notes()]
        return self._notes

    def _flush(self) -> None:
        cells = list(zip(*self._waiting, strict=True))
        self._waiting.clear()
        made = {each.name: each.make(cells[each.place] if cells else ()) for each in self._columns}
        with warnings.catch_warnings():
            # fastparquet takes times by a way that pandas leaves in version 4; until then it is the same.
            warnings.simplefilter("ignore", Pandas4Warning)
            write(
                str(self._path),
                pd.DataFrame(made, copy=False),
                compression="ZSTD",
                append=self._is_begun,
                write_index=False,
                custom_metadata=None if self._is_begun else {"wijkverhaal": _metadata(self._spec)},
            )
        self._is_begun = True


def _metadata(spec: TableSpec) -> str:
    """JSON, in which a column of values is found by its name; ASCII, so that no half of a character is in the way."""
    columns = {
        column.name: {
            "label": column.label,
            "kind": column.kind,
            "measure": column.measure,
            "values": dict(column.value_labels),
        }
        for column in spec.columns
    }
    about = {
        "id": spec.id,
        "title": spec.title,
        "language": spec.language,
        "made_at": spec.made_at.isoformat(),
    }
    return json.dumps({**about, "columns": columns, "statuses": MEANINGS})
