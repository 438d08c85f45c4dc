"""Files as spreadsheets write them: Dutch CSV, Excel's own cells, and files nobody can read."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.sheets import MOST_BYTES, open_sheet
from app.words import sentence_for
from domain.errors import DomainError
from scheduler.sheet_rows import MOST_ROWS


def written(folder: Path, content: bytes, name: str = "f.csv") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def excel(folder: Path, *rows: list[Any], title: str = "Blad1") -> Path:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(folder / "f.xlsx")
    return folder / "f.xlsx"


@pytest.mark.parametrize(
    "content",
    [
        "naam;adres\r\nCafé;Plein 1, links\r\n".encode("cp1252"),
        "naam;adres\r\nCafé;Plein 1, links\r\n".encode("utf-8-sig"),
        "naam;adres\r\nCafé;Plein 1, links\r\n".encode("utf-16"),
        'sep=;\r\nnaam;adres\r\nCafé;"Plein 1, links"\r\n'.encode("cp1252"),
        'naam,adres\nCafé,"Plein 1, links"\n'.encode(),
        "naam\tadres\nCafé\tPlein 1, links\n".encode(),
    ],
)
def test_csv_is_read_as_spreadsheets_write_it(content: bytes, tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, content))

    assert (sheet.head, sheet.rows) == (("naam", "adres"), ((2, ("Café", "Plein 1, links")),))


def test_rows_keep_the_number_that_the_spreadsheet_shows(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, b';\nnaam;tijden\n;\nEls;"di 9-12\nwo 9-12"\n\nJo;\n'))

    assert sheet.head_number == 2
    assert sheet.rows == ((4, ("Els", "di 9-12\nwo 9-12")), (6, ("Jo", "")))


def test_cells_of_excel_become_what_a_person_would_type(tmp_path: Path) -> None:
    day, moment = date(2026, 10, 12), datetime(2026, 10, 12, 9, 30)
    cells = [
        True,
        False,
        3.0,
        2.5,
        12,
        day,
        moment,
        time(9, 30),
        timedelta(hours=26),
        "di 9-12_x000D_\nwo 9-12",
        None,
        "einde",
    ]
    sheet = open_sheet(excel(tmp_path, [str(number) for number in range(12)], cells))

    assert sheet.rows[0][1] == (
        "ja", "nee", "3", "2.5", "12", "2026-10-12", "2026-10-12 09:30", "09:30", "26:00", "di 9-12\nwo 9-12", "", "einde",
    )  # fmt: skip # read as one row


def test_the_first_visible_sheet_with_something_in_it_is_read(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("Verborgen").append(["niet", "dit"])
    book["Verborgen"].sheet_state = "hidden"
    book.create_sheet("Mensen").append(["naam"])
    book["Mensen"].append(["Els"])
    book.save(tmp_path / "f.xlsx")

    assert open_sheet(tmp_path / "f.xlsx").rows == ((2, ("Els",)),)


def bomb() -> bytes:
    """A small file that unpacks to more than we hold."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"\0" * 100_000_001)
    return content.getvalue()


def spoilt() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        parts.writestr("[Content_Types].xml", "<not-xml")
    return content.getvalue()


@pytest.mark.parametrize(
    "name, content, code",
    [
        ("f.ods", b"x", "sheet_kind"),
        ("f.csv", b"", "sheet_empty"),
        ("f.csv", b";;\n;;\n", "sheet_empty"),
        ("f.csv", b"naam\n\0\1\2", "sheet_unreadable"),
        ("f.csv", b'naam;adres\n"Els;Plein\n', "sheet_unreadable"),
        ("f.csv", b"naam\n" + b"x" * 200_000, "sheet_unreadable"),
        ("f.csv", b"naam\n" + b"x\n" * MOST_ROWS, ""),
        ("f.csv", b"naam\n" + b"x\n" * (MOST_ROWS + 1), "sheet_too_long"),
        ("f.csv", b"n" * (MOST_BYTES + 1), "sheet_too_large"),
        ("f.xlsx", b"", "sheet_unreadable"),
        ("f.xlsx", b"naam;adres", "sheet_unreadable"),
        ("f.xlsx", spoilt(), "sheet_unreadable"),
        ("f.xlsx", b"\xd0\xcf\x11\xe0 with a password", "sheet_unreadable"),
        ("f.xlsx", bomb(), "sheet_too_large"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(name: str, content: bytes, code: str, tmp_path: Path) -> None:
    file = written(tmp_path, content, name)
    if not code:
        assert len(open_sheet(file).rows) == MOST_ROWS
        return

    with pytest.raises(DomainError) as caught:
        open_sheet(file)

    assert caught.value.code == code
    assert name in sentence_for(caught.value)
    assert "\n" not in sentence_for(caught.value)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as caught:
        open_sheet(tmp_path / "gone.xlsx")

    assert "is not there or cannot be read" in sentence_for(caught.value)


def test_an_empty_workbook_is_empty(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as caught:
        open_sheet(excel(tmp_path))

    assert caught.value.code == "sheet_empty"


def test_a_workbook_with_too_many_rows_is_refused(tmp_path: Path) -> None:
    file = excel(tmp_path, *(["x"] for _ in range(MOST_ROWS + 2)))

    with pytest.raises(DomainError) as caught:
        open_sheet(file)

    assert caught.value.code == "sheet_too_long"
