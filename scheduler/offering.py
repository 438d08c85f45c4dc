"""Makes offers to a resident and holds them; or puts the resident on the waiting list. Books nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.session import (
    HOLD,
    Offer,
    Reason,
    RequestStatus,
    Stretch,
    TalkRequest,
    TalkWish,
)
from domain.talk_outcomes import Offered
from scheduler.claims import talk_offered
from scheduler.offers import MANY, Proposal, find_offers
from scheduler.ports import SessionDb
from scheduler.reminding import waking
from scheduler.taking import Taking

HOURS_TO_CHOOSE = 2.0

_TRIES = 4
"""How often is looked again when somebody else was quicker."""


class Offering:
    """`hours_to_choose` is how long offers are held that somebody is told of without having asked just now, the night not
    counted."""

    def __init__(
        self,
        db: SessionDb,
        taking: Taking,
        new_id: Callable[[], str],
        *,
        hours_to_choose: float = HOURS_TO_CHOOSE,
    ) -> None:
        self._db, self._taking, self._new_id = db, taking, new_id
        self._to_choose = hours_to_choose

    def offer(
        self,
        reference: str,
        wish: TalkWish,
        *,
        now: datetime,
        avoid: Sequence[Stretch] = (),
        is_pushed: bool = False,
    ) -> Offered:
        """Drops what was offered before. Without any, they wait, from when they first asked. `is_pushed`: they are told,
        and may read it later."""
        until = max(now + HOLD, waking(now, self._to_choose)) if is_pushed else now + HOLD
        found = self.hold_some(reference, wish, now=now, avoid=avoid, until=until)
        before = self._db.request(reference)
        waits = before is not None and before.status is not RequestStatus.BOOKED
        since = before.since if before is not None and waits else now
        status = RequestStatus.OPEN if found.offers else RequestStatus.WAITING
        self._db.put_request(TalkRequest(reference, wish, since, status, found.reason or ""))
        return found

    def hold_some(
        self,
        reference: str,
        wish: TalkWish,
        *,
        now: datetime,
        avoid: Sequence[Stretch] = (),
        until: datetime | None = None,
    ) -> Offered:
        """Held until then, a quarter of an hour without it."""
        self._db.drop_offers(reference)
        held: list[Offer] = []
        lost = list(avoid)
        reason = None
        for _ in range(_TRIES):
            found = find_offers(
                reference, wish, self._taking.town(now), now=now, many=MANY - len(held), avoid=lost
            )
            if isinstance(found, Reason):
                reason = found
                break
            won = [self._hold(reference, each, now, until or now + HOLD) for each in found]
            held += [each for each in won if each]
            lost += [each.when for each, offer in zip(found, won, strict=True) if offer is None]
            if all(won):
                break
        if held:
            return Offered(tuple(sorted(held, key=lambda each: each.when.start)))
        return Offered((), reason or Reason.FULL)

    def _hold(self, reference: str, proposal: Proposal, now: datetime, until: datetime) -> Offer | None:
        offer = Offer(
            self._new_id(),
            proposal.kind,
            proposal.duo.id,
            proposal.place,
            proposal.room,
            proposal.when,
            min(until, proposal.when.start),
        )
        talk = talk_offered(
            offer, proposal.meemakers, reference, seats=proposal.seats, joins=bool(proposal.joins)
        )
        if not self._taking.hold(offer.id, talk, until=offer.until, now=now):
            return None
        self._db.put_offer(reference, offer)
        return offer
