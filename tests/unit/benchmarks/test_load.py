"""The load generator: quantiles, and residents who talk with a small server until their talks are over."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from benchmarks.client import Address
from benchmarks.load import Sample, Talk, drive, endless, quantile


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.25, 1.0), (0.5, 2.0), (0.51, 3.0), (0.95, 4.0), (1.0, 4.0)]
)
def test_quantile_is_the_smallest_time_that_covers_the_share(share: float, expected: float) -> None:
    assert quantile([3.0, 1.0, 4.0, 2.0], share) == expected


def test_quantile_of_nothing_is_zero() -> None:
    assert quantile([], 0.95) == 0.0


def test_rate_is_turns_by_seconds() -> None:
    assert Sample(times=[0.1] * 30, seconds=2.0).rate == 15.0
    assert Sample().rate == 0.0


@asynccontextmanager
async def echo_server(heard: list[str]) -> AsyncIterator[Address]:
    """Answers each request with its own body, in two pieces."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            body = await reader.readexactly(int(head.rpartition(b"content-length: ")[2]))
            heard.append(json.loads(body))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n" % len(body))
            await writer.drain()
            writer.write(b"\r\n" + body)

    async def forgiving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(forgiving, "127.0.0.1", 0) as server:
        yield Address(server.sockets[0].getsockname()[1], "/")


def two_words(name: int) -> Talk:
    answer = yield json.dumps(f"{name} first").encode()
    assert answer == json.dumps(f"{name} first").encode()
    yield json.dumps(f"{name} second").encode()


async def run(residents: int, seconds: float, talks: int | None) -> tuple[Sample, list[str]]:
    heard: list[str] = []
    made = endless(two_words) if talks is None else (two_words(number) for number in range(talks))
    async with echo_server(heard) as address:
        return await drive(address, made, residents, seconds), heard


def test_residents_stop_when_the_talks_are_over() -> None:
    sample, heard = asyncio.run(run(residents=3, seconds=30.0, talks=7))
    assert sorted(heard) == sorted(f"{number} {word}" for number in range(7) for word in ("first", "second"))
    assert (len(sample.times), sample.talks) == (14, 7)


def test_residents_stop_when_the_time_is_over() -> None:
    sample, heard = asyncio.run(run(residents=2, seconds=0.0, talks=None))
    assert (len(sample.times), sample.talks) == (2, 0)
    assert sorted(heard) == ["0 first", "1 first"]
