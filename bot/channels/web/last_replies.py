"""The last reply to a browser without JavaScript, so that it can show it after its form was sent; memory only."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from domain.message import Message

KEEP_SECONDS = 30 * 60


@dataclass(frozen=True, slots=True)
class LastReply:
    messages: tuple[Message, ...]
    language: str


class LastReplies:
    """At most `capacity` replies, each for half an hour. `clock` counts seconds. Replies, not what a person wrote."""

    def __init__(self, *, clock: Callable[[], float], capacity: int = 2_000) -> None:
        self._clock, self._capacity = clock, capacity
        self._replies: OrderedDict[str, tuple[float, LastReply]] = OrderedDict()

    @property
    def remembered(self) -> int:
        return len(self._replies)

    def put(self, channel_ref: str, reply: LastReply) -> None:
        self.drop(channel_ref)
        self._replies[channel_ref] = (self._clock(), reply)
        while self._replies and (
            len(self._replies) > self._capacity or self._is_old(next(iter(self._replies)))
        ):
            self._replies.popitem(last=False)

    def get(self, channel_ref: str) -> LastReply | None:
        if channel_ref in self._replies and self._is_old(channel_ref):
            self.drop(channel_ref)
        found = self._replies.get(channel_ref)
        return found[1] if found else None

    def drop(self, channel_ref: str) -> None:
        self._replies.pop(channel_ref, None)

    def _is_old(self, channel_ref: str) -> bool:
        return self._clock() - self._replies[channel_ref][0] > KEEP_SECONDS
