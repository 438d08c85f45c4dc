"""Words sent in pieces: what follows a text answer within seconds is the rest of it, not an answer to what comes next.

Theory of operation. A text answer is kept at once, in its own turn, and leaves the state `unfinished` for a moment.
Words that come within that moment go on with it: the answer is kept anew with the words joined, and the reply becomes
what the whole would have led to. Where replies are sent later they wait as long (Hold), so the resident sees one
reply; where they are shown at once, the resident is told that the words were added. A button pressed in between ends
the moment from its own time on: words written before it still belong to the answer, in whatever order both arrive.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue.effects import Hold, Missed, Record
from bot.dialogue.expect import expect, expect_answer
from bot.dialogue.heard import Event, Heard
from bot.dialogue.state import Phase, Said, State, Unfinished
from bot.dialogue.turn import Context, Turn
from bot.forms.form import Form
from domain.answer import AnswerStatus
from domain.message import IncomingKind
from domain.questionnaire import QuestionKind
from domain.understanding import Command, Expected, ExpectedKind, Understanding, UnderstandingKind

WINDOW = timedelta(seconds=4)
HOLD = timedelta(seconds=5)
"""Longer than the window: a channel may tell the time of a message in whole seconds."""

Understands = Callable[[str, Expected], Understanding]


def unfinished_at(state: State, form: Form, at: datetime) -> str:
    """The path of the text answer that words written `at` (UTC) go on with; empty when there is none."""
    unfinished = state.unfinished
    if (
        unfinished is None
        or state.phase not in (Phase.ASKING, Phase.FINISHED)
        or not form.has(unfinished.path)
    ):
        return ""
    is_late = abs(at - unfinished.at) > WINDOW or (unfinished.left is not None and at > unfinished.left)
    return "" if is_late or unfinished.path not in state.answers else unfinished.path


def hear_piece(
    heard: Heard, path: str, state: State, form: Form, understand: Understands, *, unseen: bool
) -> Heard | None:
    """What words are that came soon after the answer at `path`; None when they are no piece of it.

    Danger is listened for in the piece and in the whole, STOP too. Where the next question has been seen, what the
    rules know for an answer to it is one, and so is more after we asked for more.
    """
    expected = expect_answer(form.question(path), state.language)
    piece = understand(heard.text, expected)
    whole = understand(f"{state.answers[path].value} {heard.text}", expected)
    is_stop = whole.kind is UnderstandingKind.COMMAND and whole.value == Command.STOP
    if whole.kind is UnderstandingKind.SAFETY or is_stop:
        return replace(heard, understanding=whole)
    if piece.kind is not UnderstandingKind.ANSWER:
        return replace(heard, understanding=piece)
    if not unseen and state.at == path:
        return replace(heard, understanding=piece, soon=True)
    if not unseen and _answers_next(heard.text, state, form, understand):
        return None
    return replace(heard, understanding=piece, rest_of=path, unseen=unseen)


def _answers_next(text: str, state: State, form: Form, understand: Understands) -> bool:
    expected = expect(state, form)
    if expected.kind in (ExpectedKind.TEXT, ExpectedKind.NONE):
        return False
    return understand(text, expected).kind is UnderstandingKind.ANSWER


def note_turn(context: Context, turn: Turn) -> Turn:
    """The turn with what later ones must know of it: whether its answer may go on, and which message gave it."""
    path = _typed_answer(context, turn)
    effects = turn.effects
    state = turn.state
    unfinished = _unfinished(context, turn, path)
    if unfinished != state.unfinished:
        state = state.having(unfinished=unfinished)
    if state.unfinished is not None and path and not _is_left(state.unfinished):
        effects = (*effects, Hold())
    if state.questionnaire and (state.said or context.heard.mark):
        state = state.having(said=_said(context, turn, path))
    if context.state.misses < 2 <= state.misses and state.phase is context.state.phase is Phase.ASKING:
        effects = (*effects, Missed(context.state.at))
    return Turn(state, effects, context.event.event.value)


def _is_left(unfinished: Unfinished) -> bool:
    return unfinished.left is not None


def _typed_answer(context: Context, turn: Turn) -> str:
    """The path of the answer that this turn's words gave; empty when they gave none."""
    if context.heard.kind is not IncomingKind.TEXT or context.event.event not in (
        Event.ANSWERED,
        Event.CONTINUED,
    ):
        return ""
    path = context.heard.rest_of or context.state.at
    answer = turn.state.answers.get(path)
    if answer is None or answer.status is not AnswerStatus.ANSWERED:
        return ""
    if context.form.question(path).reach:  # its words are kept apart, and may not be remembered here
        return ""
    was_kept = any(isinstance(effect, Record) and effect.path == path for effect in turn.effects)
    return path if was_kept or answer != context.state.answers.get(path) else ""


def _unfinished(context: Context, turn: Turn, path: str) -> Unfinished | None:
    former, kind = context.state.unfinished, context.heard.kind
    is_going_on = turn.state.phase in (Phase.ASKING, Phase.FINISHED) and bool(turn.state.questionnaire)
    if not is_going_on:
        return None
    if path:
        is_open = context.heard.may_go_on and context.form.question(path).kind is QuestionKind.TEXT
        left = former.left if former is not None and context.heard.rest_of else None
        return Unfinished(path, context.now, left) if is_open else None
    if former is None or abs(context.now - former.at) > 2 * WINDOW:
        return None
    if kind is IncomingKind.TAP:
        return replace(former, left=former.left or context.now)
    return former if kind is IncomingKind.EDIT else None


def _said(context: Context, turn: Turn, path: str) -> dict[str, tuple[Said, ...]]:
    """Which messages gave each answer; an answer that came otherwise has none."""
    said = {
        known: marks
        for known, marks in turn.state.said.items()
        if context.heard.kind is IncomingKind.EDIT
        or turn.state.answers.get(known) == context.state.answers.get(known)
    }
    if not path or not context.heard.mark:
        return said
    former, now = context.state.answers.get(path), turn.state.answers[path]
    grew = former is not None and now.value.startswith(former.value) and context.heard.text != now.value
    if not grew or former is None:
        return {**said, path: (Said(context.heard.mark),)}
    before = context.state.said.get(path, (Said(""),))
    first = (replace(before[0], words=former.value),) if len(before) == 1 else before
    return {**said, path: (*first, Said(context.heard.mark, now.value[len(former.value) :]))}
