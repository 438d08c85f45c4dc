"""What comes back when a button about talks in person is pressed. These are known for what they are at any moment: a late
press is answered by how things are then."""

from dataclasses import dataclass
from enum import StrEnum

_RESIDENT, _DUO = "/gesprek", "/duo"


class TalkTap(StrEnum):
    """Of a resident; most name an offer or a session."""

    WANT = "wil"  # I want to talk
    TAKE = "neem"  # this offer
    ELSE = "anders"  # something else
    MINE = "mijn"  # when was it again, and who comes?
    MOVE = "verzet"
    CANCEL = "annuleer"  # asked once more
    CANCEL_SURE = "annuleer-ja"
    KEEP = "houd"  # do not move or cancel it
    KIND = "soort"  # at a place, at home, in a group
    WHEN = "wanneer"  # a part of the day
    PREFER = "liever"  # a woman, a man, step-free, language
    HOW = "hoe"  # how was it: session, then one of "good", "so_so", "bad"
    LEAVE = "later"  # not now
    ALLOW = "mag"  # you may get in touch with me: "yes" or "no"
    AREA = "wijk"  # in this neighbourhood, or in any
    ADDRESS = "adres"  # where I live, for this session


class DuoTap(StrEnum):
    """Of a meemaker; most name a session."""

    YES = "ja"
    NO = "nee"
    AGENDA = "agenda"
    HOURS = "tijden"
    AWAY = "weg"
    ILL = "ziek"
    BACK = "terug"  # what they told of one time: take it back
    CALENDAR = "kalender"
    SWAP = "ruil"
    ARRIVED = "er"
    NO_SHOW = "niemand"
    FINISHED = "klaar"
    LEFT = "buiten"  # left the home they visited
    REPORT = "verslag"
    SURE = "zeker"  # the yes to what was asked last


@dataclass(frozen=True, slots=True)
class Tapped:
    """`about` is the id or value that the button names, "" without one; `value` what may come after it."""

    what: TalkTap | DuoTap
    about: str = ""
    value: str = ""


def payload(what: TalkTap | DuoTap, about: str = "", value: str = "") -> str:
    """At most 64 bytes: ids have 20 characters."""
    start = _RESIDENT if isinstance(what, TalkTap) else _DUO
    return ":".join(part for part in (start, what.value, about, value) if part)


def read_tap(text: str) -> Tapped | None:
    """None for every other button. The bare "/gesprek" and "/duo" may be typed as well."""
    start, *parts = text.strip().split(":")
    parts = [*parts, "", "", ""][:3]
    if start == _RESIDENT:
        return _read(TalkTap, parts, TalkTap.WANT)
    return _read(DuoTap, parts, DuoTap.AGENDA) if start == _DUO else None


def _read(kinds: type[TalkTap] | type[DuoTap], parts: list[str], usual: TalkTap | DuoTap) -> Tapped | None:
    what, about, value = parts
    if not what:
        return Tapped(usual)
    return Tapped(kinds(what), about, value) if what in set(kinds) else None
