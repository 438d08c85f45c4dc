"""Reads the file with meemakers and duos: every row as a person, and every problem at once; who is known already is
compared in people_changes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.errors import Problem
from domain.session import Gender, Hours, MeemakerKind, Person
from scheduler.sheet_rows import (
    Cells,
    Column,
    Rows,
    Sheet,
    fold,
    in_parts,
    read_neighbourhoods,
    rows_of,
    whole_number,
)
from scheduler.weekly_hours import BadHours

COLUMNS = (
    Column("name", "naam", ("name", "meemaker"), is_required=True, most_letters=80),
    Column("id", "id", ("code", "nummer", "pseudoniem", "pseudonym"), most_letters=40),
    Column("kind", "soort", ("kind", "rol", "role"), is_required=True, most_letters=40),
    Column("languages", "talen", ("taal", "language")),
    Column(
        "neighbourhoods", "wijken", ("wijk", "neighbourhood", "neighborhoods", "neighborhood", "buurten", "buurt"),
        is_required=True,
    ),
    Column("gender", "geslacht", ("man vrouw", "m v"), most_letters=40),
    Column(
        "max_per_week", "max per week", ("maximum per week", "maximaal per week", "gesprekken per week", "talks per week"),
        most_letters=40,
    ),
    Column("hours", "beschikbaar", ("beschikbaarheid", "availability", "available"), most_letters=1000),
    Column("email", "e-mail", ("e mail", "email", "mail", "e mailadres", "emailadres", "mailadres"), most_letters=254),
    Column("duo", "duo", ("duo met", "duo with", "andere helft", "other half"), most_letters=80),
)  # fmt: skip # read as one table
TEMPLATE = (
    (
        "Voorbeeld Els", "", "bewoner", "Nederlands, Arabisch", "Nazareth; Pottenberg", "vrouw", "2",
        "dinsdagmiddag en donderdag na zevenen", "els@example.nl", "Voorbeeld Jo",
    ),
    (
        "Voorbeeld Jo", "", "professional", "Nederlands", "Nazareth", "", "3", "ma-do 09:00-17:00; do 19:00-21:00",
        "jo@example.nl", "Voorbeeld Els",
    ),
)  # fmt: skip # read as one table
MOST_A_WEEK, USUAL_A_WEEK, USUAL_LANGUAGE = 20, 2, "nl"

_KINDS = {
    **dict.fromkeys(("bewoner", "resident", "buurtbewoner", "b"), MeemakerKind.RESIDENT),
    **dict.fromkeys(("professional", "professioneel", "beroepskracht", "p"), MeemakerKind.PROFESSIONAL),
}
_GENDERS: dict[str, Gender | None] = {
    **dict.fromkeys(("v", "vrouw", "f", "female", "woman"), Gender.WOMAN),
    **dict.fromkeys(("m", "man", "male"), Gender.MAN),
    # Nobody has to tell.
    **dict.fromkeys(
        ("", "x", "anders", "other", "onbekend", "unknown", "zeg ik niet", "wil niet zeggen"), None
    ),
}
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
HOURS_FIX = 'Write days and times, such as "di 13:00-17:00; do 19:00-21:00"; a time ends on the day it begins'


@dataclass(frozen=True, slots=True)
class Readers:
    """What the reading needs of others: `languages` has folded names and codes of languages with their codes,
    `neighbourhoods` folded names with the codes of the questionnaire, `hours` reads words about every week."""

    languages: Mapping[str, str]
    neighbourhoods: Mapping[str, str]
    hours: Callable[[str], tuple[Hours, ...] | BadHours]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`person.id` is "" where the file gives none; `duo` is who the other half is, as it is written."""

    number: int
    person: Person
    duo: str


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """`told` are the columns (by key) that the file has: what it has no column for stays as it is. `columns` are their
    names in the file. With `problems`, nothing of it may be used."""

    file: str
    told: frozenset[str]
    columns: Mapping[str, str]
    rows: tuple[PersonRow, ...]
    problems: tuple[Problem, ...]


def read_people(sheet: Sheet, readers: Readers) -> PeopleFile:
    rows = rows_of(sheet, COLUMNS)
    found = tuple(
        PersonRow(cells.number, _person(rows, cells, readers), cells.texts.get("duo", ""))
        for cells in rows.cells
    )
    return PeopleFile(sheet.file, rows.told, rows.names, found, tuple(rows.problems))


def _person(rows: Rows, cells: Cells, readers: Readers) -> Person:
    texts = cells.texts
    name = " ".join(texts.get("name", "").split())
    if "name" in rows.told and not name:
        rows.complain(cells.number, "name", "there is no name", "Write the name of this meemaker")
    id = texts.get("id", "")
    if id and not _ID.fullmatch(id):
        fix = "Use letters, digits, points and dashes, or leave it empty"
        rows.complain(cells.number, "id", f'"{id}" cannot be an id', fix)
    neighbourhoods = read_neighbourhoods(rows, cells, "neighbourhoods", readers.neighbourhoods)
    if "neighbourhoods" in rows.told and not texts["neighbourhoods"]:
        rows.complain(cells.number, "neighbourhoods", "there is no neighbourhood", "Write at least one")
    return Person(
        id=id,
        name=name,
        kind=_kind(rows, cells),
        languages=_languages(rows, cells, readers.languages),
        neighbourhoods=neighbourhoods,
        gender=_gender(rows, cells),
        max_per_week=_max_per_week(rows, cells),
        hours=read_hours_cell(rows, cells, "hours", readers.hours),
        email=_email(rows, cells),
    )


def _kind(rows: Rows, cells: Cells) -> MeemakerKind | None:
    text = cells.texts.get("kind", "")
    kind = _KINDS.get(fold(text))
    if kind is None and "kind" in rows.told:
        rule = (
            f'"{text}" is no kind of meemaker' if text else "it does not say which kind of meemaker this is"
        )
        rows.complain(cells.number, "kind", rule, "Write bewoner or professional (resident or professional)")
    return kind


def _languages(rows: Rows, cells: Cells, known: Mapping[str, str]) -> frozenset[str]:
    codes = set()
    for part in in_parts(cells.texts.get("languages", "")):
        code = known.get(fold(part))
        if code is None:
            fix = "Write its name in Dutch or English, or its code, such as nl"
            rows.complain(cells.number, "languages", f'the language "{part}" is not known', fix)
        else:
            codes.add(code)
    return frozenset(codes or {USUAL_LANGUAGE})


def _gender(rows: Rows, cells: Cells) -> Gender | None:
    text = cells.texts.get("gender", "")
    if fold(text) not in _GENDERS:
        fix = "Write vrouw or man, or leave it empty: nobody has to tell"
        rows.complain(cells.number, "gender", f'"{text}" cannot be read', fix)
    return _GENDERS.get(fold(text))


def _max_per_week(rows: Rows, cells: Cells) -> int:
    text = cells.texts.get("max_per_week", "")
    number = whole_number(text) if text else USUAL_A_WEEK
    if number is None or number > MOST_A_WEEK:
        fix = f"Write a whole number from 0 (no talks for now) to {MOST_A_WEEK}"
        rows.complain(cells.number, "max_per_week", f'"{text}" cannot be a number of talks a week', fix)
    return number or 0


def _email(rows: Rows, cells: Cells) -> str:
    text = cells.texts.get("email", "")
    if text and not _EMAIL.fullmatch(text):
        fix = "Write one address, such as els@example.nl, or leave it empty"
        rows.complain(cells.number, "email", "this is no e-mail address", fix)
    return text


def read_hours_cell(
    rows: Rows, cells: Cells, key: str, read: Callable[[str], tuple[Hours, ...] | BadHours]
) -> tuple[Hours, ...]:
    """The hours in a cell; what cannot be read becomes a problem that names the part."""
    hours = read(cells.texts.get(key, ""))
    if isinstance(hours, BadHours):
        part = hours.part if len(hours.part) <= _MOST_SHOWN else f"{hours.part[:_MOST_SHOWN]}..."
        rows.complain(cells.number, key, f'"{part}" cannot be read as hours', HOURS_FIX)
        return ()
    return hours


_MOST_SHOWN = 60
