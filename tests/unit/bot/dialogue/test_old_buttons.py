"""Buttons that nobody is shown any more, or that somebody made up: never an answer to the present question."""

import pytest

from bot.dialogue.state import Phase
from tests.unit.bot.dialogue.playing import OPEN, REPEATS, SMALL, Resident

OVER = """\
  Die knop hoort bij iets wat al voorbij is.
  In welke wijk woont u?
  [Nazareth] [Pottenberg] [Sla over] [Meer keuzes]"""


@pytest.mark.parametrize(
    "payload",
    [
        "/a.2.5",  # of this question, but no choice
        "/a.2.5.9",  # a choice that is not there
        "/a.2.99.0",  # a question that is not there
        "/a.99.4.0",  # not put yet
        "/a.2.4",
        "/v.2.5~7",  # not answered yet
        "/v.2.99~7",
        "/skip.2.99",
        "/e.2.99",
        "/e.2.5",  # not answered yet
        "/yes.2",  # nothing was asked
        "/perhaps",
    ],
)
def test_button_that_cannot_be_is_over(payload: str) -> None:
    anna = Resident(SMALL, "hallo", "ja")
    assert anna.say(f"[{payload}]") == OVER


def test_taking_a_proposal_where_there_is_none_puts_the_question_again() -> None:
    anna = Resident(SMALL, "hallo", "ja")
    index = SMALL.index("about/wijk")
    assert (
        anna.say(f"[/take.{anna.state.asked}.{index}]")
        == """\
  In welke wijk woont u?
  [Nazareth] [Pottenberg] [Sla over] [Meer keuzes]"""
    )


def test_button_of_an_instance_that_has_no_answer_is_over() -> None:
    anna = Resident(REPEATS, "hallo", "ja", "Sem", "9")
    index = REPEATS.index("child/hobbies")
    assert (
        anna.say(f"[/a.{anna.state.asked}.{index}.0.2]")
        == """\
  Die knop hoort bij iets wat al voorbij is.
  Wat doet Sem graag?

  U mag meer dan één antwoord kiezen. Druk daarna op 'Klaar met kiezen'.
  [Sporten] [Muziek maken] [Anders] [Klaar met kiezen] [Sla over] [Meer keuzes]"""
    )


def test_made_up_button_that_answers_in_words_closes_a_yes_or_no_of_ours() -> None:
    anna = Resident(OPEN, "hallo", "ja", "ja", "Mariaberg")
    good = f"{anna.state.asked}.{OPEN.index('good')}"
    anna.say("wis mijn gegevens")
    assert "Kunt u iets meer vertellen?" in anna.say(f"[/v.{good}~7]")
    assert (anna.state.phase, anna.state.pending, anna.state.at) == (Phase.ASKING, None, "good")
