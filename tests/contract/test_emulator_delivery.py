"""Updates reach a bot by Telegram's rules of order, repetition and expiry, and fail as scripted."""

import asyncio
import contextlib
import itertools
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.emulator.client import ROOT, Emulator, Resident, fault
from tests.emulator.fixtures import anyio_backend, emulator, running_emulator
from tests.patience import PATIENCE

__all__ = ["anyio_backend", "emulator", "running_emulator"]
pytestmark = pytest.mark.anyio

BUTTONS = {"inline_keyboard": [[{"text": "Ja", "callback_data": "ja"}]]}


class Hook:
    """A bot's webhook that keeps what it gets and answers what it is told: statuses first, then 200."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.ids: list[int] = []
        self.secrets: list[str | None] = []
        self.statuses: list[int] = []
        self.reply: dict[str, Any] | None = None
        self.tried_at: list[float] = []
        self.read_clock: Callable[[], Awaitable[float]] | None = None
        self.open = asyncio.Event()
        self.open.set()
        self._news = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        if self.read_clock:
            self.tried_at.append(await self.read_clock())
        async with self._news:
            self.got.append(label(update))
            self.ids.append(update["update_id"])
            self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
            self._news.notify_all()
        await self.open.wait()
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        return web.json_response(self.reply) if self.reply else web.Response()

    async def wait_for(self, count: int) -> list[str]:
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: len(self.got) >= count)
        return self.got


def label(update: dict[str, Any]) -> str:
    return (
        str(update["callback_query"]["data"])
        if "callback_query" in update
        else str(update["message"]["text"])
    )


@contextlib.asynccontextmanager
async def listening(emulator: Emulator, **settings: Any) -> AsyncIterator[Hook]:
    hook, app = Hook(), web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        assert (await emulator.call("setWebhook", url=url, **settings))["ok"] is True
        yield hook
    finally:
        hook.open.set()
        await emulator.call("deleteWebhook")
        await runner.cleanup()


async def poll(emulator: Emulator, offset: int = 0, **params: Any) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = (await emulator.call("getUpdates", offset=offset, **params))["result"]
    return result


async def with_button(emulator: Emulator) -> Resident:
    """A resident who has a button before them, and whose start the bot has taken already."""
    resident = await emulator.resident()
    await resident.start()
    await emulator.call("sendMessage", chat_id=resident.chat_id, text="Doet u mee?", reply_markup=BUTTONS)
    taken = await poll(emulator)
    await poll(emulator, offset=taken[-1]["update_id"] + 1)
    return resident


# polling


async def test_polled_updates_stay_until_a_higher_offset(emulator: Emulator) -> None:
    fatima = await emulator.resident()
    for text in ("een", "twee", "drie"):
        await fatima.say(text)
    first = await poll(emulator, limit=2)
    assert [label(update) for update in first] == ["een", "twee"]
    assert await poll(emulator, limit=2) == first
    rest = await poll(emulator, offset=first[0]["update_id"] + 1)
    assert [label(update) for update in rest] == ["twee", "drie"]
    assert [label(update) for update in await poll(emulator, offset=-1)] == ["drie"]
    assert await poll(emulator, offset=rest[-1]["update_id"] + 1) == []


async def test_long_poll_answers_as_soon_as_something_comes(emulator: Emulator) -> None:
    fatima = await emulator.resident()
    waiting = asyncio.create_task(poll(emulator, timeout=30))
    await fatima.say("een")
    assert [label(update) for update in await waiting] == ["een"]


async def test_long_poll_ends_empty_after_its_time(emulator: Emulator) -> None:
    await emulator.speed(1000)
    assert await poll(emulator, timeout=30) == []


async def test_second_poller_takes_over(emulator: Emulator) -> None:
    first = asyncio.create_task(emulator.call("getUpdates", timeout=30))
    while not first.done():
        await poll(emulator)
    assert ((await first)["error_code"], (await first)["description"]) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )


async def test_polling_conflicts_with_a_webhook(emulator: Emulator) -> None:
    async with listening(emulator):
        assert (await emulator.call("getUpdates"))["error_code"] == 409
    assert (await emulator.call("getUpdates"))["result"] == []


async def test_allowed_updates_stick_when_not_given(emulator: Emulator) -> None:
    fatima = await with_button(emulator)
    await poll(emulator, allowed_updates=["callback_query"])
    await poll(emulator)
    await fatima.say("een")
    await fatima.tap("Ja")
    assert [label(update) for update in await poll(emulator)] == ["ja"]


async def test_messages_expire_after_a_day_and_presses_after_150_seconds(emulator: Emulator) -> None:
    fatima = await with_button(emulator)
    await fatima.say("een")
    await fatima.tap("Ja")
    await emulator.advance(140)
    assert [label(update) for update in await poll(emulator)] == ["een", "ja"]
    await emulator.advance(20)
    assert [label(update) for update in await poll(emulator)] == ["een"]
    await emulator.advance(24 * 3600)
    assert await poll(emulator) == []


# webhooks


async def test_webhook_carries_the_secret_and_keeps_the_order_of_a_chat(emulator: Emulator) -> None:
    fatima, jan = await emulator.resident("Fatima"), await emulator.resident("Jan")
    async with listening(emulator, secret_token="geheim-1_A") as hook:
        hook.open.clear()
        for text in ("een", "twee", "drie"):
            await fatima.say(text)
        await jan.say("jan")
        assert sorted(await hook.wait_for(2)) == ["een", "jan"]
        hook.open.set()
        await emulator.wait_until_delivered()
    assert [text for text in hook.got if text != "jan"] == ["een", "twee", "drie"]
    assert set(hook.secrets) == {"geheim-1_A"}


async def test_press_overtakes_a_text_that_is_in_flight(emulator: Emulator) -> None:
    fatima = await with_button(emulator)
    async with listening(emulator) as hook:
        hook.open.clear()
        await fatima.say("een")
        await fatima.say("twee")
        await hook.wait_for(1)
        await fatima.tap("Ja")
        assert await hook.wait_for(2) == ["een", "ja"]
        hook.open.set()
        assert await hook.wait_for(3) == ["een", "ja", "twee"]


async def test_failed_delivery_is_tried_at_once_and_then_with_growing_pauses(emulator: Emulator) -> None:
    await emulator.speed(0)
    fatima = await emulator.resident()
    async with listening(emulator) as hook:
        hook.read_clock = emulator.now
        hook.statuses = [500, 503, 429, 302]
        await fatima.say("een")
        await hook.wait_for(2)
        info = (await emulator.call("getWebhookInfo"))["result"]
        assert info["pending_update_count"] == 1
        assert info["last_error_message"].startswith("Wrong response from the webhook: 50")
        while len(hook.tried_at) < 5:
            await emulator.advance(1)
        await emulator.wait_until_delivered()
    pauses = [later - earlier for earlier, later in itertools.pairwise(hook.tried_at)]
    assert pauses[0] == 0
    assert [pause >= least for pause, least in zip(pauses[1:], (2, 4, 8), strict=True)] == [True] * 3
    assert len(set(hook.ids)) == 1


async def test_retries_can_be_had_without_pauses(emulator: Emulator) -> None:
    await emulator.retries(0)
    fatima = await emulator.resident()
    async with listening(emulator) as hook:
        hook.statuses = [500] * 6
        await fatima.say("een")
        await fatima.say("twee")
        await emulator.wait_until_delivered()
    assert hook.got == ["een"] * 7 + ["twee"]


async def test_webhook_may_answer_with_a_call(emulator: Emulator) -> None:
    fatima = await emulator.resident()
    async with listening(emulator) as hook:
        hook.reply = {"method": "sendMessage", "chat_id": fatima.chat_id, "text": "dag"}
        await fatima.say("een")
        assert await fatima.next_text() == "dag"


async def test_dropped_pending_updates_never_come(emulator: Emulator) -> None:
    fatima = await emulator.resident()
    await fatima.say("een")
    async with listening(emulator, drop_pending_updates=True) as hook:
        await fatima.say("twee")
        await emulator.wait_until_delivered()
    assert hook.got == ["twee"]


async def test_outage_ends_in_a_burst(emulator: Emulator) -> None:
    fatima = await emulator.resident()
    await emulator.pause_delivery()
    async with listening(emulator) as hook:
        for number in range(20):
            await fatima.say(str(number))
        assert hook.got == []
        await emulator.resume_delivery()
        await emulator.wait_until_delivered()
    assert hook.got == [str(number) for number in range(20)]


# scripted faults of delivery


async def test_update_delivered_twice_keeps_its_id(emulator: Emulator) -> None:
    await emulator.script(fault("deliver_twice", nth=2))
    fatima = await emulator.resident()
    async with listening(emulator) as hook:
        await fatima.say("een")
        await fatima.say("twee")
        await emulator.wait_until_delivered()
    assert hook.got == ["een", "twee", "twee"]
    assert hook.ids[1] == hook.ids[2]


async def test_polled_update_comes_again_after_its_confirmation(emulator: Emulator) -> None:
    await emulator.script(fault("deliver_twice"))
    await (await emulator.resident()).say("een")
    (update,) = await poll(emulator)
    assert await poll(emulator, offset=update["update_id"] + 1) == [update]
    assert await poll(emulator, offset=update["update_id"] + 1) == []


async def test_press_sent_again_has_a_new_id(emulator: Emulator) -> None:
    await emulator.script(fault("press_again"))
    fatima = await with_button(emulator)
    await fatima.tap("Ja")
    first, second = await poll(emulator)
    assert (label(first), label(second)) == ("ja", "ja")
    assert first["update_id"] < second["update_id"]
    assert first["callback_query"]["id"] != second["callback_query"]["id"]


@pytest.mark.parametrize("by_webhook", [False, True])
async def test_scripted_press_goes_before_the_text(emulator: Emulator, by_webhook: bool) -> None:
    fatima = await with_button(emulator)
    await emulator.script(fault("press_overtakes", chat_id=fatima.chat_id))
    async with contextlib.AsyncExitStack() as stack:
        hook = await stack.enter_async_context(listening(emulator)) if by_webhook else None
        await fatima.say("een")
        await fatima.tap("Ja")
        came = await hook.wait_for(2) if hook else [label(update) for update in await poll(emulator)]
        assert came == ["ja", "een"]
        assert hook is None or hook.ids == sorted(hook.ids, reverse=True)


async def test_renumbered_updates_reach_a_poller_with_an_old_offset(emulator: Emulator) -> None:
    fatima = await emulator.resident()
    await fatima.say("een")
    (before,) = await poll(emulator)
    assert await poll(emulator, offset=before["update_id"] + 1) == []
    await emulator.script(fault("renumber", update_id=17))
    await fatima.say("twee")
    after = await poll(emulator, offset=before["update_id"] + 1)
    assert [(update["update_id"], label(update)) for update in after] == [(17, "twee")]
    assert await poll(emulator, offset=18) == []


# scripted faults of calls


@pytest.mark.parametrize(
    ("kind", "status", "arrived"),
    [
        ("too_many_requests", 429, []),
        ("server_error", 500, []),
        ("bad_gateway", 502, []),
        ("blocked", 403, []),
        ("bad_request", 400, []),
        ("drop_before", None, []),
        ("drop_after", None, ["een"]),
        ("late_answer", 200, ["een"]),
    ],
)
async def test_call_fails_once_as_scripted(
    emulator: Emulator, kind: str, status: int | None, arrived: list[str]
) -> None:
    fatima = await emulator.resident()
    await fatima.start()
    await emulator.speed(1000)
    await emulator.script(fault(kind, method="sendMessage", retry_after=7, seconds=20))
    assert await send_status(emulator, fatima, "een") == status
    assert [message.text for message in await fatima.unread()] == arrived
    assert await send_status(emulator, fatima, "twee") == 200
    assert [call["fault"] for call in await emulator.calls("sendMessage")] == [kind, None]


async def send_status(emulator: Emulator, resident: Resident, text: str) -> int | None:
    """The HTTP status of one sendMessage, or None when the connection broke."""
    send = {"chat_id": resident.chat_id, "text": text}
    async with aiohttp.ClientSession() as http:
        try:
            async with http.post(f"{emulator.bot_url}sendMessage", json=send) as answer:
                assert answer.status != 502 or answer.content_type == "text/html"
                assert answer.status != 429 or answer.headers["Retry-After"] == "7"
                return answer.status
        except aiohttp.ClientError:
            return None


async def test_late_answer_is_in_the_air_while_its_effect_is_there(emulator: Emulator) -> None:
    """What a test needs to end a bot between the effect of a send and its answer."""
    fatima = await emulator.resident()
    await fatima.start()
    await emulator.script(fault("late_answer", method="send*", seconds=3600))
    sending = asyncio.create_task(emulator.call("sendMessage", chat_id=fatima.chat_id, text="een"))
    assert await fatima.next_text() == "een"
    assert not sending.done()
    await emulator.advance(3600)
    assert (await sending)["ok"] is True


async def test_fault_counts_only_calls_that_match(emulator: Emulator) -> None:
    fatima, jan = await emulator.resident("Fatima"), await emulator.resident("Jan")
    await fatima.start()
    await jan.start()
    await emulator.script(fault("server_error", method="send*", chat_id=jan.chat_id, nth=2, times=2))
    to_jan = [(await emulator.call("sendMessage", chat_id=jan.chat_id, text=str(i)))["ok"] for i in range(4)]
    assert to_jan == [True, False, False, True]
    to_fatima = [
        (await emulator.call("sendMessage", chat_id=fatima.chat_id, text=str(i)))["ok"] for i in range(3)
    ]
    assert to_fatima == [True, True, True]


async def test_emulator_ends_when_its_input_closes(anyio_backend: object) -> None:
    """Even with a poll in the air: that is answered, and then nobody listens any more."""
    async with aiohttp.ClientSession() as http:
        async with Emulator.start() as short_lived:
            waiting = asyncio.create_task(http.get(f"{short_lived.bot_url}getUpdates?timeout=600"))
            await short_lived.resident()
        async with await waiting as answer:
            assert await answer.json() == {"ok": True, "result": []}
        with pytest.raises(aiohttp.ClientConnectionError):
            await http.get(f"{short_lived.url}/control/calls")


async def test_emulator_ends_on_sigterm(anyio_backend: object) -> None:
    command = (sys.executable, "-m", "tests.emulator")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe)
    assert process.stdout
    addresses = json.loads(await process.stdout.readline())
    assert addresses["control"] == f"{addresses['url']}/control"
    async with aiohttp.ClientSession() as http, http.get(f"{addresses['control']}/calls") as answer:
        assert await answer.json() == []  # the server runs, so its signal handlers are in place
    process.terminate()
    assert await asyncio.wait_for(process.wait(), PATIENCE) == -signal.SIGTERM
