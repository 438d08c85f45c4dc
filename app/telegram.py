"""Telegram as a part of the running assistant: its channel, the sender of its outbox, and who watches them."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from starlette.routing import BaseRoute

from app.wiring import House
from bot.sender import Clock as SenderClock
from bot.sender import Sender, SenderSettings
from domain.message import Incoming, IncomingKind
from domain.understanding import Command, Expected, ExpectedKind, UnderstandingKind
from nlu.understand import understand
from scheduler.clock import Clock

TELEGRAM_API = "https://api.telegram.org/bot"
CHECK_SECONDS = 2.0
_ALWAYS = frozenset({"/stop", "/erase"})


@dataclass(frozen=True, slots=True)
class TelegramPace:
    """How fast messages go out, how many seconds Telegram may take for an answer, and how often (in seconds) is looked
    for reminders that are due."""

    sender: SenderSettings = field(default_factory=SenderSettings)
    answer_within: float = 20.0
    remind_every: float = 60.0


@dataclass(slots=True)
class Channels:
    """What there is beside the web server. `telegram` says how it is; what is `running` goes on until the end, unless
    it is broken; `news` are sentences that come later, if ever."""

    routes: list[BaseRoute] = field(default_factory=list)
    telegram: str = "off (set TELEGRAM_BOT_TOKEN to switch it on)"
    running: list[asyncio.Task[None]] = field(default_factory=list)
    news: Sequence[Awaitable[str]] = ()


async def start_telegram(
    house: House, clock: Clock, stack: contextlib.AsyncExitStack, pace: TelegramPace
) -> Channels:
    # Imported here: python-telegram-bot costs start-up time and memory that a copy without Telegram need not pay.
    from bot.channels.telegram.channel import TelegramChannel, TelegramSettings

    settings = house.settings
    webhook = settings.webhook_url

    async def note_blocked(channel_ref: str, at: datetime) -> None:
        await house.store.block_contact("telegram", channel_ref, at=at)

    channel = TelegramChannel(
        TelegramSettings(
            token=settings.telegram_token,
            webhook_url=f"{webhook.rstrip('/')}/telegram/webhook" if webhook else "",
            webhook_secret=settings.webhook_secret,
            base_url=settings.telegram_api or TELEGRAM_API,
            read_timeout=pace.answer_within,
        ),
        house.conversations,
        now=house.now,
        wake=lambda: sender.wake(),
        on_blocked=note_blocked,
        is_urgent=is_urgent,
    )
    sender = Sender(
        channel="telegram",
        outbox=house.store,
        transport=channel.transport,
        clock=SenderClock(time.monotonic, house.now),
        settings=pace.sender,
    )
    if settings.database.startswith("sqlite"):
        # One process sends from a file: what a killed one held would only wait for its lease to end.
        await house.store.free_leases("telegram")
    await channel.start()
    stack.push_async_callback(channel.stop)
    receiving = asyncio.create_task(channel.wait(), name="Telegram's receiver")
    stack.callback(receiving.cancel)
    stopped = asyncio.Event()
    sending = asyncio.create_task(sender.run(stopped), name="Telegram's sender")

    async def stop_sender() -> None:
        stopped.set()
        await sending

    stack.push_async_callback(stop_sender)
    clock.every(CHECK_SECONDS, "wake-sender", _waker(sender))
    clock.every(pace.remind_every, "remind", _reminder(house, sender))
    channels = Channels(list(channel.routes), "webhook" if webhook else "polling", [receiving, sending])
    if not channel.reached.is_set():
        channels.telegram += "; Telegram cannot be reached now and is tried again"
        channels.news = [_when_reached(channel.reached)]
    return channels


def is_urgent(incoming: Incoming) -> bool:
    """A cry for help, or somebody who wants to stop or be erased: heard however much they send."""
    if incoming.kind is IncomingKind.TAP:
        return incoming.text in _ALWAYS
    said = understand(incoming.text, Expected(ExpectedKind.NONE), now=incoming.at)
    if said.kind is UnderstandingKind.COMMAND:
        return said.value in (Command.STOP, Command.ERASE)
    return said.kind is UnderstandingKind.SAFETY


async def _when_reached(reached: asyncio.Event) -> str:
    await reached.wait()
    return "Telegram is reached now."


def _reminder(house: House, sender: Sender) -> Callable[[], Awaitable[None]]:
    async def remind() -> None:
        if await house.reminders.send_due(house.now()):
            sender.wake()

    return remind


def _waker(sender: Sender) -> Callable[[], Awaitable[None]]:
    async def wake() -> None:
        sender.wake()

    return wake
