"""Rasa's REST channel, for programs: one message in, the reply out as JSON. The sender is whoever the caller says,
so only a program on this machine or one with the token may call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.channels.limits import Limiter
from bot.channels.web.ids import update_id
from bot.channels.web.turns import take_turn
from bot.channels.web.wire import (
    FORBIDDEN,
    JSON_CAP,
    Refusal,
    may_enter,
    parse_object,
    read_body,
    send_json,
    send_refusal,
    sound_text,
    too_often,
)
from bot.channels.wire import to_wire
from domain.message import Incoming, IncomingKind

if TYPE_CHECKING:
    from bot.channels.web.turns import Take

CHANNEL = "rest"
MAX_NAME = 255  # characters of a sender or a message id
LANGUAGES = ("nl", "en")

_ONLY_POST = Refusal(405, "method_not_allowed", "Send a POST with a JSON object.")


class RestChannel:
    """`POST /webhooks/rest/webhook`. An ASGI application of its own: nothing stands between the server and it."""

    def __init__(
        self,
        take: Take,
        *,
        token: str,
        key: bytes,
        total: Limiter | None,
        sender: Limiter,
        now: Callable[[], datetime],
    ) -> None:
        """`total` is for all callers together, `sender` for each person they bring."""
        self._take, self._token, self._key, self._now = take, token, key, now
        self._total, self._sender = total, sender

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        refusal = self._refuse(scope, headers)
        if refusal is not None:
            await send_refusal(send, refusal, [(b"allow", b"POST")] if refusal is _ONLY_POST else [])
            return
        body = await read_body(headers, receive, JSON_CAP)
        if body is None:
            return
        incoming = body if isinstance(body, Refusal) else self._read(body)
        answer = incoming if isinstance(incoming, Refusal) else await self._answer(incoming)
        if isinstance(answer, Refusal):
            await send_refusal(send, answer)
        else:
            await send_json(send, 200, answer)

    def _refuse(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Refusal | None:
        if not may_enter(scope, headers, self._token):
            return FORBIDDEN
        if scope["method"] != "POST":
            return _ONLY_POST
        wait = self._total.take("") if self._total is not None else 0.0
        return too_often(wait) if wait else None

    def _read(self, body: bytes) -> Incoming | Refusal:
        document = parse_object(body)
        if isinstance(document, Refusal):
            return document
        incoming = read_incoming(document, key=self._key, at=self._now())
        wait = self._sender.take(incoming.channel_ref) if isinstance(incoming, Incoming) else 0.0
        return too_often(wait) if wait else incoming

    async def _answer(self, incoming: Incoming) -> list[dict[str, object]] | Refusal:
        reply = await take_turn(self._take, incoming)
        if isinstance(reply, Refusal):
            return reply
        return to_wire(incoming.channel_ref, reply.messages)


async def answer_health(_: Request) -> Response:
    """`GET /webhooks/rest/`, as Rasa answers it."""
    return JSONResponse({"status": "ok"})


def read_incoming(document: Mapping[str, object], *, key: bytes, at: datetime) -> Incoming | Refusal:
    """What a request says, or which field of it is wrong. `at` is UTC."""
    sender, message, metadata = (document.get(name) for name in ("sender", "message", "metadata"))
    if not isinstance(sender, str) or not 0 < len(sender) <= MAX_NAME:
        return _bad("sender", f"must be a string of 1 to {MAX_NAME} characters")
    if not isinstance(message, str):
        return _bad("message", "must be a string")
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        return _bad("metadata", "must be an object when it is given")
    message_id = metadata.get("message_id")
    if message_id is not None and (not isinstance(message_id, str) or not 0 < len(message_id) <= MAX_NAME):
        return _bad("metadata.message_id", f"must be a string of 1 to {MAX_NAME} characters when it is given")
    return Incoming(
        channel=CHANNEL,
        channel_ref=sound_text(sender),
        kind=IncomingKind.TAP if message.startswith("/") else IncomingKind.TEXT,
        at=at,
        update_id=update_id(key, CHANNEL, sender, message_id) if message_id is not None else None,
        text=sound_text(message),
        language=_language(metadata.get("language")),
        simulated=metadata.get("simulated") is True,
    )


def _language(value: object) -> str:
    return value if isinstance(value, str) and value in LANGUAGES else ""


def _bad(field: str, rule: str) -> Refusal:
    return Refusal(400, "bad_field", f"The field '{field}' {rule}.")
