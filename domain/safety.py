"""Danger: the kinds that are always heard, whatever the conversation is about, and the case that staff have of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SignalKind(StrEnum):
    SUICIDE = "suicide"
    VIOLENCE = "violence"
    EMERGENCY = "emergency"
    CHILD = "child"


class Step(StrEnum):
    """What was done about a case."""

    TOLD = "told"
    TOLD_MORE = "told_more"  # of another kind, in a case they knew
    COUNTED = "counted"  # of the same kind once more: only how often
    PASSED_ON = "passed_on"
    TAKEN = "taken"
    LET_GO = "let_go"  # who had it left
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One step in a case: which member of the staff it was told to or taken by. `at` is UTC."""

    member: str
    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """Danger that was heard of one person, from the first signal until somebody closed it; one is open at a time. UTC.

    `reference` is empty once the person was erased. `kinds` are in the order in which they were heard; `at` is the
    first time and `heard_at` the last of `count`. `asked` names who was told in this round, `told_to` the last of
    them (empty: nobody could be told), since `told_at`. `said_at` is when anybody was last told anything of it. `taken_by` is empty
    while nobody acknowledged it; `closed_by` is empty too where it was closed by erasing the person.
    """

    id: str
    reference: str
    kinds: tuple[SignalKind, ...]
    at: datetime
    heard_at: datetime
    count: int = 1
    asked: tuple[str, ...] = ()
    told_to: str = ""
    told_at: datetime | None = None
    said_at: datetime | None = None
    taken_by: str = ""
    taken_at: datetime | None = None
    closed_by: str = ""
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None
