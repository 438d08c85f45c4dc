"""Talks in the nights in which the clock changes: open all day, as long as they are, once each, and reminded of in time."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from domain.session import Hours, InvitationStatus, News, Stretch
from domain.talk_outcomes import Booked, Gone, Offered
from scheduler.desk import SessionsDesk
from scheduler.hours import AMSTERDAM
from tests.fakes.sessions import FakeSessions
from tests.unit.scheduler.town import DUOS, MEEMAKERS, PLACES, WISH

HOUR, LONG = timedelta(hours=1), timedelta(minutes=75)
ALWAYS = tuple(Hours(day, time(0), time(0)) for day in range(7))
FORWARD = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC))
BACK = (datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC))
CHANGES = (*FORWARD, *BACK)


class Night:
    """Everybody and every place is there all day; it is two days before the clock changes."""

    def __init__(self, change: datetime) -> None:
        people = [replace(each, hours=ALWAYS, max_per_week=20) for each in MEEMAKERS]
        places = [replace(each, hours=ALWAYS) for each in PLACES]
        self.db, self.now = FakeSessions(people, DUOS[:1], places[:1]), change - 48 * HOUR
        ids = iter(range(10_000))
        self.desk = SessionsDesk(self.db, lambda: f"id{next(ids)}")

    def offered(self, who: str, start: datetime, end: datetime | None = None) -> Offered:
        wish = replace(WISH, windows=(Stretch(start, end or start + LONG),))
        found = self.desk.offer(who, wish, now=self.now)
        assert isinstance(found, Offered)
        return found

    def booked(self, who: str, start: datetime) -> Booked:
        [offer] = self.offered(who, start).offers
        found = self.desk.book(who, offer.id, now=self.now)
        assert isinstance(found, Booked)
        return found


def clock(moment: datetime) -> time:
    return moment.astimezone(AMSTERDAM).time()


@pytest.mark.parametrize("change", CHANGES)
def test_a_talk_over_the_change_is_as_long_as_any_other(change: datetime) -> None:
    here = Night(change)
    session = here.booked("ria", change - HOUR / 2).session
    assert session.when == Stretch(change - HOUR / 2, change + HOUR * 3 / 4)
    assert clock(session.when.start) == (time(1, 30) if change in FORWARD else time(2, 30))
    held = here.db.taken(change - 9 * HOUR, change + 9 * HOUR, now=here.now)
    assert len([each for each in held if each.id == "ria"]) == 5
    assert len([each for each in held if each.id == "els" and each.what == "meemaker"]) == 9


@pytest.mark.parametrize("change", BACK)
def test_half_past_two_comes_twice_and_is_two_moments(change: datetime) -> None:
    """With an hour and a quarter in between, so that the same duo holds both."""
    here = Night(change)
    first = here.booked("ria", change - HOUR / 2).session
    assert here.offered("tom", change + HOUR / 2).offers == ()  # the first is not over then
    second = here.booked("tom", first.when.end).session
    assert (clock(first.when.start), clock(second.when.start)) == (time(2, 30), time(2, 45))
    assert not first.when.overlaps(second.when)
    assert second.when.start - first.when.start == LONG


@pytest.mark.parametrize("change", FORWARD)
def test_open_from_half_past_two_is_open_from_three_when_the_clock_goes_forward(change: datetime) -> None:
    here = Night(change)
    sunday = Stretch(change - 12 * HOUR, change + 12 * HOUR)
    [hall] = here.db.rows.places
    here.db.rows.places = [replace(hall, hours=(Hours(6, time(2, 30), time(4)),))]
    assert here.offered("ria", sunday.start, sunday.end).offers == ()
    here.db.rows.places = [replace(hall, hours=(Hours(6, time(2, 30), time(4, 15)),))]
    [offer] = here.offered("ria", sunday.start, sunday.end).offers
    assert offer.when == Stretch(change, change + LONG)


@pytest.mark.parametrize(
    ("change", "long"), [*((each, 23) for each in FORWARD), *((each, 25) for each in BACK)]
)
def test_open_all_day_takes_as_many_talks_as_the_day_has_room_for(change: datetime, long: int) -> None:
    """One after the other at the same place nobody travels."""
    here = Night(change)
    midnight = datetime.combine(change.astimezone(AMSTERDAM).date(), time(), AMSTERDAM).astimezone(UTC)
    start, many = midnight, 0
    while start + LONG <= midnight + long * HOUR:
        here.booked(f"r{many}", start)
        start, many = start + LONG, many + 1
    assert many == long * 4 // 5
    assert clock(midnight + long * HOUR) == time(0)


@pytest.mark.parametrize("change", CHANGES)
def test_a_day_before_is_a_day_before_and_two_hours_are_two_hours(change: datetime) -> None:
    """A talk in the afternoon after the change; nobody is woken for it."""
    here = Night(change)
    session = here.booked("ria", change + 13 * HOUR).session
    for each in session.meemakers:
        here.desk.accept(each, session.id, now=here.now)
    said = []
    for minutes in range(0, 65 * 60, 15):
        here.now = change - 48 * HOUR + timedelta(minutes=minutes)
        for key, _, _ in here.db.due(here.now):
            said += [
                (each.news, session.when.start - here.now)
                for each in here.desk.due(key, now=here.now)
                if each.reference == "ria"
            ]
    assert said[:2] == [(News.REMIND_DAY, 24 * HOUR), (News.REMIND_SOON, 2 * HOUR)]


@pytest.mark.parametrize("change", CHANGES)
def test_a_talk_in_that_night_is_reminded_of_in_the_evening_once(change: datetime) -> None:
    here = Night(change)
    session = here.booked("ria", change).session
    for each in session.meemakers:
        here.desk.accept(each, session.id, now=here.now)
    assert {each.status for each in here.db.invitations(session.id)} == {InvitationStatus.ACCEPTED}
    said = []
    while here.now < session.when.start:
        here.now += HOUR / 4
        for key, _, _ in here.db.due(here.now):
            said += [
                (each.reference, each.news, clock(here.now)) for each in here.desk.due(key, now=here.now)
            ]
    mine = [each[1:] for each in said if each[0] == "ria"]
    assert mine == [(News.REMIND_DAY, time(9)), (News.REMIND_SOON, time(20, 30))]


@pytest.mark.parametrize("change", CHANGES)
def test_a_hold_lasts_a_quarter_of_an_hour_over_the_change(change: datetime) -> None:
    here = Night(change)
    here.now = change - HOUR / 12
    [offer] = here.offered("ria", change + 30 * HOUR).offers
    assert offer.until == here.now + HOUR / 4
    here.now = offer.until - timedelta(seconds=1)
    assert here.db.offers_of("ria", now=here.now)
    here.now = offer.until
    assert here.desk.book("ria", offer.id, now=here.now) == Gone()
