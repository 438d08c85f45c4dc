"""Pytest fixtures around one emulator per test module, emptied before each test; import them where needed."""

from collections.abc import AsyncIterator

import pytest

from tests.emulator.client import Emulator


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


@pytest.fixture(scope="module")
async def running_emulator(anyio_backend: object) -> AsyncIterator[Emulator]:
    async with Emulator.start() as emulator:
        yield emulator


@pytest.fixture
async def emulator(running_emulator: Emulator) -> Emulator:
    await running_emulator.reset()
    return running_emulator
