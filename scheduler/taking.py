"""Takes what a talk needs and gives it back, in the caller's transaction; whether a talk should be is decided elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.errors import DomainError
from domain.session import TICK, Claim, Meemaker, Session, Stretch
from scheduler.claims import (
    MEEMAKER,
    RESIDENT,
    Grid,
    Taken,
    Talk,
    at_same_place,
    claims_for,
    look_from,
    talk_of,
    with_travel,
)
from scheduler.fits import HORIZON, Town
from scheduler.hours import minus
from scheduler.ports import SessionDb

_LONGEST = timedelta(hours=8)
"""No talk is longer."""


class Taking:
    """`now` is UTC. An owner of claims is the id of an offer or of a session."""

    def __init__(self, db: SessionDb) -> None:
        self._db = db
        self._cannot: list[tuple[str, Stretch]] = []

    def note_away(self, meemaker: str, when: Stretch) -> None:
        """They have just said that they cannot then: in this transaction they are not asked again."""
        self._cannot.append((meemaker, when))

    def meemakers(self) -> dict[str, Meemaker]:
        found = {each.id: each for each in self._db.meemakers()}
        for id, when in self._cannot:
            if id in found:
                who = found[id]
                found[id] = replace(who, away=(*who.away, when), extra=minus(_ordered(who.extra), [when]))
        return found

    def town(self, now: datetime) -> Town:
        begin, end = look_from(now), now + HORIZON + timedelta(days=1)
        return Town(
            list(self.meemakers().values()),
            self._db.duos(),
            self._db.places(),
            self._db.sessions_between(begin, end),
            self._db.taken(begin, end, now=now),
        )

    def hold(self, owner: str, talk: Talk, *, until: datetime, now: datetime) -> bool:
        """False when something of it was taken by somebody else in the meantime."""
        return self._take(owner, talk, (), until, now)

    def take(self, owner: str, talk: Talk, own: Sequence[Claim], *, now: datetime) -> bool:
        """For good; `own` is what the owner let go of just before."""
        return self._take(owner, talk, own, None, now)

    def let_go(self, owner: str, talk: Talk, *, now: datetime) -> list[Claim]:
        """What of it the owner had: rooms and tickets."""
        before = self._things(talk, now)
        self._db.release(owner)
        left = before - self._things(talk, now)
        return [Claim(what, id, start, start + TICK) for what, id, start in sorted(left)]

    def settle(self, session: Session, *, now: datetime) -> None:
        """Takes what a session that stands needs now. It had most of it, and what is new has just come free."""
        own = self.let_go(session.id, talk_of(session), now=now)
        if not self.take(session.id, talk_of(session), own, now=now):
            raise DomainError("claims_lost", session=session.id)

    def settle_neighbours(self, session: Session, *, now: datetime) -> None:
        """Whoever counted on no travel from this session, which is gone from its time and place, needs the travel again."""
        near = self._near(session.when)
        for meemaker in session.meemakers:
            for each in at_same_place(meemaker, session.place, near):
                if each.id != session.id:
                    self._take_travel(each, meemaker, now)

    def _take_travel(self, session: Session, meemaker: str, now: datetime) -> None:
        """As much of it as is free."""
        grid = Grid(look_from(session.when.start))
        taken = Taken(grid, self._taken(talk_of(session), now)).of(MEEMAKER, meemaker)
        for each in grid.stretches(grid.touched([with_travel(session.when)]) & ~taken):
            self._db.claim(session.id, [Claim(MEEMAKER, meemaker, each.start, each.end)], until=None, now=now)

    def _take(
        self, owner: str, talk: Talk, own: Sequence[Claim], until: datetime | None, now: datetime
    ) -> bool:
        claims = claims_for(
            talk,
            taken=self._taken(talk, now),
            own=own,
            sessions=self._neighbours(owner, talk),
            most={each.id: each.max_per_week for each in self.meemakers().values()},
        )
        return claims is not None and self._db.claim(owner, claims, until=until, now=now)

    def _neighbours(self, owner: str, talk: Talk) -> list[Session]:
        """Locked: nobody can call one off while this talk counts on it."""
        near = [each for each in self._near(talk.when) if each.id != owner]
        same = {each.id for meemaker in talk.meemakers for each in at_same_place(meemaker, talk.place, near)}
        locked = [self._db.session(id) for id in sorted(same)]
        standing = {each.id for each in self._near(talk.when)}
        return [each for each in locked if each and each.id in standing]

    def _near(self, when: Stretch) -> Sequence[Session]:
        return self._db.sessions_between(when.start - _LONGEST, with_travel(when).end + TICK)

    def _taken(self, talk: Talk, now: datetime) -> Sequence[Claim]:
        return self._db.taken(look_from(talk.when.start), with_travel(talk.when).end, now=now)

    def _things(self, talk: Talk, now: datetime) -> set[tuple[str, str, datetime]]:
        found = set()
        for each in self._taken(talk, now):
            start = each.start
            while each.what not in (MEEMAKER, RESIDENT) and start < each.end:
                found.add((each.what, each.id, start))
                start += TICK
        return found


def _ordered(stretches: Sequence[Stretch]) -> list[Stretch]:
    return sorted(stretches, key=lambda each: each.start)
