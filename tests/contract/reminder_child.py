"""A process that does due work and sends, as the assistant does, until it is stopped or kills itself at a step. What
arrives is a line in a file: the time at which it was sent (monotonic, the same for all processes), the chat, the text."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from app.due_work import do_due_work
from app.talk_desk import opener
from app.talk_news import TalkNews
from app.wiring import House, new_id
from bot.meeting.ports import TalkDesk
from bot.meeting.post import Post
from bot.ports import SendResult, Sent, TurnDb
from bot.sender import Clock, Sender, SenderSettings
from bot.texts.catalogue import load_catalogue
from domain.message import Message
from domain.session import Tell
from storage import Store, Vault, open_store
from storage.work import DueWork

BEGAN = datetime(2026, 11, 30, 13, tzinfo=UTC)
"""When all that a test plans is due."""

FASTER = 20.0
"""So much faster does time go by, so that leases of two minutes end in seconds."""

CHANNEL = "telegram"
STEPS = ("claimed", "told", "committed", "sending", "sent", "marked")


class Doom:
    """Kills this process the `number`th time that it comes to `step`."""

    def __init__(self, step: str, number: int) -> None:
        self._step, self._left = step, number

    def at(self, step: str) -> None:
        if step == self._step:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class DoomedPost(Post):
    def __init__(self, doom: Doom) -> None:
        super().__init__(load_catalogue())
        self._doom = doom

    def tell(self, db: TurnDb, desk: TalkDesk, tells: Sequence[Tell], at: datetime, **more: Any) -> None:
        super().tell(db, desk, tells, at, **more)
        self._doom.at("told")


class DoomedNews(TalkNews):
    def __init__(self, store: Store, doom: Doom) -> None:
        super().__init__(store, opener(new_id), DoomedPost(doom))
        self._doom = doom

    async def do(self, due: DueWork, now: datetime) -> None:
        self._doom.at("claimed")
        await super().do(due, now)
        self._doom.at("committed")


class ToFile:
    """A service that takes its time to answer. Each line is written whole."""

    def __init__(self, file: Path, doom: Doom) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._doom, self._arrived = doom, 0

    async def send(self, channel_ref: str, message: Message) -> Sent:
        self._doom.at("sending")
        text = message.text.replace("\n", " / ")
        os.write(self._file, f"{time.monotonic()}\t{channel_ref}\t{text}\n".encode())
        self._doom.at("sent")
        await asyncio.sleep(0.002)
        return Sent(SendResult.SENT)


class DoomedOutbox:
    """The store, as the sender sees it."""

    def __init__(self, store: Store, doom: Doom) -> None:
        self._store, self._doom = store, doom

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def mark_sent(self, message_id: int, *, at: datetime) -> None:
        await self._store.mark_sent(message_id, at=at)
        self._doom.at("marked")


def faster() -> Clock:
    began = time.monotonic()

    def passed() -> float:
        return (time.monotonic() - began) * FASTER

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / FASTER)

    return Clock(passed, lambda: BEGAN + timedelta(seconds=1 + passed()), sleep)


def run(url: str, key: str, file: Path, step: str, number: int, stop: Event) -> None:
    """Until it dies, or `stop` is set."""
    asyncio.run(_run(url, key, file, Doom(step, number), stop))


async def _run(url: str, key: str, file: Path, doom: Doom, ends: Event) -> None:
    store = open_store(url, vault=Vault.open(key=key), new_id=new_id, connections=4)
    clock, stop = faster(), asyncio.Event()
    house = cast(House, SimpleNamespace(store=store, talk_news=DoomedNews(store, doom)))
    sender = Sender(
        channel=CHANNEL,
        outbox=cast(Any, DoomedOutbox(store, doom)),
        transport=ToFile(file, doom),
        clock=clock,
        settings=SenderSettings(per_second=100_000, burst=1_000, chat_gap=0),
    )
    running = asyncio.create_task(sender.run(stop))
    while not ends.is_set():
        await do_due_work(house, clock.now())
        sender.wake()
        await clock.sleep(2)
    stop.set()
    await running
    await store.close()
