"""Changing the language where there are more than two."""

from pathlib import Path

import pytest

from bot.forms.load import load_form
from tests.unit.bot.dialogue.playing import SMALL, Resident

FORM = load_form(
    Path("three.md"),
    text="""\
| survey | |
| | type | name | label::Nederlands (nl) | label::English (en) | label::Limburgs (li) | chat:consent |
| | select_one yn | agree | Mag het? | May I? | Maag 't? | answers |
| choices | |
| | list_name | name | label::Nederlands (nl) | label::English (en) | label::Limburgs (li) | chat:meaning |
| | yn | yes | Ja | Yes | Jao | yes |
| | yn | no | Nee | No | Nei | no |
| settings | |
| | form_id | version | default_language |
| | three | 1 | Nederlands (nl) |
""",
)


def test_language_that_is_not_named_is_asked_for() -> None:
    anna = Resident(FORM, "hallo")
    assert anna.say("andere taal") == "  Welke taal wilt u?\n  [Nederlands] [English] [li]"


@pytest.mark.parametrize("words", ["in het engels", "[/lang.en]"])
def test_language_that_is_named_or_pressed_is_spoken(words: str) -> None:
    anna = Resident(FORM, "hallo")
    assert (
        anna.say(words)
        == """\
  All right, I will speak English now.
  May I?
  [Yes] [No] [More choices]"""
    )


def test_language_that_has_no_name_with_us_is_spoken_by_its_button() -> None:
    anna = Resident(FORM, "hallo", "andere taal")
    assert "Maag 't?" in anna.say("[li]")
    assert anna.state.language == "li"


def test_language_that_is_spoken_already_stays() -> None:
    anna = Resident(SMALL, "hallo")
    anna.say("nederlands")
    assert anna.state.language == "nl"


NAMED = load_form(
    Path("named.md"),
    text="""\
| survey | |
| | type | name | label::Nederlands (nl) | label::English (en) | chat:consent | default |
| | select_one side | side | Welke kant? | Which side? | |
| | text | again | Hoe heet die? | What is it called? | | jr:choice-name(${side}, '${side}') |
| choices | |
| | list_name | name | label::Nederlands (nl) | label::English (en) |
| | side | east | Oost | East |
| | side | west | West | West |
| settings | |
| | form_id | version | default_language |
| | named | 1 | Nederlands (nl) |
""",
)


def test_name_of_a_choice_is_proposed_in_the_language_that_is_spoken() -> None:
    anna = Resident(NAMED, "hallo")
    assert "[Neem: Oost]" in anna.say("oost")
    assert "[Take: East]" in anna.say("[/lang.en]")
    assert "[Take: East]" in anna.say("[/repeat]")
