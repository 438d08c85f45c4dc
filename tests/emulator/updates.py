"""PURE: the queue of updates on their way to the bot; how they travel is left to `delivery`."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

# Telegram sends these kinds only to bots that ask for them by name.
ON_REQUEST_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass
class Waiting:
    """An update on its way: `lane` is the queue in which it may not be overtaken."""

    update: Json
    lane: str
    expires_at: float
    again: bool = False
    held: bool = False
    held_until: int | None = None

    @property
    def id(self) -> int:
        return int(self.update["update_id"])

    @property
    def kind(self) -> str:
        return next(key for key in self.update if key != "update_id")


@dataclass(frozen=True)
class Webhook:
    url: str
    secret_token: str = ""
    max_connections: int = 40


@dataclass(kw_only=True)
class UpdateQueue:
    waiting: list[Waiting] = field(default_factory=list)
    emitted: list[Json] = field(default_factory=list)
    webhook: Webhook | None = None
    allowed_updates: list[str] = field(default_factory=list)
    next_update_id: int = 715_000_001

    def emit(self, kind: str, content: Json, lane: str, expires_at: float) -> None:
        """Queue an update, unless the bot did not ask for this kind."""
        wanted = kind in self.allowed_updates if self.allowed_updates else kind not in ON_REQUEST_ONLY
        if not wanted:
            return
        update = {"update_id": self.next_update_id, kind: content}
        self.next_update_id += 1
        self.emitted.append(update)
        self.waiting.append(Waiting(update, lane, expires_at))

    def drop_expired(self, now: float) -> None:
        self.waiting = [entry for entry in self.waiting if entry.expires_at > now]

    def confirm(self, offset: int) -> None:
        """A poller's offset confirms every update below it.

        A negative offset keeps the last so many and forgets the rest. An offset in the future (kept by a
        client over a renumbering) confirms nothing.
        """
        if offset < 0:
            self.waiting = self.waiting[offset:]
        elif offset <= self.next_update_id:
            self.waiting = [
                entry for entry in self.waiting if entry.id >= offset or entry.held or self._once_more(entry)
            ]

    def available(self, now: float) -> list[Waiting]:
        """Updates that nothing holds back, oldest first; a poller sees them until it confirms."""
        self.drop_expired(now)
        return [entry for entry in self.waiting if not entry.held]

    @staticmethod
    def _once_more(entry: Waiting) -> bool:
        again, entry.again = entry.again, False
        return again

    def settle(self, entry: Waiting) -> None:
        """The webhook took this update; one marked to come again stays for a second delivery."""
        if not self._once_more(entry) and entry in self.waiting:
            self.waiting.remove(entry)
        for other in self.waiting:
            if other.held_until == entry.id:
                other.held = False

    def let_press_pass(self, press: Waiting) -> None:
        """Held texts of its chat follow this press: renumbered for a poller, under their older id for a webhook."""
        lane = f"chat:{press.update['callback_query']['message']['chat']['id']}"
        held = [other for other in self.waiting if other.held and other.held_until is None]
        for entry in [other for other in held if other.lane == lane]:
            if self.webhook is not None:
                entry.held_until = press.id
                continue
            entry.held, entry.update["update_id"] = False, self.next_update_id
            self.next_update_id += 1
            self.waiting.remove(entry)
            self.waiting.append(entry)

    def head_of(self, lane: str) -> Waiting | None:
        return next((entry for entry in self.waiting if entry.lane == lane), None)
