"""The web channel as routes for one Starlette application, from settings and callables; it starts nothing itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.limits import Limiter, Rate
from bot.channels.web.chat import Chat, ChatLimits
from bot.channels.web.feed import Feed, FeedDoor
from bot.channels.web.files import Files, load_files
from bot.channels.web.last_replies import LastReplies
from bot.channels.web.page import Page
from bot.channels.web.rest import RestChannel, answer_health
from bot.channels.web.visits import Visits
from bot.channels.web.wire import FORBIDDEN, is_loopback, may_enter, refusal_document
from domain.errors import DomainError

if TYPE_CHECKING:
    from bot.channels.web.turns import Take

MIN_KEY = 32  # bytes

VISIT_RATE = Rate(per_minute=40, burst=60)  # one whole intake fits, however fast
ADDRESS_RATE = Rate(per_minute=600, burst=200)
TOTAL_RATE = Rate(per_minute=30_000, burst=2_000)
REST_RATE = Rate(per_minute=120_000, burst=5_000)  # of all programs: more than one machine answers
SENDER_RATE = Rate(per_minute=120, burst=300)  # of one person behind a program, which may be a fast one
FEED_RATE = Rate(per_minute=60, burst=60)  # a calendar service fetches for many from one address

Health = Callable[[], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the web channel is served.

    `key` (at least 32 random bytes, the same on every machine and after a restart) signs the cookies. The doors
    `for_programs` (REST and metrics) are only there where that is wanted: see `may_open_to_programs`. An empty token
    leaves such a door to programs on this machine. `rest_rate` is for all REST callers together, None for no limit,
    `sender_rate` for each person they bring. Serve it behind a proxy only if the proxy adds X-Forwarded-For or
    Forwarded, as every common one does: without, the proxy itself would pass for a program on this machine.
    """

    key: bytes
    for_programs: bool = True
    rest_token: str = ""
    metrics_token: str = ""
    visit_rate: Rate = VISIT_RATE
    address_rate: Rate = ADDRESS_RATE
    total_rate: Rate = TOTAL_RATE
    rest_rate: Rate | None = REST_RATE
    sender_rate: Rate = SENDER_RATE
    feed_rate: Rate = FEED_RATE

    def __post_init__(self) -> None:
        if len(self.key) < MIN_KEY:
            raise DomainError("web_key_too_short", least=MIN_KEY)


def build_routes(
    settings: WebSettings,
    *,
    take: Take,
    health: Health,
    registry: CollectorRegistry,
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
    token_bytes: Callable[[int], bytes],
    feed: Feed | None = None,
) -> list[Route]:
    """`now` is UTC, `monotonic` counts seconds, `token_bytes` gives that many unguessable bytes (secrets). Without `feed`
    there are no calendars to subscribe to."""
    return [
        *(_program_routes(settings, take, registry, now, monotonic) if settings.for_programs else ()),
        *_chat_routes(settings, take, now, monotonic, token_bytes),
        *_feed_routes(settings, feed, monotonic),
        Route("/healthz", HealthDoor(health).show),
    ]


def may_open_to_programs(host: str, token: str) -> bool:
    """Whether the doors for programs may be there on this address: without a token only where nobody else can come."""
    return bool(token) or is_loopback(host)


def _program_routes(
    settings: WebSettings,
    take: Take,
    registry: CollectorRegistry,
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> list[Route]:
    rest = RestChannel(
        take,
        token=settings.rest_token,
        key=settings.key,
        total=Limiter(settings.rest_rate, clock=monotonic) if settings.rest_rate else None,
        sender=Limiter(settings.sender_rate, clock=monotonic),
        now=now,
    )
    return [
        Route("/webhooks/rest/webhook", rest),
        Route("/webhooks/rest/", answer_health),
        Route("/metrics", MetricsDoor(registry, settings.metrics_token).show),
    ]


def _chat_routes(
    settings: WebSettings,
    take: Take,
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
    token_bytes: Callable[[int], bytes],
) -> list[Route]:
    files = load_files()
    urls = {name: file.url for name, file in files.items()}
    chat = Chat(
        take,
        page=Page(css_url=urls["chat.css"], js_url=urls["chat.js"], icon_url=urls["icon.svg"]),
        visits=Visits(settings.key, now=now, token_bytes=token_bytes),
        limits=ChatLimits(
            visit=Limiter(settings.visit_rate, clock=monotonic),
            address=Limiter(settings.address_rate, clock=monotonic),
            total=Limiter(settings.total_rate, clock=monotonic),
        ),
        last_replies=LastReplies(clock=monotonic),
        key=settings.key,
        now=now,
        token_bytes=token_bytes,
    )
    return [
        Route("/", chat.show),
        Route("/chat/turn", chat.turn, methods=["POST"]),
        Route("/chat/form", chat.form, methods=["POST"]),
        Route("/chat/leave", chat.leave, methods=["POST"]),
        Route("/static/{name}", Files(files).show),
    ]


def _feed_routes(settings: WebSettings, feed: Feed | None, monotonic: Callable[[], float]) -> list[Route]:
    if feed is None:
        return []
    door = FeedDoor(feed, Limiter(settings.feed_rate, clock=monotonic))
    return [Route("/agenda/{token}.ics", door.show)]


class HealthDoor:
    """`GET /healthz`, for whoever watches the machine: 503 when the storage is down."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def show(self, request: Request) -> Response:
        found = dict(await self._health())
        status = 200 if found.get("storage") == "ok" else 503
        return JSONResponse(found, status, {"cache-control": "no-store"})


class MetricsDoor:
    """`GET /metrics`, in Prometheus' words."""

    def __init__(self, registry: CollectorRegistry, token: str) -> None:
        self._registry, self._token = registry, token

    async def show(self, request: Request) -> Response:
        if not may_enter(request.scope, dict(request.scope["headers"]), self._token):
            return JSONResponse(refusal_document(FORBIDDEN), 403)
        content = generate_latest(self._registry)
        return Response(content, headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"})
