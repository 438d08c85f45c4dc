"""The desk as the chat sees it, on talks in memory."""

import itertools
from datetime import timedelta

from app.talk_desk import open_desk
from domain.session import News, Stretch
from domain.talk_outcomes import Booked, Done, Offered
from tests.fakes.sessions import FakeSessions
from tests.unit.scheduler.town import DUOS, MEEMAKERS, NOW, PLACES, WISH

DAY = timedelta(days=1)


def desk_on(db: FakeSessions):  # type: ignore[no-untyped-def]  # whatever the desk is, it is tried by its own protocol
    ids = itertools.count()
    return open_desk(db, lambda: f"id{next(ids)}")


def test_a_resident_sees_offers_books_and_gives_up_the_wish() -> None:
    db = FakeSessions(MEEMAKERS, DUOS, PLACES)
    desk = desk_on(db)
    offered = desk.offer("ria", WISH, now=NOW)
    assert isinstance(offered, Offered)
    assert tuple(desk.offers_of("ria", now=NOW)) == offered.offers
    desk.withdraw_request("ria", now=NOW)
    assert (desk.request("ria"), desk.offers_of("ria", now=NOW), db.rows.claims) == (None, [], {})


def test_what_is_booked_keeps_its_wish_so_that_a_stand_in_fits_it() -> None:
    desk = desk_on(FakeSessions(MEEMAKERS, DUOS, PLACES))
    offers = desk.offer("ria", WISH, now=NOW).offers
    booked = desk.book("ria", offers[0].id, now=NOW)
    assert isinstance(booked, Booked)
    desk.withdraw_request("ria", now=NOW)
    assert desk.request("ria").wish == WISH
    assert list(desk.mine("ria", now=NOW)) == [desk.session(booked.session.id)]
    assert desk.place(booked.session.place) in desk.places()
    desk.cancel("ria", booked.session.id, now=NOW)
    assert desk.request("ria") is None


def test_a_meemaker_who_is_away_is_not_offered_until_they_take_it_back() -> None:
    desk = desk_on(FakeSessions(MEEMAKERS, DUOS[:1], PLACES))
    assert desk.meemaker("chat-els").id == "els"
    assert desk.meemaker("ria") is None
    holiday = Stretch(NOW, NOW + 60 * DAY)
    desk.add_away("els", holiday)
    assert desk.offer("ria", WISH, now=NOW).offers == ()
    assert desk.exceptions("els") == [(holiday, False)]
    desk.drop_exceptions("els", Stretch(NOW + DAY, NOW + 2 * DAY))
    assert desk.offer("ria", WISH, now=NOW).offers
    desk.set_hours("els", ())
    assert desk.offer("ria", WISH, now=NOW).offers == ()
    saturday = NOW + 5 * DAY
    for who in ("els", "jo"):
        desk.add_extra(who, Stretch(saturday, saturday + DAY / 4))
    assert desk.offer("ria", WISH, now=NOW).offers == ()  # nothing is open on a Saturday


def test_who_was_erased_out_of_a_talk_is_found_by_what_is_due() -> None:
    db = FakeSessions(MEEMAKERS, DUOS, PLACES)
    desk = desk_on(db)
    booked = desk.book("ria", desk.offer("ria", WISH, now=NOW).offers[0].id, now=NOW)
    assert isinstance(booked, Booked)
    one, other = booked.session.meemakers
    assert isinstance(desk.accept(one, booked.session.id, now=NOW), Done)
    db.erase_at_once(other, now=NOW)
    tells = desk.due(f"session_left:{booked.session.id}", now=NOW)
    assert {each.news for each in tells} == {News.ASKED, News.REPLACED}
    assert set(desk.names([one, other])) == {one}
