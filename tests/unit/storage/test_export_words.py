"""Words that a spreadsheet could run are held back in CSV and Excel files, and given back whole."""

import pytest

from storage.export_formats.words import cut, harmless, restored, whole
from tests.tables import HOSTILE


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+31 6 12",
        "-x",
        "- melk",
        "@a",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－a",
        "＠a",
        "=",
        "--5",
        "-5-3",
    ],
)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}" or harmless(text).startswith(f"'{text[0]}'")


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("hoi;=1+1;dag", "hoi;'=1+1;dag"),
        ("hoi\n=1+1", "hoi\n'=1+1"),
        ("hoi\t@a", "hoi\t'@a"),
        ("\t=1", "'\t'=1"),
        ("a;'=b", "a;''=b"),
    ],
)
def test_what_another_program_would_see_as_the_begin_of_a_cell_is_held_too(text: str, held: str) -> None:
    assert harmless(text) == held
    assert restored(held) == text


@pytest.mark.parametrize(
    "text", ["-5", "+5", "-1,5", "+1.50", "-1e5", "007", "1-2", "'s avonds", "a=b", "", "x; y"]
)
def test_numbers_and_other_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert restored(text) == text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_text_comes_back(text: str) -> None:
    assert restored(harmless(text)) == text


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8, 9])
def test_a_text_is_cut_between_characters(size: int) -> None:
    short = cut("aë€😀", size)
    assert len(short.encode()) <= size
    assert "aë€😀".startswith(short)


def test_half_a_character_becomes_a_mark() -> None:
    assert whole("a\ud83db\udc00") == ("a\ufffdb\ufffd", 2)
    assert whole("a😀b") == ("a😀b", 0)
