"""No rule takes a sentence of one intent for another. The sentences are the held-out ones, which no rule was made for."""

from datetime import UTC, datetime

import pytest

from domain.understanding import Command, Expected, ExpectedKind, Understanding, UnderstandingKind
from nlu.rasa_data import HELD_OUT, Example, read_examples
from nlu.understand import understand

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
SENTENCES = read_examples(HELD_OUT)
ANSWERED_BY = {"about_programme": Command.PRIVACY, "chitchat_bot": Command.HELP}
"""Intents that are no command, and the command whose text answers them."""
ON_PURPOSE = {
    # A needless 112 costs nothing, a missed one may; nobody asks this for fun only.
    "bel de politie voor mij": "safety",
    # Whether a word is one of the question is not known here: explaining the question does no harm.
    "what does gezellig mean": "explain",
}


def taken_for(example: Example, kind: ExpectedKind) -> str:
    """The command, the courtesy or the danger that the rules hear; empty when they hear none."""
    said: Understanding = understand(example.text, Expected(kind, language=example.language), now=NOW)
    if said.kind is UnderstandingKind.SAFETY:
        return "safety"
    return said.value if said.kind in (UnderstandingKind.COMMAND, UnderstandingKind.SOCIAL) else ""


@pytest.mark.parametrize("kind", [ExpectedKind.NONE, ExpectedKind.YESNO, ExpectedKind.TEXT])
def test_no_held_out_sentence_is_taken_by_a_rule_of_another_intent(kind: ExpectedKind) -> None:
    wrong = {
        example.text: (example.intent, taken)
        for example in SENTENCES
        if (taken := taken_for(example, kind))
        and taken not in (example.intent, ANSWERED_BY.get(example.intent), ON_PURPOSE.get(example.text))
    }

    assert wrong == {}


def test_every_exception_is_still_one() -> None:
    taken = {
        example.text: taken_for(example, ExpectedKind.NONE)
        for example in SENTENCES
        if example.text in ON_PURPOSE
    }

    assert taken == ON_PURPOSE


@pytest.mark.parametrize(
    ("text", "taken"), [("wat betekent netwerk", "explain"), ("wat betekent de naam Yusuf", "")]
)
def test_what_a_name_means_is_no_question_about_the_question(text: str, taken: str) -> None:
    assert taken_for(Example(text, "", "nl"), ExpectedKind.NONE) == taken
