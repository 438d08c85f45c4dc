"""Offers in any small town: each keeps every rule, together they can all be held, and when there are none, none exist."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.session import (
    Duo,
    Gender,
    Hours,
    Meemaker,
    MeemakerKind,
    Place,
    Room,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkWish,
)
from scheduler.claims import Talk, claims_for
from scheduler.fits import HORIZON, LENGTH, NOTICE, Town
from scheduler.hours import AMSTERDAM, free_times, open_times
from scheduler.offers import Proposal, find_offers
from tests.effort import effort

NOW = datetime(2026, 10, 21, 9, 7, tzinfo=UTC)  # the clock goes back in the first week
QUARTER = timedelta(minutes=15)
HOODS = ("nazareth", "limmel")
SOME_HOODS = st.sampled_from((HOODS, HOODS, HOODS, HOODS[:1], HOODS[1:])).map(frozenset)
ALL_DAYS = tuple(Hours(day, time(10), time(16)) for day in (1, 3, 4))
SOME_HOURS = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([(9, 0, 11), (10, 30, 13), (14, 15, 16), (19, 0, 0)])),
    max_size=4,
).map(lambda found: tuple(Hours(day, time(*each[:2]), time(each[2])) for day, each in found))


@st.composite
def spans(draw: st.DrawFn, most: int = 2) -> tuple[Stretch, ...]:
    starts = draw(st.lists(st.integers(0, 14 * 24), max_size=most))
    return tuple(
        Stretch(NOW + timedelta(hours=each), NOW + timedelta(hours=each + draw(st.integers(1, 60))))
        for each in starts
    )


@st.composite
def towns(draw: st.DrawFn) -> Town:
    people = [
        Meemaker(
            f"{kind}{number}",
            kind,
            draw(st.sampled_from((frozenset({"nl"}), frozenset({"nl", "en"})))),
            draw(SOME_HOODS),
            draw(st.sampled_from((*Gender, None))),
            draw(st.sampled_from((2, 3, 1, 0))),
            (*draw(SOME_HOURS), *ALL_DAYS),
            draw(spans()),
            draw(spans()),
        )
        for kind in MeemakerKind
        for number in range(2)
    ]
    pairs = draw(
        st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=3, unique=True)
    )
    duos = [Duo(f"d{one}{two}", f"resident{one}", f"professional{two}") for one, two in pairs]
    places = [
        Place(
            f"p{number}",
            "Hall",
            "",
            draw(st.sampled_from(HOODS)),
            draw(st.booleans()),
            tuple(Room(f"r{room}", draw(st.integers(1, 3))) for room in range(draw(st.integers(1, 2)))),
            (*ALL_DAYS, *draw(SOME_HOURS)),
            draw(spans(1)),
        )
        for number in range(draw(st.integers(1, 2)))
    ]
    town = Town(people, duos, places)
    for number in range(draw(st.sampled_from((4, 6, 8, 2, 0)))):
        found = find_offers(f"booked{number}", draw(wishes()), town, now=NOW)
        if isinstance(found, tuple):
            town = book(town, f"booked{number}", draw(st.sampled_from(found)))
    return town


@st.composite
def wishes(draw: st.DrawFn) -> TalkWish:
    hood = draw(st.sampled_from(HOODS))
    return TalkWish(
        draw(st.sampled_from((SessionKind.PRIVATE, SessionKind.HOME, SessionKind.GROUP))),
        hood,
        frozenset({hood}) | draw(SOME_HOODS),
        draw(st.sampled_from(("nl", "nl", "nl", "en"))),
        draw(st.sampled_from((None, None, None, Gender.WOMAN))),
        draw(st.sampled_from((False, False, False, True))),
        draw(st.just(()) | spans(3)),
        draw(st.sets(st.sampled_from(("morning", "evening", "weekend")), max_size=1).map(frozenset)),
    )


def talk(reference: str, proposal: Proposal) -> Talk:
    return Talk(
        proposal.kind,
        proposal.meemakers,
        proposal.place,
        proposal.room,
        proposal.when,
        (reference,),
        proposal.seats,
        bool(proposal.joins),
    )


def book(town: Town, reference: str, proposal: Proposal) -> Town:
    most = {each.id: each.max_per_week for each in town.meemakers}
    claims = claims_for(talk(reference, proposal), taken=town.taken, sessions=town.sessions, most=most)
    assert claims is not None, "an offer that cannot be had"
    if proposal.joins:
        sessions = [
            replace(each, booked=(*each.booked, reference)) if each.id == proposal.joins else each
            for each in town.sessions
        ]
    else:
        sessions = [*town.sessions, session(reference, proposal, len(town.sessions))]
    return replace(town, sessions=sessions, taken=(*town.taken, *claims))


def session(reference: str, proposal: Proposal, number: int) -> Session:
    return Session(
        f"s{number}",
        proposal.kind,
        proposal.duo.id,
        *proposal.duo.members,
        proposal.place,
        proposal.room,
        proposal.when,
        SessionStatus.CONFIRMED,
        seats=proposal.seats,
        booked=(reference,),
    )


def is_held(stretches: tuple[Stretch, ...], when: Stretch) -> bool:
    return any(each.holds(when) for each in stretches)


def suits_times(wish: TalkWish, when: Stretch) -> bool:
    clock, last = when.start.astimezone(AMSTERDAM), when.end.astimezone(AMSTERDAM)
    hours = {"morning": (8, 12), "evening": (18, 22), "weekend": (8, 22), "any": (8, 22)}
    if is_held(wish.windows, when):
        return True
    for part in wish.parts or ({"any"} if not wish.windows else set()):
        begin, until = hours[part]
        inside = (
            clock.hour >= begin and (last.hour, last.minute) <= (until, 0) and last.date() == clock.date()
        )
        if inside and (part != "weekend" or clock.weekday() >= 5):
            return True
    return False


def is_kept(reference: str, wish: TalkWish, town: Town, found: Proposal) -> bool:
    """Every rule, written down once more without bits."""
    people = {each.id: each for each in town.meemakers}
    pair = [people[each] for each in found.meemakers]
    place = next((each for each in town.places if each.id == found.place), None)
    hood = place.neighbourhood if place else wish.neighbourhood
    when = found.when
    mine = [each for each in town.sessions if reference in each.booked]
    new = not found.joins
    return (
        (place is not None or wish.kind is SessionKind.HOME)
        and found.kind is wish.kind
        and hood in wish.accepts | {wish.neighbourhood}
        and (place is None or place.step_free or not wish.step_free)
        and (wish.gender is None or wish.gender in [each.gender for each in pair])
        and all(wish.language in each.languages for each in pair)
        and when.start >= NOW + NOTICE
        and when.end <= NOW + HORIZON
        and when.start.minute % 15 == 0
        and when.end - when.start == LENGTH[wish.kind]
        and suits_times(wish, when)
        and not any(each.when.overlaps(when) for each in mine)
        and (not new or all(is_free(each, town, found, hood) for each in pair))
        and (not new or place is None or is_open(place, town, found))
    )


def is_open(place: Place, town: Town, found: Proposal) -> bool:
    seats = {room.name: room.seats for room in place.rooms}[found.room]
    return (
        is_held(open_times(place, NOW, NOW + HORIZON), found.when)
        and (seats >= 2 or found.kind is not SessionKind.GROUP)
        and not any(
            (each.place, each.room) == (found.place, found.room) and each.when.overlaps(found.when)
            for each in town.sessions
        )
    )


def is_free(who: Meemaker, town: Town, found: Proposal, hood: str) -> bool:
    theirs = [each for each in town.sessions if who.id in each.meemakers]
    hour = timedelta(hours=1)
    apart = all(
        not each.when.overlaps(found.when)
        if each.place == found.place and found.place is not None
        else found.when.start >= each.when.end + hour or each.when.start >= found.when.end + hour
        for each in theirs
    )
    week = found.when.start.astimezone(AMSTERDAM).isocalendar()[:2]
    held = sum(each.when.start.astimezone(AMSTERDAM).isocalendar()[:2] == week for each in theirs)
    half = timedelta(minutes=30)
    around = Stretch(found.when.start - half, found.when.end + half)
    elsewhere = any(
        each.overlaps(around) and not any(extra.holds(common_part(each, around)) for extra in who.extra)
        for each in who.away
    )
    return (
        apart
        and held < who.max_per_week
        and hood in who.neighbourhoods
        and is_held(free_times(who, NOW, NOW + HORIZON), found.when)
        and not elsewhere
    )


def common_part(one: Stretch, other: Stretch) -> Stretch:
    return Stretch(max(one.start, other.start), min(one.end, other.end))


@settings(max_examples=effort(50))
@given(towns(), wishes())
def test_every_offer_keeps_every_rule(town: Town, wish: TalkWish) -> None:
    found = find_offers("me", wish, town, now=NOW)
    if isinstance(found, tuple):
        assert 1 <= len(found) <= 3
        assert all(is_kept("me", wish, town, each) for each in found)
        assert not any(one.when.overlaps(other.when) for one, other in itertools.combinations(found, 2))
        held = town
        for each in found:
            held = book(held, "me", each)


def any_at_all(town: Town, wish: TalkWish) -> Proposal | None:
    """By trying every quarter of four weeks, every duo and every room."""
    spots = [(place.id, room.name) for place in town.places for room in place.rooms]
    start = NOW.replace(minute=0) + NOTICE
    for number in range(4 * 28 * 24):
        begin = start + number * QUARTER
        when = Stretch(begin, begin + LENGTH[wish.kind])
        if begin < NOW + NOTICE or not suits_times(wish, when):
            continue
        for duo in town.duos:
            for place, room in [(None, "")] if wish.kind is SessionKind.HOME else spots:
                found = Proposal(wish.kind, duo, place, room, when)
                if is_kept("me", wish, town, found):
                    return found
    return None


@settings(max_examples=effort(25))
@given(towns(), wishes())
def test_a_reason_is_given_only_when_nothing_exists(town: Town, wish: TalkWish) -> None:
    if isinstance(find_offers("me", wish, town, now=NOW), tuple):
        return
    assert any_at_all(town, wish) is None
