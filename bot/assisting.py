"""Assisted mode: a meemaker fills in the questionnaire together with a resident who has no chat of their own.

The resident is a person of their own in the storage, without a contact: the conversation is held in the meemaker's
chat, and the meemaker's own conversation waits meanwhile, untouched but for the name of the one they type for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.dialogue import talking
from bot.dialogue.asking import key
from bot.dialogue.effects import Effect, Key, Literal, Phrase, Say, Words
from bot.dialogue.state import Phase, State, state_from_json, state_to_json
from bot.dialogue.turn import Turn
from bot.erasing import is_erased, new_code, new_number, receipt_told
from bot.ports import Changes, Conversation, TurnDb
from domain.message import Incoming, IncomingKind

INVITATION = "mm-"
"""How the code of a meemaker's link begins."""

_LINK = re.compile(r"(?:https?://\S+[?&]start=|/?start\s+)?mm-([A-Za-z0-9_-]{16,64})\s*", re.IGNORECASE)

TOGETHER = "/samen"
_CODE = re.compile(r"(?:wis|erase)?\s*((?:[A-Z2-7]{4}-){3}[A-Z2-7]{4})\s*[.!]?", re.IGNORECASE)


def invitation_in(text: str) -> str:
    """The code of a meemaker's link that was typed or pasted, alone or with the link around it; "" for other words."""
    found = _LINK.fullmatch(text.strip())
    return f"{INVITATION}{found[1]}" if found is not None else ""


@dataclass(frozen=True, slots=True)
class Helper:
    """The meemaker's own conversation while they type for somebody else; `starts` in the turn that begins it."""

    conversation: Conversation
    state: State
    starts: bool = False


@dataclass(frozen=True, slots=True)
class Talking:
    """Whose conversation this turn is in."""

    conversation: Conversation
    state: State
    helper: Helper | None = None


class Assisting:
    """`new_id` gives a random name of at least 80 bits. `holds_talks` says what a meemaker who joins can do for talks in
    person, None for one who holds none. `deliver_later` are the channels in which somebody can be written to later."""

    def __init__(
        self,
        new_id: Callable[[], str],
        holds_talks: Callable[[TurnDb, str], Say | None] | None = None,
        deliver_later: frozenset[str] = frozenset(),
    ) -> None:
        self._new_id, self._holds_talks, self._deliver_later = new_id, holds_talks, deliver_later

    def who_talks(self, db: TurnDb, conversation: Conversation, state: State, incoming: Incoming) -> Talking:
        """The person of this chat, or the resident for whom a meemaker types in it."""
        if state.assisting:
            resident = db.find(state.assisting)
            if resident is not None:
                helper = Helper(conversation, state)
                return Talking(
                    replace(resident, via=conversation.reference), state_from_json(resident.state), helper
                )
            state = state.having(assisting="")
        may_begin = not conversation.is_new and not talking.is_talking(state)
        if may_begin and incoming.text.strip().casefold() == TOGETHER:
            meemaker = db.meemakers.id_of(conversation.reference)
            if meemaker:
                return self._begin(conversation, state, meemaker)
        return Talking(conversation, state)

    def _begin(self, own: Conversation, state: State, meemaker: str) -> Talking:
        resident = Conversation(
            self._new_id(),
            own.channel,
            is_new=True,
            simulated=own.simulated,
            assisted_by=meemaker,
            via=own.reference,
        )
        return Talking(
            resident,
            State(language=state.language, assisted=True, asked=state.asked, since=state.asked),
            Helper(own, state, starts=True),
        )

    def own_turn(self, db: TurnDb, chat: Talking, incoming: Incoming) -> Turn | None:
        """A meemaker's link, or a code that erases a resident; None for everything else."""
        state = chat.state
        if talking.is_talking(state):
            return None  # these words are for a person
        link = _link(incoming)
        if link and not chat.helper:
            return self._join(db, chat, link, incoming)
        code = _CODE.fullmatch(incoming.text.strip()) if incoming.kind is IncomingKind.TEXT else None
        if code is None:
            return None
        number = new_number(self._new_id())
        said: tuple[Words, ...] = (Phrase("assisted.code_unknown"),)
        if db.meemakers.erase(code[1].upper(), incoming.at, receipt=number):
            said = (Phrase("assisted.erased"), receipt_told(number))
        return Turn(state, (Say(said, (key("start"), key("help"))),))

    def _join(self, db: TurnDb, chat: Talking, link: str, incoming: Incoming) -> Turn:
        reference = chat.conversation.reference
        is_new = db.meemakers.redeem(link, reference, incoming.at)
        if not is_new and not db.meemakers.id_of(reference):
            return Turn(chat.state, (Say((Phrase("meemaker.link_over"),), (key("start"),)),))
        welcome = Say((Phrase("meemaker.welcome"),), (_together("meemaker.begin"), key("start")))
        talks = self._holds_talks(db, reference) if self._holds_talks is not None else None
        if talks is None:
            return Turn(chat.state, (welcome,))
        if incoming.channel not in self._deliver_later:
            talks = replace(talks, lines=(*talks.lines, Phrase("duo.look_here")))
        return Turn(chat.state, (welcome, talks))

    def close(self, db: TurnDb, chat: Talking, turn: Turn) -> Turn:
        """At the start: that this is assisted mode. At the end: the code for the resident, and back to the own chat."""
        helper = chat.helper
        if helper is None:
            return turn
        if helper.starts:
            return turn.before(Say((Phrase("assisted.begins"),)))
        if not has_ended(turn):
            return turn
        erased = is_erased(turn)
        lines = [Phrase("assisted.ends")]
        if turn.state.began and not erased:
            code = new_code(self._new_id())
            db.meemakers.keep_code(chat.conversation.reference, code)
            lines.insert(0, Phrase("assisted.code", {"code": Literal(code)}))
        keys = (_together("meemaker.again"), key("start", title="own_chat"))
        return Turn(turn.state, (*_without_keys(turn), Say(tuple(lines), keys)))

    def remember(self, db: TurnDb, chat: Talking, turn: Turn, incoming: Incoming) -> None:
        """Notes in the meemaker's own conversation whom they type for now, when that changes."""
        helper = chat.helper
        if helper is None or not (helper.starts or has_ended(turn)):
            return
        own = helper.state.having(assisting=chat.conversation.reference)
        if has_ended(turn):
            # Every button of before is over: those of the resident's questions must never answer the meemaker's own.
            asked = max(chat.state.asked, turn.state.asked) + 1
            own = helper.state.having(assisting="", asked=asked, since=asked)
        db.save(
            helper.conversation,
            Changes(state=state_to_json(own), language=own.language),
            channel_ref=incoming.channel_ref,
            update_id=None,
            at=incoming.at,
        )


def _link(incoming: Incoming) -> str:
    """The code with which a meemaker joins: of a link that was followed, or typed where no link brings it along."""
    if incoming.kind is IncomingKind.OPEN:
        return incoming.code if incoming.code.startswith(INVITATION) else ""
    is_said = incoming.kind in (IncomingKind.TEXT, IncomingKind.TAP)
    return invitation_in(incoming.text) if is_said else ""


def has_ended(turn: Turn) -> bool:
    """Finished, stopped or erased: the resident's part is over."""
    return turn.state.phase in (Phase.FINISHED, Phase.STOPPED) or is_erased(turn)


def _without_keys(turn: Turn) -> tuple[Effect, ...]:
    """What the dialogue says at an end, but for its buttons and its farewell after STOP: those would lead to the
    meemaker's own conversation."""
    stops = turn.state.phase is Phase.STOPPED
    return tuple(
        replace(effect, keys=()) if isinstance(effect, Say) else effect
        for effect in turn.effects
        if not (stops and isinstance(effect, Say))
    )


def _together(title: str) -> Key:
    return Key(Phrase(title), TOGETHER)
