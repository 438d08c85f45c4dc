"""Watching a server, with a small script in the place of Rasa; the real one is for the acceptance tests."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from nlu.rasa_client import Outcome, RasaClient
from nlu.rasa_environment import Ready
from nlu.rasa_server import LAUNCHER, LOG_NAME, Down, RasaServer, Serving, Starting, State
from tests.patience import PATIENCE

# Stands where Rasa's Python stands: gets the launcher, the model and the port; `mood` says how it behaves.
FAKE = """#!{python}
import http.server, json, os, sys
from pathlib import Path

launcher, model, port = sys.argv[1:]
mood = Path(model).read_text()
token = os.environ["WIJKVERHAAL_RASA_TOKEN"]
known = {{"wis mijn gegevens": "erase", "hoeveel vragen nog": "progress",
         "ik wil een mens spreken": "human", "is this anonymous": "privacy"}}
if mood == "dies":
    sys.exit(3)
slow = mood == "slow at first" and not Path("was-slow").exists()

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply({{}})

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        name = known.get(text, "agree") if mood != "untrained" else "stop"
        if slow:
            Path("was-slow").touch()
            self.send_error(500)
        else:
            self.reply({{"intent_ranking": [{{"name": name, "confidence": 0.99}}]}})

    def reply(self, answer):
        self.send_response(200 if self.path.endswith("?token=" + token) else 401)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass

print("arguments", sys.argv[1:], flush=True)
http.server.HTTPServer(("127.0.0.1", int(port)), Answer).serve_forever()
"""


# Stands where the package Rasa stands, so that our launcher itself runs: a sentence with "eat" takes memory for good.
STUB = """
import http.server, json, sys

known = {"wis mijn gegevens": "erase", "hoeveel vragen nog": "progress",
         "ik wil een mens spreken": "human", "is this anonymous": "privacy"}
eaten = []

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply({})

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        if text == "eat slowly":
            while True:
                eaten.append(bytes(range(256)) * 40_000)
        if text == "eat at once":
            try:
                eaten.append(bytearray(2_000_000_000))
            except MemoryError:
                self.send_error(500)
                return
        self.reply({"intent_ranking": [{"name": known.get(text, "stop"), "confidence": 0.9}]})

    def reply(self, answer):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass

def main():
    port = sys.argv[sys.argv.index("--port") + 1]
    http.server.HTTPServer(("127.0.0.1", int(port)), Answer).serve_forever()
"""


def make_server_with_launcher(folder: Path, **how: Any) -> RasaServer:
    """Our launcher, in this Python, with the stub in the place of Rasa."""
    server = make_server(folder, **how)
    stub = folder / "stub" / "rasa"
    (stub / "utils").mkdir(parents=True)
    for path, content in (
        ("__init__.py", ""),
        ("__main__.py", STUB),
        ("utils/__init__.py", ""),
        ("utils/log_utils.py", ""),
    ):
        (stub / path).write_text(content)
    python = folder / "environment" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={stub.parent} exec {sys.executable} "$@"\n')
    return server


def make_server(folder: Path, mood: str = "", **how: Any) -> RasaServer:
    settings: dict[str, Any] = {"clock": time.monotonic, **how}
    environment = Ready(folder / "environment")
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text(FAKE.format(python=sys.executable))
    environment.python.chmod(0o755)
    (folder / "model.tar.gz").write_text(mood)
    (folder / "work").mkdir()
    return RasaServer(
        environment=environment,
        model=folder / "model.tar.gz",
        token="secret",
        work=folder / "work",
        env=os.environ,
        **settings,
    )


def run(server: RasaServer, scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        try:
            await server.start()
            await scenario()
        finally:
            await server.stop()

    asyncio.run(whole())


def is_serving(state: State) -> bool:
    return isinstance(state, Serving)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def _launcher_exists() -> None:
    assert LAUNCHER.is_file()


def test_server_starts_serves_and_ends(tmp_path: Path) -> None:
    server = make_server(tmp_path)
    pids: list[int] = []

    async def scenario() -> None:
        assert server.state == Starting()
        assert await server.wait_until_settled(PATIENCE) == Serving()
        pids.append(server.pid or 0)

    assert server.state == Down("The Rasa server was not started.")
    run(server, scenario)
    assert server.state == Down("The Rasa server was stopped.")
    assert [is_alive(pid) for pid in pids] == [False]
    assert "secret" not in (tmp_path / "work" / LOG_NAME).read_text()


def test_server_killed_comes_back_at_the_same_address(tmp_path: Path) -> None:
    server = make_server(tmp_path)

    async def scenario() -> None:
        assert await server.wait_until_settled(PATIENCE) == Serving()
        address, first = server.base_url, server.pid or 0
        os.kill(first, signal.SIGKILL)
        assert await server.wait_until(lambda state: isinstance(state, Down), PATIENCE) == Down(
            "The Rasa server ended with status -9."
        )
        assert await server.wait_until(is_serving, PATIENCE) == Serving()
        assert (server.base_url, server.restarts) == (address, 1)
        assert server.pid != first

    run(server, scenario)


def test_server_with_an_untrained_model_is_not_trusted_nor_started_again(tmp_path: Path) -> None:
    server = make_server(tmp_path, "untrained")

    async def scenario() -> None:
        assert await server.wait_until_settled(PATIENCE) == Down(
            "The Rasa model does not know the simplest sentences; train it again."
        )
        assert (server.pid, server.restarts) == (None, 0)

    run(server, scenario)


def test_server_that_keeps_dying_is_left_alone_for_the_minute(tmp_path: Path) -> None:
    slept: list[float] = []
    second = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            second.set()
            await asyncio.Event().wait()

    server = make_server(tmp_path, "dies", restarts_per_minute=1, clock=lambda: 0.0, sleep=sleep)

    async def scenario() -> None:
        async with asyncio.timeout(PATIENCE):
            await second.wait()
        assert server.state == Down("The Rasa server ended with status 3.")
        assert (server.restarts, slept) == (1, [1.0, 60.0])

    run(server, scenario)


def test_server_stopped_twice_and_started_again(tmp_path: Path) -> None:
    server = make_server(tmp_path)

    async def scenario() -> None:
        await server.stop()
        await server.stop()
        assert server.state == Down("The Rasa server was stopped.")
        await server.start()
        await server.start()
        assert await server.wait_until_settled(PATIENCE) == Serving()

    run(server, scenario)


def test_server_that_grows_ends_itself_and_comes_back(tmp_path: Path) -> None:
    server = make_server_with_launcher(tmp_path, memory_mb=200)

    async def scenario() -> None:
        assert await server.wait_until_settled(PATIENCE) == Serving()
        async with RasaClient(
            [server.base_url], "secret", clock=time.monotonic, timeout_seconds=PATIENCE
        ) as client:
            assert await client.parse("eat slowly") is None
            assert await server.wait_until(lambda state: isinstance(state, Down), PATIENCE) == Down(
                "The Rasa server used more than 200 MB of memory."
            )
            assert await server.wait_until(is_serving, PATIENCE) == Serving()
            assert await client.parse("hallo") is not None

    run(server, scenario)


def test_server_that_wants_too_much_at_once_does_not_get_it(tmp_path: Path) -> None:
    server = make_server_with_launcher(tmp_path, memory_mb=200)

    async def scenario() -> None:
        assert await server.wait_until_settled(PATIENCE) == Serving()
        first = server.pid
        async with RasaClient(
            [server.base_url], "secret", clock=time.monotonic, timeout_seconds=PATIENCE
        ) as client:
            assert await client.parse("eat at once") is None
            assert client.outcomes[Outcome.REFUSED] == 1
            assert await client.parse("hallo") is not None
        assert (server.pid, server.restarts) == (first, 0)

    run(server, scenario)


def test_server_too_busy_for_the_known_sentences_gets_another_chance(tmp_path: Path) -> None:
    server = make_server(tmp_path, "slow at first")

    async def scenario() -> None:
        assert await server.wait_until(lambda state: isinstance(state, Down), PATIENCE) == Down(
            "The Rasa server did not answer in time."
        )
        assert await server.wait_until(is_serving, PATIENCE) == Serving()

    run(server, scenario)
