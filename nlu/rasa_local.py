"""The Rasa beside the app, always with the newest model: moves on to one that was trained meanwhile, without a gap.

The new server warms up while the old one goes on answering; then texts go to the new one, and the old one ends when it
has given its last answer. How one server is kept running is for rasa_server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from nlu.rasa_client import RasaClient
from nlu.rasa_server import RasaServer, Serving

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Offer:
    """A trained model by name, and how to make a server for it that does not run yet."""

    model: str
    make: Callable[[], RasaServer]


class LocalRasa:
    """One server, or for the time of an update two. `find` gives the newest model there is, or None; it may read files.
    Memory is used twice during an update."""

    def __init__(
        self,
        first: Offer,
        find: Callable[[], Offer | None],
        client_for: Callable[[RasaServer, str], RasaClient],
    ) -> None:
        self.server, self.model = first.make(), first.model
        self.client = client_for(self.server, self.model)
        self._find = find
        self._refused: set[str] = set()

    async def start(self) -> None:
        await self.server.start()

    async def stop(self) -> None:
        await self.client.close()
        await self.server.stop()

    async def update(self) -> bool:
        """Moves on when there is a newer model and it proves fit; tells whether it did. A model that does not is left
        alone from then on."""
        newest = await asyncio.to_thread(self._find)
        if newest is None or newest.model == self.model or newest.model in self._refused:
            return False
        coming = newest.make()
        try:
            await coming.start()
            if not isinstance(await coming.wait_until_settled(), Serving):
                self._refused.add(newest.model)
                log.error("model_refused", model=newest.model)
                return False
            going, self.server, self.model = self.server, coming, newest.model
            coming = going
            await self.client.move_to(self.server.base_url, self.model)
        finally:
            await coming.stop()
        log.warning("model_updated", model=self.model)
        return True
