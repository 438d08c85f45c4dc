"""How much one chat may send: a flood is told so once and holds up nobody, and what is urgent is heard in the middle of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram import Bot

from app.telegram import is_urgent
from bot.channels.limits import Rate
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.turns import Turns
from bot.channels.telegram.words import apology, too_often
from domain.errors import DomainError
from domain.message import Incoming, IncomingKind
from tests.patience import PATIENCE
from tests.unit.bot.channels.fake_bot_api import TOKEN, a_bot_api
from tests.unit.bot.channels.fake_conversations import FakeConversations, press, text
from tests.unit.bot.channels.test_telegram_webhook import Site

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
AT_ONCE = 3


class Desk:
    """Turns at a slow pace, on a clock that stands still."""

    def __init__(self, bot: Bot) -> None:
        self.conversations, self.seconds, self.is_broken = FakeConversations(), 0.0, False
        self.turns = Turns(
            conversations=self.conversations,
            bot=bot,
            now=lambda: NOW,
            wake=lambda: None,
            rate=Rate(per_minute=6, burst=AT_ONCE),
            is_urgent=self._is_urgent,
            monotonic=lambda: self.seconds,
        )

    def _is_urgent(self, incoming: Incoming) -> bool:
        if self.is_broken:
            raise KeyError("x")
        return is_urgent(incoming)

    @property
    def heard(self) -> list[str]:
        return [each.text for each in self.conversations.taken]


def at_a_desk(use: Callable[[Desk], Awaitable[None]]) -> tuple[Desk, list[tuple[str, Any]]]:
    """What was done there, and what Telegram was asked for."""

    async def run() -> tuple[Desk, list[tuple[str, Any]]]:
        request = AiohttpRequest(read_timeout=5)
        await request.initialize()
        async with a_bot_api() as api:
            desk = Desk(Bot(TOKEN, base_url=api.url, request=request, get_updates_request=request))
            await use(desk)
            await desk.turns.close()
            await request.shutdown()
            return desk, list(api.calls)

    return asyncio.run(run())


def test_flood_is_told_so_once_and_holds_up_nobody_else() -> None:
    async def flood(desk: Desk) -> None:
        for number in range(10):
            await desk.turns.take(text(number, 7, f"bericht {number}"))
        await desk.turns.take(text(20, 8, "iemand anders"))

    desk, calls = at_a_desk(flood)

    assert desk.heard == ["bericht 0", "bericht 1", "bericht 2", "iemand anders"]
    assert desk.turns.counts["too_often"] == 7
    assert [call for call in calls if call[0] == "sendMessage"] == [
        ("sendMessage", {"chat_id": 7, "text": too_often("nl")})
    ]


def test_after_a_while_they_are_heard_again() -> None:
    async def go(desk: Desk) -> None:
        for number in range(AT_ONCE + 1):
            await desk.turns.take(text(number, 7, f"bericht {number}"))
        desk.seconds += 10
        await desk.turns.take(text(9, 7, "en nu"))

    desk, _ = at_a_desk(go)

    assert desk.heard == ["bericht 0", "bericht 1", "bericht 2", "en nu"]


def test_what_is_urgent_is_heard_in_the_middle_of_a_flood() -> None:
    async def flood(desk: Desk) -> None:
        for number in range(10):
            await desk.turns.take(text(number, 7, "hallo"))
        await desk.turns.take(text(10, 7, "ik wil niet meer leven"))
        await desk.turns.take(text(11, 7, "stop"))
        await desk.turns.take(press(12, 7, "/erase"))
        await desk.turns.take(press(13, 7, "/a.1.1.0"))

    desk, calls = at_a_desk(flood)

    assert desk.heard == ["hallo"] * AT_ONCE + ["ik wil niet meer leven", "stop", "/erase"]
    answered = [call[1]["callback_query_id"] for call in calls if call[0] == "answerCallbackQuery"]
    assert sorted(answered) == ["q12", "q13"]  # no press keeps its hourglass


def test_what_comes_again_as_long_as_the_storage_is_away_is_not_too_much() -> None:
    async def go(desk: Desk) -> None:
        desk.conversations.failures["hallo"] = [DomainError("storage_unavailable")] * 10
        for _ in range(10):
            with pytest.raises(DomainError):
                await desk.turns.take(text(1, 7, "hallo"))
        await desk.turns.take(text(1, 7, "hallo"))

    desk, _ = at_a_desk(go)

    assert (desk.heard, desk.turns.counts["too_often"]) == (["hallo"], 0)


def test_what_was_urgent_and_comes_again_gives_nothing_back_that_was_not_taken() -> None:
    async def go(desk: Desk) -> None:
        desk.conversations.failures["stop"] = [DomainError("storage_unavailable")] * 10
        for number in range(AT_ONCE):
            await desk.turns.take(text(number, 7, "hallo"))
        for _ in range(10):
            with pytest.raises(DomainError):
                await desk.turns.take(text(8, 7, "stop"))
        await desk.turns.take(text(9, 7, "hallo"))

    desk, _ = at_a_desk(go)

    assert (desk.heard, desk.turns.counts["too_often"]) == (["hallo"] * AT_ONCE, 1)


def test_bug_in_looking_for_what_is_urgent_holds_up_nobody() -> None:
    async def go(desk: Desk) -> None:
        desk.is_broken = True
        for number in range(AT_ONCE + 1):
            await desk.turns.take(text(number, 7, "hallo"))
        await desk.turns.take(text(9, 8, "iemand anders"))

    desk, calls = at_a_desk(go)

    assert desk.heard == ["hallo"] * AT_ONCE + ["iemand anders"]
    assert desk.turns.counts["crashed"] == 1
    assert ("sendMessage", {"chat_id": 7, "text": apology("nl")}) in calls


def test_an_ordinary_message_is_not_urgent() -> None:
    said = Incoming(
        channel="telegram", channel_ref="7", kind=IncomingKind.TEXT, at=NOW, text="het is hier fijn"
    )

    assert not is_urgent(said)


def test_more_updates_at_once_than_there_is_room_for_are_asked_to_come_again() -> None:
    async def push() -> tuple[list[int], list[str]]:
        site = Site(most=2)
        site.conversations.gate.clear()
        first = [asyncio.ensure_future(site.push(text(number, number, "hoi"))) for number in (1, 2)]
        await site.conversations.until_begun(2)
        async with asyncio.timeout(PATIENCE):
            third = await site.push(text(3, 3, "hoi"))
        wrong = await site.push(text(4, 4, "hoi"), b"wrong")
        site.conversations.gate.set()
        again = [*await asyncio.gather(*first), await site.push(text(3, 3, "hoi"))]
        return [third, wrong, *again], [each.channel_ref for each in site.conversations.taken]

    statuses, taken = asyncio.run(push())

    assert statuses == [503, 401, 200, 200, 200]
    assert sorted(taken) == ["1", "2", "3"]
