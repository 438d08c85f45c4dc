"""What has to be done later for a session, as planned work: when an answer is due, when somebody is reminded, when a visit
at home should have begun and ended. The work only says "look again": what is true then is looked at then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.session import Meemaker, News, Session, SessionKind, SessionStatus, Tell
from scheduler.ports import SessionDb
from scheduler.reminding import DAY, Before, are_told_together, by_day, remind_at

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


REMINDERS = {Moment.DAY: Before.DAY, Moment.SOON: Before.SOON}


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


def told_under(key: Key, start: datetime) -> str:
    """Names the message with a reminder, by the talk it is told for first: after a move it is another."""
    return f"{key}:{start.timestamp():.0f}"


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
            if person:
                self._take_back(session, person)

    def told_with(self, key: Key, session: Session) -> list[Session]:
        """The other talks of the person that its reminder tells of too."""
        if key.moment not in REMINDERS:
            return []
        return [
            each
            for each in self._others(session, key.person)
            if are_told_together(REMINDERS[key.moment], session.when.start, each.when.start)
        ]

    def _others(self, session: Session, person: str) -> Sequence[Session]:
        since = session.when.start - DAY
        if person in session.meemakers:
            found = self._db.sessions_with(person, since=since)
        else:
            found = self._db.sessions_of(person, since=since)
        return [each for each in found if each.id != session.id and each.status is SessionStatus.CONFIRMED]

    def _take_back(self, session: Session, person: str) -> None:
        """A reminder that was written and not sent goes; what else it told of is told anew."""
        others = self._others(session, person)
        for moment, before in REMINDERS.items():
            for first in (session, *(each for each in others if _has(before, each, session))):
                if self._db.take_back(told_under(Key(first.id, moment, person), first.when.start)):
                    rest = [each for each in others if each is first or _has(before, first, each)]
                    self._plan_again(moment, person, rest)

    def _plan_again(self, moment: Moment, person: str, sessions: Sequence[Session]) -> None:
        meemakers = {each.id: each.reference for each in self._db.meemakers()} if sessions else {}
        for each in sessions:
            at = remind_at(REMINDERS[moment], each.when.start)
            self._db.plan(str(Key(each.id, moment, person)), moment, meemakers.get(person, person), at)

    def unplan_some(self, session: str, person: str, *moments: Moment) -> None:
        for moment in moments:
            self._db.unplan(str(Key(session, moment, person)))

    def _plan(self, key: Key, reference: str, at: datetime, now: datetime) -> None:
        if at > now:
            self._db.plan(str(key), key.moment, reference, at)


def _of_everybody(session: Session) -> Iterator[tuple[Moment, datetime]]:
    for moment, before in REMINDERS.items():
        yield moment, remind_at(before, session.when.start)
    yield Moment.AFTER, by_day(session.when.end + AFTERWARDS)


def _of_meemaker(session: Session) -> Iterator[tuple[Moment, datetime]]:
    yield from _of_everybody(session)
    if session.kind is SessionKind.HOME:
        yield Moment.ARRIVE, session.when.start
        yield Moment.LEAVE, session.when.end


def _of_coordinator(session: Session) -> Iterator[tuple[Moment, datetime]]:
    if session.kind is SessionKind.HOME:
        yield Moment.ARRIVE_MISSED, session.when.start + MISSED
        yield Moment.LEAVE_MISSED, session.when.end + MISSED


def _has(before: Before, first: Session, other: Session) -> bool:
    return are_told_together(before, first.when.start, other.when.start)


def tells_due(
    key: Key, session: Session | None, meemakers: dict[str, Meemaker], *, now: datetime | None
) -> list[Tell]:
    """What is to be said now, as things are now: nothing of a session that was called off, is asked anew or has moved.
    Without `now` it is time."""
    if (
        session is None
        or session.status is not SessionStatus.CONFIRMED
        or (now is not None and not _is_time(key.moment, session, now))
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
    soon = remind_at(Before.SOON, start)
    since, until = {
        Moment.DAY: (remind_at(Before.DAY, start), soon),
        Moment.SOON: (soon, start),
        Moment.ARRIVE: (start, end),
        Moment.ARRIVE_MISSED: (start + MISSED, end + DAY),
        Moment.LEAVE: (end, end + DAY),
        Moment.LEAVE_MISSED: (end + MISSED, end + DAY),
        Moment.AFTER: (end, end + 7 * DAY),
    }[moment]
    return since <= now < until
