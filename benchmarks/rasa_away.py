"""How long residents wait while Rasa breaks: `python -m benchmarks.rasa_away` prints the longest answer for each fault.

Residents type what only Rasa could understand, all at once. Each fault begins while they talk and ends while they talk.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.broken_rasa import FAULTS, WELL, broken_rasa
from benchmarks.client import BadAnswerError, Connection
from benchmarks.servers import Running, app, running
from nlu.rasa_client import RasaClient
from nlu.rasa_environment import Missing, find_environment, models_folder
from nlu.rasa_local import LocalRasa, Offer
from nlu.rasa_server import RasaServer, Serving
from nlu.rasa_train import NotTrained, find_model

RESIDENTS = 16
TURNS = 4
PAUSE_SECONDS = 0.2
WELL_SECONDS = 1.0
PROMISED = 1.5
WORDS = "wat wordt het weer morgen"
"""Rules do not know it and Rasa takes it for nothing of ours, so the first question is asked again each time."""

NAMES = itertools.count()


@dataclass
class Waits:
    """How long each answer took, in seconds, and how many never came."""

    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0

    def row(self, fault: str) -> str:
        ordered = sorted(self.seconds)
        median, worst = ordered[len(ordered) // 2], ordered[-1]
        word = "yes" if worst <= PROMISED and not self.unanswered else "NO"
        return f"| {fault} | {len(ordered)} | {median * 1000:.0f} | {worst * 1000:.0f} | {self.unanswered} | {word} |"


async def resident(port: int, waits: Waits, until: asyncio.Event) -> None:
    """One after the other: who says four things that are not understood gets a rest, and so makes way for the next."""
    async with Connection(Running(port, 0).at()) as connection:
        for number in itertools.count():
            if until.is_set():
                return
            if number % TURNS == 0:
                name = f"resident-{next(NAMES)}"
            metadata = {"simulated": True, "message_id": f"{name}-{number}"}
            message = WORDS if number % TURNS else "hallo"
            body = json.dumps({"sender": name, "message": message, "metadata": metadata})
            began = time.monotonic()
            try:
                if not json.loads(await connection.post(body.encode())):
                    waits.unanswered += 1
            except (BadAnswerError, TimeoutError):
                waits.unanswered += 1
                return
            waits.seconds.append(time.monotonic() - began)
            await asyncio.sleep(PAUSE_SECONDS)


@contextlib.asynccontextmanager
async def residents(port: int, waits: Waits) -> AsyncIterator[None]:
    until = asyncio.Event()
    talks = [asyncio.create_task(resident(port, waits, until)) for _ in range(RESIDENTS)]
    try:
        yield
    finally:
        until.set()
        await asyncio.gather(*talks)


def understanding(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        return str(json.load(answer)["understanding"])


async def until_understanding(port: int, wanted: str, seconds: float = 400.0) -> float:
    """How many seconds it took; they are counted, and not promised."""
    began = time.monotonic()
    while await asyncio.to_thread(understanding, port) != wanted:
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"understanding never became {wanted}")
        await asyncio.sleep(0.1)
    return time.monotonic() - began


async def stand_in(folder: Path, seconds: float, say: Callable[[str], None]) -> None:
    """Every fault of the stand-in, one after the other, with one app."""
    with broken_rasa(meaning="out_of_scope") as rasa:
        async with app(folder, WIJKVERHAAL_RASA_URL=rasa.url) as server:
            for fault in (WELL, *FAULTS):
                waits = Waits()
                rasa.mood = WELL
                await until_understanding(server.port, "full")
                async with residents(server.port, waits):
                    await asyncio.sleep(WELL_SECONDS)
                    rasa.mood = fault
                    await asyncio.sleep(seconds)
                    rasa.mood = WELL
                    await asyncio.sleep(WELL_SECONDS)
                say(waits.row(fault))


def child_of(pid: int) -> int:
    """The one process that this one started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(children[0])


async def real(folder: Path, say: Callable[[str], None]) -> None:
    """The Rasa beside the app: killed, stopped in its tracks, and with no byte of memory left to get."""
    folder.mkdir()
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "0"]
    async with running(command, folder / "log.txt", {"WIJKVERHAAL_DATA": str(folder / "data")}) as server:

        async def measure(
            name: str, harm: Callable[[int], object], heal: Callable[[int], object] | None
        ) -> None:
            waits = Waits()
            await until_understanding(server.port, "full")
            pid = child_of(server.pid)
            async with residents(server.port, waits):
                await asyncio.sleep(WELL_SECONDS)
                harm(pid)
                noticed = await until_understanding(server.port, "rules only")
                if heal is not None:
                    await asyncio.sleep(WELL_SECONDS)
                    heal(pid)
                back = await until_understanding(server.port, "full")
                await asyncio.sleep(WELL_SECONDS)
            say(waits.row(f"{name} (noticed after {noticed:.1f} s, back {back:.0f} s later)"))

        def give_no_memory(pid: int) -> None:
            resource.prlimit(pid, resource.RLIMIT_DATA, (1, resource.prlimit(pid, resource.RLIMIT_DATA)[1]))

        await measure("real Rasa, killed", lambda pid: os.kill(pid, signal.SIGKILL), None)
        await measure(
            "real Rasa, stopped and let go",
            lambda pid: os.kill(pid, signal.SIGSTOP),
            lambda pid: os.kill(pid, signal.SIGCONT),
        )
        await measure("real Rasa, stopped for good", lambda pid: os.kill(pid, signal.SIGSTOP), None)
        await measure("real Rasa, out of memory", give_no_memory, None)


async def update(folder: Path, say: Callable[[str], None]) -> None:
    """A model that is replaced while texts come in; measured at the caller."""
    environment, model = find_environment(os.environ), find_model(models_folder(os.environ))
    if isinstance(environment, Missing) or isinstance(model, NotTrained):
        return
    folder.mkdir()
    newer = folder / "nlu-newer.tar.gz"
    shutil.copy(model.path, newer)

    def offer(path: Path) -> Offer:
        def make() -> RasaServer:
            work = folder / f"work-{path.name}"
            work.mkdir()
            return RasaServer(
                environment=environment,
                model=path,
                token="t",
                work=work,
                env=os.environ,
                clock=time.monotonic,
            )

        return Offer(path.name, make)

    def client_for(server: RasaServer, name: str) -> RasaClient:
        return RasaClient([server.base_url], "t", clock=time.monotonic, model=name)

    local, waits, used = LocalRasa(offer(model.path), lambda: offer(newer), client_for), Waits(), set[str]()
    until = asyncio.Event()

    async def talk() -> None:
        while not until.is_set():
            began = time.monotonic()
            parse = await local.client.parse(WORDS)
            waits.seconds.append(time.monotonic() - began)
            waits.unanswered += parse is None
            used.update([parse.model] if parse else [])
            await asyncio.sleep(PAUSE_SECONDS)

    try:
        await local.start()
        if not isinstance(await local.server.wait_until_settled(), Serving):
            return
        talks = [asyncio.create_task(talk()) for _ in range(4)]
        await asyncio.sleep(WELL_SECONDS)
        await local.update()
        await asyncio.sleep(WELL_SECONDS)
        until.set()
        await asyncio.gather(*talks)
    finally:
        await local.stop()
    say(waits.row(f"real Rasa, model replaced ({len(used)} models answered)"))


async def measure(parts: set[str], seconds: float, say: Callable[[str], None]) -> None:
    say("| what happens to Rasa | answers | median ms | longest ms | unanswered | within 1.5 s |")
    say("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="wijkverhaal-away-") as folder:
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "faults": lambda: stand_in(Path(folder) / "faults", seconds, say),
            "real": lambda: real(Path(folder) / "real", say),
            "update": lambda: update(Path(folder) / "update", say),
        }
        for name in steps:
            if name in parts:
                await steps[name]()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rasa_away", description=__doc__)
    parser.add_argument("--only", choices=["faults", "real", "update"], action="append", help="one part")
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="how long each fault of the stand-in lasts"
    )
    chosen = parser.parse_args()
    parts = set(chosen.only or ("faults", "real", "update"))
    asyncio.run(measure(parts, chosen.seconds, lambda line: print(line, flush=True)))


if __name__ == "__main__":
    main()
