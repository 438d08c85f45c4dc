"""A group session that moves, on both databases: what it took goes with it in one transaction, or all of it stays."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from domain.session import (
    Duo,
    Hours,
    InvitationStatus,
    Place,
    Room,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
)
from domain.talk_outcomes import Done, Refused
from scheduler.opening import InTheWay, Obstacle, Opening, ToOpen
from scheduler.rescheduling import Rescheduling, ToMove
from storage import Store
from storage.sessions import SessionTable
from tests.contract.test_sessions import NOW, PROFESSIONAL, RESIDENT, at, do
from tests.unit.storage.talking import stored

pytestmark = pytest.mark.anyio

EVERY_DAY = tuple(Hours(day, at(0).time(), at(0).time()) for day in range(7))
HOUSE = Place("huis", "Huis", "Plein 1", "nazareth", True, (Room("zaal", 6),), EVERY_DAY)
GROUP = ToOpen(SessionKind.GROUP, "duo-1", at(10), timedelta(minutes=90), "huis")


async def opened(store: Store) -> str:
    numbers = count(1)

    def job(db: SessionTable) -> str:
        for each in (RESIDENT, replace(PROFESSIONAL, max_per_week=5)):
            db.put_meemaker(replace(each, max_per_week=5), name=each.id, at=NOW)
        db.put_duo(Duo("duo-1", "fatima", "jan"))
        db.put_place(HOUSE)
        done = Opening(db, lambda: f"g{next(numbers)}").open(GROUP, now=NOW)
        assert isinstance(done, Done), done
        db.set_seat(done.session.id, "anna", SeatStatus.BOOKED, at=NOW)
        return done.session.id

    return await do(store, job)


def move(db: SessionTable, wanted: ToMove) -> Done | Refused | tuple[InTheWay, ...]:
    return Rescheduling(db, lambda: "new").move(wanted, now=NOW)


async def session(store: Store, id: str) -> Session:
    found = await do(store, lambda db: db.session(id))
    assert found is not None
    return found


def claims(store: Store) -> list[tuple[object, ...]]:
    return sorted(stored(store, "what, id, tick, owner", "claims"))


async def test_a_move_takes_the_new_time_and_gives_back_the_old(store: Store) -> None:
    id = await opened(store)
    before = claims(store)
    await do(store, lambda db: move(db, ToMove(id, start=at(14))))

    after = await session(store, id)
    assert (after.when.start, after.sequence, after.status) == (at(14), 1, SessionStatus.ASKED)
    assert after.booked == ("anna",)
    asked = await do(store, lambda db: db.invitations(id))
    assert [each.status for each in asked] == [InvitationStatus.ASKED] * 2
    ticks = {tick for what, _, tick, _ in claims(store) if what == "room"}
    assert not ticks & {tick for what, _, tick, _ in before if what == "room"}
    assert {owner for *_, owner in claims(store)} == {id}


async def test_a_move_that_is_refused_leaves_every_claim_as_it_was(store: Store) -> None:
    id = await opened(store)
    await do(store, lambda db: Opening(db, lambda: "other").open(replace(GROUP, start=at(14)), now=NOW))
    before = claims(store)

    found = await do(store, lambda db: move(db, ToMove(id, start=at(14, 30))))
    assert isinstance(found, tuple)
    assert {each.obstacle for each in found} == {Obstacle.MEEMAKER_TAKEN, Obstacle.ROOM_TAKEN}
    # Nobody had claimed for who sits in it here, so a refusal may only add that.
    assert set(before) <= set(claims(store))
    assert (await session(store, id)).when.start == at(10)


async def test_of_two_moves_to_one_time_one_is_done(store: Store) -> None:
    first = await opened(store)
    await do(store, lambda db: Opening(db, lambda: "other").open(replace(GROUP, start=at(14)), now=NOW))

    found = await asyncio.gather(
        *(do(store, lambda db, id=id: move(db, ToMove(id, start=at(18)))) for id in (first, "other"))  # type: ignore[misc]  # mypy cannot tell a lambda with a default
    )
    assert sum(isinstance(each, Done) for each in found) == 1
    starts = {(await session(store, id)).when.start for id in (first, "other")}
    assert at(18) in starts
    assert len(starts) == 2
