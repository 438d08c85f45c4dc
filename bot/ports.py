"""What a conversation needs from outside, as protocols; adapters live in storage, nlu and the channels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from bot.dialogue.effects import Record
from bot.forms.form import Form
from bot.handover.ports import DeskDb
from bot.meeting.ports import TalksInPerson
from domain.campaign import Campaign
from domain.consent import Purpose
from domain.message import Message
from domain.miss import Miss
from domain.safety import SignalKind
from domain.understanding import Expected, ModelParse, Understanding

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person in one channel, as stored.

    `reference` is random and says nothing of the person; `state` is the dialogue's JSON, empty when the
    conversation is new; `revision` counts its turns. `response` is the id of the response being filled in, empty
    before consent. `simulated` people never appear in an export by default. `assisted_by` is the pseudonym of the
    meemaker who types for a resident without a chat, and `via` the meemaker's own conversation, in whose chat it is held.
    """

    reference: str
    channel: str
    state: str = ""
    revision: int = 0
    response: str = ""
    simulated: bool = False
    is_new: bool = False
    assisted_by: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class NewResponse:
    """A response begins: only after consent, on this version of this questionnaire. `campaign` is the code of the
    link that brought the person, empty without one; `session` the id of the talk in person that it is about, empty
    for all else."""

    id: str
    questionnaire: str
    version: str
    language: str
    campaign: str = ""
    wave: int = 0
    session: str = ""


@dataclass(frozen=True, slots=True)
class RecordedConsent:
    """A consent given or taken back. `text_version` is the version of the words that were shown."""

    purpose: Purpose
    given: bool
    text_version: str


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """Something to do later. A second plan with the same `key` replaces the first; `due_at` is UTC."""

    key: str
    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing to be told later, without a word of what was said: a turn ("turn", `what` was heard, the question at
    `path` waits now) or two misses in a row ("missed", at `path`)."""

    kind: str
    what: str = ""
    path: str = ""


def reminder_key(reference: str) -> str:
    """At most one reminder is planned for a person."""
    return f"remind:{reference}"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message that loses its sense at `not_after`, and what comes after it. Times are UTC."""

    message: Message
    not_after: datetime
    then: PlannedWork | None = None


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder claimed by this process until its lease ends. `revision` is the turn it follows from. UTC."""

    key: str
    kind: str
    reference: str
    due_at: datetime
    revision: int


class Held(StrEnum):
    """What becomes of messages that wait for more words of the person."""

    NONE = ""
    RELEASE = "release"  # send them now
    DROP = "drop"  # they are no longer true
    DROP_ALL = "drop_all"  # nothing that waits for this person may still be sent


OPEN = "open"


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything one turn changes, saved in one go.

    `messages` go to the outbox when `deliver_later`; otherwise the caller hands them over itself and they are kept
    only beside the update id, for a caller that asks again. `erase` removes every trace of the person instead of
    saving anything; `forget` drops answers, consents and the response, and keeps the conversation. `receipt` is the number of
    an erasure that `messages` tell: it stays with the receipt, and a reply with one in it is not kept for who asks again.
    `wish` is the person's wish for a talk (path to value, may be empty), stored once per response, None for no
    change; `drop_wish` takes it away. `reach` maps a question to how the person can be reached, or to None when that
    has to go; it is stored encrypted and only here. `close` is the outcome of the
    response ("finished", "stopped"), or OPEN when a stopped one goes on. `hold` is how long messages of this turn
    wait for more words, `held` what becomes of those of an earlier turn, `unremind` takes planned reminders away. `miss`
    is this turn's message when it was one; `meant` (path to meaning) tells what earlier ones turned out to have been.
    """

    state: str
    language: str = "nl"
    messages: Sequence[Message] = ()
    deliver_later: bool = False
    begin: NewResponse | None = None
    answers: Sequence[Record] = ()
    consents: Sequence[RecordedConsent] = ()
    signals: Sequence[SignalKind] = ()
    hand_over: bool = False
    wish: Mapping[str, str] | None = None
    drop_wish: bool = False
    reach: Mapping[str, str | None] = field(default_factory=dict)
    close: str = ""
    plan: Sequence[PlannedWork] = ()
    cancel_work: bool = False
    forget: bool = False
    erase: bool = False
    receipt: str = ""
    hold: timedelta = timedelta(0)
    held: Held = Held.NONE
    unremind: bool = False
    happened: Sequence[Happening] = ()
    miss: Miss | None = None
    meant: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation makes of a conversation: its next state, and the message."""

    state: str
    message: Message


Compose = Callable[[Campaign, str], Invited | None]
"""(campaign, state of the conversation) to the invitation; None for somebody who must not be asked (any more)."""


class FormShelf(Protocol):
    """The questionnaires that are in use."""

    def current(self) -> Form:
        """The one that a new response begins with, unless a campaign says otherwise."""
        ...

    def find(self, questionnaire: str, version: str) -> Form | None:
        """The one that a response began with or a campaign asks, or None when it is not there."""
        ...


class MeemakerDb(Protocol):
    """Meemakers, and the codes with which residents they typed for can be erased. Times are UTC."""

    def redeem(self, code: str, reference: str, at: datetime) -> bool:
        """Makes a meemaker of the person who followed a link; False when the link is used, old or unknown."""
        ...

    def id_of(self, reference: str) -> str:
        """The pseudonym of a meemaker, empty for anybody else."""
        ...

    def keep_code(self, reference: str, code: str) -> None:
        """From now on `code` erases the resident."""
        ...

    def erase(self, code: str, at: datetime, *, receipt: str) -> bool:
        """Erases the resident with that code, with a receipt of that number; False, and nothing, when there is none."""
        ...


class TurnDb(Protocol):
    """One open transaction, handed to the work of a turn. Synchronous: it runs where the database lives."""

    @property
    def desk(self) -> DeskDb:
        """Staff and their talks with residents."""
        ...

    @property
    def meemakers(self) -> MeemakerDb: ...

    @property
    def sessions(self) -> TalksInPerson: ...

    def post(self, reference: str, message: Message, *, at: datetime, key: str = "", about: str = "") -> bool:
        """Puts a message in the outbox of the person with that conversation. False when they cannot be written to: the
        chat is on a web page, is blocked or is gone. A second message with the same `key` is not put there. It goes when
        the resident `about` whom it tells (where they live) is erased before it was sent."""
        ...

    def own_data(self, reference: str, at: datetime) -> str:
        """Everything that is kept about a person, as JSON; `at` is UTC."""
        ...

    def language(self, reference: str) -> str:
        """What a person is written to in, "" when they are gone; nothing is locked."""
        ...

    def may_remind(self, reference: str, *, at: datetime, since: datetime, most: int) -> bool:
        """Counts a reminder of a talk, unless the person had `most` of them after `since` already. UTC."""
        ...

    def keep_afterwards(
        self, reference: str, session: str, how: str, *, text_version: str, at: datetime
    ) -> bool:
        """How a resident found a talk, under the consent for answers that was given on `text_version`; the last answer
        counts. False when they were not in that session, and nothing is kept. UTC."""
        ...

    def email_of(self, meemaker: str) -> str:
        """Where a meemaker gets invitations for their calendar, "" without an address."""
        ...

    def mail(self, meemaker: str, message: Message, *, at: datetime, key: str, about: str = "") -> None:
        """Puts a message in the outbox of a meemaker's e-mail address, after those before it. A second one with the same
        `key` is not put there. `about` is as in `post`."""
        ...

    def find(self, reference: str) -> Conversation | None:
        """The conversation by its own name, locked as by `load`; None when there is none any more."""
        ...

    def campaign(self, code: str, reference: str) -> tuple[Campaign, bool] | None:
        """The campaign with that code, and whether this person has finished it."""
        ...

    def load(self, channel: str, channel_ref: str) -> Conversation:
        """The conversation, locked until the transaction ends; `is_new` with a fresh reference when unknown
        (nothing is written before `save`)."""
        ...

    def earlier_reply(self, channel: str, update_id: str) -> tuple[Message, ...] | None:
        """The reply to an update that was taken before; None when it is new."""
        ...

    def has_held(self, reference: str) -> bool:
        """Whether a message waits for more words of this person and has not been taken up by a sender."""
        ...

    def mark(self, channel: str, channel_ref: str, message: str) -> str:
        """A short name for a message of a person, that says nothing without the key."""
        ...

    def save(
        self,
        conversation: Conversation,
        changes: Changes,
        *,
        channel_ref: str,
        update_id: str | None,
        at: datetime,
    ) -> None:
        """Writes the update id, the state and every change. `at` is UTC."""
        ...


class TurnStore(Protocol):
    async def turn(self, work: Callable[[TurnDb], T]) -> T:
        """Runs `work` in one transaction and returns its result after the commit.

        `work` may run more than once (a conflict with another process, a neighbour's failure in the same batch),
        so it has no effect but through its TurnDb. Raises what `work` raises, with nothing written; raises
        DomainError("storage_unavailable") when the database cannot be reached or is locked.
        """
        ...


class Model(Protocol):
    """The language model server."""

    async def parse(self, text: str) -> ModelParse | None:
        """What it makes of a text, or None when it is not there or too late; never raises for that."""
        ...


class Understand(Protocol):
    def __call__(
        self,
        text: str,
        expected: Expected,
        *,
        now: datetime,
        parse: ModelParse | None = None,
        by_rules: Understanding | None = None,
    ) -> Understanding:
        """Safety, then rules, then `parse` when given. Pure; UNCLEAR means that a parse may help. `now` is UTC.
        `by_rules` is what came of the same text and `expected` without a parse, when that is known already."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """The head of one chat's queue, claimed by this process until its lease ends. `may_lapse`: what it says may be taken
    back until it is sent."""

    id: int
    reference: str
    channel_ref: str
    message: Message
    attempts: int
    may_lapse: bool = False


class SendResult(StrEnum):
    SENT = "sent"
    WAIT = "wait"  # the service asks to wait `seconds`, for this chat only
    TROUBLE = "trouble"  # it did not arrive; try again
    UNKNOWN = "unknown"  # it may have arrived: a time-out after sending
    BLOCKED = "blocked"  # the person blocked the bot or left
    REJECTED = "rejected"  # the service will never take this message


@dataclass(frozen=True, slots=True)
class Sent:
    result: SendResult
    seconds: float = 0.0
    code: str = ""


class Transport(Protocol):
    """One messaging service's way of sending."""

    async def send(self, channel_ref: str, message: Message) -> Sent:
        """Sends one message; every trouble is a value."""
        ...


class ReminderStore(Protocol):
    """Reminders that are due. Times are UTC."""

    async def claim_reminders(self, *, now: datetime, limit: int, lease: timedelta) -> Sequence[DueReminder]:
        """Oldest first, none that another process has; it comes back when its lease ends."""
        ...

    async def remind(
        self,
        due: DueReminder,
        decide: Callable[[DueReminder, str], Reminder | PlannedWork | None],
        *,
        now: datetime,
    ) -> bool:
        """In one transaction: asks `decide` with the conversation's state, unless the person did anything since, and
        writes the message with what is planned after it. `decide` has no effect of its own. True for a message."""
        ...


class Outbox(Protocol):
    """Messages that wait to be sent, in order per chat. Times are UTC."""

    async def claim(
        self, channel: str, *, now: datetime, limit: int, lease: timedelta
    ) -> Sequence[OutboxMessage]:
        """At most one message a chat (its oldest unsent), due and not leased by another process."""
        ...

    async def mark_sent(self, message_id: int, *, at: datetime) -> None: ...

    async def mark_again(self, message_id: int, *, not_before: datetime, unknown: bool = False) -> None:
        """Counts an attempt and gives the message back; `unknown` notes that it may have arrived."""
        ...

    async def mark_failed(self, message_id: int, *, code: str) -> None:
        """It will never arrive; the next message of the chat may go."""
        ...

    async def still_waits(self, message_id: int) -> bool:
        """Whether a message that may lapse is still to be sent."""
        ...

    async def mark_blocked(self, reference: str, *, at: datetime) -> None:
        """The person blocked the bot: what waits for them is dropped and nothing is planned for them."""
        ...
