"""A foreign judge of our SPSS files: PSPP, which has no code in common with what writes them."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from storage.export_formats.spec import Column
from tests.tables import HOSTILE, LONG, ONE_OF_EACH, UNSAID, spec, write, write_rows, write_texts

PSPP = shutil.which("pspp") or ""
NO_PSPP = "" if PSPP else "PSPP is not on this machine: install Debian's pspp (or brew's pspp)."
pytestmark = pytest.mark.skipif(bool(NO_PSPP), reason=NO_PSPP or "all there")


def pspp(folder: Path, path: Path, commands: str) -> str:
    """What PSPP says; any complaint of its fails the test."""
    syntax = folder / "syntax.sps"
    syntax.write_text(f"GET FILE='{path}'.\n{commands}\n", encoding="utf-8")
    told = subprocess.run(
        [PSPP, "-O", "format=csv", str(syntax)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert "warning" not in told.stdout.lower()
    assert "error" not in told.stdout.lower()
    return told.stdout


def cells(folder: Path, path: Path, kind: str) -> list[dict[str, str]]:
    """All rows as PSPP has them; `kind` is VALUES or LABELS."""
    out = folder / "cells.csv"
    pspp(
        folder,
        path,
        f"SAVE TRANSLATE /OUTFILE='{out}' /TYPE=CSV /FIELDNAMES /REPLACE /MISSING=IGNORE /CELLS={kind}.",
    )
    with out.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_pspp_has_the_values_that_were_answered(tmp_path: Path) -> None:
    [row, *_] = cells(tmp_path, write(tmp_path, "sav").path, "VALUES")
    assert (row["response"], row["home_alone"], row["mood"], row["home_size"], row["rent"]) == (
        "r1", "2", "4", "3", "612.5",
    )  # fmt: skip # the same order as above
    assert (row["needs_company"], row["needs_care"], row["needs_money"]) == ("1", "0", "1")
    assert (row["started_at"], row["since"]) == ("03/01/2026 12:00:05", "05/04/2019")
    assert (row["story"], row["story_status"]) == ("Het is fijn hier.", "0")


def test_pspp_has_the_labels_of_values_and_of_reasons(tmp_path: Path) -> None:
    [row, *unsaid] = cells(tmp_path, write(tmp_path, "sav", ONE_OF_EACH).path, "LABELS")
    assert (row["home_alone"], row["mood"], row["needs_care"]) == ("Nee", "4 van de 5", "niet gekozen")
    reasons = [
        "overgeslagen",
        "weet niet",
        "wil niet zeggen",
        "niet gevraagd",
        "beantwoord, niet in deze export",
    ]
    assert [each["mood"] for each in unsaid] == reasons
    assert [each["home_size"] for each in unsaid] == reasons
    assert [each["story_status"] for each in unsaid] == reasons


def test_pspp_counts_every_reason_as_missing_and_apart(tmp_path: Path) -> None:
    told = pspp(tmp_path, write(tmp_path, "sav", ONE_OF_EACH).path, "FREQUENCIES /VARIABLES=mood home_size.")
    assert told.count("N,Valid,1,1") == 1
    assert f",Missing,{len(UNSAID)},{len(UNSAID)}" in told
    assert "Mean,,4.00,3.00" in told
    assert "Missing,overgeslagen,1," in told
    assert ",wil niet zeggen,1," in told


def test_pspp_has_labels_and_measures_of_variables(tmp_path: Path) -> None:
    told = pspp(tmp_path, write(tmp_path, "sav").path, "DISPLAY DICTIONARY.")
    assert "mood,6,Hoe gaat het?,Ordinal," in told
    assert "home_size,7,Met hoeveel bent u?,Scale," in told
    assert "story_status,14,Vertel eens: hoe beantwoord,Nominal," in told
    assert "-99 THRU -95" in told


def test_pspp_has_hostile_words_as_they_were_written(tmp_path: Path) -> None:
    words = list(HOSTILE.values())
    found = cells(tmp_path, write_texts(tmp_path, "sav", words).path, "VALUES")
    # PSPP's own CSV ends each of its lines with \n, and so a \r\n within a text.
    assert [row["words"].replace("\r\n", "\n") for row in found] == [
        word.replace("\r\n", "\n") for word in words
    ]


def test_pspp_has_forty_thousand_letters_as_far_as_spss_takes_them(tmp_path: Path) -> None:
    [row] = cells(tmp_path, write_texts(tmp_path, "sav", [LONG]).path, "VALUES")
    assert LONG.startswith(row["words"])
    assert len(row["words"].encode()) > 32_760


def test_pspp_takes_names_and_labels_at_their_limits(tmp_path: Path) -> None:
    long = "é€😀" * 60
    columns = [
        Column(name, "choice", long, {"a": long}, has_status=True) for name in ("x" * 80, "y/é", "with")
    ]
    written = write_rows(tmp_path, "sav", spec(columns), [("a", "a", "a")])
    told = pspp(tmp_path, written.path, "DISPLAY DICTIONARY.")
    for name in ("x" * 64, "y_e", "with_2"):
        assert f"\n{name}," in told
