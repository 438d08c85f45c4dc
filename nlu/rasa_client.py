"""Asks a running Rasa server what a sentence means; starting the server and trusting the answer are for others.

Every kind of trouble gives None, so that a conversation goes on with rules and buttons. No text is ever logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import unicodedata
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import aiohttp

from domain.theme import Level, ThemeCode, ThemeKind, ThemeSuggestion, Valence
from nlu.rasa_parse import ModelParse

LONGEST_TEXT = 1_000
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 5.0


class Breaker:
    """Stops calls to one server after five failures in a row, and lets one call through after five seconds."""

    def __init__(self) -> None:
        self._failures = 0
        self._closed_again_at: float | None = None
        self._trying = False

    @property
    def is_open(self) -> bool:
        return self._closed_again_at is not None

    def lets_through(self, now: float) -> bool:
        if self._closed_again_at is None:
            return True
        return not self._trying and now >= self._closed_again_at

    def begin(self) -> None:
        self._trying = self.is_open

    def succeeded(self) -> None:
        self._failures, self._closed_again_at, self._trying = 0, None, False

    def failed(self, now: float) -> None:
        self._failures, self._trying = self._failures + 1, False
        if self._failures >= FAILURES_TO_OPEN:
            self._closed_again_at = now + OPEN_SECONDS

    def gave_up(self) -> None:
        """The caller went away before there was an answer: that says nothing about the server."""
        self._trying = False


class RasaClient:
    """Calls one or more Rasa servers in turn.

    `base_urls` are like "http://127.0.0.1:5005"; `clock` gives seconds that never go back; `model` is the name
    put into each ModelParse. `calls` counts requests sent, `failures` those without a usable answer.
    """

    def __init__(
        self,
        base_urls: Sequence[str],
        token: str,
        *,
        clock: Callable[[], float],
        model: str = "",
        timeout_seconds: float = 0.8,
        in_flight: int = 16,
    ) -> None:
        if not base_urls:
            raise ValueError("a Rasa client needs at least one address")
        self._servers = [(url.rstrip("/") + "/model/parse", Breaker()) for url in base_urls]
        self._next = 0
        self._token = token
        self._clock = clock
        self._model = model
        self._timeout = timeout_seconds
        self._places = asyncio.Semaphore(in_flight)
        self._http: aiohttp.ClientSession | None = None
        self.calls = 0
        self.failures = 0

    @property
    def open(self) -> bool:
        """Whether every server is being left alone after failures."""
        return all(breaker.is_open for _, breaker in self._servers)

    async def parse(self, text: str) -> ModelParse | None:
        """The model's view of the text, or None: nothing to ask, no answer in time, or no usable answer."""
        cleaned = clean_text(text)
        server = self._choose() if cleaned else None
        if server is None:
            return None
        url, breaker = server
        breaker.begin()
        self.calls += 1
        try:
            async with asyncio.timeout(self._timeout), self._places:
                parse = await self._ask(url, cleaned)
        except (aiohttp.ClientError, OSError, ValueError):  # TimeoutError is an OSError
            self.failures += 1
            breaker.failed(self._clock())
            return None
        except asyncio.CancelledError:
            breaker.gave_up()
            raise
        breaker.succeeded()
        return parse

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _choose(self) -> tuple[str, Breaker] | None:
        """The next server in turn that may be called."""
        now = self._clock()
        for step in range(len(self._servers)):
            index = (self._next + step) % len(self._servers)
            if self._servers[index][1].lets_through(now):
                self._next = index + 1
                return self._servers[index]
        return None

    async def _ask(self, url: str, text: str) -> ModelParse:
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        # Rasa takes the token only as a query parameter; as a bearer header it is refused.
        async with self._http.post(url, params={"token": self._token}, json={"text": text}) as response:
            response.raise_for_status()
            body = await response.read()
            return ModelParse(_read_intents(body), self._model, _read_themes(body))


def clean_text(text: str) -> str:
    """The text as it may go to Rasa: one line, at most 1,000 characters, and no slash in front.

    Rasa takes a text that begins with "/" for an intent spelled out and answers it with full confidence.
    """
    visible = "".join(_visible(character) for character in text[: 4 * LONGEST_TEXT])
    return visible.lstrip("/ ")[:LONGEST_TEXT].strip()


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character).startswith("C") else character


def _read_themes(body: bytes) -> tuple[ThemeSuggestion, ...]:
    """The themes in an answer that was read before; a model of another codebook tells none that we know."""
    known = []
    for item in json.loads(body).get("themes") or ():
        with contextlib.suppress(KeyError, TypeError, ValueError):
            known.append(
                ThemeSuggestion(
                    ThemeCode(item["code"]),
                    ThemeKind(item["kind"]),
                    Valence(item["valence"]),
                    Level(item["level"]),
                    float(item["confidence"]),
                )
            )
    return tuple(sorted(known, key=lambda each: -each.confidence))


def _read_intents(body: bytes) -> tuple[tuple[str, float], ...]:
    """The ranking in Rasa's answer; ValueError when it is anything else."""
    try:
        ranking = json.loads(body)["intent_ranking"]
        intents = [(str(item["name"]), float(item["confidence"])) for item in ranking]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not an answer of Rasa") from error
    if not intents or not all(0.0 <= confidence <= 1.001 for _, confidence in intents):
        raise ValueError("no usable ranking")
    return tuple(sorted(intents, key=lambda item: -item[1]))
