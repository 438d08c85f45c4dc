"""Does what is due: claims rows of due work and gives each to the part that planned it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from app.wiring import House
from bot.reception.reception import TALK
from bot.reception.signals import SIGNAL
from storage.work import DueWork

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
AT_ONCE = 20

Doing = Callable[[House, DueWork, datetime], Awaitable[None]]


async def _look_after(house: House, due: DueWork, now: datetime) -> None:
    await house.conversations.act(due.kind, due.key, due.reference, now)


DOING: Mapping[str, Doing] = {TALK: _look_after, SIGNAL: _look_after}
"""Who does which kind of work. Each finishes the row itself, in the transaction that does what it asks for."""


async def do_due_work(house: House, now: datetime) -> None:
    """One look. Work that fails comes back when its lease ends; work of an unknown kind waits for a program that
    knows it."""
    for due in await house.store.claim_work(now=now, limit=AT_ONCE, lease=LEASE):
        doing = DOING.get(due.kind)
        if doing is None:
            log.warning("work_unknown", kind=due.kind)
            continue
        try:
            await doing(house, due, now)
        except Exception as trouble:  # one that fails must not hold up the others
            log.error("work_failed", kind=due.kind, error=type(trouble).__name__)
