"""The client against a fake Rasa server on loopback: whatever the server does, a conversation goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.broken_rasa import FAULTS, RUBBISH, WELL, BrokenRasa, broken_rasa
from domain.theme import Level, ThemeCode, ThemeKind, ThemeSuggestion, Valence
from domain.understanding import Expected, ExpectedKind, UnderstandingKind
from nlu.rasa_client import LARGEST_ANSWER, LONGEST_TEXT, Outcome, RasaClient, clean_text, read_answer
from nlu.rasa_parse import ModelParse
from nlu.understand import understand
from tests.patience import PATIENCE, until

RANKING = [{"name": "stop", "confidence": 0.2}, {"name": "pause", "confidence": 0.7}]
GOOD = json.dumps({"text": "", "intent_ranking": RANKING})


KIND_OF = {
    "away": Outcome.UNREACHABLE,
    "hangs_up": Outcome.UNREACHABLE,
    "breaks_off": Outcome.UNREACHABLE,
    "hangs": Outcome.LATE,
    "drips": Outcome.LATE,
    "error": Outcome.REFUSED,
    "forbidden": Outcome.REFUSED,
    "redirects": Outcome.REFUSED,
    "unknown_intents": Outcome.ANSWERED,
}
HARMLESS = {"unknown_intents"}
"""A well-formed answer: what it means is for whoever reads it."""

JSON_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.just(10**400)
    | st.just("stop")
)


def json_branches(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(
        ["intent_ranking", "name", "confidence", "themes", "code", "kind", "valence", "level"]
    )
    return st.lists(inside, max_size=3) | st.dictionaries(names, inside, max_size=5)


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


def test_parse_with_two_servers_takes_turns_and_no_text_is_lost_on_the_broken_one() -> None:
    async def scenario() -> None:
        async with fake_rasa(status=500) as broken, fake_rasa() as good:
            async with client_of(broken, good) as client:
                answers = [await client.parse("hallo") for _ in range(20)]
            assert (len(broken.asked), len(good.asked), client.open) == (5, 20, False)
            assert None not in answers
            assert (client.servers, client.left_alone) == (2, 1)

    run(scenario)


def test_parse_with_two_good_servers_takes_turns() -> None:
    async def scenario() -> None:
        async with fake_rasa() as one, fake_rasa() as other, client_of(one, other) as client:
            for _ in range(10):
                await client.parse("hallo")
            assert (len(one.asked), len(other.asked)) == (5, 5)

    run(scenario)


@pytest.mark.parametrize("fault", FAULTS)
def test_parse_any_fault_gives_none_and_is_counted_by_its_kind(fault: str) -> None:
    async def scenario() -> None:
        with broken_rasa(fault) as rasa:
            patient = fault not in ("hangs", "drips")
            async with client_at(rasa, timeout_seconds=PATIENCE if patient else 0.2) as client:
                parse = await client.parse("mijn naam is Toos")
                assert parse is None or fault in HARMLESS
                assert {outcome for outcome, count in client.outcomes.items() if count} == {
                    KIND_OF.get(fault, Outcome.RUBBISH)
                }
                rasa.mood = WELL
                assert await client.parse("effe wachten") is not None
            assert rasa.elsewhere == []

    run(scenario)


def test_parse_intents_nobody_knows_mean_nothing() -> None:
    expected = Expected(ExpectedKind.YESNO)
    parse = read_answer(RUBBISH["unknown_intents"], "nlu-1")
    meant = understand("krek", expected, now=datetime(2026, 11, 28, tzinfo=UTC), parse=parse)
    assert (meant.kind, meant.alternatives) == (UnderstandingKind.UNCLEAR, ())


def test_parse_answer_of_any_size_is_not_read_to_its_end() -> None:
    async def scenario() -> None:
        almost = GOOD[:-1] + " " * (LARGEST_ANSWER - len(GOOD)) + "}"
        async with fake_rasa(body=almost) as rasa, client_of(rasa) as client:
            assert await client.parse("hallo") is not None
            rasa.body = almost + " "
            assert await client.parse("hallo") is None

    run(scenario)


@given(
    st.binary(max_size=200)
    | st.recursive(JSON_LEAVES, json_branches).map(lambda each: json.dumps(each).encode())
)
def test_read_answer_any_body_is_an_answer_or_a_value_error(body: bytes) -> None:
    try:
        parse = read_answer(body, "nlu-1")
    except ValueError:
        return
    assert sum(confidence for _, confidence in parse.intents) <= 1.001
    assert all(0 <= theme.confidence <= 1 for theme in parse.themes)


def test_look_takes_out_a_server_that_is_away_and_puts_it_back_with_the_name_of_its_model() -> None:
    async def scenario() -> None:
        with broken_rasa("away") as one, broken_rasa(model="nlu-2") as other:
            async with client_at(one, other) as client:
                await client.look()
                assert client.left_alone == 1
                for _ in range(4):
                    parse = await client.parse("effe wachten")
                    assert parse is not None
                    assert parse.model == "nlu-2"
                assert (one.asked, client.failures) == ([], 0)

                one.mood, one.model = WELL, "nlu-3"
                await client.look()
                assert (client.left_alone, client.models) == (0, ("nlu-3", "nlu-2"))
                assert {(await answer_of(client)).model for _ in range(2)} == {"nlu-2", "nlu-3"}

    run(scenario)


@pytest.mark.parametrize("fault", ["error", "page", "doubled", "unknown_intents"])
def test_look_forgives_one_miss_and_not_two(fault: str) -> None:
    async def scenario() -> None:
        with broken_rasa() as rasa:
            async with client_at(rasa) as client:
                await client.look()
                rasa.mood = fault
                await client.look()
                assert not client.open
                await client.look()
                assert client.open
                rasa.mood = WELL
                assert await client.parse("effe wachten") is None
                await client.look()
                assert await client.parse("effe wachten") is not None
                assert client.outcomes[Outcome.NOT_ASKED] == 1

    run(scenario)


def test_look_closes_a_breaker_so_that_nobody_has_to_try() -> None:
    async def scenario() -> None:
        with broken_rasa("error") as rasa:
            async with client_at(rasa) as client:
                for _ in range(6):
                    await client.parse("effe wachten")
                assert client.open
                rasa.mood = WELL
                await client.look()
                assert (client.open, (await answer_of(client)).intents[0][0]) == (False, "pause")

    run(scenario)


def test_move_to_another_server_waits_for_the_last_answers_of_the_first() -> None:
    async def scenario() -> None:
        async with fake_rasa() as old, fake_rasa() as new, client_of(old, model="old", in_flight=2) as client:
            old.let_go.clear()
            under_way = [asyncio.create_task(client.parse("hallo")) for _ in range(5)]
            await until(lambda: old.busy == 2, "the first is asked")
            moving = asyncio.create_task(client.move_to(new.url, "new"))
            await until(lambda: client.models == ("new",), "it moves")
            assert (await answer_of(client)).model == "new"
            assert not moving.done()
            old.let_go.set()
            await moving
            assert [each.done() for each in under_way] == [True] * 5
            assert {answer.model for each in under_way if (answer := each.result())} == {"old"}
            assert client.failures == 0

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


def client_at(*servers: BrokenRasa, **how: Any) -> RasaClient:
    settings: dict[str, Any] = {"clock": FakeClock(), "timeout_seconds": PATIENCE, **how}
    return RasaClient([server.url for server in servers], "secret & token", **settings)


async def answer_of(client: RasaClient) -> ModelParse:
    parse = await client.parse("effe wachten")
    assert parse is not None
    return parse


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
