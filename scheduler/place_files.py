"""Reads the file with locations: every row as a place, and every problem at once; which are known already is compared
in place_changes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import Problem
from domain.session import Hours, Place, Room
from scheduler.people_files import read_hours_cell
from scheduler.sheet_rows import (
    Cells,
    Column,
    Rows,
    Sheet,
    fold,
    read_neighbourhoods,
    read_yes_no,
    rows_of,
    whole_number,
)
from scheduler.weekly_hours import read_hours

COLUMNS = (
    Column("name", "naam", ("name", "locatie", "location"), is_required=True, most_letters=80),
    Column("id", "id", ("code", "nummer"), most_letters=40),
    Column("address", "adres", ("address",), is_required=True, most_letters=200),
    Column("neighbourhood", "wijk", ("neighborhood", "buurt"), is_required=True),
    Column("hours", "openingstijden", ("open", "opening hours", "tijden", "hours"), is_required=True),
    Column("rooms", "ruimtes", ("zalen", "kamers", "ruimten", "rooms", "rooms and seats"), is_required=True),
    Column("step_free", "drempelvrij", ("step free", "rolstoel", "rolstoeltoegankelijk", "toegankelijk"), is_required=True),
)  # fmt: skip # read as one table
TEMPLATE = (
    (
        "Voorbeeld Buurthuis", "", "Kerkplein 1, Maastricht", "Nazareth", "ma-vr 09:00-17:00; za 10:00-13:00",
        "zaal 12; kamer 4", "ja",
    ),
    ("Voorbeeld Bibliotheek", "", "Markt 2, Maastricht", "Pottenberg", "di, do 13:00-20:00", "leeszaal 6", "nee"),
)  # fmt: skip # read as one table
MOST_SEATS = 1000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ROOM = re.compile(r"(.*?[^\s:(,-])[\s:(,-]+(\d+)\s*(?:plaatsen|stoelen|personen|zitplaatsen|seats|p)?\.?\)?")
_ROOMS_FIX = 'Write each room with its seats, such as "zaal 12; kamer 4"'


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """`place.id` is "" where the file gives none."""

    number: int
    place: Place


@dataclass(frozen=True, slots=True)
class PlaceFile:
    """`told` are the columns (by key) that the file has, `columns` their names in it. With `problems`, nothing of it may
    be used."""

    file: str
    told: frozenset[str]
    columns: Mapping[str, str]
    rows: tuple[PlaceRow, ...]
    problems: tuple[Problem, ...]


def read_places(sheet: Sheet, neighbourhoods: Mapping[str, str]) -> PlaceFile:
    """`neighbourhoods` has folded names with the codes of the questionnaire."""
    rows = rows_of(sheet, COLUMNS)
    found = tuple(PlaceRow(cells.number, _place(rows, cells, neighbourhoods)) for cells in rows.cells)
    return PlaceFile(sheet.file, rows.told, rows.names, found, tuple(rows.problems))


def _place(rows: Rows, cells: Cells, known: Mapping[str, str]) -> Place:
    texts = {key: " ".join(text.split()) for key, text in cells.texts.items()}
    for key, what in (("name", "name"), ("address", "address")):
        if key in rows.told and not texts[key]:
            rows.complain(cells.number, key, f"there is no {what}", f"Write the {what} of this location")
    if texts.get("id") and not _ID.fullmatch(texts["id"]):
        fix = "Use letters, digits, points and dashes, or leave it empty"
        rows.complain(cells.number, "id", f'"{texts["id"]}" cannot be an id', fix)
    return Place(
        id=texts.get("id", ""),
        name=texts.get("name", ""),
        address=texts.get("address", ""),
        neighbourhood=_neighbourhood(rows, cells, known),
        step_free=_step_free(rows, cells),
        rooms=_rooms(rows, cells),
        hours=_hours(rows, cells),
    )


def _neighbourhood(rows: Rows, cells: Cells, known: Mapping[str, str]) -> str:
    text = cells.texts.get("neighbourhood", "")
    before = len(rows.problems)
    codes = read_neighbourhoods(rows, cells, "neighbourhood", known)
    if "neighbourhood" in rows.told and len(codes) != 1 and len(rows.problems) == before:
        rule = "there is more than one neighbourhood" if codes else "there is no neighbourhood"
        rows.complain(cells.number, "neighbourhood", rule, "Write the one in which it stands")
    return min(codes) if text and codes else ""


def _step_free(rows: Rows, cells: Cells) -> bool:
    text = cells.texts.get("step_free", "")
    said = read_yes_no(text)
    if said is None and "step_free" in rows.told:
        rule = (
            f'"{text}" is no yes or no' if text else "it does not say whether it can be reached without steps"
        )
        rows.complain(cells.number, "step_free", rule, "Write ja or nee; when in doubt, nee")
    return said or False


def _rooms(rows: Rows, cells: Cells) -> tuple[Room, ...]:
    parts = [" ".join(part.split()) for part in re.split(r"[;\n]", cells.texts.get("rooms", ""))]
    rooms: list[Room] = []
    problems = len(rows.problems)
    for part in filter(None, parts):
        found = _ROOM.fullmatch(part)
        seats = whole_number(found[2]) if found else None
        if found is None or seats is None or not 1 <= seats <= MOST_SEATS:
            rows.complain(cells.number, "rooms", f'"{part}" is no room with its seats', _ROOMS_FIX)
        elif any(fold(room.name) == fold(found[1]) for room in rooms):
            rows.complain(cells.number, "rooms", f'there are two rooms "{found[1]}"', "Give one another name")
        else:
            rooms.append(Room(found[1], seats))
    if "rooms" in rows.told and not rooms and len(rows.problems) == problems:
        rows.complain(cells.number, "rooms", "there is no room", _ROOMS_FIX)
    return tuple(rooms)


def _hours(rows: Rows, cells: Cells) -> tuple[Hours, ...]:
    if "hours" in rows.told and not cells.texts["hours"]:
        fix = 'Write when it is open, such as "ma-vr 09:00-17:00; za 10:00-13:00"'
        rows.complain(cells.number, "hours", "there are no opening hours", fix)
        return ()
    return read_hours_cell(rows, cells, "hours", read_hours)
