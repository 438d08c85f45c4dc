"""PURE: the script of things that go wrong, each matched on a method, a chat and the nth such call."""

from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.emulator.errors import BotApiError, ControlError

ON_CALLS = frozenset(
    {
        "too_many_requests",  # 429 with `retry_after`
        "server_error",  # 500 in Telegram's JSON
        "bad_gateway",  # 502 in HTML, as a proxy gives it
        "late_answer",  # the effect happens, the answer comes after `seconds`
        "drop_before",  # the connection breaks, nothing happened
        "drop_after",  # the connection breaks, but the effect happened
        "blocked",  # 403 although the person did not block
        "bad_request",  # 400 with `description`
    }
)
ON_DELIVERY = frozenset(
    {
        "deliver_twice",  # the same update, the same id, once more
        "press_again",  # the same press under a new update id
        "press_overtakes",  # the next text waits until a press has gone before it
        "renumber",  # when nothing is on its way, the next update gets the id `update_id`
    }
)
METHOD_OF_DELIVERY = "update"


@dataclass
class Fault:
    """Fires on the nth to (nth + times - 1)th matching call; `method` may hold `*`, for example `send*`."""

    kind: str
    method: str = "*"
    chat_id: int | None = None
    nth: int = 1
    times: int = 1
    retry_after: int = 1
    seconds: float = 1.0
    description: str = "scripted refusal"
    update_id: int = 1
    seen: int = 0

    def fires(self, method: str, chat_id: int | None) -> bool:
        if not fnmatchcase(method, self.method) or self.chat_id not in (None, chat_id):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    @property
    def spent(self) -> bool:
        return self.seen >= self.nth + self.times - 1

    def as_error(self) -> BotApiError | None:
        """The refusal that a bot reads as JSON, for the kinds that are one."""
        match self.kind:
            case "too_many_requests":
                text = f"Too Many Requests: retry after {self.retry_after}"
                return BotApiError(429, text, retry_after=self.retry_after)
            case "server_error":
                return BotApiError(500, "Internal Server Error")
            case "blocked":
                return BotApiError(403, "bot was blocked by the user")
            case "bad_request":
                return BotApiError(400, self.description)
            case _:
                return None


@dataclass
class FaultScript:
    faults: list[Fault] = field(default_factory=list)

    def add(self, described: list[dict[str, Any]]) -> None:
        for item in described:
            if item.get("kind") not in ON_CALLS | ON_DELIVERY:
                raise ControlError(f"no fault {item.get('kind')!r}; known: {sorted(ON_CALLS | ON_DELIVERY)}")
            self.faults.append(Fault(**item))

    def on_call(self, method: str, chat_id: int | None) -> Fault | None:
        """The first fault that fires; the others keep counting for their own nth."""
        firing = [fault for fault in self.faults if fault.kind in ON_CALLS and fault.fires(method, chat_id)]
        self._forget_spent()
        return firing[0] if firing else None

    def on_update(self, kinds: set[str], chat_id: int | None) -> Fault | None:
        matching = (fault for fault in self.faults if fault.kind in kinds)
        firing = next((fault for fault in matching if fault.fires(METHOD_OF_DELIVERY, chat_id)), None)
        self._forget_spent()
        return firing

    def _forget_spent(self) -> None:
        self.faults = [fault for fault in self.faults if not fault.spent]

    def left(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.faults]
