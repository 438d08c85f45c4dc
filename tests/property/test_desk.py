"""Whatever residents, meemakers and the clock do in whatever order: nobody is promised twice, every session that stands has
its duo, holds end, sequences rise, confirmed people stay, and nobody is reminded of what was called off or has moved."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.session import (
    HOLD,
    SESSION_LEFT,
    Gender,
    InvitationStatus,
    MeemakerKind,
    News,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkWish,
    Tell,
)
from domain.talk_outcomes import Booked, Done, Gone, Offered
from scheduler.desk import SessionsDesk
from scheduler.hours import week_of
from scheduler.reminding import waking
from tests.effort import effort
from tests.fakes.sessions import FakeSessions
from tests.unit.scheduler.town import DUOS, MEEMAKERS, NOW, PLACES, WISH

HOUR = timedelta(hours=1)
STANDING = (SessionStatus.ASKED, SessionStatus.CONFIRMED)
RESIDENTS = st.sampled_from([f"r{number}" for number in range(5)])
PEOPLE = st.sampled_from([each.id for each in MEEMAKERS])
PICK = st.integers(0, 5)
SOON = Stretch(NOW + timedelta(days=1), NOW + timedelta(days=4))
WISHES = st.builds(
    replace,
    st.just(WISH),
    kind=st.sampled_from((SessionKind.PRIVATE, SessionKind.PRIVATE, SessionKind.HOME, SessionKind.GROUP)),
    accepts=st.sampled_from((frozenset({"nazareth"}), frozenset({"nazareth", "limmel"}))),
    gender=st.sampled_from((None, None, Gender.WOMAN)),
    windows=st.sampled_from(((), (SOON,))),
)


class Desk(RuleBasedStateMachine):
    """A week or more of a small neighbourhood."""

    def __init__(self) -> None:
        super().__init__()
        people = [replace(each, max_per_week=2) for each in MEEMAKERS]
        self.db = FakeSessions(people, DUOS, PLACES)
        self.now = NOW
        self.ids = (f"id{number}" for number in itertools.count())
        self.sequences: dict[str, int] = {}
        self.reminded: Counter[tuple[Any, ...]] = Counter()
        self.confirmed: dict[str, Session] = {}
        self.may_change: set[str] = set()  # who themselves did something in this step

    # What people do

    @rule(who=RESIDENTS, wish=WISHES)
    def ask(self, who: str, wish: TalkWish) -> None:
        found = self.act(lambda desk: desk.offer(who, wish, now=self.now))
        if isinstance(found, Offered):
            self.judge_offers(who, found)

    @rule(who=RESIDENTS, wish=WISHES, pick=PICK)
    def ask_and_book(self, who: str, wish: TalkWish, pick: int) -> None:
        self.ask(who, wish)
        self.book(who, pick)

    @rule(who=RESIDENTS, pick=PICK)
    def book(self, who: str, pick: int) -> None:
        offers = self.db.offers_of(who, now=self.now)
        if offers:
            found = self.act(lambda desk: desk.book(who, offers[pick % len(offers)].id, now=self.now), who)
            assert isinstance(found, Booked | Gone)
            if isinstance(found, Booked):
                assert who in (self.db.session(found.session.id) or found.session).booked

    @rule(who=RESIDENTS)
    def something_else(self, who: str) -> None:
        before = self.db.offers_of(who, now=self.now)
        found = self.act(lambda desk: desk.something_else(who, now=self.now))
        if isinstance(found, Offered):
            self.judge_offers(who, found)
            assert not any(one.when.overlaps(other.when) for one in found.offers for other in before)

    @rule(who=RESIDENTS, pick=PICK, then=st.booleans())
    def move(self, who: str, pick: int, then: bool) -> None:
        session = self.first_of(who)
        if session is None:
            return
        found = self.act(lambda desk: desk.move(who, session.id, now=self.now))
        if isinstance(found, Offered):
            self.judge_offers(who, found)
            assert self.db.session(session.id) == session, "what is booked stays until the new one is"
            if then:
                self.book(who, pick)

    @rule(who=RESIDENTS)
    def cancel(self, who: str) -> None:
        session = self.first_of(who)
        if session is not None:
            found = self.act(lambda desk: desk.cancel(who, session.id, now=self.now), who)
            if isinstance(found, Done):
                assert who not in [each.reference for each in found.tells]

    @rule(who=RESIDENTS)
    def erase(self, who: str) -> None:
        self.act(lambda desk: desk.forget(who, now=self.now), who)
        self.db.erase(who)
        assert who not in {key[1] for key in self.db.rows.claims}
        assert who not in {work[1] for work in self.db.rows.work.values()}

    @rule(who=RESIDENTS)
    def erase_at_once(self, who: str) -> None:
        """By storage alone; the desk is told of it right after."""
        self.fall_out(who)

    @precondition(lambda self: len(self.db.rows.meemakers) > 4)
    @rule(who=PEOPLE)
    def erase_meemaker_at_once(self, who: str) -> None:
        if all(each.when.start > self.now for each in self.db.sessions_with(who, since=self.now)):
            self.fall_out(who)

    def fall_out(self, who: str) -> None:
        there = [*self.db.sessions_of(who, since=self.now), *self.db.sessions_with(who, since=self.now)]
        left = [each for each in there if each.when.start > self.now]
        self.db.erase_at_once(who, now=self.now)
        self.may_change = {who}
        self.nobody_confirmed_was_moved()
        for key in [key for key in self.db.rows.work if key.startswith(SESSION_LEFT)]:
            self.do_due(key, who)
            self.db.unplan(key)
        for each in left:
            after = self.db.session(each.id)
            assert after is not None
            assert who not in (*after.booked, *after.meemakers)

    @rule(who=PEOPLE, yes=st.sampled_from((True, True, True, False)), pick=PICK)
    def answer(self, who: str, yes: bool, pick: int) -> None:
        asked = [session for session, _ in self.agenda(who) if session.status in STANDING]
        if asked:
            session = asked[pick % len(asked)]
            if yes:
                self.say_yes(who, session)
            else:
                self.act(lambda desk: desk.decline(who, session.id, now=self.now), who)

    def say_yes(self, who: str, session: Session) -> None:
        self.act(lambda desk: desk.accept(who, session.id, now=self.now))

    @rule()
    def everybody_accepts(self) -> None:
        for who in MEEMAKERS:
            for session, said in self.agenda(who.id):
                if said is InvitationStatus.ASKED:
                    self.say_yes(who.id, session)

    @rule(who=PEOPLE, days=st.integers(1, 3))
    def ill(self, who: str, days: int) -> None:
        period = Stretch(self.now, self.now + timedelta(days=days))
        self.act(lambda desk: desk.ill(who, period, now=self.now), who)
        there = self.db.sessions_with(who, since=self.now)
        assert not [
            each
            for each in there
            if each.when.start > self.now and each.when.overlaps(period) and each.status in STANDING
        ]

    @precondition(lambda self: len(self.db.rows.meemakers) > 4)
    @rule(who=PEOPLE)
    def stop_as_meemaker(self, who: str) -> None:
        self.act(lambda desk: desk.leave(who, now=self.now), who)
        if not [each for each in self.db.sessions_with(who, since=self.now) if each.when.start <= self.now]:
            self.db.rows.meemakers.pop(who, None)

    @rule(who=PEOPLE, what=st.sampled_from(("arrived", "left", "finished", "no_show")))
    def hold_a_talk(self, who: str, what: str) -> None:
        session = next((each for each, _ in self.agenda(who)), None)
        if session is None:
            return
        if what != "no_show":
            self.act(lambda desk: getattr(desk, what)(who, session.id, now=self.now))
        elif session.booked:
            missed = session.booked[0]
            self.act(lambda desk: desk.no_show(who, session.id, missed, now=self.now), missed)

    @rule(many=st.integers(1, 3))
    def somebody_is_quicker(self, many: int) -> None:
        self.db.lose = many

    @rule(minutes=st.sampled_from((5, 20, 60)))
    def minutes_go_by(self, minutes: int) -> None:
        self.pass_time(timedelta(minutes=minutes))

    @rule(hours=st.integers(2, 60))
    def hours_go_by(self, hours: int) -> None:
        for _ in range(hours):
            self.pass_time(HOUR)

    @rule(who=RESIDENTS, wish=WISHES, pick=PICK)
    def ask_book_and_agree(self, who: str, wish: TalkWish, pick: int) -> None:
        self.ask_and_book(who, wish, pick)
        self.everybody_accepts()

    @rule(who=RESIDENTS, pick=PICK)
    def move_and_agree(self, who: str, pick: int) -> None:
        self.move(who, pick, True)
        self.everybody_accepts()

    def pass_time(self, long: timedelta) -> None:
        """And what is due then is done."""
        self.now += long
        for key, _, _ in self.db.due(self.now):
            self.do_due(key)

    def do_due(self, key: str, *people: str) -> None:
        tells = self.act(lambda desk: desk.due(key, now=self.now), *people)
        assert isinstance(tells, list)

    @rule()
    def expire(self) -> None:
        self.act(lambda desk: desk.expire(now=self.now))
        for each in self.db.rows.sessions.values():
            if each.status is SessionStatus.ASKED:
                assert each.when.start > self.now
                assert all(self.is_awaited(each.id, who) for who in each.meemakers)

    @rule()
    def look_again(self) -> None:
        self.act(lambda desk: desk.look_again(now=self.now))

    # How it is judged

    def act(self, what: Callable[[SessionsDesk], Any], *people: str) -> Any:
        self.may_change = set(people)
        found = self.db.transaction(lambda: what(SessionsDesk(self.db, self.ids.__next__)))
        self.db.lose = 0
        several = found if isinstance(found, list) else [found]
        for each in several:
            self.hear([each] if isinstance(each, Tell) else list(getattr(each, "tells", ())))
        self.nobody_confirmed_was_moved()
        return found

    def first_of(self, who: str) -> Session | None:
        return next(iter(self.db.sessions_of(who, since=self.now)), None)

    def agenda(self, who: str) -> Any:
        return SessionsDesk(self.db, self.ids.__next__).agenda(who, now=self.now)

    def is_awaited(self, session: str, who: str) -> bool:
        found = [each for each in self.db.invitations(session) if each.meemaker == who]
        return found[0].status is InvitationStatus.ACCEPTED or found[0].until > self.now

    def hear(self, tells: list[Tell]) -> None:
        heard = Counter((each.reference, each.session, each.news) for each in tells if each.reference)
        assert not [each for each, many in heard.items() if many > 1], "somebody hears the same thing twice"
        for each in tells:
            if each.news not in (News.REMIND_DAY, News.REMIND_SOON):
                continue
            session = self.db.session(each.session)
            assert session is not None
            assert session.status is SessionStatus.CONFIRMED, "reminded of what does not go on"
            assert each.reference in session.booked or each.meemaker in session.meemakers
            # Or in the evening before, where that would be at night.
            ahead = timedelta(hours=36 if each.news is News.REMIND_DAY else 15)
            assert timedelta(0) < session.when.start - self.now <= ahead, "reminded of another time"
            key = (each.reference, each.session, each.news, session.when.start)
            self.reminded[key] += 1
            assert self.reminded[key] == 1

    def judge_offers(self, who: str, found: Offered) -> None:
        assert (found.reason is None) == bool(found.offers)
        assert list(found.offers) == list(self.db.offers_of(who, now=self.now))
        for each in found.offers:
            assert each.when.start >= self.now + timedelta(hours=24)
            assert each.until == self.now + HOLD

    def nobody_confirmed_was_moved(self) -> None:
        for id, before in self.confirmed.items():
            after = self.db.session(id)
            assert after is not None
            people = {*before.booked, *before.meemakers}
            if self.may_change & people:
                continue
            same = (after.when, after.place, after.meemakers) == (before.when, before.place, before.meemakers)
            assert same, "confirmed people were moved"
            assert set(before.booked) <= set(after.booked) or after.status is SessionStatus.DONE
            assert after.status in (SessionStatus.CONFIRMED, SessionStatus.DONE)
        self.confirmed = {
            id: session
            for id in self.db.rows.sessions
            if (session := self.db.session(id)) and session.status is SessionStatus.CONFIRMED
        }

    def standing(self) -> list[Session]:
        return [
            each
            for id in self.db.rows.sessions
            if (each := self.db.session(id)) and each.status is not SessionStatus.CANCELLED
        ]

    @invariant()
    def every_session_has_its_duo(self) -> None:
        kinds = {each.id: each.kind for each in MEEMAKERS}
        for each in self.standing():
            assert kinds[each.resident_meemaker] is MeemakerKind.RESIDENT
            assert kinds[each.professional_meemaker] is MeemakerKind.PROFESSIONAL
            if each.when.start > self.now:
                assert set(each.meemakers) <= set(self.db.rows.meemakers)
                assert each.kind is SessionKind.GROUP or len(each.booked) == 1
            if each.status is SessionStatus.CONFIRMED and each.when.start > self.now:
                said = {one.meemaker: one.status for one in self.db.invitations(each.id)}
                assert {said[who] for who in each.meemakers} == {InvitationStatus.ACCEPTED}

    @invariant()
    def nobody_is_promised_twice(self) -> None:
        """Sessions and offers that hold, side by side, without a look at the claims."""
        pairs = {duo.id: duo.members for duo in DUOS}
        promises = [
            (each.meemakers, each.place, each.room, each.when, each.booked, each.id)
            for each in self.standing()
        ]
        groups = {(each.place, each.room, each.when): each for each in self.standing()}
        seats = {key: len(each.booked) for key, each in groups.items()}
        held = {(owner, what) for (what, _, _), (owner, _) in self.db.rows.claims.items()}
        for who, offer in self.db.rows.offers.values():
            key = (offer.place, offer.room, offer.when)
            if offer.until <= self.now:
                continue
            if offer.kind is SessionKind.GROUP and key in groups:
                seats[key] += 1
            elif offer.kind is SessionKind.GROUP and (offer.id, "room") not in held:
                continue  # a seat in a group that was called off: it cannot be booked
            elif (offer.id, "resident") in held:
                promises.append((pairs[offer.duo], offer.place, offer.room, offer.when, (who,), offer.id))
        assert all(many <= groups[key].seats for key, many in seats.items())
        for one, other in itertools.combinations(promises, 2):
            overlaps = one[3].overlaps(other[3])
            assert not (overlaps and set(one[4]) & set(other[4])), "a resident twice"
            assert not (overlaps and one[1] is not None and one[1:3] == other[1:3]), "a room twice"
            if set(one[0]) & set(other[0]):
                near = Stretch(one[3].start - HOUR, one[3].end + HOUR).overlaps(other[3])
                here = one[1] == other[1] and one[1] is not None
                assert not (overlaps if here else near), "a meemaker twice"
        weeks = Counter((who, week_of(each[3].start)) for each in promises for who in each[0])
        assert all(many <= 2 for many in weeks.values()), "a meemaker more often than they do"

    @invariant()
    def sessions_hold_what_they_need(self) -> None:
        """So that the database guards it: every quarter of talk and travel is somebody's who may have it."""
        held: dict[tuple[str, str], set[datetime]] = defaultdict(set)
        for claim in self.db.taken(NOW - timedelta(days=9), NOW + timedelta(days=90), now=self.now):
            held[claim.what, claim.id].add(claim.start)
        for each in self.standing():
            if each.when.end <= self.now or each.status is SessionStatus.DONE:
                continue
            core, span = (
                quarters(each.when),
                quarters(Stretch(each.when.start - HOUR / 2, each.when.end + HOUR / 2)),
            )
            assert all(span <= held["meemaker", who] for who in each.meemakers)
            assert all(core <= held["resident", who] for who in each.booked)
            assert each.place is None or core <= held["room", f"{each.place}/{each.room}"]

    @invariant()
    def holds_end(self) -> None:
        later = max(self.now + HOLD, waking(self.now, 2))  # two hours by day for who is told
        held = self.db.rows.claims.values()
        assert all(until is None or until <= later for _, until in held)
        owners = {owner for owner, until in held if until is None}
        assert owners <= {each.id for each in self.standing()}, "something is held for nobody"

    @invariant()
    def sequences_rise(self) -> None:
        for each in self.db.rows.sessions.values():
            assert each.sequence >= self.sequences.get(each.id, 0)
            self.sequences[each.id] = each.sequence


def quarters(when: Stretch) -> set[datetime]:
    many = int((when.end - when.start) / timedelta(minutes=15))
    return {when.start + number * timedelta(minutes=15) for number in range(many)}


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=effort(40), stateful_step_count=40, deadline=None)
