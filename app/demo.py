"""Simulated residents talk through the REST channel of a running assistant, with a progress bar."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.resident import Resident
from app.serve import serve
from app.settings import Settings
from domain.errors import DomainError

AT_ONCE = 16
MOST_TURNS = 120


async def run_demo(
    settings: Settings, residents: int, url: str, seed: int, say: Callable[[str], None]
) -> None:
    """Raises DomainError("no_server") when nothing answers at `url`."""
    if url:
        await _let_talk(url.rstrip("/"), residents, seed, settings.rest_token, say)
        return
    stop = asyncio.Event()
    own = replace(settings, port=0, telegram_token="", rules_only=True)
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def listen(sentence: str) -> None:
        if "Chat page" in sentence and not address.done():
            address.set_result(sentence.split()[-1])

    server = asyncio.create_task(serve(own, listen, stop=stop))
    waiting: set[asyncio.Future[Any]] = {server, address}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if server.done():
        server.result()
    talk = asyncio.create_task(_let_talk(await address, residents, seed, settings.rest_token, say))
    try:
        # Ctrl-C ends the server; then nobody talks on.
        await asyncio.wait({talk, server}, return_when=asyncio.FIRST_COMPLETED)
        if talk.done():
            talk.result()
    finally:
        talk.cancel()
        stop.set()
        await server


async def _let_talk(url: str, residents: int, seed: int, token: str, say: Callable[[str], None]) -> None:
    columns = (TextColumn("Residents talking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    room = asyncio.Semaphore(AT_ONCE)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers) as http:
        await _check(http, url)
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("", total=residents)

            async def one(number: int) -> int:
                async with room:
                    turns = await talk(
                        http, url, f"demo-{seed}-{number}", Resident(random.Random(f"{seed}/{number}"))
                    )
                    progress.advance(bar)
                    return turns

            turns = await asyncio.gather(*(one(number) for number in range(residents)))
    say(f"{residents} simulated residents had their say in {sum(turns)} turns.")


async def _check(http: aiohttp.ClientSession, url: str) -> None:
    try:
        async with http.get(f"{url}/healthz"):
            return
    except aiohttp.ClientError as error:
        raise DomainError("no_server", url=url) from error


async def talk(http: aiohttp.ClientSession, url: str, sender: str, resident: Resident) -> int:
    """One whole conversation; returns its number of turns."""
    message: str | None = "hallo"
    turns = 0
    while message is not None and turns < MOST_TURNS:
        body: dict[str, Any] = {"sender": sender, "message": message, "metadata": {"simulated": True}}
        async with http.post(f"{url}/webhooks/rest/webhook", json=body) as response:
            response.raise_for_status()
            message = resident.next_message(await response.json())
        turns += 1
    return turns
