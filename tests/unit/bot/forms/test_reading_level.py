"""Reading ease: plain Dutch scores high, official Dutch low, and a few words score nothing."""

import pytest

from bot.forms.reading_level import PLAIN_FROM, ease, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [("huis", 1), ("ijs", 1), ("buurt", 1), ("wijkagenda", 4), ("ide\u00ebn", 3), ("be\u00efnvloeden", 4), ("nieuw", 1), ("b", 1)],
)  # fmt: skip # read as rows of a table
def test_dutch_syllables(word: str, count: int) -> None:
    assert syllables(word, "nl") == count


@pytest.mark.parametrize(("word", "count"), [("home", 1), ("table", 2), ("stopped", 1), ("neighbour", 2)])
def test_english_syllables(word: str, count: int) -> None:
    assert syllables(word, "en") == count


def test_the_published_formula_of_douma() -> None:
    # Eight words, two sentences, nine syllables: 206.84 - 0.93 * 4 - 77 * 9 / 8.
    assert ease("De man zit op straat. Buren zien hem.", "nl") == 116.5


def test_plain_and_official_dutch_are_told_apart() -> None:
    plain = ease("U mag stoppen als u dat wilt. Dat heeft geen gevolgen voor u.", "nl")
    official = ease(
        "Ingevolge de verordening geschiedt gegevensverwerking uitsluitend na voorafgaande toestemming.", "nl"
    )

    assert plain is not None and plain >= PLAIN_FROM
    assert official is not None and official < PLAIN_FROM


def test_a_few_words_or_another_language_have_no_figure() -> None:
    assert (ease("Ja, dat mag", "nl"), ease("Czy mieszkasz tutaj od bardzo wielu dobrych lat?", "pl")) == (
        None,
        None,
    )
