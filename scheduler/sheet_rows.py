"""Rows of a spreadsheet under the names of their columns, and every problem in them; where a sheet comes from is the
app's business, what the columns mean that of people_files and place_files."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from domain.errors import Problem

MOST_ROWS = 10_000
MOST_SUGGESTIONS = 100
"""With more problems than this, what was meant is not looked for any more: that takes long, and nobody reads so far."""
REMARKS = ("opmerking", "opmerkingen", "remark", "remarks", "comment", "notes")
"""Columns for whoever keeps the file; they are not read."""
EXAMPLE = "voorbeeld"
"""How the names in the rows of a template begin."""
_SPREADSHEET_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?")
_YES = frozenset({"ja", "j", "yes", "y", "waar", "true", "1", "x"})
_NO = frozenset({"nee", "n", "no", "onwaar", "false", "0"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first row with something in it, and the rows below by their number in the file; cells are text, without white
    space around them."""

    file: str
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    head_number: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """`name` as the file mostly has it (Dutch), and other names that mean the same."""

    key: str
    name: str
    others: tuple[str, ...] = ()
    is_required: bool = False
    most_letters: int = 500


@dataclass(slots=True)
class Cells:
    """One row: its number and the text under each column (by key) that the file has."""

    number: int
    texts: dict[str, str]


@dataclass(slots=True)
class Rows:
    """What was read of a sheet so far: `told` are the keys of the columns it has."""

    file: str
    names: dict[str, str]
    told: frozenset[str] = frozenset()
    cells: list[Cells] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, row: int | None, key: str, rule: str, fix: str) -> None:
        """`key` is that of a column, or "" for the row as a whole."""
        column = self.names.get(key, key)
        self.problems.append(Problem(file=self.file, row=row, column=column, rule=rule, fix=fix))


def rows_of(sheet: Sheet, columns: Sequence[Column]) -> Rows:
    """The rows with something in them. What is wrong with the columns, with cells that are too long or that the
    spreadsheet could not work out, and with examples left in a template, stands in `problems` already."""
    places = _places(sheet, columns)
    found = Rows(sheet.file, {columns[0].key: columns[0].name, **_written(sheet, columns, places)})
    found.told = frozenset(places)
    _check_head(sheet, columns, places, found)
    by_key = {column.key: column for column in columns}
    for number, texts in sheet.rows:
        cells = {key: texts[place] if place < len(texts) else "" for key, place in places.items()}
        if any(cells.values()):
            found.cells.append(Cells(number, cells))
            _check_cells(found, found.cells[-1], by_key)
    if not found.cells and not found.problems:
        found.complain(None, "", "there are no rows below the names of the columns", "Add at least one row")
    return found


def _check_head(sheet: Sheet, columns: Sequence[Column], places: Mapping[str, int], found: Rows) -> None:
    known = {spelling: column for column in columns for spelling in _spellings(column)}
    seen: set[str] = set()

    def complain(column: str, rule: str, fix: str) -> None:
        problem = Problem(file=sheet.file, row=sheet.head_number, column=column, rule=rule, fix=fix)
        found.problems.append(problem)

    for place, name in enumerate(sheet.head):
        column = known.get(fold(name))
        if column is not None and column.key in seen:
            rule = f'there are two columns for "{column.name}"'
            complain(name, rule, "Remove one")
        elif column is not None:
            seen.add(column.key)
        elif name and fold(name) not in REMARKS:
            complain(name, "this column is not known", _meant(name, known))
        elif not name and any(place < len(texts) and texts[place] for _, texts in sheet.rows):
            rule = f"column {place + 1} has cells and no name"
            complain("", rule, "Name it in the first row, or empty its cells")
    for column in columns:
        if column.is_required and column.key not in places:
            fix = "Add it; the template shows all columns"
            complain("", f'there is no column "{column.name}"', fix)


def _check_cells(found: Rows, cells: Cells, columns: Mapping[str, Column]) -> None:
    for key, text in cells.texts.items():
        if len(text) > columns[key].most_letters:
            rule = f"this has {len(text)} letters; {columns[key].most_letters} is the most"
            found.complain(cells.number, key, rule, "Make it shorter")
            cells.texts[key] = text[: columns[key].most_letters]
        elif _SPREADSHEET_ERROR.fullmatch(text):
            rule = f"the spreadsheet shows a mistake here ({text})"
            found.complain(cells.number, key, rule, "Mend the formula, or type the value")
    if fold(cells.texts.get("name", "")).startswith(EXAMPLE):
        rule = "this is an example from the template"
        found.complain(cells.number, "name", rule, "Remove this row")


def _places(sheet: Sheet, columns: Sequence[Column]) -> dict[str, int]:
    heads = [fold(name) for name in sheet.head]
    found: dict[str, int] = {}
    for column in columns:
        spellings = _spellings(column)
        place = next((place for place, head in enumerate(heads) if head in spellings), None)
        if place is not None:
            found[column.key] = place
    return found


def _written(sheet: Sheet, columns: Sequence[Column], places: Mapping[str, int]) -> dict[str, str]:
    return {
        column.key: sheet.head[places[column.key]] if column.key in places else column.name
        for column in columns
    }


def _spellings(column: Column) -> set[str]:
    return {fold(name) for name in (column.key, column.name, *column.others)}


def _meant(name: str, known: Mapping[str, Column]) -> str:
    near = difflib.get_close_matches(fold(name), known, n=1, cutoff=0.75)
    remark = f'remove it, or call it "{REMARKS[0]}" when it is only a remark'
    return f'Did you mean "{near[0]}"? Otherwise {remark}' if near else remark[0].upper() + remark[1:]


def fold(text: str) -> str:
    """Lower case, without accents; what is no letter or digit is one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return " ".join(re.findall(r"[^\W_]+", bare))


def code_of(text: str) -> str:
    """A name as a code without spaces: "Wittevrouwenveld-Noord" is wittevrouwenveld_noord."""
    return fold(text).replace(" ", "_")


def read_yes_no(text: str) -> bool | None:
    said = fold(text)
    return True if said in _YES else False if said in _NO else None


def in_parts(text: str) -> list[str]:
    """What stands between semicolons, commas, slashes, line ends or "en"."""
    return [part for each in re.split(r"[;,/\n]|\s(?:en|and|&)\s", text) if (part := each.strip())]


def whole_number(text: str) -> int | None:
    """ "3", also as spreadsheets write it: "3,0" or "3.0"."""
    found = re.fullmatch(r"(\d{1,6})(?:[.,]0+)?", text)
    return int(found[1]) if found else None


def neighbourhood_code(text: str, known: Mapping[str, str]) -> str | tuple[str, str]:
    """The code of a neighbourhood: as the questionnaire calls it (`known` has folded names with their codes), or else
    made of its name. (name, likely name) for what looks like a slip of the pen in a known one."""
    said = fold(text)
    if said in known:
        return known[said]
    near = difflib.get_close_matches(said, known, n=1, cutoff=0.8)
    return (text, near[0]) if near else code_of(text)


def read_neighbourhoods(rows: Rows, cells: Cells, key: str, known: Mapping[str, str]) -> frozenset[str]:
    """Every neighbourhood in a cell by its code; slips become problems."""
    codes = set()
    text = cells.texts.get(key, "")
    # A neighbourhood may have "en" in its name.
    for part in [text] if fold(text) in known else in_parts(text):
        code = neighbourhood_code(part, known)
        if isinstance(code, tuple):
            rule = f'there is no neighbourhood "{code[0]}"'
            rows.complain(cells.number, key, rule, f'Did you mean "{code[1]}"?')
        elif code:
            codes.add(code)
    return frozenset(codes)


def near_to(text: str, names: Iterable[str]) -> str:
    """The name that was probably meant; "" when none is near. Of very many names only the first are looked through."""
    folded = {fold(name): name for name in islice(names, _MOST_LOOKED_THROUGH)}
    near = difflib.get_close_matches(fold(text), folded, n=1, cutoff=0.75)
    return folded[near[0]] if near else ""


_MOST_LOOKED_THROUGH = 500
