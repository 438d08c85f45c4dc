"""One turn from any state: words as they are typed, a button that is pressed, a message that is changed."""

from dataclasses import replace

from bot.dialogue.advance import advance
from bot.dialogue.effects import Key, Say
from bot.dialogue.expect import expect
from bot.dialogue.heard import Heard
from bot.dialogue.people import NOBODY, People
from bot.dialogue.state import State
from bot.dialogue.taps import parse_tap
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from domain.message import Incoming, IncomingKind
from tests.transcripts.test_transcripts import HEARING, NOW


def press(state: State, payload: str, form: Form, people: People = NOBODY, *, reachable: bool = True) -> Turn:
    heard = Heard(IncomingKind.TAP, payload, tap=parse_tap(payload), reachable=reachable)
    return advance(state, heard, form, NOW, people)


def say(state: State, words: str, form: Form, people: People = NOBODY, *, reachable: bool = True) -> Turn:
    incoming = Incoming("telegram", "anna", IncomingKind.TEXT, NOW, text=words)
    heard = HEARING.hear(incoming, state, form, expect(state, form, NOW), None, None, False, "")
    assert isinstance(heard, Heard)
    return advance(state, replace(heard, reachable=reachable), form, NOW, people)


def says(turn: Turn) -> list[Say]:
    return [effect for effect in turn.effects if isinstance(effect, Say)]


def last_keys(turn: Turn) -> tuple[Key, ...]:
    """The buttons below the last message."""
    return says(turn)[-1].keys


def payloads(turn: Turn) -> list[str]:
    return [each.payload for each in last_keys(turn)]
