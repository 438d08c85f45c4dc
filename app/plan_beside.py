"""Makes a plan in a process of its own: a minute of sums beside the chat and not in it, and gone when the assistant stops."""

import asyncio
import os
import pickle
import sys
import time
from collections.abc import Sequence
from datetime import datetime

from domain.session import TalkRequest
from scheduler.fits import Town
from scheduler.planning.waiting import Preview, plan_waiting

_LESS_PRESSING = 10  # of 19: the chat goes first
_OVERTIME = 300.0
"""Seconds beyond its time after which it will not come: reading in and checking are not in the time limit."""


class PlanBroke(Exception):
    """The process gave no plan; with the name of what broke it, or how it ended."""


async def plan_beside(
    town: Town, requests: Sequence[TalkRequest], now: datetime, time_limit: float
) -> Preview:
    """As `plan_waiting`. When this is cancelled, the process ends with it. Raises PlanBroke."""
    if not requests:
        return plan_waiting(town, (), now=now, clock=time.monotonic)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.plan_beside",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip # a command in one line
    try:
        async with asyncio.timeout(time_limit + _OVERTIME):
            said, _ = await child.communicate(pickle.dumps((town, tuple(requests), now, time_limit)))
    except TimeoutError:
        raise PlanBroke("too slow") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise PlanBroke(f"exit {child.returncode}")
    found = pickle.loads(said)
    if not isinstance(found, Preview):
        raise PlanBroke(found)
    return found


def main() -> None:
    # What the solvers print must not get between.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(_LESS_PRESSING)
    town, requests, now, time_limit = pickle.load(sys.stdin.buffer)
    found: Preview | str
    try:
        found = plan_waiting(town, requests, now=now, clock=time.monotonic, time_limit=time_limit)
    except Exception as trouble:  # its words may hold what is nobody's business
        found = type(trouble).__name__
    with answer:
        pickle.dump(found, answer)


if __name__ == "__main__":
    main()
