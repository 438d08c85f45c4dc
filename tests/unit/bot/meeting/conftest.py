from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.bot.meeting.town import Town


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    found = Town(tmp_path)
    await found.settle()
    yield found
    await found.store.close()
