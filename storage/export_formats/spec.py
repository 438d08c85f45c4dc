"""What every format of an export takes in: columns, and rows one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal, Protocol

from storage.codebook import NOT_ASKED, WITHHELD

Kind = Literal["text", "integer", "number", "boolean", "time", "date", "choice", "choices"]
"""`time` is a moment in UTC, `choice` one of the choices, `choices` any number of them."""

Measure = Literal["nominal", "ordinal", "scale"]

ANSWERED = "answered"
STATUSES = (ANSWERED, "skipped", "dont_know", "refused", NOT_ASKED, WITHHELD)
MISSING = STATUSES[1:]
"""Why a question has no value, in the order of their codes."""

Cell = str | int | float | bool | datetime | date | None
"""A value as it is stored, in its XForms lexical form (choices: names with spaces between them), or as Python has it.
None and the empty text are no value. Times have a zone, or are UTC."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `value_labels` has what a choice is called, by its name, in the form's order, with the choices of
    older versions after those of newer ones. A column with `has_status` is a question, and is written with one of STATUSES;
    one with `is_score` was worked out from answers."""

    name: str
    kind: Kind = "text"
    label: str = ""
    value_labels: Mapping[str, str] = field(default_factory=dict)
    measure: Measure = "nominal"
    has_status: bool = False
    is_score: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table. `id` names it among all exports of all times (a questionnaire's id, and its repeat's). `language` is
    that of labels. `made_at` is UTC. `codebook` is what `storage.codebook.describe` gives, for formats with room for it."""

    id: str
    title: str
    columns: Sequence[Column]
    language: str
    made_at: datetime
    codebook: Mapping[str, object] = field(default_factory=dict)


class TableWriter(Protocol):
    """Writes rows to the files it was opened on, with bounded memory: what does not fit waits in a file beside them.

    Not for two threads at once. Raises OSError from the disk; after that only `close` may be called.
    """

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        """One row. `values` has a cell for each column; the others have one for each column with `has_status`, in the same
        order: its status, when it was answered (UTC), and which model helped to understand it (empty: none did). Only
        some formats have room for the last two, which may be left out for a row. A status other than answered has no
        value. None of them is kept or changed."""
        ...

    def close(self) -> Sequence[str]:
        """Ends the files, and gives a sentence for each thing that does not stand in them as it was written: shortened,
        renamed, or not possible in this format. Without it, files are incomplete. May be called again."""
        ...


class OpenTable(Protocol):
    """`paths` are where to write each of `TableFormat.files`; folders are there. No file is left open by an error here."""

    def __call__(self, paths: Sequence[Path], spec: TableSpec) -> TableWriter: ...


@dataclass(frozen=True, slots=True)
class TableFormat:
    """`files` are names in the folder of an export; `{}` is the table's own name, and a slash is a folder. A format that
    `is_long` has a row for each answer whatever the table, and needs no table of them."""

    files: tuple[str, ...]
    open: OpenTable
    is_long: bool = False

    def names(self, table: str) -> tuple[str, ...]:
        return tuple(name.format(table) for name in self.files)
