"""What a meemaker says of their talks in words of their own, read without knowing how things stand. Whoever is in the middle
of a question answers that question: only words that can be nothing else are read then."""

import re
from enum import StrEnum
from urllib.parse import urlsplit


class Says(StrEnum):
    AGENDA = "agenda"
    HOURS = "hours"
    WEEK = "week"  # when they usually can
    AWAY = "away"
    EXTRA = "extra"
    ILL = "ill"
    CALENDAR = "calendar"  # with the address of one
    NO_CALENDAR = "no_calendar"
    SWAP = "swap"
    CAN = "can"
    CANNOT = "cannot"
    ARRIVED = "arrived"
    LEFT = "left"
    NO_SHOW = "no_show"
    FINISHED = "finished"


_WHOLE = {
    Says.AGENDA: r"(?:mijn |my )?(?:agenda|afspraken|gesprekken|talks|appointments|schedule)",
    Says.HOURS: r"(?:mijn |my )?(?:(?:vaste )?tijden|beschikbaarheid|availability|(?:usual )?(?:times|hours))"
    r"|wanneer kan ik|when can i",
}
_REST = {
    Says.NO_CALENDAR: r"(?:mijn |my )?(?:kalender|agenda|calendar) (?:weg|uit|wissen|verwijderen|off|away|remove)"
    r"|(?:verwijder|wis|remove|delete) (?:mijn |my )?(?:kalender|agenda|calendar)",
    Says.ARRIVED: r"(?:ik ben|we zijn) (?:er|aangekomen|binnen)|aangekomen|(?:i'm|i am|we are) here|arrived",
    Says.LEFT: r"vertrokken|(?:ik ben|we zijn) (?:weg|buiten|vertrokken)|(?:i have |i've |i )?left",
    Says.NO_SHOW: r"no.?show|niemand(?: gekomen| er)?|er (?:is|kwam|was) niemand(?: gekomen)?|nobody(?: came)?",
    Says.FINISHED: r"klaar|afgelopen|(?:het gesprek|we|het) (?:is|zijn) (?:klaar|afgelopen)|finished|done|it is over",
    Says.CAN: r"(?:ja|yes|oke?|oké|prima|is goed|fine|sure)(?: dat| that)?(?: (?:ik |i )?(?:kan|kom|can|will|works|is goed)(?: ik)?)?"
    r"(?: wel| graag)?|(?:ik kan|ik kom|dat kan|i can|i will)(?: wel)?",
    Says.CANNOT: r"(?:nee|no)(?: (?:ik |dat |i )?(?:kan(?: ik)?(?: helaas)? niet|can't|cannot))?"
    r"|(?:ik |dat )?kan(?: ik)?(?: helaas)? niet|(?:i )?(?:can't|cannot)(?: make it)?",
}
_PART = {
    Says.SWAP: r"\b(?:ruilen|swap)\b",
    Says.ILL: r"\b(?:ben|meld)\b[\w ]*\bziek\b|\b(?:i'm|i am)\b[\w ]*\b(?:ill|sick)\b"
    r"|^(?:ziek|ill|sick)(?:melden)?$|^ziek\b",
}
_EVERY_WEEK = re.compile(
    r"\b(?:elke|iedere|every|doordeweeks|weekdays?|altijd|always|wekelijks|weekly|usually|meestal|normaal)\b"
)
_NOT = re.compile(
    r"\b(?:niet|geen|weg|afwezig|verhinderd|vakantie|vrij|not|can't|cannot|away|off|holidays?|vacation|unavailable)\b"
)
_YET = re.compile(r"\b(?:extra|wel|toch|also|as well|after all)\b")
_AWAY_NO_MORE = re.compile(
    r"\b(?:niet|geen|not|no)\b(?: meer| langer| longer| any ?more)? (?:weg|afwezig|verhinderd|op vakantie|vakantie|vrij|away|off)\b"
)
_AFTER_ALL = re.compile(r"\b(?:toch|after all)\b")
_SAID_OF_IT = re.compile(
    rf"{_AWAY_NO_MORE.pattern}|{_NOT.pattern}|{_YET.pattern}|\b(?:ziek|ill|sick|beschikbaar|available|on|op)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b(?:https?|webcals?)://\S+", re.IGNORECASE)
_CALENDAR = re.compile(r"\b(?:agenda|kalender|calendar)\b|\.ics\b", re.IGNORECASE)
_LONGEST_ADDRESS = 2000
_LONGEST = 300


def plain(text: str) -> str:
    """In small letters, without the signs around it."""
    return " ".join(text.casefold().replace("’", "'").replace(",", " ").split()).strip(" .!?")


def read_words(text: str, *, in_between: bool) -> Says | None:
    """`in_between`: no question of a questionnaire waits."""
    if address_in(text) and _CALENDAR.search(text):
        return Says.CALENDAR
    said = plain(text)
    if len(said) > _LONGEST:
        return None
    for says, pattern in {**_WHOLE, **(_REST if in_between else {})}.items():
        if re.fullmatch(pattern, said):
            return says
    if not in_between:
        return None
    for says, pattern in _PART.items():
        if re.search(pattern, said):
            return says
    if _EVERY_WEEK.search(said):
        return Says.WEEK
    if _NOT.search(said) and not _AWAY_NO_MORE.search(said):
        return Says.AWAY
    if _AWAY_NO_MORE.search(said):
        return Says.EXTRA
    return Says.EXTRA if _YET.search(said) else None


def is_extra(text: str) -> bool:
    """Whether these words tell that somebody can all the same, and not that they cannot."""
    said = plain(text)
    return is_back(text) or (bool(_YET.search(said)) and not _NOT.search(said))


def is_back(text: str) -> bool:
    """Whether these words take back that somebody cannot: "toch wel", "niet meer weg"."""
    said = plain(text)
    if _AWAY_NO_MORE.search(said):
        return True
    return bool(_AFTER_ALL.search(said)) and not _NOT.search(said)


def is_only_against(text: str) -> bool:
    """Whether these words tell when somebody cannot, and nothing of when they can."""
    said = plain(text)
    return bool(_NOT.search(said)) and not _YET.search(said)


def only_times(text: str) -> str:
    """The words without those that say whether somebody can: "not tomorrow" would be read as all other days."""
    return " ".join(_SAID_OF_IT.sub(" ", text.replace("’", "'")).split())


def address_in(text: str) -> str:
    """The address of something on the internet, "" without one."""
    found = _ADDRESS.search(text)
    return found[0].rstrip(".,;)>\"'") if found else ""


def calendar_address(address: str) -> str:
    """As it can be fetched: by https alone; "" for what is no such address."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("https", "webcal", "webcals") or not host or "." not in host:
        return ""
    return parts._replace(scheme="https").geturl() if len(address) <= _LONGEST_ADDRESS else ""
