"""Residents and their talks in person: asking for one, choosing an offer, moving, cancelling, and what was agreed."""

from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.effects import Close, Phrase, Say, Wish
from bot.dialogue.heard import Heard
from bot.dialogue.state import State
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from bot.meeting.ports import TalkDesk
from bot.meeting.taps import TalkTap, Tapped
from bot.ports import Conversation, TurnDb
from domain.understanding import Command, Expected, UnderstandingKind

_ASKING = (Command.RESCHEDULE, Command.CANCEL_SESSION, Command.MY_SESSIONS)


@dataclass(frozen=True, slots=True)
class Asking:
    """A turn of a resident about talks in person. `now` is UTC; `tap` is the button of ours that was pressed, if any."""

    db: TurnDb
    desk: TalkDesk
    conversation: Conversation
    state: State
    heard: Heard
    form: Form
    now: datetime
    tap: Tapped | None


def is_command(heard: Heard) -> bool:
    said = heard.understanding
    return said is not None and said.kind is UnderstandingKind.COMMAND and said.value in _ASKING


class ResidentSide:
    def turn(self, asking: Asking) -> Turn | None:
        if asking.tap is None or asking.tap.what is not TalkTap.MINE:
            return None
        found = asking.desk.mine(asking.conversation.reference, now=asking.now)
        return Turn(asking.state, (Say((Phrase("meeting.mine" if found else "meeting.none"),)),))

    def expect(self, state: State) -> Expected | None:
        return None

    def concerns(self, turn: Turn) -> bool:
        return any(isinstance(effect, Wish | Close) for effect in turn.effects)

    def after(self, asking: Asking, turn: Turn) -> Turn:
        return turn
