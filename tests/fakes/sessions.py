"""Talks in memory, as storage keeps them: claims by quarters of an hour that end by themselves, and all or nothing."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from domain.session import (
    SESSION_LEFT,
    TICK,
    Claim,
    Duo,
    Hours,
    Invitation,
    Meemaker,
    Offer,
    Place,
    RequestStatus,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkRequest,
)

T = TypeVar("T")
Key = tuple[str, str, int]


def ticks(claim: Claim) -> list[Key]:
    step = TICK.total_seconds()
    first, last = int(claim.start.timestamp() // step), -int(-claim.end.timestamp() // step)
    return [(claim.what, claim.id, tick) for tick in range(first, last)]


@dataclass
class Rows:
    """All that a transaction can change."""

    meemakers: dict[str, Meemaker] = field(default_factory=dict)
    duos: list[Duo] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    claims: dict[Key, tuple[str, datetime | None]] = field(default_factory=dict)
    offers: dict[str, tuple[str, Offer]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    seats: dict[tuple[str, str], SeatStatus] = field(default_factory=dict)
    invitations: dict[tuple[str, str], Invitation] = field(default_factory=dict)
    requests: dict[str, TalkRequest] = field(default_factory=dict)
    work: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    calendars: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    checks: dict[str, tuple[datetime | None, datetime | None]] = field(default_factory=dict)
    reports: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)


class FakeSessions:
    """Implements scheduler.ports.SessionDb. With `guarded` off, claims are not looked at: what a test of the guard has to
    notice. `lose` is how many claims are still to be lost to somebody else."""

    def __init__(self, meemakers: Sequence[Meemaker], duos: Sequence[Duo], places: Sequence[Place]) -> None:
        self.rows = Rows({each.id: each for each in meemakers}, list(duos), list(places))
        self.guarded = True
        self.lose = 0

    def transaction(self, work: Callable[[], T]) -> T:
        """What `work` changed is gone when it raises."""
        before = copy.deepcopy(self.rows)
        try:
            return work()
        except BaseException:
            self.rows = before
            raise

    def meemakers(self) -> Sequence[Meemaker]:
        return list(self.rows.meemakers.values())

    def meemaker_of(self, reference: str) -> Meemaker | None:
        found = (each for each in self.rows.meemakers.values() if each.reference == reference)
        return next(found, None) if reference else None

    def names(self, meemakers: Sequence[str]) -> Mapping[str, str]:
        """Whoever has no name of their own is called by their id."""
        return {id: self.rows.names.get(id, id) for id in meemakers if id in self.rows.meemakers}

    def set_hours(self, meemaker: str, hours: Sequence[Hours]) -> None:
        self._change(meemaker, hours=tuple(hours))

    def add_time(self, meemaker: str, when: Stretch, *, free: bool) -> None:
        who = self.rows.meemakers[meemaker]
        if free:
            self._change(meemaker, extra=(*who.extra, when))
        else:
            self._change(meemaker, away=(*who.away, when))

    def drop_times(self, meemaker: str, when: Stretch) -> None:
        """There is nothing here of a calendar of their own."""
        who = self.rows.meemakers[meemaker]
        away, extra = (
            tuple(each for each in times if not each.overlaps(when)) for times in (who.away, who.extra)
        )
        self._change(meemaker, away=away, extra=extra)

    def told_times(self, meemaker: str) -> Sequence[tuple[Stretch, bool]]:
        found = self.rows.meemakers[meemaker]
        return [*((each, False) for each in found.away), *((each, True) for each in found.extra)]

    def set_calendar(self, meemaker: str, url: str) -> None:
        self.rows.calendars[meemaker] = url

    def _change(self, meemaker: str, **changes: Any) -> None:
        self.rows.meemakers[meemaker] = replace(self.rows.meemakers[meemaker], **changes)

    def duos(self) -> Sequence[Duo]:
        return list(self.rows.duos)

    def places(self) -> Sequence[Place]:
        return list(self.rows.places)

    def taken(self, begin: datetime, end: datetime, *, now: datetime) -> Sequence[Claim]:
        found = []
        for (what, id, tick), (_, until) in sorted(self.rows.claims.items()):
            start = datetime.fromtimestamp(tick * TICK.total_seconds(), begin.tzinfo)
            if begin < start + TICK and start < end and (until is None or until > now):
                found.append(Claim(what, id, start, start + TICK))
        return found

    def claim(self, owner: str, claims: Sequence[Claim], *, until: datetime | None, now: datetime) -> bool:
        wanted = {key for each in claims for key in ticks(each)}
        over = {
            self.rows.claims[key][0]
            for key in wanted
            if key in self.rows.claims and (ends := self.rows.claims[key][1]) is not None and ends <= now
        }
        for key, (who, ends) in list(self.rows.claims.items()):
            if who in over and ends is not None and ends <= now:
                del self.rows.claims[key]
        if self.lose and until is not None:
            self.lose -= 1
            return False
        if self.guarded and not wanted.isdisjoint(self.rows.claims):
            return False
        self.rows.claims.update(dict.fromkeys(wanted, (owner, until)))
        return True

    def hand_on(self, owner: str, to: str) -> bool:
        theirs = [key for key, (who, _) in self.rows.claims.items() if who == owner]
        self.rows.claims.update(dict.fromkeys(theirs, (to, None)))
        return bool(theirs)

    def release(self, owner: str) -> None:
        self.rows.claims = {key: held for key, held in self.rows.claims.items() if held[0] != owner}

    def put_offer(self, reference: str, offer: Offer) -> None:
        assert offer.id not in self.rows.offers
        self.rows.offers[offer.id] = (reference, offer)

    def offers_of(self, reference: str, *, now: datetime) -> Sequence[Offer]:
        found = [offer for who, offer in self.rows.offers.values() if who == reference and offer.until > now]
        return sorted(found, key=lambda each: (each.when.start, each.id))

    def drop_offers(self, reference: str) -> None:
        for id, (who, _) in list(self.rows.offers.items()):
            if who == reference:
                self.release(id)
                del self.rows.offers[id]

    def session(self, id: str) -> Session | None:
        found = self.rows.sessions.get(id)
        return found and self._seated(found)

    def put_session(self, session: Session, *, at: datetime) -> None:
        self.rows.sessions[session.id] = replace(session, booked=())

    def set_seat(self, session: str, reference: str, status: SeatStatus, *, at: datetime) -> None:
        assert session in self.rows.sessions
        self.rows.seats[session, reference] = status

    def sessions_of(self, reference: str, *, since: datetime) -> Sequence[Session]:
        return [each for each in self._standing() if reference in each.booked and each.when.end > since]

    def sessions_with(self, meemaker: str, *, since: datetime) -> Sequence[Session]:
        return [each for each in self._standing() if meemaker in each.meemakers and each.when.end > since]

    def sessions_between(self, begin: datetime, end: datetime) -> Sequence[Session]:
        return [each for each in self._standing() if begin <= each.when.start < end]

    def address(self, session: str) -> str:
        return self.rows.addresses.get(session, "")

    def set_address(self, session: str, address: str) -> None:
        self.rows.addresses[session] = address

    def mark_arrived(self, session: str, *, at: datetime) -> None:
        self.rows.checks[session] = (at, self.checks(session)[1])

    def mark_left(self, session: str, *, at: datetime) -> None:
        self.rows.checks[session] = (self.checks(session)[0], at)

    def checks(self, session: str) -> tuple[datetime | None, datetime | None]:
        return self.rows.checks.get(session, (None, None))

    def reports(self, session: str) -> Sequence[tuple[str, str, str]]:
        return self.rows.reports.get(session, [])

    def invitations(self, session: str) -> Sequence[Invitation]:
        found = [each for each in self.rows.invitations.values() if each.session == session]
        return sorted(found, key=lambda each: (each.asked_at, each.meemaker))

    def put_invitation(self, invitation: Invitation) -> None:
        assert invitation.session in self.rows.sessions
        self.rows.invitations[invitation.session, invitation.meemaker] = invitation

    def request(self, reference: str) -> TalkRequest | None:
        return self.rows.requests.get(reference)

    def put_request(self, request: TalkRequest) -> None:
        self.rows.requests[request.reference] = request

    def drop_request(self, reference: str) -> None:
        self.rows.requests.pop(reference, None)

    def open_requests(self) -> Sequence[TalkRequest]:
        found = [each for each in self.rows.requests.values() if each.status is not RequestStatus.BOOKED]
        return sorted(found, key=lambda each: (each.since, each.reference))

    def plan(self, key: str, kind: str, reference: str, due_at: datetime) -> None:
        self.rows.work[key] = (kind, reference, due_at)

    def unplan(self, key: str) -> None:
        self.rows.work.pop(key, None)

    def take_back(self, key: str) -> bool:
        if key not in self.rows.unsent:
            return False
        self.rows.unsent.remove(key)
        return True

    def due(self, now: datetime) -> list[tuple[str, str, str]]:
        """(key, kind, reference) of the work that is due, soonest first; it is taken away."""
        found = sorted((due, key) for key, (_, _, due) in self.rows.work.items() if due <= now)
        return [(key, *self.rows.work.pop(key)[:2]) for _, key in found]

    def erase(self, reference: str) -> None:
        """A resident's rows go, as storage does it."""
        self.drop_offers(reference)
        self.rows.requests.pop(reference, None)
        for session, who in self.rows.seats:
            if who == reference:
                self.rows.addresses.pop(session, None)
        self.rows.seats = {key: seat for key, seat in self.rows.seats.items() if key[1] != reference}
        self.rows.work = {key: work for key, work in self.rows.work.items() if work[1] != reference}
        self.rows.claims = {
            key: held for key, held in self.rows.claims.items() if key[:2] != ("resident", reference)
        }

    def erase_at_once(self, person: str, *, now: datetime) -> None:
        """A resident or a meemaker (by id) goes without a word to the desk, as storage does it: who stays in a session to
        come is left as work."""
        for each in self._standing():
            if each.when.end <= now or each.status not in (SessionStatus.ASKED, SessionStatus.CONFIRMED):
                continue
            alone = each.kind is not SessionKind.GROUP and person in each.booked
            if not alone and person not in each.meemakers:
                continue
            resident, professional = ("" if one == person else one for one in each.meemakers)
            left = replace(
                each,
                status=SessionStatus.CANCELLED if alone else SessionStatus.ASKED,
                sequence=each.sequence + 1,
                resident_meemaker=resident,
                professional_meemaker=professional,
            )
            self.put_session(left, at=now)
            if alone:
                self.release(each.id)
            self.plan(f"{SESSION_LEFT}:{each.id}", SESSION_LEFT, "", now)
        theirs = {duo.id for duo in self.rows.duos if person in duo.members}
        for who in {who for who, offer in self.rows.offers.values() if offer.duo in theirs}:
            self.drop_offers(who)
        rows = self.rows
        rows.duos = [each for each in rows.duos if each.id not in theirs]
        rows.invitations = {key: each for key, each in rows.invitations.items() if key[1] != person}
        rows.claims = {key: held for key, held in rows.claims.items() if key[:2] != ("meemaker", person)}
        rows.meemakers.pop(person, None)
        self.erase(person)

    def _seated(self, session: Session) -> Session:
        booked = (
            who
            for (id, who), seat in self.rows.seats.items()
            if id == session.id and seat is SeatStatus.BOOKED
        )
        return replace(session, booked=tuple(sorted(booked)))

    def _standing(self) -> list[Session]:
        standing = [
            each for each in self.rows.sessions.values() if each.status is not SessionStatus.CANCELLED
        ]
        return [self._seated(each) for each in sorted(standing, key=lambda each: (each.when.start, each.id))]
