"""Reads the model's intents against what was asked; below the threshold they become a question back."""

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

# Held-out utterances: above this the model is right often enough to act on (docs/decisions/0006-rasa-pipeline.md).
THRESHOLD = 0.55
# Nothing is undone or told to others on a guess: these need more.
GRAVE_THRESHOLD = 0.8
_GRAVE = frozenset({Command.ERASE, Command.CANCEL_SESSION, Command.STOP})
_LEAST = 0.15
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
    if ordered and parse.intents[0][0] != "out_of_scope":
        (kind, value), confidence = ordered[0]
        if confidence >= (GRAVE_THRESHOLD if value in _GRAVE else THRESHOLD):
            return Understanding(
                kind, value, confidence=min(1.0, confidence), language=language, by=By.RASA, model=parse.model
            )
    likely = [
        f"command:{value}" if kind is UnderstandingKind.COMMAND else value
        for (kind, value), confidence in ordered
        if kind is not UnderstandingKind.SOCIAL and confidence >= _LEAST
    ]
    return Understanding(
        UnderstandingKind.UNCLEAR,
        confidence=0.0,
        alternatives=tuple(likely[:2]),
        language=language,
        by=By.NOBODY,
        model=parse.model,
    )


def _means(intent: str, expected: Expected) -> tuple[tuple[UnderstandingKind, str], ...]:
    if intent in _COMMANDS:
        return ((UnderstandingKind.COMMAND, intent),)
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
