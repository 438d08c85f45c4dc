"""The desk as residents, meemakers and coordinators meet it."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.session import (
    HOLD,
    Gender,
    InvitationStatus,
    News,
    Reason,
    RequestStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkRequest,
    TalkWish,
    Tell,
)
from domain.talk_outcomes import Booked, Done, Gone, Offered, Refusal, Refused
from scheduler.desk import SessionsDesk
from scheduler.moments import Key, Moment
from tests.fakes.sessions import FakeSessions
from tests.unit.scheduler.town import DUOS, MEEMAKERS, NOW, PLACES, WISH

DAY, HOUR, LONG = timedelta(days=1), timedelta(hours=1), timedelta(minutes=75)
TUESDAY = NOW + DAY  # ten o'clock in Amsterdam, when everybody's hours begin


class Neighbourhood:
    """A desk on a fake, and the clock."""

    def __init__(self, people: Any = MEEMAKERS, duos: Any = DUOS, places: Any = PLACES) -> None:
        self.db = FakeSessions(people, duos, places)
        self.now = NOW
        ids = itertools.count()
        self.desk = SessionsDesk(self.db, lambda: f"id{next(ids)}")
        self.fresh = lambda: SessionsDesk(self.db, lambda: f"id{next(ids)}")

    def __getattr__(self, name: str) -> Any:
        """Every method in a transaction of its own, at this moment."""
        return lambda *given, **named: getattr(self.fresh(), name)(*given, now=self.now, **named)

    def booked(self, who: str = "ria", wish: TalkWish = WISH, start: datetime | None = None) -> Booked:
        if start is not None:
            wish = replace(wish, windows=(Stretch(start, start + LONG),))
        offered = self.offer(who, wish)
        assert isinstance(offered, Offered), offered
        assert offered.offers, offered.reason
        found = self.book(who, offered.offers[0].id)
        assert isinstance(found, Booked), found
        return found

    def confirmed(self, who: str = "ria", wish: TalkWish = WISH, start: datetime | None = None) -> Session:
        session = self.booked(who, wish, start).session
        for each in session.meemakers:
            self.accept(each, session.id)
        return self.session(session.id)

    def session(self, id: str) -> Session:
        found = self.db.session(id)
        assert found is not None
        return found

    def wait(self, until: datetime) -> list[Tell]:
        """Does what is due on the way, each at its time; what was said."""
        said: list[Tell] = []
        while any(due <= until for _, _, due in self.db.rows.work.values()):
            self.now = max(self.now, min(due for _, _, due in self.db.rows.work.values()))
            for key, _, _ in self.db.due(self.now):
                said += self.due(key)
        self.now = until
        return said


def news(found: Any) -> set[tuple[str, News]]:
    tells = found if isinstance(found, list | tuple) else found.tells
    return {(each.reference, each.news) for each in tells}


def everybody(session: Session, what: News) -> set[tuple[str, News]]:
    return {(who, what) for who in (*session.booked, *(f"chat-{each}" for each in session.meemakers))}


# Offers


def test_three_offers_are_held_for_a_quarter_of_an_hour() -> None:
    here = Neighbourhood()
    found = here.offer("ria", WISH)
    assert len(found.offers) == 3
    assert {each.until for each in found.offers} == {NOW + HOLD}
    here.now += HOLD
    assert here.db.offers_of("ria", now=here.now) == []
    assert here.book("ria", found.offers[0].id) == Gone()


def test_what_one_resident_is_offered_another_is_not() -> None:
    here = Neighbourhood(duos=DUOS[:1])
    window = replace(WISH, windows=(Stretch(TUESDAY, TUESDAY + LONG),))
    assert len(here.offer("ria", window).offers) == 1
    assert here.offer("tom", window) == Offered((), Reason.FULL)
    here.now += HOLD
    assert here.offer("tom", window).offers == ()  # within a day by now
    assert here.db.request("tom").status is RequestStatus.WAITING


def test_who_loses_a_race_gets_the_next_that_fits() -> None:
    here = Neighbourhood()
    here.db.lose = 2
    found = here.offer("ria", WISH)
    assert len(found.offers) == 3
    assert not any(one.when.overlaps(other.when) for one, other in itertools.combinations(found.offers, 2))


def test_something_else_is_at_other_times() -> None:
    here = Neighbourhood()
    first = here.offer("ria", WISH).offers
    second = here.something_else("ria").offers
    assert len(second) == 3
    assert not any(one.when.overlaps(other.when) for one in first for other in second)
    assert here.something_else("tom") == Refused(Refusal.NOT_ASKED)


def test_who_has_a_talk_is_asked_to_move_it_instead() -> None:
    here = Neighbourhood()
    here.booked()
    assert here.offer("ria", WISH) == Refused(Refusal.HAS_ONE)


def test_the_waiting_list_hears_why_and_then_that_there_is_something() -> None:
    here = Neighbourhood(duos=DUOS[:1])
    window = replace(WISH, windows=(Stretch(TUESDAY + DAY, TUESDAY + DAY + LONG),))
    taken = here.booked("ria", window).session
    assert here.offer("tom", window).reason is Reason.FULL
    assert here.look_again() == []
    here.cancel("ria", taken.id)
    assert news(here.look_again()) == {("tom", News.OFFERED)}
    (offer,) = here.db.offers_of("tom", now=here.now)
    assert offer.until == here.now + timedelta(hours=2)
    here.now += timedelta(hours=1)  # who reads it later still finds it
    assert isinstance(here.book("tom", offer.id), Booked)


def test_who_reads_it_too_late_gets_other_offers_at_once() -> None:
    here = Neighbourhood()
    here.db.put_request(TalkRequest("tom", WISH, NOW, RequestStatus.WAITING, "full"))
    here.look_again()
    (offer, *_) = here.db.offers_of("tom", now=here.now)
    here.now += timedelta(hours=2)
    assert here.book("tom", offer.id) == Gone()
    assert here.offer("tom", WISH).offers


def test_how_long_offers_are_held_that_nobody_asked_for_just_then_is_a_setting() -> None:
    here = Neighbourhood()
    here.db.put_request(TalkRequest("tom", WISH, NOW, RequestStatus.WAITING, "full"))
    desk = SessionsDesk(here.db, iter("abcdef").__next__, hours_to_choose=5)
    desk.look_again(now=NOW)
    assert {each.until for each in here.db.offers_of("tom", now=NOW)} == {NOW + timedelta(hours=5)}


# Booking


def test_booking_asks_both_meemakers_and_keeps_nothing_else() -> None:
    here = Neighbourhood()
    found = here.booked()
    assert found.session.status is SessionStatus.ASKED
    assert news(found) == {(f"chat-{each}", News.ASKED) for each in found.session.meemakers}
    assert here.mine("ria") == (found.session,)
    assert {owner for owner, _ in here.db.rows.claims.values()} == {found.session.id}
    assert here.db.request("ria").status is RequestStatus.BOOKED


def test_with_the_second_yes_everybody_hears_that_it_goes_on() -> None:
    here = Neighbourhood()
    session = here.booked().session
    one, other = session.meemakers
    assert here.accept(one, session.id).tells == ()
    found = here.accept(other, session.id)
    assert found.session.status is SessionStatus.CONFIRMED
    assert news(found) == everybody(session, News.CONFIRMED)
    assert here.accept(other, session.id).tells == ()
    assert here.accept("bo", session.id) == Refused(Refusal.NOT_ASKED)


def test_an_offer_that_holds_nothing_any_more_is_gone_and_books_nothing() -> None:
    here = Neighbourhood()
    before = here.confirmed()
    offers = here.move("ria", before.id).offers
    claims = dict(here.db.rows.claims)
    here.db.hand_on = lambda owner, to: False  # type: ignore[method-assign]  # somebody else was quicker
    assert here.book("ria", offers[0].id) == Gone(offers[1:])
    assert here.mine("ria") == (before,)
    assert {key for key, (owner, _) in claims.items() if owner == before.id} == {
        key for key, (owner, _) in here.db.rows.claims.items() if owner == before.id
    }
    assert here.offer("tom", WISH).offers
    assert isinstance(here.book("tom", here.db.offers_of("tom", now=here.now)[0].id), Gone)
    assert here.mine("tom") == ()


def test_a_group_fills_its_seats_and_a_full_one_takes_nobody() -> None:
    here = Neighbourhood()
    wish = replace(WISH, kind=SessionKind.GROUP)
    session = here.confirmed("r0", wish)
    found = here.booked("r1", wish)
    assert found.session.id == session.id
    assert news(found) == {("r1", News.CONFIRMED)}
    for number in range(2, 6):
        assert here.booked(f"r{number}", wish).session.id == session.id
    assert here.booked("r6", wish).session.id != session.id
    here.cancel("r3", session.id)
    assert session.when in [each.when for each in here.offer("r7", wish).offers]


# Moving and cancelling


def test_moving_keeps_the_session_until_the_new_time_is_booked() -> None:
    here = Neighbourhood()
    before = here.confirmed()
    offers = here.move("ria", before.id).offers
    assert here.session(before.id) == before
    found = here.book("ria", offers[0].id)
    after = found.session
    assert (after.id, after.sequence, after.when) == (before.id, 1, offers[0].when)
    assert after.status is SessionStatus.ASKED
    assert found.was == before
    heard = news(found)
    assert ("ria", News.MOVED) in heard
    gone = set(before.meemakers) - set(after.meemakers)
    assert {who for who, what in heard if what is News.CANCELLED} == {f"chat-{each}" for each in gone}
    assert {who for who, what in heard if what is News.ASKED} == {f"chat-{each}" for each in after.meemakers}


def test_three_moves_and_a_cancel_are_sequence_0_to_4() -> None:
    here = Neighbourhood()
    session = here.confirmed()
    seen = [session.sequence]
    for _ in range(3):
        offers = here.move("ria", session.id).offers
        seen.append(here.book("ria", offers[-1].id).session.sequence)
    found = here.cancel("ria", session.id)
    assert [*seen, found.session.sequence] == [0, 1, 2, 3, 4]
    assert found.session.id == session.id


def test_cancelling_tells_the_duo_and_frees_everything() -> None:
    here = Neighbourhood()
    session = here.booked().session
    one, other = session.meemakers
    here.accept(one, session.id)
    found = here.cancel("ria", session.id)
    assert news(found) == {(f"chat-{one}", News.CANCELLED), (f"chat-{other}", News.WITHDRAWN)}
    assert (here.db.rows.claims, here.db.rows.work) == ({}, {})
    assert here.mine("ria") == ()
    assert here.cancel("ria", session.id) == Refused(Refusal.NOT_THERE)


def test_nobody_cancels_what_is_not_theirs_or_has_begun() -> None:
    here = Neighbourhood()
    session = here.confirmed()
    assert here.cancel("tom", session.id) == Refused(Refusal.NOT_THERE)
    here.now = session.when.start
    assert here.cancel("ria", session.id) == Refused(Refusal.PAST)
    assert here.move("ria", session.id) == Refused(Refusal.PAST)


def test_a_talk_that_counted_on_no_travel_gets_its_travel_back() -> None:
    """Two at the same place, one right after the other; the first is called off."""
    here = Neighbourhood(duos=DUOS[:1])
    first = here.confirmed("ria", WISH, TUESDAY)
    second = here.confirmed("tom", WISH, TUESDAY + LONG)
    assert first.place == second.place
    here.cancel("ria", first.id)
    half = timedelta(minutes=30)
    wanted = Stretch(second.when.start - half, second.when.end + half)
    for who in second.meemakers:
        held = [each.start for each in here.db.taken(NOW, NOW + 9 * DAY, now=NOW) if each.id == who]
        assert (min(held), len(held)) == (wanted.start, 9)


# Quorum


def test_after_a_no_the_other_half_stays_and_another_is_asked() -> None:
    here = Neighbourhood()
    session = here.booked().session
    one, other = session.meemakers
    here.accept(other, session.id)
    found = here.decline(one, session.id)
    new = found.session.resident_meemaker
    assert new not in (one, other)
    assert (found.session.professional_meemaker, found.session.sequence) == (other, 1)
    assert news(found) == {(f"chat-{new}", News.ASKED), (f"chat-{other}", News.REPLACED)}
    assert news(here.accept(new, session.id)) == everybody(found.session, News.CONFIRMED)


def test_nobody_is_asked_twice_and_then_the_resident_gets_other_offers() -> None:
    here = Neighbourhood()
    session = here.booked().session
    here.accept(session.professional_meemaker, session.id)
    asked = []
    for _ in range(3):
        asked.append(here.session(session.id).resident_meemaker)
        found = here.decline(asked[-1], session.id)
    assert sorted(asked) == ["els", "mia", "piet"]
    assert found.session.status is SessionStatus.CANCELLED
    assert news(found) == {("ria", News.NO_DUO), (f"chat-{session.professional_meemaker}", News.CANCELLED)}
    offers = here.db.offers_of("ria", now=here.now)
    assert offers
    assert not any(each.when.overlaps(session.when) and each.duo == session.duo for each in offers)
    assert here.db.request("ria").status is RequestStatus.OPEN


def test_whoever_said_no_is_not_asked_for_that_time_later() -> None:
    here = Neighbourhood(duos=DUOS[:1])
    session = here.booked("ria").session
    one, other = session.meemakers
    here.decline(one, session.id)
    assert here.db.told_times(one) == [(session.when, False)]
    assert here.db.told_times(other) == []
    later = here.offer("tom", WISH)
    assert isinstance(later, Offered)
    assert not any(each.when.overlaps(session.when) for each in later.offers)


def test_a_no_for_a_time_that_was_offered_extra_takes_only_that_time_back() -> None:
    here = Neighbourhood()
    session = here.booked("ria").session
    one, when = session.resident_meemaker, session.when
    here.db.add_time(one, Stretch(when.start - HOUR, when.end + HOUR), free=True)
    here.decline(one, session.id)
    assert sorted(here.db.told_times(one), key=lambda each: each[0].start) == [
        (Stretch(when.start - HOUR, when.start), True),
        (when, False),
        (Stretch(when.end, when.end + HOUR), True),
    ]


def test_a_stand_in_speaks_the_language_and_is_as_asked_for() -> None:
    here = Neighbourhood(duos=DUOS[:1])
    wish = replace(WISH, gender=Gender.WOMAN)
    session = here.booked("ria", wish).session
    assert session.resident_meemaker == "els"
    found = here.decline("els", session.id)
    assert found.session.resident_meemaker == "mia"  # Piet is a man, and so is Jo
    english = replace(WISH, language="en")
    session = here.booked("tom", english).session
    assert here.decline("els", session.id).session.status is SessionStatus.CANCELLED


def test_a_stand_in_is_free_then() -> None:
    here = Neighbourhood(duos=DUOS[:1])
    session = here.booked("ria", WISH, TUESDAY).session
    away = Stretch(session.when.end, session.when.end + DAY / 12)
    for who in ("mia", "piet"):
        here.db.rows.meemakers[who] = replace(here.db.rows.meemakers[who], away=(away,))
    assert here.decline("els", session.id).session.status is SessionStatus.CANCELLED


def test_a_partner_of_the_other_half_goes_before_others() -> None:
    pair = replace(DUOS[0], id="mia-jo", resident="mia")
    here = Neighbourhood(duos=(*DUOS[:1], pair))
    session = here.booked("ria", WISH, TUESDAY).session
    out = session.resident_meemaker
    found = here.decline(out, session.id)
    assert {out, found.session.resident_meemaker} == {"els", "mia"}
    assert found.session.duo in ("els-jo", "mia-jo")


@pytest.mark.parametrize(
    ("left", "awaited"), [(20 * DAY, DAY), (2 * DAY, DAY / 2), (DAY / 12, DAY / 24), (DAY / 4, DAY / 16)]
)
def test_an_answer_is_awaited_a_day_or_less_when_it_is_near(left: timedelta, awaited: timedelta) -> None:
    here = Neighbourhood()
    assert here.desk._quorum.answer_until(NOW + left, NOW) == NOW + awaited


def test_silence_counts_as_a_no() -> None:
    here = Neighbourhood()
    session = here.booked().session
    other = session.professional_meemaker
    here.accept(other, session.id)
    until = here.db.invitations(session.id)[0].until
    said = here.wait(until)
    new = here.session(session.id).resident_meemaker
    assert new != session.resident_meemaker
    assert news(said) == {
        (f"chat-{session.resident_meemaker}", News.WITHDRAWN),
        (f"chat-{new}", News.ASKED),
        (f"chat-{other}", News.REPLACED),
    }
    assert here.accept(session.resident_meemaker, session.id) == Refused(Refusal.NOT_ASKED)


def test_silence_is_also_found_by_expire() -> None:
    here = Neighbourhood()
    session = here.booked().session
    here.now = max(each.until for each in here.db.invitations(session.id))
    assert ("chat-els", News.WITHDRAWN) in news(here.expire())
    assert not set(session.meemakers) & set(here.session(session.id).meemakers)


def test_who_is_ill_is_replaced_in_all_of_that_time_and_not_offered_again() -> None:
    here = Neighbourhood()
    first = here.confirmed("ria", WISH, TUESDAY)
    ill = first.resident_meemaker
    found = here.ill(ill, Stretch(NOW, NOW + 3 * DAY))
    assert [each.session.id for each in found] == [first.id]
    assert ill not in here.session(first.id).meemakers
    assert here.session(first.id).status is SessionStatus.ASKED
    assert here.agenda(ill) == ()


def test_the_agenda_says_what_was_answered() -> None:
    here = Neighbourhood()
    session = here.booked().session
    here.accept("els", session.id)
    assert here.agenda("els") == ((here.session(session.id), InvitationStatus.ACCEPTED),)
    assert here.agenda("jo") == ((here.session(session.id), InvitationStatus.ASKED),)


# Reminders and the day itself


def test_everybody_is_reminded_a_day_and_two_hours_before_and_asked_afterwards() -> None:
    here = Neighbourhood()
    session = here.confirmed("ria", WISH, TUESDAY + DAY)
    assert here.wait(session.when.start - DAY - timedelta(seconds=1)) == []
    assert news(here.wait(session.when.start - DAY)) == everybody(session, News.REMIND_DAY)
    assert news(here.wait(session.when.start)) == everybody(session, News.REMIND_SOON)
    assert news(here.wait(session.when.end + DAY)) == {
        ("ria", News.HOW_WAS_IT),
        ("chat-els", News.REPORT),
        ("chat-jo", News.REPORT),
    }


def test_nobody_is_reminded_of_what_was_called_off_or_has_moved() -> None:
    here = Neighbourhood()
    session = here.confirmed("ria", WISH, TUESDAY + DAY)
    keys = list(here.db.rows.work)
    assert len(keys) == 9
    later = replace(WISH, windows=(Stretch(TUESDAY + 8 * DAY, TUESDAY + 8 * DAY + LONG),))
    offers = here.move("ria", session.id, wish=later).offers
    moved = here.book("ria", offers[0].id).session
    for each in moved.meemakers:
        here.accept(each, session.id)
    here.now = session.when.start - DAY
    assert [tell for key in keys for tell in here.due(key)] == []
    here.cancel("ria", session.id)
    here.now = moved.when.start - DAY
    assert [tell for key in keys for tell in here.due(key)] == []
    assert here.db.rows.work == {}


def test_a_visit_that_nobody_ends_reaches_the_coordinator() -> None:
    here = Neighbourhood()
    session = here.confirmed("ria", replace(WISH, kind=SessionKind.HOME), TUESDAY + DAY)
    here.wait(session.when.start - timedelta(seconds=1))
    duo = {(f"chat-{each}", News.CHECK_IN) for each in session.meemakers}
    assert news(here.wait(session.when.start)) == duo
    here.arrived("els", session.id)
    assert news(here.wait(session.when.end)) == duo
    assert here.wait(session.when.end + timedelta(minutes=29)) == []
    assert here.wait(session.when.end + timedelta(minutes=30)) == [Tell("", News.CHECK_MISSED, session.id)]


def test_a_visit_that_ended_is_not_missed() -> None:
    here = Neighbourhood()
    session = here.confirmed("ria", replace(WISH, kind=SessionKind.HOME), TUESDAY + DAY)
    here.wait(session.when.start)
    here.arrived("els", session.id)
    here.wait(session.when.end)
    here.left("jo", session.id)
    here.now += timedelta(minutes=5)
    here.arrived("jo", session.id)
    here.left("els", session.id)
    assert here.db.checks(session.id) == (session.when.start, session.when.end)
    assert News.CHECK_MISSED not in {what for _, what in news(here.wait(session.when.end + DAY))}


def test_a_visit_that_nobody_began_reaches_the_coordinator() -> None:
    here = Neighbourhood()
    session = here.confirmed("ria", replace(WISH, kind=SessionKind.HOME), TUESDAY + DAY)
    here.wait(session.when.start)
    assert ("", News.CHECK_MISSED) in news(here.wait(session.when.start + timedelta(minutes=30)))


def test_a_finished_talk_asks_at_once_and_only_once() -> None:
    here = Neighbourhood()
    session = here.confirmed("ria", WISH, TUESDAY)
    assert here.finished("els", session.id) == Refused(Refusal.NOT_YET)
    here.wait(session.when.start)
    assert news(here.finished("els", session.id)) == {
        ("ria", News.HOW_WAS_IT),
        ("chat-els", News.REPORT),
        ("chat-jo", News.REPORT),
    }
    assert here.finished("jo", session.id).tells == ()
    assert here.wait(session.when.end + DAY) == []


def test_who_did_not_come_is_not_asked_how_it_was() -> None:
    here = Neighbourhood()
    session = here.confirmed("ria", WISH, TUESDAY)
    here.wait(session.when.start)
    assert isinstance(here.no_show("els", session.id, "ria"), Done)
    assert news(here.finished("els", session.id)) == {("chat-els", News.REPORT), ("chat-jo", News.REPORT)}


def test_who_is_erased_leaves_nothing_held_and_nobody_waiting() -> None:
    here = Neighbourhood()
    session = here.confirmed()
    here.offer("tom", WISH)
    assert news(here.forget("ria")) == {(f"chat-{each}", News.CANCELLED) for each in session.meemakers}
    assert here.forget("tom") == []
    assert (here.db.rows.claims, here.db.rows.work, here.db.rows.requests) == ({}, {}, {})


def test_when_a_resident_was_erased_the_duo_hears() -> None:
    here = Neighbourhood(duos=DUOS[:1])
    session = here.confirmed("ria", WISH, TUESDAY)
    next_one = here.confirmed("tom", WISH, TUESDAY + LONG)
    here.db.erase_at_once("ria", now=here.now)
    assert news(here.due(f"session_left:{session.id}")) == {
        (f"chat-{each}", News.CANCELLED) for each in session.meemakers
    }
    assert here.due(f"session_left:{session.id}") == []
    assert not [key for key in here.db.rows.work if key.startswith(f"session:{session.id}:")]
    for who in next_one.meemakers:  # with nothing before it, they travel to it
        held = {each.start for each in here.db.taken(NOW, NOW + 9 * DAY, now=NOW) if each.id == who}
        assert (min(held), len(held)) == (next_one.when.start - timedelta(minutes=30), 9)


@pytest.mark.parametrize("kind", [SessionKind.PRIVATE, SessionKind.HOME])
def test_when_a_meemaker_was_erased_somebody_else_is_asked(kind: SessionKind) -> None:
    here = Neighbourhood(duos=DUOS[:1])
    wish = replace(WISH, kind=kind)
    first = here.confirmed("ria", wish, TUESDAY)
    second = here.confirmed("tom", wish, TUESDAY + (LONG if kind is SessionKind.PRIVATE else 2 * LONG))
    here.db.erase_at_once("els", now=here.now)
    for session in (first, second):
        tells = here.due(f"session_left:{session.id}")
        after = here.session(session.id)
        assert after.resident_meemaker in ("mia", "piet")
        assert news(tells) == {(f"chat-{after.resident_meemaker}", News.ASKED), ("chat-jo", News.REPLACED)}
        found = here.accept(after.resident_meemaker, session.id)
        assert found.session.status is SessionStatus.CONFIRMED


def test_when_both_meemakers_were_erased_the_resident_gets_other_offers() -> None:
    here = Neighbourhood()
    session = here.confirmed("ria", WISH, TUESDAY)
    for each in session.meemakers:
        here.db.erase_at_once(each, now=here.now)
    assert news(here.due(f"session_left:{session.id}")) == {("ria", News.NO_DUO)}
    assert here.session(session.id).status is SessionStatus.CANCELLED
    assert here.db.offers_of("ria", now=here.now)


def test_when_nobody_can_come_instead_of_who_was_erased_it_is_off() -> None:
    here = Neighbourhood(MEEMAKERS[:2], DUOS[:1])
    session = here.confirmed("ria", WISH, TUESDAY)
    here.db.erase_at_once("els", now=here.now)
    assert news(here.due(f"session_left:{session.id}")) == {
        ("ria", News.NO_DUO),
        ("chat-jo", News.CANCELLED),
    }
    assert here.db.rows.claims == {}


def test_a_meemaker_who_stops_is_replaced_everywhere() -> None:
    here = Neighbourhood()
    session = here.confirmed()
    found = here.leave("els")
    assert [each.session.id for each in found] == [session.id]
    assert "els" not in here.session(session.id).meemakers


def test_a_key_names_one_thing_for_one_person() -> None:
    assert str(Key("s1", Moment.DAY, "ria")) == "session:s1:session_day:ria"
