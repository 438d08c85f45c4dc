"""The state survives JSON whole, and a newer program's state is never read by an older one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.state import (
    MIGRATIONS,
    VERSION,
    Pending,
    PendingKind,
    Phase,
    State,
    state_from_json,
    state_to_json,
)
from domain.answer import Answer, AnswerStatus

ANSWERS = st.dictionaries(
    st.text(min_size=1, max_size=20),
    st.text(max_size=40).map(lambda value: Answer(AnswerStatus.ANSWERED, value))
    | st.sampled_from([AnswerStatus.SKIPPED, AnswerStatus.DONT_KNOW, AnswerStatus.REFUSED]).map(Answer),
    max_size=6,
)
STATES = st.builds(
    State,
    phase=st.sampled_from(list(Phase)),
    language=st.sampled_from(["nl", "en"]),
    questionnaire=st.just("veerkracht"),
    version=st.text(max_size=12),
    answers=ANSWERS,
    consents=st.dictionaries(st.sampled_from(["answers", "sensitive"]), st.booleans()),
    at=st.text(max_size=20),
    asked=st.integers(0, 10_000),
    since=st.integers(0, 10_000),
    editing=st.booleans(),
    picked=st.lists(st.text(min_size=1, max_size=8), max_size=3).map(tuple),
    misses=st.integers(0, 5),
    probed=st.lists(st.text(min_size=1, max_size=8), max_size=3).map(tuple),
    pending=st.none()
    | st.builds(
        Pending,
        st.sampled_from(list(PendingKind)),
        st.sampled_from(list(Phase)),
        st.text(),
        st.none()
        | st.text(max_size=8).map(lambda value: Answer(AnswerStatus.ANSWERED, value))
        | st.just(Answer(AnswerStatus.SKIPPED)),
    ),
    began=st.booleans(),
    campaign=st.text(max_size=8),
)


@given(STATES)
def test_state_survives_json(state: State) -> None:
    assert state_from_json(state_to_json(state)) == state


def test_empty_text_is_a_new_conversation() -> None:
    assert state_from_json("") == State()


def test_state_with_a_yes_or_no_from_before_answers_could_wait_in_it_is_read() -> None:
    text = '{"v":1,"phase":"confirming","language":"nl","pending":["change","asking","about/wijk"]}'
    assert state_from_json(text).pending == Pending(PendingKind.CHANGE, Phase.ASKING, "about/wijk")


def test_state_of_a_newer_version_is_refused() -> None:
    newer = json.dumps({**json.loads(state_to_json(State())), "v": VERSION + 1})
    with pytest.raises(ValueError, match="newer"):
        state_from_json(newer)


def test_state_of_a_whole_intake_is_small() -> None:
    answers = {
        f"block_{number % 8}/question_{number}": Answer(AnswerStatus.ANSWERED, "agree_strongly")
        for number in range(40)
    }
    assert len(state_to_json(State(answers=answers)).encode()) < 20_000


def test_state_of_an_older_version_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        MIGRATIONS, VERSION - 1, lambda document: {**document, "language": document["speaks"]}
    )
    older = json.dumps({"v": VERSION - 1, "phase": "paused", "speaks": "en"})
    assert state_from_json(older) == State(phase=Phase.PAUSED, language="en")


def test_state_has_no_field_by_another_name() -> None:
    with pytest.raises(TypeError, match=r"^a state has no phases$"):
        State().having(phases=Phase.PAUSED)
