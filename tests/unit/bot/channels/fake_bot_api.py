"""A very small Bot API in the test's own process: answers as scripted, and hands out updates by offset."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.patience import PATIENCE

TOKEN = "123456:SECRET-OF-THE-BOT"

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What to answer instead of success: a status with a body, or no answer at all ("drop", "hang")."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    instead: str = ""


def refusal(status: int, description: str, **parameters: Any) -> Answer:
    body: Json = {"ok": False, "error_code": status, "description": description}
    return Answer(status, json.dumps(body | ({"parameters": parameters} if parameters else {})))


HTML = Answer(502, "<html><body>Bad Gateway</body></html>")
DROP, HANG = Answer(instead="drop"), Answer(instead="hang")


async def _body_of(request: web.Request) -> Json:
    """What a call says; a file in it is its name and its bytes."""
    if not request.can_read_body:
        return {}
    if not request.content_type.startswith("multipart/"):
        return dict(await request.json())
    form = await request.post()
    return {
        name: (value.filename, value.file.read()) if isinstance(value, web.FileField) else value
        for name, value in form.items()
    }


class FakeBotApi:
    def __init__(self) -> None:
        self.url = ""
        self.calls: list[tuple[str, Json]] = []
        self.script: dict[str, list[Answer]] = {}
        self.updates: list[Json] = []
        self.over = asyncio.Event()
        self._changed = asyncio.Condition()

    def params_of(self, method: str) -> list[Json]:
        return [params for name, params in self.calls if name == method]

    async def add_updates(self, *updates: Json) -> None:
        self.updates += updates
        async with self._changed:
            self._changed.notify_all()

    async def until_called(self, method: str, count: int = 1) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.params_of(method)) >= count)

    async def until_confirmed(self) -> None:
        """Until the offset has moved past every update."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: not self.updates)

    async def end(self) -> None:
        """Lets go of every call that waits."""
        self.over.set()
        async with self._changed:
            self._changed.notify_all()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params: Json = dict(request.query) | (await _body_of(request))
        async with self._changed:
            self.calls.append((method, params))
            self._changed.notify_all()
        if self.script.get(method):
            return await self._as_scripted(request, self.script[method].pop(0))
        if request.match_info["token"] != TOKEN:
            return web.json_response(
                {"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401
            )
        return web.json_response({"ok": True, "result": await self._result(method, params)})

    async def _as_scripted(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        if answer.instead == "drop":
            assert request.transport is not None
            request.transport.close()
        elif answer.instead == "hang":
            await self.over.wait()
        return web.Response(status=answer.status, text=answer.body, headers=answer.headers)

    async def _result(self, method: str, params: Json) -> Any:
        match method:
            case "getMe":
                return {
                    "id": 123456,
                    "is_bot": True,
                    "first_name": "Wijkverhaal",
                    "username": "wijkverhaal_bot",
                }
            case "sendMessage" | "sendDocument":
                chat = {"id": int(params["chat_id"]), "type": "private"}
                return {
                    "message_id": len(self.calls),
                    "date": 1_760_000_000,
                    "chat": chat,
                    "text": params.get("text", ""),
                }
            case "getUpdates":
                return await self._poll(int(params.get("offset", 0)), float(params["timeout"]))
            case _:
                return True

    async def _poll(self, offset: int, seconds: float) -> list[Json]:
        async with self._changed:
            self.updates = [update for update in self.updates if update["update_id"] >= offset]
            self._changed.notify_all()
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait_for(lambda: self.updates or self.over.is_set())
            except TimeoutError:
                return []
            return self.updates[:100]


@asynccontextmanager
async def a_bot_api() -> AsyncIterator[FakeBotApi]:
    api = FakeBotApi()
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", api.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        api.url = f"http://{host}:{port}/bot"
        yield api
    finally:
        await api.end()
        await runner.cleanup()
