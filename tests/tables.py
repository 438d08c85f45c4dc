"""Tables as an export makes them, for the tests of its formats: written to files, with every kind of column in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from storage.codebook import STATUSES
from storage.export_formats.formats import FORMATS
from storage.export_formats.spec import Cell, Column, TableSpec

MADE_AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
BEGAN = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
ANSWERED_AT = datetime(2026, 3, 1, 12, 1, 30, 250_000, tzinfo=UTC)
YES_NO = {"yes": "Ja", "no": "Nee"}
GRADES = {str(grade): f"{grade} van de 5" for grade in range(1, 6)}
NEEDS = {"company": "Gezelschap", "care": "Zorg", "money": "Geld"}
COLUMNS = (
    Column("response", "text", "the response"),
    Column("wave", "integer", "the round"),
    Column("simulated", "boolean", "a simulated resident"),
    Column("started_at", "time", "when it began"),
    Column("home/alone", "choice", "Woont u alleen?", YES_NO, "nominal", True),
    Column("mood", "choice", "Hoe gaat het?", GRADES, "ordinal", True),
    Column("home/size", "integer", "Met hoeveel bent u?", {}, "scale", True),
    Column("rent", "number", "Wat is de huur?", {}, "scale", True),
    Column("since", "date", "Sinds wanneer woont u hier?", {}, "scale", True),
    Column("needs", "choices", "Wat mist u?", NEEDS, "nominal", True),
    Column("story", "text", "Vertel eens", {}, "nominal", True),
    Column("brs", "number", "Veerkracht", {}, "scale", is_score=True),
)
SAID: tuple[Cell, ...] = ("no", "4", "3", "612.50", date(2019, 5, 4), "company money", "Het is fijn hier.")
NOTHING: tuple[Cell, ...] = ("",) * len(SAID)
UNSAID = tuple(status for status in STATUSES if status != "answered")


@dataclass(frozen=True)
class Line:
    """One row; the rest of what it has is the same in each."""

    name: str
    said: Sequence[Cell] = SAID
    statuses: Sequence[str] = ("answered",) * len(SAID)
    score: Cell = 3.5


ONE_ANSWERED = Line("r1")
ONE_OF_EACH = (
    ONE_ANSWERED,
    *(Line(f"r-{status}", NOTHING, (status,) * len(SAID), None) for status in UNSAID),
)


def spec(columns: Sequence[Column] = COLUMNS, language: str = "nl") -> TableSpec:
    return TableSpec("veerkracht", "Veerkracht in de wijk", columns, language, MADE_AT)


@dataclass(frozen=True)
class Written:
    paths: Sequence[Path]
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def path(self) -> Path:
        return self.paths[0]


def write(
    folder: Path, format: str, lines: Sequence[Line] = (ONE_ANSWERED,), language: str = "nl"
) -> Written:
    rows = [(line.name, 2, False, BEGAN, *line.said, line.score) for line in lines]
    return write_rows(folder, format, spec(language=language), rows, [line.statuses for line in lines])


def write_rows(
    folder: Path,
    format: str,
    about: TableSpec,
    rows: Sequence[Sequence[Cell]],
    statuses: Sequence[Sequence[str]] | None = None,
) -> Written:
    asked = sum(column.has_status for column in about.columns)
    paths = [folder / name for name in FORMATS[format].names("veerkracht")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    table = FORMATS[format].open(paths, about)
    for number, row in enumerate(rows):
        table.write(
            row,
            statuses[number] if statuses else ["answered"] * asked,
            [ANSWERED_AT] * asked,
            ["nlu-2" if place == 0 else "" for place in range(asked)],
        )
    notes = table.close()
    assert table.close() == notes
    return Written(paths, notes)


def write_texts(folder: Path, format: str, texts: Sequence[str]) -> Written:
    """One column of words, a question with the header `words`, and one beside it that counts them."""
    columns = (Column("number", "integer"), Column("words", "text", "Vertel eens", has_status=True))
    return write_rows(folder, format, spec(columns), [(number, text) for number, text in enumerate(texts)])


HOSTILE: Mapping[str, str] = {
    "quotes": "Ze zei: \"kom 'ns\", en 'dag'",
    "lines": "een\ntwee\r\ndrie\rvier",
    "formula": "=1+1",
    "link": '=HYPERLINK("http://kwaad.example","klik")',
    "command": "=cmd|' /C calc'!A0",
    "plus": "+31 6 12345678",
    "minus": "- melk\n- brood",
    "at": "@SUM(A1:A9)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "wide sign": "＝1+1",
    "second cell": "hoi;=1+1;dag",
    "second line": "hoi\n=1+1",
    "apostrophe": "'=1+1",
    "apostrophes": "'''-x",
    "word with apostrophe": "'s avonds",
    "number": "-5",
    "long number": "12345678901234567890",
    "zeroes": "007",
    "date": "1-2",
    "truth": "TRUE",
    "comma": "1,5",
    "separators": "a,b;c|d\te",
    "markup": "<b>&amp;</b> ]]> <!-- -->",
    "excel's own escapes": "_x000D_ _x005F_",
    "emoji": "👩‍👩‍👧‍👦 🇳🇱 🏳️‍🌈",
    "right to left": "أعيش هنا \u202eabc\u202c",
    "combining": "e\u0301 a\u0300",
    "spaces within": "a  b\u00a0c\u2003d",
    "byte order mark": "\ufeffx",
    "line separators": "a\u2028b\u2029c\u0085d",
    "null by name": "NULL",
    "nothing by name": "nan",
}
HALVES = "een \ud83d half"
LONG = "ë😀 langzaam " * 3_637
"""More than 40,000 letters."""
