"""PURE: Telegram's sending limits as token buckets; time is handed in, in seconds."""

import math
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """Refills at `per_second` up to `burst`; `take` answers the seconds until the next token, or 0."""

    per_second: float
    burst: float
    tokens: float = -1.0
    at: float = 0.0

    def wait_for_token(self, now: float) -> float:
        if self.tokens < 0:
            self.tokens, self.at = self.burst, now
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.per_second)
        self.at = now
        # A rounding error must not turn a second waited out into a second refusal.
        return 0.0 if self.tokens >= 1 - 1e-6 else (1 - self.tokens) / self.per_second

    def take(self) -> None:
        self.tokens = max(0.0, self.tokens - 1)


@dataclass
class SendingLimits:
    """30 messages a second in all, 1 a second to a person, 20 a minute to a group, with short bursts.

    Telegram does not publish its bursts; ours are a choice. `factor` makes every limit so much wider.
    """

    enabled: bool = True
    factor: float = 1.0
    private_burst: float = 5.0
    buckets: dict[int, Bucket] = field(default_factory=dict)

    def configure(self, enabled: bool = True, factor: float = 1.0, private_burst: float = 5.0) -> None:
        self.enabled, self.factor, self.private_burst = enabled, factor, private_burst
        self.buckets.clear()

    def take(self, chat_id: int, now: float) -> int:
        """Count one message to a chat: 0 when it may go, otherwise the whole seconds to wait."""
        if not self.enabled:
            return 0
        buckets = (self._bucket(0), self._bucket(chat_id))
        wait = max(bucket.wait_for_token(now) for bucket in buckets)
        if wait > 0:
            return max(1, math.ceil(wait))
        for bucket in buckets:
            bucket.take()
        return 0

    def _bucket(self, chat_id: int) -> Bucket:
        """Number 0 is no chat: it is the bucket of the bot as a whole."""
        if chat_id not in self.buckets:
            group = (20 / 60, 20.0)
            rate, burst = (
                (30.0, 30.0) if chat_id == 0 else group if chat_id < 0 else (1.0, self.private_burst)
            )
            self.buckets[chat_id] = Bucket(rate * self.factor, burst)
        return self.buckets[chat_id]
