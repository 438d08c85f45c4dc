"""Receiving by long poll: every update once, confirmed only when committed, whatever the network does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram import Bot

from bot.channels.telegram.polling import Polling
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.turns import Turns
from domain.errors import DomainError
from tests.patience import PATIENCE
from tests.unit.bot.channels.fake_bot_api import DROP, HTML, TOKEN, FakeBotApi, a_bot_api, refusal
from tests.unit.bot.channels.fake_conversations import FakeConversations, press, text

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


class Receiver:
    """A polling channel under test; pauses are counted and cost no time."""

    def __init__(self, api: FakeBotApi, bot: Bot, concurrency: int) -> None:
        self.api, self.bot = api, bot
        self.conversations = FakeConversations()
        self.pauses: list[float] = []
        self.wakes = 0
        self.blocked: list[str] = []
        self.turns = Turns(
            conversations=self.conversations,
            bot=bot,
            now=lambda: NOW,
            wake=self._wake,
            on_blocked=self._block,
        )
        self.polling = Polling(
            bot=bot, turns=self.turns, concurrency=concurrency, poll_seconds=5, sleep=self._sleep
        )
        self.stop = asyncio.Event()

    def _wake(self) -> None:
        self.wakes += 1

    async def _block(self, channel_ref: str, at: datetime) -> None:
        self.blocked.append(channel_ref)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


@asynccontextmanager
async def a_receiver(concurrency: int = 8) -> AsyncIterator[Receiver]:
    request = AiohttpRequest(read_timeout=5)
    await request.initialize()
    async with a_bot_api() as api:
        bot = Bot(TOKEN, base_url=api.url, request=request, get_updates_request=request)
        receiver = Receiver(api, bot, concurrency)
        task = asyncio.create_task(receiver.polling.run(receiver.stop))
        try:
            yield receiver
        finally:
            receiver.stop.set()
            receiver.conversations.gate.set()
            await asyncio.wait_for(task, PATIENCE)
            await receiver.turns.close()
            await request.shutdown()


def in_loop(test: Any) -> Any:
    def run() -> None:
        asyncio.run(test())

    run.__name__ = test.__name__
    return run


@in_loop
async def test_every_update_is_taken_once_and_the_sender_is_woken() -> None:
    async with a_receiver() as receiver:
        await receiver.api.add_updates(
            *(text(number, chat=number % 7 + 1, words=f"w{number}") for number in range(1, 51))
        )
        await receiver.api.until_confirmed()
        assert sorted(int(taken.update_id or 0) for taken in receiver.conversations.taken) == list(
            range(1, 51)
        )
        assert receiver.wakes == 50


@in_loop
async def test_kinds_of_updates_are_always_asked_for_by_name() -> None:
    async with a_receiver() as receiver:
        await receiver.api.until_called("getUpdates")
        asked = receiver.api.params_of("getUpdates")[0]["allowed_updates"]
        assert asked == '["message", "edited_message", "callback_query", "my_chat_member"]'


@in_loop
async def test_one_chat_is_taken_in_order_while_others_run_side_by_side() -> None:
    async with a_receiver() as receiver:
        receiver.conversations.gate.clear()
        await receiver.api.add_updates(text(1, 7, "a"), text(2, 7, "b"), text(3, 8, "c"), text(4, 7, "d"))
        await receiver.conversations.until_begun(2)
        assert sorted(one.text for one in receiver.conversations.begun) == ["a", "c"]
        receiver.conversations.gate.set()
        await receiver.api.until_confirmed()
        assert [one.text for one in receiver.conversations.taken if one.channel_ref == "7"] == ["a", "b", "d"]


@in_loop
async def test_no_more_chats_than_the_limit_have_a_turn_at_once() -> None:
    async with a_receiver(concurrency=3) as receiver:
        receiver.conversations.gate.clear()
        await receiver.api.add_updates(*(text(number, number, "x") for number in range(1, 11)))
        await receiver.conversations.until_begun(3)
        receiver.conversations.gate.set()
        await receiver.api.until_confirmed()
        assert receiver.conversations.most_at_once == 3


@in_loop
async def test_offset_moves_only_after_the_commit() -> None:
    async with a_receiver() as receiver:
        receiver.conversations.gate.clear()
        await receiver.api.add_updates(text(1, 7, "a"))
        await receiver.conversations.until_begun(1)
        assert [asked.get("offset") for asked in receiver.api.params_of("getUpdates")] == [None]
        receiver.conversations.gate.set()
        await receiver.api.until_confirmed()
        assert receiver.api.params_of("getUpdates")[1]["offset"] == "2"


@in_loop
async def test_storage_that_is_away_loses_nothing_and_counts_nothing_twice() -> None:
    async with a_receiver() as receiver:
        receiver.conversations.failures["b"] = [DomainError("storage_unavailable")] * 3
        await receiver.api.add_updates(text(1, 7, "a"), text(2, 7, "b"), text(3, 7, "c"), text(4, 8, "d"))
        await receiver.api.until_confirmed()
        assert [one.text for one in receiver.conversations.taken if one.channel_ref == "7"] == ["a", "b", "c"]
        assert sorted(one.text for one in receiver.conversations.taken) == ["a", "b", "c", "d"]
        assert [asked.get("offset") for asked in receiver.api.params_of("getUpdates")][:4] == [
            None,
            "2",
            "2",
            "2",
        ]
        assert receiver.pauses == [1, 2, 2]


@in_loop
async def test_storage_that_goes_away_once_more_is_asked_for_as_soon_as_the_first_time() -> None:
    async with a_receiver() as receiver:
        for number, words in enumerate(("a", "b"), start=1):
            receiver.conversations.failures[words] = [DomainError("storage_unavailable")] * 3
            await receiver.api.add_updates(text(number, 7, words))
            await receiver.api.until_confirmed()
        assert [one.text for one in receiver.conversations.taken] == ["a", "b"]
        assert receiver.pauses == [1, 2, 2, 1, 2, 2]


@in_loop
async def test_bug_in_a_turn_gets_an_apology_and_stops_nobody() -> None:
    async with a_receiver() as receiver:
        receiver.conversations.failures["a"] = [KeyError("mijn geheim")]
        await receiver.api.add_updates(text(1, 7, "a"), text(2, 7, "b"))
        await receiver.api.until_confirmed()
        await receiver.turns.close()
        assert [one.text for one in receiver.conversations.taken] == ["b"]
        (apology,) = receiver.api.params_of("sendMessage")
        assert (apology["chat_id"], apology["text"].startswith("Sorry, er ging iets mis.")) == (7, True)


def test_bug_in_a_turn_is_logged_without_words_or_chat(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with a_receiver() as receiver:
            receiver.conversations.failures["mijn geheim"] = [KeyError("mijn geheim")]
            await receiver.api.add_updates(text(1, 7755331, "mijn geheim"))
            await receiver.api.until_confirmed()

    with caplog.at_level(logging.DEBUG), capture_logs() as events:
        asyncio.run(run())
    (crash,) = [event for event in events if event["event"] == "turn_crashed"]
    assert (crash["error"], crash["at"].partition(":")[0]) == ("KeyError", "fake_conversations.py")
    said = f"{events}{caplog.text}"
    assert [word for word in ("mijn geheim", "7755331", TOKEN) if word in said] == []


@pytest.mark.parametrize(
    ("answers", "pauses"),
    [
        ([HTML, DROP, DROP, refusal(500, "Internal Server Error")], [1, 2, 4]),
        ([refusal(429, "Too Many Requests", retry_after=12)], [12]),
        ([refusal(401, "Unauthorized"), refusal(401, "Unauthorized")], [1, 2]),
        ([HTML] * 8, [1, 2, 4, 8, 16, 32, 60, 60]),
    ],
)
def test_trouble_on_the_network_is_waited_out(answers: list[Any], pauses: list[float]) -> None:
    async def run() -> list[float]:
        async with a_receiver() as receiver:
            receiver.api.script["getUpdates"] = answers
            await receiver.api.add_updates(text(1, 7, "a"))
            await receiver.api.until_confirmed()
            assert [one.text for one in receiver.conversations.taken] == ["a"]
            return receiver.pauses

    assert asyncio.run(run()) == pauses


def test_conflict_is_one_clear_line_and_a_pause() -> None:
    async def run() -> list[float]:
        async with a_receiver() as receiver:
            receiver.api.script["getUpdates"] = [
                refusal(409, "Conflict: terminated by other getUpdates request")
            ]
            await receiver.api.until_called("getUpdates", 2)
            return receiver.pauses

    with capture_logs() as events:
        assert asyncio.run(run()) == [1]
    line = {"event": "telegram_poll", "trouble": "conflict: another process receives for this bot"}
    assert events == [line | {"failures": 1, "again_in": 1, "log_level": "warning"}]


@in_loop
async def test_press_is_answered_after_its_turn_and_a_refusal_of_that_is_no_matter() -> None:
    async with a_receiver() as receiver:
        receiver.conversations.gate.clear()
        receiver.api.script["answerCallbackQuery"] = [refusal(400, "Bad Request: query is too old")]
        await receiver.api.add_updates(press(1, 7, "/yes"), press(2, 7, "/no"))
        await receiver.conversations.until_begun(1)
        await receiver.bot.get_me()
        assert receiver.api.params_of("answerCallbackQuery") == []
        receiver.conversations.gate.set()
        await receiver.api.until_called("answerCallbackQuery", 2)
        assert [call["callback_query_id"] for call in receiver.api.params_of("answerCallbackQuery")] == [
            "q1",
            "q2",
        ]


@in_loop
async def test_group_is_refused_once_and_left() -> None:
    async with a_receiver() as receiver:
        await receiver.api.add_updates(text(1, -100, "hoi"), text(2, -100, "hallo"), text(3, 7, "dag"))
        await receiver.api.until_called("leaveChat")
        await receiver.api.until_confirmed()
        assert [call["chat_id"] for call in receiver.api.params_of("sendMessage")] == [-100]
        assert [call["chat_id"] for call in receiver.api.params_of("leaveChat")] == [-100]
        assert [one.text for one in receiver.conversations.taken] == ["dag"]


@in_loop
async def test_block_is_passed_on() -> None:
    async with a_receiver() as receiver:
        chat, user = {"id": 7, "type": "private"}, {"id": 7}
        change = {"chat": chat, "from": user, "date": 1, "new_chat_member": {"status": "kicked"}}
        await receiver.api.add_updates({"update_id": 1, "my_chat_member": change})
        await receiver.api.until_confirmed()
        assert (receiver.blocked, receiver.conversations.taken) == (["7"], [])


@in_loop
async def test_duplicate_update_is_counted_and_done_once() -> None:
    async with a_receiver() as receiver:
        await receiver.api.add_updates(text(1, 7, "a"), text(1, 7, "a"))
        await receiver.api.until_confirmed()
        assert [one.text for one in receiver.conversations.taken] == ["a"]
        assert receiver.turns.counts == {"turn": 1, "duplicate": 1}


@in_loop
async def test_stop_does_not_wait_for_the_poll() -> None:
    async with a_receiver() as receiver:
        await receiver.api.until_called("getUpdates")
