"""A store that keeps conversations in memory, for tests of what stands above it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import TypeVar

from bot.ports import Changes, Conversation, TurnDb
from domain.campaign import Campaign
from domain.errors import DomainError
from domain.message import Message

T = TypeVar("T")


class FakeStore:
    """Every save is kept in `saved`, in order. With `down` set, the storage is out of reach."""

    def __init__(self) -> None:
        self.conversations: dict[tuple[str, str], Conversation] = {}
        self.replies: dict[tuple[str, str], tuple[Message, ...]] = {}
        self.saved: list[Changes] = []
        self.turns: list[tuple[Conversation, Changes]] = []
        self.campaigns: dict[str, Campaign] = {}
        self.done: set[tuple[str, str]] = set()
        self.links: dict[str, str] = {}
        self.pseudonyms: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.down = False
        self.held = False
        """Set by a reply that waits for more words; a test clears it to say that it was sent."""
        self.open = False
        self._numbers = count(1)

    async def turn(self, work: Callable[[TurnDb], T]) -> T:
        if self.down:
            raise DomainError("storage_unavailable")
        assert not self.open, "a turn within a turn"
        self.open = True
        try:
            return work(self)
        finally:
            self.open = False

    def load(self, channel: str, channel_ref: str) -> Conversation:
        found = self.conversations.get((channel, channel_ref))
        return found or Conversation(f"ref-{next(self._numbers)}", channel, is_new=True)

    @property
    def meemakers(self) -> "FakeStore":
        return self

    def own_data(self, reference: str, at: datetime) -> str:
        return "{}"

    def find(self, reference: str) -> Conversation | None:
        return next((each for each in self.conversations.values() if each.reference == reference), None)

    def campaign(self, code: str, reference: str) -> tuple[Campaign, bool] | None:
        found = self.campaigns.get(code)
        return (found, (code, reference) in self.done) if found else None

    def redeem(self, code: str, reference: str, at: datetime) -> bool:
        if code not in self.links:
            return False
        self.pseudonyms[reference] = self.links.pop(code)
        return True

    def id_of(self, reference: str) -> str:
        return self.pseudonyms.get(reference, "")

    def keep_code(self, reference: str, code: str) -> None:
        self.codes[code] = reference

    def erase(self, code: str, at: datetime, *, receipt: str) -> bool:
        gone = self.codes.pop(code, None)
        self.conversations = {k: v for k, v in self.conversations.items() if v.reference != gone}
        return gone is not None

    def earlier_reply(self, channel: str, update_id: str) -> tuple[Message, ...] | None:
        return self.replies.get((channel, update_id))

    def has_held(self, reference: str) -> bool:
        return self.held

    def mark(self, channel: str, channel_ref: str, message: str) -> str:
        return f"{channel}-{channel_ref}-{message}"

    def save(
        self,
        conversation: Conversation,
        changes: Changes,
        *,
        channel_ref: str,
        update_id: str | None,
        at: datetime,
    ) -> None:
        self.saved.append(changes)
        self.held = bool(changes.hold) or (self.held and not changes.held)
        self.turns.append((conversation, changes))
        if update_id is not None:
            self.replies[conversation.channel, update_id] = (
                () if changes.deliver_later else tuple(changes.messages)
            )
        key = (conversation.channel, conversation.reference if conversation.via else channel_ref)
        if changes.erase:
            self.conversations.pop(key, None)
            return
        response = changes.begin.id if changes.begin else "" if changes.forget else conversation.response
        self.conversations[key] = replace(
            conversation,
            state=changes.state,
            revision=conversation.revision + 1,
            response=response,
            is_new=False,
        )
