"""Meemakers' own calendars, from the address to the times at which they are not planned, on both databases."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from app.own_calendars import AGAIN, EVERY, PATIENCE, UNREAD, OwnCalendars
from bot.ports import Changes
from bot.texts.catalogue import load_catalogue
from domain.session import Stretch
from scheduler.busy_times import CalendarTrouble, Unreadable
from storage import Store
from storage.sessions import SessionTable
from storage.work import DueWork
from tests.contract.test_sessions import NOW, PROFESSIONAL, RESIDENT, at, do
from tests.patience import PATIENCE as A_LONG_TIME
from tests.unit.storage.talking import saving

pytestmark = pytest.mark.anyio

LINK, OTHER = "https://example.org/own.ics", "https://example.org/other.ics"
BUSY, LATER = Stretch(at(9), at(10)), Stretch(at(13), at(14))
Found = tuple[Stretch, ...] | Unreadable


@dataclass
class World:
    """`says` is what stands at each address from now on."""

    store: Store
    now: datetime = NOW
    says: dict[str, Found] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.calendars = self.started()

    def started(self) -> OwnCalendars:
        return OwnCalendars(self.store, load_catalogue(), lambda: self.now, self.fetch)

    async def fetch(self, link: str, begin: datetime, end: datetime) -> Found:
        self.asked.append(link)
        return self.says[link]

    async def look(self, **later: float) -> None:
        self.now += timedelta(**later)
        await self.calendars.look()
        await self.calendars.settle()

    async def give(self, link: str) -> None:
        await do(self.store, lambda db: db.set_calendar("fatima", link))

    async def away(self) -> Sequence[Stretch]:
        people = await do(self.store, lambda db: db.meemakers())
        return next(each.away for each in people if each.id == "fatima")

    async def do_due(self) -> list[DueWork]:
        due = await self.store.claim_work(now=self.now, limit=9, lease=timedelta(minutes=2))
        for each in due:
            await self.calendars.tell(each, self.now)
        return [each for each in due if each.kind == UNREAD]

    async def told(self) -> list[str]:
        """What is sent to the meemaker, each once."""
        found = []
        while claimed := await self.store.claim(
            "telegram", now=self.now, limit=9, lease=timedelta(minutes=2)
        ):
            for each in claimed:
                found.append(each.message.text)
                await self.store.mark_sent(each.id, at=self.now)
        return found


@pytest.fixture
async def world(store: Store) -> World:
    found = await store.turn(saving(Changes("{}")))
    assert found is not None

    def job(db: SessionTable) -> None:
        db.put_meemaker(replace(RESIDENT, reference=found.reference), name="Fatima", at=NOW)
        db.put_meemaker(PROFESSIONAL, name="Jan", at=NOW)

    await do(store, job)
    return World(store)


async def test_busy_times_replace_those_of_before(world: World) -> None:
    await world.give(LINK)
    world.says[LINK] = (BUSY,)
    await world.look()
    assert await world.away() == (BUSY,)

    world.says[LINK] = (LATER,)
    await world.look(minutes=5)
    assert (await world.away(), world.asked) == ((BUSY,), [LINK])  # it was read a moment ago

    await world.look(seconds=EVERY.total_seconds())
    assert await world.away() == (LATER,)
    assert await world.told() == []


async def test_another_link_is_read_at_the_next_look(world: World) -> None:
    world.says |= {LINK: (BUSY,), OTHER: (LATER,)}
    await world.give(LINK)
    await world.look()
    await world.give(OTHER)
    await world.look(minutes=1)

    assert (await world.away(), world.asked) == ((LATER,), [LINK, OTHER])

    world.says[OTHER] = Unreadable(CalendarTrouble.AWAY)
    await world.look(hours=4)
    assert await world.told() == []  # it worked before


async def test_what_was_read_of_a_link_that_is_gone_meanwhile_is_not_kept(world: World) -> None:
    await world.give(LINK)

    async def slow(link: str, begin: datetime, end: datetime) -> Found:
        await world.give("")
        return (BUSY,)

    calendars = OwnCalendars(world.store, load_catalogue(), lambda: NOW, slow)
    await calendars.look()
    await calendars.settle()

    assert await world.away() == ()


@pytest.mark.parametrize("trouble", [CalendarTrouble.TOO_LARGE, CalendarTrouble.TOO_SLOW])
async def test_new_link_that_cannot_be_read_is_told_at_once(world: World, trouble: CalendarTrouble) -> None:
    await world.look()
    await world.give(LINK)
    world.says[LINK] = Unreadable(trouble)
    await world.look(minutes=1)
    await world.look(hours=4)

    assert await world.told() == [load_catalogue().sentence(f"calendar.trouble.{trouble}", "nl")]
    assert await world.away() == ()


async def test_three_days_of_trouble_are_told_once_and_the_old_times_stay(world: World) -> None:
    await world.give(LINK)
    world.says[LINK] = (BUSY,)
    await world.look()
    world.says[LINK] = Unreadable(CalendarTrouble.AWAY)

    told = []
    for _ in range(12):  # six days
        await world.look(hours=12)
        await world.do_due()
        told.append(await world.told())

    assert await world.away() == (BUSY,)
    when = int(PATIENCE / timedelta(hours=12))
    assert [number for number, each in enumerate(told) if each] == [when]
    assert told[when] == [load_catalogue().sentence("calendar.not_read", "nl")]


async def test_trouble_that_ends_in_time_is_not_told(world: World) -> None:
    await world.give(LINK)
    world.says[LINK] = Unreadable(CalendarTrouble.AWAY)
    await world.look()
    world.says[LINK] = (BUSY,)
    await world.look(hours=4)
    world.now += PATIENCE

    assert await world.do_due() == []
    assert (await world.told(), await world.away()) == ([], (BUSY,))


async def test_who_took_the_link_away_meanwhile_hears_nothing(world: World) -> None:
    await world.give(LINK)
    world.says[LINK] = Unreadable(CalendarTrouble.AWAY)
    await world.look()
    await world.give("")
    world.now += PATIENCE

    await world.do_due()
    assert await world.told() == []


async def test_one_that_crashes_does_not_hold_up_the_others(world: World) -> None:
    await world.give(LINK)
    await do(world.store, lambda db: db.set_calendar("jan", OTHER))
    world.says[LINK] = (BUSY,)  # and nothing for the other: an error that nobody foresaw

    await world.look()

    assert await world.away() == (BUSY,)


async def test_one_that_takes_long_does_not_hold_up_one_that_is_given_meanwhile(world: World) -> None:
    answered = asyncio.Event()

    async def fetch(link: str, begin: datetime, end: datetime) -> Found:
        if link == OTHER:
            await asyncio.Event().wait()
        answered.set()
        return Unreadable(CalendarTrouble.PRIVATE)

    calendars = OwnCalendars(world.store, load_catalogue(), lambda: NOW, fetch)
    await do(world.store, lambda db: db.set_calendar("jan", OTHER))
    async with asyncio.timeout(A_LONG_TIME):
        await calendars.look()
        await world.give(LINK)
        await calendars.look()
        await answered.wait()
    await calendars.close()


async def test_link_that_is_given_before_the_first_look_is_new(world: World) -> None:
    await world.calendars.begin()
    await world.give(LINK)
    world.says[LINK] = Unreadable(CalendarTrouble.PRIVATE)
    await world.look()

    assert await world.told() == [load_catalogue().sentence("calendar.trouble.private", "nl")]


async def test_link_of_which_nothing_could_be_kept_is_still_new_when_it_is_read_again(world: World) -> None:
    await world.look()
    await world.give(LINK)
    await world.look()  # an error that nobody foresaw
    world.says[LINK] = Unreadable(CalendarTrouble.PRIVATE)
    await world.look()
    assert (world.asked, await world.told()) == ([LINK], [])  # not at every look
    await world.look(seconds=AGAIN.total_seconds())

    assert await world.told() == [load_catalogue().sentence("calendar.trouble.private", "nl")]
