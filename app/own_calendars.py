"""Meemakers' own calendars: every few hours, when they are busy is read anew and kept for the planning; nothing else of them.

What cannot be read changes nothing: what was read before stays. Of a link that was just given they hear at once what is
wrong with it; of one that worked before, after three days, and once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import cast

import structlog

from app.calendar_fetch import fetch_busy
from app.calendar_words import trouble_text
from bot.ports import TurnDb
from bot.texts.catalogue import LANGUAGES, Catalogue
from domain.message import Message
from domain.session import Stretch
from scheduler.busy_times import CalendarTrouble, Unreadable
from scheduler.fits import HORIZON
from storage.base import Store
from storage.people import CALENDAR
from storage.sessions import SessionTable
from storage.work import DueWork

log = structlog.get_logger()

Fetch = Callable[[str, datetime, datetime], Awaitable[tuple[Stretch, ...] | Unreadable]]

EVERY = timedelta(hours=3)
AGAIN = timedelta(minutes=5)
"""After how long one is read anew of which nothing could be kept; longer than a reading takes."""
AHEAD = HORIZON + timedelta(days=7)
"""How far the planning may look before this is read again, with room for days on which it cannot be."""

UNREAD = "calendar_unread"
"""The kind of work that waits while somebody's calendar cannot be read."""

PATIENCE = timedelta(days=3)
_FOR_GOOD = timedelta(days=3650)
"""Told once: the row stays until the calendar can be read, so that nobody hears it again."""

_AT_ONCE = 4


class OwnCalendars:
    """`now` gives UTC. What is read when is remembered here only: after a start all are read."""

    def __init__(
        self, store: Store, catalogue: Catalogue, now: Callable[[], datetime], fetch: Fetch = fetch_busy
    ) -> None:
        self._store, self._catalogue, self._now, self._fetch = store, catalogue, now, fetch
        self._next: dict[str, tuple[str, datetime]] = {}
        self._known: dict[str, str] = {}
        self._has_begun = False
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._reading: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Before anybody can give an address: those that are there now are not new."""
        self._known, self._has_begun = await self._given(), True

    async def look(self) -> None:
        """Begins to read those that are new or were read long ago, and waits for none: a slow one, or one in trouble, does
        not hold up the others."""
        if not self._has_begun:
            await self.begin()
        now, found = self._now(), await self._given()
        for id, url in found.items():
            if self._is_due(id, url, now):
                self._next[id] = (url, now + AGAIN)
                task = asyncio.create_task(self._read(id, url, now, is_new=self._known.get(id) != url))
                self._reading.add(task)
                task.add_done_callback(self._reading.discard)
        self._known = {id: url for id, url in self._known.items() if id in found}
        self._next = {id: kept for id, kept in self._next.items() if id in found}

    async def settle(self) -> None:
        """Waits until all is read that was begun."""
        await asyncio.gather(*self._reading)

    async def close(self) -> None:
        """Leaves off what is being read; it is read after the next start."""
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    async def tell(self, due: DueWork, now: datetime) -> None:
        """Three days went by."""
        await self._store.turn(lambda db: self._tell(db, due, now))

    def _is_due(self, id: str, url: str, now: datetime) -> bool:
        planned = self._next.get(id)
        return planned is None or planned[0] != url or planned[1] <= now

    async def _given(self) -> dict[str, str]:
        return dict(await self._store.with_sessions(lambda talks: talks.calendars()))

    async def _read(self, id: str, url: str, now: datetime, *, is_new: bool) -> None:
        try:
            await self._one(id, url, now, is_new=is_new)
        except Exception as trouble:
            log.error("calendar_crashed", error=type(trouble).__name__)

    async def _one(self, id: str, url: str, now: datetime, *, is_new: bool) -> None:
        async with self._room:
            busy = await self._fetch(url, now, now + AHEAD)
        keep: Callable[[TurnDb], None]
        if isinstance(busy, Unreadable):
            log.info("calendar_not_read", reason=busy.reason.value)
            keep = partial(self._keep_trouble, id, url, busy.reason, now, is_new)
        else:
            keep = partial(self._keep, id, url, busy)
        await self._store.turn(keep)
        if self._next.get(id, ("",))[0] == url:  # they may have given another while this one was read
            self._next[id], self._known[id] = (url, now + EVERY), url

    def _keep(self, id: str, url: str, busy: Sequence[Stretch], db: TurnDb) -> None:
        talks = _talks(db)
        if (id, url) in talks.calendars():  # they may have given another while this one was read
            talks.set_times(id, CALENDAR, away=busy)
            talks.unplan(_key(id))

    def _keep_trouble(
        self, id: str, url: str, reason: CalendarTrouble, now: datetime, is_new: bool, db: TurnDb
    ) -> None:
        talks = _talks(db)
        person = next((each for each in talks.meemakers() if each.id == id), None)
        if person is None or not person.reference or (id, url) not in talks.calendars():
            return
        if not talks.is_planned(_key(id)):
            talks.plan(_key(id), UNREAD, person.reference, now + PATIENCE)
        if is_new:
            text = trouble_text(self._catalogue, _language(db, person.reference), reason)
            db.post(person.reference, Message(text), at=now, key=f"{_key(id)}:{url}")

    def _tell(self, db: TurnDb, due: DueWork, now: datetime) -> None:
        talks = _talks(db)
        if not db.desk.finish(due.key):
            return  # another process was first, or it can be read again
        person = talks.meemaker_of(due.reference)
        if person is None or person.id not in dict(talks.calendars()):
            return
        text = self._catalogue.sentence("calendar.not_read", _language(db, due.reference))
        db.post(due.reference, Message(text), at=now, key=f"{due.key}:{due.due_at.isoformat()}")
        talks.plan(due.key, due.kind, due.reference, now + _FOR_GOOD)


def _talks(db: TurnDb) -> SessionTable:
    return cast(SessionTable, db.sessions)


def _language(db: TurnDb, reference: str) -> str:
    return db.language(reference) or LANGUAGES[0]


def _key(id: str) -> str:
    return f"{UNREAD}:{id}"
