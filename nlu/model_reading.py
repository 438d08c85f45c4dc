"""Reads the model's intents against what was asked; below the threshold they become a question back."""

from collections.abc import Sequence

from domain.understanding import (
    By,
    Command,
    Expected,
    ExpectedKind,
    ModelParse,
    Social,
    Understanding,
    UnderstandingKind,
)
from nlu.rules.grades import read_grade, read_yes_no

# Cross-validated, 85% of what is acted on from here is right, and 5% of what is out of scope is acted on
# (docs/understanding.md). Below it somebody is asked.
THRESHOLD = 0.6
# Nothing is undone or told to others on a guess; and where a question with given answers stands, what is no answer to it
# is mostly one that the rules did not know ("ff wachten, ik zit te eten"): these need more.
GRAVE_THRESHOLD = 0.8
# An answer on a scale is counted by researchers, and a yes may be a consent. On lines of another hand the model had five
# of 32 wrong on a scale from 0.8 on, and two of 16 at a yes or no from 0.9 on (docs/understanding.md). So in effect it
# only says what to ask back: two lines in 851 come so far.
ANSWER_THRESHOLD = 0.97
_GRAVE = frozenset({Command.ERASE, Command.CANCEL_SESSION, Command.STOP})
_LEAST = 0.15
_COMMAND = "command:"
_GRADES = {
    "agree_strongly": "yes_strong",
    "agree": "yes",
    "neutral": "middling",
    "disagree": "no",
    "disagree_strongly": "no_strong",
    "affirm": "yes",
    "deny": "no",
    "later": "later",
    "accept_invitation": "fine",
    "decline_invitation": "no",
}
# Intents that ask for what a command gives.
_ASKS_FOR = {
    "about_programme": Command.PRIVACY,
    "about_results": Command.PRIVACY,
    "chitchat_bot": Command.HELP,
    "correct_answer": Command.MY_DATA,
    "call_in_sick": Command.CANCEL_SESSION,
}
# Intents to which no single command is the answer: what may help is offered.
_MAY_WANT = {
    "complaint": (Command.HUMAN, Command.STOP),
    "wrong_person": (Command.STOP, Command.HUMAN),
    "running_late": (Command.MY_SESSIONS, Command.HUMAN),
}
_CHOOSING = frozenset(
    {ExpectedKind.CHOICE, ExpectedKind.SCALE3, ExpectedKind.SCALE4, ExpectedKind.SCALE5, ExpectedKind.YESNO}
)
_COMMANDS = frozenset(Command)
_SOCIAL = frozenset(Social)


def read_parse(parse: ModelParse, expected: Expected, language: str) -> Understanding:
    """The likeliest intent that means something here, when it is likely enough; else UNCLEAR with the likeliest two."""
    readings: dict[tuple[UnderstandingKind, str], float] = {}
    for intent, confidence in parse.intents:
        for kind, value in _means(intent, expected):
            readings[kind, value] = readings.get((kind, value), 0.0) + confidence
    ordered = sorted(readings.items(), key=lambda item: -item[1])
    first, sure = parse.intents[0] if parse.intents else ("", 0.0)
    if first in _MAY_WANT and sure >= THRESHOLD:
        return _unclear([f"{_COMMAND}{word}" for word in _MAY_WANT[first]], language, parse)
    if ordered and first != "out_of_scope":
        (kind, value), confidence = ordered[0]
        if _decides(kind, value, confidence, expected):
            return Understanding(
                kind, value, confidence=min(1.0, confidence), language=language, by=By.RASA, model=parse.model
            )
    likely = [
        f"{_COMMAND}{value}" if kind is UnderstandingKind.COMMAND else value
        for (kind, value), confidence in ordered
        if kind is not UnderstandingKind.SOCIAL and confidence >= _LEAST
    ]
    return _unclear(likely[:2], language, parse)


def _decides(kind: UnderstandingKind, value: str, confidence: float, expected: Expected) -> bool:
    if kind is UnderstandingKind.ANSWER:
        return confidence >= ANSWER_THRESHOLD
    is_careful = value in _GRAVE or expected.kind in _CHOOSING - {ExpectedKind.CHOICE}
    return confidence >= (GRAVE_THRESHOLD if is_careful else THRESHOLD)


def _unclear(likely: Sequence[str], language: str, parse: ModelParse) -> Understanding:
    return Understanding(
        UnderstandingKind.UNCLEAR,
        confidence=0.0,
        alternatives=tuple(likely),
        language=language,
        by=By.NOBODY,
        model=parse.model,
    )


def _means(intent: str, expected: Expected) -> tuple[tuple[UnderstandingKind, str], ...]:
    if intent in _COMMANDS:
        return ((UnderstandingKind.COMMAND, intent),)
    if intent in _ASKS_FOR:
        return ((UnderstandingKind.COMMAND, _ASKS_FOR[intent]),)
    if intent in _SOCIAL:
        return ((UnderstandingKind.SOCIAL, intent),)
    grade = _GRADES.get(intent)
    if grade is None or expected.kind not in _CHOOSING:
        return ()
    if expected.choices:
        reading = read_grade(grade, expected.choices)
    else:
        reading = read_yes_no(grade) if expected.kind is ExpectedKind.YESNO else None
    return ((UnderstandingKind.ANSWER, reading.values[0]),) if reading and reading.is_answer else ()
