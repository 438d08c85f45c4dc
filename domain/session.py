"""Talks in person: who holds them, where, when, and what was promised to whom. Times are UTC unless they say otherwise."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

TICK = timedelta(minutes=15)
"""The grain of time in which people and rooms are claimed."""

HOLD = timedelta(minutes=15)
"""How long an offer is kept for the resident who got it."""

SESSION_LEFT = "session_left"
"""The kind of work that waits when somebody was erased out of a session to come: who stays has to hear it, or another
meemaker has to be found (the one who left is "" in the session). Its key is `session_left:` with the session's id."""

AFTERWARDS = "hoe_was_het"
"""The questionnaire under which it is kept how a resident found a talk."""

STREET_CHANGED = "street_changed"
"""The kind of work that waits when a street moment was called off or moved: residents nearby who were told of it have to
hear it. Its key is `street_changed:` with the session's id."""


class MeemakerKind(StrEnum):
    RESIDENT = "resident"
    PROFESSIONAL = "professional"


class Gender(StrEnum):
    WOMAN = "f"
    MAN = "m"


class SessionKind(StrEnum):
    """What a talk is like."""

    PRIVATE = "private"  # one resident, at a location
    HOME = "home"  # one resident, at their home
    GROUP = "group"  # several residents, at a location, with seats
    STREET = "street"  # a place and time where a duo simply is; nobody books


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the week by the clock in Amsterdam: `weekday` 0 is Monday; `until` midnight is the end of the day."""

    weekday: int
    begin: time
    until: time


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Stretch") -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Stretch") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Meemaker:
    """Somebody who holds talks. `hours` is when they usually can; `away` when they cannot all the same; `extra` when
    they can beside it. `max_per_week` counts ISO weeks. `reference` is their own conversation, empty until they joined."""

    id: str
    kind: MeemakerKind
    languages: frozenset[str]
    neighbourhoods: frozenset[str]
    gender: Gender | None = None
    max_per_week: int = 2
    hours: tuple[Hours, ...] = ()
    away: tuple[Stretch, ...] = ()
    extra: tuple[Stretch, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A meemaker as the programme keeps them: with their name and e-mail address ("" where there is none). `kind` is None
    for who only fills in together with residents; `has_joined` once they used their link."""

    id: str
    name: str
    kind: MeemakerKind | None = None
    languages: frozenset[str] = frozenset()
    neighbourhoods: frozenset[str] = frozenset()
    gender: Gender | None = None
    max_per_week: int = 0
    hours: tuple[Hours, ...] = ()
    email: str = ""
    has_joined: bool = False


@dataclass(frozen=True, slots=True)
class Duo:
    """Always one resident and one professional."""

    id: str
    resident: str
    professional: str

    @property
    def members(self) -> tuple[str, str]:
        return (self.resident, self.professional)


@dataclass(frozen=True, slots=True)
class Room:
    name: str
    seats: int


@dataclass(frozen=True, slots=True)
class Place:
    """A location. `closed` are stretches in which it is closed all the same."""

    id: str
    name: str
    address: str
    neighbourhood: str
    step_free: bool
    rooms: tuple[Room, ...]
    hours: tuple[Hours, ...]
    closed: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class TalkWish:
    """What a resident asks of a talk. `windows` is when they can, empty when any time will do; `parts` are parts of the
    day ("morning", "afternoon", "evening", the same of a "weekday_...", "weekend") where they named no more than that."""

    kind: SessionKind
    neighbourhood: str
    accepts: frozenset[str]
    language: str = "nl"
    gender: Gender | None = None
    step_free: bool = False
    windows: tuple[Stretch, ...] = ()
    parts: frozenset[str] = frozenset()


class SessionStatus(StrEnum):
    ASKED = "asked"  # booked; the meemakers have been asked
    CONFIRMED = "confirmed"  # both said yes
    DONE = "done"
    CANCELLED = "cancelled"


class SeatStatus(StrEnum):
    BOOKED = "booked"
    CANCELLED = "cancelled"
    CAME = "came"
    MISSED = "missed"


class InvitationStatus(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SILENT = "silent"  # no answer in time
    WITHDRAWN = "withdrawn"  # not needed any more


@dataclass(frozen=True, slots=True)
class Session:
    """A talk. `place` is None at somebody's home. `sequence` rises with each change that matters to a calendar."""

    id: str
    kind: SessionKind
    duo: str
    resident_meemaker: str
    professional_meemaker: str
    place: str | None
    room: str
    when: Stretch
    status: SessionStatus
    sequence: int = 0
    language: str = "nl"
    seats: int = 1
    booked: tuple[str, ...] = ()

    @property
    def meemakers(self) -> tuple[str, str]:
        return (self.resident_meemaker, self.professional_meemaker)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A meemaker asked for a session, until when an answer is awaited."""

    session: str
    meemaker: str
    status: InvitationStatus
    asked_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A concrete talk, held for one resident until `until`."""

    id: str
    kind: SessionKind
    duo: str
    place: str | None
    room: str
    when: Stretch
    until: datetime


class RequestStatus(StrEnum):
    OPEN = "open"  # offers may be out
    WAITING = "waiting"  # nothing fitted: on the waiting list
    BOOKED = "booked"


class Reason(StrEnum):
    """Why somebody has no talk, in the order in which it is looked at."""

    NO_TIME = "no_time"  # the resident named no time
    NO_LANGUAGE = "no_language"  # no duo speaks a language of theirs
    NO_GENDER = "no_gender"  # no such duo has a woman, or a man, as asked for
    NO_PLACE = "no_place"  # no place in a neighbourhood they accept
    NO_STEP_FREE = "no_step_free"  # no such place without steps
    NO_DUO_NEARBY = "no_duo_nearby"  # no such duo serves the neighbourhood of such a place
    NO_COMMON_TIME = "no_common_time"  # they are never all free while it is open
    FULL = "full"  # all that would have fitted is taken


@dataclass(frozen=True, slots=True)
class TalkRequest:
    """A resident who wants a talk, since when, and why nothing fitted so far ("" when nothing was looked for yet)."""

    reference: str
    wish: TalkWish
    since: datetime
    status: RequestStatus
    reason: str = ""


class News(StrEnum):
    """What somebody has to hear about a session."""

    ASKED = "asked"  # to a meemaker: can you?
    ASKED_AGAIN = "asked_again"  # to a meemaker: it has moved, can you then too?
    CONFIRMED = "confirmed"  # to everybody: it goes on
    MOVED = "moved"  # to everybody: another time or place
    CANCELLED = "cancelled"  # to everybody but who cancelled
    WITHDRAWN = "withdrawn"  # to a meemaker: no longer needed
    REPLACED = "replaced"  # to the other half: somebody else comes along
    NO_DUO = "no_duo"  # to the resident: it cannot go on, we look for another
    REMIND_DAY = "remind_day"  # the day before
    REMIND_SOON = "remind_soon"  # two hours before
    HOW_WAS_IT = "how_was_it"  # to the resident, afterwards
    REPORT = "report"  # to the duo, afterwards
    OFFERED = "offered"  # to a resident on the waiting list: there is something
    CHECK_IN = "check_in"  # to the duo at a home visit
    CHECK_MISSED = "check_missed"  # to the coordinator


@dataclass(frozen=True, slots=True)
class Tell:
    """One thing that one person has to hear: a resident or meemaker by `reference` of their conversation."""

    reference: str
    news: News
    session: str
    meemaker: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a session or an offer takes up: a meemaker, a resident or a room, for one tick each row."""

    what: str  # "meemaker", "resident", "room"; a numbered "seat" of a group, or talk of a meemaker's "week"
    id: str
    start: datetime
    end: datetime
