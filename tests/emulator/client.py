"""Starts an emulator and plays residents in it: what tests write their conversations with."""

import asyncio
import base64
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.patience import PATIENCE

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
TOKEN = "123456:TEST"


class EmulatorError(AssertionError):
    """What the test expected or asked is not so; the message tells what was there instead."""


@dataclass(frozen=True)
class BotMessage:
    """A message as a resident sees it: `buttons` are rows of titles, `body` is Telegram's own form."""

    id: int
    text: str
    buttons: list[list[str]]
    from_bot: bool
    sent_at: float
    edited: bool
    deleted: bool
    body: Json = field(repr=False)
    reply_markup: Json | None = field(repr=False)
    press_answers: list[list[Json]] = field(repr=False)

    @classmethod
    def read(cls, shown: Json) -> "BotMessage":
        names = (
            "text",
            "buttons",
            "from_bot",
            "sent_at",
            "edited",
            "deleted",
            "body",
            "reply_markup",
            "press_answers",
        )
        return cls(id=shown["message_id"], **{name: shown[name] for name in names})

    @property
    def titles(self) -> list[str]:
        return [title for row in self.buttons for title in row]


class Emulator:
    """One running emulator; `url` and `token` go to the bot under test."""

    def __init__(self, url: str, http: aiohttp.ClientSession, token: str) -> None:
        self.url, self.token, self._http = url, token, http

    @classmethod
    @contextlib.asynccontextmanager
    async def start(cls, token: str = TOKEN) -> AsyncIterator["Emulator"]:
        command = (sys.executable, "-m", "tests.emulator", "--port", "0", "--token", token)
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe)
        assert process.stdout and process.stdin
        try:
            line = await process.stdout.readline()
            if not line:
                raise EmulatorError("the emulator did not start; its error output is above")
            async with aiohttp.ClientSession() as http:
                yield cls(json.loads(line)["url"], http, token)
        finally:
            process.stdin.close()
            await process.wait()

    @property
    def bot_url(self) -> str:
        """The address that a method's name is appended to."""
        return f"{self.url}/bot{self.token}/"

    async def control(self, path: str, **given: Any) -> Any:
        async with self._http.post(f"{self.url}/control/{path}", json=given) as answer:
            result = await answer.json()
        if answer.status != 200:
            raise EmulatorError(result["error"])
        return result

    async def call(self, method: str, **params: Any) -> Json:
        """A call as a bot makes it: Telegram's whole answer, refusals too."""
        async with self._http.post(self.bot_url + method, json=params) as answer:
            decoded: Json = await answer.json()
            return decoded

    async def resident(self, first_name: str = "Fatima", **details: Any) -> "Resident":
        """A new person with a private chat; the chat opens with the first thing they say."""
        person = await self.control("people", first_name=first_name, **details)
        return Resident(self, person["id"], person["id"], first_name)

    async def group(self, title: str, *members: "Resident") -> int:
        chat = await self.control("groups", title=title, member_ids=[member.id for member in members])
        return int(chat["id"])

    # what happened

    async def calls(self, method: str | None = None) -> list[Json]:
        calls: list[Json] = await self.control("calls", method=method)
        return calls

    async def updates(self) -> list[Json]:
        """Every update emitted since the start or the last reset."""
        updates: list[Json] = await self.control("updates")
        return updates

    async def wait_for_calls(self, method: str, count: int = 1, timeout: float = PATIENCE) -> list[Json]:
        await self.control("wait", until="calls", method=method, count=count, timeout=timeout)
        return await self.calls(method)

    async def wait_until_delivered(self, timeout: float = PATIENCE) -> None:
        """Until the bot confirmed every update: answered the webhook, or polled past it."""
        await self.control("wait", until="delivered", timeout=timeout)

    # switches

    async def script(self, *faults: Json) -> None:
        """Add faults, for example `fault("too_many_requests", method="sendMessage", retry_after=1)`."""
        await self.control("faults", faults=list(faults))

    async def advance(self, seconds: float) -> None:
        await self.control("clock", advance=seconds)

    async def now(self) -> float:
        """The emulator's time, in seconds since 1970."""
        return float((await self.control("clock"))["now"])

    async def speed(self, rate: float) -> None:
        """Let the emulator's clock run so many times faster."""
        await self.control("clock", rate=rate)

    async def limits(self, *, enabled: bool = True, factor: float = 1.0, private_burst: float = 5.0) -> None:
        await self.control("limits", enabled=enabled, factor=factor, private_burst=private_burst)

    async def retries(self, scale: float) -> None:
        """Multiply the pauses between attempts at a webhook; 0 retries without a pause."""
        await self.control("delivery", retry_scale=scale)

    async def pause_delivery(self) -> None:
        await self.control("delivery", paused=True)

    async def resume_delivery(self) -> None:
        """All that waited comes in one burst."""
        await self.control("delivery", paused=False)

    async def reset(self) -> None:
        await self.control("reset")


def fault(kind: str, **details: Any) -> Json:
    """One line of a fault script; kinds and fields are those of `tests.emulator.faults.Fault`."""
    return {"kind": kind, **details}


class Resident:
    """A person in a chat; `next_messages` reads on where it last stopped."""

    def __init__(self, emulator: Emulator, person_id: int, chat_id: int, first_name: str) -> None:
        self.emulator, self.id, self.chat_id, self.first_name = emulator, person_id, chat_id, first_name
        self._read_to = 0

    def in_group(self, chat_id: int) -> "Resident":
        return Resident(self.emulator, self.id, chat_id, self.first_name)

    async def _do(self, what: str, **given: Any) -> Any:
        return await self.emulator.control(f"chats/{self.chat_id}/{what}", **{"from": self.id}, **given)

    async def say(self, text: str, *, reply_to: int | None = None) -> int:
        """Send a text; returns the message's id."""
        return int((await self._do("text", text=text, reply_to=reply_to))["message_id"])

    async def start(self, payload: str = "") -> int:
        return int((await self._do("start", payload=payload))["message_id"])

    async def tap(self, title: str, *, message_id: int | None = None) -> None:
        """Press the button with this title: in this message, or the newest one that has it."""
        await self._do("press", title=title, **({"message_id": message_id} if message_id else {}))

    async def tap_data(self, data: str, *, message_id: int | None = None) -> None:
        await self._do("press", data=data, **({"message_id": message_id} if message_id else {}))

    async def edit(self, message_id: int, text: str) -> None:
        await self._do("edit", message_id=message_id, text=text)

    async def send_voice(self, content: bytes = b"", duration: int = 3) -> int:
        return await self._send("voice", content, duration=duration)

    async def send_photo(self, content: bytes = b"", caption: str = "") -> int:
        return await self._send("photo", content, caption=caption)

    async def send_sticker(self) -> int:
        return await self._send("sticker", b"")

    async def send_location(self, latitude: float = 50.8514, longitude: float = 5.6910) -> int:
        return await self._send("location", b"", latitude=latitude, longitude=longitude)

    async def send_message(self, **body: Any) -> int:
        """What Telegram would put in a message beside who sends it and when, right or wrong."""
        return int((await self._do("message", body=body))["message_id"])

    async def _send(self, kind: str, content: bytes, **details: Any) -> int:
        sent = await self._do("media", kind=kind, content=base64.b64encode(content).decode(), **details)
        return int(sent["message_id"])

    async def block(self) -> None:
        await self._do("block", blocked=True)

    async def unblock(self) -> None:
        await self._do("block", blocked=False)

    async def next_messages(self, count: int = 1, timeout: float = PATIENCE) -> list[BotMessage]:
        """Exactly the next `count` messages of the bot, oldest first; fails after `timeout` real seconds."""
        waited = await self.emulator.control(
            "wait", until="messages", chat_id=self.chat_id, after=self._read_to, count=count, timeout=timeout
        )
        messages = [BotMessage.read(shown) for shown in waited["messages"][:count]]
        self._read_to = messages[-1].id if messages else self._read_to
        return messages

    async def next_text(self, timeout: float = PATIENCE) -> str:
        return (await self.next_messages(1, timeout))[0].text

    async def unread(self) -> list[BotMessage]:
        """What came after the last message read, without waiting."""
        return [
            message for message in await self.transcript() if message.from_bot and message.id > self._read_to
        ]

    async def transcript(self) -> list[BotMessage]:
        """The whole chat in order, both sides, deleted messages too."""
        return [BotMessage.read(shown) for shown in await self._do("transcript")]

    async def toasts(self) -> list[str]:
        """The texts of the bot's answers to presses in this chat, message by message."""
        answers = [
            answer
            for message in await self.transcript()
            for press in message.press_answers
            for answer in press
        ]
        return [answer["text"] for answer in answers]
