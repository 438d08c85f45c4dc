"""Text files as spreadsheets write them (encodings, semicolons, padded columns), brought to what pyxform reads.

What stands in the sheets is left to workbook.
"""

import csv
import io
import re
from collections.abc import Iterator

from domain.errors import DefinitionError, Problem

_SHEETS = frozenset({"survey", "choices", "settings"})
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NEVER_TYPED = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SAID_DELIMITER = re.compile(r"sep=[,;\t]\r?\n")
"""The first line that Excel writes and reads to tell what stands between cells."""
Rows = list[list[str]]


def text_of(content: bytes, file: str) -> str:
    """UTF-8, UTF-16 with a byte order mark, or what Windows in the Netherlands writes. Raises DefinitionError for what
    is no text."""
    encodings = ("utf-16",) if content.startswith(_UTF_16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NEVER_TYPED.search(text):
            return text
    fix = "Save it again from the spreadsheet or the editor, as UTF-8, or use an .xlsx file"
    raise DefinitionError((Problem(file=file, rule="this is not a text file", fix=fix),))


def plain_csv(content: bytes, file: str) -> bytes:
    """The same sheets with commas, in UTF-8, without empty columns. Raises DefinitionError."""
    text = _SAID_DELIMITER.sub("", text_of(content, file), count=1)
    try:
        rows = max((_rows(text, delimiter) for delimiter in ",;\t"), key=_sheet_rows)
    except csv.Error as error:
        fix = "Look for a quote that is not closed, or export the sheets again"
        raise DefinitionError((Problem(file=file, rule=f"this is not CSV ({error})", fix=fix),)) from error
    if not rows or not rows[0][0]:
        raise DefinitionError((not_a_form(file),))
    written = io.StringIO()
    csv.writer(written).writerows(row for sheet in _sheets(rows) for row in _without_empty_columns(sheet))
    return written.getvalue().encode()


def not_a_form(file: str) -> Problem:
    fix = "Begin with the sheets survey, choices and settings, as in docs/forms.md"
    return Problem(file=file, rule="this is not an XLSForm", fix=fix)


def _rows(text: str, delimiter: str) -> Rows:
    """Those with something in them."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [cells for row in rows if any(cells := [cell.strip() for cell in row])]


def _sheet_rows(rows: Rows) -> int:
    """How many are as in an XLSForm: the name of a sheet, or cells after an empty first one."""
    return sum(not row[0] or row[0].lower() in _SHEETS for row in rows)


def _sheets(rows: Rows) -> Iterator[Rows]:
    """The rows of each sheet as wide as its widest; the first of them begins with its name."""
    starts = [number for number, row in enumerate(rows) if row[0]]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        width = max(len(row) for row in rows[start:end])
        yield [row + [""] * (width - len(row)) for row in rows[start:end]]


def _without_empty_columns(sheet: Rows) -> Rows:
    kept = [place for place, column in enumerate(zip(*sheet, strict=True)) if not place or any(column)]
    return [[row[place] for place in kept] for row in sheet]
