"""What a hand-over needs to keep, as a protocol; the adapter is in storage."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.message import Message
from domain.safety import Case, CaseStep, SignalKind, Step
from domain.staff import KeptLine, Role, StaffMember, Talk


class CaseDb(Protocol):
    """Cases of danger in one open transaction. Times are UTC. A case that is read to be changed is locked until the
    transaction ends."""

    def open(self, reference: str, kinds: Sequence[SignalKind], at: datetime) -> Case:
        """A new case of this person, who has none that is open."""
        ...

    def open_of(self, reference: str) -> Case | None:
        """The open case of a person, locked."""
        ...

    def find(self, case_id: str) -> Case | None:
        """The case, locked."""
        ...

    def all(self) -> Sequence[Case]:
        """Open and closed, oldest first; not locked."""
        ...

    def save(self, case: Case) -> None:
        """Closing it closes the signals of its person too."""
        ...

    def note(self, case: Case, member: StaffMember, step: Step, at: datetime) -> None: ...

    def steps(self, case_id: str) -> Sequence[CaseStep]:
        """In order."""
        ...

    def last_told(self) -> Mapping[str, datetime]:
        """When each member was last told of a signal."""
        ...

    def was_danger_last(self, reference: str) -> bool:
        """Whether the turn before this one of the person was danger too."""
        ...


class DeskDb(Protocol):
    """Staff and talks in one open transaction. Times are UTC. The lock of a talk is its resident's conversation:
    take it (`lock`, or the resident's own turn) before reading a talk to change it."""

    @property
    def cases(self) -> CaseDb: ...

    def find_member(self, channel: str, channel_ref: str) -> StaffMember | None:
        """Whose chat this is, locked until the transaction ends."""
        ...

    def member(self, member_id: str) -> StaffMember | None: ...

    def staff(self) -> Sequence[StaffMember]:
        """Everybody, also who has not joined yet, by the time they were invited."""
        ...

    def invite(self, name: str, role: Role, code: str, *, until: datetime, at: datetime) -> None:
        """Adds somebody, or gives who has not joined yet another code and role."""
        ...

    def join(
        self, code: str, channel: str, channel_ref: str, *, language: str, at: datetime
    ) -> StaffMember | None:
        """Uses up the code; None when nobody was invited with it, or it was used, or its time is over."""
        ...

    def settle(self, member_id: str, channel: str, channel_ref: str) -> None:
        """From now on this member works from there; an empty channel: from nowhere."""
        ...

    def remove(self, member_id: str) -> None:
        """The member, and what waits to be sent to them."""
        ...

    def note_asked(self, member_id: str, at: datetime) -> None: ...

    def lock(self, reference: str) -> bool:
        """Locks a resident's conversation; False when it is gone or the resident cannot be reached any more."""
        ...

    def talk(self, reference: str) -> Talk | None: ...

    def talk_of(self, member_id: str) -> Talk | None:
        """The one talk that a member is in."""
        ...

    def waiting(self) -> Sequence[Talk]:
        """Talks that nobody has taken, oldest first."""
        ...

    def save_talk(self, talk: Talk) -> None: ...

    def end_talk(self, reference: str, *, at: datetime, forget: bool) -> None:
        """Takes the talk away with what was kept for it, and closes what was noted of it; `forget` also takes away
        every word of it that waits to be sent, to either side."""
        ...

    def keep_line(self, reference: str, line: KeptLine, *, at: datetime) -> None: ...

    def lines(self, reference: str) -> Sequence[KeptLine]:
        """What waits for whoever takes the talk, in order."""
        ...

    def drop_lines(self, reference: str) -> None: ...

    def tell_member(
        self, member: StaffMember, message: Message, *, at: datetime, about: str = "", is_signal: bool = False
    ) -> None:
        """Into the outbox; `about` is the resident whose words or situation it tells, and it goes when they go. What
        `is_signal` stays when they only stop."""
        ...

    def tell_address(self, address: str, message: Message, *, at: datetime, about: str) -> None:
        """A signal into the outbox of an e-mail address; it goes when the resident goes."""
        ...

    def tell_resident(
        self, reference: str, message: Message, *, at: datetime, from_staff: bool = False
    ) -> None:
        """Into the outbox of the resident's own channel; `from_staff` when it holds the words of a member."""
        ...

    def plan(self, key: str, kind: str, reference: str, due_at: datetime) -> None:
        """Something to look at later; a second plan with the same key replaces the first."""
        ...

    def finish(self, key: str) -> bool:
        """Takes claimed work away; a newer plan under the same key stays. False when it was done or taken away before."""
        ...

    def note_update(self, channel: str, update_id: str, *, at: datetime) -> None:
        """This update of a member's chat was taken."""
        ...
