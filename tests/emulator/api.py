"""The Bot API on the wire: tokens, methods, answers, files, and the faults that a script asks for."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.emulator.checks import Params
from tests.emulator.clock import Bell, VirtualClock
from tests.emulator.delivery import LongPoll
from tests.emulator.errors import BotApiError
from tests.emulator.faults import Fault, FaultScript
from tests.emulator.methods import BotMethods
from tests.emulator.state import World

Json = dict[str, Any]


@dataclass
class Call:
    """One call as the emulator saw it; `outcome` is "ok" or Telegram's description of the refusal."""

    method: str
    params: Json
    at: float
    outcome: str
    fault: str | None = None


class DropConnection(Response):
    """No answer at all: the connection breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["transport"].abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def refusal(error: BotApiError) -> JSONResponse:
    retry_after = error.parameters.get("retry_after")
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse(error.as_json(), error.code, headers)


class BotApi:
    def __init__(
        self,
        token: str,
        world: World,
        methods: BotMethods,
        poll: LongPoll,
        script: FaultScript,
        clock: VirtualClock,
        bell: Bell,
    ) -> None:
        self.token, self.world, self.poll = token, world, poll
        self.script, self.clock, self.bell = script, clock, bell
        self.methods = methods.by_name()
        self.calls: list[Call] = []

    def routes(self) -> list[Route]:
        return [
            Route("/file/bot{token}/{path:path}", self.download),
            Route("/bot{token}/{method}", self.answer, methods=["GET", "POST"]),
        ]

    async def download(self, request: Request) -> Response:
        found = [file for file in self.world.files.values() if file.path == request.path_params["path"]]
        if request.path_params["token"] != self.token or not found:
            return refusal(BotApiError(404, "Not Found"))
        return Response(found[0].content, media_type="application/octet-stream")

    async def answer(self, request: Request) -> Response:
        if request.path_params["token"] != self.token:
            return refusal(BotApiError(401, "Unauthorized"))
        method = request.path_params["method"]
        try:
            content_type = request.headers.get("content-type", "")
            params = Params.decode(request.url.query, content_type, await request.body())
        except BotApiError as error:
            return refusal(error)
        fault = self.script.on_call(method, _chat_id(params))
        refused = fault.as_error() if fault else None
        if fault and (refused or fault.kind in ("drop_before", "bad_gateway")):
            return self._fail_before(method, params, fault, refused)
        response = await self._respond(method, params, fault)
        if fault and fault.kind == "late_answer":
            await self.clock.sleep(fault.seconds)
        return DropConnection() if fault and fault.kind == "drop_after" else response

    def _fail_before(self, method: str, params: Params, fault: Fault, error: BotApiError | None) -> Response:
        self._record(method, params, error.description if error else fault.kind, fault)
        if error:
            return refusal(error)
        if fault.kind == "drop_before":
            return DropConnection()
        return HTMLResponse("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", 502)

    async def _respond(self, method: str, params: Params, fault: Fault | None) -> Response:
        try:
            return JSONResponse({"ok": True, "result": await self.execute(method, params, fault)})
        except BotApiError as error:
            return refusal(error)

    async def execute(self, method: str, params: Params, fault: Fault | None = None) -> Any:
        """Carry out one call and keep it in the list; raises BotApiError where Telegram would refuse."""
        try:
            if method.lower() == "getupdates":
                result: Any = await self.poll.get_updates(params)
            elif method.lower() in self.methods:
                result = self.methods[method.lower()](params)
            else:
                raise BotApiError(404, "Not Found")
        except BotApiError as error:
            self._record(method, params, error.description, fault)
            raise
        self._record(method, params, "ok", fault)
        return result

    def _record(self, method: str, params: Params, outcome: str, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        self.calls.append(Call(method, params.for_log(), self.clock.now(), outcome, kind))
        self.bell.ring()

    def calls_of(self, method: str | None) -> list[Json]:
        return [asdict(call) for call in self.calls if method in (None, call.method)]


def _chat_id(params: Params) -> int | None:
    given = params.text("chat_id")
    return int(given) if re.fullmatch(r"-?\d+", given) else None
