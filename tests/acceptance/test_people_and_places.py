"""Files with meemakers and locations, from the real command to the database: templates, bad rows, dry runs, links."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from app.cli import app as command_line
from app.words import sentence_for
from domain.errors import DomainError
from tests.acceptance.running import environment, run_command

PEOPLE = """\
naam;soort;talen;wijken;geslacht;max per week;beschikbaar;e-mail;duo
Zoë Peeters;bewoner;Nederlands, Arabisch;Nazareth;vrouw;2;dinsdagmiddag en donderdag na zevenen;zoe@example.nl;Jo
Jo;professional;nl;Nazareth, Pottenberg;;3;ma-vr 09:00-17:00;;
"""

PLACES = """\
naam;adres;wijk;openingstijden;ruimtes;drempelvrij
Buurthuis;Kerkplein 1;Nazareth;ma-vr 09:00-17:00;zaal 12;ja
"""


def written(folder: Path, text: str, name: str = "mensen.csv") -> str:
    (folder / name).write_bytes(text.replace("\n", "\r\n").encode("cp1252"))
    return str(folder / name)


def real(folder: Path, *arguments: str) -> CompletedProcess[str]:
    """The real command, in a process of its own."""
    done = run_command(*arguments, data=folder / "data")
    assert "Traceback" not in done.stderr
    return done


def run(folder: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> CompletedProcess[str]:
    """The same within this process: starting one costs a second."""
    done = CliRunner().invoke(command_line, list(arguments), env=environment(folder / "data", extra))
    if done.exception is None:
        return CompletedProcess(arguments, 0, done.stdout, done.stderr)
    assert isinstance(done.exception, DomainError), done.exception
    return CompletedProcess(arguments, 1, done.stdout, sentence_for(done.exception))


Run = Callable[..., CompletedProcess[str]]


def said(folder: Path, *arguments: str, by: Run = run) -> str:
    done = by(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def database(folder: Path) -> list[str]:
    """Everything in the tables of people and places."""
    with closing(sqlite3.connect(folder / "data" / "wijkverhaal.db")) as connection:
        tables = ("meemakers", "meemaker_hours", "duos", "places", "place_hours")
        return [
            str(row) for table in tables for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")
        ]


def test_a_file_is_tried_imported_listed_and_changes_nothing_again(tmp_path: Path) -> None:
    file = written(tmp_path, PEOPLE)

    tried = said(tmp_path, "people", "import", file, "--dry-run")
    assert "2 new, 0 changed, 0 unchanged, 0 not in the file" in tried
    assert "di 12:00-18:00; do 19:00-24:00" in tried
    assert database(tmp_path) == []

    assert "new duo: Zoë Peeters and Jo" in said(tmp_path, "people", "import", file, by=real)
    before = database(tmp_path)
    assert "0 new, 0 changed, 2 unchanged, 0 not in the file" in said(tmp_path, "people", "import", file)
    assert database(tmp_path) == before
    listed = said(tmp_path, "people", "list")
    assert re.search(
        r"meemaker-\S+: Zoë Peeters, in a duo with Jo; resident; ar, nl; nazareth; woman; "
        r"di 12:00-18:00; do 19:00-24:00; at most 2 a week; has not used a link yet",
        listed,
    )
    assert not any("Peeters" in row or "zoe@example.nl" in row for row in before)

    changed = written(tmp_path, PEOPLE.replace(";3;", ";1;").replace("Zoë Peeters;bewoner", "Kim;bewoner"))
    told = said(tmp_path, "people", "import", changed)
    assert "1 new, 1 changed, 0 unchanged, 1 not in the file" in told
    assert "changed: Jo: a week 3 -> 1" in told
    assert "not in the file: Zoë Peeters" in told
    assert "duo that ends: Zoë Peeters and Jo" in told


def test_bad_rows_are_all_told_and_nothing_is_done(tmp_path: Path) -> None:
    said(tmp_path, "people", "import", written(tmp_path, PEOPLE))
    before = database(tmp_path)
    bad = (
        "naam;soort;wijken;beschikbaar;duo\n"
        "Goed;bewoner;Nazareth;di 13-17;\n"
        "An;professional;Nazareth;als het uitkomt;Bo\n"
        "Bo;professional;Nazareth;;\n"
        "Cas;bewoner;Nazareth;;Niemand\n"
        ";bewoner;;;\n"
    )

    done = real(tmp_path, "people", "import", written(tmp_path, bad))

    assert (done.returncode, done.stdout) == (1, "")
    assert [line.partition(". ")[0] for line in done.stderr.splitlines()[1:]] == [
        '- mensen.csv, row 3, column beschikbaar: "als het uitkomt" cannot be read as hours',
        "- mensen.csv, row 3, column duo: An and Bo are both professionals",
        '- mensen.csv, row 5, column duo: there is no meemaker "Niemand"',
        "- mensen.csv, row 6, column naam: there is no name",
        "- mensen.csv, row 6, column wijken: there is no neighbourhood",
    ]
    assert "Nothing was changed." in done.stderr
    assert database(tmp_path) == before


def test_of_very_many_problems_the_first_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    rows = "".join(f"Els {number};boer;Nazareth\n" for number in range(203))

    done = run(tmp_path, "people", "import", written(tmp_path, f"naam;soort;wijken\n{rows}"))

    assert len(done.stderr.splitlines()) == 202
    assert done.stderr.endswith("- and 3 more")


def test_locations_come_from_excel(tmp_path: Path) -> None:
    book = Workbook()
    rows: list[list[Any]] = [
        ["Naam", "Adres", "Wijk", "Openingstijden", "Ruimtes", "Drempelvrij"],
        ["Buurthuis", "Kerkplein 1", "Nazareth", "ma-vr 09:00-17:00; za 10-13", "zaal 12; kamer 4", True],
    ]
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")

    assert "1 new" in said(tmp_path, "places", "import", str(tmp_path / "f.xlsx"))
    assert "1 unchanged" in said(tmp_path, "places", "import", str(tmp_path / "f.xlsx"))
    assert re.fullmatch(
        r"place-\S+: Buurthuis; Kerkplein 1; nazareth; ma-vr 09:00-17:00; za 10:00-13:00; zaal 12, kamer 4; step-free\n",
        said(tmp_path, "places", "list"),
    )

    other = "naam;adres;wijk;openingstijden;ruimtes;drempelvrij\nKerk;Plein 2;Nazareth;;zaal 9;nee\n"
    done = run(tmp_path, "places", "import", written(tmp_path, other))
    assert "row 2, column openingstijden: there are no opening hours" in done.stderr
    assert "Kerk;" not in said(tmp_path, "places", "list")

    assert "closed: Buurthuis" in said(
        tmp_path, "places", "import", written(tmp_path, other.replace(";;", ";di 9-12;")), "--complete"
    )
    assert "Buurthuis" not in said(tmp_path, "places", "list")


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "f.xlsx").write_bytes(b"PK\x03\x04 half a file")

    done = real(tmp_path, "people", "import", str(tmp_path / "f.xlsx"))

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "Open it in a spreadsheet and save it again" in done.stderr


@pytest.mark.parametrize("group", ["people", "places"])
def test_a_template_can_be_filled_in_and_is_never_written_over(group: str, tmp_path: Path) -> None:
    file = tmp_path / "template.csv"
    said(tmp_path, group, "template", str(file))

    refused = run(tmp_path, group, "import", str(file))
    assert refused.stderr.count("this is an example from the template") == 2
    assert len(refused.stderr.splitlines()) == 3
    again = run(tmp_path, group, "template", str(file))
    assert (again.returncode, "is there already" in again.stderr) == (1, True)

    file.write_text(file.read_text("utf-8-sig").replace("Voorbeeld ", ""), "utf-8")
    assert "2 new" in said(tmp_path, group, "import", str(file))


def test_somebody_from_the_file_gets_a_link_of_their_own(tmp_path: Path) -> None:
    said(tmp_path, "people", "import", written(tmp_path, PEOPLE))

    told = said(tmp_path, "people", "invite", "zoe peeters")
    (id,) = re.findall(r"is (meemaker-\S+) in exports", told)
    assert "start=mm-" in told
    assert "chat page" not in told
    outside = {"WIJKVERHAAL_WEBHOOK_URL": "https://praat.example.nl"}
    both = run(tmp_path, "people", "invite", "zoe peeters", extra=outside).stdout
    (code,) = re.findall(r"https://praat\.example\.nl/\?start=(mm-\S+)", both)
    assert f"start={code} (put the name of your bot in it)" in both
    assert said(tmp_path, "people", "invite", id).startswith("Zoë Peeters is ")
    nobody = run(tmp_path, "people", "invite", "Niemand")
    assert (nobody.returncode, "'wijkverhaal people list' shows them" in nobody.stderr) == (1, True)


@pytest.mark.parametrize(
    "group, name, list_of", [("people", "Zoë Peeters", "people list"), ("places", "Buurthuis", "places list")]
)
def test_an_address_for_a_calendar_is_new_each_time(
    tmp_path: Path, group: str, name: str, list_of: str
) -> None:
    said(tmp_path, group, "import", written(tmp_path, PEOPLE if group == "people" else PLACES))

    told = [said(tmp_path, group, "feed", name) for _ in range(2)]
    addresses = [re.findall(r"^http\S+/agenda/\S{30,}\.ics$", each, re.MULTILINE) for each in told]
    assert all(len(each) == 1 for each in addresses)
    assert addresses[0] != addresses[1]
    nobody = run(tmp_path, group, "feed", "Nergens")
    assert (nobody.returncode, f"'wijkverhaal {list_of}' shows them" in nobody.stderr) == (1, True)
