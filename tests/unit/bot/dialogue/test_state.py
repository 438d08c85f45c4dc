"""The state survives JSON whole, and a newer program's state is never read by an older one."""

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.dialogue.state as state_module
from bot.dialogue.state import (
    MIGRATIONS,
    VERSION,
    Parked,
    Pending,
    PendingKind,
    Phase,
    Said,
    State,
    Unfinished,
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
    first = json.dumps({"phase": "paused", "speaks": "en"})  # without a number it is of before the first
    assert state_from_json(first) == State(phase=Phase.PAUSED, language="en")


def test_state_of_two_versions_ago_takes_both_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(before: str, after: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        return lambda document: {
            **{name: value for name, value in document.items() if name != before},
            after: document[before],
        }

    monkeypatch.setattr(state_module, "VERSION", VERSION + 2)
    monkeypatch.setitem(MIGRATIONS, VERSION, renamed("speaks", "tongue"))
    monkeypatch.setitem(MIGRATIONS, VERSION + 1, renamed("tongue", "language"))
    older = json.dumps({"v": VERSION, "phase": "paused", "speaks": "en"})
    assert state_from_json(older) == State(phase=Phase.PAUSED, language="en")


def test_state_has_no_field_by_another_name() -> None:
    with pytest.raises(TypeError, match=r"^a state has no phases$"):
        State().having(phases=Phase.PAUSED)


WHOLE = State(
    phase=Phase.TALKING,
    language="en",
    questionnaire="small",
    version="3",
    answers={
        "told": Answer(AnswerStatus.ANSWERED, "west"),
        "left": Answer(AnswerStatus.SKIPPED),
        "unknown": Answer(AnswerStatus.DONT_KNOW),
        "secret": Answer(AnswerStatus.REFUSED),
    },
    consents={"answers": True, "contact": False},
    at="about/wijk",
    asked=9,
    since=2,
    editing=True,
    picked=("one", "two"),
    misses=1,
    probed=("story",),
    pending=Pending(PendingKind.LEAVE, Phase.PAUSED, "agree", Answer(AnswerStatus.ANSWERED, "no")),
    began=True,
    earlier=True,
    campaign="park",
    talk_from=Phase.STOPPED,
    seed="one",
    unfinished=Unfinished(
        "story", datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 23, 13, tzinfo=UTC)
    ),
    said={"story": (Said("3", "een"), Said("4", " twee"))},
    wave=2,
    assisted=True,
    track=4,
    parked=(Parked("r-1", State(phase=Phase.PAUSED, at="home")), Parked("", State(language="en"))),
    invited="plein",
    assisting="els",
    after_danger=True,
    foreign="pl",
    meeting='["resident","when","",{},0]',
)


def test_every_field_of_a_state_is_stored_and_comes_back() -> None:
    fields = [each.name for each in dataclasses.fields(State)]
    assert [name for name in fields if getattr(WHOLE, name) == getattr(State(), name)] == []
    assert state_from_json(state_to_json(WHOLE)) == WHOLE


def test_what_is_not_stored_is_as_in_a_new_conversation() -> None:
    assert json.loads(state_to_json(State())) == {"v": VERSION, "phase": "new", "language": "nl"}
    assert state_from_json(state_to_json(State())) == State()


def test_stored_names_stay_what_they_are() -> None:
    # What stands in a database is read by later versions: another name needs a migration.
    stored = json.loads(state_to_json(WHOLE))
    assert stored.keys() == {"v", *(each.name for each in dataclasses.fields(State))} - {"version"}
    assert stored["answers"] == {"told": "awest", "left": "s", "unknown": "d", "secret": "r"}
    assert stored["pending"] == ["leave", "paused", "agree", "ano"]
    assert stored["unfinished"] == ["story", "2026-11-23T12:00:00+00:00", "2026-11-23T13:00:00+00:00"]
    assert stored["said"] == {"story": [["3", "een"], ["4", " twee"]]}
    assert stored["parked"][0] == ["r-1", {"v": VERSION, "phase": "paused", "language": "nl", "at": "home"}]


def test_answer_that_no_button_has_left_yet_comes_back_so() -> None:
    state = State(unfinished=Unfinished("story", datetime(2026, 11, 23, 12, tzinfo=UTC)))
    assert state_from_json(state_to_json(state)) == state
