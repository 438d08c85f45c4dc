"""Asks running Rasa servers what a sentence means; starting a server and trusting the answer are for others.

Every kind of trouble gives None, so that a conversation goes on with rules and buttons. No text is ever logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

import aiohttp

from domain.theme import Level, ThemeCode, ThemeKind, ThemeSuggestion, Valence
from nlu.rasa_parse import ModelParse

LONGEST_TEXT = 1_000
LARGEST_ANSWER = 256 * 1024
"""Bytes. The longest text gets an answer of about five thousand."""
MOST_CONFIDENCE = 1.001
"""Sums of floats may end a little above 1."""
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 5.0
MISSES_TO_LEAVE = 2

# Sentences that any trained model of ours knows. A model that failed to load answers, but knows none of them.
KNOWN_SENTENCES = (
    ("wis mijn gegevens", "erase"),
    ("hoeveel vragen nog", "progress"),
    ("ik wil een mens spreken", "human"),
    ("is this anonymous", "privacy"),
)


class Outcome(StrEnum):
    """What became of one text that wanted an answer of one server."""

    ANSWERED = "answered"
    LATE = "late"
    UNREACHABLE = "unreachable"  # nobody there, or broken off halfway
    REFUSED = "refused"  # another status than 200: a wrong token, an error, a redirect
    RUBBISH = "rubbish"  # 200 with something that is no answer of Rasa's
    NOT_ASKED = "not_asked"  # there was no server that could be asked


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


class _Server:
    """One server as its caller sees it. `misses` counts the looks in a row that found it unfit; the first look
    decides, later ones forgive a single miss."""

    def __init__(self, base_url: str, model: str, in_flight: int) -> None:
        self.url = base_url.rstrip("/")
        self.model = model
        self.breaker = Breaker()
        self.in_flight = in_flight
        self.places = asyncio.Semaphore(in_flight)
        self.misses = MISSES_TO_LEAVE - 1

    @property
    def is_left_alone(self) -> bool:
        return self.breaker.is_open or self.misses >= MISSES_TO_LEAVE

    def lets_through(self, now: float) -> bool:
        return self.misses < MISSES_TO_LEAVE and self.breaker.lets_through(now)


class _TroubleError(Exception):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class RasaClient:
    """Calls one or more Rasa servers in turn; a text that one has quick trouble with goes to the next.

    `base_urls` are like "http://127.0.0.1:5005"; `clock` gives seconds that never go back; `model` is the name
    put into each ModelParse, until a look at the server tells its own. `timeout_seconds` is for a text as a whole, over
    all servers. `outcomes` counts since the start.
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
        self._servers = [_Server(url, model, in_flight) for url in base_urls]
        self._next = 0
        self._token = token
        self._clock = clock
        self._timeout = timeout_seconds
        self._in_flight = in_flight
        self._http: aiohttp.ClientSession | None = None
        self.outcomes = Counter(dict.fromkeys(Outcome, 0))

    @property
    def calls(self) -> int:
        """Requests with a text, whatever became of them."""
        return self.outcomes.total() - self.outcomes[Outcome.NOT_ASKED]

    @property
    def failures(self) -> int:
        """Requests without a usable answer."""
        return self.calls - self.outcomes[Outcome.ANSWERED]

    @property
    def open(self) -> bool:
        """Whether every server is being left alone."""
        return self.left_alone == len(self._servers)

    @property
    def servers(self) -> int:
        return len(self._servers)

    @property
    def left_alone(self) -> int:
        """How many servers get no texts now, after failures or because a look found them unfit."""
        return sum(server.is_left_alone for server in self._servers)

    @property
    def models(self) -> tuple[str, ...]:
        """The names of the models in use, each once."""
        return tuple(dict.fromkeys(server.model for server in self._servers))

    async def parse(self, text: str) -> ModelParse | None:
        """The model's view of the text, or None: nothing to ask, no answer in time, or no usable answer."""
        cleaned = clean_text(text)
        if not cleaned:
            return None
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout
        was_asked = False
        for server in self._in_turn():
            was_asked = True
            parse = await self._try(server, cleaned, deadline)
            if parse is not None or loop.time() >= deadline:
                return parse
        if not was_asked:
            self.pass_over()
        return None

    def pass_over(self) -> None:
        """Counts a text for which there is no server that could be asked."""
        self.outcomes[Outcome.NOT_ASKED] += 1

    async def look(self) -> None:
        """Looks at every server, all at once. One that misses two looks in a row gets no texts until a look finds it
        fit: it answers in time, and knows a simple sentence. The first look needs no second."""
        await asyncio.gather(*(self._look_at(server) for server in self._servers))

    async def move_to(self, base_url: str, model: str) -> None:
        """From now on this server alone is asked; returns when those before have given their last answers."""
        before, self._servers = self._servers, [_Server(base_url, model, self._in_flight)]
        for server in before:
            # Who waits for a place was there first, so when all places are ours nobody is left.
            for _ in range(server.in_flight):
                await server.places.acquire()

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

    def _in_turn(self) -> Iterator[_Server]:
        """The servers that may be called, each once; the next text begins with another."""
        servers, first = self._servers, self._next
        for step in range(len(servers)):
            server = servers[(first + step) % len(servers)]
            if server.lets_through(self._clock()):
                self._next = first + step + 1
                yield server

    async def _try(self, server: _Server, text: str, deadline: float) -> ModelParse | None:
        server.breaker.begin()
        try:
            async with asyncio.timeout_at(deadline), server.places:
                parse = await self._ask(server, text)
        except asyncio.CancelledError:
            server.breaker.gave_up()
            raise
        except (aiohttp.ClientError, OSError, _TroubleError) as error:  # TimeoutError is an OSError
            self.outcomes[_outcome_of(error)] += 1
            server.breaker.failed(self._clock())
            return None
        self.outcomes[Outcome.ANSWERED] += 1
        server.breaker.succeeded()
        return parse

    async def _look_at(self, server: _Server) -> None:
        text, intent = KNOWN_SENTENCES[0]
        try:
            async with asyncio.timeout(self._timeout):
                server.model = _read_model(await self._send("GET", server, "/status")) or server.model
                is_fit = (await self._ask(server, text)).intents[0][0] == intent
        except (aiohttp.ClientError, OSError, _TroubleError):
            is_fit = False
        if is_fit:
            server.misses = 0
            server.breaker.succeeded()
        else:
            server.misses += 1

    async def _ask(self, server: _Server, text: str) -> ModelParse:
        model = server.model
        body = await self._send("POST", server, "/model/parse", {"text": text})
        try:
            return read_answer(body, model)
        except ValueError as error:
            raise _TroubleError(Outcome.RUBBISH) from error

    async def _send(
        self, method: str, server: _Server, path: str, body: dict[str, str] | None = None
    ) -> bytes:
        if self._http is None:
            # Nothing is unpacked: a small answer could grow to any size. Nothing of one server is kept for another.
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},
            )
        # Rasa takes the token only as a query parameter; as a bearer header it is refused. Nobody may send us, with
        # token and text, to another address.
        async with self._http.request(
            method, server.url + path, params={"token": self._token}, json=body, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise _TroubleError(Outcome.REFUSED)
            received = bytearray()
            async for chunk in response.content.iter_any():
                received += chunk
                if len(received) > LARGEST_ANSWER:
                    raise _TroubleError(Outcome.RUBBISH)
            return bytes(received)


def _outcome_of(error: Exception) -> Outcome:
    if isinstance(error, _TroubleError):
        return error.outcome
    if isinstance(error, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError):
        return Outcome.UNREACHABLE
    if isinstance(error, TimeoutError):
        return Outcome.LATE
    return Outcome.RUBBISH if isinstance(error, aiohttp.ClientError) else Outcome.UNREACHABLE


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


def read_answer(body: bytes, model: str) -> ModelParse:
    """What Rasa answered, both lists likeliest first; ValueError when it is anything else than an answer of Rasa's."""
    answer = _read_object(body)
    ranking = answer.get("intent_ranking")
    if not isinstance(ranking, list) or not ranking:
        raise ValueError("no ranking")
    intents = {_name(item): _share(item) for item in ranking}
    # What means the same is added up later: a doubled intent or a sum above 1 would make somebody sure who is not.
    if len(intents) != len(ranking) or sum(intents.values()) > MOST_CONFIDENCE:
        raise ValueError("no shares of one whole")
    ordered = sorted(intents.items(), key=lambda item: -item[1])
    themes = answer.get("themes")
    return ModelParse(tuple(ordered), model, _themes(themes if isinstance(themes, list) else []))


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(answer, dict):
        raise ValueError("no object")
    return answer


def _name(item: object) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    if not isinstance(name, str) or not _is_name(name):
        raise ValueError("an intent without a name")
    return name


def _is_name(text: str) -> bool:
    """Whether it can be kept: half a character, as JSON may hold, can be written nowhere."""
    return 0 < len(text) <= 100 and text.isprintable()


def _share(item: object) -> float:
    """The confidence in an intent or a theme, from 0 to 1."""
    share = item.get("confidence") if isinstance(item, dict) else None
    if isinstance(share, bool) or not isinstance(share, int | float):
        raise ValueError("no number as confidence")
    if not 0 <= share <= MOST_CONFIDENCE:
        raise ValueError("no share")
    return min(float(share), 1.0)


def _themes(items: Sequence[Any]) -> tuple[ThemeSuggestion, ...]:
    """A model of another codebook tells no themes that we know."""
    known = []
    for item in items:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            kind, valence, level = ThemeKind(item["kind"]), Valence(item["valence"]), Level(item["level"])
            known.append(ThemeSuggestion(ThemeCode(item["code"]), kind, valence, level, _share(item)))
    return tuple(sorted(known, key=lambda each: -each.confidence))


def _read_model(body: bytes) -> str:
    """The name of the model file in the answer of /status, without its ending; empty when there is none to read."""
    try:
        name = _read_object(body).get("model_file")
    except ValueError:
        return ""
    if not isinstance(name, str) or not _is_name(name):
        return ""
    return name.rpartition("/")[2].removesuffix(".tar.gz")
