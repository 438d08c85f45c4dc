"""Runs the terminal chat: opens what it needs, reads standard input, and leaves nothing behind unless asked to."""

import asyncio
import contextlib
import io
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from rich.console import Console

from app.settings import Settings
from app.wiring import House, open_house, utc_now
from bot.channels.terminal import Moment, talk_in_lines, talk_with_person
from bot.texts.catalogue import LANGUAGES


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """`database` empty means: keep nothing. `now` lets the clock stand still (UTC)."""

    jsonl: bool
    database: str
    form: Path | None
    now: datetime | None
    rules_only: bool
    sender: str


async def chat_in_terminal(settings: Settings, options: ChatOptions, say: Callable[[str], None]) -> None:
    with _settings_for(settings, options) as used:
        async with open_house(used, form=options.form) as house:
            await (_for_programs(house, options, say) if options.jsonl else _for_people(house, options, say))


@contextlib.contextmanager
def _settings_for(settings: Settings, options: ChatOptions) -> Iterator[Settings]:
    settings = replace(settings, rules_only=options.rules_only or settings.rules_only)
    if options.database:
        yield replace(settings, database=options.database)
        return
    with tempfile.TemporaryDirectory(prefix="wijkverhaal-") as folder:
        data = Path(folder)
        cache = settings.form_cache if settings.form_cache.is_dir() else data
        yield replace(
            settings,
            data=data,
            database=f"sqlite:///{data / 'chat.db'}",
            key_file=data / "vault.key",
            key="",
            form_cache=cache,
        )


async def _for_programs(house: House, options: ChatOptions, say: Callable[[str], None]) -> None:
    """Waits for the model first: the same lines must give the same answers at every run."""
    server = house.understanding.server
    if server is not None:
        await server.wait_until_settled()
    if not house.understanding.is_warm:
        say(f"Understanding: rules only. {house.understanding.trouble}")

    def write(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    await talk_in_lines(standard_input(), house.conversations, Moment(utc_now, options.now), write)


async def _for_people(house: House, options: ChatOptions, say: Callable[[str], None]) -> None:
    say(house.catalogue.sentence("terminal.how", LANGUAGES[0]))
    console = Console(highlight=False)
    await talk_with_person(
        standard_input("> "), house.conversations, Moment(utc_now, options.now), console, options.sender
    )


async def standard_input(prompt: str = "") -> AsyncIterator[str]:
    """Lines of standard input. A thread reads them: it dies with the process, so Ctrl-C never waits for Enter."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    wanted = threading.Semaphore(0)

    def read() -> None:
        line = "begin"
        while line:
            wanted.acquire()
            if prompt:
                print(prompt, end="", flush=True)
            line = sys.stdin.readline()
            loop.call_soon_threadsafe(lines.put_nowait, line or None)

    # Bytes that are no UTF-8 are shown as such, and never end the chat.
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")

    threading.Thread(target=read, daemon=True).start()
    while True:
        wanted.release()
        line = await lines.get()
        if line is None:
            return
        yield line.rstrip("\r\n")
