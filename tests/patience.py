"""How tests wait: for what should happen, never for a time; only a safety deadline says that it did not happen."""

import asyncio
import time
from collections.abc import Callable

PATIENCE = 180.0
"""Seconds after which something that should have happened will not; long, because the machine may be busy."""

_LOOK_AGAIN = 0.02
"""Seconds between two looks at what rings no bell: a file, a process, another program's database."""


def wait_until(true: Callable[[], object], what: str) -> None:
    """Looks until it is so; fails with `what` when it never becomes so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(_LOOK_AGAIN)


async def until(true: Callable[[], bool], what: str) -> None:
    """As `wait_until`, while everything else in this loop goes on."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"never: {what}"
        await asyncio.sleep(_LOOK_AGAIN)
