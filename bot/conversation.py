"""One turn: load, understand, advance, save; what must be sent later goes to the outbox with the same commit."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from bot.dialogue.advance import advance
from bot.dialogue.answering import FORGET_HOURS
from bot.dialogue.effects import (
    Begin,
    CancelWork,
    Close,
    Effect,
    Erase,
    Forget,
    HandOver,
    Plan,
    RaiseSignal,
    Record,
    Say,
    SetConsent,
    Wish,
)
from bot.dialogue.expect import expect
from bot.dialogue.heard import Heard
from bot.dialogue.state import Phase, State, state_from_json, state_to_json
from bot.dialogue.taps import parse_tap
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from bot.ports import (
    Changes,
    Conversation,
    Model,
    NewResponse,
    PlannedWork,
    RecordedAnswer,
    RecordedConsent,
    TurnDb,
    TurnStore,
    Understand,
)
from bot.texts.catalogue import Catalogue
from bot.texts.render import Renderer
from domain.message import Incoming, IncomingKind, Message
from domain.understanding import Expected, ExpectedKind, ModelParse, Understanding, UnderstandingKind

NOTHING = Expected(ExpectedKind.NONE)
NOT_PARSED = ModelParse((), "")

E = TypeVar("E", bound=Effect)
Kinds = Mapping[type, list[Any]]
"""Effects by their kind, in order."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a turn says back. `messages` are for the caller to show where the channel answers at once; for channels
    that deliver later they are in the outbox already. `duplicate` means the update was taken before and nothing
    was done now. `reference` names the conversation in logs."""

    messages: tuple[Message, ...]
    reference: str
    duplicate: bool = False
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class AskModel:
    """The rules do not know what was said where `expected` was asked; `revision` is where the conversation was."""

    revision: int
    expected: Expected
    by_rules: Understanding


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model said, and what it was asked for."""

    question: AskModel
    parse: ModelParse


class FormShelf(Protocol):
    """The questionnaires that are in use."""

    def current(self) -> Form:
        """The one that a new response begins with."""
        ...

    def find(self, questionnaire: str, version: str) -> Form | None:
        """The one that a response began with, or None when it is no longer there."""
        ...


def _planned(effects: Kinds, reference: str, at: datetime, *, is_new: bool) -> list[PlannedWork]:
    """Whoever comes for the first time is forgotten after a day, whatever was said; a consent cancels that."""
    plans = {plan.kind: plan for plan in _of(effects, Plan)}
    if is_new:
        plans.setdefault("forget", Plan("forget", FORGET_HOURS))
    return [
        PlannedWork(f"{plan.kind}:{reference}", plan.kind, at + timedelta(hours=plan.after_hours))
        for plan in plans.values()
    ]


class Conversations:
    """Takes what comes in from any channel.

    `deliver_later` names the channels whose replies go through the outbox; the others get them back from `take`.
    `new_id` gives a fresh random id for a response.
    """

    def __init__(
        self,
        *,
        store: TurnStore,
        shelf: FormShelf,
        understand: Understand,
        model: Model | None,
        catalogue: Catalogue,
        new_id: Callable[[], str],
        deliver_later: frozenset[str] = frozenset(),
    ) -> None:
        self._store, self._shelf, self._understand, self._model = store, shelf, understand, model
        self._catalogue, self._new_id, self._deliver_later = catalogue, new_id, deliver_later
        self.counts: Counter[str] = Counter()
        """Turns taken since the start, by channel."""

    async def take(self, incoming: Incoming) -> Reply:
        """One turn, committed when this returns. Raises DomainError("storage_unavailable") with nothing done.

        The model is asked outside the transaction: a slow model never holds up another person's turn.
        """
        if not incoming.text.isascii():
            incoming = replace(incoming, text=_storable(incoming.text))
        self.counts[incoming.channel] += 1
        first = await self._store.turn(partial(self._turn, incoming, None))
        if isinstance(first, Reply):
            return first
        parse = await self._model.parse(incoming.text) if self._model is not None else None
        asked = Asked(first, parse or NOT_PARSED)
        second = await self._store.turn(partial(self._turn, incoming, asked))
        assert isinstance(second, Reply)
        return second

    def _turn(self, incoming: Incoming, asked: "Asked | None", db: TurnDb) -> "Reply | AskModel":
        """The turn inside its transaction; AskModel (and nothing written) when the model has to be asked first."""
        conversation = db.load(incoming.channel, incoming.channel_ref)
        if incoming.update_id is not None:
            earlier = db.earlier_reply(incoming.channel, incoming.update_id)
            if earlier is not None:
                return Reply(earlier, conversation.reference, duplicate=True)
        state = self._state(conversation, incoming)
        form = self._form(state)
        # Somebody may have pressed a button while the model was asked: then the words were not for this question.
        moved = asked is not None and asked.question.revision != conversation.revision
        expected = NOTHING if moved else expect(state, form)
        heard = self._hear(incoming, expected, asked)
        if isinstance(heard, Understanding):
            return AskModel(conversation.revision, expected, heard)
        if state.phase is Phase.NEW and heard.understanding is not None and not incoming.language:
            state = replace(state, language=heard.understanding.language)
        turn = advance(state, heard, form, incoming.at)
        return self._save(db, conversation, incoming, turn, form)

    def _state(self, conversation: Conversation, incoming: Incoming) -> State:
        state = state_from_json(conversation.state)
        if conversation.state:
            return state
        language = (
            incoming.language if incoming.language in self._shelf.current().questionnaire.languages else ""
        )
        return replace(state, language=language or "nl")

    def _form(self, state: State) -> Form:
        found = self._shelf.find(state.questionnaire, state.version) if state.questionnaire else None
        return found or self._shelf.current()

    def _hear(self, incoming: Incoming, expected: Expected, asked: "Asked | None") -> Heard | Understanding:
        """What the rules made of it when only the model may know."""
        tap = parse_tap(incoming.text) if incoming.kind is IncomingKind.TAP else None
        if tap is not None:
            return Heard(IncomingKind.TAP, incoming.text, tap=tap)
        if incoming.kind not in (IncomingKind.TEXT, IncomingKind.TAP):
            said = self._understand(incoming.text, NOTHING, now=incoming.at)
            danger = said if said.kind is UnderstandingKind.SAFETY else None
            return Heard(incoming.kind, understanding=danger, language=incoming.language, code=incoming.code)
        understanding = self._understand(
            incoming.text,
            expected,
            now=incoming.at,
            parse=asked.parse if asked is not None else None,
            by_rules=asked.question.by_rules if asked and asked.question.expected == expected else None,
        )
        unclear = understanding.kind is UnderstandingKind.UNCLEAR
        if unclear and asked is None and self._model is not None and incoming.text.strip():
            return understanding
        return Heard(IncomingKind.TEXT, incoming.text, understanding=understanding)

    def _save(
        self, db: TurnDb, conversation: Conversation, incoming: Incoming, turn: Turn, form: Form
    ) -> Reply:
        renderer = Renderer(self._catalogue, form, turn.state.language)
        messages = tuple(renderer.message(effect) for effect in turn.effects if isinstance(effect, Say))
        changes = self._changes(turn, messages, incoming, form, conversation)
        if conversation.is_new:
            conversation = replace(conversation, simulated=incoming.simulated)
        db.save(
            conversation,
            changes,
            channel_ref=incoming.channel_ref,
            update_id=incoming.update_id,
            at=incoming.at,
        )
        return Reply(messages, conversation.reference, language=turn.state.language)

    def _changes(
        self,
        turn: Turn,
        messages: tuple[Message, ...],
        incoming: Incoming,
        form: Form,
        conversation: Conversation,
    ) -> Changes:
        effects = _by_kind(turn.effects)
        questionnaire = form.questionnaire
        language = turn.state.language
        # The words of a consent stand in the questionnaire, so its version says which words were shown.
        shown = f"{questionnaire.id} {questionnaire.version}"
        begins = [
            NewResponse(self._new_id(), questionnaire.id, questionnaire.version, language, effect.campaign)
            for effect in _of(effects, Begin)
        ]
        return Changes(
            state=state_to_json(turn.state),
            language=language,
            messages=messages,
            deliver_later=incoming.channel in self._deliver_later,
            begin=begins[0] if begins else None,
            answers=[
                RecordedAnswer(e.path, e.answer, e.purpose, e.by, e.model) for e in _of(effects, Record)
            ],
            consents=[RecordedConsent(e.purpose, e.given, shown) for e in _of(effects, SetConsent)],
            signals=[e.kind for e in _of(effects, RaiseSignal)],
            hand_over=bool(_of(effects, HandOver)),
            wish=next((e.preferences for e in _of(effects, Wish)), None),
            drop_wish=any(e.preferences is None for e in _of(effects, Wish)),
            close=next((e.outcome for e in _of(effects, Close)), ""),
            plan=_planned(effects, conversation.reference, incoming.at, is_new=conversation.is_new),
            cancel_work=bool(_of(effects, CancelWork)),
            forget=bool(_of(effects, Forget)),
            erase=bool(_of(effects, Erase)),
        )


def _by_kind(effects: Sequence[Effect]) -> Kinds:
    found: dict[type, list[Any]] = {}
    for effect in effects:
        found.setdefault(type(effect), []).append(effect)
    return found


def _of(effects: Kinds, kind: type[E]) -> list[E]:
    return effects.get(kind, [])


def _storable(text: str) -> str:
    """Half a surrogate pair is no character: databases and JSON readers refuse it."""
    return text.encode("utf-8", "replace").decode("utf-8")
