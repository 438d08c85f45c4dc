"""A model is trained while residents talk: the house moves on to it, and nobody's words get lost."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app import wiring
from app.settings import read_settings
from app.wiring import House, open_house
from domain.message import Incoming, IncomingKind
from nlu.rasa_client import Outcome
from nlu.rasa_environment import environment_folder
from nlu.rasa_server import Serving
from nlu.rasa_train import NotTrained, Trained
from tests.acceptance.running import form_cache
from tests.acceptance.test_main_job import INTAKE
from tests.acceptance.test_rasa_away import AGREES
from tests.patience import PATIENCE, until
from tests.unit.nlu.test_rasa_server import FAKE, is_alive

pytestmark = pytest.mark.anyio


class Models:
    """The store of models: what a look finds there, in a home of Rasa with a script for its Python."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.newest: Trained | NotTrained = NotTrained("Nothing was trained.")
        home = {"WIJKVERHAAL_RASA_HOME": str(folder)}
        python = environment_folder(home) / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(FAKE.format(python=sys.executable))
        python.chmod(0o755)
        (python.parents[1] / "ready").touch()
        patch.setenv("WIJKVERHAAL_RASA_HOME", str(folder))
        patch.setattr(wiring, "find_model", lambda models: self.newest)
        self._folder = folder

    def train(self, name: str, mood: str = "") -> None:
        path = self._folder / f"{name}.tar.gz"
        path.write_text(mood)
        self.newest = Trained(path)


class Talker:
    def __init__(self, house: House, name: str) -> None:
        self.house, self.name, self.replies = house, name, list[int]()
        self.buttons: dict[str, str] = {}

    async def say(self, text: str) -> None:
        kind = IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
        reply = await self.house.conversations.take(
            Incoming("rest", self.name, kind, self.house.now(), text=text)
        )
        self.replies.append(len(reply.messages))
        self.buttons = {button.title: button.payload for button in reply.messages[-1].buttons}

    async def begin(self) -> None:
        await self.say("hallo")
        for one in INTAKE:
            if one.name == "res_1":
                return
            await self.say(self.buttons[one.button])


def models_of(database: Path) -> list[str]:
    """The model of every answer to a statement, in order."""
    with closing(sqlite3.connect(database)) as db:
        found = db.execute("select model from answers where by = 'rasa' order by id").fetchall()
    return [model for (model,) in found]


async def test_newer_model_takes_over_in_the_middle_of_conversations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Models(tmp_path / "home", monkeypatch)
    models.train("nlu-1")
    settings = read_settings(
        {"WIJKVERHAAL_DATA": str(tmp_path / "data"), "WIJKVERHAAL_FORM_CACHE": str(form_cache())}
    )
    async with open_house(settings) as house:
        understanding = house.understanding
        assert understanding.local is not None
        assert understanding.client is not None
        first = understanding.local.server
        assert await first.wait_until_settled(PATIENCE) == Serving()
        first_pid, database, talkers = first.pid or 0, tmp_path / "data" / "wijkverhaal.db", list[Talker]()

        async def talk(name: str) -> None:
            number = 0
            while not {"nlu-1", "nlu-2"} <= set(models_of(database)):
                number += 1
                talkers.append(talker := Talker(house, f"{name}-{number}"))
                await talker.begin()
                for _ in range(5):
                    await talker.say(AGREES)

        talks = [asyncio.create_task(talk(name)) for name in ("Ans", "Bo", "Cor")]
        await until(lambda: "nlu-1" in models_of(database), "the first model understands")
        models.newest = NotTrained("Sentences were changed and nothing was trained yet.")
        assert not await understanding.local.update()
        models.train("nlu-2")
        assert await understanding.local.update()
        await asyncio.gather(*talks)

        assert 0 not in [count for talker in talkers for count in talker.replies]
        used = models_of(database)
        assert used.index("nlu-2") > 0
        outcomes = understanding.client.outcomes
        lost = [each for each in Outcome if each not in (Outcome.ANSWERED, Outcome.LATE) and outcomes[each]]
        assert lost == []
        assert not is_alive(first_pid)
        assert understanding.says == "full"


async def test_model_that_knows_nothing_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Models(tmp_path / "home", monkeypatch)
    models.train("nlu-1")
    settings = read_settings(
        {"WIJKVERHAAL_DATA": str(tmp_path / "data"), "WIJKVERHAAL_FORM_CACHE": str(form_cache())}
    )
    async with open_house(settings) as house:
        local = house.understanding.local
        assert local is not None
        assert await local.server.wait_until_settled(PATIENCE) == Serving()
        models.train("nlu-2", "untrained")
        assert not await local.update()
        parse = await house.understanding.parse(AGREES)
        assert parse is not None
        assert parse.model == "nlu-1"
