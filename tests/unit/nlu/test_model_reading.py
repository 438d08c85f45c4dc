"""From which confidence on the model's word counts: more where an answer is kept, or nothing can be undone."""

from datetime import UTC, datetime

import pytest

from app.understanding_commands import expected_of
from domain.understanding import ModelParse, Understanding, UnderstandingKind
from nlu.understand import understand

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
STRANGE = "krek zoe"  # the rules know neither word


def meant(kind: str, intent: str, confidence: float) -> Understanding:
    rest = ("out_of_scope", 1 - confidence)
    parse = ModelParse(((intent, confidence), rest), "some-model")
    return understand(STRANGE, expected_of(kind, None, "nl"), now=NOW, parse=parse)


@pytest.mark.parametrize(
    ("kind", "intent", "confidence", "value"),
    [
        ("scale5", "agree_strongly", 0.98, "5"),
        ("scale5", "disagree", 0.98, "2"),
        ("yesno", "affirm", 0.98, "yes"),
        ("scale5", "help", 0.82, "help"),
        ("none", "help", 0.62, "help"),
        ("none", "stop", 0.82, "stop"),
    ],
)
def test_a_sure_model_is_believed(kind: str, intent: str, confidence: float, value: str) -> None:
    assert meant(kind, intent, confidence).value == value


@pytest.mark.parametrize(
    ("kind", "intent", "confidence", "offered"),
    [
        ("scale5", "agree_strongly", 0.95, "5"),
        ("yesno", "affirm", 0.95, "yes"),
        ("scale5", "help", 0.78, "command:help"),
        ("yesno", "pause", 0.78, "command:pause"),
        ("none", "help", 0.58, "command:help"),
        ("none", "stop", 0.78, "command:stop"),
        ("none", "erase", 0.78, "command:erase"),
    ],
)
def test_a_less_sure_model_is_asked_back(kind: str, intent: str, confidence: float, offered: str) -> None:
    found = meant(kind, intent, confidence)
    assert found.kind is UnderstandingKind.UNCLEAR
    assert found.alternatives == (offered,)
