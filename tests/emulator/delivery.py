"""How updates travel to the bot: the webhook pusher, the long poll, and the faults on the way.

Messages of one chat keep their order with the head in flight until it is answered; presses have lanes
of their own.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp

from tests.emulator.checks import Params
from tests.emulator.clock import Bell, VirtualClock
from tests.emulator.errors import BotApiError
from tests.emulator.faults import FaultScript
from tests.emulator.state import World
from tests.emulator.updates import Waiting, Webhook

Result = TypeVar("Result")
Json = dict[str, Any]

LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600.0


class Courier:
    """Everything a resident does passes here, so that the fault script can touch its updates."""

    def __init__(self, world: World, script: FaultScript, bell: Bell) -> None:
        self.world, self.script, self.bell = world, script, bell
        self.paused = False

    def carry(self, chat_id: int, act: Callable[[], Result]) -> Result:
        # As on Telegram, ids start elsewhere only after a silence, never with updates on their way.
        renumber = None if self.world.waiting else self.script.on_update({"renumber"}, chat_id)
        if renumber:
            self.world.next_update_id = renumber.update_id
        before = len(self.world.waiting)
        result = act()
        for entry in self.world.waiting[before:]:
            self._touch(entry, chat_id)
        self.bell.ring()
        return result

    def _touch(self, entry: Waiting, chat_id: int) -> None:
        if self.script.on_update({"deliver_twice"}, chat_id):
            entry.again = True
        if entry.kind == "message" and self.script.on_update({"press_overtakes"}, chat_id):
            entry.held = True
        if entry.kind == "callback_query":
            self.world.let_press_pass(entry)


class LongPoll:
    def __init__(self, world: World, courier: Courier, clock: VirtualClock, bell: Bell) -> None:
        self.world, self.courier, self.clock, self.bell = world, courier, clock, bell
        self._turn = 0

    async def get_updates(self, params: Params) -> list[Json]:
        """A later poller takes over from a waiting one, which then hears 409."""
        world = self.world
        if world.webhook is not None:
            reason = (
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
            )
            raise BotApiError(409, reason)
        self._turn += 1
        turn = self._turn
        self.bell.ring()
        if isinstance(params.json("allowed_updates"), list):
            world.allowed_updates = params.json("allowed_updates")
        world.confirm(params.integer("offset"))
        await self.clock.wait_until(
            lambda: turn != self._turn or world.webhook is not None or bool(self._ready()),
            params.integer("timeout"),
        )
        if turn != self._turn:
            reason = "terminated by other getUpdates request; make sure that only one bot instance is running"
            raise BotApiError(409, reason)
        if world.webhook is not None:
            raise BotApiError(409, "terminated by setWebhook request")
        limit = min(max(params.integer("limit", 100), 1), 100)
        return [entry.update for entry in self._ready()[:limit]]

    def _ready(self) -> list[Waiting]:
        return [] if self.courier.paused else self.world.available(self.clock.now())


class WebhookPusher:
    """One worker per lane posts its head until the bot answers 2xx, it expires or the webhook goes."""

    def __init__(
        self,
        world: World,
        courier: Courier,
        clock: VirtualClock,
        bell: Bell,
        reply: Callable[[str, Params], Awaitable[object]],
    ) -> None:
        self.world, self.courier, self.clock, self.bell = world, courier, clock, bell
        self._reply = reply
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._in_flight = 0
        self.reset()

    def reset(self) -> None:
        self.retry_scale = 1.0
        self.last_error: Json = {}

    async def run(self) -> None:
        # Connections are not kept: one the bot closed meanwhile would count as a failed delivery.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector) as http:
            while True:
                if self.world.webhook is not None and not self.courier.paused:
                    for lane in {entry.lane for entry in self.world.waiting} - set(self._workers):
                        self._workers[lane] = asyncio.create_task(self._serve_lane(http, lane))
                await self.bell.heard(None)

    async def _serve_lane(self, http: aiohttp.ClientSession, lane: str) -> None:
        try:
            fails, pause = 0, 1.0
            while (hook := self.world.webhook) and not self.courier.paused:
                self.world.drop_expired(self.clock.now())
                head = self.world.head_of(lane)
                if head is None or head.held:
                    return
                taken, retry_after = await self._push(http, hook, head)
                if taken:
                    fails, pause = 0, 1.0
                    self.world.settle(head)
                    self.bell.ring()
                    continue
                pause = min(LONGEST_PAUSE, pause * 2) if fails and not retry_after else pause
                wait = retry_after or (pause if fails else 0.0)
                fails += 1
                if self.clock.now() + wait > head.expires_at and head in self.world.waiting:
                    self.world.waiting.remove(head)
                    fails, pause = 0, 1.0
                    continue
                await self.clock.wait_until(lambda: self.world.webhook is not hook, wait * self.retry_scale)
        finally:
            del self._workers[lane]

    async def _push(self, http: aiohttp.ClientSession, hook: Webhook, entry: Waiting) -> tuple[bool, float]:
        """Post one update: whether the bot took it, and the seconds it asked us to wait."""
        while self._in_flight >= hook.max_connections:
            await self.bell.heard(None)
        self._in_flight += 1
        try:
            return await self._post(http, hook, entry)
        except TimeoutError:
            return self._failed("Read timeout expired")
        except aiohttp.ClientError as error:
            return self._failed(f"Connection failed: {type(error).__name__}")
        finally:
            self._in_flight -= 1
            self.bell.ring()

    async def _post(self, http: aiohttp.ClientSession, hook: Webhook, entry: Waiting) -> tuple[bool, float]:
        headers = {"Content-Type": "application/json"}
        if hook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret_token
        body = json.dumps(entry.update).encode()
        limit = aiohttp.ClientTimeout(total=60)
        async with http.post(
            hook.url, data=body, headers=headers, timeout=limit, allow_redirects=False
        ) as answer:
            content = await answer.read()
            if answer.status // 100 == 2:
                await self._take_reply(answer.headers.get("Content-Type", ""), content)
                return True, 0.0
            asked = answer.headers.get("Retry-After", "0")
            self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
            return False, min(LONGEST_RETRY_AFTER, float(asked) if asked.isdigit() else 0.0)

    async def _take_reply(self, content_type: str, content: bytes) -> None:
        """A bot may answer the webhook with one call; like Telegram, nobody tells it how that went."""
        try:
            params = Params.decode("", content_type, content) if content else Params()
            if params.text("method"):
                await self._reply(params.text("method"), params)
        except BotApiError:
            return

    def _failed(self, message: str) -> tuple[bool, float]:
        self.last_error = {"last_error_date": int(self.clock.now()), "last_error_message": message}
        return False, 0.0
