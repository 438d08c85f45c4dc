from datetime import UTC, datetime

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.effects import Effect, Literal, Phrase, Relay, Say
from bot.dialogue.heard import Heard
from bot.dialogue.people import People
from bot.dialogue.state import Phase, Said, State, state_from_json, state_to_json
from bot.dialogue.talking import EDITED, is_talking
from bot.dialogue.taps import parse_tap
from bot.forms.load import load_form
from domain.message import IncomingKind
from tests.transcripts.test_transcripts import HERE

FORM = load_form(HERE / "small.md")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def press(state: State, *payloads: str) -> tuple[State, tuple[str, ...]]:
    """The state after these buttons, and the titles and payloads of the last message's buttons."""
    keys: tuple[str, ...] = ()
    for payload in payloads:
        heard = Heard(IncomingKind.TAP, payload, tap=parse_tap(payload))
        turn = advance(state, heard, FORM, NOW, People(can_write=True))
        state = state_from_json(state_to_json(turn.state))
        assert state == turn.state
        said = [effect for effect in turn.effects if isinstance(effect, Say)]
        keys = (
            tuple(f"{getattr(key.title, 'key', '')} {key.payload}" for key in said[-1].keys) if said else ()
        )
    return state, keys


@pytest.mark.parametrize("button", ["/help", "/privacy", "/my_data", "/lang.en"])
def test_a_side_question_leaves_the_talk_open_and_names_the_way_back(button: str) -> None:
    state, keys = press(State(), "/start", "/human", button)

    assert state.phase is Phase.TALKING
    assert keys[0] == "button.to_questions /start"


@pytest.mark.parametrize(
    "before, after",
    [
        (("/start",), Phase.ASKING),
        (("/start", "/pause"), Phase.ASKING),
        (("/start", "/stop"), Phase.STOPPED),
        ((), Phase.ASKING),
    ],
)
def test_going_back_leads_to_where_the_resident_was(before: tuple[str, ...], after: Phase) -> None:
    talking, _ = press(State(), *before, "/human")
    assert is_talking(talking)
    back, _ = press(talking, "/start")

    assert back.phase is after
    assert not is_talking(back)


def test_wish_to_erase_that_is_taken_back_leads_back_to_the_talk() -> None:
    state, _ = press(State(), "/start", "/human", "/erase")
    assert is_talking(state)
    state, keys = press(state, f"/no.{state.asked}")

    assert state.phase is Phase.TALKING
    assert keys == ("button.to_questions /start",)


def change(text: str, mark: str = "") -> tuple[Effect, ...]:
    """What becomes of a message that is changed during a talk; one of them was an answer."""
    talking, _ = press(State(), "/start", "/human")
    talking = talking.having(said={talking.at: (Said("answer", "ja"),)})
    heard = Heard(IncomingKind.EDIT, text, mark=mark)
    return advance(talking, heard, FORM, NOW, People(can_write=True)).effects


@pytest.mark.parametrize("words", ["om vier uur", "terug naar de vragen"])
def test_changed_words_are_passed_on_with_a_mark(words: str) -> None:
    assert change(words) == (Relay(f"{EDITED}{words}"),)


def test_a_changed_answer_is_not_passed_on() -> None:
    assert [type(effect) for effect in change("nee", "answer")] == [Say]


@pytest.mark.parametrize(
    ("reachable", "hours", "last"),
    [
        (False, Literal("altijd"), "human.hours"),
        (False, Literal(""), "human.numbers"),
        (True, Literal("altijd"), "human.numbers"),
    ],
)
def test_hours_are_told_where_calling_is_the_way(reachable: bool, hours: Literal, last: str) -> None:
    heard = Heard(IncomingKind.TAP, "/human", tap=parse_tap("/human"), reachable=reachable)
    turn = advance(press(State(), "/start")[0], heard, FORM, NOW, People(hours=hours))
    lines = [effect.lines[-1] for effect in turn.effects if isinstance(effect, Say)]
    assert [line.key for line in lines if isinstance(line, Phrase)] == [last]
