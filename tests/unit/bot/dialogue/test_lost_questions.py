"""The form a response began with is there no more: nobody is left with a question that cannot be answered."""

from pathlib import Path

import pytest

from bot.dialogue.state import Phase
from bot.forms.form import Form
from bot.forms.load import load_form
from tests.unit.bot.dialogue.playing import OPEN, SMALL, Resident

NEXT = """\
  Fijn dat u er weer bent. We gaan verder waar u was.

  Mag ik u een berichtje sturen?
  [Ja] [Nee] [Meer keuzes]"""
NEW_FORM = """\
| survey | |
| | type | name | label | chat:consent |
| | text | before | Vooraf? | |
| | select_one yn | agree | Mag het? | answers |
| | text | last | Nog iets? | |
| choices | |
| | list_name | name | label | chat:meaning |
| | yn | yes | Ja | yes |
| | yn | no | Nee | no |
| settings | |
| | form_id | version |
| | two | 2 |
"""


def form_of(text: str) -> Form:
    return load_form(Path("lost.md"), text=text)


def at_a_lost_question(*lines: str) -> Resident:
    """At the question about the neighbourhood, which the other form does not ask."""
    anna = Resident(SMALL, "hallo", "ja", *lines)
    anna.change_form(OPEN)
    return anna


@pytest.mark.parametrize(
    "words", ["nazareth", "verder", "sla over", "weet ik niet", "herhaal", "leg uit", "waarom", "hoe lang nog", "[/skip]"]
)  # fmt: skip # read as one piece
def test_words_at_a_lost_question_lead_to_the_next_one(words: str) -> None:
    assert at_a_lost_question().say(words) == NEXT


def test_words_at_a_lost_question_are_never_missed_for_good() -> None:
    anna = at_a_lost_question()
    assert [anna.say(words) for words in ("bloemkool", "bloemkool", "bloemkool")] == [
        NEXT,
        """\
  Dat begrijp ik nog niet goed. Kunt u het anders zeggen, of op een knop drukken?
  Mag ik u een berichtje sturen?
  [Ja] [Nee] [Meer keuzes]""",
        """\
  Sorry, ik begrijp het nog steeds niet. Dat ligt aan mij. Kies een knop, of praat met een mens.
  Mag ik u een berichtje sturen?
  [Ja] [Nee] [Meer keuzes] [Praat met een mens]
    (missed remind)""",
    ]


def test_going_back_from_a_lost_question_leads_to_the_last_answer() -> None:
    assert (
        at_a_lost_question().say("terug")
        == """\
  We gaan één vraag terug. Geef gerust een ander antwoord.
  U zei: Ja

  Mag ik uw antwoorden bewaren?
  [Ja] [Nee] [Laat zo] [Meer keuzes]"""
    )


def test_side_question_at_a_lost_question_names_the_way_on() -> None:
    anna = at_a_lost_question()
    assert anna.say("bedankt") == "  Graag gedaan.\n  [Verder] [Help]"
    assert anna.say("[Verder]") == NEXT


def test_old_button_at_a_lost_question_names_the_way_on() -> None:
    assert (
        at_a_lost_question().say("[Sla over]")
        == """\
  Die knop hoort bij iets wat al voorbij is.
  [Verder] [Help]"""
    )


@pytest.mark.parametrize("words", ["sla over", "[/skip]"])
def test_skipping_a_lost_question_in_a_pause_stays_a_pause(words: str) -> None:
    anna = at_a_lost_question("pauze")
    assert (
        anna.say(words)
        == """\
  We hebben nu pauze. Wilt u verder met de vragen?
  [Verder] [Praat met een mens] [Stop]"""
    )
    assert anna.say("verder") == NEXT


def test_response_that_was_stopped_at_a_lost_question_is_open_again() -> None:
    assert at_a_lost_question("stop").say("start") == f"    (close open)\n{NEXT}"


def test_response_that_was_stopped_with_nothing_left_to_ask_is_finished() -> None:
    anna = Resident(OPEN, "hallo", "ja", "nee", "stop")
    anna.change_form(form_of("\n".join(row for row in NEW_FORM.splitlines() if "| text |" not in row)))
    assert (
        anna.say("start")
        == """\
  Fijn dat u er weer bent. We gaan verder waar u was.
  Dat was de laatste vraag. Dank u wel!
  [Mijn antwoorden] [Wie ziet dit?] [Wis mijn gegevens]
    (close finished)"""
    )


def test_yes_to_changing_a_lost_answer_leaves_everything_as_it_was() -> None:
    anna = Resident(SMALL, "hallo", "ja", "nazareth", "[Pottenberg]")
    assert anna.state.phase is Phase.CONFIRMING
    anna.change_form(OPEN)
    assert anna.say("ja") == "  Goed, alles blijft zoals het was.\n  [Verder] [Help]"


def test_changed_message_of_a_lost_answer_offers_the_list() -> None:
    anna = Resident(SMALL, "hallo", "ja", "nazareth")
    anna.change_form(OPEN)
    assert (
        anna.say("~3 pottenberg")
        == """\
  Ik zie dat u een bericht hebt veranderd. Wilt u een antwoord veranderen? Druk dan op de knop.
  [Mijn antwoorden] [Verder]"""
    )


def test_answers_to_lost_questions_are_not_kept_by_a_later_consent() -> None:
    anna = Resident(form_of(NEW_FORM), "hallo", "iets vooraf")
    anna.change_form(form_of(NEW_FORM.replace("before | Vooraf?", "other | Anders?")))
    assert (
        anna.say("ja")
        == """\
    (begin)
    (cancelwork)
    (setconsent answers True)
    (kept: agree = yes)
  Ik noteer: Ja

  Vraag 1 van 2

  Anders?
  [Sla over] [Meer keuzes]"""
    )
