"""A small town for tests of offers and of the desk: two duos, a stand-in of each kind, two places. Everybody can on Tuesday
to Thursday from ten to five, in December 2026; the clock in Amsterdam is an hour ahead."""

from dataclasses import replace
from datetime import UTC, datetime, time

from domain.session import (
    Duo,
    Gender,
    Hours,
    Meemaker,
    MeemakerKind,
    Place,
    Room,
    SessionKind,
    TalkWish,
)
from scheduler.fits import Town

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # a Monday, ten o'clock in Amsterdam
DAYS = tuple(Hours(day, time(10), time(17)) for day in (1, 2, 3))
BOTH = frozenset({"nazareth", "limmel"})
WISH = TalkWish(SessionKind.PRIVATE, "nazareth", frozenset({"nazareth"}))


def meemaker(id: str, kind: MeemakerKind, gender: Gender, *languages: str) -> Meemaker:
    return Meemaker(id, kind, frozenset({"nl", *languages}), BOTH, gender, 3, DAYS, reference=f"chat-{id}")


RESIDENT, PROFESSIONAL = MeemakerKind.RESIDENT, MeemakerKind.PROFESSIONAL
MEEMAKERS = (
    meemaker("els", RESIDENT, Gender.WOMAN, "en"),
    meemaker("jo", PROFESSIONAL, Gender.MAN, "en"),
    meemaker("piet", RESIDENT, Gender.MAN),
    meemaker("karim", PROFESSIONAL, Gender.MAN),
    meemaker("mia", RESIDENT, Gender.WOMAN),
    meemaker("bo", PROFESSIONAL, Gender.WOMAN),
)
DUOS = (Duo("els-jo", "els", "jo"), Duo("piet-karim", "piet", "karim"))
PLACES = (
    Place("hall", "Hall", "Street 1", "nazareth", True, (Room("big", 6), Room("small", 2)), DAYS),
    Place("barn", "Barn", "Lane 2", "limmel", False, (Room("one", 2),), DAYS),
)
TOWN = Town(MEEMAKERS, DUOS, PLACES)


def with_people(town: Town, **changes: object) -> Town:
    """Everybody changed alike."""
    return replace(town, meemakers=tuple(replace(each, **changes) for each in town.meemakers))  # type: ignore[arg-type]  # a test names fields that exist
