"""What the web channel is tested against: a conversation of three questions, a clock, a program that speaks ASGI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from bot.channels.limits import Rate
from bot.channels.web.server import WebSettings, build_routes
from bot.conversation import Reply
from domain.message import Button, Incoming, IncomingKind, Message

KEY = bytes(range(32))

CONSENT = """Fijn dat u er bent. U praat met een computer van de gemeente en haar partners.

We vragen u hoe het met u en met uw wijk gaat. Dat duurt ongeveer acht minuten. U mag vragen overslaan en u kunt altijd stoppen.

Mogen we uw antwoorden gebruiken voor de wijkagenda?"""
WIJK = "Vraag 1 van 3\n\nIn welke wijk woont u?"
EASE = """Vraag 2 van 3

Kon u de afgelopen twaalf maanden goed rondkomen met het geld dat u had?

Kies wat het beste past. Niemand in uw buurt ziet wat u antwoordt."""
OPEN = "Vraag 3 van 3\n\nWat gaat er goed in uw buurt? U mag het in uw eigen woorden vertellen."
DONE = "Dank u wel. Uw verhaal telt mee voor de wijkagenda."

SCRIPT: tuple[Message, ...] = (
    Message(CONSENT, (Button("Ja, dat mag", "/yes.1"), Button("Nee, liever niet", "/no.1"))),
    Message(
        WIJK,
        (
            Button("Nazareth", "/a.2.0.0"),
            Button("Pottenberg", "/a.2.0.1"),
            Button("Ergens anders", "/a.2.0.2"),
        ),
    ),
    Message(
        EASE,
        (
            Button("Nee, geen enkele moeite", "/a.3.1.0"),
            Button("Nee, maar ik moet wel opletten", "/a.3.1.1"),
            Button("Ja, enige moeite", "/a.3.1.2"),
            Button("Ja, grote moeite", "/a.3.1.3"),
            Button("Wil ik niet zeggen", "/refuse.3.1"),
        ),
    ),
    Message(OPEN, (Button("Sla over", "/skip.4.2"),)),
    Message(DONE),
)


@dataclass
class FakeConversations:
    """Goes one question on with every tap or text; commands get a sentence. Takes an update once, as the real one.

    `fail` is raised for the next turns; `says` replaces the script; `stalled` is awaited before an answer.
    """

    taken: list[Incoming] = field(default_factory=list)
    fail: list[Exception] = field(default_factory=list)
    says: tuple[Message, ...] | None = None
    stalled: Callable[[], Awaitable[object]] | None = None
    replies: dict[str, Reply] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)

    async def take(self, incoming: Incoming) -> Reply:
        if self.stalled:
            await self.stalled()
        if self.fail:
            raise self.fail.pop(0)
        if incoming.update_id is not None and incoming.update_id in self.replies:
            return self.replies[incoming.update_id]
        self.taken.append(incoming)
        language = self.languages.setdefault(incoming.channel_ref, incoming.language or "nl")
        messages = self.says or self._messages(incoming)
        language = self.languages.get(incoming.channel_ref, language)
        reply = Reply(messages, "r-1", language=language)
        if incoming.update_id is not None:
            self.replies[incoming.update_id] = reply
        return reply

    def _messages(self, incoming: Incoming) -> tuple[Message, ...]:
        who, place = incoming.channel_ref, self.places.get(incoming.channel_ref, 0)
        if incoming.kind is IncomingKind.TAP and incoming.text.startswith("/lang."):
            self.languages[who] = incoming.text.removeprefix("/lang.")
            return (
                Message(
                    "Goed, we gaan verder in het Nederlands."
                    if self.languages[who] == "nl"
                    else "Fine, in English."
                ),
            )
        if incoming.kind is IncomingKind.TAP and incoming.text in (
            "/pause",
            "/stop",
            "/help",
            "/privacy",
            "/erase",
        ):
            return (Message(f"Dit is wat u leest na {incoming.text}."), SCRIPT[place])
        if incoming.kind is not IncomingKind.OPEN:
            place = min(place + 1, len(SCRIPT) - 1)
        self.places[who] = place
        return (SCRIPT[place],)


@dataclass
class FakeTime:
    """Stands still until `move`."""

    now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    seconds: float = 1_000.0

    def move(self, **span: float) -> None:
        step = timedelta(**span)
        self.now += step
        self.seconds += step.total_seconds()


def counting_bytes() -> Callable[[int], bytes]:
    """Different every time, and the same in every run."""
    numbers: Iterator[int] = iter(range(1, 1_000_000))
    return lambda size: next(numbers).to_bytes(size, "big")


def settings(**changes: Any) -> WebSettings:
    values: dict[str, Any] = {
        "key": KEY,
        "rest_token": "a right token",
        "metrics_token": "another token",
        "rest_rate": Rate(60, 1_000),
    }
    return WebSettings(**(values | changes))


def build_app(
    conversations: FakeConversations,
    time: FakeTime,
    *,
    health: Mapping[str, object] | None = None,
    **changes: Any,
) -> Starlette:
    registry = CollectorRegistry()
    Counter("turns", "Turns taken", registry=registry).inc(3)

    async def ask_health() -> Mapping[str, object]:
        return health or {"status": "ok", "storage": "ok", "understanding": "full"}

    return Starlette(
        routes=build_routes(
            settings(**changes),
            take=conversations.take,
            health=ask_health,
            registry=registry,
            now=lambda: time.now,
            monotonic=lambda: time.seconds,
            token_bytes=counting_bytes(),
        )
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Browser:
    """Asks an ASGI application without a network, and keeps the one cookie it is given, as a browser would."""

    app: Starlette
    scheme: str = "https"
    peer: tuple[str, int] | None = ("203.0.113.7", 50_000)
    cookie: str = ""

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        path, _, query = path.partition("?")
        given = {"host": "wijk.test", **({"cookie": self.cookie} if self.cookie else {}), **(headers or {})}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "scheme": self.scheme,
            "server": ("wijk.test", 443),
            "client": self.peer,
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
        }
        sent: list[dict[str, Any]] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        found = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        if "set-cookie" in found:
            self.cookie = found["set-cookie"].partition(";")[0]
        return Answer(sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]))

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=_dashed(headers))

    def post_json(self, path: str, document: object, **headers: str) -> Answer:
        given = {"content-type": "application/json", **_dashed(headers)}
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.ask("POST", path, body, given)

    def post_form(self, path: str, body: str, **headers: str) -> Answer:
        given = {"content-type": "application/x-www-form-urlencoded", **_dashed(headers)}
        return self.ask("POST", path, body.encode(), given)


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
