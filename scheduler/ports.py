"""What the planning of talks needs from outside, as protocols; storage implements them. Times are UTC."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.session import (
    Claim,
    Duo,
    Hours,
    Invitation,
    Meemaker,
    Offer,
    Place,
    SeatStatus,
    Session,
    Stretch,
    TalkRequest,
)


class SessionDb(Protocol):
    """Talks in one open transaction."""

    def meemakers(self) -> Sequence[Meemaker]:
        """Those who are active, with all their times."""
        ...

    def meemaker_of(self, reference: str) -> Meemaker | None:
        """Who holds talks and has this conversation; cheap for everybody else."""
        ...

    def names(self, meemakers: Sequence[str]) -> Mapping[str, str]:
        """First names, by id; whoever is not there (any more) is left out."""
        ...

    def set_hours(self, meemaker: str, hours: Sequence[Hours]) -> None:
        """Their usual week, in place of what was there."""
        ...

    def add_time(self, meemaker: str, when: Stretch, *, free: bool) -> None:
        """A stretch that they told of themselves: there (`free`) beside their usual hours, or away."""
        ...

    def drop_times(self, meemaker: str, when: Stretch) -> None:
        """What they told of themselves that touches that time goes; a calendar of their own stays."""
        ...

    def told_times(self, meemaker: str) -> Sequence[tuple[Stretch, bool]]:
        """What they told of themselves, soonest first; True is when they can beside their usual hours."""
        ...

    def set_calendar(self, meemaker: str, url: str) -> None:
        """Where their own calendar is, kept encrypted; with "" there is none any more, and nothing of it stays."""
        ...

    def duos(self) -> Sequence[Duo]: ...

    def places(self) -> Sequence[Place]: ...

    def taken(self, begin: datetime, end: datetime, *, now: datetime) -> Sequence[Claim]:
        """Every stretch that a session or an offer that still holds takes up, in that time."""
        ...

    def claim(self, owner: str, claims: Sequence[Claim], *, until: datetime | None, now: datetime) -> bool:
        """Takes all of them for a session or an offer, or none: False when one is taken already, by `owner` itself
        too. What was held longer than its time is free: who held it has nothing left of it. `until` None takes them
        for good."""
        ...

    def hand_on(self, owner: str, to: str) -> bool:
        """What an offer held becomes a session's, for good. False when the offer holds nothing (any more): somebody
        else took it after its time, and nothing may be booked on it."""
        ...

    def release(self, owner: str) -> None: ...

    def put_offer(self, reference: str, offer: Offer) -> None: ...

    def offers_of(self, reference: str, *, now: datetime) -> Sequence[Offer]:
        """Those that still hold, soonest first."""
        ...

    def drop_offers(self, reference: str) -> None:
        """And what they held."""
        ...

    def session(self, id: str) -> Session | None:
        """Locked until the transaction ends."""
        ...

    def put_session(self, session: Session, *, at: datetime) -> None:
        """Writes it anew or over what was there; seats by `set_seat`."""
        ...

    def set_seat(self, session: str, reference: str, status: SeatStatus, *, at: datetime) -> None: ...

    def sessions_of(self, reference: str, *, since: datetime) -> Sequence[Session]:
        """Those a resident has a booked seat in that are not cancelled and end after `since`, soonest first."""
        ...

    def sessions_with(self, meemaker: str, *, since: datetime) -> Sequence[Session]:
        """Those of a meemaker that are not cancelled and end after `since`, soonest first."""
        ...

    def sessions_between(self, begin: datetime, end: datetime) -> Sequence[Session]:
        """Those that are not cancelled and begin in that time."""
        ...

    def address(self, session: str) -> str:
        """Where a visit at home is, "" where it is not known (yet)."""
        ...

    def set_address(self, session: str, address: str) -> None:
        """Kept encrypted until two days after the visit, or until it is called off."""
        ...

    def mark_arrived(self, session: str, *, at: datetime) -> None: ...

    def mark_left(self, session: str, *, at: datetime) -> None: ...

    def checks(self, session: str) -> tuple[datetime | None, datetime | None]:
        """When the duo said that they were there, and that they had left."""
        ...

    def invitations(self, session: str) -> Sequence[Invitation]:
        """All, oldest first."""
        ...

    def put_invitation(self, invitation: Invitation) -> None:
        """Writes it anew, or over the one of that session and meemaker."""
        ...

    def reports(self, session: str) -> Sequence[tuple[str, str, str]]:
        """(meemaker, response, its outcome) of the reports on a session, "" for one that is not finished."""
        ...

    def request(self, reference: str) -> TalkRequest | None: ...

    def put_request(self, request: TalkRequest) -> None: ...

    def drop_request(self, reference: str) -> None: ...

    def open_requests(self) -> Sequence[TalkRequest]:
        """Who waits for a talk, longest first."""
        ...

    def plan(self, key: str, kind: str, reference: str, due_at: datetime) -> None:
        """Something to do later; a second plan with the same key replaces the first."""
        ...

    def unplan(self, key: str) -> None: ...

    def take_back(self, key: str) -> bool:
        """Drops the message that was written under `key`, unless it was sent; whether there was one."""
        ...
