"""Tells residents nearby of a street moment: once, by day, when both meemakers come, and never within a day of another
message of ours. Who was told hears it, by day, when it is called off or moves."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import cast

import structlog

from app.wiring import House
from bot.dialogue.state import Phase, state_from_json
from bot.meeting.news import NewsWords
from bot.ports import TurnDb
from domain.message import Message
from domain.session import STREET_CHANGED, Session, SessionKind, SessionStatus
from scheduler.ports import SessionDb
from scheduler.reminding import by_day
from storage.nearby import NearbyStatements, NearbyTable, Neighbour
from storage.sessions import SessionTable
from storage.work import DueWork

log = structlog.get_logger()

STREET_NEWS = "street_news"
"""The kind of work that waits to tell of a street moment."""

AHEAD = timedelta(hours=40)
"""From how long before it is told: soon enough to come, and within the two days in which nobody is told twice."""

LAST = timedelta(hours=1)
AGAIN = timedelta(hours=2)
"""How soon is looked again for who had another message, or for an answer of the duo."""

APART = timedelta(hours=24)
_STANDING = (SessionStatus.ASKED, SessionStatus.CONFIRMED)
_NAMES = ("wijk", "neighbourhood")
"""The questions that ask where somebody lives."""


def street_key(session: str, neighbourhood: str) -> str:
    return f"{STREET_NEWS}:{session}:{neighbourhood}"


def tell_from(start: datetime, now: datetime) -> datetime:
    return by_day(max(now, start - AHEAD))


def plan_anew(table: SessionTable, session: Session, neighbourhoods: Iterable[str], now: datetime) -> None:
    """A street moment that moved is told from some time before it is now; where it went to a location, to who lives there.
    Who was told before hears that it has moved instead."""
    planned = [each for each in neighbourhoods if table.is_planned(street_key(session.id, each))]
    here = next((each.neighbourhood for each in table.places() if each.id == session.place), "")
    if session.kind is not SessionKind.STREET:
        return
    for each in planned:
        table.unplan(street_key(session.id, each))
    for each in [here] if here else planned:
        table.plan(street_key(session.id, each), STREET_NEWS, "", tell_from(session.when.start, now))


async def do_street_news(house: House, due: DueWork, now: datetime) -> None:
    """Work of kind STREET_NEWS that is due. `now` is UTC."""
    _, session, neighbourhood = due.key.split(":", 2)
    statements = NearbyStatements(house.store.dialect)
    found = await house.store.transact(
        lambda db: NearbyTable(db, statements).neighbours(neighbourhood, _NAMES, since=now - APART)
    )
    told = await house.store.turn(lambda db: _tell(house, db, due, session, found, now))
    if told:
        log.info("street_moment_told", people=told)


def _tell(
    house: House, db: TurnDb, due: DueWork, session_id: str, neighbours: Sequence[Neighbour], now: datetime
) -> int:
    if not db.desk.finish(due.key):
        return 0  # another process was first
    sessions = cast(SessionDb, db.sessions)
    session = sessions.session(session_id)
    if session is None or session.status not in _STANDING:
        if session is not None and session.status is SessionStatus.CANCELLED:
            db.desk.plan(f"{STREET_CHANGED}:{session_id}", STREET_CHANGED, "", now)
        return 0
    if now > session.when.start - LAST:
        return 0
    later = by_day(now) if by_day(now) != now else now + AGAIN
    db.desk.plan(due.key, due.kind, due.reference, later)
    if later != now + AGAIN or session.status is not SessionStatus.CONFIRMED:
        return 0
    meemakers = {each.reference for each in sessions.meemakers()}
    wanted = [each for each in neighbours if each.reference not in meemakers and _may_hear(each)]
    return sum(_post(house, db, sessions, session, each, now) for each in wanted)


def _may_hear(who: Neighbour) -> bool:
    """Not who said stop, and not who is talking with a person."""
    return state_from_json(who.state).phase not in (Phase.STOPPED, Phase.TALKING, Phase.RESTING)


def _post(
    house: House, db: TurnDb, sessions: SessionDb, session: Session, who: Neighbour, now: datetime
) -> bool:
    words = NewsWords(house.catalogue, who.language)
    message = words.street(session, _where(sessions, session))
    # Whom it tells of is the moment itself: so who was told is found when it changes.
    return db.post(
        who.reference, message, at=now, key=f"street:{session.id}:{who.reference}", about=session.id
    )


def _where(sessions: SessionDb, session: Session) -> str:
    place = next((each for each in sessions.places() if each.id == session.place), None)
    return f"{place.name}, {place.address}" if place is not None else sessions.address(session.id)


async def do_street_changed(house: House, due: DueWork, now: datetime) -> None:
    """Work of kind STREET_CHANGED that is due. `now` is UTC."""
    _, _, session = due.key.partition(":")
    statements = NearbyStatements(house.store.dialect)
    found = await house.store.transact(lambda db: NearbyTable(db, statements).told(session))
    told = await house.store.turn(lambda db: _tell_change(house, db, due, session, found, now))
    if told:
        log.info("street_change_told", people=told)


def _tell_change(
    house: House, db: TurnDb, due: DueWork, session_id: str, told: Sequence[Neighbour], now: datetime
) -> int:
    if not db.desk.finish(due.key):
        return 0  # another process was first
    sessions = cast(SessionDb, db.sessions)
    session = sessions.session(session_id)
    morning = by_day(now)
    if session is None or session.when.start <= morning:
        return 0
    if morning != now:
        db.desk.plan(due.key, due.kind, due.reference, morning)
        return 0
    is_off = session.status not in _STANDING
    key = f"street-off:{session.id}" if is_off else f"street-at:{session.id}:{session.sequence}"
    about = "" if is_off else session.id
    stopped = [each for each in told if state_from_json(each.state).phase is Phase.STOPPED]
    return sum(
        db.post(
            each.reference,
            _change(house, sessions, session, each.language),
            at=now,
            key=f"{key}:{each.reference}",
            about=about,
        )
        for each in told
        if each not in stopped
    )


def _change(house: House, sessions: SessionDb, session: Session, language: str) -> Message:
    words = NewsWords(house.catalogue, language)
    if session.status not in _STANDING:
        return words.street_off(session)
    return words.street_moved(session, _where(sessions, session))
