"""Lets residents talk with one server for a fixed time and measures their turns; what they say is for talks."""

import asyncio
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.client import Address, Connection

Talk = Generator[bytes, bytes, None]
"""One resident's conversation: gives the body of the next request, is sent the body of the answer."""


@dataclass(slots=True)
class Sample:
    """What was seen of one server in one round. Times are in seconds; `busy` is the share of one core that the
    load generator needed for itself."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    talks: int = 0
    answer_bytes: int = 0
    busy: float = 0.0

    @property
    def rate(self) -> float:
        """Turns a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0


def quantile(times: Sequence[float], share: float) -> float:
    """The smallest time that at least `share` of `times` do not exceed; 0 when there are none."""
    if not times:
        return 0.0
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def endless(make: Callable[[int], Talk]) -> Iterator[Talk]:
    """One talk after another, numbered."""
    number = 0
    while True:
        yield make(number)
        number += 1


async def drive(address: Address, talks: Iterator[Talk], residents: int, seconds: float) -> Sample:
    """`residents` people at once, each on a connection of its own, until the time or the talks are over.

    A resident answers as soon as the reply is there. A talk under way at the end is left where it is.
    """
    sample = Sample()
    async with asyncio.TaskGroup() as group:
        cpu, began = time.process_time(), time.perf_counter()
        for _ in range(residents):
            group.create_task(_one_after_another(address, talks, began + seconds, sample))
    sample.seconds = time.perf_counter() - began
    sample.busy = (time.process_time() - cpu) / sample.seconds
    return sample


async def _one_after_another(address: Address, talks: Iterator[Talk], until: float, sample: Sample) -> None:
    clock, times = time.perf_counter, sample.times
    async with Connection(address) as connection:
        for talk in talks:
            request = next(talk, None)
            while request is not None:
                began = clock()
                answer = await connection.post(request)
                ended = clock()
                times.append(ended - began)
                sample.answer_bytes += len(answer)
                if ended >= until:
                    return
                request = reply_to(talk, answer)
            sample.talks += 1


def reply_to(talk: Talk, answer: bytes) -> bytes | None:
    """What is said after this answer; None when the talk is over."""
    try:
        return talk.send(answer)
    except StopIteration:
        return None
