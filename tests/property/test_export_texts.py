"""Whatever people write comes back from every format as it was, and runs in no spreadsheet."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.export_formats.words import harmless, restored
from tests.contract.test_export_formats import READ_WORDS, csv_rows, sheet
from tests.effort import effort
from tests.tables import HOSTILE, write_texts

PIECES = st.sampled_from(
    [
        *HOSTILE.values(),
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        "'",
        '"',
        ";",
        ",",
        "_x000D_",
        "\u202e",
        "😀",
        "é",
    ]
)
TEXTS = st.one_of(
    st.lists(PIECES, min_size=1, max_size=6).map("".join),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60),
)
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?(e[+-]?\d+)?", re.IGNORECASE)


@settings(max_examples=effort(500))
@given(TEXTS)
def test_a_held_text_runs_nowhere_and_is_given_back(text: str) -> None:
    held = harmless(text)
    assert restored(held) == text
    if NUMBER.fullmatch(held):
        return
    assert not FORMULA.match(held)
    # A program that splits at semicolons or tabs, or takes each line for itself, finds no formula either.
    assert all(not re.match(r"[=+\-@＝＋－＠]", cell) for cell in re.split("[;\t\r\n]", held))


@settings(max_examples=effort(40))
@given(st.lists(TEXTS, min_size=1, max_size=8))
@pytest.mark.parametrize("format", READ_WORDS)
def test_texts_come_back_from_every_format(format: str, texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written = write_texts(Path(folder), format, texts)
        found = READ_WORDS[format](written.path)
    # SPSS has room after a text, and fills it with spaces.
    assert found == ([text.rstrip(" ") for text in texts] if format == "sav" else texts)


@settings(max_examples=effort(40))
@given(st.lists(st.text(st.characters(categories=["Cs", "L"]), min_size=1), min_size=1, max_size=4))
@pytest.mark.parametrize("format", READ_WORDS)
def test_halves_of_characters_stop_no_export(format: str, texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written = write_texts(Path(folder), format, texts)
        found = READ_WORDS[format](written.path)
    assert found == [re.sub("[\ud800-\udfff]", "\ufffd", text) for text in texts]


@settings(max_examples=effort(40))
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_no_cell_of_a_file_for_spreadsheets_begins_like_a_formula(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cells = [row[1] for row in csv_rows(write_texts(Path(folder), "csv", texts).path)]
        cells += [row[1] for row in sheet(write_texts(Path(folder), "xlsx", texts).path)]
    assert [cell for cell in cells if FORMULA.match(str(cell)) and not NUMBER.fullmatch(str(cell))] == []
