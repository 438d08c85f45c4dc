"""One turn of a meemaker while it is worked out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.effects import Key, Say, Words
from bot.dialogue.state import State
from bot.dialogue.turn import Turn
from bot.meeting.meemaker_step import Asks, DuoStep, step_from_json, step_to_json
from bot.meeting.ports import TalkDesk
from bot.meeting.telling import TellsPeople
from bot.ports import Conversation, TurnDb
from domain.session import Hours, Meemaker, News, Tell


@dataclass(frozen=True, slots=True)
class Here:
    """`now` is UTC."""

    db: TurnDb
    desk: TalkDesk
    post: TellsPeople
    who: Meemaker
    conversation: Conversation
    state: State
    now: datetime

    @property
    def chosen(self) -> tuple[Hours, ...] | None:
        """The days of the week chosen so far, None while none are being chosen."""
        step = step_from_json(self.state.meeting)
        return step.hours if step is not None and step.asks is Asks.DAYS else None

    def tell(self, tells: Iterable[Tell]) -> None:
        """Tells everybody else; whoever brought it about reads it in the reply."""
        self.post.tell(self.db, self.desk, tuple(tells), self.now, but_for=self.conversation.reference)

    def take_out(self, session_ids: Iterable[str]) -> None:
        """What they gave up leaves their own calendar as well; that it does, they read in the reply."""
        own = self.conversation.reference
        gone = [Tell(own, News.WITHDRAWN, each, self.who.id) for each in session_ids]
        self.post.tell(self.db, self.desk, gone, self.now, but_for=own)

    def say(self, *lines: Words, keys: Iterable[Key] = (), step: DuoStep | None = None) -> Turn:
        """One message; `step` is what it asks."""
        return self.show(Say(lines, tuple(keys)), step=step)

    def show(self, *says: Say, step: DuoStep | None = None) -> Turn:
        meeting = step_to_json(step) if step is not None else ""
        return Turn(self.state.having(meeting=meeting), says)
