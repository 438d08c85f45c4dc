"""Who writes in another language is asked once, in that language, which of ours they speak."""

import pytest

from bot.dialogue.state import Phase, state_from_json, state_to_json
from bot.texts.catalogue import LANGUAGES, load_catalogue
from nlu.rules.foreign import languages
from tests.unit.bot.dialogue.playing import SMALL, Resident
from tests.unit.nlu.test_foreign import FOREIGN

POLISH = FOREIGN["pl"]


@pytest.mark.parametrize("code", sorted(FOREIGN))
def test_each_is_asked_in_their_own_language(code: str) -> None:
    said = Resident(SMALL).say(FOREIGN[code])
    sentence = load_catalogue().sentence(f"foreign.{code}", "nl")
    human = load_catalogue().sentence(f"foreign.{code}.human", "nl")

    assert said.splitlines() == [f"  {sentence}", f"  [Nederlands] [English] [{human}]"]


def test_every_language_has_its_texts_whatever_the_conversation_speaks() -> None:
    for code in languages():
        for key in (f"foreign.{code}", f"foreign.{code}.human"):
            assert len({load_catalogue().sentence(key, language) for language in LANGUAGES}) == 1


def test_the_question_comes_in_the_language_that_is_chosen() -> None:
    resident = Resident(SMALL)
    resident.say(POLISH)
    resident.say("[English]")

    assert (resident.state.phase, resident.state.language) == (Phase.ASKING, "en")


def test_it_is_asked_once_and_after_that_as_ever() -> None:
    resident = Resident(SMALL, "hallo", "ja")
    first, second = resident.say(POLISH), resident.say(POLISH)

    assert load_catalogue().sentence("foreign.pl", "nl") in first
    assert load_catalogue().sentence("foreign.pl", "nl") not in second
    assert load_catalogue().sentence("miss.first", "nl") in second


def test_that_it_was_asked_is_kept() -> None:
    resident = Resident(SMALL, "hallo", "ja")
    resident.say(POLISH)

    assert state_from_json(state_to_json(resident.state)).foreign == "pl"


def test_danger_goes_before_it() -> None:
    said = Resident(SMALL, "hallo").say("ik wil dood")

    assert "113" in said
