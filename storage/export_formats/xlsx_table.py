"""Excel workbooks, written as they go: a sheet of rows, one of columns and one of what values are called.

Written by ourselves: a cell of text can then be nothing but text, never a formula or a link, and a row costs a fifth of
what it costs with the packages for it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from storage.codebook import STATUSES
from storage.export_formats.csv_table import Layout
from storage.export_formats.spec import Cell, Column, TableSpec
from storage.export_formats.spooled import halves
from storage.export_formats.words import counted, harmless, whole

ROWS, COLUMNS, LETTERS = 1_048_576, 16_384, 32_767
"""What Excel takes on a sheet and in a cell; letters are counted as UTF-16 has them."""

_BYTES = 1_500_000_000  # from 2 GB on a sheet needs a kind of archive that Excel calls damaged
_PIECE = 20_000
_KNOWN = 10_000
_NUMBER = re.compile(r"-?\d{1,15}|(?=-?[\d.]{1,16}\Z)-?\d+\.\d+")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class XlsxTable:
    def __init__(self, paths: Sequence[Path], spec: TableSpec) -> None:
        self._spec, self._layout = spec, Layout(spec.columns)
        if len(self._layout.names) > COLUMNS:
            raise ValueError(f"{spec.id} has {len(self._layout.names)} columns; Excel takes {COLUMNS}")
        self._file = paths[0].open("wb")
        self._zip = ZipFile(self._file, "w", ZIP_DEFLATED, compresslevel=4)
        self._cells = Cells()
        self._numbers = self._layout.in_order(_numbers(spec.columns, self._layout))
        self._sheets: list[str] = []
        self._data = self._sheet("data", self._layout.names)
        self._notes: list[str] | None = None

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        if self._data.is_full:
            self._data.close()
            self._data = self._sheet(f"data {len(self._sheets) + 1}", self._layout.names)
        labels = self._layout.labels(values)
        self._data.write(self._layout.in_order([*values, *labels, *statuses]), self._numbers)

    def close(self) -> Sequence[str]:
        if self._notes is None:
            self._notes = []  # after an error there is no second try
            try:
                self._notes = self._end()
            finally:
                self._zip.fp = None  # whether or not it could be ended: it is not to try again by itself
                self._file.close()
        return self._notes

    def _end(self) -> list[str]:
        self._data.close()
        more = [] if len(self._sheets) == 1 else [_more(len(self._sheets))]
        self._fill("columns", ("column", "text", "kind", "measure"), _columns(self._spec))
        self._fill("values", ("column", "value", "label"), _values(self._spec))
        for name, text in _parts(self._sheets):
            self._zip.writestr(name, text)
        self._zip.close()
        return [*self._cells.notes(), *more]

    def _sheet(self, name: str, header: Sequence[str]) -> "_Sheet":
        self._sheets.append(name)
        return _Sheet(self._zip, len(self._sheets), header, self._cells)

    def _fill(self, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        sheet = self._sheet(name, header)
        for row in rows:
            sheet.write(row, [False] * len(row))
        sheet.close()


class _Sheet:
    """Rows of one sheet, the first of which is its header."""

    def __init__(self, archive: ZipFile, number: int, header: Sequence[str], cells: "Cells") -> None:
        self._file = archive.open(f"xl/worksheets/sheet{number}.xml", "w")
        self._letters = [_letters(place) for place in range(len(header))]
        self._cells, self._names = cells, header
        self._row = self._bytes = 0
        self._pieces = [_SHEET]
        self.write(header, [False] * len(header), ' s="1"')

    @property
    def is_full(self) -> bool:
        return self._row >= ROWS or self._bytes > _BYTES

    def write(self, row: Sequence[Cell], numbers: Sequence[bool], style: str = "") -> None:
        self._row += 1
        number, known, make = self._row, self._cells.known, self._cells.make
        self._pieces.append(f'<row r="{number}">')
        self._pieces += [
            f'<c r="{letters}{number}"{style}{known.get(cell) or make(cell, is_number, name)}'
            for letters, cell, is_number, name in zip(self._letters, row, numbers, self._names, strict=True)
            if cell is not None and cell != ""
        ]
        self._pieces.append("</row>")
        if len(self._pieces) > _PIECE:
            self._flush()

    def close(self) -> None:
        self._pieces.append("</sheetData></worksheet>")
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        piece = "".join(self._pieces).encode()
        self._pieces.clear()
        self._bytes += len(piece)
        self._file.write(piece)


class Cells:
    """Makes cells, from behind their place on. Words that come again and again are made once."""

    def __init__(self) -> None:
        self.known: dict[Cell, str] = {}
        self._cut: dict[str, int] = {}
        self._halves = 0

    def make(self, cell: Cell, is_number: bool, name: str) -> str:
        if isinstance(cell, bool):
            return f' t="b"><v>{int(cell)}</v></c>'
        if isinstance(cell, str):
            if is_number and _NUMBER.fullmatch(cell):
                return f"><v>{cell}</v></c>"
            return self._words(cell, not is_number, name)
        if isinstance(cell, date):
            return self._words(cell.isoformat(), False, name)
        # A number with more digits than Excel has room for is kept as text.
        text = repr(cell)
        return f"><v>{text}</v></c>" if _NUMBER.fullmatch(text) else self._words(text, False, name)

    def notes(self) -> list[str]:
        return [
            f"{name}: {counted(number, 'text was', 'texts were')} cut after {LETTERS} letters; Excel has no room for more."
            for name, number in self._cut.items()
        ] + halves(self._halves)

    def _words(self, text: str, may_return: bool, name: str) -> str:
        made = f' t="inlineStr"><is><t xml:space="preserve">{self._xml(text, name)}</t></is></c>'
        if may_return and len(text) < 60 and len(self.known) < _KNOWN and not _NUMBER.fullmatch(text):
            self.known[text] = made
        return made

    def _xml(self, text: str, name: str) -> str:
        text, found = whole(text)
        self._halves += found
        text = harmless(text)
        if len(text) > LETTERS // 2:
            text = self._fitting(text, name)
        plain = escape(_NOT_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text), quote=False)
        return plain.replace("\r", "&#13;")

    def _fitting(self, text: str, name: str) -> str:
        letters = text.encode("utf-16-le")
        if len(letters) <= 2 * LETTERS:
            return text
        self._cut[name] = self._cut.get(name, 0) + 1
        return letters[: 2 * LETTERS].decode("utf-16-le", errors="ignore")


def _numbers(columns: Sequence[Column], layout: Layout) -> list[bool]:
    """Which of values, labels and statuses, one after the other, are numbers."""
    values = [column.kind in ("integer", "number") for column in columns]
    return values + [False] * (len(layout.names) - len(values))


def _columns(spec: TableSpec) -> Iterator[Sequence[Cell]]:
    for column in spec.columns:
        yield column.name, column.label, column.kind, column.measure


def _values(spec: TableSpec) -> Iterator[Sequence[Cell]]:
    for column in spec.columns:
        for value, label in column.value_labels.items():
            yield column.name, value, label
    for status, meaning in STATUSES.items():
        yield "__status", status, meaning


def _more(sheets: int) -> str:
    return f"The rows stand on {sheets} sheets; Excel has no room for all of them on one."


def _letters(place: int) -> str:
    """What Excel calls a column: A to Z, AA to ZZ, AAA."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultColWidth="18" defaultRowHeight="15"/><sheetData>'
)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
    '<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" '
    'fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" '
    'xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs><cellStyles '
    'count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _parts(sheets: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The files of a workbook beside its sheets."""
    numbered = list(enumerate(sheets, 1))
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number, _ in numbered
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>',
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in numbered
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
    )
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number, _ in numbered]
    yield "xl/_rels/workbook.xml.rels", _relations([*targets, ("styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
