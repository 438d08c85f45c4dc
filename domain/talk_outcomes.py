"""What comes of something asked of the desk, as values; `tells` is who has to hear what of it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.session import Offer, Reason, Session, Tell


class Refusal(StrEnum):
    NOT_THERE = "not_there"  # no such session, or not of this person, or called off
    PAST = "past"  # it has begun, or is over
    NOT_YET = "not_yet"  # it has not begun
    NOT_ASKED = "not_asked"  # nobody asked them, or not any more
    HAS_ONE = "has_one"  # they have a talk already: it can be moved


@dataclass(frozen=True, slots=True)
class Refused:
    why: Refusal
    tells: tuple[Tell, ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """Offers that are held, soonest first; when there are none, why, and the resident is on the waiting list."""

    offers: tuple[Offer, ...]
    reason: Reason | None = None
    tells: tuple[Tell, ...] = ()


@dataclass(frozen=True, slots=True)
class Booked:
    """`was` is the session as it stood before, where the resident had one that moved or was given up for this."""

    session: Session
    was: Session | None = None
    tells: tuple[Tell, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """The offer cannot be had (any more); `offers` are those that still hold."""

    offers: tuple[Offer, ...] = ()
    tells: tuple[Tell, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """The session as it is now."""

    session: Session
    tells: tuple[Tell, ...] = ()
