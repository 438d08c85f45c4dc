"""Opens .csv and .xlsx files as spreadsheets write them and brings every cell to text; what stands in them is read by
scheduler.people_files and place_files. The only module that knows openpyxl, which is imported on first use."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bot.forms.sheet_text import text_of
from domain.errors import DefinitionError, DomainError
from scheduler.sheet_rows import MOST_ROWS, Sheet

MOST_BYTES = 5_000_000
_MOST_UNPACKED = 100_000_000
"""What an .xlsx may hold once it is unpacked: a small one can unpack to more than there is memory."""
_MOST_COLUMNS = 100
_SAID_DELIMITER = re.compile(r"sep=[,;\t]\r?\n")
"""The first line that Excel writes and reads to tell what stands between cells."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]+")

Cells = list[str]


def open_sheet(path: Path) -> Sheet:
    """The first sheet with something in it. Raises DomainError: no_such_file, sheet_kind, sheet_too_large,
    sheet_too_long, sheet_unreadable, sheet_empty, each with `path`."""
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise DomainError("sheet_kind", path=path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise DomainError("no_such_file", path=path) from error
    if len(content) > MOST_BYTES:
        raise DomainError("sheet_too_large", path=path, most=MOST_BYTES // 1_000_000)
    rows = _csv_rows(content, path) if suffix == ".csv" else _xlsx_rows(content, path)
    numbered = [(number, cells) for number, cells in enumerate(rows, start=1) if any(cells)]
    if not numbered:
        raise DomainError("sheet_empty", path=path)
    if len(numbered) > MOST_ROWS + 1:
        raise DomainError("sheet_too_long", path=path, most=MOST_ROWS)
    (head_number, head), *below = numbered
    return Sheet(
        path.name, tuple(head), tuple((number, tuple(cells)) for number, cells in below), head_number
    )


def _csv_rows(content: bytes, path: Path) -> list[Cells]:
    try:
        text = _SAID_DELIMITER.sub("", text_of(content, path.name), count=1)
        first = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max(";,\t", key=first.count)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [[_clean(cell) for cell in row] for row in islice(rows, _MOST_LINES)]
    except (DefinitionError, csv.Error) as error:
        raise DomainError("sheet_unreadable", path=path) from error


_MOST_LINES = 2 * MOST_ROWS
"""Empty ones among them."""


def _xlsx_rows(content: bytes, path: Path) -> list[Cells]:
    from openpyxl.reader.excel import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MOST_UNPACKED:
                raise DomainError("sheet_too_large", path=path, most=MOST_BYTES // 1_000_000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and lists to choose from; nobody here needs them
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            try:
                return next(filter(None, map(_rows_in, _tables(book))), [])
            finally:
                book.close()
    except DomainError:
        raise
    except Exception as error:  # openpyxl raises anything on a spoilt file; none of our code is in here
        raise DomainError("sheet_unreadable", path=path) from error


def _tables(book: Any) -> Iterator[Iterable[Sequence[Any]]]:
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            sheet.reset_dimensions()  # programs write wrong ones
            yield sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS)


def _rows_in(table: Iterable[Sequence[Any]]) -> list[Cells]:
    """Up to the bound; empty when nothing stands in the sheet."""
    rows = [_trimmed([_clean(_text(value)) for value in row]) for row in islice(table, _MOST_LINES)]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _trimmed(cells: Cells) -> Cells:
    """Without the empty ones at the end, of which Excel may keep thousands."""
    return cells[: max((place for place, cell in enumerate(cells, start=1) if cell), default=0)]


def _text(value: Any) -> str:
    """A cell as a person would have typed it, in Dutch where it matters."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nee"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return f"{value:%Y-%m-%d}" if value.time() == time(0) else f"{value:%Y-%m-%d %H:%M}"
        case date():
            return f"{value:%Y-%m-%d}"
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            minutes = int(value.total_seconds()) // 60
            return f"{minutes // 60:02}:{minutes % 60:02}"
        case _:
            return str(value).replace("_x000D_", "")  # how Excel writes the half of a line end


def _clean(text: str) -> str:
    """Without what nobody types and no database keeps; lines within a cell stay."""
    kept = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\u00a0", " "))
    return kept.encode("utf-8", "replace").decode("utf-8").strip()
