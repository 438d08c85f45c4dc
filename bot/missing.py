"""Which messages are misses that may be kept, and what was meant by earlier ones; the taking out of what is personal is
handed in, the storing happens elsewhere. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.dialogue.effects import Record
from bot.dialogue.heard import Heard
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from domain.answer import AnswerStatus
from domain.consent import Purpose
from domain.message import IncomingKind
from domain.miss import Miss, MissKind
from domain.questionnaire import Question
from domain.understanding import By, Expected, ExpectedKind, ModelParse, UnderstandingKind

Deidentify = Callable[[str], str]
"""A text without what leads to a person; empty when it must not be kept."""

ZONE = ZoneInfo("Europe/Amsterdam")
OTHER = "other"
"""What was meant, where saying it could tell who somebody is: a number, a date, words of their own."""

_COMMAND = "command:"
_BY_BUTTON = frozenset(
    {"skip", "dont_know", "refuse", "explain", "why", "repeat", "back", "pause", "stop", "human"}
)


def find_miss(
    state: State, heard: Heard, turn: Turn, expected: Expected, parse: ModelParse | None, form: Form, at: datetime,
    deidentify: Deidentify,
) -> Miss | None:  # fmt: skip # read as one piece
    """The message as a miss, when it is one and the person agreed to LEARN before, and still does after, the `turn`;
    `state` is that of before it. `at` is UTC.

    Never: danger and what is said after it, the sensitive questions, how to reach somebody, what a meemaker types for a
    resident, and open answers.
    """
    said = heard.understanding
    if said is None or not _may_be_kept(state, heard, turn, expected, form):
        return None
    is_guess = said.by is By.RASA and said.kind is UnderstandingKind.ANSWER
    if said.kind is not UnderstandingKind.UNCLEAR and not is_guess:
        return None
    question = form.question(state.at)
    text = deidentify(heard.text)
    if not text:
        return None
    return Miss(
        text,
        said.language,
        question.path,
        expected.kind.value,
        (_meaning(question, said.value),) if is_guess else said.alternatives[:2],
        tuple(intent for intent, _ in parse.intents[:2]) if parse is not None else (),
        at.astimezone(ZONE).date().isoformat(),
        MissKind.GUESS if is_guess else MissKind.UNCLEAR,
    )


def _may_be_kept(state: State, heard: Heard, turn: Turn, expected: Expected, form: Form) -> bool:
    if not (_agrees(state) and _agrees(turn.state)) or state.assisted:
        return False
    if state.after_danger or (heard.understanding is not None and heard.understanding.signals):
        return False
    is_asked = state.phase is Phase.ASKING and form.has(state.at) and expected.kind is not ExpectedKind.TEXT
    if not is_asked or heard.kind is not IncomingKind.TEXT or heard.corrects:
        return False
    question = form.question(state.at)
    return question.purpose is not Purpose.SENSITIVE and not question.reach


def _agrees(state: State) -> bool:
    return state.consents.get(Purpose.LEARN.value) is True


def what_was_meant(state: State, heard: Heard, turn: Turn, form: Form) -> Mapping[str, str]:
    """Path to the meaning that this turn gave to the question there: what earlier misses at it turn out to have been.
    Nothing of who did not agree to LEARN."""
    if not _agrees(state):
        return {}
    meant = {
        effect.path: _meaning(form.question(effect.path), effect.answer.value)
        for effect in turn.effects
        if isinstance(effect, Record) and effect.answer.status is AnswerStatus.ANSWERED
    }
    if state.phase is Phase.ASKING and heard.tap is not None and turn.event in _BY_BUTTON:
        meant.setdefault(state.at, f"{_COMMAND}{turn.event}")
    return meant


def _meaning(question: Question, value: str) -> str:
    """What a choice expresses, or its name; OTHER for what is no choice."""
    chosen = [choice for choice in question.choices if choice.name in value.split()]
    if len(chosen) == 1 and chosen[0].meaning is not None:
        return chosen[0].meaning.value
    return value if chosen else OTHER
