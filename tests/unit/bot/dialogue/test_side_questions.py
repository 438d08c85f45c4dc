"""Side questions say the right figures and give the right ways on, and unclear words offer what they may mean."""

from itertools import pairwise

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.effects import Say
from bot.dialogue.heard import Heard
from bot.dialogue.state import Phase, Said
from bot.dialogue.taps import parse_tap
from bot.forms.load import load_form
from domain.message import IncomingKind
from domain.understanding import By, Understanding, UnderstandingKind
from tests.transcripts.test_transcripts import NOW, SHIPPED
from tests.unit.bot.dialogue.playing import SMALL, Resident

VEERKRACHT = load_form(SHIPPED)
TO_RES_1 = ("hallo", "ja", "nazareth", "40", "bewoner", "nederlands", "ja", "ja", "7")


def test_progress_tells_how_many_questions_are_left_and_how_long_they_take() -> None:
    told = Resident(VEERKRACHT, *TO_RES_1).say("hoe lang nog")
    assert told.splitlines()[:3] == ["  Nog 21 vragen.", "", "  Dat duurt ongeveer 6 minuten."]


def test_progress_at_the_last_question_is_one_question_and_one_minute() -> None:
    told = Resident(SMALL, "hallo", "ja", "nazareth", "12").say("hoe lang nog")
    assert told.splitlines()[:3] == ["  Nog 1 vraag.", "", "  Dat duurt ongeveer 1 minuut."]


def test_appointment_asked_for_in_a_pause_leaves_the_ways_on() -> None:
    resident = Resident(SMALL, "hallo", "ja", "pauze")
    told = resident.say("ik wil mijn afspraak verzetten")
    assert told.splitlines()[-1] == "  [Verder] [Praat met een mens]"
    assert resident.state.phase is Phase.PAUSED


def test_more_choices_asked_for_in_a_pause_show_buttons_that_work() -> None:
    resident = Resident(SMALL, "hallo", "ja")
    more = f"[/more.{resident.state.asked}.{SMALL.index(resident.state.at)}]"
    resident.say("pauze")
    resident.say(more)
    assert resident.state.phase is Phase.ASKING
    assert resident.say("[Weet ik niet]").splitlines()[0] == "    (kept: about/wijk = dont_know)"


def test_unclear_words_that_may_be_commands_offer_them_as_buttons_that_work() -> None:
    state = Resident(SMALL, "hallo", "ja").state
    unclear = Understanding(
        UnderstandingKind.UNCLEAR,
        confidence=0.0,
        alternatives=("pottenberg", "command:skip"),
        by=By.RASA,
    )
    turn = advance(state, Heard(IncomingKind.TEXT, "laat dat potten", understanding=unclear), SMALL, NOW)
    (said,) = (effect for effect in turn.effects if isinstance(effect, Say))
    payloads = [each.payload for each in said.keys]
    index = SMALL.index(state.at)
    asked = state.asked + 1
    assert payloads == [f"/a.{asked}.{index}.1", f"/skip.{asked}.{index}", f"/repeat.{asked}.{index}"]
    pressed = advance(
        turn.state, Heard(IncomingKind.TAP, payloads[0], tap=parse_tap(payloads[0])), SMALL, NOW
    )
    assert pressed.state.answers["about/wijk"].value == "pottenberg"


def test_plain_no_in_a_pause_at_a_scale_is_no_answer_to_the_scale() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "pauze", "nee")
    assert ("life/res_1" in resident.state.answers, resident.state.phase) == (False, Phase.PAUSED)
    resident.say("helemaal oneens")
    assert resident.state.answers["life/res_1"].value == "disagree_strongly"


def test_after_danger_words_never_meet_silence_and_never_the_same_sentence_twice_in_a_row() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "ik wil dood")
    told = [resident.say(words) for words in ("het is zo zwaar", "niemand ziet mij", "nee", "ach", "tja")]
    assert [text.startswith("  Ik ben een computer en kan u hier niet bij helpen.") for text in told[:2]] == [
        True,
        False,
    ]
    assert all("088 0767 000" in text and "113" in text for text in told)
    assert all(earlier != later for earlier, later in pairwise(told))


@pytest.mark.parametrize("end", ["stop", "no_consent"])
def test_after_danger_words_never_meet_silence_after_stop_and_after_the_end(end: str) -> None:
    to_the_end = ("hallo", "ja", "stop") if end == "stop" else ("hallo", "nee")
    resident = Resident(SMALL, *to_the_end, "zo zwaar", "zo zwaar", "zo zwaar")
    assert resident.say("zo zwaar") == ""
    assert "113" in resident.say("ik wil dood")
    told = [resident.say(words) for words in ("het is zo zwaar", "niemand ziet mij", "ach", "tja")]
    assert all("088 0767 000" in text and "113" in text for text in told)
    assert all(earlier != later for earlier, later in pairwise(told))


def test_stop_after_danger_is_a_stop_and_ends_the_care() -> None:
    for said in (("ja", "stop"), ("nee",)):
        resident = Resident(SMALL, "hallo", *said, "ik wil dood", "stop")
        assert (resident.state.phase, resident.state.after_danger) == (Phase.STOPPED, False)


def test_start_after_danger_goes_on_with_the_questions() -> None:
    resident = Resident(SMALL, "hallo", "ja", "stop", "ik wil dood", "start")
    assert (resident.state.phase, resident.state.after_danger) == (Phase.ASKING, False)


def test_two_commands_that_may_be_meant_are_offered_and_a_single_one_is_not() -> None:
    state = Resident(SMALL, "hallo", "ja").state
    asked, index = state.asked + 1, SMALL.index(state.at)

    def keys(*meant: str) -> list[str]:
        unclear = Understanding(UnderstandingKind.UNCLEAR, confidence=0.0, alternatives=meant, by=By.RASA)
        turn = advance(state, Heard(IncomingKind.TEXT, "hm", understanding=unclear), SMALL, NOW)
        return [each.payload for effect in turn.effects if isinstance(effect, Say) for each in effect.keys]

    assert keys("command:explain", "command:stop") == [
        f"/explain.{asked}.{index}",
        "/stop",
        f"/repeat.{asked}.{index}",
    ]
    assert f"/a.{asked}.{index}.1" in keys("command:explain")


def test_after_danger_the_first_words_are_whole_however_long_we_were_silent() -> None:
    resident = Resident(SMALL, "hallo", "nee", "dag", "dag", "dag", "ik wil dood")
    near = "  Ik ben een computer en kan u hier niet bij helpen."
    assert resident.say("het is zo zwaar").startswith(near)


def test_beginning_after_danger_ends_the_care() -> None:
    resident = Resident(SMALL, "ik wil dood", "hallo")
    assert (resident.state.phase, resident.state.after_danger) == (Phase.ASKING, False)


@pytest.mark.parametrize("words", ["pauze", "ik wil dood"])
@pytest.mark.parametrize("button", ["skip", "dont_know", "refuse"])
def test_button_of_the_question_that_waits_leaves_it(words: str, button: str) -> None:
    resident = Resident(SMALL, "hallo", "ja", words)
    state = resident.state
    resident.say(f"[/{button}.{state.asked}.{SMALL.index(state.at)}]")
    assert (resident.state.phase, resident.state.at) == (Phase.ASKING, "about/years")


@pytest.mark.parametrize("words", ["weet ik niet", "sla over", "dat zeg ik liever niet"])
def test_words_for_no_answer_after_danger_leave_nothing(words: str) -> None:
    resident = Resident(SMALL, "hallo", "ja", "ik wil dood", words)
    assert (resident.state.phase, "about/wijk" in resident.state.answers) == (Phase.RESTING, False)


def test_answer_said_anew_is_known_by_its_new_message_alone() -> None:
    resident = Resident(SMALL, "hallo", "ja", "nazareth", "terug", "Pottenberg!")
    assert resident.state.said["about/wijk"] == (Said("5"),)
