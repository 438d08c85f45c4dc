"""A mistake at a row of a form, before it is known which file and which line of a sheet the row stands on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`path` is the row's place in the form, empty for the form as a whole; `column` the XLSForm column at fault."""

    path: str
    column: str
    rule: str
    fix: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sheet: its number as a spreadsheet shows it and its cells by column, empty ones left out."""

    number: int
    cells: dict[str, str]
