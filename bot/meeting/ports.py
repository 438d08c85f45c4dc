"""What talks in person need from outside; `scheduler.desk` is who plans them, and app joins the two."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.session import (
    Hours,
    Invitation,
    InvitationStatus,
    Meemaker,
    Offer,
    Place,
    Session,
    Stretch,
    TalkRequest,
    TalkWish,
    Tell,
)
from domain.talk_outcomes import Booked, Done, Gone, Offered, Refused


class TalkDesk(Protocol):
    """The desk in one open transaction. A resident is named by the `reference` of their conversation, a meemaker by
    their id. Times are UTC. Nothing is sent here: `tells` of an outcome say who has to hear what."""

    def offer(self, reference: str, wish: TalkWish, *, now: datetime) -> Offered | Refused:
        """Up to three offers, held for a quarter of an hour; without any, the waiting list and the reason."""
        ...

    def something_else(
        self, reference: str, *, now: datetime, wish: TalkWish | None = None
    ) -> Offered | Refused: ...

    def move(
        self, reference: str, session_id: str, *, now: datetime, wish: TalkWish | None = None
    ) -> Offered | Refused:
        """Offers for another time; what is booked stays until one of them is."""
        ...

    def book(self, reference: str, offer_id: str, *, now: datetime) -> Booked | Gone: ...

    def offers_of(self, reference: str, *, now: datetime) -> Sequence[Offer]:
        """Those that still hold, soonest first."""
        ...

    def mine(self, reference: str, *, now: datetime) -> Sequence[Session]:
        """Their talks that are not over, soonest first."""
        ...

    def cancel(self, reference: str, session_id: str, *, now: datetime) -> Done | Refused: ...

    def request(self, reference: str) -> TalkRequest | None: ...

    def withdraw_request(self, reference: str, *, now: datetime) -> None:
        """They do not want a talk any more; offers are let go. What is booked is for `cancel`."""
        ...

    def forget(self, reference: str, *, now: datetime) -> list[Tell]:
        """Before a resident is erased."""
        ...

    def meemaker(self, reference: str) -> Meemaker | None:
        """Who holds talks and has this conversation; None for everybody else."""
        ...

    def agenda(
        self, meemaker: str, *, now: datetime
    ) -> Sequence[tuple[Session, InvitationStatus | None]]: ...

    def invitation(self, meemaker: str, session_id: str) -> Invitation | None:
        """What they were asked last for this session."""
        ...

    def accept(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused: ...

    def decline(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused: ...

    def ill(self, meemaker: str, period: Stretch, *, now: datetime) -> list[Done]:
        """As `decline` for every session in that time; that they are away then is `add_away`'s."""
        ...

    def leave(self, meemaker: str, *, now: datetime) -> list[Done]: ...

    def arrived(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused: ...

    def left(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused: ...

    def no_show(self, meemaker: str, session_id: str, reference: str, *, now: datetime) -> Done | Refused: ...

    def finished(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused: ...

    def set_hours(self, meemaker: str, hours: Sequence[Hours]) -> None:
        """Their usual week, in place of what was there."""
        ...

    def add_away(self, meemaker: str, when: Stretch) -> None: ...

    def add_extra(self, meemaker: str, when: Stretch) -> None: ...

    def drop_exceptions(self, meemaker: str, when: Stretch) -> None:
        """Those they told of themselves (away or extra) that touch that time go; a calendar of their own stays."""
        ...

    def exceptions(self, meemaker: str) -> Sequence[tuple[Stretch, bool]]:
        """What they told of themselves, soonest first; True is when they can beside their usual hours."""
        ...

    def set_calendar(self, meemaker: str, url: str) -> None:
        """Where their own calendar is, encrypted; "" for none any more."""
        ...

    def session(self, id: str) -> Session | None: ...

    def place(self, id: str) -> Place | None: ...

    def places(self) -> Sequence[Place]: ...

    def address_of(self, session_id: str) -> str:
        """Where a visit at home is, "" where it is not known (yet)."""
        ...

    def set_address(self, session_id: str, address: str) -> None: ...

    def names(self, meemakers: Sequence[str]) -> Mapping[str, str]:
        """First names, by id; whoever is not there (any more) is left out."""
        ...

    def reports(self, session_id: str) -> Sequence[tuple[str, str, str]]:
        """(meemaker, response, its outcome) of the reports on a session, "" for one that is not finished."""
        ...

    def due(self, key: str, *, now: datetime) -> list[Tell]: ...

    def expire(self, *, now: datetime) -> list[Tell]: ...

    def look_again(self, *, now: datetime, most: int = 20) -> list[Tell]: ...


class TalksInPerson(Protocol):
    """Talks in person in an open transaction, as storage keeps them; the bot hands them on and knows nothing of them."""


OpenDesk = Callable[[TalksInPerson], TalkDesk]
"""The desk on the talks of an open transaction."""
