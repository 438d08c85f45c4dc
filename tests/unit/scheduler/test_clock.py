"""The clock calls its ticks again and again, survives one that fails, and stops when told."""

import asyncio

import pytest

from scheduler.clock import Clock
from tests.patience import PATIENCE

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_tick_is_called_again_after_it_failed() -> None:
    calls: list[int] = []
    troubles: list[str] = []
    third = asyncio.Event()

    async def tick() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("trouble")
        if len(calls) == 3:
            third.set()

    clock = Clock(lambda name, trouble: troubles.append(f"{name}: {type(trouble).__name__}"))
    clock.every(0.01, "look", tick)
    clock.start()
    await asyncio.wait_for(third.wait(), PATIENCE)
    clock.stop()
    assert troubles == ["look: ValueError"]


async def test_slow_tick_never_runs_twice_at_once() -> None:
    running, most, done = 0, 0, asyncio.Event()
    rounds = 0

    async def tick() -> None:
        nonlocal running, most, rounds
        running += 1
        most = max(most, running)
        for _ in range(20):
            await asyncio.sleep(0)
        running -= 1
        rounds += 1
        if rounds == 3:
            done.set()

    clock = Clock(lambda name, trouble: None)
    clock.every(0.01, "slow", tick)
    clock.start()
    await asyncio.wait_for(done.wait(), PATIENCE)
    clock.stop()
    assert most == 1
