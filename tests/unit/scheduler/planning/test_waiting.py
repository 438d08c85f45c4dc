"""Plans for who waits in a town: what is proposed can be booked as it is, and nobody who has a talk is touched."""

import random
import time as clock
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.session import (
    Claim,
    Reason,
    RequestStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    TalkRequest,
    TalkWish,
)
from scheduler.claims import claims_for, talk_of
from scheduler.fits import Town
from scheduler.nightly import next_night
from scheduler.planning.waiting import FREEZE, Placed, Preview, plan_waiting
from tests.unit.scheduler.town import NOW, TOWN, WISH, with_people

HOME = replace(WISH, kind=SessionKind.HOME)
GROUP = replace(WISH, kind=SessionKind.GROUP)


def requests(*wishes: TalkWish, since: datetime = NOW) -> list[TalkRequest]:
    return [
        TalkRequest(f"r{number}", wish, since, RequestStatus.WAITING) for number, wish in enumerate(wishes)
    ]


def plan(town: Town, asked: Sequence[TalkRequest], **options: bool) -> Preview:
    return plan_waiting(town, asked, now=NOW, clock=clock.monotonic, time_limit=20, **options)


def session_of(placed: Placed) -> Session:
    what = placed.proposal
    return Session(
        f"s-{placed.reference}", what.kind, what.duo.id, *what.meemakers, what.place, what.room, what.when,
        SessionStatus.CONFIRMED, seats=what.seats, booked=(placed.reference,),
    )  # fmt: skip # read as one row


def book(town: Town, found: Sequence[Placed]) -> Town:
    """Books all, one by one, by the rule of every booking."""
    most = {each.id: each.max_per_week for each in town.meemakers}
    for each in found:
        session = session_of(each)
        claims = claims_for(talk_of(session), taken=town.taken, sessions=town.sessions, most=most)
        assert claims is not None, f"{each} cannot be booked"
        town = replace(town, sessions=(*town.sessions, session), taken=(*town.taken, *claims))
    return town


@pytest.mark.parametrize("solvers", [True, False])
def test_whoever_waits_gets_a_talk_that_can_be_booked(solvers: bool) -> None:
    found = plan(TOWN, requests(*[WISH] * 8, HOME, HOME), solvers=solvers)
    assert len(found.placed) >= 8
    assert {each.reference for each in found.placed}.isdisjoint(who for who, _ in found.not_placed)
    book(TOWN, found.placed)
    assert all(each.proposal.when.start >= NOW + FREEZE for each in found.placed)
    assert all(each.proposal.when.start.minute in (0, 30) for each in found.placed)
    assert found.bound >= found.objective > 0


def test_somebody_in_two_duos_is_promised_once() -> None:
    both = replace(TOWN.duos[1], id="els-karim", resident="els")
    town = replace(TOWN, duos=(TOWN.duos[0], both))
    town = with_people(town, max_per_week=1)
    found = plan(town, requests(*[WISH] * 12))
    book(town, found.placed)
    assert found.placed and found.not_placed


def test_a_visit_at_home_has_no_place() -> None:
    (placed,) = plan(TOWN, requests(HOME)).placed
    assert placed.proposal.place is None


def test_a_group_is_planned_too() -> None:
    (placed,) = plan(TOWN, requests(GROUP)).placed
    assert placed.proposal.kind is SessionKind.GROUP
    assert placed.proposal.when.start >= NOW + FREEZE


def test_whoever_cannot_be_placed_hears_why() -> None:
    french = replace(WISH, language="fr")
    nowhere = replace(WISH, neighbourhood="elsewhere", accepts=frozenset())
    found = plan(TOWN, requests(french, nowhere))
    assert dict(found.not_placed) == {"r0": Reason.NO_LANGUAGE, "r1": Reason.NO_PLACE}


def test_whoever_has_a_talk_is_not_planned() -> None:
    (asked,) = requests(WISH)
    found = plan(TOWN, [replace(asked, status=RequestStatus.BOOKED)])
    assert not found.placed
    assert not found.not_placed


def test_whoever_waits_longest_goes_first() -> None:
    week = (Stretch(NOW + timedelta(days=1), NOW + timedelta(days=7)),)
    town = with_people(replace(TOWN, duos=TOWN.duos[:1]), max_per_week=1)
    short, long = requests(replace(WISH, windows=week), replace(WISH, windows=week))
    found = plan(town, [short, replace(long, since=NOW - timedelta(days=40))])
    assert [each.reference for each in found.placed] == ["r1"]


def test_when_talks_fall_out_only_their_residents_are_asked() -> None:
    town = with_people(TOWN, max_per_week=6)
    first = plan(town, requests(*[WISH] * 25))
    standing = book(town, first.placed)
    fallen = {
        each.id for each in random.Random(8).sample(standing.sessions, round(0.08 * len(standing.sessions)))
    }
    kept = [each for each in standing.sessions if each.id not in fallen]
    lost = [each.booked[0] for each in standing.sessions if each.id in fallen]
    after = replace(town, sessions=kept, taken=_taken_by(town, kept))
    again = plan(after, [TalkRequest(who, WISH, NOW, RequestStatus.WAITING) for who in lost])
    assert lost and {each.reference for each in again.placed} == set(lost)
    assert set(book(after, again.placed).sessions) >= set(kept)


def _taken_by(town: Town, sessions: Sequence[Session]) -> list[Claim]:
    most = {each.id: each.max_per_week for each in town.meemakers}
    found: list[Claim] = []
    for each in sessions:
        others = [other for other in sessions if other.id != each.id]
        found += claims_for(talk_of(each), taken=found, sessions=others, most=most) or ()
    return found


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 11, 30, 1, tzinfo=UTC), datetime(2026, 11, 30, 2, 30, tzinfo=UTC)),
        (datetime(2026, 11, 30, 2, 30, tzinfo=UTC), datetime(2026, 12, 1, 2, 30, tzinfo=UTC)),
        (
            datetime(2027, 3, 27, 12, tzinfo=UTC),
            datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        ),  # the clock goes on
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),  # and back
    ],
)
def test_nights_begin_at_half_past_three(now: datetime, night: datetime) -> None:
    assert next_night(now) == night
