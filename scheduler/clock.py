"""The clock: wakes what looks for due work, now and again; it remembers nothing itself.

Why so: a scheduler's own job store loses and doubles jobs when many are due at once, when two processes share it, or
when one dies. What is due stands in the database; this only says "look again".
"""

from collections.abc import Awaitable, Callable
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Tick = Callable[[], Awaitable[None]]


class Clock:
    """Calls each tick every so many seconds, one run of a tick at a time. A tick that fails is called again later."""

    def __init__(self, on_trouble: Callable[[str, BaseException], None]) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._on_trouble = on_trouble

    def every(self, seconds: float, name: str, tick: Tick) -> None:
        """`name` identifies the tick in logs and must be unique."""

        async def run() -> None:
            try:
                await tick()
            except Exception as trouble:
                self._on_trouble(name, trouble)

        self._scheduler.add_job(
            run, "interval", seconds=seconds, id=name, misfire_grace_time=None, coalesce=True, max_instances=1
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
