"""What can be pressed at a question and in answer to what, and that each button carries the question it belongs to."""

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.effects import Phrase, Record
from bot.dialogue.heard import Heard
from bot.dialogue.showing import value_words
from bot.dialogue.state import Pending, PendingKind, Phase, State
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, AnswerStatus, answered
from domain.consent import Purpose
from domain.message import IncomingKind
from domain.questionnaire import QuestionKind
from domain.understanding import Understanding, UnderstandingKind
from tests.transcripts.test_transcripts import HERE, NOW, SHIPPED
from tests.unit.bot.dialogue.playing import REPEATS, SMALL, Resident
from tests.unit.bot.dialogue.turning import payloads, press, say, says

KINDS, VALUES = (load_form(HERE / f"{name}.md") for name in ("kinds", "values"))
VEERKRACHT = load_form(SHIPPED)
AT_WIJK = Resident(SMALL, "hallo", "ja").state
AT_HOBBIES = Resident(REPEATS, "hallo", "ja", "ja", "Bo", "8").state


def at(form: Form, *payloads_pressed: str) -> State:
    state = press(State(), "/start", form).state
    for payload in payloads_pressed:
        state = press(state, payload, form).state
    return state


def test_more_choices_at_an_open_question_offer_everything() -> None:
    turn = press(AT_WIJK, f"/more.{AT_WIJK.asked}.{SMALL.index(AT_WIJK.at)}", SMALL)
    asked, index = AT_WIJK.asked + 1, SMALL.index(AT_WIJK.at)
    placed = [f"/{word}.{asked}.{index}" for word in ("dont_know", "refuse", "explain", "why", "back")]
    assert payloads(turn) == [*placed, "/pause", "/human", "/privacy", "/stop"]
    assert turn.state == AT_WIJK.having(asked=asked)


def test_more_choices_at_a_required_question_leave_out_having_no_answer() -> None:
    state = at(SMALL)
    index = SMALL.index("agree")
    turn = press(state, f"/more.{state.asked}.{index}", SMALL)
    placed = [f"/{word}.{state.asked + 1}.{index}" for word in ("explain", "why", "back")]
    assert payloads(turn) == [*placed, "/pause", "/human", "/privacy", "/stop"]


def test_more_choices_close_a_yes_or_no_of_ours() -> None:
    state = AT_WIJK.having(phase=Phase.CONFIRMING, pending=Pending(PendingKind.ERASE, Phase.ASKING))
    turn = press(state, f"/more.{state.asked}.{SMALL.index(state.at)}", SMALL)
    assert turn.state == AT_WIJK.having(asked=AT_WIJK.asked + 1)


def test_more_choices_in_a_repeat_carry_its_instance() -> None:
    state = AT_HOBBIES
    index = REPEATS.index(state.at)
    turn = press(state, f"/more.{state.asked}.{index}.1", REPEATS)
    assert payloads(turn)[:2] == [
        f"/dont_know.{state.asked + 1}.{index}.1",
        f"/refuse.{state.asked + 1}.{index}.1",
    ]


def test_third_miss_shows_the_ways_out_of_this_question() -> None:
    state = AT_WIJK.having(misses=2)
    turn = say(state, "bloemkool", SMALL)
    asked, index = state.asked + 1, SMALL.index(state.at)
    assert turn.state == state.having(misses=3, asked=asked)
    assert payloads(turn)[0] == f"/dont_know.{asked}.{index}"


def test_yes_or_no_of_ours_is_counted_as_one_question() -> None:
    turn = press(AT_WIJK, "/erase", SMALL)
    pending = Pending(PendingKind.ERASE, Phase.ASKING)
    asked = AT_WIJK.asked + 1
    assert turn.state == AT_WIJK.having(phase=Phase.CONFIRMING, pending=pending, asked=asked)
    assert payloads(turn) == [f"/yes.{asked}", f"/no.{asked}"]


def test_several_choices_opened_again_stand_ticked() -> None:
    index = REPEATS.index(AT_HOBBIES.at)
    ticked = press(AT_HOBBIES, f"/a.{AT_HOBBIES.asked}.{index}.0.1", REPEATS).state
    done = press(ticked, f"/done.{ticked.asked}.{index}.1", REPEATS).state.having(misses=1)
    back = press(done, "/back", REPEATS)
    assert back.state == done.having(
        at=AT_HOBBIES.at, editing=True, picked=("sport",), asked=done.asked + 1, misses=0
    )
    assert payloads(back)[0] == f"/u.{back.state.asked}.{index}.0.1"


def test_skipped_choices_opened_again_stand_unticked() -> None:
    done = press(AT_HOBBIES, f"/done.{AT_HOBBIES.asked}.{REPEATS.index(AT_HOBBIES.at)}.1", REPEATS)
    skipped = Answer(AnswerStatus.SKIPPED)
    assert done.effects[0] == Record(AT_HOBBIES.at, skipped, Purpose.ANSWERS, "tap")
    assert press(done.state, "/back", REPEATS).state.picked == ()


def test_word_for_done_in_a_pause_answers_nothing() -> None:
    state = AT_HOBBIES.having(phase=Phase.PAUSED, picked=("sport",))
    turn = say(state, "klaar met kiezen", REPEATS)
    assert (turn.state.phase, AT_HOBBIES.at in turn.state.answers) == (Phase.PAUSED, False)


@pytest.mark.parametrize("numbers", ["3", "2.1", "{asked}", "{since}.{index}", "{asked}.{index}"])
def test_button_without_a_choice_or_of_another_response_is_over(numbers: str) -> None:
    state = AT_WIJK.having(since=2, asked=3)
    payload = "/a." + numbers.format(asked=state.asked, since=state.since, index=SMALL.index(state.at))
    assert says(press(state, payload, SMALL))[0].lines == (Phrase("tap.over"),)


@pytest.mark.parametrize("word", ["a", "skip", "e"])
def test_button_of_just_before_this_response_is_over(word: str) -> None:
    state = AT_WIJK.having(since=AT_WIJK.asked - 1)
    index = SMALL.index("agree" if word == "e" else state.at)
    turn = press(state, f"/{word}.{state.since}.{index}.0".removesuffix(".0" if word != "a" else ""), SMALL)
    assert says(turn)[0].lines == (Phrase("tap.over"),)


def test_choice_beyond_the_last_is_over() -> None:
    turn = press(AT_WIJK, f"/a.{AT_WIJK.asked}.{SMALL.index(AT_WIJK.at)}.2", SMALL)
    assert says(turn)[0].lines == (Phrase("tap.over"),)


def test_language_asked_for_without_a_name_is_the_other_one() -> None:
    turn = press(AT_WIJK, "/language", SMALL)
    assert (turn.state.language, says(turn)[0].lines) == ("en", (Phrase("language.changed"),))


def test_side_question_forgives_a_miss() -> None:
    assert press(AT_WIJK.having(misses=1), "/privacy", SMALL).state.misses == 0


def test_picking_up_forgives_a_miss() -> None:
    turn = press(AT_WIJK.having(phase=Phase.PAUSED, misses=2), "/start", SMALL)
    assert turn.state == AT_WIJK.having(asked=AT_WIJK.asked + 1)


@pytest.mark.parametrize("phase", [Phase.ASKING, Phase.PAUSED])
def test_answers_asked_for_where_there_are_none_are_said_to_be_none(phase: Phase) -> None:
    turn = press(at(SMALL).having(phase=phase), "/my_data", SMALL)
    assert says(turn)[0].lines == (Phrase("my_data.nothing"),)


def test_buttons_to_change_answers_carry_the_count_and_the_instance() -> None:
    turn = press(AT_HOBBIES, "/my_data", REPEATS)
    asked = AT_HOBBIES.asked + 1
    named = ("ok", "child[1]/name", "child[1]/age")
    edits = [each.payload for each in says(turn)[0].keys if each.payload.startswith("/e.")]
    assert [each for each in edits if each.endswith(".1")] == [
        f"/e.{asked}.{REPEATS.index(path)}.1" for path in named[1:]
    ]
    assert turn.state.asked == asked + 1  # the question comes again below


def test_minutes_left_are_rounded_from_sixteen_seconds_a_question() -> None:
    state = Resident(VEERKRACHT, "hallo", "ja").state
    said = says(press(state, "/progress", VEERKRACHT))[0].lines
    left = next(line.count for line in said if isinstance(line, Phrase) and line.key == "progress.left")
    assert left is not None
    assert said[1] == Phrase("progress.minutes", {"minutes": round(left * 8 / 30)}, round(left * 8 / 30))
    assert round(left * 8 / 30) != round(left * 9 / 30)


def test_words_not_understood_at_a_place_ask_for_other_words() -> None:
    state = AT_WIJK.having(at="spot", questionnaire="values")
    assert says(say(state, "bloemkool", VALUES))[0].lines == (Phrase("miss.first"),)


def test_unclear_words_that_may_only_be_commands_are_not_understood() -> None:
    unclear = Understanding(UnderstandingKind.UNCLEAR, alternatives=("command:skip",))
    heard = Heard(IncomingKind.TEXT, "laat", understanding=unclear)
    assert says(advance(AT_WIJK, heard, SMALL, NOW))[0].lines == (Phrase("miss.first"),)


def test_unclear_words_in_a_repeat_offer_buttons_of_its_instance() -> None:
    unclear = Understanding(UnderstandingKind.UNCLEAR, alternatives=("sport", "command:skip"))
    turn = advance(AT_HOBBIES, Heard(IncomingKind.TEXT, "sp", understanding=unclear), REPEATS, NOW)
    asked, index = AT_HOBBIES.asked + 1, REPEATS.index(AT_HOBBIES.at)
    assert payloads(turn) == [
        f"/a.{asked}.{index}.0.1",
        f"/skip.{asked}.{index}.1",
        f"/repeat.{asked}.{index}.1",
    ]


@pytest.mark.parametrize("words", ["neem oost", "ik neem Oost", "neem east", "doe maar oost"])
def test_what_is_proposed_is_taken_by_its_words_and_by_its_name(words: str) -> None:
    heard = Heard(IncomingKind.TEXT, words, understanding=Understanding(UnderstandingKind.UNCLEAR))
    state = AT_WIJK.having(at="side", questionnaire="values", answers={"agree": answered("yes")})
    assert advance(state, heard, VALUES, NOW).state.answers["side"] == answered("east")


@pytest.mark.parametrize("words", ["neem west", "neem", "oost neem "])
def test_agreeing_words_of_something_else_take_nothing(words: str) -> None:
    heard = Heard(IncomingKind.TEXT, words, understanding=Understanding(UnderstandingKind.UNCLEAR))
    state = AT_WIJK.having(at="side", questionnaire="values", answers={"agree": answered("yes")})
    assert ("side" in advance(state, heard, VALUES, NOW).state.answers) is (words == "neem")


def test_date_with_a_time_is_shown_as_its_date() -> None:
    day = Phrase("value.date", {"day": 3, "month": Phrase("month.2"), "year": 2026})
    assert value_words(QuestionKind.DATE, "2026-02-03T10:00:00") == day


def test_unclear_words_that_can_only_mean_what_the_form_refuses_get_no_buttons_for_it() -> None:
    state = Resident(REPEATS, "hallo", "ja", "Bo").state
    unclear = Understanding(UnderstandingKind.UNCLEAR, alternatives=("150", "160"))
    turn = advance(state, Heard(IncomingKind.TEXT, "heel oud", understanding=unclear), REPEATS, NOW)
    assert says(turn)[0].lines == (Phrase("clarify.none"),)
    assert (turn.state.at, turn.state.misses) == (state.at, 1)
