"""What stop, a pause, danger, a person and a yes or no of ours leave behind: nothing half open, and nothing lost."""

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.effects import (
    CancelWork,
    Close,
    FormText,
    HandOver,
    Key,
    Part,
    Phrase,
    Plan,
    RaiseSignal,
    Say,
)
from bot.dialogue.heard import Heard
from bot.dialogue.state import Pending, PendingKind, Phase, State
from domain.answer import answered
from domain.message import IncomingKind
from domain.safety import SignalKind
from tests.transcripts.test_transcripts import NOW
from tests.unit.bot.dialogue.playing import REPEATS, SMALL, Resident
from tests.unit.bot.dialogue.turning import payloads, press, say, says

AT_WIJK = Resident(SMALL, "hallo", "ja").state
DONE = Resident(SMALL, "hallo", "ja", "nazareth", "12", "veel").state.having(unfinished=None)
ERASING = Pending(PendingKind.ERASE, Phase.ASKING)
HALF_OPEN = AT_WIJK.having(phase=Phase.CONFIRMING, pending=ERASING, misses=1, picked=("nazareth",))
START, STOP, HUMAN = (Key(Phrase(f"button.{word}"), f"/{word}") for word in ("start", "stop", "human"))


def test_stop_leaves_nothing_half_open() -> None:
    turn = say(HALF_OPEN, "stop", SMALL)
    assert turn.state == HALF_OPEN.having(phase=Phase.STOPPED, pending=None, misses=0, picked=())


def test_start_after_a_stop_at_a_yes_or_no_opens_the_response_again() -> None:
    turn = say(say(HALF_OPEN, "stop", SMALL).state, "start", SMALL)
    assert (turn.state.phase, turn.effects[0]) == (Phase.ASKING, Close("open"))


def test_pause_forgets_that_something_was_not_understood() -> None:
    turn = say(AT_WIJK.having(misses=1), "pauze", SMALL)
    assert turn.state == AT_WIJK.having(phase=Phase.PAUSED, misses=0)


def test_danger_forgets_that_something_was_not_understood() -> None:
    turn = say(AT_WIJK.having(misses=1), "ik wil dood", SMALL)
    assert turn.state == AT_WIJK.having(phase=Phase.RESTING, misses=0)


@pytest.mark.parametrize("state", [AT_WIJK.having(phase=Phase.STOPPED), DONE, State()])
def test_danger_where_nothing_is_asked_moves_nothing_and_is_remembered(state: State) -> None:
    turn = say(state, "ik wil dood", SMALL)
    said = Say((Phrase("safety.suicide"), Phrase("safety.closing")), (HUMAN,))
    remembered = state.having(after_danger=True)
    assert (turn.state, turn.effects) == (remembered, (said, RaiseSignal(SignalKind.SUICIDE)))


def test_person_asked_for_where_nobody_can_write_rests() -> None:
    turn = press(AT_WIJK.having(misses=2), "/human", SMALL)
    said = Say((Phrase("human.passed_on"), Phrase("human.numbers")), (START, STOP))
    assert (turn.state, turn.effects) == (AT_WIJK.having(phase=Phase.RESTING, misses=0), (said, HandOver()))


@pytest.mark.parametrize("state", [AT_WIJK.having(phase=Phase.STOPPED), DONE, State()])
def test_person_asked_for_where_nothing_is_asked_moves_nothing(state: State) -> None:
    turn = press(state, "/human", SMALL)
    said = Say((Phrase("human.passed_on"), Phrase("human.numbers")), (START,))
    assert (turn.state, turn.effects) == (state, (said, HandOver()))


def test_wish_to_erase_at_another_yes_or_no_goes_back_to_before_that() -> None:
    change = Pending(PendingKind.CHANGE, Phase.PAUSED, "agree")
    state = AT_WIJK.having(phase=Phase.CONFIRMING, pending=change)
    asked = press(state, "/erase", SMALL).state
    assert asked.pending == Pending(PendingKind.ERASE, Phase.PAUSED)
    assert press(asked, f"/no.{asked.asked}", SMALL).state == state.having(
        phase=Phase.PAUSED, pending=None, asked=state.asked + 1
    )


def test_wish_to_erase_keeps_the_phase_also_where_an_old_yes_or_no_was_left() -> None:
    state = AT_WIJK.having(phase=Phase.PAUSED, pending=Pending(PendingKind.CHANGE, Phase.ASKING, "agree"))
    assert press(state, "/erase", SMALL).state.pending == Pending(PendingKind.ERASE, Phase.PAUSED)


def test_no_to_erasing_after_the_end_leaves_the_end() -> None:
    asked = press(DONE, "/erase", SMALL).state
    turn = press(asked, f"/no.{asked.asked}", SMALL)
    assert turn.state == DONE.having(asked=DONE.asked + 1)
    assert payloads(turn) == ["/my_data"]


def test_words_twice_unclear_at_a_yes_or_no_are_no_miss_at_the_question() -> None:
    state = press(AT_WIJK, "/erase", SMALL).state
    once = say(state, "bloemkool", SMALL)
    twice = say(once.state, "bloemkool", SMALL)
    assert [each.lines for each in (*says(once), says(twice)[0])] == [
        (Phrase("confirm.again"),),
        (Phrase("confirm.unchanged"),),
    ]
    assert (once.state.misses, twice.state.misses, twice.state.phase) == (1, 0, Phase.ASKING)


def test_explaining_what_erasing_does_is_no_miss_and_forgives_none() -> None:
    state = press(AT_WIJK, "/erase", SMALL).state.having(misses=1)
    turn = say(state, "leg uit", SMALL)
    assert says(turn)[0].lines == (Phrase("erase.explain"),)
    assert (turn.state.misses, turn.state.pending) == (1, ERASING)


def test_explaining_at_another_yes_or_no_is_about_the_question() -> None:
    change = Pending(PendingKind.CHANGE, Phase.ASKING, "agree")
    turn = say(AT_WIJK.having(phase=Phase.CONFIRMING, pending=change), "leg uit", SMALL)
    assert [each.lines for each in says(turn)] != [(Phrase("erase.explain"),)]


def test_second_time_keeps_the_language_the_link_and_the_count_of_buttons() -> None:
    done = DONE.having(language="en", campaign="park")
    asked = press(done, "/start", SMALL).state
    again = press(asked, f"/yes.{asked.asked}", SMALL).state
    assert (again.language, again.campaign, again.since, again.asked, again.earlier) == (
        "en",
        "park",
        asked.asked,
        asked.asked + 1,
        True,
    )


def test_another_link_after_the_end_is_the_one_that_counts() -> None:
    heard = Heard(IncomingKind.OPEN, code="park")
    turn = advance(DONE.having(campaign="plein"), heard, SMALL, NOW)
    assert (turn.state.phase, turn.state.campaign) == (Phase.CONFIRMING, "park")


def test_answer_in_a_pause_that_cannot_be_is_told_why_however_long_we_were_silent() -> None:
    state = Resident(REPEATS, "hallo", "ja", "ja", "Bo", "pauze").state.having(misses=2)
    turn = say(state, "150", REPEATS)
    assert says(turn)[0].lines == (FormText("child[1]/age", Part.CONSTRAINT),)
    assert (turn.state.phase, turn.state.misses) == (Phase.ASKING, 1)


def test_end_with_nothing_kept_leads_to_a_beginning_or_a_person() -> None:
    ended = Resident(SMALL, "hallo", "nee")
    assert payloads(say(ended.state, "dag", SMALL)) == ["/start", "/human"]


def test_a_no_keeps_the_language_and_makes_every_earlier_button_old() -> None:
    asked = press(State(language="en"), "/start", SMALL).state
    turn = press(asked, f"/a.{asked.asked}.{SMALL.index('agree')}.1", SMALL)
    assert turn.state == State(phase=Phase.FINISHED, language="en", asked=asked.asked, since=asked.asked)
    assert payloads(turn) == ["/start", "/human"]
    assert turn.effects[-1] == Plan("forget", 24.0)
    assert CancelWork() in turn.effects


def test_danger_at_a_yes_or_no_after_the_end_leaves_nothing_half_open() -> None:
    asked = press(DONE, "/erase", SMALL).state
    after = say(asked, "ik wil dood", SMALL).state
    assert after == DONE.having(asked=asked.asked, after_danger=True)


@pytest.mark.parametrize("words", ["ja", "nee", "bloemkool"])
def test_yes_or_no_that_is_open_without_a_question_leads_back(words: str) -> None:
    turn = say(AT_WIJK.having(phase=Phase.CONFIRMING), words, SMALL)
    assert turn.state == AT_WIJK.having(asked=AT_WIJK.asked + 1)


def test_yes_to_leaving_by_a_question_that_is_gone_changes_nothing() -> None:
    leaving = Pending(PendingKind.LEAVE, Phase.ASKING, "gone", answered("no"))
    turn = press(AT_WIJK.having(phase=Phase.CONFIRMING, pending=leaving), f"/yes.{AT_WIJK.asked}", SMALL)
    assert turn.state == AT_WIJK.having(asked=AT_WIJK.asked + 1)


def test_erasing_keeps_the_language_and_nothing_else() -> None:
    asked = press(AT_WIJK.having(language="en"), "/erase", SMALL).state
    assert press(asked, f"/yes.{asked.asked}", SMALL).state == State(language="en")


def test_misses_at_a_change_after_the_end_do_not_make_us_silent() -> None:
    state = press(DONE, f"/e.{DONE.asked}.{SMALL.index('about/wijk')}", SMALL).state
    for words in ("bloemkool", "bloemkool"):
        state = say(state, words, SMALL).state
    kept = press(state, "/start", SMALL).state
    assert kept.phase is Phase.FINISHED
    assert says(say(kept, "dag", SMALL)) != []


def test_choice_that_is_no_longer_offered_is_asked_again_and_can_be_skipped() -> None:
    state = Resident(REPEATS, "hallo", "ja", "Bo", "3", "nee", "oost", "heer").state
    opened = press(state, f"/e.{state.asked}.{REPEATS.index('area')}", REPEATS).state
    turn = press(opened, f"/a.{opened.asked}.{REPEATS.index('area')}.1", REPEATS)
    asked, index = turn.state.asked, REPEATS.index("place")
    assert turn.state.at == "place"
    assert payloads(turn) == [f"/a.{asked}.{index}.2", f"/skip.{asked}.{index}", f"/more.{asked}.{index}"]


def test_yes_to_a_change_closes_the_yes_or_no() -> None:
    change = Pending(PendingKind.CHANGE, Phase.ASKING, "agree")
    turn = press(AT_WIJK.having(phase=Phase.CONFIRMING, pending=change), f"/yes.{AT_WIJK.asked}", SMALL)
    assert turn.state == AT_WIJK.having(at="agree", editing=True, asked=AT_WIJK.asked + 1)
