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
AHEAD = HORIZON + timedelta(days=7)
"""How far the planning may look before this is read again, with room for days on which it cannot be."""

UNREAD = "calendar_unread"
"""The kind of work that waits while somebody's calendar cannot be read."""

PATIENCE = timedelta(days=3)
_FOR_GOOD = timedelta(days=3650)
"""Told once: the row stays until the calendar can be read, so that nobody hears it again."""

_AT_ONCE = 4


class OwnCalendars:
    """`now` gives UTC. What was read when is remembered here only: after a start all are read."""

    def __init__(
        self, store: Store, catalogue: Catalogue, now: Callable[[], datetime], fetch: Fetch = fetch_busy
    ) -> None:
        self._store, self._catalogue, self._now, self._fetch = store, catalogue, now, fetch
        self._read: dict[str, tuple[str, datetime]] = {}
        self._known: dict[str, str] | None = None
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def look(self) -> None:
        """Reads those that are new or were read long ago; one in trouble does not hold up the others."""
        now = self._now()
        found = dict(await self._store.with_sessions(lambda talks: talks.calendars()))
        known = found if self._known is None else self._known
        due = [(id, url) for id, url in found.items() if self._is_due(id, url, now)]
        said = await asyncio.gather(
            *(self._one(id, url, now, is_new=known.get(id) != url) for id, url in due),
            return_exceptions=True,
        )
        for trouble in (each for each in said if isinstance(each, BaseException)):
            log.error("calendar_crashed", error=type(trouble).__name__)
        self._known = found
        self._read = {id: kept for id, kept in self._read.items() if id in found}

    async def tell(self, due: DueWork, now: datetime) -> None:
        """Three days went by."""
        await self._store.turn(lambda db: self._tell(db, due, now))

    def _is_due(self, id: str, url: str, now: datetime) -> bool:
        read = self._read.get(id)
        return read is None or read[0] != url or read[1] + EVERY <= now

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
        self._read[id] = (url, now)

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
