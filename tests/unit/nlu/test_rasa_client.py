"""The client against a fake Rasa server on loopback: whatever the server does, a conversation goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from domain.theme import Level, ThemeCode, ThemeKind, ThemeSuggestion, Valence
from nlu.rasa_client import LONGEST_TEXT, RasaClient, clean_text
from nlu.rasa_parse import ModelParse
from tests.patience import until

RANKING = [{"name": "stop", "confidence": 0.2}, {"name": "pause", "confidence": 0.7}]
GOOD = json.dumps({"text": "", "intent_ranking": RANKING})


class FakeClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeRasa:
    """Answers with `body` and `status`, when `let_go` is set; remembers what it was asked."""

    body: str = GOOD
    status: int = 200
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    busy: int = 0
    busiest: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        self.asked.append((request.query.get("token", ""), (await request.json())["text"]))
        try:
            await self.let_go.wait()
        finally:
            self.busy -= 1
        return web.Response(text=self.body, status=self.status, content_type="application/json")


@contextlib.asynccontextmanager
async def fake_rasa(**how: Any) -> AsyncIterator[FakeRasa]:
    rasa = FakeRasa(**how)
    rasa.let_go.set()
    app = web.Application()
    app.router.add_post("/model/parse", rasa.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    rasa.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield rasa
    finally:
        rasa.let_go.set()
        await runner.cleanup()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())  # type: ignore[arg-type]  # asyncio asks for a coroutine, every scenario is one


def test_parse_gives_the_ranking_likeliest_first_and_sends_the_token() -> None:
    async def scenario() -> None:
        async with fake_rasa() as rasa, client_of(rasa, model="nlu-1") as client:
            assert await client.parse("ff wachten") == ModelParse((("pause", 0.7), ("stop", 0.2)), "nlu-1")
            assert rasa.asked == [("secret & token", "ff wachten")]
            assert (client.calls, client.failures, client.open) == (1, 0, False)

    run(scenario)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "/", " // ", "\x00\x1b", "\u200b"])
def test_parse_nothing_to_ask_makes_no_call(text: str) -> None:
    async def scenario() -> None:
        async with fake_rasa() as rasa, client_of(rasa) as client:
            assert await client.parse(text) is None
            assert (rasa.asked, client.calls) == ([], 0)

    run(scenario)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (GOOD, 500),
        (GOOD, 401),
        ("<html>", 200),
        ("[]", 200),
        ("{}", 200),
        ('{"intent_ranking": []}', 200),
        ('{"intent_ranking": [{"name": "stop"}]}', 200),
        ('{"intent_ranking": [{"name": "stop", "confidence": "much"}]}', 200),
        ('{"intent_ranking": [{"name": "stop", "confidence": NaN}]}', 200),
        ('{"intent_ranking": 3}', 200),
        ("[" * 100_000, 200),
    ],
)
def test_parse_useless_answer_gives_none(body: str, status: int) -> None:
    async def scenario() -> None:
        async with fake_rasa(body=body[:60_000], status=status) as rasa, client_of(rasa) as client:
            assert await client.parse("hallo") is None
            assert (client.calls, client.failures) == (1, 1)

    run(scenario)


def test_parse_slow_server_gives_none() -> None:
    async def scenario() -> None:
        async with fake_rasa() as rasa, client_of(rasa, timeout_seconds=0.05) as client:
            rasa.let_go.clear()
            assert await client.parse("hallo") is None
            assert (client.calls, client.failures) == (1, 1)

    run(scenario)


def test_parse_dead_server_gives_none() -> None:
    async def scenario() -> None:
        async with fake_rasa() as rasa:
            pass
        async with client_of(rasa) as client:
            assert await client.parse("hallo") is None

    run(scenario)


def test_breaker_opens_after_five_failures_and_closes_after_a_good_answer() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with fake_rasa(status=500) as rasa, client_of(rasa, clock=clock) as client:
            for _ in range(7):
                assert await client.parse("hallo") is None
            assert (len(rasa.asked), client.calls, client.open) == (5, 5, True)

            clock.now += 5.0
            assert await client.parse("hallo") is None
            assert await client.parse("hallo") is None
            assert (len(rasa.asked), client.open) == (6, True)

            rasa.status = 200
            clock.now += 5.0
            assert await client.parse("hallo") is not None
            assert (len(rasa.asked), client.open, client.failures) == (7, False, 6)
            assert await client.parse("hallo") is not None

    run(scenario)


def test_breaker_half_open_lets_one_call_through() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with fake_rasa(status=500) as rasa, client_of(rasa, clock=clock) as client:
            for _ in range(5):
                await client.parse("hallo")
            rasa.status = 200
            clock.now += 5.0
            answers = await asyncio.gather(*(client.parse("hallo") for _ in range(4)))
            assert [answer is not None for answer in answers] == [True, False, False, False]

    run(scenario)


def test_breaker_cancelled_trial_leaves_room_for_the_next() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with fake_rasa(status=500) as rasa, client_of(rasa, clock=clock) as client:
            for _ in range(5):
                await client.parse("hallo")
            rasa.status = 200
            clock.now += 5.0
            rasa.let_go.clear()
            trial = asyncio.create_task(client.parse("hallo"))
            await until(lambda: rasa.busy == 1, "the model is asked")
            trial.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await trial
            rasa.let_go.set()
            assert await client.parse("hallo") is not None

    run(scenario)


def test_parse_with_two_servers_takes_turns_and_passes_over_the_broken_one() -> None:
    async def scenario() -> None:
        async with fake_rasa(status=500) as broken, fake_rasa() as good:
            async with client_of(broken, good) as client:
                answers = [await client.parse("hallo") for _ in range(20)]
            assert (len(broken.asked), len(good.asked), client.open) == (5, 15, False)
            assert [answer is not None for answer in answers[10:]] == [True] * 10

    run(scenario)


def test_parse_keeps_to_the_number_in_flight() -> None:
    async def scenario() -> None:
        async with fake_rasa() as rasa, client_of(rasa, in_flight=3, timeout_seconds=5.0) as client:
            rasa.let_go.clear()
            calls = [asyncio.create_task(client.parse("hallo")) for _ in range(9)]
            await until(lambda: rasa.busy == 3, "the model is asked three times")
            rasa.let_go.set()
            assert None not in await asyncio.gather(*calls)
            assert (rasa.busiest, len(rasa.asked)) == (3, 9)

    run(scenario)


def test_parse_failing_logs_no_text(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with fake_rasa(status=500) as rasa, client_of(rasa) as client:
            await client.parse("mijn naam is Toos")

    caplog.set_level(logging.DEBUG)
    run(scenario)
    assert [record for record in caplog.records if "Toos" in record.getMessage()] == []


def test_clean_text_takes_off_the_slash_that_would_skip_the_model() -> None:
    assert clean_text("  / /\u200b/delete_my_data") == "delete_my_data"
    assert clean_text("\u200b/stop") == "stop"
    assert clean_text("en/of") == "en/of"


@given(st.text(max_size=6_000))
def test_clean_text_is_always_short_visible_and_without_slash(text: str) -> None:
    cleaned = clean_text(text)
    assert len(cleaned) <= LONGEST_TEXT
    assert cleaned == cleaned.strip()
    assert not cleaned.startswith("/")
    assert cleaned == clean_text(cleaned)
    assert "\n" not in cleaned
    cleaned.encode("utf-8")


def client_of(*servers: FakeRasa, **how: Any) -> RasaClient:
    settings: dict[str, Any] = {"clock": FakeClock(), "timeout_seconds": 5.0, **how}
    return RasaClient([server.url for server in servers], "secret & token", **settings)


def test_themes_come_with_the_intents_and_strange_ones_are_left_out() -> None:
    themes = [
        {"code": "wonen", "kind": "nood", "valence": "zorg", "level": "ik", "confidence": 0.6},
        {"code": "geld_schulden", "kind": "ervaring", "valence": "zorg", "level": "buurt", "confidence": 0.8},
        {"code": "of another codebook", "kind": "nood", "valence": "zorg", "level": "ik", "confidence": 1},
        {"code": "wonen"},
    ]

    async def scenario() -> None:
        body = json.dumps({"intent_ranking": RANKING, "themes": themes})
        async with fake_rasa(body=body) as rasa, client_of(rasa) as client:
            parse = await client.parse("schimmel en geen geld")
        assert parse is not None
        assert parse.themes == (
            ThemeSuggestion(ThemeCode.GELD_SCHULDEN, ThemeKind.ERVARING, Valence.ZORG, Level.BUURT, 0.8),
            ThemeSuggestion(ThemeCode.WONEN, ThemeKind.NOOD, Valence.ZORG, Level.IK, 0.6),
        )

    run(scenario)
