"""The plan of every night. It runs in a tick of its own, beside all other due work, and in one process at a time.

That there is a next night is a row of due work. Whoever plans has a lease on it and renews that while the sums are made, and
in each transaction that publishes. A process that dies lets it end; then another begins again, and whoever has an offer by
then is left alone. A process that was away for so long that another began publishes nothing more.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from app.plan_beside import plan_beside
from app.planning import publish, read_waiting
from domain.session import TalkRequest
from scheduler.fits import Town
from scheduler.nightly import next_night
from scheduler.planning.waiting import Preview
from storage.base import Store
from storage.sessions import SessionTable

Planner = Callable[[Town, Sequence[TalkRequest], datetime, float], Awaitable[Preview]]
log = structlog.get_logger()

PLAN_NIGHT = "plan_night"
"""The kind of its row, which nobody else claims."""

KEY = "plan:night"
SECONDS = 60.0
LEASE = timedelta(minutes=2)
BEAT_SECONDS = 20.0
"""How often the lease is renewed while the sums are made."""


class LeaseLost(Exception):
    """Another process does this by now."""


class NightlyPlan:
    """`now` gives UTC."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        planner: Planner = plan_beside,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._store, self._now, self._planner = store, now, planner
        self._beat_seconds = beat_seconds

    async def look(self) -> None:
        """Plans when it is time and nobody else does. Sees to it that there is a next night."""
        lease = await _begin(self._store, self._now)
        if lease is None:
            return
        try:
            await self._plan(lease)
        except LeaseLost:
            log.warning("plan_lost")

    async def _plan(self, lease: "_Lease") -> None:
        read = await read_waiting(self._store, self._now())
        async with lease.renewed(self._beat_seconds):
            found = await self._planner(read.town, read.requests, self._now(), SECONDS)
        done = await publish(lease.run, found, self._now)
        await lease.run(self._plan_next)
        log.info("planned", placed=len(done.held), taken=len(done.taken), not_placed=len(found.not_placed))

    def _plan_next(self, table: SessionTable) -> bool:
        table.plan(KEY, PLAN_NIGHT, "", next_night(self._now()))
        return True


class _Lease:
    """That it is for this process to plan, until a moment that `renewed` and `run` put off."""

    def __init__(self, store: Store, now: Callable[[], datetime], until: datetime) -> None:
        self._store, self._now, self._until = store, now, until

    async def run(self, job: Callable[[SessionTable], bool]) -> bool:
        """In one transaction that is only done while the lease is ours. Raises LeaseLost."""
        until = self._now() + LEASE

        def extended(table: SessionTable) -> bool | None:
            return job(table) if table.extend(KEY, self._until, until=until) else None

        done = await self._store.with_sessions(extended)
        if done is None:
            raise LeaseLost
        self._until = until
        return done

    @contextlib.asynccontextmanager
    async def renewed(self, every: float) -> AsyncIterator[None]:
        """Again and again meanwhile. Raises LeaseLost at the end, when it was lost."""
        stop = asyncio.Event()
        beating = asyncio.create_task(self._beat(stop, every))
        try:
            yield
        finally:
            stop.set()
            await beating

    async def _beat(self, stop: asyncio.Event, every: float) -> None:
        while not stop.is_set():
            await self.run(lambda table: True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)


async def _begin(store: Store, now: Callable[[], datetime]) -> _Lease | None:
    """What this process has to do now, if it is time and nobody else has it."""
    at = now()

    def lease(table: SessionTable) -> bool:
        if not table.is_planned(KEY):
            table.plan(KEY, PLAN_NIGHT, "", next_night(at))
        return table.lease(KEY, now=at, until=at + LEASE)

    return _Lease(store, now, at + LEASE) if await store.with_sessions(lease) else None
