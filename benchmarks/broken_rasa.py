"""A stand-in for Rasa on loopback that can be broken in every way a server over HTTP can be; it understands nothing."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from nlu.rasa_client import KNOWN_SENTENCES

WELL = "well"
_DRIP_SECONDS = 0.05
_BOMB = gzip.compress(b" " * 200_000_000, compresslevel=1)


def _body(intents: object) -> bytes:
    return json.dumps({"intent_ranking": intents}).encode()


_SURE = [{"name": "stop", "confidence": 0.99}]
RUBBISH = {
    "empty": b"",
    "page": b"<html><h1>It works!</h1></html>",
    "half": b'{"intent_ranking": [{"name": "st',
    "list": b"[]",
    "null": b"null",
    "no_ranking": b'{"intent": {"name": "stop", "confidence": 1.0}}',
    "no_intents": _body([]),
    "wrong_types": _body([{"name": 3, "confidence": "much"}]),
    "not_a_number": _body([{"name": "stop", "confidence": float("nan")}]),
    "endless": _body([{"name": "stop", "confidence": float("inf")}]),
    "enormous": b'{"intent_ranking": [{"name": "stop", "confidence": 1' + b"0" * 4_000 + b"}]}",
    "too_sure": _body([{"name": "stop", "confidence": 100}]),
    "doubled": _body(_SURE * 3),
    "deep": b"[" * 200_000,
    "themes_no_list": json.dumps({"intent_ranking": _SURE, "themes": 3}).encode()[:-2],
    "not_utf8": b'{"intent_ranking": "\xff\xfe\xff"}',
    "unprintable_intent": _body([{"name": "\ud800", "confidence": 0.9}]),
    "unknown_intents": _body([{"name": "order_pizza", "confidence": 0.9}]),
}
"""Bodies that come with status 200."""

FAULTS = (
    "away", "hangs", "hangs_up", "drips", "breaks_off", "error", "forbidden", "redirects", "no_http", "endless_headers",
    "huge", "bomb", *RUBBISH,
)  # fmt: skip # read as one list


@dataclass
class BrokenRasa:
    """Behaves as `mood` says, one of FAULTS or WELL, from the next request on. When well it knows the known sentences
    and takes all else for `meaning`. `asked` are the texts that came."""

    mood: str = WELL
    meaning: str = "pause"
    model: str = "nlu-of-the-stand-in"
    port: int = 0
    asked: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Paths that were asked for where only a redirect leads."""
    _never: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                async for path, body in _requests(reader):
                    if not await self._answer(path, body, writer):
                        break
        finally:
            writer.transport.abort()

    async def _answer(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open."""
        if path.startswith("/elsewhere"):
            self.elsewhere.append(path)
        if body:
            self.asked.append(json.loads(body)["text"])
        match self.mood:
            case "away" | "hangs_up":
                return False
            case "hangs":
                await self._never.wait()
            case "drips":
                writer.write(_head(200, 10_000))
                while True:
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(_DRIP_SECONDS)
            case "breaks_off":
                writer.write(_head(200, 10_000) + b'{"intent')
                await writer.drain()
                return False
            case "error":
                await _send(writer, 500, b"{}")
            case "forbidden":
                await _send(writer, 401, b"{}")
            case "redirects":
                await _send(writer, 307, b"", f"Location: {self.url}/elsewhere\r\n")
            case "no_http":
                writer.write(b"220 mail.example.nl ESMTP\r\n")
                await writer.drain()
            case "endless_headers":
                writer.write(b"HTTP/1.1 200 OK\r\n")
                while True:
                    writer.write(b"X-More: " + b"x" * 4_000 + b"\r\n")
                    await writer.drain()
            case "huge":
                writer.write(_head(200, 10**12))
                while True:
                    writer.write(b" " * 65_536)
                    await writer.drain()
            case "bomb":
                await _send(writer, 200, _BOMB, "Content-Encoding: gzip\r\n")
            case mood if mood in RUBBISH:
                await _send(writer, 200, RUBBISH[mood])
            case _:
                await _send(writer, 200, self._well(path, body))
        return True

    def _well(self, path: str, body: bytes) -> bytes:
        if path.startswith("/status"):
            return json.dumps({"model_file": f"{self.model}.tar.gz"}).encode()
        meaning = dict(KNOWN_SENTENCES).get(json.loads(body)["text"], self.meaning)
        return _body([{"name": meaning, "confidence": 0.99}, {"name": "greet", "confidence": 0.01}])


async def _requests(reader: asyncio.StreamReader) -> AsyncIterator[tuple[str, bytes]]:
    """Path and body of each request on one connection."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(
            (
                int(line.partition(":")[2])
                for line in head.split("\r\n")
                if line.lower().startswith("content-length")
            ),
            0,
        )
        yield head.split(" ")[1], await reader.readexactly(length)


def _head(status: int, length: int, more: str = "") -> bytes:
    said = f"HTTP/1.1 {status} As said\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
    return said.encode()


async def _send(writer: asyncio.StreamWriter, status: int, body: bytes, more: str = "") -> None:
    writer.write(_head(status, len(body), more) + body)
    await writer.drain()


@contextmanager
def broken_rasa(
    mood: str = WELL, *, meaning: str = "pause", model: str = "nlu-of-the-stand-in"
) -> Iterator[BrokenRasa]:
    """One that runs beside whoever asks, on a thread and a loop of its own."""
    rasa = BrokenRasa(mood, meaning, model)
    up = threading.Event()
    ends: list[Callable[[], object]] = []

    async def live() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        server = await asyncio.start_server(rasa.serve, "127.0.0.1", 0)
        rasa.port = server.sockets[0].getsockname()[1]
        ends.append(lambda: loop.call_soon_threadsafe(stop.set))
        up.set()
        await stop.wait()
        server.close()
        # Who came in just now begins a task of their own.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(live()), daemon=True)
    thread.start()
    up.wait()
    try:
        yield rasa
    finally:
        ends[0]()
        thread.join()
