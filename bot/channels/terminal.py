"""The terminal as a channel: lines of JSON for programs, a readable chat for people."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.channels.wire import to_wire
from bot.conversation import Reply
from domain.message import Button, Incoming, IncomingKind, Message

CHANNEL = "terminal"


class Takes(Protocol):
    async def take(self, incoming: Incoming) -> Reply: ...


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be used, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    sender: str
    incoming: Incoming


class Moment:
    """A clock for machines: stands still at the moment it was given, and moves when a line says so."""

    def __init__(self, now: Callable[[], datetime], fixed: datetime | None = None) -> None:
        self._now, self._fixed = now, fixed

    def __call__(self) -> datetime:
        return self._fixed or self._now()

    def move(self, at: datetime) -> None:
        self._fixed = at


def read_moment(text: str) -> datetime | None:
    """An ISO 8601 moment as UTC (without an offset it is UTC); None when it is none."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # Years at the very ends leave no room to plan something before or after them.
    return moment if 1970 <= moment.year < 9000 else None


def sound(text: str) -> str:
    """Half a surrogate pair, as a JSON escape can bring one, is no character and could not be written again."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_line(text: str, clock: Moment) -> Line | BadLine:
    """One line of input: {"sender", "text"} or {"sender", "tap"}, with optional "at", "id" and "language"."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return BadLine("This line is no JSON.")
    if (
        not isinstance(document, dict)
        or not isinstance(document.get("sender"), str)
        or not document["sender"]
    ):
        return BadLine('A line is an object with a "sender" and a "text" or a "tap".')
    at = document.get("at")
    if at is not None:
        moment = read_moment(at) if isinstance(at, str) else None
        if moment is None:
            return BadLine('"at" is a moment as in 2026-11-23T09:30:00+01:00.')
        clock.move(moment)
    sender = sound(document["sender"])
    kind = IncomingKind.TAP if "tap" in document else IncomingKind.TEXT
    words = document.get(kind.value)
    if not isinstance(words, str):
        return BadLine('A line has a "text" or a "tap", and that is a string.')
    update_id = document.get("id")
    language = document.get("language")
    incoming = Incoming(
        CHANNEL,
        sender,
        kind,
        clock(),
        # One person's id says nothing of another's.
        update_id=f"{sender}:{update_id}" if update_id is not None else None,
        text=words,
        language=language if isinstance(language, str) else "",
    )
    return Line(sender, incoming)


async def talk_in_lines(
    lines: AsyncIterator[str], conversations: Takes, clock: Moment, write: Callable[[str], None]
) -> None:
    """Reads one input a line, writes each message as a line and then {"turn_end": true}."""
    async for text in lines:
        if not text.strip():
            continue
        line = read_line(text, clock)
        if isinstance(line, BadLine):
            write(json.dumps({"error": line.reason}))
            continue
        reply = await conversations.take(line.incoming)
        for message in to_wire(line.sender, reply.messages):
            write(json.dumps(message, ensure_ascii=False))
        write(json.dumps({"turn_end": True, "sender": line.sender}, ensure_ascii=False))


def pick_button(text: str, buttons: tuple[Button, ...]) -> str | None:
    """The payload of the button that `#3` or a full title stands for."""
    if text.startswith("#") and text[1:].isdecimal() and 0 < int(text[1:]) <= len(buttons):
        return buttons[int(text[1:]) - 1].payload
    found = [button.payload for button in buttons if button.title.casefold() == text.strip().casefold()]
    return found[0] if found else None


def show(console: Console, messages: Iterable[Message]) -> tuple[Button, ...]:
    """Draws messages as bubbles with their buttons numbered; returns the last message's buttons."""
    buttons: tuple[Button, ...] = ()
    for message in messages:
        console.print(Padding(Panel(Text(message.text), border_style="cyan", expand=False), (0, 8, 0, 0)))
        if message.document:
            console.print(Text.assemble("   ", (message.document.name, "italic")))
        buttons = message.buttons or buttons
        for number, button in enumerate(message.buttons, start=1):
            console.print(Text.assemble("   ", (f"#{number}", "bold cyan"), f"  {button.title}"))
    return buttons


async def talk_with_person(
    lines: AsyncIterator[str],
    conversations: Takes,
    clock: Callable[[], datetime],
    console: Console,
    sender: str,
) -> None:
    """A chat at the keyboard: type words, or #3 for the third button."""
    reply = await conversations.take(Incoming(CHANNEL, sender, IncomingKind.OPEN, clock()))
    buttons = show(console, reply.messages)
    async for text in lines:
        payload = pick_button(text.strip(), buttons)
        kind = IncomingKind.TAP if payload or text.startswith("/") else IncomingKind.TEXT
        incoming = Incoming(CHANNEL, sender, kind, clock(), text=payload or text)
        reply = await conversations.take(incoming)
        buttons = show(console, reply.messages) or buttons
