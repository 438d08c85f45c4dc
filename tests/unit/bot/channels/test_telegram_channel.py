"""Starting and stopping the channel as a whole."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram.channel import TelegramChannel, TelegramSettings
from bot.channels.telegram.words import apology, description, group_refusal, menu
from bot.texts.catalogue import LANGUAGES
from domain.errors import DomainError
from tests.patience import PATIENCE
from tests.unit.bot.channels.fake_bot_api import DROP, HTML, TOKEN, FakeBotApi, a_bot_api, refusal
from tests.unit.bot.channels.fake_conversations import FakeConversations, text

HOOK = {"webhook_url": "https://example.org/telegram/webhook", "webhook_secret": "abc"}


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


def make_channel(api: FakeBotApi, **settings: Any) -> tuple[TelegramChannel, FakeConversations]:
    conversations = FakeConversations()
    chosen = TelegramSettings(**{"token": TOKEN, "base_url": api.url, "poll_seconds": 5, **settings})
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    return TelegramChannel(
        chosen, conversations, now=lambda: now, wake=lambda: None, sleep=no_pause
    ), conversations


@asynccontextmanager
async def a_channel(api: FakeBotApi, **settings: Any) -> AsyncIterator[FakeConversations]:
    channel, conversations = make_channel(api, **settings)
    await channel.start()
    try:
        yield conversations
    finally:
        await asyncio.wait_for(channel.stop(), PATIENCE)


def on_an_api(test: Any) -> Any:
    def run() -> None:
        async def with_api() -> None:
            async with a_bot_api() as api:
                await test(api)

        asyncio.run(with_api())

    run.__name__ = test.__name__
    return run


@on_an_api
async def test_polling_takes_the_webhook_away_and_keeps_what_waits(api: FakeBotApi) -> None:
    await api.add_updates(text(1, 7, "hoi"))
    async with a_channel(api) as conversations:
        await api.until_confirmed()
        assert api.params_of("deleteWebhook") == [{"drop_pending_updates": False}]
        assert [one.text for one in conversations.taken] == ["hoi"]


@on_an_api
async def test_webhook_is_registered_with_its_secret_and_kinds(api: FakeBotApi) -> None:
    async with a_channel(api, concurrency=200, **HOOK):
        expected = {
            "url": "https://example.org/telegram/webhook",
            "secret_token": "abc",
            "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
            "max_connections": 100,
        }
        assert api.params_of("setWebhook") == [expected]
    assert api.params_of("getUpdates") == []


@on_an_api
async def test_menu_and_description_are_set_in_both_languages(api: FakeBotApi) -> None:
    async with a_channel(api):
        await api.until_called("getUpdates")
    commands = [
        (call.get("language_code"), call["commands"][0]["command"]) for call in api.params_of("setMyCommands")
    ]
    assert commands == [(None, "verder"), ("en", "continue")]
    described = {call.get("language_code"): call["description"] for call in api.params_of("setMyDescription")}
    assert described == {None: description("nl"), "en": description("en")}


@on_an_api
async def test_menu_that_telegram_does_not_take_now_stops_nothing(api: FakeBotApi) -> None:
    api.script["setMyDescription"] = [refusal(429, "Too Many Requests", retry_after=3000)]
    async with a_channel(api):
        await api.until_called("getUpdates")


@on_an_api
async def test_webhook_without_a_secret_is_refused_before_anything_is_asked(api: FakeBotApi) -> None:
    with pytest.raises(DomainError) as caught:
        make_channel(api, webhook_url="https://example.org/telegram/webhook")
    assert (caught.value.code, api.calls) == ("telegram_webhook_secret", [])


@pytest.mark.parametrize(
    ("method", "answer", "code"),
    [
        ("getMe", refusal(401, "Unauthorized"), "telegram_token"),
        ("getMe", refusal(404, "Not Found"), "telegram_token"),
        ("setWebhook", refusal(400, "Bad Request: bad webhook"), "telegram_webhook_url"),
    ],
)
def test_what_telegram_refuses_stops_the_start(method: str, answer: Any, code: str) -> None:
    async def start(api: FakeBotApi) -> BaseException:
        api.script[method] = [answer]
        channel, _ = make_channel(api, **HOOK)
        with pytest.raises(DomainError) as caught:
            await channel.start()
        await channel.stop()
        return caught.value

    async def run() -> BaseException:
        async with a_bot_api() as api:
            return await start(api)

    error = asyncio.run(run())
    assert (error.args, error.__cause__, error.__context__) == ((code,), None, None)


@on_an_api
async def test_telegram_that_cannot_be_reached_is_tried_until_it_can(api: FakeBotApi) -> None:
    api.script["getMe"] = [HTML, DROP, refusal(500, "Internal Server Error")]
    await api.add_updates(text(1, 7, "hoi"))
    async with a_channel(api) as conversations:
        await api.until_confirmed()
        assert [one.text for one in conversations.taken] == ["hoi"]


@on_an_api
async def test_stop_ends_while_telegram_cannot_be_reached(api: FakeBotApi) -> None:
    api.script["getMe"] = [HTML] * 10_000
    async with a_channel(api) as conversations:
        await api.until_called("getMe", 3)
    assert conversations.taken == []


@on_an_api
async def test_stop_finishes_the_turn_that_has_begun(api: FakeBotApi) -> None:
    channel, conversations = make_channel(api)
    conversations.gate.clear()
    await channel.start()
    await api.add_updates(text(1, 7, "hoi"))
    await conversations.until_begun(1)
    stopping = asyncio.create_task(channel.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    conversations.gate.set()
    await asyncio.wait_for(stopping, PATIENCE)
    assert [one.text for one in conversations.taken] == ["hoi"]


def test_whole_life_of_a_channel_puts_no_token_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with a_bot_api() as api:
            api.script["getMe"] = [HTML, DROP]
            api.script["getUpdates"] = [refusal(409, "Conflict"), HTML, DROP, DROP]
            await api.add_updates(text(1, 7755331, "mijn geheim"))
            async with a_channel(api):
                await api.until_confirmed()

    logging.getLogger("telegram").setLevel(logging.NOTSET)
    with caplog.at_level(logging.DEBUG), capture_logs() as events:
        asyncio.run(run())
    assert {event["event"] for event in events} == {"telegram_not_reachable", "telegram_poll"}
    said = f"{events}{caplog.text}"
    assert [word for word in (TOKEN, "SECRET", "7755331", "mijn geheim") if word in said] == []


def test_settings_do_not_show_their_secrets() -> None:
    assert "SECRET" not in repr(TelegramSettings(token=TOKEN, webhook_secret="SECRET"))


def test_channel_has_its_words_in_every_language_within_telegrams_limits() -> None:
    for language in LANGUAGES:
        assert all(0 < len(say(language)) <= 512 for say in (description, group_refusal, apology))
        assert all(
            word == word.lower() and len(word) <= 32 and len(told) <= 256
            for word, told in menu(language).items()
        )


def test_apology_in_a_language_we_do_not_speak_is_dutch() -> None:
    assert apology("de") == apology("") == apology("nl") != apology("en")
