"""Moving on to a newer model while people talk; small scripts stand in the place of Rasa."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from domain.understanding import ModelParse
from nlu.rasa_client import RasaClient
from nlu.rasa_local import LocalRasa, Offer
from nlu.rasa_server import RasaServer, Serving
from tests.patience import PATIENCE, until
from tests.unit.nlu.test_rasa_server import is_alive, make_server


class Store:
    """The models that were trained; `newest` is what a look finds."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.made = folder, list[RasaServer]()
        self.newest: Offer | None = None

    def offer(self, name: str, mood: str = "") -> Offer:
        def make() -> RasaServer:
            (self.folder / name).mkdir()
            self.made.append(make_server(self.folder / name, mood))
            return self.made[-1]

        return Offer(name, make)

    def local(self) -> LocalRasa:
        def client_for(server: RasaServer, model: str) -> RasaClient:
            clock = time.monotonic
            return RasaClient([server.base_url], "secret", clock=clock, model=model, timeout_seconds=PATIENCE)

        self.newest = first = self.offer("nlu-1")
        return LocalRasa(first, lambda: self.newest, client_for)


@contextlib.asynccontextmanager
async def warm(store: Store) -> AsyncIterator[LocalRasa]:
    local = store.local()
    try:
        await local.start()
        assert await local.server.wait_until_settled(PATIENCE) == Serving()
        yield local
    finally:
        await local.stop()
    assert [server.pid for server in store.made] == [None] * len(store.made)


def test_newer_model_takes_over_and_no_text_is_lost(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = Store(tmp_path)
        async with warm(store) as local:
            first, heard = local.server.pid or 0, list[ModelParse | None]()

            async def talk() -> None:
                while not heard or heard[-1] is None or heard[-1].model == "nlu-1":
                    heard.append(await local.client.parse("hallo"))

            talks = [asyncio.create_task(talk()) for _ in range(4)]
            await until(lambda: len(heard) > 4, "they talk")
            store.newest = store.offer("nlu-2")
            assert await local.update()
            await asyncio.gather(*talks)

            assert None not in heard
            assert {parse.model for parse in heard if parse} == {"nlu-1", "nlu-2"}
            assert (local.model, local.client.models, local.client.failures) == ("nlu-2", ("nlu-2",), 0)
            assert not is_alive(first)

    asyncio.run(scenario())


def test_same_model_or_none_changes_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = Store(tmp_path)
        async with warm(store) as local:
            first = local.server.pid
            assert not await local.update()
            store.newest = None
            assert not await local.update()
            assert (local.server.pid, len(store.made)) == (first, 1)

    asyncio.run(scenario())


def test_newer_model_that_knows_nothing_is_left_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = Store(tmp_path)
        async with warm(store) as local:
            first = local.server.pid
            store.newest = store.offer("nlu-2", "untrained")
            assert not await local.update()
            assert not await local.update()
            assert (local.model, local.server.pid, len(store.made)) == ("nlu-1", first, 2)
            assert await local.client.parse("hallo") is not None

            store.newest = store.offer("nlu-3")
            assert await local.update()

    asyncio.run(scenario())


def test_end_in_the_middle_of_an_update_leaves_nothing_running(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = Store(tmp_path)
        async with warm(store) as local:
            store.newest = store.offer("nlu-2")
            updating = asyncio.create_task(local.update())
            await until(lambda: len(store.made) == 2 and store.made[1].pid is not None, "it starts")
            updating.cancel()
            await asyncio.wait([updating])
            assert local.model == "nlu-1"

    asyncio.run(scenario())
