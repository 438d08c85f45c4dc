"""The Telegram channel and the sender against the emulated Bot API, with a dialogue that only echoes."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.telegram.channel import TelegramChannel, TelegramSettings
from bot.conversation import Reply
from bot.ports import OutboxMessage
from bot.sender import Clock, Sender, SenderSettings
from domain.errors import DomainError
from domain.message import Button, Incoming, IncomingKind, Message
from tests.emulator.client import Emulator, Resident, fault
from tests.patience import until

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
QUICK = SenderSettings(chat_gap=0.01, per_second=500, burst=20, look_every=0.02)


@dataclass
class Row:
    id: int
    chat: str
    message: Message
    not_before: datetime = LONG_AGO
    leased_until: datetime = LONG_AGO
    attempts: int = 0
    state: str = "waiting"


@dataclass
class EchoIntake:
    """Conversations and outbox in memory: every update id counts once, and its reply waits in the outbox."""

    rows: list[Row] = field(default_factory=list)
    taken: list[Incoming] = field(default_factory=list)
    seen: set[str | None] = field(default_factory=set)
    duplicates: int = 0
    storage_away: int = 0

    async def take(self, incoming: Incoming) -> Reply:
        if self.storage_away:
            self.storage_away -= 1
            raise DomainError("storage_unavailable")
        duplicate = incoming.update_id in self.seen
        self.duplicates += duplicate
        if not duplicate:
            self.seen.add(incoming.update_id)
            self.taken.append(incoming)
            self.rows.append(Row(len(self.rows) + 1, incoming.channel_ref, self._answer(incoming)))
        return Reply((), incoming.channel_ref, duplicate=duplicate)

    def _answer(self, incoming: Incoming) -> Message:
        if incoming.kind is IncomingKind.OPEN or incoming.text == "/start":
            return Message(f"welkom {incoming.code}".strip(), (Button("Ja", "/yes"), Button("Nee", "/no")))
        return Message(f"{incoming.kind} {incoming.text}".strip())

    async def claim(
        self, channel: str, *, now: datetime, limit: int, lease: timedelta
    ) -> Sequence[OutboxMessage]:
        heads: dict[str, Row] = {}
        for row in self.rows:
            if row.state == "waiting":
                heads.setdefault(row.chat, row)
        due = [row for row in heads.values() if max(row.not_before, row.leased_until) <= now][:limit]
        for row in due:
            row.leased_until = now + lease
        return [OutboxMessage(row.id, row.chat, row.chat, row.message, row.attempts) for row in due]

    async def mark_sent(self, message_id: int, *, at: datetime) -> None:
        self.rows[message_id - 1].state = "sent"

    async def mark_again(self, message_id: int, *, not_before: datetime, unknown: bool = False) -> None:
        row = self.rows[message_id - 1]
        row.not_before = row.leased_until = not_before
        row.attempts += 1

    async def mark_failed(self, message_id: int, *, code: str) -> None:
        self.rows[message_id - 1].state = f"failed {code}"

    async def still_waits(self, message_id: int) -> bool:
        return True

    async def mark_blocked(self, reference: str, *, at: datetime) -> None:
        for row in self.rows:
            if row.chat == reference and row.state == "waiting":
                row.state = "blocked"


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def serving(channel: TelegramChannel, listener: socket.socket) -> AsyncIterator[None]:
    """A web server with the channel's webhook, when it has one."""
    app = Starlette(routes=list(channel.routes))
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def a_bot(emulator: Emulator, mode: str) -> AsyncIterator[EchoIntake]:
    """The channel and its sender, running against the emulator."""
    intake = EchoIntake()
    listener = socket.create_server(("127.0.0.1", 0))
    hook = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram/webhook" if mode == "webhook" else ""
    settings = TelegramSettings(
        token=emulator.token,
        base_url=f"{emulator.url}/bot",
        webhook_url=hook,
        webhook_secret="s3cret",
        poll_seconds=5,
        read_timeout=0.5,
    )
    stop = asyncio.Event()
    channel = TelegramChannel(settings, intake, now=utc_now, wake=lambda: sender.wake(), sleep=asyncio.sleep)
    clock = Clock(asyncio.get_running_loop().time, utc_now)
    sender = Sender(
        channel="telegram", outbox=intake, transport=channel.transport, clock=clock, settings=QUICK
    )
    async with serving(channel, listener):
        await channel.start()
        sending = asyncio.create_task(sender.run(stop))
        try:
            yield intake
        finally:
            stop.set()
            await sending
            await channel.stop()


Story = Callable[[Emulator, EchoIntake], Coroutine[Any, Any, None]]


def play(story: Story, mode: str) -> None:
    async def run() -> None:
        async with Emulator.start() as emulator:
            await emulator.limits(enabled=False)
            await emulator.retries(0.01)
            async with a_bot(emulator, mode) as intake:
                await story(emulator, intake)

    asyncio.run(run())


both_ways = pytest.mark.parametrize("mode", ["polling", "webhook"])


@both_ways
def test_conversation_goes_both_ways(mode: str) -> None:
    async def story(emulator: Emulator, intake: EchoIntake) -> None:
        fatima = await emulator.resident()
        await fatima.start("POSTER-7")
        (welcome,) = await fatima.next_messages()
        assert (welcome.text, welcome.buttons) == ("welkom POSTER-7", [["Ja", "Nee"]])
        await fatima.tap("Ja")
        assert await fatima.next_text() == "tap /yes"
        await fatima.say("*fijn* <b>hier</b> \N{HOUSE WITH GARDEN}")
        assert await fatima.next_text() == "text *fijn* <b>hier</b> \N{HOUSE WITH GARDEN}"
        await fatima.say("/pauze")
        assert await fatima.next_text() == "tap /pause"
        await fatima.send_voice(b"ogg")
        assert await fatima.next_text() == "voice"
        await emulator.wait_for_calls("answerCallbackQuery")

    play(story, mode)


@both_ways
def test_ten_residents_are_all_heard_in_order_through_every_trouble(mode: str) -> None:
    async def story(emulator: Emulator, intake: EchoIntake) -> None:
        residents = [await emulator.resident(f"R{number}") for number in range(10)]
        for resident in residents:
            await resident.start()
            await resident.next_messages()
        await emulator.script(
            fault("too_many_requests", method="sendMessage", nth=3, retry_after=1),
            fault("server_error", method="sendMessage", nth=5),
            fault("bad_gateway", method="sendMessage", nth=7),
            fault("drop_before", method="sendMessage", nth=9),
            fault("deliver_twice", method="update", nth=4, times=3),
        )
        intake.storage_away = 2
        for number in range(3):
            for resident in residents:
                await resident.say(f"{number}")
        for resident in residents:
            heard = [message.text for message in await resident.next_messages(3)]
            assert heard == ["text 0", "text 1", "text 2"]
        await emulator.wait_until_delivered()
        assert len(intake.taken) == 40
        assert intake.duplicates >= 3

    play(story, mode)


@both_ways
def test_message_whose_fate_is_unknown_comes_at_least_once(mode: str) -> None:
    async def story(emulator: Emulator, intake: EchoIntake) -> None:
        fatima = await emulator.resident()
        await fatima.start()
        await fatima.next_messages()
        await emulator.script(
            fault("drop_after", method="sendMessage", nth=1),
            fault("late_answer", method="sendMessage", nth=4),
        )
        for words in ("a", "b", "c"):
            await fatima.say(words)
        heard = [message.text for message in await fatima.next_messages(5)]
        assert heard == ["text a", "text a", "text b", "text c", "text c"]

    play(story, mode)


def states_for(intake: EchoIntake, resident: Resident) -> list[str]:
    return [row.state for row in intake.rows if row.chat == str(resident.chat_id)]


@both_ways
def test_person_who_blocks_the_bot_is_left_alone_and_others_are_not(mode: str) -> None:
    async def story(emulator: Emulator, intake: EchoIntake) -> None:
        fatima, joost = await emulator.resident("Fatima"), await emulator.resident("Joost")
        for resident in (fatima, joost):
            await resident.start()
            await resident.next_messages()
        await emulator.script(fault("blocked", chat_id=fatima.chat_id, method="sendMessage"))
        await fatima.say("dag")
        await joost.say("hoi")
        assert await joost.next_text() == "text hoi"
        await emulator.wait_for_calls("sendMessage", 4)
        await until(lambda: states_for(intake, fatima) == ["sent", "blocked"], "the row is marked as blocked")

    play(story, mode)


@both_ways
def test_group_is_told_once_and_left(mode: str) -> None:
    async def story(emulator: Emulator, intake: EchoIntake) -> None:
        fatima = await emulator.resident()
        group = await emulator.group("Buurtapp", fatima)
        await fatima.in_group(group).say("/start@wijkverhaal_test_bot")
        await emulator.wait_for_calls("leaveChat")
        assert len(await emulator.calls("sendMessage")) == 1
        assert intake.taken == []

    play(story, mode)


def test_switch_from_webhook_to_polling_keeps_what_waits() -> None:
    async def run() -> None:
        async with Emulator.start() as emulator:
            await emulator.limits(enabled=False)
            fatima = await emulator.resident()
            async with a_bot(emulator, "webhook"):
                await fatima.start()
                await fatima.next_messages()
                await emulator.pause_delivery()
                await fatima.say("onderweg")
            await emulator.resume_delivery()
            async with a_bot(emulator, "polling"):
                assert await fatima.next_text() == "text onderweg"

    asyncio.run(run())
