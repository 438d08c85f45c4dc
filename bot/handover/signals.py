"""Who is told of a signal, when the next one is, and what pressing a button on it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.safety import Case, SignalKind
from domain.staff import Role, StaffMember

PATIENCE = timedelta(minutes=15)
"""How long somebody has to take a signal before the next one is told, at any hour: danger keeps no office hours. Also how
often at most somebody is told that the same was heard again."""

NOBODY_THERE = timedelta(minutes=1)
"""How soon to look again where nobody could be told."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def is_anybody_there(members: Sequence[StaffMember]) -> bool:
    """Whether anybody at all would be told, were danger heard now."""
    return any(member.can_be_asked for member in members)


def choose_to_tell(
    members: Sequence[StaffMember], case: Case, last_told: Mapping[str, datetime]
) -> StaffMember | None:
    """Who was not told in this round: those on duty first, coordinators after them; then who was told of any signal
    longest ago (`last_told`, by member), and who stands first in `members`. A new round begins when all were."""

    def order(member: StaffMember) -> tuple[bool, bool, datetime]:
        was_told = member.id in case.asked
        return was_told, member.role is not Role.DUTY, last_told.get(member.id, _NEVER)

    return min((each for each in members if each.can_be_asked), key=order, default=None)


def told(case: Case, member: StaffMember | None, at: datetime) -> Case:
    """The case after telling `member`, or after finding nobody who could be told. Somebody who was told before in
    this round begins a new one."""
    if member is None:
        return replace(case, told_to="", told_at=at)
    asked = (member.id,) if member.id in case.asked else (*case.asked, member.id)
    return replace(case, asked=asked, told_to=member.id, told_at=at, said_at=at)


def heard_again(case: Case, kinds: Sequence[SignalKind], at: datetime) -> tuple[Case, tuple[SignalKind, ...]]:
    """The case after danger was heard once more, and the kinds that are new in it."""
    new = tuple(kind for kind in kinds if kind not in case.kinds)
    return replace(case, kinds=(*case.kinds, *new), heard_at=at, count=case.count + 1), new


def may_count(case: Case, at: datetime) -> bool:
    """Whether it is long enough ago that somebody was told anything of the case to say how often it was heard."""
    return case.said_at is None or at - case.said_at >= PATIENCE


def next_look(case: Case) -> datetime | None:
    """When the next one is to be told; None while somebody has the case, and when it is closed."""
    if not case.is_open or case.taken_by:
        return None
    return (case.told_at or case.at) + (PATIENCE if case.told_to else NOBODY_THERE)


def is_due(case: Case, at: datetime) -> bool:
    """Looked at again at the moment of acting, whatever it was planned for."""
    look = next_look(case)
    return look is not None and look <= at


class Handling(StrEnum):
    """What comes of a press on a signal."""

    YOURS = "yours"
    ALREADY_YOURS = "already_yours"
    TAKEN = "taken"  # a colleague was first
    CLOSED = "closed"
    NOT_TAKEN = "not_taken"  # nobody has it, so it cannot be closed
    OVER = "over"  # closed before


def judge_taking(case: Case | None, member: StaffMember) -> Handling:
    if case is None or not case.is_open:
        return Handling.OVER
    if case.taken_by:
        return Handling.ALREADY_YOURS if case.taken_by == member.id else Handling.TAKEN
    return Handling.YOURS


def judge_closing(case: Case | None, member: StaffMember) -> Handling:
    """Only who has it closes it."""
    if case is None or not case.is_open:
        return Handling.OVER
    if case.taken_by == member.id:
        return Handling.CLOSED
    return Handling.TAKEN if case.taken_by else Handling.NOT_TAKEN


def taken(case: Case, member: StaffMember, at: datetime) -> Case:
    return replace(case, taken_by=member.id, taken_at=at)


def let_go(case: Case) -> Case:
    """Nobody's again, nor with anybody; who had it counts as told."""
    asked = case.asked if not case.taken_by or case.taken_by in case.asked else (*case.asked, case.taken_by)
    return replace(case, asked=asked, told_to="", taken_by="", taken_at=None)


def closed(case: Case, member: StaffMember, at: datetime) -> Case:
    return replace(case, closed_by=member.id, closed_at=at)
