"""The real Rasa with the real model: what it knows, what it writes down, and how it comes and goes."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from nlu.rasa_client import RasaClient
from nlu.rasa_environment import Missing, find_environment, models_folder
from nlu.rasa_parse import ModelParse
from nlu.rasa_server import LOG_NAME, Down, RasaServer, Serving, State
from nlu.rasa_train import ROOT, NotTrained, find_model
from tests.acceptance.running import running_assistant, still_running
from tests.acceptance.test_rasa_away import AGREES, STATEMENT, Town
from tests.patience import PATIENCE, wait_until

ENVIRONMENT = find_environment(os.environ)
MODEL = find_model(models_folder(os.environ))
REASON = " ".join(found.reason for found in (ENVIRONMENT, MODEL) if isinstance(found, Missing | NotTrained))

pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

WARM_UP = 300.0
TOKEN = "a-token-for-the-test"

KNOWN = {
    "stop met berichten sturen": "stop",
    "wis alles": "erase",
    "hoeveel vragen zijn het nog": "progress",
    "wie kan mijn antwoorden lezen": "privacy",
    "gooje mörge": "greet",
    "thank you so much": "thanks",
    "can i speak to a real person": "human",
    "wat wordt het weer morgen": "out_of_scope",
}

# A parent that starts a server, says its number and then only waits.
PARENT = """
import asyncio, os, sys, time
from pathlib import Path
from nlu.rasa_environment import find_environment, models_folder
from nlu.rasa_server import RasaServer
from nlu.rasa_train import ROOT, find_model

async def main():
    server = RasaServer(
        environment=find_environment(os.environ), model=find_model(models_folder(os.environ)).path, token="t",
        work=Path(sys.argv[1]), env=os.environ, clock=time.monotonic,
    )
    await server.start()
    print(type(await server.wait_until_settled()).__name__, server.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def make_server(work: Path) -> RasaServer:
    assert not isinstance(ENVIRONMENT, Missing)
    assert not isinstance(MODEL, NotTrained)
    return RasaServer(
        environment=ENVIRONMENT,
        model=MODEL.path,
        token=TOKEN,
        work=work,
        env=os.environ,
        clock=time.monotonic,
    )


def client_of(server: RasaServer, token: str = TOKEN) -> RasaClient:
    return RasaClient([server.base_url], token, clock=time.monotonic, timeout_seconds=5.0)


async def post(server: RasaServer, text: str) -> int:
    """Send a text as it is, past our client; the status of the answer."""
    async with aiohttp.ClientSession() as http:
        url = f"{server.base_url}/model/parse"
        async with http.post(url, params={"token": TOKEN}, json={"text": text}) as answer:
            return answer.status


def is_serving(state: State) -> bool:
    return isinstance(state, Serving)


def group_members(group: int) -> list[int]:
    """Processes of this group that still run; zombies that nobody has collected do not count."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def best(parse: ModelParse | None) -> str:
    return parse.intents[0][0] if parse else "no answer"


def test_server_knows_sentences_keeps_them_to_itself_and_comes_back_after_a_kill(tmp_path: Path) -> None:
    async def scenario(server: RasaServer) -> None:
        await server.start()
        assert await server.wait_until_settled(WARM_UP) == Serving()
        async with client_of(server) as client:
            assert {text: best(await client.parse(text)) for text in KNOWN} == KNOWN
            assert await client.parse("mijn naam is Geheimpje") is not None
        # What our client never sends, but another might: Rasa quotes such a text in a warning.
        assert await post(server, '/stop{"name": Geheimpje') == 200
        assert await post(server, "") == 200
        async with client_of(server, "wrong") as stranger:
            assert await stranger.parse("hallo") is None

        first = server.pid or 0
        assert group_members(first) != []
        os.kill(first, signal.SIGKILL)
        await server.wait_until(lambda state: isinstance(state, Down), PATIENCE)
        written = (tmp_path / LOG_NAME).read_text(encoding="utf-8")
        assert [word for word in ("Geheimpje", "gooje", TOKEN) if word in written] == []

        assert await server.wait_until(is_serving, WARM_UP) == Serving()
        async with client_of(server) as client:
            assert best(await client.parse("wis alles")) == "erase"
        second = server.pid or 0
        await server.stop()
        assert group_members(first) + group_members(second) == []

    async def whole() -> None:
        server = make_server(tmp_path)
        try:
            await scenario(server)
        finally:
            await server.stop()

    asyncio.run(whole())


def test_server_does_not_outlive_its_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        state, pid = parent.stdout.readline().split()
        assert state == "Serving"
        assert group_members(int(pid)) != []
    finally:
        parent.kill()
        parent.wait()
        if parent.stdout is not None:
            parent.stdout.close()
    wait_until(lambda: not group_members(int(pid)), "the server ends with its parent")


@pytest.mark.parametrize("presses", [1, 2])
def test_interrupt_ends_the_assistant_and_the_server_it_started(tmp_path: Path, presses: int) -> None:
    """Pressed while Rasa still starts, as an impatient person does."""
    home = {name: value for name, value in os.environ.items() if name == "WIJKVERHAAL_RASA_HOME"}
    with running_assistant(tmp_path, arguments=(), extra=home) as assistant:
        wait_until(assistant.children, "Rasa is started")
        started = assistant.children()
        for _ in range(presses):
            assistant.send(signal.SIGINT)
            assistant.wait_for_line("Stopping.")

        assert assistant.wait_for_end() in (0, 130)
        wait_until(lambda: not still_running(started), "Rasa ends too")
        assert [line for line in assistant.said if "Traceback" in line] == []


def answered(town: Town) -> float:
    """How many texts Rasa has answered."""
    [line] = [each for each in town.get("/metrics").splitlines() if 'outcome="answered"' in each]
    return float(line.split()[-1])


def test_rasa_stopped_in_its_tracks_and_killed_while_somebody_talks(tmp_path: Path) -> None:
    home = {name: value for name, value in os.environ.items() if name == "WIJKVERHAAL_RASA_HOME"}
    with running_assistant(tmp_path, arguments=(), extra=home) as assistant:
        town, names = Town(assistant), itertools.count()

        def asks_back() -> bool:
            resident = town.resident_at_statement(f"resident-{next(names)}")
            resident.say(AGREES)
            return set(resident.buttons) >= STATEMENT

        def rasa_answers() -> bool:
            before = answered(town)
            return asks_back() and answered(town) > before

        assert asks_back(), "while Rasa warms up"
        town.wait_for("full", rounds=5)
        wait_until(rasa_answers, "Rasa is asked and answers")

        [rasa] = assistant.children()
        os.kill(rasa, signal.SIGSTOP)
        assert asks_back()
        town.wait_for("rules only")
        os.kill(rasa, signal.SIGCONT)
        town.wait_for("full", rounds=5)
        wait_until(rasa_answers, "Rasa is asked and answers")

        [rasa] = assistant.children()
        os.kill(rasa, signal.SIGKILL)
        assert asks_back()
        town.wait_for("full", rounds=5)
        wait_until(rasa_answers, "Rasa is asked and answers")
        assert rasa not in assistant.children()
