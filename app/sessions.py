"""The commands `sessions`: opening group sessions and street moments, listing what is planned, moving and calling off."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from app.people import known_neighbourhoods
from app.settings import Settings
from app.staff import open_desk
from app.street_news import STREET_NEWS, plan_anew, street_key, tell_from
from app.wiring import House, new_id, utc_now
from bot.ports import TurnDb
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from domain.session import Invitation, Place, Session, SessionKind
from domain.talk_outcomes import Done, Refusal, Refused
from nlu.rules.times import read_date, read_moment, read_time
from scheduler.hours import AMSTERDAM
from scheduler.opening import InTheWay, Obstacle, Opening, ToOpen
from scheduler.ports import SessionDb
from scheduler.rescheduling import Rescheduling, ToMove
from scheduler.sheet_rows import fold
from storage.sessions import SessionTable

Say = Callable[[str], None]
WEEKS = timedelta(weeks=4)
MOST_REASON = 300
_NEEDS_A_START = frozenset(
    {
        Obstacle.PAST,
        Obstacle.TOO_SOON,
        Obstacle.NO_QUARTER,
        Obstacle.CLOSED,
        Obstacle.ROOM_TAKEN,
        Obstacle.MEEMAKER_TAKEN,
        Obstacle.WEEK_FULL,
    }
)
_NEEDS_A_MOMENT = _NEEDS_A_START | {Obstacle.LENGTH, Obstacle.SAME}
_SENTENCES = {
    Obstacle.PAST: "--start: that is in the past. Choose a moment to come.",
    Obstacle.TOO_SOON: "--start: that is within 24 hours, and no resident could still choose it. Choose a later moment.",
    Obstacle.NO_QUARTER: "--start: it has to begin on a quarter of an hour, such as 14:00 or 14:15.",
    Obstacle.LENGTH: "--minutes: it has to take 75 minutes to 8 hours, in quarters of an hour: 75, 90, 105.",
    Obstacle.NO_DUO: "--duo: there is no duo {who}. 'wijkverhaal people list' shows who is in a duo with whom.",
    Obstacle.NO_LANGUAGE: "--language: {who} does not speak it. Choose another duo or language.",
    Obstacle.NO_PLACE: "--place: there is no location {who}. 'wijkverhaal places list' shows them.",
    Obstacle.NO_SPOT: "--where: say where it is, or name a location with --place.",
    Obstacle.CLOSED: "--start: {who} is not open all that time. 'wijkverhaal places list' shows when it is.",
    Obstacle.SEATS: "--seats: {who} has no room with so many seats, or none for more than one.",
    Obstacle.ROOM_TAKEN: "--place: every room of {who} that is large enough is taken then. Choose another time or place.",
    Obstacle.MEEMAKER_TAKEN: "--duo: {who} has another talk then, or within half an hour of it. Choose another time or duo.",
    Obstacle.WEEK_FULL: "--duo: {who} has as many talks in that week as they want. Choose another week or duo.",
}
_MOVING = _SENTENCES | {
    Obstacle.TOO_SOON: "--start: that is within 24 hours, and who has a seat may not read it in time. Choose a later moment.",
    Obstacle.LENGTH: "--end: it has to take 75 minutes to 8 hours, in quarters of an hour.",
    Obstacle.NO_PLACE: "--place: there is no location {who}, and a group needs one. 'wijkverhaal places list' shows them.",
    Obstacle.CLOSED: "{who} is not open all that time. 'wijkverhaal places list' shows when it is.",
    Obstacle.SEATS: "--place: {who} has no such room in which everybody who has a seat can sit.",
    Obstacle.ROOM_TAKEN: "{who} has no room free then that is large enough. Choose another time or place.",
    Obstacle.NO_ROOM: "--room: there is no room {who} there that it could be in. 'wijkverhaal places list' shows the rooms.",
    Obstacle.MEEMAKER_TAKEN: "--start: {who} has another talk then, or within half an hour of it. Choose another time.",
    Obstacle.WEEK_FULL: "--start: {who} has as many talks in that week as they want. Choose another week.",
    Obstacle.ONE_RESIDENT: "A talk with one resident is moved by that resident, in the chat. Call it off with 'wijkverhaal "
    "sessions cancel', and the resident is offered other times.",
    Obstacle.SAME: "It is then and there already. Say what is new: --start, --end, --place, --room or --where.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed."""

    duo: str
    start: str
    minutes: int
    place: str = ""
    spot: str = ""
    neighbourhood: str = ""
    seats: int = 0
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody typed to move a session; "" leaves it as it is."""

    start: str = ""
    end: str = ""
    place: str = ""
    room: str = ""
    spot: str = ""
    reason: str = ""


async def add_group(settings: Settings, asked: Asked, say: Say) -> None:
    """Raises DomainError "session_refused" with every problem; nothing was done then."""
    async with open_desk(settings, say) as house:
        session = await house.store.turn(
            lambda db: _open(house, db, SessionKind.GROUP, asked, []),
            note=lambda done: _noted(settings, AuditAction.SESSION_OPEN, done),
        )
    say(f"Group session {session.id}: {local(session.when.start)}, {session.seats} seats in {session.room}.")
    say("Both meemakers are asked now. Residents who want a group are offered a seat.")


async def add_street(settings: Settings, asked: Asked, say: Say) -> None:
    """As `add_group`."""

    def run(db: TurnDb) -> Session:
        known = known_neighbourhoods(house.shelf.current().questionnaire)
        found = known.get(fold(asked.neighbourhood), "")
        wrong = []
        if asked.neighbourhood and not found:
            wrong = [f"--neighbourhood: there is no {asked.neighbourhood} in the questionnaire."]
        elif not found and not asked.place:
            wrong = ["--neighbourhood: say whose residents are told of it."]
        session = _open(house, db, SessionKind.STREET, asked, wrong)
        place = _places(db).get(session.place or "")
        key = street_key(session.id, found or (place.neighbourhood if place else ""))
        db.desk.plan(key, STREET_NEWS, "", tell_from(session.when.start, utc_now()))
        return session

    async with open_desk(settings, say) as house:
        session = await house.store.turn(
            run, note=lambda done: _noted(settings, AuditAction.SESSION_OPEN, done)
        )
    say(f"Street moment {session.id}: {local(session.when.start)}.")
    say("Both meemakers are asked now. When both come, residents nearby who agreed to messages are told.")


async def list_sessions(settings: Settings, begin: str, until: str, say: Say) -> None:
    """Raises DomainError "no_such_day"."""
    first = _day(begin) if begin else utc_now().astimezone(AMSTERDAM).date()
    last = _day(until) if until else first + WEEKS
    async with open_desk(settings, say) as house:

        def run(db: TurnDb) -> list[str]:
            table = cast(SessionTable, db.sessions)
            found = table.with_invitations(_midnight(first), _midnight(last + timedelta(days=1)))
            names = table.names([member for session, _ in found for member in session.meemakers if member])
            places = _places(db)
            return [_line(session, asked, names, places, table.address) for session, asked in found]

        lines = await house.store.turn(
            run,
            note=lambda found: AuditEntry(
                AuditAction.LIST, utc_now(), settings.operator, "sessions", count=len(found)
            ),
        )
    for line in lines or [f"Nothing is planned from {first} to {last}."]:
        say(line)


async def cancel_session(settings: Settings, session_id: str, reason: str, say: Say) -> None:
    """Raises DomainError: session_reason, no_such_session, session_over."""
    reason = _reason(reason)
    async with open_desk(settings, say) as house:

        def run(db: TurnDb) -> int:
            now = utc_now()
            done = Opening(_table(db), new_id).cancel(session_id, now=now)
            if isinstance(done, Refused):
                code = "session_over" if done.why is Refusal.PAST else "no_such_session"
                raise DomainError(code, session=session_id)
            if house.talk_news is not None:
                house.talk_news.tell(db, done.tells, now, because=reason)
            return len(done.tells)

        told = await house.store.turn(
            run,
            note=lambda count: AuditEntry(
                AuditAction.SESSION_CANCEL, utc_now(), settings.operator, session_id, count=count
            ),
        )
    say(f"Called off. {told} people hear it, with the reason.")


async def move_session(settings: Settings, session_id: str, change: Change, say: Say) -> None:
    """Raises DomainError: session_refused with every problem, session_reason, no_such_session; nothing was done then."""
    reason = _reason(change.reason) if change.reason else ""
    async with open_desk(settings, say) as house:

        def run(db: TurnDb) -> Session:
            now = utc_now()
            done = _move(_table(db), session_id, change, now)
            if house.talk_news is not None:
                house.talk_news.tell(db, done.tells, now, because=reason)
            neighbourhoods = known_neighbourhoods(house.shelf.current().questionnaire).values()
            plan_anew(cast(SessionTable, db.sessions), done.session, neighbourhoods, now)
            return done.session

        session = await house.store.turn(
            run, note=lambda done: _noted(settings, AuditAction.SESSION_MOVE, done)
        )
    seats = f", {session.seats} seats in {session.room}" if session.kind is SessionKind.GROUP else ""
    say(f"Moved {session.id} to {local(session.when.start)}{seats}.")
    kept = f"{len(session.booked)} residents hear it and keep their seat. " if session.booked else ""
    say(f"{kept}Both meemakers are asked anew.")


def _noted(settings: Settings, action: AuditAction, session: Session) -> AuditEntry:
    """`count` is how many residents have a seat in it."""
    return AuditEntry(action, utc_now(), settings.operator, session.id, count=len(session.booked))


def _move(table: SessionDb, session_id: str, change: Change, now: datetime) -> Done:
    session = table.session(session_id)
    start = read_new_start(change.start, now) if change.start else None
    begins = start if isinstance(start, datetime) else session.when.start if session is not None else now
    end = _read_end(change.end, begins, now) if change.end else None
    problems = [each for each in (start, end) if isinstance(each, str)]
    wanted = ToMove(
        session_id,
        start if isinstance(start, datetime) else None,
        end if isinstance(end, datetime) else None,
        change.place,
        change.room,
        change.spot.strip(),
    )
    done = Rescheduling(table, new_id).move(wanted, now=now)
    if isinstance(done, Refused) and done.why is Refusal.PAST:
        problems = ["It has begun or is over, and cannot be moved any more."]
    elif isinstance(done, Refused):
        raise DomainError("no_such_session", session=session_id)
    elif isinstance(done, tuple):
        told = [each for each in done if not problems or each.obstacle not in _NEEDS_A_MOMENT]
        problems += _sentences(told, table, _MOVING)
    if problems or not isinstance(done, Done):
        raise DomainError("session_refused", problems="\n".join(f"- {each}" for each in problems))
    return done


def _reason(typed: str) -> str:
    reason = " ".join(typed.split())
    if not reason or len(reason) > MOST_REASON or not reason.isprintable():
        raise DomainError("session_reason", most=MOST_REASON)
    return reason


def _open(house: House, db: TurnDb, kind: SessionKind, asked: Asked, wrong: Sequence[str]) -> Session:
    """Everything that is wrong is told at once; an exception takes back what was done of it."""
    now, table = utc_now(), _table(db)
    start = read_start(asked.start)
    problems = list(wrong)
    if isinstance(start, str):
        problems.append(start)
    when = start if isinstance(start, datetime) else _stand_in(now)
    wanted = ToOpen(
        kind,
        asked.duo,
        when,
        timedelta(minutes=asked.minutes),
        asked.place,
        asked.spot.strip(),
        asked.seats,
        asked.language,
    )
    done = Opening(table, new_id).open(wanted, now=now)
    if isinstance(done, tuple):
        known = [each for each in done if isinstance(start, datetime) or each.obstacle not in _NEEDS_A_START]
        problems += _sentences(known, table)
    if problems or isinstance(done, tuple):
        raise DomainError("session_refused", problems="\n".join(f"- {each}" for each in problems))
    if house.talk_news is not None:
        house.talk_news.tell(db, done.tells, now)
    return done.session


def _sentences(
    found: Sequence[InTheWay], table: SessionDb, sentences: Mapping[Obstacle, str] = _SENTENCES
) -> list[str]:
    names = {each.id: each.name for each in table.places()}
    names |= table.names([each.who for each in found if each.who])
    return [
        sentences[each.obstacle].format(who=names.get(each.who, each.who or "with that name"))
        for each in found
    ]


def read_start(text: str) -> datetime | str:
    """UTC; or what is wrong with it. In the hour that comes twice it is the first."""
    for shape in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d-%m-%Y %H:%M"):
        try:
            naive = datetime.strptime(" ".join(text.split()), shape)
        except ValueError:
            continue
        moment = naive.replace(tzinfo=AMSTERDAM).astimezone(UTC)
        if moment.astimezone(AMSTERDAM).replace(tzinfo=None) != naive:
            return "--start: the clock goes forward then, and that hour does not exist. Choose another."
        return moment
    return f"--start: '{text}' is no moment. Write it as 2026-12-08 14:00."


def read_new_start(text: str, now: datetime) -> datetime | str:
    """As `read_start`; also in words that name a day and a time, seen from `now` (UTC): "dinsdag 8 december om twee uur"."""
    found = read_start(text)
    if isinstance(found, datetime):
        return found
    day, moment = read_date(text, now), read_moment(text, now)
    if day is None or moment is None or len(moment.values) != 1:
        return f"--start: '{text}' names no one day and time. Write it as 2026-12-08 14:00, or 'dinsdag 8 december om 14 uur'."
    return read_start(moment.values[0][:16])


def _read_end(text: str, start: datetime, now: datetime) -> datetime | str:
    """A time on the day on which it begins, or a moment."""
    time_of_day = read_time(text)
    if time_of_day is not None and len(time_of_day.values) == 1 and read_date(text, now) is None:
        found = read_start(f"{start.astimezone(AMSTERDAM).date()} {time_of_day.values[0][:5]}")
    else:
        found = read_new_start(text, now)
    return found if isinstance(found, datetime) else found.replace("--start", "--end", 1)


def local(moment: datetime) -> str:
    """By the clock in Amsterdam."""
    return f"{moment.astimezone(AMSTERDAM):%a %d %b %Y %H:%M}"


def _stand_in(now: datetime) -> datetime:
    """A moment to look at the rest with, while the one that was typed cannot be read."""
    return (now + timedelta(days=14)).replace(minute=0, second=0, microsecond=0)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DomainError("no_such_day", day=text) from error


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def _line(
    session: Session,
    asked: Sequence[Invitation],
    names: Mapping[str, str],
    places: Mapping[str, Place],
    address: Callable[[str], str],
) -> str:
    """Of a visit at home only that it is one."""
    said = {each.meemaker: each.status.value for each in asked}
    duo = " and ".join(
        f"{names.get(each, 'nobody')} ({said.get(each, 'not asked')})" for each in session.meemakers
    )
    where = "at home"
    if session.kind is not SessionKind.HOME:
        place = places.get(session.place or "")
        where = place.name if place is not None else address(session.id) or "place unknown"
    seats = f"; {len(session.booked)} of {session.seats} seats" if session.kind is SessionKind.GROUP else ""
    return (
        f"{session.id}: {local(session.when.start)}, {session.kind}, {where}; {session.status}; {duo}{seats}"
    )


def _table(db: TurnDb) -> SessionDb:
    return cast(SessionDb, db.sessions)


def _places(db: TurnDb) -> dict[str, Place]:
    return {each.id: each for each in _table(db).places()}
