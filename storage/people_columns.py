"""How several words, hours and rooms stand in one column or row of meemakers and places; whoever reads or writes them
goes through here."""

from collections.abc import Iterable
from datetime import time

from domain.session import Hours, Room

_DAY = 24 * 60


def words_text(words: Iterable[str]) -> str:
    """Codes without spaces in them (languages, neighbourhoods), in alphabetical order."""
    return " ".join(sorted(words))


def words_in(text: str) -> frozenset[str]:
    return frozenset(text.split())


def minutes_of(hours: Hours) -> tuple[int, int]:
    """Minutes after midnight, from and until; the end of the day is 1440."""
    return _minutes(hours.begin), _minutes(hours.until) or _DAY


def hours_of(weekday: int, begin: int, until: int) -> Hours:
    return Hours(weekday, _clock(begin), _clock(until % _DAY))


def rooms_text(rooms: Iterable[Room]) -> str:
    """ "zaal 12; kamer 4": names without semicolons, and how many seats there are."""
    return "; ".join(f"{room.name} {room.seats}" for room in rooms)


def rooms_in(text: str) -> tuple[Room, ...]:
    parts = (part.rpartition(" ") for part in text.split("; ") if part)
    return tuple(Room(name, int(seats)) for name, _, seats in parts)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))
