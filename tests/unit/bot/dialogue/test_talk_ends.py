"""How a talk with a person begins and ends: what is open then, what is said, and where the way back leads."""

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.effects import HandOver, Key, Literal, Phrase, RaiseSignal, Relay, Say
from bot.dialogue.heard import Heard
from bot.dialogue.people import People
from bot.dialogue.state import Pending, PendingKind, Phase, State
from bot.dialogue.talking import hand_back, is_talking
from bot.dialogue.turn import Turn
from domain.message import IncomingKind
from domain.safety import SignalKind
from domain.understanding import Understanding, UnderstandingKind
from tests.transcripts.test_transcripts import NOW
from tests.unit.bot.dialogue.playing import SMALL, Resident
from tests.unit.bot.dialogue.turning import press, say, says

HOURS = Literal("ma-vr 9-17")
STAFF = People(can_write=True, hours=HOURS)
AT_WIJK = Resident(SMALL, "hallo", "ja").state
TALKING = AT_WIJK.having(phase=Phase.TALKING, talk_from=Phase.ASKING)
ERASING = Pending(PendingKind.ERASE, Phase.TALKING)
LEAD = Phrase("person.handed_back", {"name": "Els"})
START, BEGIN, TO_QUESTIONS = (
    Key(Phrase(f"button.{title}"), "/start") for title in ("start", "begin", "to_questions")
)


def back(state: State) -> Turn:
    return hand_back(state, SMALL, NOW, LEAD)


@pytest.mark.parametrize("pending", [None, Pending(PendingKind.ERASE, Phase.ASKING)])
def test_yes_or_no_of_ours_outside_a_talk_is_no_talk(pending: Pending | None) -> None:
    assert is_talking(AT_WIJK.having(phase=Phase.CONFIRMING, pending=pending)) is False


def test_yes_or_no_left_from_a_talk_is_a_talk_only_while_it_is_open() -> None:
    states = [AT_WIJK.having(phase=phase, pending=ERASING) for phase in (Phase.CONFIRMING, Phase.ASKING)]
    assert [is_talking(state) for state in states] == [True, False]


def test_person_asked_for_at_a_yes_or_no_comes_from_before_that() -> None:
    pending = Pending(PendingKind.CHANGE, Phase.PAUSED, "agree")
    state = AT_WIJK.having(phase=Phase.CONFIRMING, pending=pending, misses=1)
    turn = press(state, "/human", SMALL, STAFF)
    lines = tuple(
        Phrase(key, params)
        for key, params in (
            ("person.asked", {}), ("person.open", {"hours": HOURS}), ("person.how", {}), ("human.numbers", {})
        )
    )  # fmt: skip # read as one piece
    assert turn.state == AT_WIJK.having(phase=Phase.TALKING, talk_from=Phase.PAUSED)
    assert turn.effects == (Say(lines, (TO_QUESTIONS,)), HandOver(talk=True))


def test_person_who_cannot_write_to_a_web_page_can_be_called_at_these_hours() -> None:
    turn = press(AT_WIJK, "/human", SMALL, People(hours=HOURS), reachable=False)
    assert says(turn)[0].lines == (Phrase("human.call"), Phrase("human.hours", {"hours": HOURS}))


@pytest.mark.parametrize(
    "words", ["Terug naar de vragen.", "terug naar de vragen!", " naar de vragen ", "Naar de vragen!"]
)
def test_words_that_lead_back_may_have_a_full_stop(words: str) -> None:
    assert say(TALKING, words, SMALL, STAFF).state.phase is Phase.ASKING


@pytest.mark.parametrize("words", ["🛑!", "Afmelden.", "uitschrijven"])
def test_plain_word_for_stop_may_have_a_full_stop(words: str) -> None:
    stopping = Understanding(UnderstandingKind.COMMAND, "stop")
    heard = Heard(IncomingKind.TEXT, words, understanding=stopping)
    assert advance(TALKING, heard, SMALL, NOW, STAFF).state.phase is Phase.STOPPED


def test_asking_for_a_person_again_closes_a_yes_or_no() -> None:
    confirming = TALKING.having(phase=Phase.CONFIRMING, pending=ERASING)
    turn = press(confirming, "/human", SMALL, STAFF)
    assert (turn.state, turn.effects) == (TALKING, (Say((Phrase("person.still"),), (TO_QUESTIONS,)),))


def test_danger_at_a_yes_or_no_during_a_talk_goes_on_with_the_talk() -> None:
    confirming = TALKING.having(phase=Phase.CONFIRMING, pending=ERASING)
    danger = Understanding(
        UnderstandingKind.SAFETY, signals=(SignalKind.VIOLENCE, SignalKind.SUICIDE, SignalKind.EMERGENCY)
    )
    heard = Heard(IncomingKind.TEXT, "help", understanding=danger)
    turn = advance(confirming, heard, SMALL, NOW, STAFF)
    kinds = (SignalKind.EMERGENCY, SignalKind.SUICIDE, SignalKind.VIOLENCE)
    lines = (*(Phrase(f"safety.{kind.value}") for kind in kinds), Phrase("person.danger"))
    assert turn.state == TALKING
    assert turn.effects == (
        Say(lines, (TO_QUESTIONS,)), Relay("help", is_marked=True), *map(RaiseSignal, kinds)
    )  # fmt: skip # read as one piece


def test_danger_without_words_during_a_talk_passes_no_words_on() -> None:
    danger = Understanding(UnderstandingKind.SAFETY, signals=(SignalKind.EMERGENCY,))
    turn = advance(TALKING, Heard(IncomingKind.PHOTO, understanding=danger), SMALL, NOW, STAFF)
    assert turn.effects == (
        Say((Phrase("safety.emergency"), Phrase("person.danger")), (TO_QUESTIONS,)),
        RaiseSignal(SignalKind.EMERGENCY),
    )


def test_way_back_to_before_the_beginning_begins() -> None:
    talking = press(State(), "/human", SMALL, STAFF).state
    assert talking == State(phase=Phase.TALKING, talk_from=Phase.NEW)
    assert press(talking, "/start", SMALL, STAFF) == press(State(), "/start", SMALL, STAFF)


def test_way_back_after_stop_leaves_silence() -> None:
    stopped = AT_WIJK.having(phase=Phase.STOPPED)
    talking = stopped.having(phase=Phase.TALKING, talk_from=Phase.STOPPED, misses=1)
    turn = press(talking, "/start", SMALL, STAFF)
    assert (turn.state, turn.effects) == (
        stopped,
        (Say((Phrase("person.ended"), Phrase("stop.still")), (START,)),),
    )


def test_way_back_after_a_yes_or_no_forgets_it() -> None:
    talking = TALKING.having(pending=ERASING, misses=2, talk_from=Phase.FINISHED)
    turn = press(talking, "/start", SMALL, STAFF)
    assert turn.state == AT_WIJK.having(phase=Phase.FINISHED, misses=1)
    assert says(turn)[0] == Say((Phrase("person.ended"),))


def test_talk_handed_back_at_a_yes_or_no_leaves_it_open() -> None:
    confirming = TALKING.having(phase=Phase.CONFIRMING, pending=ERASING, talk_from=Phase.PAUSED)
    turn = back(confirming)
    pending = Pending(PendingKind.ERASE, Phase.PAUSED)
    assert turn.state == AT_WIJK.having(phase=Phase.CONFIRMING, pending=pending)
    assert turn.effects == (Say((LEAD,), (START,)),)


def test_talk_handed_back_before_the_beginning_offers_to_begin() -> None:
    turn = back(State(phase=Phase.TALKING, talk_from=Phase.NEW))
    assert (turn.state, turn.effects) == (State(), (Say((LEAD,), (BEGIN,)),))


@pytest.mark.parametrize("phase", [Phase.PAUSED, Phase.STOPPED, Phase.FINISHED])
def test_talk_handed_back_where_nothing_was_asked_offers_to_go_on(phase: Phase) -> None:
    turn = back(TALKING.having(talk_from=phase, pending=ERASING, misses=1))
    assert (turn.state, turn.effects) == (AT_WIJK.having(phase=phase), (Say((LEAD,), (START,)),))


@pytest.mark.parametrize("words", ["help", "wie ziet dit", "mijn antwoorden", "english please"])
def test_side_question_in_words_is_for_the_person(words: str) -> None:
    turn = say(TALKING, words, SMALL, STAFF)
    assert (turn.state, turn.effects) == (TALKING, (Relay(words),))


def test_side_question_by_button_is_answered_with_the_way_back() -> None:
    said = says(press(TALKING, "/help", SMALL, STAFF))
    keys = (TO_QUESTIONS, *(Key(Phrase(f"button.{word}"), f"/{word}") for word in ("human", "privacy")))
    assert said == [Say((Phrase("help.text"),), keys)]
