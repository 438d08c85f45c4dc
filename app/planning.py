"""Plans for the waiting list: a preview, and publishing what it says. By night that happens by itself: see app.night_plan.

To publish is to hold one talk for each resident for a day, and to tell them by day. Nothing is booked: they say yes or not.
Talks that stand are never touched. Who has something on offer already is left alone, so publishing again tells nobody twice.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from app.settings import Settings
from app.staff import open_desk
from app.wiring import House, new_id, utc_now
from bot.ports import TurnDb
from domain.audit import AuditAction, AuditEntry
from domain.session import News, Offer, Reason, RequestStatus, TalkRequest, Tell
from scheduler.claims import talk_offered
from scheduler.fits import Fits, Town
from scheduler.hours import AMSTERDAM
from scheduler.offers import Proposal
from scheduler.planning.waiting import AHEAD, FREEZE, Placed, Preview, plan_waiting
from scheduler.reminding import by_day
from scheduler.taking import Taking
from storage.base import Store
from storage.sessions import SessionTable
from storage.work import DueWork

Say = Callable[[str], None]
Run = Callable[[Callable[[SessionTable], bool]], Awaitable[bool]]
"""Runs a job in one transaction."""

PLAN_TOLD, PLAN_REST = "plan_told", "plan_rest"
"""The kinds of work: to tell somebody by day that there is something for them; and to leave whoever was told in peace for a
while."""

HOLD = timedelta(hours=24)
"""How long a planned talk is held, from when the resident hears of it."""

REST = timedelta(days=7)
"""Who let an offer go by hears of the next no sooner. What they ask for themselves they get at any time."""

REASONS = {
    Reason.NO_TIME: "named no time that is still to come",
    Reason.NO_LANGUAGE: "no duo speaks the language",
    Reason.NO_GENDER: "no such duo has a woman, or a man, as asked for",
    Reason.NO_PLACE: "there is no location in a neighbourhood they accept",
    Reason.NO_STEP_FREE: "no such location is without steps",
    Reason.NO_DUO_NEARBY: "no such duo comes to such a neighbourhood",
    Reason.NO_COMMON_TIME: "resident, duo and location are never all free together",
    Reason.FULL: "all that would fit is taken, or within 48 hours",
}


@dataclass(frozen=True, slots=True)
class Published:
    """`taken` are those whose talk somebody else took, or who changed their mind, since the plan was made."""

    held: tuple[str, ...]
    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits in a town as it stands at one moment; `names` of meemakers, by id."""

    town: Town
    requests: tuple[TalkRequest, ...]
    names: dict[str, str]


async def preview(store: Store, now: datetime, time_limit: float) -> tuple[Preview, list[str]]:
    """The plan and its lines to show; changes nothing. Raises DomainError("storage_unavailable")."""
    read = await read_waiting(store, now)
    found = await asyncio.to_thread(
        plan_waiting, read.town, read.requests, now=now, clock=time.monotonic, time_limit=time_limit
    )
    return found, _lines(found, read, now)


async def read_waiting(store: Store, now: datetime) -> Waiting:
    return await store.with_sessions(lambda table: _read(table, now))


async def publish(run: Run, found: Preview, now: Callable[[], datetime]) -> Published:
    """A transaction for each resident, in which everything is looked at again: what was taken or changed since the plan was
    made is nobody else's trouble."""
    held: list[str] = []
    taken: list[str] = []
    for each in found.placed:
        won = await run(partial(_hold, placed=each, now=now()))
        (held if won else taken).append(each.reference)
    return Published(tuple(held), tuple(taken))


async def plan_now(settings: Settings, time_limit: float, *, publishing: bool, say: Say) -> None:
    """The command `plan` without --input."""
    async with open_desk(settings, say) as house:
        now = utc_now()
        found, lines = await preview(house.store, now, time_limit)
        thing = "held" if publishing else "preview"
        # Names and who waits for a talk are about to be shown.
        await house.store.note(
            AuditEntry(AuditAction.PLAN, now, settings.operator, thing, count=len(found.placed))
        )
        for line in lines:
            say(line)
        if not publishing:
            say("Nothing is held and nobody hears of it. Add --publish to offer this to the residents.")
            return
        done = await publish(house.store.with_sessions, found, utc_now)
    say(f"{len(done.held)} talks are held for a day; residents hear of it once, by day.")
    for reference in done.taken:
        say(f"{reference}: taken by somebody else in the meantime, or no longer asked for.")


async def do_plan_told(house: House, due: DueWork, now: datetime) -> None:
    """Tells a resident of what is held for them, unless they took or lost it already."""

    def run(db: TurnDb) -> None:
        if not db.desk.finish(due.key) or house.talk_news is None:
            return
        if cast(SessionTable, db.sessions).offers_of(due.reference, now=now):
            house.talk_news.tell(db, [Tell(due.reference, News.OFFERED, "")], now)

    await house.store.turn(run)


async def do_plan_rest(house: House, due: DueWork, _now: datetime) -> None:
    """The time of peace is over."""
    await house.store.with_sessions(lambda table: table.unplan(due.key))


def _read(table: SessionTable, now: datetime) -> Waiting:
    town = Taking(table).town(now)
    names = table.names([each.id for each in town.meemakers])
    requests = tuple(each for each in table.open_requests() if _waits(table, each, now))
    return Waiting(town, requests, dict(names))


def _waits(table: SessionTable, request: TalkRequest, now: datetime) -> bool:
    return (
        request.status is not RequestStatus.BOOKED
        and not table.is_planned(_rest_key(request.reference))
        and not table.offers_of(request.reference, now=now)
        and not any(each.when.start > now for each in table.sessions_of(request.reference, since=now))
    )


def _hold(table: SessionTable, placed: Placed, now: datetime) -> bool:
    """Whether it is held for them now."""
    reference, what = placed.reference, placed.proposal
    request = table.request(reference)
    if request is None or not _waits(table, request, now) or not _still_fits(table, request, what, now):
        return False
    tell_at = by_day(now)
    offer = Offer(new_id(), what.kind, what.duo.id, what.place, what.room, what.when, tell_at + HOLD)
    talk = talk_offered(offer, what.meemakers, reference, seats=what.seats, joins=bool(what.joins))
    if not Taking(table).hold(offer.id, talk, until=offer.until, now=now):
        return False
    table.put_offer(reference, offer)
    table.put_request(TalkRequest(reference, request.wish, request.since, RequestStatus.OPEN))
    table.plan(f"{PLAN_TOLD}:{reference}", PLAN_TOLD, reference, tell_at)
    table.plan(_rest_key(reference), PLAN_REST, reference, tell_at + REST)
    return True


def _still_fits(table: SessionTable, request: TalkRequest, what: Proposal, now: datetime) -> bool:
    """Whether it is what they wish now, with a duo and a place as they are now, and not too soon. Whether it is free is asked
    when it is held."""
    town = replace(Taking(table).town(now), taken=())
    fits = Fits(request.reference, request.wish, town, now)
    if request.wish.kind is not what.kind or what.when.start < now + FREEZE:
        return False
    if what.joins:
        return any(session.id == what.joins for session, _ in fits.groups)
    starts = fits.starts.get(what.place, {}).get(what.duo.id, 0)
    can_be = bool(starts >> fits.grid.bit(what.when.start) & 1) and what.duo in town.duos
    return can_be and what.room in fits.spots[what.place].rooms_for(what.kind)


def _rest_key(reference: str) -> str:
    return f"{PLAN_REST}:{reference}"


def _lines(found: Preview, read: Waiting, now: datetime) -> list[str]:
    places = {each.id: each.name for each in read.town.places}
    rows = [("RESIDENT", "WHEN", "WHERE", "DUO")]
    for each in found.placed:
        what = each.proposal
        duo = " and ".join(read.names.get(member, member) for member in what.meemakers)
        when = f"{what.when.start.astimezone(AMSTERDAM):%a %d %b %Y %H:%M}"
        rows.append((each.reference, when, places.get(what.place or "", "at home"), duo))
    lines = [f"New: {len(found.placed)}", *_table(rows)] if found.placed else ["New: 0"]
    lines.append("Moved: 0. Talks that stand stay as they are.")
    begin, end = ((now + each).astimezone(AMSTERDAM) for each in (FREEZE, AHEAD))
    lines.append(f"Looked at: {begin:%a %d %b %Y %H:%M} to {end:%a %d %b %Y %H:%M}, and nothing sooner.")
    lines.append(f"Not placed: {len(found.not_placed)}")
    lines += [f"  {who}: {REASONS[why]}" for who, why in found.not_placed]
    if found.method == "greedy":
        how = "first come, first served: no solver is installed, or there was no time for it"
    else:
        how = f"worth {found.objective}, at most {found.bound:.0f} is possible, gap {found.gap:.2%}"
    return [*lines, f"The plan: {how}; {found.seconds:.1f} s."]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
