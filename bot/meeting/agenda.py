"""The talks of a meemaker as they see them: what is to come, what is asked of them, and the buttons that fit now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dialogue.effects import Key, Literal, Phrase, Say, Words
from bot.meeting.hours_words import under_each_other
from bot.meeting.moments import when_words
from bot.meeting.ports import TalkDesk
from bot.meeting.taps import DuoTap, payload
from domain.session import InvitationStatus, Session, SessionKind, SessionStatus

AFTER = timedelta(hours=24)
"""How long after its end a talk that nobody finished stays in sight."""

BEFORE = timedelta(hours=1)
"""From how long before the beginning somebody may say that they are there."""

MOST = 6

_TITLES = {
    DuoTap.YES: "duo.button.yes",
    DuoTap.NO: "duo.button.no",
    DuoTap.SWAP: "duo.button.swap",
    DuoTap.ARRIVED: "duo.button.arrived",
    DuoTap.LEFT: "duo.button.left",
    DuoTap.NO_SHOW: "duo.button.no_show",
    DuoTap.FINISHED: "duo.button.finished",
    DuoTap.REPORT: "duo.button.report",
    DuoTap.AGENDA: "duo.button.agenda",
    DuoTap.HOURS: "duo.button.hours",
    DuoTap.AWAY: "duo.button.away",
    DuoTap.ILL: "duo.button.ill",
    DuoTap.CALENDAR: "duo.button.calendar",
}


def duo_key(what: DuoTap, about: str = "", value: str = "", *, title: str = "") -> Key:
    return Key(Phrase(title or _TITLES[what]), payload(what, about, value))


def menu() -> tuple[Key, ...]:
    """What a meemaker can do at any time but look in the agenda."""
    return tuple(duo_key(each) for each in (DuoTap.HOURS, DuoTap.AWAY, DuoTap.ILL, DuoTap.CALENDAR))


@dataclass(frozen=True, slots=True)
class Entry:
    """A talk of theirs with what they answered; None when they were not asked."""

    session: Session
    said: InvitationStatus | None

    def is_open(self, now: datetime) -> bool:
        return self.said is InvitationStatus.ASKED and self.session.when.start > now

    def is_at_hand(self, now: datetime) -> bool:
        """It is about to begin, or not told to be over."""
        confirmed = self.session.status is SessionStatus.CONFIRMED
        return confirmed and self.session.when.start - BEFORE <= now

    def stands(self, now: datetime) -> bool:
        """They are in it, and it has not begun."""
        asked = self.said in (InvitationStatus.ASKED, InvitationStatus.ACCEPTED)
        return asked and self.session.when.start > now


def entries(desk: TalkDesk, meemaker: str, now: datetime) -> list[Entry]:
    """Soonest first; what is over stays until somebody says so, for a day."""
    found = [Entry(*each) for each in desk.agenda(meemaker, now=now - AFTER)]
    return [each for each in found if each.session.when.end > now or each.is_at_hand(now)]


def say_agenda(desk: TalkDesk, meemaker: str, found: Sequence[Entry], now: datetime) -> tuple[Say, ...]:
    """A message for each talk, with its buttons; then what else they can do."""
    shown = [Say((entry_words(desk, meemaker, each, now),), entry_keys(each, now)) for each in found[:MOST]]
    more = len(found) - len(shown)
    last: list[Words] = [Phrase("duo.agenda.more", {"number": more})] if more else []
    lead = Phrase("duo.agenda", count=len(found)) if found else Phrase("duo.agenda.empty")
    return (Say((lead,)), *shown, Say((*last, Phrase("duo.agenda.what")), menu()))


def entry_words(desk: TalkDesk, meemaker: str, entry: Entry, now: datetime) -> Words:
    session = entry.session
    lines: list[Words] = [when_words(session.when.start), where_words(desk, entry)]
    names = desk.names([each for each in session.meemakers if each and each != meemaker])
    lines += [Phrase("duo.with", {"who": Literal(each)}) for each in names.values()]
    lines.append(Phrase(f"duo.kind.{session.kind.value}"))
    lines.append(_status(entry, now))
    return under_each_other(lines)


def where_words(desk: TalkDesk, entry: Entry) -> Words:
    """The address of a home is told to who has said yes alone."""
    session = entry.session
    place = desk.place(session.place) if session.place else None
    if place is not None:
        return Literal(f"{place.name}, {place.address}")
    if session.kind is not SessionKind.HOME:
        spot = desk.address_of(session.id) if session.kind is SessionKind.STREET else ""
        return Literal(spot) if spot else Phrase("duo.where.unknown")
    address = desk.address_of(session.id) if entry.said is InvitationStatus.ACCEPTED else ""
    return Phrase("duo.where.home_at", {"address": Literal(address)}) if address else Phrase("duo.where.home")


def entry_keys(entry: Entry, now: datetime) -> tuple[Key, ...]:
    session = entry.session
    if session.status is SessionStatus.DONE:
        return (duo_key(DuoTap.REPORT, session.id),)
    if entry.is_open(now):
        return (duo_key(DuoTap.YES, session.id), duo_key(DuoTap.NO, session.id))
    taps = [DuoTap.SWAP] if entry.stands(now) else []
    if entry.is_at_hand(now):
        taps += [DuoTap.ARRIVED] if session.when.end > now else []
        taps += keys_at_a_talk(session) if session.when.start <= now else []
    return tuple(duo_key(each, session.id) for each in taps)


def keys_at_a_talk(session: Session) -> list[DuoTap]:
    at_home = [DuoTap.LEFT] if session.kind is SessionKind.HOME else []
    nobody = [DuoTap.NO_SHOW] if len(session.booked) == 1 else []
    return [*at_home, DuoTap.FINISHED, *nobody]


def _status(entry: Entry, now: datetime) -> Words:
    if entry.session.status is SessionStatus.DONE:
        return Phrase("duo.status.done")
    if entry.is_open(now):
        return Phrase("duo.status.asked")
    if entry.session.status is SessionStatus.CONFIRMED:
        return Phrase("duo.status.confirmed")
    return Phrase("duo.status.waiting")
