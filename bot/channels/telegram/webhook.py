"""Receives by webhook: an update is answered with 200 when it is committed, and not before."""

import hmac
import json
import re

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.turns import Turns
from domain.errors import DomainError

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST_BODY = 1024 * 1024
"""Bytes. Telegram's own updates stay far below it."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def check_secret(secret: str) -> None:
    """Raises DomainError("telegram_webhook_secret") when there is none, or one that Telegram does not take."""
    if not _SECRET.fullmatch(secret):
        raise DomainError("telegram_webhook_secret")


class Webhook:
    """Answers 401 without the secret, 413 and 400 for a body that is no update, and 503 when the storage is away or `most`
    updates are being taken: Telegram then sends the update again."""

    def __init__(self, *, turns: Turns, secret: str, most: int) -> None:
        check_secret(secret)
        self._turns, self._secret = turns, secret.encode()
        self._most, self._at_once = most, 0

    def route(self, path: str) -> Route:
        return Route(path, self._receive, methods=["POST"])

    async def _receive(self, request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret):
            return Response(status_code=401)
        if self._at_once >= self._most:
            return Response(status_code=503, headers={"retry-after": "1"})
        self._at_once += 1
        try:
            return await self._read_and_take(request)
        finally:
            self._at_once -= 1

    async def _read_and_take(self, request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        return await self._take(update) if isinstance(update, dict) else Response(status_code=400)

    async def _take(self, update: dict[str, object]) -> Response:
        try:
            await self._turns.take(update)
        except DomainError as error:
            if error.code != "storage_unavailable":
                raise
            log.warning("telegram_webhook_waits_for_storage")
            return Response(status_code=503)
        return Response(status_code=200)


async def _read(request: Request) -> bytes | None:
    """The body, or None when it is larger than we take, whatever its header said."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)
