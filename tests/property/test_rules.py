"""Whatever anyone types, wherever: nothing breaks, nothing is invented, danger is heard."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.questionnaire import Choice, Meaning
from domain.understanding import (
    Command,
    Expected,
    ExpectedKind,
    ModelParse,
    Social,
    Understanding,
    UnderstandingKind,
)
from nlu.measure_safety import load_cases
from nlu.rules.safety import signals_in
from nlu.understand import understand

NOW = datetime(2026, 5, 6, 10, tzinfo=UTC)
WORDS = "ja nee niet helemaal eens oneens 1 2 7,5 en of stop sla over de tweede dood wil ik man slaat me morgen half 👍 👎 7/10 12-13 kwart"
CRIES = [case.text for case in load_cases("safety") if case.expected]

messages = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join),
    st.sampled_from(CRIES),
)
choices = st.lists(
    st.builds(
        Choice,
        st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True),
        st.dictionaries(st.sampled_from(["nl", "en"]), messages, max_size=2),
        st.none() | st.sampled_from(Meaning),
        st.dictionaries(st.just("nl"), st.tuples(messages), max_size=1),
    ),
    max_size=6,
    unique_by=lambda choice: choice.name,
).map(tuple)
bounds = st.none() | st.floats(-10, 200)
questions = st.builds(
    Expected,
    st.sampled_from(ExpectedKind),
    choices,
    st.sampled_from(["nl", "en"]),
    bounds,
    bounds,
    st.booleans(),
)
intents = [
    *Command,
    *Social,
    "agree",
    "affirm",
    "deny",
    "later",
    "neutral",
    "disagree_strongly",
    "out_of_scope",
    "x",
]
parses = st.none() | st.builds(
    ModelParse,
    st.lists(st.tuples(st.sampled_from(intents), st.floats(0, 1)), max_size=4).map(tuple),
    st.just("model"),
)


@settings(max_examples=150, deadline=None)
@given(messages, questions, parses)
def test_understanding_never_breaks_and_never_invents(
    text: str, expected: Expected, parse: ModelParse | None
) -> None:
    understood = understand(text, expected, now=NOW, parse=parse)

    assert 0 <= understood.confidence <= 1
    assert understood.language in ("nl", "en")
    assert (understood.signals != ()) == (understood.kind is UnderstandingKind.SAFETY)
    if understood.kind is UnderstandingKind.ANSWER:
        assert is_possible(understood.value, text, expected)
    if understood.kind is UnderstandingKind.COMMAND:
        assert understood.value in set(Command)
    for alternative in understood.alternatives:
        command = alternative.removeprefix("command:")
        assert command in set(Command) if command != alternative else is_possible(alternative, text, expected)


def is_possible(value: str, text: str, expected: Expected) -> bool:
    names = {choice.name for choice in expected.choices}
    match expected.kind:
        case ExpectedKind.TEXT:
            return value == text
        case ExpectedKind.NUMBER:
            number = float(value)
            return (
                (expected.low is None or number >= expected.low)
                and (expected.high is None or number <= expected.high)
                and (not expected.whole or number == int(number))
            )
        case ExpectedKind.DATE:
            return len(value) == 10
        case ExpectedKind.TIME:
            return len(value) == 8
        case ExpectedKind.DATETIME:
            return len(value) == 19
        case ExpectedKind.CHOICES:
            return value != "" and set(value.split()) <= names
        case ExpectedKind.YESNO if not expected.choices:
            return value in ("yes", "no", "later")
        case _:
            return value in names


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CRIES), st.sampled_from([" ", "  ", "    ", "\t "]))
def test_danger_is_heard_whatever_the_case_and_spaces(text: str, space: str) -> None:
    heard = signals_in(text)

    assert signals_in(text.upper()) == heard
    assert signals_in(text.replace(" ", space)) == heard


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CRIES), questions, parses)
def test_danger_wins_everywhere(text: str, expected: Expected, parse: ModelParse | None) -> None:
    understood: Understanding = understand(text, expected, now=NOW, parse=parse)

    assert understood.kind is UnderstandingKind.SAFETY


@pytest.mark.parametrize("text", ["\ud800", "\x00", "ß" * 500, "İ", "1" * 400, "²½", "٣ ٤", "9" * 20 + ",5"])
@pytest.mark.parametrize("kind", ExpectedKind)
def test_strange_letters_do_not_break_anything(text: str, kind: ExpectedKind) -> None:
    yes = Choice("yes", {"nl": "Ja"}, Meaning.YES)

    assert understand(text, Expected(kind, (yes,)), now=NOW).kind is not UnderstandingKind.SAFETY
