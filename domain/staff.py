"""The people of the programme who answer when a resident asks for a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody does. Whoever is on duty is asked first, and is told of signals."""

    COORDINATOR = "coordinator"
    DUTY = "duty"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One of the staff. `channel` is where they work from, empty until they join; `is_busy` while they are in a
    talk; `offered_at` (UTC) is when they were last asked for one. `invited_until` is set while a link waits."""

    id: str
    name: str
    role: Role
    language: str = "nl"
    channel: str = ""
    channel_ref: str = ""
    is_busy: bool = False
    is_blocked: bool = False
    offered_at: datetime | None = None
    invited_until: datetime | None = None

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def can_be_asked(self) -> bool:
        return bool(self.channel) and not self.is_blocked


@dataclass(frozen=True, slots=True)
class Talk:
    """A resident who asked for a person, from the question until the end. Times are UTC.

    `wijk` and `question` are what staff may see of the conversation, in words. `asked` names whom it was offered
    to in this round, `offered_to` the last of them (empty: nobody yet), since `offered_at`. `taken_by` is empty while it
    waits; `answered_at` is when whoever took it wrote first; `last_at` is the last word of either side.
    """

    reference: str
    at: datetime
    last_at: datetime
    wijk: str = ""
    question: str = ""
    asked: tuple[str, ...] = ()
    offered_to: str = ""
    offered_at: datetime | None = None
    taken_by: str = ""
    taken_at: datetime | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptLine:
    """Words of a resident that wait for whoever takes the talk; `is_marked` when the safety floor heard danger."""

    text: str
    is_marked: bool
