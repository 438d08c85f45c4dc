"""Does what is due: claims rows of due work and gives each to the part that planned it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from app.own_calendars import UNREAD, OwnCalendars
from app.planning import PLAN_REST, PLAN_TOLD, do_plan_rest, do_plan_told
from app.street_news import STREET_NEWS, do_street_changed, do_street_news
from app.talk_news import KINDS as TALK_KINDS
from app.wiring import House
from bot.reception.reception import TALK
from bot.reception.signals import SIGNAL
from domain.session import STREET_CHANGED
from storage.work import DueWork

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
AT_ONCE = 20

Doing = Callable[[House, DueWork, datetime], Awaitable[None]]


async def _look_after(house: House, due: DueWork, now: datetime) -> None:
    await house.conversations.act(due.kind, due.key, due.reference, now)


async def _tell_of_talk(house: House, due: DueWork, now: datetime) -> None:
    if house.talk_news is not None:
        await house.talk_news.do(due, now)


async def _tell_of_calendar(house: House, due: DueWork, now: datetime) -> None:
    await OwnCalendars(house.store, house.catalogue, house.now).tell(due, now)


DOING: Mapping[str, Doing] = {
    TALK: _look_after,
    SIGNAL: _look_after,
    UNREAD: _tell_of_calendar,
    STREET_NEWS: do_street_news,
    STREET_CHANGED: do_street_changed,
    PLAN_TOLD: do_plan_told,
    PLAN_REST: do_plan_rest,
    **dict.fromkeys(TALK_KINDS, _tell_of_talk),
}
"""Who does which kind of work. Each finishes the row itself, in the transaction that does what it asks for."""


async def do_due_work(house: House, now: datetime) -> None:
    """All that is due now. Work that fails comes back when its lease ends; work of an unknown kind waits for a program
    that knows it."""
    while found := await house.store.claim_work(now=now, limit=AT_ONCE, lease=LEASE):
        for due in found:
            await _do(house, due, now)


async def _do(house: House, due: DueWork, now: datetime) -> None:
    doing = DOING.get(due.kind)
    if doing is None:
        log.warning("work_unknown", kind=due.kind)
        return
    try:
        await doing(house, due, now)
    except Exception as trouble:  # one that fails must not hold up the others
        log.error("work_failed", kind=due.kind, error=type(trouble).__name__)
