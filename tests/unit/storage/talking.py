"""Turns as a conversation would take them, and a look at what is stored, for tests of any storage."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.dialogue.effects import Record
from bot.ports import Changes, Conversation, NewResponse, RecordedConsent, TurnDb
from domain.answer import Answer, answered
from domain.consent import Purpose
from domain.message import Message
from storage import Store

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHAT = "chat-1"
CHANNEL = "telegram"
BEGIN = NewResponse("response-1", "veerkracht", "1", "nl")


def answer(path: str, value: str | Answer = "ja", purpose: Purpose = Purpose.ANSWERS) -> Record:
    return Record(path, value if isinstance(value, Answer) else answered(value), purpose, "tap")


def consent(purpose: Purpose = Purpose.ANSWERS, given: bool = True) -> RecordedConsent:
    return RecordedConsent(purpose, given, "2026-01")


def words(*texts: str) -> tuple[Message, ...]:
    return tuple(Message(text) for text in texts)


def saving(
    changes: Changes,
    *,
    ref: str = CHAT,
    channel: str = CHANNEL,
    update: str | None = None,
    at: datetime = AT,
    simulated: bool = False,
) -> Callable[[TurnDb], Conversation | None]:
    """A turn that saves `changes`; None when the update was taken before."""

    def work(db: TurnDb) -> Conversation | None:
        if update is not None and db.earlier_reply(channel, update) is not None:
            return None
        found = db.load(channel, ref)
        if simulated:
            found = Conversation(
                found.reference, channel, found.state, found.revision, found.response, True, found.is_new
            )
        db.save(found, changes, channel_ref=ref, update_id=update, at=at)
        return found

    return work


def loading(ref: str = CHAT, channel: str = CHANNEL) -> Callable[[TurnDb], Conversation]:
    return lambda db: db.load(channel, ref)


def stored(store: Store, columns: str, rest: str = "") -> list[tuple[Any, ...]]:
    """What stands in a table: stored(store, "path, value", "answers ORDER BY id")."""
    with store.reading() as db:
        return [tuple(row) for row in db._execute(f"SELECT {columns} FROM {rest}", {}).fetchall()]
