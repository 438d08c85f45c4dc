"""Receiving by webhook: who may push, what is answered, and that 200 means committed."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs
from telegram import Bot

from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.turns import Turns
from bot.channels.telegram.webhook import LARGEST_BODY, Webhook
from domain.errors import DomainError
from tests.unit.bot.channels.fake_conversations import FakeConversations, text

SECRET = "s3cret-of_the-webhook"
PATH = "/telegram/webhook"
HEADER = "x-telegram-bot-api-secret-token"


class Site:
    """The endpoint as a web server would call it, without one."""

    def __init__(self, most: int = 128) -> None:
        request = AiohttpRequest()
        bot = Bot("1:TOKEN", request=request, get_updates_request=request)
        self.conversations = FakeConversations()
        now = datetime(2026, 3, 2, 10, tzinfo=UTC)
        turns = Turns(conversations=self.conversations, bot=bot, now=lambda: now, wake=lambda: None)
        self._app = Starlette(routes=[Webhook(turns=turns, secret=SECRET, most=most).route(PATH)])

    async def push(self, body: Any, secret: bytes | None = SECRET.encode(), method: str = "POST") -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        chunks = [content[start : start + 65536] for start in range(0, len(content), 65536)] or [b""]
        headers = [] if secret is None else [(HEADER.encode(), secret)]
        scope = {
            "type": "http",
            "method": method,
            "path": PATH,
            "headers": headers,
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "http_version": "1.1",
        }
        answers: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

        async def send(message: Any) -> None:
            answers.append(message)

        await self._app(scope, receive, send)
        return int(answers[0]["status"])


def on_a_site(use: Callable[[Site], Awaitable[Any]]) -> tuple[Site, Any]:
    async def run() -> tuple[Site, Any]:
        site = Site()
        return site, await use(site)

    return asyncio.run(run())


def test_update_with_the_secret_is_taken() -> None:
    site, status = on_a_site(lambda site: site.push(text(1, 7, "hoi")))
    assert (status, [one.text for one in site.conversations.taken]) == (200, ["hoi"])


@pytest.mark.parametrize(
    "secret", [None, b"", b"wrong", SECRET[:-1].encode(), SECRET.encode() + b"x", b"\xff\xfe"]
)
def test_push_without_the_secret_is_refused_and_not_logged(
    secret: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), capture_logs() as events:
        site, status = on_a_site(lambda site: site.push(text(1, 7, "hoi"), secret))
    assert (status, site.conversations.begun, caplog.records, events) == (401, [], [], [])


def test_same_update_again_is_answered_and_not_done_again() -> None:
    async def twice(site: Site) -> list[int]:
        return [await site.push(text(1, 7, "hoi")), await site.push(text(1, 7, "hoi"))]

    site, statuses = on_a_site(twice)
    assert (statuses, len(site.conversations.taken)) == ([200, 200], 1)


def test_200_comes_only_after_the_commit() -> None:
    async def watch(site: Site) -> bool:
        site.conversations.gate.clear()
        push = asyncio.create_task(site.push(text(1, 7, "hoi")))
        await site.conversations.until_begun(1)
        early = push.done()
        site.conversations.gate.set()
        assert await push == 200
        return early

    assert on_a_site(watch)[1] is False


def test_storage_that_is_away_asks_telegram_to_come_again() -> None:
    async def push(site: Site) -> list[int]:
        site.conversations.failures["hoi"] = [DomainError("storage_unavailable")]
        return [await site.push(text(1, 7, "hoi")), await site.push(text(1, 7, "hoi"))]

    site, statuses = on_a_site(push)
    assert (statuses, [one.text for one in site.conversations.taken]) == ([503, 200], ["hoi"])


def test_bug_in_a_turn_does_not_make_telegram_come_back_for_a_day() -> None:
    async def push(site: Site) -> int:
        site.conversations.failures["hoi"] = [KeyError("x")]
        return await site.push(text(1, 7, "hoi"))

    assert on_a_site(push)[1] == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        ([1], 400),
        ({}, 200),
        ({"update_id": 1, "message": {}}, 200),
        (text(1, 7, "a" * LARGEST_BODY), 413),
    ],
)
def test_body_that_is_no_turn(body: Any, status: int) -> None:
    site, answered = on_a_site(lambda site: site.push(body))
    assert (answered, site.conversations.begun) == (status, [])


def test_only_post_is_taken() -> None:
    assert on_a_site(lambda site: site.push(b"", method="GET"))[1] == 405


@pytest.mark.parametrize("secret", ["", " ", "a b", "x" * 257, "é"])
def test_webhook_without_a_good_secret_does_not_start(secret: str) -> None:
    with pytest.raises(DomainError) as caught:
        Webhook(turns=None, secret=secret, most=1)  # type: ignore[arg-type]  # no turn is taken here
    assert caught.value.code == "telegram_webhook_secret"
