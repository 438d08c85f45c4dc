"""The door to talks in person: which of what comes in is about them, and who answers it.

Theory of operation. A talk about a talk lies over the conversation: its place is kept in `State.meeting`, and the
question at hand waits under it. Before a turn is worked out as ever, `turn` looks whether it is about talks in person: a
button of theirs, words that ask for one, or an answer to what was asked last. Everything else goes on as ever and leaves
the talk about a talk. After a turn, `after` does what it means for talks: a questionnaire that ends with a wish for one, a
consent taken back, somebody erased.
"""

from datetime import datetime

from bot.dialogue.asking import put_again
from bot.dialogue.effects import Erase, Phrase, Say
from bot.dialogue.heard import Event, Heard, Sorted
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import Context, Turn, look
from bot.forms.form import Form
from bot.meeting.asking import Asking
from bot.meeting.meemaker_side import MeemakerSide
from bot.meeting.ports import OpenDesk
from bot.meeting.resident_side import ResidentSide, is_command
from bot.meeting.taps import DuoTap, TalkTap, read_tap
from bot.meeting.telling import TellsPeople
from bot.ports import Conversation, TurnDb
from domain.message import Incoming, IncomingKind
from domain.understanding import Expected, UnderstandingKind


class Meetings:
    """`meemakers` is None where nobody holds talks by chat."""

    def __init__(
        self, open_desk: OpenDesk, post: TellsPeople, residents: ResidentSide, meemakers: MeemakerSide | None
    ) -> None:
        self._open_desk, self._post = open_desk, post
        self._residents, self._meemakers = residents, meemakers

    def expect(self, state: State) -> Expected | None:
        """What the talk about a talk asks now; None when it asks nothing, or a yes or no of ours lies over it."""
        if not state.meeting or state.phase is Phase.CONFIRMING:
            return None
        said = self._meemakers.expect(state.meeting) if self._meemakers is not None else None
        return said or self._residents.expect(state)

    def welcome(self, db: TurnDb, reference: str) -> Say | None:
        """To somebody who just joined; None when they hold no talks."""
        meemaker = self._open_desk(db.sessions).meemaker(reference)
        knows_hours = meemaker is not None and bool(meemaker.hours)
        return self._to_meemaker(db, reference, "duo.welcome.hours" if knows_hours else "duo.welcome")

    def _to_meemaker(self, db: TurnDb, reference: str, words: str) -> Say | None:
        if self._meemakers is None or self._open_desk(db.sessions).meemaker(reference) is None:
            return None
        return self._meemakers.can_do(Phrase(words))

    def turn(
        self,
        db: TurnDb,
        conversation: Conversation,
        state: State,
        heard: Heard,
        incoming: Incoming,
        form: Form,
    ) -> Turn | None:
        """None when this is not about talks in person. Who fills in for a resident without a chat is left to it."""
        tap = read_tap(incoming.text) if is_button(incoming) else None
        if conversation.via or heard.kind not in (IncomingKind.TEXT, IncomingKind.TAP):
            return None
        if conversation.simulated or incoming.simulated:  # no duo waits for somebody who is not there
            return None
        if tap is None and (heard.tap is not None or _is_for_others(heard)):
            return None
        if tap is None and not state.meeting and not is_command(heard) and conversation.is_new:
            return None
        desk = self._open_desk(db.sessions)
        of_duo = tap is not None and isinstance(tap.what, DuoTap)
        meemaker = desk.meemaker(conversation.reference) if not conversation.is_new else None
        if self._meemakers is not None and meemaker is not None and (tap is None or of_duo):
            said = self._meemakers.turn(db, desk, meemaker, conversation, state, heard, incoming)
            if said is not None:
                return _question_again(said, state, heard, form, incoming.at)
        if of_duo:
            return None
        pressed = tap if tap is not None and isinstance(tap.what, TalkTap) else None
        asking = Asking(db, desk, conversation, state, heard, form, incoming.at, pressed)
        return self._residents.turn(asking)

    def after(
        self, db: TurnDb, conversation: Conversation, turn: Turn, heard: Heard, form: Form, at: datetime
    ) -> Turn:
        """What a turn of the conversation itself means for talks in person. `at` is UTC."""
        if any(isinstance(effect, Erase) for effect in turn.effects):
            if not conversation.is_new:
                desk = self._open_desk(db.sessions)
                tells = desk.forget(conversation.reference, now=at)
                self._post.tell(db, desk, tells, at, but_for=conversation.reference)
            return turn
        if turn.state.meeting:
            turn = Turn(turn.state.having(meeting=""), turn.effects, turn.event)
        if turn.event == Event.HELP and not conversation.via:
            more = self._to_meemaker(db, conversation.reference, "duo.help")
            turn = turn.before(more) if more is not None else turn
        if conversation.via or conversation.simulated or not self._residents.concerns(turn):
            return turn
        desk = self._open_desk(db.sessions)
        return self._residents.after(Asking(db, desk, conversation, turn.state, heard, form, at, None), turn)


def _question_again(turn: Turn, before: State, heard: Heard, form: Form, at: datetime) -> Turn:
    """When nothing more is asked about talks, the question that waited is put once more."""
    state = turn.state
    if (
        state.meeting
        or state.phase is not Phase.ASKING
        or state.asked != before.asked
        or not form.has(state.at)
    ):
        return turn
    again = put_again(Context(state, form, heard, Sorted(Event.OPENED), at, look(state, form, at)))
    return Turn(again.state, (*turn.effects, *again.effects), turn.event)


def is_button(incoming: Incoming) -> bool:
    """Whether it is one of ours, pressed or typed."""
    return incoming.kind in (IncomingKind.TAP, IncomingKind.TEXT) and read_tap(incoming.text) is not None


def _is_for_others(heard: Heard) -> bool:
    """Danger comes first, and a piece or a correction of an answer belongs to the questionnaire."""
    said = heard.understanding
    return said is None or said.kind is UnderstandingKind.SAFETY or bool(heard.rest_of or heard.corrects)
