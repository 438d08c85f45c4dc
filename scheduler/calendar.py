"""Talks as calendars understand them (RFC 5545 and 5546); how such a letter travels, and to whom, is for others.

One talk is one event with one UID for ever. Its SEQUENCE is the session's, so whoever gets them in order ends with what
was agreed last; the outbox keeps that order for each person. No resident is named, and nothing they said stands in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress

from domain.session import InvitationStatus, Place, Session, SessionStatus, Stretch

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FILE_NAME = "afspraak.ics"
FEED_READ_AGAIN = timedelta(hours=1)
"""How soon we ask a calendar to look at a feed again; many take a day all the same."""

_MAKER = "-//wijkverhaal//talks in person//NL"
# The clock of the Netherlands, as the European Union has it since 1996.
_CLOCK = b"""BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
X-LIC-LOCATION:Europe/Amsterdam
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
""".replace(b"\n", b"\r\n")

_STATUS = {
    SessionStatus.ASKED: "TENTATIVE",
    SessionStatus.CONFIRMED: "CONFIRMED",
    SessionStatus.DONE: "CONFIRMED",
    SessionStatus.CANCELLED: "CANCELLED",
}
_ANSWER = {
    InvitationStatus.ACCEPTED: "ACCEPTED",
    InvitationStatus.DECLINED: "DECLINED",
}


@dataclass(frozen=True, slots=True)
class Organizer:
    """Who invites: the programme. `domain` makes UIDs ours and may never change, or every appointment stands twice."""

    name: str
    mail: str
    domain: str


@dataclass(frozen=True, slots=True)
class Attendee:
    """A meemaker. Without `mail` they get an address that stays the same and that no mail can reach."""

    id: str
    name: str
    mail: str = ""
    status: InvitationStatus = InvitationStatus.ASKED


@dataclass(frozen=True, slots=True)
class EventWords:
    """What people read in their calendar, in their language. `at_home` says where when there is no location: no address."""

    summary: str
    description: str
    at_home: str


def invitation(
    session: Session,
    place: Place | None,
    organizer: Organizer,
    attendees: Sequence[Attendee],
    words: EventWords,
    *,
    stamp: datetime,
) -> bytes:
    """A request to come, or the same again after a change (UTF-8). `stamp` is when it was made, with a time zone."""
    event = _event(session, place, organizer, words, stamp)
    event.add("status", _STATUS[session.status])
    _invite(event, organizer, attendees)
    return _calendar("REQUEST", [event])


def cancellation(
    session: Session,
    place: Place | None,
    organizer: Organizer,
    attendees: Sequence[Attendee],
    words: EventWords,
    *,
    stamp: datetime,
) -> bytes:
    """Takes the appointment back, for the attendees named. Of a session that goes on without them (RFC 5546, 3.2.5) it
    does not say that it is cancelled: it is not, for the other half."""
    event = _event(session, place, organizer, words, stamp)
    if session.status is SessionStatus.CANCELLED:
        event.add("status", "CANCELLED")
    _invite(event, organizer, attendees)
    return _calendar("CANCEL", [event])


def feed(
    sessions: Iterable[tuple[Session, Place | None, EventWords]],
    name: str,
    organizer: Organizer,
    *,
    stamp: datetime,
) -> bytes:
    """All talks of a meemaker or at a location, for a calendar that comes to fetch them. It names no attendees."""
    events = []
    for session, place, words in sessions:
        event = _event(session, place, organizer, words, stamp)
        event.add("status", _STATUS[session.status])
        events.append(event)
    return _calendar("PUBLISH", events, name)


def uid_of(session: Session, organizer: Organizer) -> str:
    return f"{session.id}@{organizer.domain}"


def _calendar(method: str, events: Sequence[Event], name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", _line(name))
        calendar.add("refresh-interval", FEED_READ_AGAIN, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", f"PT{FEED_READ_AGAIN // timedelta(hours=1)}H")
    calendar.add_component(Timezone.from_ical(_CLOCK))
    for event in events:
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _event(
    session: Session, place: Place | None, organizer: Organizer, words: EventWords, stamp: datetime
) -> Event:
    event = Event()
    event.add("uid", uid_of(session, organizer))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("sequence", session.sequence)
    start, end = _by_the_clock(session.when)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", _line(words.summary))
    event.add("description", "\n".join(_line(line) for line in words.description.splitlines()))
    event.add("location", _whereabouts(session, place) or words.at_home)
    event.add("organizer", _address(organizer.mail, organizer.name))
    return event


def _by_the_clock(when: Stretch) -> tuple[datetime, datetime]:
    """Both in Amsterdam; both in UTC when the clock shows one of them twice that night. Local time cannot tell those
    apart, and a talk from half past two to half past two would be the outcome."""
    if when.end <= when.start:
        raise ValueError("a talk ends after it starts")
    local = (when.start.astimezone(AMSTERDAM), when.end.astimezone(AMSTERDAM))
    if any(each.utcoffset() != each.replace(fold=1 - each.fold).utcoffset() for each in local):
        return when.start.astimezone(UTC), when.end.astimezone(UTC)
    return local


def _whereabouts(session: Session, place: Place | None) -> str:
    if place is None:
        return ""
    return ", ".join(_line(part) for part in (place.name, session.room, place.address) if part)


def _invite(event: Event, organizer: Organizer, attendees: Sequence[Attendee]) -> None:
    for attendee in attendees:
        mail = attendee.mail
        address = _address(mail, attendee.name) if mail else _unreachable(attendee, organizer.domain)
        address.params["CUTYPE"] = "INDIVIDUAL"
        address.params["ROLE"] = "REQ-PARTICIPANT"
        address.params["PARTSTAT"] = _ANSWER.get(attendee.status, "NEEDS-ACTION")
        # They answer in the chat; an answer from their calendar would go where nobody reads it.
        address.params["RSVP"] = "FALSE"
        event.add("attendee", address)


def _address(mail: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{_line(mail)}")
    address.params["CN"] = _name(name)
    return address


def _unreachable(attendee: Attendee, domain: str) -> vCalAddress:
    address = vCalAddress(uuid5(NAMESPACE_URL, f"https://{domain}/meemaker/{attendee.id}").urn)
    address.params["CN"] = _name(attendee.name)
    return address


def _line(text: str) -> str:
    """On one line, and without control characters: no calendar may hold them."""
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())


def _name(text: str) -> str:
    return _line(text).replace('"', "'")  # a parameter can hold no double quote
