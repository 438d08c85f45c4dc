"""What has to be done later for a session, as planned work: when an answer is due, when somebody is reminded, when a visit
at home should have begun and ended. The work only says "look again": what is true then is looked at then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.session import Meemaker, News, Session, SessionKind, SessionStatus, Tell
from scheduler.ports import SessionDb

DAY, SOON = timedelta(hours=24), timedelta(hours=2)
MISSED = timedelta(minutes=30)
AFTERWARDS = timedelta(hours=1)


class Moment(StrEnum):
    """The kinds of work."""

    ANSWER = "session_answer"
    DAY = "session_day"
    SOON = "session_soon"
    ARRIVE = "session_arrive"
    ARRIVE_MISSED = "session_arrive_missed"
    LEAVE = "session_leave"
    LEAVE_MISSED = "session_leave_missed"
    AFTER = "session_after"


_NEWS = {
    Moment.DAY: News.REMIND_DAY,
    Moment.SOON: News.REMIND_SOON,
    Moment.ARRIVE: News.CHECK_IN,
    Moment.LEAVE: News.CHECK_IN,
    Moment.ARRIVE_MISSED: News.CHECK_MISSED,
    Moment.LEAVE_MISSED: News.CHECK_MISSED,
}


@dataclass(frozen=True, slots=True)
class Key:
    """Names planned work. `person` is a meemaker's id or a resident's reference; "" for the coordinator."""

    session: str
    moment: Moment
    person: str = ""

    def __str__(self) -> str:
        return f"session:{self.session}:{self.moment}:{self.person}"


def read_key(key: str) -> Key:
    """Ids of sessions have no colon in them."""
    _, session, moment, person = key.split(":", 3)
    return Key(session, Moment(moment), person)


class Moments:
    def __init__(self, db: SessionDb) -> None:
        self._db = db

    def plan(self, session: Session, meemakers: dict[str, Meemaker], *, now: datetime) -> None:
        """For everybody in a confirmed session; a second call replaces the first."""
        for resident in session.booked:
            self.plan_resident(session, resident, now=now)
        for meemaker in session.meemakers:
            who = meemakers.get(meemaker)
            for moment, at in _of_meemaker(session):
                self._plan(Key(session.id, moment, meemaker), who.reference if who else "", at, now)
        for moment, at in _of_coordinator(session):
            self._plan(Key(session.id, moment), "", at, now)

    def plan_resident(self, session: Session, resident: str, *, now: datetime) -> None:
        for moment, at in _of_everybody(session):
            self._plan(Key(session.id, moment, resident), resident, at, now)

    def plan_answer(self, session: str, meemaker: Meemaker, until: datetime) -> None:
        key = Key(session, Moment.ANSWER, meemaker.id)
        self._db.plan(str(key), key.moment, meemaker.reference, until)

    def unplan(self, session: Session, *people: str) -> None:
        """For these people, or for everybody in it and whoever looks after it."""
        for person in people or (*session.booked, *session.meemakers, ""):
            self.unplan_some(session.id, person, *Moment)

    def unplan_some(self, session: str, person: str, *moments: Moment) -> None:
        for moment in moments:
            self._db.unplan(str(Key(session, moment, person)))

    def _plan(self, key: Key, reference: str, at: datetime, now: datetime) -> None:
        if at > now:
            self._db.plan(str(key), key.moment, reference, at)


def _of_everybody(session: Session) -> Iterator[tuple[Moment, datetime]]:
    yield Moment.DAY, session.when.start - DAY
    yield Moment.SOON, session.when.start - SOON
    yield Moment.AFTER, session.when.end + AFTERWARDS


def _of_meemaker(session: Session) -> Iterator[tuple[Moment, datetime]]:
    yield from _of_everybody(session)
    if session.kind is SessionKind.HOME:
        yield Moment.ARRIVE, session.when.start
        yield Moment.LEAVE, session.when.end


def _of_coordinator(session: Session) -> Iterator[tuple[Moment, datetime]]:
    if session.kind is SessionKind.HOME:
        yield Moment.ARRIVE_MISSED, session.when.start + MISSED
        yield Moment.LEAVE_MISSED, session.when.end + MISSED


def tells_due(
    key: Key, session: Session | None, meemakers: dict[str, Meemaker], *, now: datetime
) -> list[Tell]:
    """What is to be said now, as things are now: nothing of a session that was called off, is asked anew or has moved."""
    if (
        session is None
        or session.status is not SessionStatus.CONFIRMED
        or not _is_time(key.moment, session, now)
    ):
        return []
    if not key.person:
        return [Tell("", _NEWS[key.moment], session.id)]
    if key.person in session.booked:
        return [Tell(key.person, _NEWS.get(key.moment, News.HOW_WAS_IT), session.id)]
    if key.person in session.meemakers and key.person in meemakers:
        who = meemakers[key.person]
        return [Tell(who.reference, _NEWS.get(key.moment, News.REPORT), session.id, who.id)]
    return []


def _is_time(moment: Moment, session: Session, now: datetime) -> bool:
    """A reminder that comes too late says nothing new: the next one does."""
    start, end = session.when.start, session.when.end
    since, until = {
        Moment.DAY: (start - DAY, start - SOON),
        Moment.SOON: (start - SOON, start),
        Moment.ARRIVE: (start, end),
        Moment.ARRIVE_MISSED: (start + MISSED, end + DAY),
        Moment.LEAVE: (end, end + DAY),
        Moment.LEAVE_MISSED: (end + MISSED, end + DAY),
        Moment.AFTER: (end, end + 7 * DAY),
    }[moment]
    return since <= now < until
