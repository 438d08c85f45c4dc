"""Offers as a resident gets them: varied, near, and a reason when there are none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.session import Gender, Reason, SessionKind, Stretch, TalkWish
from scheduler.claims import claims_for
from scheduler.fits import NOTICE, Town
from scheduler.hours import AMSTERDAM
from scheduler.offers import Proposal, find_offers
from tests.property.test_offers import book, talk
from tests.unit.scheduler.town import NOW, PLACES, TOWN, WISH, with_people

FAR = replace(WISH, accepts=frozenset({"nazareth", "limmel"}))


def offers(wish: TalkWish, town: Town = TOWN, **given: object) -> tuple[Proposal, ...]:
    found = find_offers("me", wish, town, now=NOW, **given)  # type: ignore[arg-type]  # as the caller says
    assert isinstance(found, tuple), found
    return found


def test_three_offers_on_different_days_and_parts_of_the_day() -> None:
    found = offers(WISH)
    clocks = [each.when.start.astimezone(AMSTERDAM) for each in found]
    assert len(found) == 3
    assert len({each.date() for each in clocks}) == 3
    assert {each.hour < 12 for each in clocks} == {True, False}
    assert all(each.when.end - each.when.start == timedelta(minutes=75) for each in found)


def test_own_neighbourhood_goes_before_another() -> None:
    assert {each.place for each in offers(FAR, many=1)} == {"hall"}
    elsewhere = offers(replace(FAR, neighbourhood="limmel"), many=1)
    assert [each.place for each in elsewhere] == ["barn"]


def test_nothing_is_offered_within_a_day() -> None:
    assert min(each.when.start for each in offers(WISH)) >= NOW + NOTICE


def test_an_open_group_with_a_seat_goes_before_a_new_one() -> None:
    wish = replace(WISH, kind=SessionKind.GROUP)
    first = offers(wish, many=1)[0]
    town = book(TOWN, "somebody", first)
    second = offers(wish, town, many=1)[0]
    assert (second.joins, second.when, second.place) == ("s0", first.when, first.place)


def test_a_group_that_is_full_is_not_offered() -> None:
    wish = replace(WISH, kind=SessionKind.GROUP)
    town = book(TOWN, "somebody", offers(wish, many=1)[0])
    while (found := offers(wish, town, many=1)[0]).joins:
        town = book(town, f"r{len(town.sessions[0].booked)}", found)
    assert len(town.sessions[0].booked) == town.sessions[0].seats == 6


@pytest.mark.parametrize("kind", [SessionKind.PRIVATE, SessionKind.HOME, SessionKind.GROUP])
@pytest.mark.parametrize("own", ["", "other_maastricht"])
def test_who_lives_where_nobody_comes_is_offered_where_they_accept(kind: SessionKind, own: str) -> None:
    wish = replace(WISH, kind=kind, neighbourhood=own, accepts=frozenset({"limmel"}))
    found = find_offers("ria", wish, TOWN, now=NOW)
    assert not isinstance(found, Reason)
    assert {each.place for each in found} == {None if kind is SessionKind.HOME else "barn"}
    nearby = with_people(TOWN, neighbourhoods=frozenset({"nazareth"}))
    assert find_offers("ria", wish, nearby, now=NOW) is Reason.NO_DUO_NEARBY


def test_a_visit_at_home_is_only_by_who_comes_to_that_neighbourhood() -> None:
    elsewhere = with_people(TOWN, neighbourhoods=frozenset({"limmel"}))
    wish = replace(WISH, kind=SessionKind.HOME, accepts=frozenset({"nazareth", "limmel"}))
    assert find_offers("ria", wish, elsewhere, now=NOW) is Reason.NO_DUO_NEARBY


def test_at_home_needs_no_place() -> None:
    found = offers(replace(WISH, kind=SessionKind.HOME), replace(TOWN, places=()))
    assert [(each.place, each.room) for each in found] == [(None, "")] * 3


def test_two_talks_at_the_same_place_follow_each_other_without_travel() -> None:
    start = (NOW + timedelta(days=1)).replace(hour=9, minute=0)
    first = Proposal(
        SessionKind.PRIVATE, TOWN.duos[0], "hall", "big", Stretch(start, start + timedelta(minutes=75))
    )
    town = book(replace(TOWN, duos=TOWN.duos[:1]), "somebody", first)
    window = Stretch(first.when.end, first.when.end + timedelta(minutes=75))
    here = offers(replace(WISH, windows=(window,)), town)
    assert [(each.place, each.when) for each in here] == [("hall", window)]
    there = find_offers(
        "me",
        replace(FAR, windows=(window,), accepts=frozenset({"limmel"}), neighbourhood="limmel"),
        town,
        now=NOW,
    )
    assert there is Reason.FULL


def test_what_a_neighbour_left_is_all_that_is_claimed() -> None:
    start = (NOW + timedelta(days=1)).replace(hour=9, minute=0)
    first = Proposal(
        SessionKind.PRIVATE, TOWN.duos[0], "hall", "big", Stretch(start, start + timedelta(minutes=75))
    )
    town = book(TOWN, "somebody", first)
    after = replace(first, when=Stretch(first.when.end, first.when.end + timedelta(minutes=75)))
    claims = claims_for(talk("me", after), taken=town.taken, sessions=town.sessions, most={"els": 3, "jo": 3})
    assert claims is not None
    spans = [(each.start, each.end) for each in claims if each.id == "els"]
    half = timedelta(minutes=30)
    assert spans == [(after.when.start + half, after.when.end + half)]


def test_a_duo_with_its_talks_of_the_week_gets_no_more() -> None:
    town = with_people(replace(TOWN, duos=TOWN.duos[:1]), max_per_week=1)
    first = offers(WISH, town, many=1)[0]
    second = offers(WISH, book(town, "somebody", first), many=1)[0]
    assert second.when.start.isocalendar()[1] == first.when.start.isocalendar()[1] + 1


def test_offers_together_never_ask_more_of_a_duo_than_its_week() -> None:
    town = with_people(replace(TOWN, duos=TOWN.duos[:1]), max_per_week=1)
    assert len({each.when.start.isocalendar()[1] for each in offers(WISH, town)}) == 3


@pytest.mark.parametrize(
    ("wish", "town", "reason"),
    [
        (replace(WISH, windows=(Stretch(NOW, NOW + timedelta(hours=20)),)), TOWN, Reason.NO_TIME),
        (replace(WISH, language="ti"), TOWN, Reason.NO_LANGUAGE),
        (replace(WISH, language="en"), replace(TOWN, duos=TOWN.duos[1:]), Reason.NO_LANGUAGE),
        (replace(WISH, gender=Gender.WOMAN), replace(TOWN, duos=TOWN.duos[1:]), Reason.NO_GENDER),
        (replace(WISH, neighbourhood="ambij", accepts=frozenset()), TOWN, Reason.NO_PLACE),
        (
            replace(WISH, neighbourhood="limmel", accepts=frozenset(), step_free=True),
            TOWN,
            Reason.NO_STEP_FREE,
        ),
        (WISH, with_people(TOWN, neighbourhoods=frozenset({"limmel"})), Reason.NO_DUO_NEARBY),
        (replace(WISH, parts=frozenset({"weekend"})), TOWN, Reason.NO_COMMON_TIME),
        (WISH, replace(TOWN, places=(replace(PLACES[0], hours=()),)), Reason.NO_COMMON_TIME),
    ],
)
def test_who_gets_none_gets_the_reason(wish: TalkWish, town: Town, reason: Reason) -> None:
    assert find_offers("me", wish, town, now=NOW) is reason


def test_when_all_that_would_fit_is_taken_it_says_so() -> None:
    window = Stretch(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2))
    wish = replace(WISH, windows=(window,))
    town = TOWN
    for number in range(2):
        town = book(town, f"r{number}", offers(wish, town, many=1)[0])
    assert find_offers("me", wish, town, now=NOW) is Reason.FULL


def test_a_duo_that_is_not_whole_is_never_offered() -> None:
    town = replace(TOWN, meemakers=TOWN.meemakers[1:], duos=TOWN.duos[:1])
    assert find_offers("me", WISH, town, now=NOW) is Reason.NO_LANGUAGE


def test_a_talk_takes_a_ticket_of_the_week_of_both() -> None:
    found = offers(WISH, many=1)[0]
    claims = claims_for(talk("me", found), taken=(), most=dict.fromkeys(found.meemakers, 1))
    assert claims is not None
    assert sorted(each.id for each in claims if each.what == "week") == sorted(
        f"{each}#0" for each in found.meemakers
    )
    assert claims_for(talk("you", found), taken=claims, most=dict.fromkeys(found.meemakers, 1)) is None


def test_a_session_keeps_its_tickets_when_somebody_holds_fewer_talks_since() -> None:
    found = offers(WISH, many=1)[0]
    own = claims_for(talk("me", found), taken=(), most=dict.fromkeys(found.meemakers, 1))
    assert own is not None
    again = claims_for(talk("me", found), taken=(), own=own, most=dict.fromkeys(found.meemakers, 0))
    assert again == own


@pytest.mark.parametrize(("minutes", "is_there"), [(45, False), (60, True)])
def test_between_two_places_there_is_half_an_hour_for_each_to_travel(minutes: int, is_there: bool) -> None:
    start = (NOW + timedelta(days=1)).replace(hour=9, minute=0)
    long = timedelta(minutes=75)
    first = Proposal(SessionKind.PRIVATE, TOWN.duos[0], "hall", "big", Stretch(start, start + long))
    town = book(replace(TOWN, duos=TOWN.duos[:1]), "somebody", first)
    begin = first.when.end + timedelta(minutes=minutes)
    wish = replace(WISH, neighbourhood="limmel", accepts=frozenset(), windows=(Stretch(begin, begin + long),))
    found = find_offers("me", wish, town, now=NOW)
    assert isinstance(found, tuple) if is_there else found is Reason.FULL
