"""Who is asked for a talk, when the next one is, and whether somebody may take it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.handover.hours import OpeningHours
from domain.staff import Role, StaffMember, Talk

PATIENCE = timedelta(minutes=30)
"""Open time that somebody has to take a talk, or to write the first words in one they took."""

IDLE = timedelta(hours=24)
"""A talk in which nobody says anything for so long is over."""

LONGEST_WAIT = timedelta(days=5)
"""A talk that nobody took in so long is given up; a long weekend fits in it."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def choose_next(members: Sequence[StaffMember], talk: Talk) -> StaffMember | None:
    """Whom to offer it to: who was not asked yet; the free first, then duty, then who was asked longest ago."""
    rest = [each for each in members if each.can_be_asked and each.id not in talk.asked]
    return min(rest, key=_order, default=None)


def _order(member: StaffMember) -> tuple[bool, bool, datetime, str]:
    return member.is_busy, member.role is not Role.DUTY, member.offered_at or _NEVER, member.id


def offered(talk: Talk, member: StaffMember | None, at: datetime) -> Talk:
    """The talk after asking `member`, or after finding nobody left to ask."""
    if member is None:
        return replace(talk, offered_to="", offered_at=at)
    return replace(talk, asked=(*talk.asked, member.id), offered_to=member.id, offered_at=at)


def taken(talk: Talk, member: StaffMember, at: datetime) -> Talk:
    return replace(talk, taken_by=member.id, taken_at=at, last_at=at)


def let_go(talk: Talk) -> Talk:
    """Nobody's again; who had it counts as asked."""
    asked = talk.asked if talk.taken_by in talk.asked else (*talk.asked, talk.taken_by)
    return replace(talk, asked=asked, taken_by="", taken_at=None, answered_at=None, offered_at=None)


class Taking(StrEnum):
    """What comes of "Ik neem dit"."""

    YOURS = "yours"
    ALREADY_YOURS = "already_yours"
    TAKEN = "taken"  # a colleague was first
    OVER = "over"
    BUSY = "busy"  # one talk at a time


def judge_taking(talk: Talk | None, member: StaffMember) -> Taking:
    if talk is None:
        return Taking.OVER
    if talk.taken_by == member.id:
        return Taking.ALREADY_YOURS
    if talk.taken_by:
        return Taking.TAKEN
    return Taking.BUSY if member.is_busy else Taking.YOURS


class Due(StrEnum):
    """What the passing of time asks for."""

    OFFER = "offer"
    PASS_ON = "pass_on"  # taken, but not a word came: to the next person
    SAY_CLOSED = "say_closed"
    GIVE_UP = "give_up"
    END_IDLE = "end_idle"
    WAIT = "wait"


def what_is_due(talk: Talk, hours: OpeningHours, at: datetime) -> Due:
    """Looked at again at the moment of acting, whatever it was planned for."""
    if talk.answered_at is not None:
        return Due.END_IDLE if at - talk.last_at >= IDLE else Due.WAIT
    if not talk.taken_by and at - talk.at >= LONGEST_WAIT:
        return Due.GIVE_UP
    since = talk.taken_at if talk.taken_by else talk.offered_at
    if not hours.is_open(at):
        return Due.SAY_CLOSED
    if since is not None and at < hours.after_open(since, PATIENCE):
        return Due.WAIT
    return Due.PASS_ON if talk.taken_by else Due.OFFER


def next_look(talk: Talk, hours: OpeningHours, at: datetime) -> datetime:
    """When to look at the talk again: at the end of somebody's patience, but also at closing time, to say so."""
    if talk.answered_at is not None:
        return talk.last_at + IDLE
    since = talk.taken_at if talk.taken_by else talk.offered_at
    if since is None:
        return hours.next_opening(at)
    end = hours.after_open(since, PATIENCE)
    return min(end, hours.closing(at)) if hours.is_open(at) else end
