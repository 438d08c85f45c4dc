"""Every night what has had its time goes: in one process at a time, whose lease lasts a little longer with each piece of it.

That there is a next night is a row of due work. A process that dies lets its lease end; then another goes on where it was.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from app.wiring import new_id
from scheduler.nightly import next_night
from storage.base import Store
from storage.retention import Retention
from storage.sessions import SessionStatements, SessionTable
from storage.statements import Db

log = structlog.get_logger()

RETENTION_NIGHT = "retention_night"
"""The kind of its row, which nobody else claims."""

KEY = "retention:night"
LEASE = timedelta(minutes=2)


class NightlyRetention:
    """`days` says for each rule how long; `now` gives UTC."""

    def __init__(self, store: Store, days: Mapping[str, int], now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now
        self._retention = Retention(store, days, new_id)
        self._sessions = SessionStatements(store.dialect)
        self._leases: list[datetime] = []

    async def look(self) -> None:
        """Does it when it is time and nobody else does. Sees to it that there is a next night."""
        if not await self._store.transact(self._lease):
            return
        done = await self._retention.run(self._now(), go_on=self._extend)
        if done is None or not await self._store.transact(self._plan_next):
            log.warning("retention_lost")
            return
        log.info("retention", **{rule: counts.total() for rule, counts in done.items()})

    def _lease(self, db: Db) -> bool:
        table, at = SessionTable(db, self._sessions), self._now()
        if not table.is_planned(KEY):
            table.plan(KEY, RETENTION_NIGHT, "", next_night(at))
        self._leases = [at + LEASE]
        return table.lease(KEY, now=at, until=at + LEASE)

    def _extend(self, db: Db) -> bool:
        """Whether it is still for this process to do. A transaction that was tried twice, or not kept, left what was before."""
        until, table = self._now() + LEASE, SessionTable(db, self._sessions)
        for mine in reversed(self._leases[-2:]):
            if table.extend(KEY, mine, until=until):
                self._leases.append(until)
                return True
        return False

    def _plan_next(self, db: Db) -> bool:
        is_ours = self._extend(db)
        if is_ours:
            SessionTable(db, self._sessions).plan(KEY, RETENTION_NIGHT, "", next_night(self._now()))
        return is_ours
