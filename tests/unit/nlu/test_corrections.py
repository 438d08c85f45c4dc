"""Words that take an earlier answer back are told from words that do not."""

import pytest

from domain.understanding import Correction
from nlu.rules.corrections import read_correction


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Ik bedoel Pottenberg bij de wijk", Correction("wijk", "pottenberg")),
        ("nee, ik bedoelde eigenlijk 50 bij mijn leeftijd", Correction("leeftijd", "50")),
        ("Mijn leeftijd klopt niet!", Correction("leeftijd")),
        ("mijn leeftijd klopt niet, het is 50", Correction("leeftijd", "50")),
        ("mijn wijk heb ik verkeerd ingevuld", Correction("wijk")),
        ("ik heb mijn leeftijd fout ingevuld", Correction("leeftijd")),
        ("verander mijn leeftijd in 50", Correction("leeftijd", "50")),
        ("verander antwoord 2", Correction("antwoord 2")),
        ("kan ik mijn wijk nog aanpassen?", Correction("wijk nog")),
        ("mijn leeftijd moet 50 zijn", Correction("leeftijd", "50")),
        ("vorige antwoord was fout", Correction("vorige antwoord", is_sure=False)),
        ("mijn leeftijd is 50", Correction("leeftijd", "50", is_sure=False)),
        ("ik bedoel pottenberg", Correction("", "pottenberg", is_sure=False)),
        ("ik ben geen 40 maar 50 jaar", Correction("", "50", "40", is_sure=False)),
        ("I meant Pottenberg for the neighbourhood", Correction("neighbourhood", "pottenberg")),
        ("my age is wrong", Correction("age")),
        ("change my age to 50", Correction("age", "50")),
        ("not 40 but 50", Correction("", "50", "40", is_sure=False)),
    ],
)
def test_correction_is_heard_with_its_parts(text: str, heard: Correction) -> None:
    assert read_correction(text) == heard


@pytest.mark.parametrize(
    "text", ["ja", "nazareth", "Er is te weinig groen.", "dat vind ik niet", "", "klopt niet", "x" * 500]
)
def test_other_words_are_no_correction(text: str) -> None:
    assert read_correction(text) is None
