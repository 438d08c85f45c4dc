"""What time brings to talks in person: planned work that is due, answers that did not come, places for who waits; and who
hears of it. Each piece of work is looked at, told and taken away in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.meeting.ports import OpenDesk, TalkDesk
from bot.meeting.post import Post
from bot.ports import TurnDb
from domain.session import SESSION_LEFT, Tell
from scheduler.moments import REMINDERS, Key, Moment, read_key, told_under
from scheduler.reminding import by_day, is_night
from storage.base import Store
from storage.work import DueWork

KINDS: tuple[str, ...] = (*(each.value for each in Moment), SESSION_LEFT)
"""The kinds of due work that are about talks."""

CAN_WAIT = timedelta(hours=3)
"""How long before a talk an answer that did not come in the night may still be missed."""

AT_ONCE = 20
"""How many on the waiting list get offers in one look."""


class TalkNews:
    """`now` is UTC. Raises DomainError("storage_unavailable") like the store."""

    def __init__(self, store: Store, open_desk: OpenDesk, post: Post) -> None:
        self._store, self._open_desk, self._post = store, open_desk, post

    async def do(self, due: DueWork, now: datetime) -> None:
        await self._store.turn(lambda db: self._do(db, due, now))

    async def expire(self, now: datetime) -> None:
        """What no planned work has told: it may have been lost, as when somebody blocked us and came back."""
        if not is_night(now):
            await self._store.turn(
                lambda db: self._tell(db, now, self._open_desk(db.sessions).expire(now=now))
            )

    async def look_again(self, now: datetime) -> None:
        """Offers for who waits, by day: they are held for a quarter of an hour."""
        if not is_night(now):
            await self._store.turn(
                lambda db: self._tell(db, now, self._open_desk(db.sessions).look_again(now=now, most=AT_ONCE))
            )

    def tell(self, db: TurnDb, tells: Sequence[Tell], now: datetime, *, because: str = "") -> None:
        """In the caller's transaction; `because` is why a session was called off."""
        self._post.tell(db, self._open_desk(db.sessions), tells, now, because=because)

    def _tell(self, db: TurnDb, now: datetime, tells: Sequence[Tell]) -> None:
        if tells:
            self._post.tell(db, self._open_desk(db.sessions), tells, now)

    def _do(self, db: TurnDb, due: DueWork, now: datetime) -> None:
        if not db.desk.finish(due.key):
            return  # another process was first, or it is off
        desk = self._open_desk(db.sessions)
        key = read_key(due.key) if due.kind != SESSION_LEFT else None
        if key is not None and (later := _later(desk, key, now)) is not None:
            db.desk.plan(due.key, due.kind, due.reference, later)
            return
        self._post.tell(db, desk, desk.due(due.key, now=now), now, key=_told_under(desk, key))


def _later(desk: TalkDesk, key: Key, now: datetime) -> datetime | None:
    """When to do what need not be done at night; None: now."""
    if not is_night(now) or key.moment not in (*REMINDERS, Moment.AFTER, Moment.ANSWER):
        return None
    session, morning = desk.session(key.session), by_day(now)
    if session is None or (key.moment is Moment.ANSWER and session.when.start < morning + CAN_WAIT):
        return None
    return morning


def _told_under(desk: TalkDesk, key: Key | None) -> str:
    """The name of a reminder, under which it is taken back when its talk is off."""
    session = desk.session(key.session) if key is not None and key.moment in REMINDERS else None
    return told_under(key, session.when.start) if key is not None and session is not None else ""
