"""Keeps one Rasa server running beside the app: starts it, checks it, restarts it and ends it.

It listens on loopback only, in a process group of its own, and cannot outlive this process. What it means that
a sentence was understood is for others.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from nlu.rasa_client import KNOWN_SENTENCES, Outcome, RasaClient
from nlu.rasa_environment import Ready
from nlu.rasa_train import quiet_environment

LAUNCHER = Path(__file__).resolve().parent / "rasa" / "serve.py"
LOG_NAME = "rasa.log"

MEMORY_MB = 1_500
"""Resident memory, in MB of a million bytes, with which a server is ended and started anew (docs/understanding.md)."""

_TOO_MUCH_MEMORY = 75  # as in the launcher, which is for another Python
_WARM_UP_SECONDS = 300.0
_FIRST_ANSWER_SECONDS = 30.0
_GRACE_SECONDS = 5.0
_CHECK_SECONDS = 5.0
_CHECKS_TO_GIVE_UP = 3
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Starting:
    """The server was started and has not answered yet."""


@dataclass(frozen=True)
class Serving:
    """The server answers, and with a model that was trained."""


@dataclass(frozen=True)
class Down:
    """The server is not running; `reason` is one whole sentence."""

    reason: str


State = Starting | Serving | Down


class RasaServer:
    """One watched Rasa server. `start`, then `wait_until_settled`; always `stop` in the end.

    `work` is an existing folder that belongs to this server alone: its working folder and its log. `clock` gives
    seconds that never go back, `sleep` lets them pass before a restart. After `restarts_per_minute` restarts within a
    minute it waits out the minute. A model that fails the `known` sentences is not started again: the same file would
    fail again. A server that holds more than `memory_mb` ends itself, and so is started again.
    """

    def __init__(
        self,
        *,
        environment: Ready,
        model: Path,
        token: str,
        work: Path,
        env: Mapping[str, str],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        port: int | None = None,
        restarts_per_minute: int = 4,
        memory_mb: int = MEMORY_MB,
        known: Sequence[tuple[str, str]] = KNOWN_SENTENCES,
    ) -> None:
        self._environment = environment
        self._model = model.absolute()
        self._token = token
        self._work = work
        self._env = env
        self._clock, self._sleep = clock, sleep
        self._port = port or _free_port()
        self._limit = restarts_per_minute
        self._memory_mb, self._known = memory_mb, known
        self._state: State = Down("The Rasa server was not started.")
        self._changed = asyncio.Condition()
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def state(self) -> State:
        return self._state

    @property
    def is_serving(self) -> bool:
        return isinstance(self._state, Serving)

    @property
    def is_starting(self) -> bool:
        return isinstance(self._state, Starting)

    @property
    def base_url(self) -> str:
        """The address of the server; it stays the same over restarts."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Begin; returns at once, long before the server answers. A second call does nothing."""
        if self._watcher is None:
            await self._become(Starting())
            self._watcher = asyncio.create_task(self._watch(), name="rasa-server")

    async def wait_until(self, wanted: Callable[[State], bool], seconds: float) -> State:
        """The first state that is wanted, or the present one after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: wanted(self._state))
        return self._state

    async def wait_until_settled(self, seconds: float = _WARM_UP_SECONDS) -> State:
        return await self.wait_until(lambda state: not isinstance(state, Starting), seconds)

    async def stop(self) -> None:
        """End the server and everything it started. May be called more than once."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None
        await self._become(Down("The Rasa server was stopped."))

    async def _become(self, state: State) -> None:
        async with self._changed:
            self._state = state
            self._changed.notify_all()

    async def _watch(self) -> None:
        recent: deque[float] = deque(maxlen=self._limit)
        pause = 0.5
        while True:
            try:
                reason, answered = await self._run_once()
            finally:
                await self._end()
            await self._become(Down(reason))
            if reason == _UNFIT:
                return
            pause = 0.5 if answered else min(2 * pause, _LONGEST_PAUSE)
            full = len(recent) == self._limit
            await self._sleep(max(pause, recent[0] + 60 - self._clock() if full else 0))
            recent.append(self._clock())
            self.restarts += 1
            await self._become(Starting())

    async def _run_once(self) -> tuple[str, bool]:
        """Run one server until it ends: why it ended, and whether it had been answering."""
        self._process = process = await self._launch()
        async with self._client(_FIRST_ANSWER_SECONDS) as first, self._client(_CHECK_SECONDS) as client:
            gone = asyncio.create_task(process.wait())
            check = asyncio.create_task(self._warm_up_and_check(first, client))
            try:
                await asyncio.wait((gone, check), return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()
                check.cancel()
        answered = isinstance(self._state, Serving)
        if check.done() and not check.cancelled():
            return check.result(), answered
        if process.returncode == _TOO_MUCH_MEMORY:
            return f"The Rasa server used more than {self._memory_mb} MB of memory.", answered
        return f"The Rasa server ended with status {process.returncode}.", answered

    async def _launch(self) -> asyncio.subprocess.Process:
        variables = {
            **quiet_environment(self._env),
            "WIJKVERHAAL_RASA_TOKEN": self._token,
            "WIJKVERHAAL_RASA_MEMORY": str(self._memory_mb),
            "MPLCONFIGDIR": str(self._work),
        }
        with (self._work / LOG_NAME).open("wb") as log:
            return await asyncio.create_subprocess_exec(
                str(self._environment.python),
                str(LAUNCHER),
                str(self._model),
                str(self._port),
                cwd=self._work,
                env=variables,
                start_new_session=True,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
            )

    def _client(self, timeout_seconds: float) -> RasaClient:
        return RasaClient([self.base_url], self._token, clock=self._clock, timeout_seconds=timeout_seconds)

    async def _warm_up_and_check(self, first: RasaClient, client: RasaClient) -> str:
        """Wait for the first answer, then look now and then; returns the reason to end the server."""
        if not await self._is_up():
            return _SILENT
        for text, intent in self._known:
            parse = await first.parse(text)
            if parse is None and not first.outcomes[Outcome.RUBBISH]:
                return _SILENT  # a busy machine says nothing about the model
            if parse is None or parse.intents[0][0] != intent:
                return _UNFIT
        await self._become(Serving())
        missed = 0
        while missed < _CHECKS_TO_GIVE_UP:
            await asyncio.sleep(_CHECK_SECONDS)
            missed = 0 if await client.parse(KNOWN_SENTENCES[0][0]) else missed + 1
        return "The Rasa server no longer answered."

    async def _is_up(self) -> bool:
        deadline = self._clock() + _WARM_UP_SECONDS
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while self._clock() < deadline:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with http.get(f"{self.base_url}/status", params={"token": self._token}) as answer:
                        if answer.status == 200:
                            return True
                await asyncio.sleep(0.25)
        return False

    async def _end(self) -> None:
        """End the whole process group, kindly first; also what a dead server may have left behind."""
        process, self._process = self._process, None
        if process is None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                await process.wait()
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()


_SILENT = "The Rasa server did not answer in time."
_UNFIT = "The Rasa model does not know the simplest sentences; train it again."


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
