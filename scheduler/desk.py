"""The desk of talks in person: residents get offers, book, move and cancel; meemakers accept, decline and fall ill; and what
is due is done. Everything happens in the caller's transaction; nothing is sent here, `tells` says who has to hear what.

What always holds: nobody and no room, seat or week is promised twice (see `scheduler.claims`). A session that stands has one
resident and one professional. Confirmed people are moved or let go by nobody but themselves. A session keeps its id when it
moves, and its sequence rises with every change of time, place or people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.session import (
    SESSION_LEFT,
    Invitation,
    InvitationStatus,
    News,
    Offer,
    RequestStatus,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkRequest,
    TalkWish,
    Tell,
)
from domain.talk_outcomes import Booked, Done, Gone, Offered, Refusal, Refused
from scheduler.claims import ROOM, talk_offered
from scheduler.fits import HORIZON, is_whole
from scheduler.moments import Moment, Moments, read_key, tells_due
from scheduler.offering import HOURS_TO_CHOOSE, Offering
from scheduler.ports import SessionDb
from scheduler.quorum import Quorum
from scheduler.taking import Taking

_STANDING = (SessionStatus.ASKED, SessionStatus.CONFIRMED)
_EVER = timedelta(days=3650)
_ARRIVING = (Moment.ARRIVE, Moment.ARRIVE_MISSED)
_LEAVING = (Moment.LEAVE, Moment.LEAVE_MISSED)


class SessionsDesk:
    """For one transaction. `now` is UTC; a resident is named by the `reference` of their conversation. A resident has one
    talk at a time. Refusals are values."""

    def __init__(
        self,
        db: SessionDb,
        new_id: Callable[[], str],
        *,
        hours_to_answer: float = 24,
        hours_to_choose: float = HOURS_TO_CHOOSE,
    ) -> None:
        self._db, self._new_id = db, new_id
        self._taking = Taking(db)
        self._offering = Offering(db, self._taking, new_id, hours_to_choose=hours_to_choose)
        self._quorum = Quorum(db, self._taking, self._offering, hours_to_answer=hours_to_answer)
        self._moments = Moments(db)

    # Residents

    def offer(self, reference: str, wish: TalkWish, *, now: datetime) -> Offered | Refused:
        """New offers, held for a quarter of an hour, in place of older ones; without any, the waiting list and the reason."""
        if self._upcoming(reference, now):
            return Refused(Refusal.HAS_ONE)
        return self._offering.offer(reference, wish, now=now)

    def something_else(
        self, reference: str, *, now: datetime, wish: TalkWish | None = None
    ) -> Offered | Refused:
        """Others than those that are held now."""
        request = self._db.request(reference)
        if request is None:
            return Refused(Refusal.NOT_ASKED)
        avoid = [each.when for each in self._db.offers_of(reference, now=now)]
        if self._upcoming(reference, now):
            return self._offering.hold_some(reference, wish or request.wish, now=now, avoid=avoid)
        return self._offering.offer(reference, wish or request.wish, now=now, avoid=avoid)

    def move(
        self, reference: str, session_id: str, *, now: datetime, wish: TalkWish | None = None
    ) -> Offered | Refused:
        """Offers for another time. What is booked stays until one of them is."""
        session = self._theirs(reference, session_id, now)
        if isinstance(session, Refused):
            return session
        request = self._db.request(reference)
        if request is None and wish is None:
            return Refused(Refusal.NOT_ASKED)
        if wish is None and request is not None:
            wish = request.wish
        assert wish is not None
        return self._offering.hold_some(reference, wish, now=now)

    def book(self, reference: str, offer_id: str, *, now: datetime) -> Booked | Gone:
        """One tap. Whoever has a talk already moves it: its id stays, and both meemakers are asked anew."""
        offers = {each.id: each for each in self._db.offers_of(reference, now=now)}
        offer, request = offers.pop(offer_id, None), self._db.request(reference)
        if offer is None or request is None:
            return Gone(tuple(self._db.offers_of(reference, now=now)))
        group = self._group_of(offer)
        pair = group.meemakers if group else self._pair_of(offer)
        if pair is None or not self._keep(reference, offer, pair, group, now):
            return Gone(tuple(offers.values()))
        was = self._upcoming(reference, now)
        moves = was is not None and group is None and SessionKind.GROUP not in (was.kind, offer.kind)
        session_id = group.id if group else was.id if was and moves else self._new_id()
        if not self._hand_on(offer, session_id, moves):
            return Gone(tuple(offers.values()))
        booked = self._put(reference, offer, pair, group, was, session_id, request, now)
        self._db.put_request(replace(request, status=RequestStatus.BOOKED, reason=""))
        return booked

    def mine(self, reference: str, *, now: datetime) -> tuple[Session, ...]:
        """Their talks that are not over, soonest first."""
        return tuple(self._db.sessions_of(reference, since=now))

    def cancel(self, reference: str, session_id: str, *, now: datetime) -> Done | Refused:
        """The resident does not come. A group goes on without them; another talk is off, and its duo hears."""
        session = self._theirs(reference, session_id, now)
        if isinstance(session, Refused):
            return session
        self._db.drop_offers(reference)
        self._db.drop_request(reference)
        return self._give_up(reference, session, now)

    def forget(self, reference: str, *, now: datetime) -> list[Tell]:
        """Before a resident is erased: nothing stays held, and nobody waits for them."""
        self._db.drop_offers(reference)
        self._db.drop_request(reference)
        tells: list[Tell] = []
        for each in self._db.sessions_of(reference, since=now):
            session = self._db.session(each.id)
            if session is not None and session.status in _STANDING and session.when.start > now:
                tells += self._give_up(reference, session, now).tells
        return tells

    # Meemakers

    def invitation(self, meemaker: str, session_id: str) -> Invitation | None:
        """What they were asked last for this session."""
        found = [each for each in self._db.invitations(session_id) if each.meemaker == meemaker]
        return found[-1] if found else None

    def accept(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused:
        return self._quorum.accept(meemaker, session_id, now=now)

    def decline(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused:
        """The other half stays; somebody else is asked, or the session is off and the resident gets other offers."""
        return self._quorum.decline(meemaker, session_id, now=now)

    def ill(self, meemaker: str, period: Stretch, *, now: datetime) -> list[Done]:
        """As `decline`, for every session in that time. That they are away then is for the caller to write down."""
        return self._quorum.drop(meemaker, period, now=now)

    def leave(self, meemaker: str, *, now: datetime) -> list[Done]:
        """Before a meemaker stops or is erased."""
        return self._quorum.drop(meemaker, Stretch(now, now + _EVER), now=now)

    def agenda(self, meemaker: str, *, now: datetime) -> tuple[tuple[Session, InvitationStatus | None], ...]:
        """Sessions that are not over, soonest first, with what they answered."""
        found = []
        for each in self._db.sessions_with(meemaker, since=now):
            said = [one.status for one in self._db.invitations(each.id) if one.meemaker == meemaker]
            found.append((each, said[0] if said else None))
        return tuple(found)

    def arrived(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused:
        """For either of the duo; from a while before the beginning. Who says it first is written down."""
        found = self._check(meemaker, session_id, now, *_ARRIVING)
        if isinstance(found, Done) and self._db.checks(session_id)[0] is None:
            self._db.mark_arrived(session_id, at=now)
        return found

    def left(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused:
        """As `arrived`; nobody waits for them any more."""
        found = self._check(meemaker, session_id, now, *_ARRIVING, *_LEAVING)
        if isinstance(found, Done):
            self._mark_left(session_id, now)
        return found

    def _mark_left(self, session_id: str, now: datetime) -> None:
        if self._db.checks(session_id)[1] is None:
            self._db.mark_left(session_id, at=now)

    def no_show(self, meemaker: str, session_id: str, reference: str, *, now: datetime) -> Done | Refused:
        """The resident did not come; nobody asks them how it was."""
        session = self._held(meemaker, session_id, now)
        if isinstance(session, Refused):
            return session
        if reference not in session.booked:
            return Refused(Refusal.NOT_THERE)
        self._db.set_seat(session.id, reference, SeatStatus.MISSED, at=now)
        self._moments.unplan(session, reference)
        return Done(self._db.session(session.id) or session)

    def finished(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused:
        """It is over: residents are asked how it was, the duo for its report. Again changes nothing."""
        session = self._held(meemaker, session_id, now)
        if isinstance(session, Refused):
            return session
        if session.status is SessionStatus.DONE:
            return Done(session)
        done = replace(session, status=SessionStatus.DONE)
        self._db.put_session(done, at=now)
        self._moments.unplan(session)
        self._mark_left(session.id, now)
        for each in session.booked:
            self._db.set_seat(session.id, each, SeatStatus.CAME, at=now)
        people = self._taking.meemakers()
        tells = [Tell(each, News.HOW_WAS_IT, session.id) for each in session.booked]
        tells += [
            Tell(people[each].reference, News.REPORT, session.id, each)
            for each in session.meemakers
            if each in people
        ]
        return Done(done, tuple(tells))

    # Time

    def due(self, key: str, *, now: datetime) -> list[Tell]:
        """What planned work (by its key) comes to now. Nothing is said of what was called off or has moved."""
        kind, _, session_id = key.partition(":")
        if kind == SESSION_LEFT:
            return self._hear_left(session_id, now)
        read = read_key(key)
        if read.moment is Moment.ANSWER:
            return list(self._quorum.hear_silence(read.person, read.session, now=now))
        session = self._db.session(read.session)
        of_duo = session is not None and read.person in session.meemakers
        people = self._taking.meemakers() if of_duo else {}
        tells = tells_due(read, session, people, now=now)
        for other in self._moments.told_with(read, session) if session is not None and tells else ():
            self._moments.unplan_some(other.id, read.person, read.moment)
            tells += tells_due(replace(read, session=other.id), other, people, now=None)
        return tells

    def _hear_left(self, session_id: str, now: datetime) -> list[Tell]:
        """Somebody was erased out of it: a resident, and it is off; or a meemaker, and another is asked."""
        session = self._db.session(session_id)
        if session is None or session.when.start <= now:
            return []
        if session.status is SessionStatus.CANCELLED:
            self._moments.unplan(session, *session.meemakers, "")
            self._taking.settle_neighbours(session, now=now)
            return self._quorum.withdraw(session, session.meemakers)
        gone = "" in session.meemakers
        return list(self._quorum.fill(session, now=now).tells) if gone else []

    def expire(self, *, now: datetime) -> list[Tell]:
        """Silence that lasted too long, and sessions that began without a duo. Offers end by themselves."""
        tells: list[Tell] = []
        for each in self._db.sessions_between(now - timedelta(days=2), now + HORIZON + timedelta(days=1)):
            if each.status is not SessionStatus.ASKED:
                continue
            if each.when.start <= now:
                session = self._db.session(each.id)
                if session is not None and session.status is SessionStatus.ASKED:
                    tells += self._quorum.call_off_for_want_of_a_duo(session, now=now).tells
                continue
            for meemaker in each.meemakers:
                tells += self._quorum.hear_silence(meemaker, each.id, now=now)
        return tells

    def look_again(self, *, now: datetime, most: int = 20) -> list[Tell]:
        """For the waiting list, who waits longest first: whoever gets offers hears it, and they are held for as
        long as it may take to read that."""
        waiting = [each for each in self._db.open_requests() if each.status is RequestStatus.WAITING]
        return [
            Tell(each.reference, News.OFFERED, "")
            for each in waiting[:most]
            if self._offering.offer(each.reference, each.wish, now=now, is_pushed=True).offers
        ]

    def _upcoming(self, reference: str, now: datetime) -> Session | None:
        found = [
            each
            for each in self._db.sessions_of(reference, since=now)
            if each.when.start > now and each.status in _STANDING
        ]
        return self._db.session(found[0].id) if found else None

    def _theirs(self, reference: str, session_id: str, now: datetime) -> Session | Refused:
        session = self._db.session(session_id)
        if session is None or session.status not in _STANDING or reference not in session.booked:
            return Refused(Refusal.NOT_THERE)
        return Refused(Refusal.PAST) if session.when.start <= now else session

    def _group_of(self, offer: Offer) -> Session | None:
        """The group session that the offer is a seat in, if it stands."""
        if offer.kind is not SessionKind.GROUP:
            return None
        for each in self._db.sessions_between(offer.when.start, offer.when.end):
            if (each.kind, each.place, each.room, each.when) == (
                offer.kind,
                offer.place,
                offer.room,
                offer.when,
            ):
                return self._db.session(each.id)
        return None

    def _pair_of(self, offer: Offer) -> tuple[str, str] | None:
        people = self._taking.meemakers()
        pairs = (each for each in self._db.duos() if each.id == offer.duo and is_whole(each, people))
        found = next(pairs, None)
        return found.members if found else None

    def _seats_of(self, offer: Offer) -> int:
        if offer.kind is not SessionKind.GROUP:
            return 1
        rooms = (room for place in self._db.places() if place.id == offer.place for room in place.rooms)
        return next((room.seats for room in rooms if room.name == offer.room), 1)

    def _keep(
        self,
        reference: str,
        offer: Offer,
        pair: tuple[str, str],
        group: Session | None,
        now: datetime,
    ) -> bool:
        """Takes all that the offer needs as things are now: a neighbour that spared it travel may be gone."""
        seats = group.seats if group else self._seats_of(offer)
        talk = talk_offered(offer, pair, reference, seats=seats, joins=group is not None)
        own = self._taking.let_go(offer.id, talk, now=now)
        had_room = any(each.what == ROOM for each in own)
        if offer.kind is SessionKind.GROUP and group is None and not had_room:
            return False  # a seat in a group that was called off
        return self._taking.take(offer.id, talk, own, now=now)

    def _hand_on(self, offer: Offer, session_id: str, moves: bool) -> bool:
        """What the offer holds becomes the session's, in place of what it held before it moved. False when the offer holds
        nothing: without claims nothing is booked, and nothing has changed."""
        between = self._new_id() if moves else session_id
        if not self._db.hand_on(offer.id, between):
            return False
        if moves:
            self._db.release(session_id)
            self._db.hand_on(between, session_id)
        return True

    def _put(
        self,
        reference: str,
        offer: Offer,
        pair: tuple[str, str],
        group: Session | None,
        was: Session | None,
        session_id: str,
        request: TalkRequest,
        now: datetime,
    ) -> Booked:
        tells: list[Tell] = []
        keeps_id = was is not None and was.id == session_id
        self._db.drop_offers(reference)
        if was is not None and keeps_id:
            self._moments.unplan(was)
        elif was is not None:
            tells += self._give_up(reference, was, now).tells
        if group is not None:
            session, more = self._join(reference, group, now)
            return Booked(session, was, (*tells, *more))
        session = Session(
            session_id,
            offer.kind,
            offer.duo,
            *pair,
            offer.place,
            offer.room,
            offer.when,
            SessionStatus.ASKED,
            was.sequence + 1 if was is not None and keeps_id else 0,
            request.wish.language,
            self._seats_of(offer),
            (reference,),
        )
        self._db.put_session(session, at=now)
        self._db.set_seat(session.id, reference, SeatStatus.BOOKED, at=now)
        if was is not None and keeps_id:
            tells += self._quorum.withdraw(was, set(was.meemakers) - set(pair))
            self._taking.settle(session, now=now)
            self._taking.settle_neighbours(was, now=now)
            tells.append(Tell(reference, News.MOVED, session.id))
        moved = was if keeps_id else None
        tells += [self._quorum.ask(session, each, now=now, was=moved) for each in pair]
        return Booked(session, was, tuple(tells))

    def _join(self, reference: str, group: Session, now: datetime) -> tuple[Session, list[Tell]]:
        self._db.set_seat(group.id, reference, SeatStatus.BOOKED, at=now)
        session = self._db.session(group.id) or group
        if session.status is not SessionStatus.CONFIRMED:
            return session, []
        self._moments.plan_resident(session, reference, now=now)
        return session, [Tell(reference, News.CONFIRMED, session.id)]

    def _give_up(self, reference: str, session: Session, now: datetime) -> Done:
        self._db.set_seat(session.id, reference, SeatStatus.CANCELLED, at=now)
        self._moments.unplan(session, reference)
        if session.kind is SessionKind.GROUP:
            left = self._db.session(session.id) or session
            self._taking.settle(left, now=now)
            return Done(left)
        session, tells = self._quorum.call_off(session, now=now)
        return Done(replace(session, booked=()), tuple(tells))

    def _held(self, meemaker: str, session_id: str, now: datetime) -> Session | Refused:
        """One of this meemaker that has begun."""
        session = self._db.session(session_id)
        if (
            session is None
            or meemaker not in session.meemakers
            or session.status not in (SessionStatus.CONFIRMED, SessionStatus.DONE)
        ):
            return Refused(Refusal.NOT_THERE)
        return Refused(Refusal.NOT_YET) if session.when.start > now else session

    def _check(self, meemaker: str, session_id: str, now: datetime, *moments: Moment) -> Done | Refused:
        session = self._db.session(session_id)
        if (
            session is None
            or meemaker not in session.meemakers
            or session.status
            not in (
                SessionStatus.CONFIRMED,
                SessionStatus.DONE,
            )
        ):
            return Refused(Refusal.NOT_THERE)
        if session.when.start - timedelta(hours=1) > now:
            return Refused(Refusal.NOT_YET)
        for person in (*session.meemakers, ""):
            self._moments.unplan_some(session.id, person, *moments)
        return Done(session)
