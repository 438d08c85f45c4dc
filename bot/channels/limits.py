"""How often somebody may ask: token buckets in bounded memory; who is who and what a refusal says is for others."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_minute` in the long run."""

    per_minute: float
    burst: int


class Limiter:
    """One bucket per key. `clock` counts seconds and is best monotonic; a clock that goes back only pauses filling.

    At most `capacity` keys are remembered: the one that was quiet longest is forgotten first, and starts full again.
    """

    def __init__(self, rate: Rate, *, clock: Callable[[], float], capacity: int = 20_000) -> None:
        self._per_second = rate.per_minute / 60
        self._burst = float(rate.burst)
        self._clock = clock
        self._capacity = capacity
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    @property
    def remembered(self) -> int:
        """How many keys have a bucket now."""
        return len(self._buckets)

    def take(self, key: str) -> float:
        """Takes one token and gives 0.0, or leaves the bucket alone and gives the seconds until there is one."""
        now = self._clock()
        level, at = self._buckets.pop(key, (self._burst, now))
        level = min(self._burst, level + max(0.0, now - at) * self._per_second)
        wait = 0.0 if level >= 1 else (1 - level) / self._per_second
        self._buckets[key] = (level - 1 if wait == 0.0 else level, now)
        if len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)
        return wait

    def give_back(self, key: str) -> None:
        """Undoes one `take` that gave 0.0, for what was not done and comes again."""
        if key in self._buckets:
            level, at = self._buckets[key]
            self._buckets[key] = (min(self._burst, level + 1), at)
