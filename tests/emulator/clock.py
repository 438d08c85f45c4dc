"""The emulator's own time, which a test may advance or speed up, and the bell that wakes whoever waits."""

import asyncio
import time
from collections.abc import Callable


class Bell:
    """Wakes every waiter at each change; a waiter looks for itself whether the change concerns it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def heard(self, seconds: float | None) -> None:
        """Return at the next ring, or after so many real seconds."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return


class VirtualClock:
    """Seconds since 1970 (UTC) that start at the real time and then go their own way."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._stopped = False
        self.reset()

    def reset(self) -> None:
        self.rate = 1.0
        self._base = time.time()
        self._since = time.monotonic()
        self._bell.ring()

    def now(self) -> float:
        return self._base + (time.monotonic() - self._since) * self.rate

    def set(self, *, now: float | None = None, advance: float = 0.0, rate: float | None = None) -> None:
        """Jump to `now` or over `advance` seconds; from then on a real second counts for `rate`."""
        self._base = (self.now() if now is None else now) + advance
        self._since = time.monotonic()
        self.rate = self.rate if rate is None else rate
        self._bell.ring()

    async def wait_until(self, ready: Callable[[], bool], seconds: float, *, real: bool = False) -> bool:
        """Wait for `ready` so many seconds of this clock (or the real one); tell whether it came."""
        read = time.monotonic if real else self.now
        until = read() + seconds
        while not ready():
            left = until - read()
            if left <= 0 or self._stopped:
                return False
            await self._bell.heard(left if real else left / self.rate if self.rate > 0 else None)
        return True

    def stop(self) -> None:
        """Every wait ends here, the coming ones too: the process is to end."""
        self._stopped = True
        self._bell.ring()

    async def sleep(self, seconds: float) -> None:
        await self.wait_until(lambda: False, seconds)
