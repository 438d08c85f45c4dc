"""Keeps both meemakers of a session: asks them, hears their answers, and finds another when one cannot come. The other half
stays, and residents only hear what matters to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.session import (
    Invitation,
    InvitationStatus,
    Meemaker,
    News,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkRequest,
    Tell,
)
from domain.talk_outcomes import Done, Refusal, Refused
from scheduler.claims import TRAVEL, talk_of
from scheduler.fits import has_gender, homes, serve, speaks
from scheduler.hours import busy_times, free_times, minus, week_of
from scheduler.moments import Moment, Moments
from scheduler.offering import Offering
from scheduler.ports import SessionDb
from scheduler.taking import Taking

LEAST_TO_ANSWER = timedelta(hours=1)
_AWAITED = (InvitationStatus.ASKED, InvitationStatus.ACCEPTED)
_STANDING = (SessionStatus.ASKED, SessionStatus.CONFIRMED)


class Quorum:
    def __init__(self, db: SessionDb, taking: Taking, offering: Offering, *, hours_to_answer: float) -> None:
        self._db, self._taking, self._offering = db, taking, offering
        self._moments = Moments(db)
        self._to_answer = timedelta(hours=hours_to_answer)

    def answer_until(self, start: datetime, now: datetime) -> datetime:
        """At most a quarter of the time that is left, at least an hour."""
        return now + min(self._to_answer, max(LEAST_TO_ANSWER, (start - now) / 4))

    def ask(self, session: Session, meemaker: str, *, now: datetime, was: Session | None = None) -> Tell:
        """`was` is the session before it moved: who was in it hears that, and is asked anew."""
        who = self._taking.meemakers()[meemaker]
        until = self.answer_until(session.when.start, now)
        self._db.put_invitation(Invitation(session.id, meemaker, InvitationStatus.ASKED, now, until))
        self._moments.plan_answer(session.id, who, until)
        is_again = was is not None and meemaker in was.meemakers
        news = News.ASKED_AGAIN if is_again else News.ASKED
        return Tell(who.reference, news, session.id, meemaker)

    def accept(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused:
        """Again is fine. With the second yes the session is confirmed and everybody hears."""
        found = self._asked(meemaker, session_id, now)
        if isinstance(found, Refused):
            return found
        session, invitation = found
        if invitation.status is InvitationStatus.ACCEPTED:
            return Done(session)
        self._answer(invitation, InvitationStatus.ACCEPTED)
        if not self._is_complete(session):
            return Done(session)
        session = replace(session, status=SessionStatus.CONFIRMED)
        self._db.put_session(session, at=now)
        self._moments.plan(session, self._taking.meemakers(), now=now)
        return Done(session, tuple(self.tell_all(session, News.CONFIRMED)))

    def decline(self, meemaker: str, session_id: str, *, now: datetime) -> Done | Refused:
        """Also for who said yes before. They are not asked for that time again, unless they take it back."""
        done = self._decline(meemaker, session_id, now)
        if isinstance(done, Done):
            self._keep_away(meemaker, done.session.when)
        return done

    def _keep_away(self, meemaker: str, when: Stretch) -> None:
        told = [(each, free) for each, free in self._db.told_times(meemaker) if each.overlaps(when)]
        self._db.drop_times(meemaker, when)
        for each, free in told:
            for left in minus([each], [when]) if free else [each]:
                self._db.add_time(meemaker, left, free=free)
        if not any(not free and each.start <= when.start and when.end <= each.end for each, free in told):
            self._db.add_time(meemaker, when, free=False)

    def _decline(self, meemaker: str, session_id: str, now: datetime) -> Done | Refused:
        found = self._asked(meemaker, session_id, now)
        if isinstance(found, Refused):
            return found
        session, invitation = found
        self._answer(invitation, InvitationStatus.DECLINED)
        self._taking.note_away(meemaker, session.when)
        return self._replace(session, meemaker, now)

    def drop(self, meemaker: str, period: Stretch, *, now: datetime) -> list[Done]:
        """They cannot come in all of that time."""
        self._taking.note_away(meemaker, period)
        found = []
        for each in self._db.sessions_with(meemaker, since=max(now, period.start)):
            if each.when.overlaps(period):
                done = self._decline(meemaker, each.id, now)
                found += [done] if isinstance(done, Done) else []
        return found

    def fill(self, session: Session, *, now: datetime) -> Done:
        """Somebody of the duo was erased, and is "" in it."""
        if not any(session.meemakers):
            return self.call_off_for_want_of_a_duo(session, now=now)
        return self._replace(session, "", now)

    def hear_silence(self, meemaker: str, session_id: str, *, now: datetime) -> tuple[Tell, ...]:
        """Nothing unless their time to answer is over."""
        found = self._asked(meemaker, session_id, now)
        if isinstance(found, Refused):
            return ()
        session, invitation = found
        if invitation.status is not InvitationStatus.ASKED or invitation.until > now:
            return ()
        self._answer(invitation, InvitationStatus.SILENT)
        self._taking.note_away(meemaker, session.when)
        tells = (self._tell(meemaker, News.WITHDRAWN, session),)
        return (*tells, *self._replace(session, meemaker, now).tells)

    def call_off(self, session: Session, *, now: datetime) -> tuple[Session, list[Tell]]:
        """For the duo; what residents hear of it is told elsewhere. What it took is free again."""
        session = replace(session, status=SessionStatus.CANCELLED, sequence=session.sequence + 1)
        self._db.put_session(session, at=now)
        self._moments.unplan(session)
        self._db.release(session.id)
        self._taking.settle_neighbours(session, now=now)
        return session, self.withdraw(session, session.meemakers)

    def withdraw(self, session: Session, meemakers: Iterable[str]) -> list[Tell]:
        """Whoever said yes hears that it is off, whoever still thinks about it that no answer is needed."""
        tells = []
        for each in self._db.invitations(session.id):
            if each.meemaker in meemakers and each.status in _AWAITED:
                said_yes = each.status is InvitationStatus.ACCEPTED
                self._answer(each, InvitationStatus.WITHDRAWN)
                news = News.CANCELLED if said_yes else News.WITHDRAWN
                tells.append(self._tell(each.meemaker, news, session))
        return tells

    def call_off_for_want_of_a_duo(self, session: Session, *, now: datetime) -> Done:
        """Residents get new offers with the news, none with whoever just said no to that time."""
        residents = session.booked
        for each in self._db.invitations(session.id):
            if each.status in (InvitationStatus.DECLINED, InvitationStatus.SILENT):
                self._taking.note_away(each.meemaker, session.when)
        session, tells = self.call_off(session, now=now)
        for resident in residents:
            self._db.set_seat(session.id, resident, SeatStatus.CANCELLED, at=now)
            request = self._db.request(resident)
            if request is not None:
                self._offering.offer(resident, request.wish, now=now, is_pushed=True)
            tells.append(Tell(resident, News.NO_DUO, session.id))
        return Done(replace(session, booked=()), tuple(tells))

    def tell_all(self, session: Session, news: News) -> list[Tell]:
        residents = [Tell(each, news, session.id) for each in session.booked]
        return [*residents, *(self._tell(each, news, session) for each in session.meemakers)]

    def _tell(self, meemaker: str, news: News, session: Session) -> Tell:
        who = self._taking.meemakers().get(meemaker)
        return Tell(who.reference if who else "", news, session.id, meemaker)

    def _asked(self, meemaker: str, session_id: str, now: datetime) -> tuple[Session, Invitation] | Refused:
        session = self._db.session(session_id)
        if session is None or session.status not in _STANDING:
            return Refused(Refusal.NOT_THERE)
        if session.when.start <= now:
            return Refused(Refusal.PAST)
        invitation = self._invitation(session, meemaker)
        if meemaker not in session.meemakers or invitation is None or invitation.status not in _AWAITED:
            return Refused(Refusal.NOT_ASKED)
        return session, invitation

    def _invitation(self, session: Session, meemaker: str) -> Invitation | None:
        found = [each for each in self._db.invitations(session.id) if each.meemaker == meemaker]
        return found[0] if found else None

    def _is_complete(self, session: Session) -> bool:
        said = {each.meemaker: each.status for each in self._db.invitations(session.id)}
        return all(said.get(each) is InvitationStatus.ACCEPTED for each in session.meemakers)

    def _answer(self, invitation: Invitation, status: InvitationStatus) -> None:
        self._db.put_invitation(replace(invitation, status=status))
        self._moments.unplan_some(invitation.session, invitation.meemaker, Moment.ANSWER)

    def _replace(self, session: Session, out: str, now: datetime) -> Done:
        """The next who fits is asked. Claims are let go of and taken anew in one transaction: nobody comes between."""
        self._moments.unplan(session, out)
        own = self._taking.let_go(session.id, talk_of(session), now=now)
        for who in self._stand_ins(session, out, now):
            changed = self._with(session, out, who)
            if self._taking.take(session.id, talk_of(changed), own, now=now):
                return self._stands(session, changed, who, now)
        return self.call_off_for_want_of_a_duo(session, now=now)

    def _stands(self, before: Session, session: Session, who: Meemaker, now: datetime) -> Done:
        self._db.put_session(session, at=now)
        self._taking.settle_neighbours(before, now=now)
        tells = [self.ask(session, who.id, now=now)]
        for other in set(session.meemakers) - {who.id}:
            invitation = self._invitation(session, other)
            if invitation and invitation.status is InvitationStatus.ACCEPTED:
                tells.append(self._tell(other, News.REPLACED, session))
        return Done(session, tuple(tells))

    def _with(self, session: Session, out: str, who: Meemaker) -> Session:
        resident, professional = (who.id if each == out else each for each in session.meemakers)
        duos = (each.id for each in self._db.duos() if each.members == (resident, professional))
        return replace(
            session,
            duo=next(duos, ""),
            resident_meemaker=resident,
            professional_meemaker=professional,
            status=SessionStatus.ASKED,
            sequence=session.sequence + 1,
        )

    def _stand_ins(self, session: Session, out: str, now: datetime) -> list[Meemaker]:
        """Who could come instead, least disturbance first: who is in a duo with the other half, then who has the fewest
        talks that week."""
        people = self._taking.meemakers()
        other = next(each for each in session.meemakers if each != out)
        asked = {each.meemaker for each in self._db.invitations(session.id)}
        if other not in people or self.answer_until(session.when.start, now) > session.when.start - TRAVEL:
            return []
        kinds = {each.kind for each in people.values()} - {people[other].kind}
        duos = {frozenset(each.members) for each in self._db.duos()}
        found = [
            each
            for each in people.values()
            if each.id not in asked and each.kind in kinds and self._fits(session, each, people[other])
        ]
        return sorted(
            found,
            key=lambda who: (
                frozenset((who.id, other)) not in duos,
                self._load(who.id, session.when.start, now),
                who.id,
            ),
        )

    def _fits(self, session: Session, who: Meemaker, other: Meemaker) -> bool:
        wishes = [each.wish for each in self._requests(session)]
        around = Stretch(session.when.start - TRAVEL, session.when.end + TRAVEL)
        return (
            speaks(who, session.language)
            and self._serves(session, who, other)
            and all(has_gender(wish.gender, (who, other)) for wish in wishes)
            and any(each.holds(session.when) for each in free_times(who, around.start, around.end))
            and not any(each.overlaps(around) for each in busy_times(who))
        )

    def _serves(self, session: Session, who: Meemaker, other: Meemaker) -> bool:
        places = self._db.places()
        if session.kind is not SessionKind.HOME:
            return {each.neighbourhood for each in places if each.id == session.place} <= who.neighbourhoods
        people = self._taking.meemakers().values()
        wishes = (each.wish for each in self._requests(session))
        return all(serve((who, other), homes(wish, people, places)) for wish in wishes)

    def _requests(self, session: Session) -> list[TalkRequest]:
        found = (self._db.request(each) for each in session.booked)
        return [each for each in found if each is not None]

    def _load(self, meemaker: str, at: datetime, now: datetime) -> int:
        sessions = self._db.sessions_with(meemaker, since=now)
        return sum(week_of(each.when.start) == week_of(at) for each in sessions)
