"""`GET /agenda/<token>.ics`: somebody's talks for a calendar that comes to fetch them. What is in it is made elsewhere."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.limits import Limiter
from bot.channels.web.wire import HEADERS, address_of
from domain.errors import DomainError

Feed = Callable[[str], Awaitable[bytes | None]]
"""The calendar behind a token, None when there is none."""

LONGEST_TOKEN = 200
_PRIVATE = {**HEADERS, "cache-control": "private, no-cache", "x-robots-tag": "noindex"}


class FeedDoor:
    """Whoever asks for an unknown token learns nothing of how wrong it is: everything that is not there gets the same
    answer, after the same look. The token is in no log."""

    def __init__(self, feed: Feed, limiter: Limiter) -> None:
        self._feed, self._limiter = feed, limiter

    async def show(self, request: Request) -> Response:
        client = request.client
        wait = self._limiter.take(address_of(client.host) if client is not None else "")
        if wait:
            return _plain(429, {"retry-after": str(int(wait) + 1)})
        try:
            found = await self._feed(request.path_params["token"][:LONGEST_TOKEN])
        except DomainError as error:
            structlog.get_logger().warning("feed.not_shown", code=error.code)
            return _plain(503, {"retry-after": "60"})
        if found is None:
            return _plain(404)
        return Response(
            found,
            media_type="text/calendar; charset=utf-8",
            headers={**_PRIVATE, "content-disposition": 'inline; filename="wijkverhaal.ics"'},
        )


def _plain(status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(b"", status, {**_PRIVATE, **(headers or {})})
