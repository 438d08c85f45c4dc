"""Opening group sessions and street moments, and calling sessions off, as a coordinator meets it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from domain.session import (
    InvitationStatus,
    News,
    RequestStatus,
    SessionKind,
    SessionStatus,
    TalkWish,
)
from domain.talk_outcomes import Booked, Done, Offered, Refusal, Refused
from scheduler.desk import SessionsDesk
from scheduler.opening import InTheWay, Obstacle, Opening, ToOpen
from tests.fakes.sessions import FakeSessions
from tests.unit.scheduler.town import DUOS, MEEMAKERS, NOW, PLACES

TUESDAY = datetime(2026, 12, 8, 10, tzinfo=UTC)  # eleven o'clock in Amsterdam
LONG = timedelta(minutes=90)
GROUP = ToOpen(SessionKind.GROUP, "els-jo", TUESDAY, LONG, place="Hall", seats=4)
STREET = ToOpen(SessionKind.STREET, "els-jo", TUESDAY, LONG, spot="On the square, by the fountain")
A_GROUP = TalkWish(SessionKind.GROUP, "nazareth", frozenset({"nazareth"}))


class Town:
    def __init__(self) -> None:
        ids: Iterator[int] = count(1)
        self.db = FakeSessions(MEEMAKERS, DUOS, PLACES)
        self.opening = Opening(self.db, lambda: f"id-{next(ids)}")
        self.desk = SessionsDesk(self.db, lambda: f"id-{next(ids)}")

    def opened(self, wanted: ToOpen) -> Done:
        done = self.opening.open(wanted, now=NOW)
        assert isinstance(done, Done), done
        return done

    def confirmed(self, wanted: ToOpen) -> str:
        session = self.opened(wanted).session
        for each in session.meemakers:
            self.desk.accept(each, session.id, now=NOW)
        return session.id


@pytest.fixture
def town() -> Town:
    return Town()


def test_a_group_asks_both_meemakers_and_takes_a_room_that_is_large_enough(town: Town) -> None:
    done = town.opened(GROUP)
    assert (done.session.place, done.session.room, done.session.seats) == ("hall", "big", 4)
    assert done.session.status is SessionStatus.ASKED
    assert [(each.reference, each.news) for each in done.tells] == [
        ("chat-els", News.ASKED),
        ("chat-jo", News.ASKED),
    ]
    assert {each.status for each in town.db.invitations(done.session.id)} == {InvitationStatus.ASKED}


def test_residents_who_want_a_group_are_offered_a_seat_in_it_until_it_is_full(town: Town) -> None:
    session = town.confirmed(replace(GROUP, seats=2))
    for number in range(2):
        found = town.desk.offer(f"anna-{number}", A_GROUP, now=NOW)
        assert isinstance(found, Offered)
        offer = next(each for each in found.offers if each.when.start == TUESDAY)
        booked = town.desk.book(f"anna-{number}", offer.id, now=NOW)
        assert isinstance(booked, Booked)
        assert booked.session.id == session
    found = town.desk.offer("too-late", A_GROUP, now=NOW)
    assert isinstance(found, Offered)
    assert all(each.when.start != TUESDAY or each.room != "big" for each in found.offers)


def test_a_street_moment_is_where_somebody_says_and_takes_only_the_duo(town: Town) -> None:
    session = town.opened(STREET).session
    assert session.place is None
    assert town.db.address(session.id) == "On the square, by the fountain"
    town.opened(replace(GROUP, duo="piet-karim"))


def test_a_duo_is_found_by_its_halves_too(town: Town) -> None:
    assert town.opened(replace(GROUP, duo="Jo + els")).session.duo == "els-jo"


def test_all_that_stands_in_the_way_is_told_at_once_and_nothing_is_done(town: Town) -> None:
    wanted = ToOpen(
        SessionKind.GROUP, "nobody", NOW - timedelta(minutes=1), timedelta(minutes=20), place="hall", seats=40
    )
    found = town.opening.open(wanted, now=NOW)
    assert isinstance(found, tuple)
    assert {each.obstacle for each in found} == {
        Obstacle.PAST,
        Obstacle.NO_QUARTER,
        Obstacle.LENGTH,
        Obstacle.NO_DUO,
        Obstacle.CLOSED,
        Obstacle.SEATS,
    }
    assert not town.db.rows.sessions
    assert not town.db.rows.claims


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (replace(GROUP, start=NOW + timedelta(hours=2)), Obstacle.TOO_SOON),
        (replace(GROUP, start=TUESDAY + timedelta(days=5)), Obstacle.CLOSED),
        (replace(GROUP, start=TUESDAY.replace(hour=15)), Obstacle.CLOSED),
        (replace(GROUP, place="nowhere"), Obstacle.NO_PLACE),
        (replace(GROUP, place=""), Obstacle.NO_PLACE),
        (replace(STREET, spot=""), Obstacle.NO_SPOT),
        (replace(STREET, spot="", place="nowhere"), Obstacle.NO_PLACE),
        (replace(GROUP, duo="piet-karim", language="en"), Obstacle.NO_LANGUAGE),
    ],
)
def test_each_thing_in_the_way_has_its_name(town: Town, wanted: ToOpen, expected: Obstacle) -> None:
    found = town.opening.open(wanted, now=NOW)
    assert isinstance(found, tuple)
    assert expected in [each.obstacle for each in found]


def test_people_and_rooms_that_are_taken_are_not_taken_again(town: Town) -> None:
    town.opened(GROUP)
    assert town.opening.open(replace(STREET), now=NOW) == (
        InTheWay(Obstacle.MEEMAKER_TAKEN, "els"),
        InTheWay(Obstacle.MEEMAKER_TAKEN, "jo"),
    )
    other = replace(GROUP, duo="piet-karim")
    assert town.opening.open(other, now=NOW) == (InTheWay(Obstacle.ROOM_TAKEN, "hall"),)
    town.opened(replace(other, seats=2))
    just_after = replace(STREET, start=TUESDAY + LONG)
    found = town.opening.open(just_after, now=NOW)
    assert isinstance(found, tuple)
    assert {each.obstacle for each in found} == {Obstacle.MEEMAKER_TAKEN}


def test_a_full_week_is_full(town: Town) -> None:
    for hours in (0, 3):
        town.opened(replace(STREET, start=TUESDAY + timedelta(hours=hours)))
    town.opened(replace(STREET, start=TUESDAY + timedelta(days=1)))
    found = town.opening.open(replace(STREET, start=TUESDAY + timedelta(days=2)), now=NOW)
    assert found == (InTheWay(Obstacle.WEEK_FULL, "els"), InTheWay(Obstacle.WEEK_FULL, "jo"))


def test_calling_a_group_off_tells_everybody_once_and_frees_what_it_took(town: Town) -> None:
    session = town.confirmed(GROUP)
    found = town.desk.offer("anna", A_GROUP, now=NOW)
    assert isinstance(found, Offered)
    offer = next(each for each in found.offers if each.when.start == TUESDAY)
    town.desk.book("anna", offer.id, now=NOW)
    done = town.opening.cancel(session, now=NOW)
    assert isinstance(done, Done)
    assert sorted((each.reference, each.news) for each in done.tells) == [
        ("anna", News.CANCELLED),
        ("chat-els", News.CANCELLED),
        ("chat-jo", News.CANCELLED),
    ]
    request = town.db.request("anna")
    assert request is not None
    assert request.status is RequestStatus.WAITING
    assert not town.desk.mine("anna", now=NOW)
    assert town.opening.cancel(session, now=NOW) == Refused(Refusal.NOT_THERE)
    town.opened(GROUP)


def test_what_has_begun_is_not_called_off(town: Town) -> None:
    session = town.confirmed(GROUP)
    assert town.opening.cancel(session, now=TUESDAY) == Refused(Refusal.PAST)
    assert town.opening.cancel("unknown", now=NOW) == Refused(Refusal.NOT_THERE)
