"""Moving group sessions and street moments, as a coordinator, the duo and who has a seat meet it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.session import InvitationStatus, News, Session, SessionKind, SessionStatus, Stretch
from domain.talk_outcomes import Booked, Done, Offered, Refusal, Refused
from scheduler.opening import InTheWay, Obstacle
from scheduler.rescheduling import Rescheduling, ToMove
from tests.unit.scheduler.test_opening import A_GROUP, GROUP, LONG, STREET, TUESDAY, Town
from tests.unit.scheduler.town import NOW

WEDNESDAY = TUESDAY + timedelta(days=1)
A_PRIVATE = replace(A_GROUP, kind=SessionKind.PRIVATE)


@pytest.fixture
def town() -> Town:
    return Town()


def seated(town: Town, *who: str) -> str:
    session = town.confirmed(replace(GROUP, seats=2))
    for each in who:
        found = town.desk.offer(each, A_GROUP, now=NOW)
        assert isinstance(found, Offered)
        offer = next(one for one in found.offers if one.when.start == TUESDAY)
        assert isinstance(town.desk.book(each, offer.id, now=NOW), Booked)
    return session


def move(town: Town, wanted: ToMove, now: datetime = NOW) -> Done | Refused | tuple[InTheWay, ...]:
    return Rescheduling(town.db, lambda: "id-new").move(wanted, now=now)


def moved(town: Town, wanted: ToMove) -> Done:
    done = move(town, wanted)
    assert isinstance(done, Done), done
    return done


def standing(town: Town, id: str) -> Session:
    session = town.db.session(id)
    assert session is not None
    return session


def test_a_group_that_moves_keeps_its_seats_and_asks_the_duo_anew(town: Town) -> None:
    id = seated(town, "anna", "ben")
    before = standing(town, id)
    done = moved(town, ToMove(id, start=WEDNESDAY))
    assert [(each.reference, each.news) for each in done.tells] == [
        ("anna", News.MOVED),
        ("ben", News.MOVED),
        ("chat-els", News.ASKED_AGAIN),
        ("chat-jo", News.ASKED_AGAIN),
    ]
    after = standing(town, id)
    assert (after.status, after.sequence) == (SessionStatus.ASKED, before.sequence + 1)
    assert (after.when.start, after.when.end - after.when.start) == (WEDNESDAY, LONG)
    assert (after.room, after.booked) == (before.room, ("anna", "ben"))
    assert {each.status for each in town.db.invitations(id)} == {InvitationStatus.ASKED}
    # What it took is free again, and what it takes now is not.
    town.opened(replace(GROUP, seats=2))
    assert not isinstance(town.opening.open(replace(STREET, start=WEDNESDAY), now=NOW), Done)


def test_reminders_are_of_the_new_time_and_only_once_both_said_yes(town: Town) -> None:
    id = seated(town, "anna")

    def reminders() -> list[datetime]:
        return sorted(at for kind, _, at in town.db.rows.work.values() if kind == "session_day")

    assert len(reminders()) == 3
    moved(town, ToMove(id, start=WEDNESDAY))
    assert reminders() == []
    for each in standing(town, id).meemakers:
        town.desk.accept(each, id, now=NOW)
    assert {WEDNESDAY - each for each in reminders()} == {timedelta(hours=24)}
    assert len(reminders()) == 3


def test_it_may_move_by_less_than_it_takes_and_may_get_longer(town: Town) -> None:
    id = seated(town, "anna")
    later = TUESDAY + timedelta(minutes=30)
    done = moved(town, ToMove(id, start=later, end=later + timedelta(hours=2)))
    assert done.session.when.end - done.session.when.start == timedelta(hours=2)
    assert [each.id for each in town.desk.mine("anna", now=NOW)] == [id]
    again = moved(town, ToMove(id, end=later + LONG))
    assert (again.session.when.start, again.session.sequence) == (later, done.session.sequence + 1)


def test_who_keeps_a_seat_can_give_it_up_and_the_group_goes_on(town: Town) -> None:
    id = seated(town, "anna", "ben")
    moved(town, ToMove(id, start=WEDNESDAY))
    assert isinstance(town.desk.cancel("anna", id, now=NOW), Done)
    assert standing(town, id).booked == ("ben",)
    found = town.desk.offer("carl", A_GROUP, now=NOW)
    assert isinstance(found, Offered)
    assert WEDNESDAY in [each.when.start for each in found.offers]


def test_a_seat_that_was_held_at_the_old_time_is_gone(town: Town) -> None:
    id = seated(town, "anna")
    found = town.desk.offer("ben", A_GROUP, now=NOW)
    assert isinstance(found, Offered)
    offer = next(each for each in found.offers if each.when.start == TUESDAY)
    moved(town, ToMove(id, start=WEDNESDAY))
    assert not isinstance(town.desk.book("ben", offer.id, now=NOW), Booked)
    assert standing(town, id).booked == ("anna",)


def test_who_looks_at_another_talk_at_the_new_time_loses_that_offer_and_not_the_seat(town: Town) -> None:
    id = seated(town, "anna")
    on_wednesday = Stretch(WEDNESDAY - timedelta(hours=1), WEDNESDAY + timedelta(hours=5))
    looked = town.desk.move("anna", id, now=NOW, wish=replace(A_PRIVATE, windows=(on_wednesday,)))
    assert isinstance(looked, Offered)
    other = next(each for each in looked.offers if each.duo == "piet-karim")
    moved(town, ToMove(id, start=other.when.start))
    assert not town.db.offers_of("anna", now=NOW)
    assert standing(town, id).booked == ("anna",)


def test_a_full_room_or_meemaker_stands_in_the_way_and_nothing_changes(town: Town) -> None:
    id = seated(town, "anna")
    town.opened(replace(STREET, start=WEDNESDAY))
    before = town.db.rows.claims.copy()
    assert move(town, ToMove(id, start=WEDNESDAY)) == (
        InTheWay(Obstacle.MEEMAKER_TAKEN, "els"),
        InTheWay(Obstacle.MEEMAKER_TAKEN, "jo"),
    )
    assert town.db.rows.claims == before
    assert standing(town, id).status is SessionStatus.CONFIRMED
    assert [each.id for each in town.desk.mine("anna", now=NOW)] == [id]


def test_travel_before_another_talk_stands_in_the_way_too(town: Town) -> None:
    id = seated(town, "anna")
    town.opened(replace(STREET, start=WEDNESDAY))
    found = move(town, ToMove(id, start=WEDNESDAY + LONG))
    assert isinstance(found, tuple)
    assert {each.obstacle for each in found} == {Obstacle.MEEMAKER_TAKEN}


def test_within_its_own_week_a_full_week_is_no_obstacle(town: Town) -> None:
    id = seated(town, "anna")
    for hours in (3, 24):
        town.opened(replace(STREET, start=TUESDAY + timedelta(hours=hours)))
    moved(town, ToMove(id, start=TUESDAY + timedelta(days=2)))
    for hours in (0, 3, 24):
        town.opened(replace(STREET, start=TUESDAY + timedelta(days=7, hours=hours)))
    found = move(town, ToMove(id, start=TUESDAY + timedelta(days=9)))
    assert found == (InTheWay(Obstacle.WEEK_FULL, "els"), InTheWay(Obstacle.WEEK_FULL, "jo"))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ToMove("", start=NOW - timedelta(hours=1)), Obstacle.PAST),
        (ToMove("", start=NOW + timedelta(hours=2)), Obstacle.TOO_SOON),
        (ToMove("", start=WEDNESDAY + timedelta(minutes=5)), Obstacle.NO_QUARTER),
        (ToMove("", end=TUESDAY), Obstacle.LENGTH),
        (ToMove("", start=TUESDAY.replace(hour=17)), Obstacle.CLOSED),
        (ToMove("", place="nowhere"), Obstacle.NO_PLACE),
        (ToMove("", spot="On the square"), Obstacle.NO_PLACE),
        (ToMove("", room="cellar"), Obstacle.NO_ROOM),
        (ToMove(""), Obstacle.SAME),
        (ToMove("", start=TUESDAY, place="Hall"), Obstacle.SAME),
    ],
)
def test_each_thing_in_the_way_of_a_move_has_its_name(town: Town, wanted: ToMove, expected: Obstacle) -> None:
    id = seated(town, "anna")
    found = move(town, replace(wanted, session=id))
    assert isinstance(found, tuple)
    assert expected in [each.obstacle for each in found]
    assert standing(town, id).when.start == TUESDAY


def test_a_room_is_changed_by_name_when_everybody_fits_in_it(town: Town) -> None:
    id = seated(town, "anna")
    assert standing(town, id).room == "small"
    assert moved(town, ToMove(id, room="BIG")).session.room == "big"


def test_a_smaller_room_has_fewer_seats_and_one_that_is_too_small_is_refused(town: Town) -> None:
    id = town.confirmed(GROUP)
    for each in ("anna", "ben", "carl"):
        found = town.desk.offer(each, A_GROUP, now=NOW)
        assert isinstance(found, Offered)
        offer = next(one for one in found.offers if one.when.start == TUESDAY)
        town.desk.book(each, offer.id, now=NOW)
    assert move(town, ToMove(id, place="barn")) == (InTheWay(Obstacle.SEATS, "barn"),)
    assert move(town, ToMove(id, room="small")) == (InTheWay(Obstacle.SEATS, "hall"),)
    town.desk.cancel("carl", id, now=NOW)
    done = moved(town, ToMove(id, place="barn"))
    assert (done.session.room, done.session.seats) == ("one", 2)
    assert done.session.booked == ("anna", "ben")


def test_what_is_over_or_called_off_is_not_moved(town: Town) -> None:
    id = seated(town, "anna")
    assert move(town, ToMove(id, start=WEDNESDAY), TUESDAY) == Refused(Refusal.PAST)
    town.opening.cancel(id, now=NOW)
    assert move(town, ToMove(id, start=WEDNESDAY)) == Refused(Refusal.NOT_THERE)
    assert move(town, ToMove("unknown")) == Refused(Refusal.NOT_THERE)


def test_a_talk_with_one_resident_is_left_to_that_resident(town: Town) -> None:
    found = town.desk.offer("anna", A_PRIVATE, now=NOW)
    assert isinstance(found, Offered)
    booked = town.desk.book("anna", found.offers[0].id, now=NOW)
    assert isinstance(booked, Booked)
    assert move(town, ToMove(booked.session.id, start=WEDNESDAY)) == (InTheWay(Obstacle.ONE_RESIDENT),)


def test_a_street_moment_moves_to_another_spot_or_to_a_location(town: Town) -> None:
    id = town.confirmed(STREET)
    moved(town, ToMove(id, spot="In the park"))
    assert town.db.address(id) == "In the park"
    done = moved(town, ToMove(id, place="hall"))
    assert (done.session.place, town.db.address(id)) == ("hall", "")
    back = moved(town, ToMove(id, start=WEDNESDAY, spot="In the park"))
    assert (back.session.place, back.session.sequence) == (None, 3)
    assert town.db.address(id) == "In the park"
