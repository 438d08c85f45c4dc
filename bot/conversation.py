"""One turn: load, understand, advance, save; what must be sent later goes to the outbox with the same commit."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from bot.assisting import Assisting
from bot.dialogue import talking
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
    Hold,
    Missed,
    Plan,
    RaiseSignal,
    Reach,
    Record,
    Say,
    SetConsent,
    Wish,
    Words,
)
from bot.dialogue.expect import expect
from bot.dialogue.heard import Event, Heard
from bot.dialogue.pieces import HOLD
from bot.dialogue.reminders import AFTER, FIRST, by_day, waits_for_reminder
from bot.dialogue.state import Phase, State, state_from_json, state_to_json
from bot.dialogue.taps import Tap
from bot.dialogue.turn import Turn
from bot.erasing import is_erased, new_number, number_told, with_receipt
from bot.forms.form import Form
from bot.hearing import Hearing
from bot.meeting.meetings import Meetings, is_button
from bot.missing import Deidentify, find_miss, what_was_meant
from bot.ports import (
    Changes,
    Conversation,
    FormShelf,
    Happening,
    Held,
    Model,
    NewResponse,
    PlannedWork,
    RecordedConsent,
    TurnDb,
    TurnStore,
    Understand,
    reminder_key,
)
from bot.reception.reception import TALK, Reception
from bot.reception.signals import SIGNAL
from bot.reception.staff_side import TERMINAL_PREFIX, StaffTurn, is_invitation, join
from bot.texts.catalogue import LANGUAGES, Catalogue
from bot.texts.render import Renderer
from bot.tracking import Tracks
from domain.message import Document, Incoming, IncomingKind, Message
from domain.understanding import Expected, ExpectedKind, ModelParse, Understanding

STAFF = "staff"
"""What a member's turn is called in logs."""

_NOTHING_LEARNT: Mapping[str, Any] = {}
NOTHING = Expected(ExpectedKind.NONE)
NOT_PARSED = ModelParse((), "")
ABOUT_A_TALK = "gesprek"
"""The word of every button about talks in person; to a dialogue that has none, a button of something that is over."""

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
    `pieces`: words that come within seconds go on with a text answer (see bot.dialogue.pieces).
    `new_id` gives a fresh random id for a response. Without a `reception` nobody can be talked with, without
    `deidentify` no miss is kept, and without `meetings` no talk in person is booked.
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
        reception: Reception | None = None,
        pieces: bool = True,
        deidentify: Deidentify | None = None,
        meetings: Meetings | None = None,
    ) -> None:
        self._store, self._shelf, self._model = store, shelf, model
        self._hearing = Hearing(understand, asks_model=model is not None, pieces=pieces)
        self._catalogue, self._new_id, self._deliver_later = catalogue, new_id, deliver_later
        self._reception, self._deidentify, self._meetings = reception, deidentify, meetings
        self._tracks = Tracks(shelf)
        welcome = meetings.welcome if meetings is not None else None
        self._assisting = Assisting(new_id, welcome, deliver_later)
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
        from_staff = self._staff_turn(incoming, db)
        if from_staff is not None:
            return from_staff
        conversation = db.load(incoming.channel, incoming.channel_ref)
        if incoming.update_id is not None:
            earlier = db.earlier_reply(incoming.channel, incoming.update_id)
            if earlier is not None:
                return Reply(earlier, conversation.reference, duplicate=True)
        chat = self._assisting.who_talks(db, conversation, self._state(conversation, incoming), incoming)
        conversation, state = chat.conversation, chat.state
        form = self._form(state)
        own = self._assisting.own_turn(db, chat, incoming)
        if own is not None:
            return self._save(db, conversation, incoming, own, form, _Before(state, held=False))
        # Somebody may have pressed a button while the model was asked: then the words were not for this question.
        moved = asked is not None and asked.question.revision != conversation.revision
        talks = talking.is_talking(state)
        expected = NOTHING if moved else self._expect(state, form, incoming.at)
        waits = state.unfinished is not None and incoming.channel in self._deliver_later
        held = waits and db.has_held(conversation.reference)
        mark = db.mark(incoming.channel, incoming.channel_ref, incoming.message) if incoming.message else ""
        by_rules = asked.question.by_rules if asked and asked.question.expected == expected else None
        # What is said to a person is read by no model.
        parse = NOT_PARSED if talks else asked.parse if asked else None
        heard: Heard | Understanding
        if self._meetings is not None and is_button(incoming):
            heard = Heard(IncomingKind.TAP, incoming.text, tap=Tap(ABOUT_A_TALK))
        else:
            heard = self._hearing.hear(incoming, state, form, expected, parse, by_rules, held, mark)
        if isinstance(heard, Understanding):
            return AskModel(conversation.revision, expected, heard)
        if conversation.is_new and incoming.kind is IncomingKind.EDIT and not _is_danger(heard):
            return Reply((), conversation.reference)  # a word of before they were erased brings nobody back
        if state.phase is Phase.NEW and heard.understanding is not None and not incoming.language:
            state = replace(state, language=heard.understanding.language)
        route = None if talks else self._tracks.route(db, conversation, state, heard, form)
        if route is not None:
            conversation, state = replace(conversation, response=route.response), route.state
            form, heard = self._form(state), route.heard or heard
        if form.uses_chance and not state.seed:
            heard = replace(heard, seed=self._new_id())
        # Who gets no messages from us cannot be written to later, and a meemaker's chat is not the resident's.
        reachable = incoming.channel in self._deliver_later and not conversation.via
        heard = replace(heard, reachable=reachable)
        about_talk = None
        if self._meetings is not None and route is None and not talks:
            about_talk = self._meetings.turn(db, conversation, state, heard, incoming, form)
        if about_talk is not None:
            form = self._form(about_talk.state)  # it may begin the report of a talk
            return self._save(db, conversation, incoming, about_talk, form, _Before(state, held))
        if route is not None and route.heard is None:
            turn = Turn(state, (Say(route.said, route.keys),))
        else:
            turn = advance(state, heard, form, incoming.at)
        if self._reception is not None:
            turn = self._follow(self._reception, db, conversation, incoming, state, heard, form, turn)
        if self._meetings is not None:
            turn = self._meetings.after(db, conversation, turn, heard, form, incoming.at)
        turn = self._assisting.close(db, chat, self._tracks.close(state, turn))
        learnt: Mapping[str, Any] = _NOTHING_LEARNT
        if self._deidentify is not None and not (conversation.simulated or incoming.simulated):
            miss = find_miss(state, heard, turn, expected, parse, form, incoming.at, self._deidentify)
            learnt = {"miss": miss, "meant": what_was_meant(state, heard, turn, form)}
        reply = self._save(db, conversation, incoming, turn, form, _Before(state, held), learnt)
        self._assisting.remember(db, chat, turn, incoming)
        return reply

    def _expect(self, state: State, form: Form, at: datetime) -> Expected:
        asked = self._meetings.expect(state) if self._meetings is not None else None
        return asked or expect(state, form, at)

    def _staff_turn(self, incoming: Incoming, db: TurnDb) -> Reply | None:
        """The turn of somebody of the staff in their own chat; None when a resident is talking."""
        reception = self._reception
        is_terminal = incoming.channel.startswith(TERMINAL_PREFIX)
        if reception is None or not (is_terminal or incoming.channel in self._deliver_later):
            return None
        joins = is_invitation(incoming)
        member = None if joins else db.desk.find_member(incoming.channel, incoming.channel_ref)
        if member is None and not joins:
            return None
        if incoming.update_id is not None:
            if db.earlier_reply(incoming.channel, incoming.update_id) is not None:
                return Reply((), STAFF, duplicate=True)
            db.desk.note_update(incoming.channel, incoming.update_id, at=incoming.at)
        if member is None:
            join(reception, db.desk, incoming, incoming.language if incoming.language in LANGUAGES else "nl")
        else:
            StaffTurn(reception, db, member, incoming.at, partial(self._hand_back, db)).take(incoming)
        return Reply((), STAFF)

    def _follow(
        self, reception: Reception, db: TurnDb, conversation: Conversation, incoming: Incoming, state: State,
        heard: Heard, form: Form, turn: Turn,
    ) -> Turn:  # fmt: skip # read as one piece
        """What the turn means for staff. A wish for a person, and danger, are worked out again with who is there."""
        simulated = conversation.simulated or incoming.simulated
        reference = conversation.via or conversation.reference  # whom staff can reach
        if any(isinstance(effect, RaiseSignal) for effect in turn.effects):
            people = reception.people_in_danger(db.desk, reference, simulated=simulated)
            turn = advance(state, heard, form, incoming.at, people)
        elif any(isinstance(effect, HandOver) for effect in turn.effects):
            reachable = heard.reachable and not incoming.simulated
            people = reception.people(db.desk, incoming.at, can_be_reached=reachable)
            turn = advance(state, heard, form, incoming.at, people)
        reception.follow(db.desk, reference, state, turn, form, incoming.at, simulated=simulated)
        return turn

    def _hand_back(self, db: TurnDb, reference: str, at: datetime, lines: Sequence[Words]) -> None:
        """A talk is over: the resident's conversation goes on where it was."""
        conversation = db.find(reference)
        if conversation is None:
            return
        state = state_from_json(conversation.state)
        if talking.is_talking(state):
            form = self._form(state)
            turn = talking.hand_back(state, form, at, *lines)
            turn = replace(turn, event="handed_back")
            incoming = Incoming(conversation.channel, "", IncomingKind.OPEN, at)
            self._save(db, conversation, incoming, turn, form, _Before(state, held=False))

    async def act(self, kind: str, key: str, reference: str, at: datetime) -> None:
        """Work of ours that is due (kinds TALK and SIGNAL), done and taken away in one transaction. `at` is UTC."""
        await self._store.turn(partial(self._act, kind, key, reference, at))

    def _act(self, kind: str, key: str, reference: str, at: datetime, db: TurnDb) -> None:
        reception = self._reception
        assert reception is not None
        if kind == SIGNAL:
            reception.signals.look(db.desk, key, at)
            return
        assert kind == TALK
        conversation = db.find(reference)
        if conversation is not None:
            state = state_from_json(conversation.state)
            reception.act_on_talk(db.desk, reference, state, at, partial(self._hand_back, db))
        db.desk.finish(key)

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

    def _save(
        self,
        db: TurnDb,
        conversation: Conversation,
        incoming: Incoming,
        turn: Turn,
        form: Form,
        before: "_Before",
        learnt: Mapping[str, Any] = _NOTHING_LEARNT,
    ) -> Reply:
        state = turn.state
        if is_erased(turn) and not conversation.is_new:
            turn = with_receipt(turn, new_number(self._new_id()))
        view = form.view(state.answers, incoming.at, seed=state.seed, language=state.language)
        renderer = Renderer(self._catalogue, form, state.language, view)
        messages = tuple(renderer.message(effect) for effect in turn.effects if isinstance(effect, Say))
        # A meemaker who types for somebody shows the answers, and keeps no file of them.
        if turn.event == Event.MY_DATA and messages and not (conversation.is_new or conversation.via):
            content = db.own_data(conversation.reference, incoming.at)
            messages = (self._with_file(messages[0], content, state.language), *messages[1:])
        changes = self._changes(turn, messages, incoming, form, conversation, before)
        changes = replace(changes, **learnt) if learnt else changes
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

    def _with_file(self, message: Message, content: str, language: str) -> Message:
        told = self._catalogue.sentence("my_data.file", language)
        name = self._catalogue.sentence("my_data.file_name", language)
        return replace(
            message, text=f"{message.text}\n\n{told}", document=Document(name, "application/json", content)
        )

    def _changes(
        self,
        turn: Turn,
        messages: tuple[Message, ...],
        incoming: Incoming,
        form: Form,
        conversation: Conversation,
        before: "_Before",
    ) -> Changes:
        effects = _by_kind(turn.effects)
        later = incoming.channel in self._deliver_later
        plan = _planned(effects, conversation.reference, incoming.at, is_new=conversation.is_new)
        if later and waits_for_reminder(turn.state):
            due_at = by_day(incoming.at + AFTER[FIRST])
            plan.append(PlannedWork(reminder_key(conversation.reference), FIRST, due_at))
        questionnaire = form.questionnaire
        language = turn.state.language
        # The words of a consent stand in the questionnaire, so its version says which words were shown.
        shown = f"{questionnaire.id} {questionnaire.version}"
        begins = [
            NewResponse(
                self._new_id(),
                questionnaire.id,
                questionnaire.version,
                language,
                effect.campaign,
                turn.state.wave,
                effect.session,
            )
            for effect in _of(effects, Begin)
        ]
        return Changes(
            state=state_to_json(turn.state),
            language=language,
            messages=messages,
            deliver_later=later,
            begin=begins[0] if begins else None,
            answers=_of(effects, Record),
            consents=[RecordedConsent(e.purpose, e.given, shown) for e in _of(effects, SetConsent)],
            signals=[e.kind for e in _of(effects, RaiseSignal)],
            hand_over=bool(_of(effects, HandOver)),
            wish=next((e.preferences for e in _of(effects, Wish)), None),
            drop_wish=any(e.preferences is None for e in _of(effects, Wish)),
            reach={e.path: e.how for e in _of(effects, Reach)},
            close=next((e.outcome for e in _of(effects, Close)), ""),
            plan=plan,
            cancel_work=bool(_of(effects, CancelWork)),
            forget=bool(_of(effects, Forget)),
            erase=bool(_of(effects, Erase)),
            receipt=number_told(turn),
            hold=HOLD if later and _of(effects, Hold) else timedelta(0),
            held=_held_after(turn, before) if later else Held.NONE,
            unremind=later and waits_for_reminder(before.state),
            happened=_happened(turn, _of(effects, Missed)),
        )


@dataclass(frozen=True, slots=True)
class _Before:
    """How it was before the turn; `held`: a reply waits for more words."""

    state: State
    held: bool


def _held_after(turn: Turn, before: _Before) -> Held:
    """STOP takes back everything that waits; danger and the like what would be asked next; an edit leaves it be."""
    if turn.event == Event.STOP:
        return Held.DROP_ALL
    if not before.held or (turn.event == Event.EDITED and not _says(turn)):
        return Held.NONE
    is_over = turn.event == Event.CONTINUED or turn.state.phase not in (Phase.ASKING, Phase.FINISHED)
    return Held.DROP if is_over else Held.RELEASE


def _says(turn: Turn) -> bool:
    return any(isinstance(effect, Say) for effect in turn.effects)


def _happened(turn: Turn, missed: Sequence[Missed]) -> list[Happening]:
    at_hand = turn.state.at if turn.state.phase is Phase.ASKING else ""
    return [Happening("turn", turn.event, at_hand), *(Happening("missed", path=each.path) for each in missed)]


def _is_danger(heard: Heard) -> bool:
    return heard.understanding is not None and bool(heard.understanding.signals)


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
