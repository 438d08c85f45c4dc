"""The running assistant: the web server, Telegram when there is a token, the sender, the clock; and an orderly end."""

import asyncio
import contextlib
import errno
import gc
import os
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from app.campaigns import send_invitations
from app.due_work import do_due_work
from app.mailing import start_mail
from app.metrics import build_registry
from app.night_plan import NightlyPlan
from app.night_retention import NightlyRetention
from app.own_calendars import OwnCalendars
from app.settings import Settings
from app.talk_calendar import TalkCalendar
from app.talk_feeds import TalkFeeds
from app.telegram import Channels, TelegramPace, start_telegram
from app.themes import ThemeHearing
from app.understanding_news import UnderstandingNews
from app.wiring import House, open_house, utc_now
from bot.channels.web.server import WebSettings, build_routes, may_open_to_programs
from domain.errors import DomainError
from scheduler.clock import Clock

Say = Callable[[str], None]
log = structlog.get_logger()
HOUSEKEEPING_SECONDS = 600.0
DUE_WORK_SECONDS = 2.0
FORMS_SECONDS = 30.0
"""How soon a version that was published elsewhere is in use here."""
INVITING_SECONDS = 15.0
UNDERSTANDING_SECONDS = 5.0
CALENDARS_SECONDS = 5.0
"""How soon a calendar that a meemaker gives is read: they wait to hear whether it can be. One that was read waits for hours."""
THEMES_SECONDS = 15.0
REST_IS_OFF = "off on an address that others can reach (set WIJKVERHAAL_REST_TOKEN to switch it on)"
SILENCE_SECONDS = 60.0
WAITING_LIST_SECONDS = 300.0
PLAN_SECONDS = 60.0
"""How often is looked whether it is time for the plan of the night. It runs in this tick and holds up no other."""

RETENTION_SECONDS = 60.0
"""How often is looked whether it is the night for what has had its time."""


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: ours end everything, not just the web server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises DomainError("port_in_use") or DomainError("cannot_listen")."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted connections inherit it; without, an answer can wait 40 ms for the caller's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        code = "port_in_use" if error.errno == errno.EADDRINUSE else "cannot_listen"
        raise DomainError(code, host=host, port=port, reason=error.strerror or "not possible") from error
    return listener


async def serve(
    settings: Settings,
    say: Say,
    *,
    stop: asyncio.Event | None = None,
    pace: TelegramPace = TelegramPace(),
    now: Callable[[], datetime] = utc_now,
) -> None:
    """Runs until a signal (or `stop`). Raises DomainError when it cannot start, and what broke a part of it."""
    began = time.monotonic()
    stop = stop or asyncio.Event()
    listener = listen(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    with contextlib.closing(listener), _stopping_on_signals(stop):
        async with open_house(settings, say=say, now=now) as house, _channels(house, pace) as channels:
            for_programs = may_open_to_programs(host, settings.rest_token)
            server = _web_server(house, channels.routes, for_programs)
            web = asyncio.create_task(server.serve(sockets=[listener]), name="the web server")
            try:
                await _until_started(server, web)
                _spare_the_collector()
                _say_ready(
                    say,
                    house,
                    f"http://{f'[{host}]' if ':' in host else host}:{port}",
                    channels.telegram,
                    for_programs,
                    time.monotonic() - began,
                )
                async with _telling(say, _when_warm(house), *channels.news):
                    await _until_stopped(stop, web, *channels.running)
                say("Stopping.")
            finally:
                server.should_exit = True
                await web
    say("Stopped.")


def _spare_the_collector() -> None:
    """A turn leaves no cycles behind, so looking for them three times a turn is a tenth of its cost for nothing."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _until_started(server: Server, task: asyncio.Task[None]) -> None:
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    if task.done():
        task.result()


async def _until_stopped(stop: asyncio.Event, *running: asyncio.Task[None]) -> None:
    """Until the end is asked for. A part that ends before that would leave a silent assistant: raises what broke it."""
    asked = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({asked, *running}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    for task in done - {asked}:
        task.result()
        raise RuntimeError(f"{task.get_name()} ended by itself")


@contextlib.asynccontextmanager
async def _telling(say: Say, *news: Awaitable[str]) -> AsyncIterator[None]:
    """Says what becomes known while the assistant runs."""

    async def tell(coming: Awaitable[str]) -> None:
        sentence = await coming
        if sentence:
            say(sentence)

    tellers = [asyncio.ensure_future(tell(coming)) for coming in news]
    try:
        yield
    finally:
        for teller in tellers:
            teller.cancel()


@contextlib.contextmanager
def _stopping_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """The first signal asks for an orderly end, the second does not wait for it (children die with this process)."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _web_server(house: House, extra: list[BaseRoute], for_programs: bool) -> Server:
    registry, token = build_registry(house), house.settings.rest_token
    routes = build_routes(
        WebSettings(
            key=house.vault.secret_for("web"),
            for_programs=for_programs,
            rest_token=token,
            metrics_token=token,
        ),
        take=house.conversations.take,
        health=lambda: _health(house),
        registry=registry,
        now=house.now,
        monotonic=time.monotonic,
        token_bytes=secrets.token_bytes,
        feed=TalkFeeds(
            house.store, house.vault, TalkCalendar(house.catalogue, house.settings.mail_from), house.now
        ).show,
    )
    app = Starlette(routes=[*routes, *extra])
    proxies = house.settings.proxies
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=5,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
    )
    return Server(config)


async def _health(house: House) -> Mapping[str, object]:
    try:
        await house.store.ping()
        storage = "ok"
    except DomainError:
        storage = "down"
    status = "ok" if storage == "ok" else "down"
    return {"status": status, "storage": storage, "understanding": house.understanding.says}


@contextlib.asynccontextmanager
async def _channels(house: House, pace: TelegramPace) -> AsyncIterator[Channels]:
    """Telegram with its sender when there is a token, e-mail when there is a server, and the clock."""
    clock = Clock(lambda name, trouble: log.error("tick_failed", tick=name, error=type(trouble).__name__))
    async with contextlib.AsyncExitStack() as stack:
        channels = Channels()
        calendars = OwnCalendars(house.store, house.catalogue, house.now)
        await calendars.begin()
        stack.push_async_callback(calendars.close)
        if house.settings.telegram_token:
            channels = await start_telegram(house, clock, stack, pace)
        mailing = await start_mail(house, stack)
        channels.running += [mailing] if mailing is not None else []
        clock.every(DUE_WORK_SECONDS, "due-work", lambda: do_due_work(house, house.now()))
        clock.every(CALENDARS_SECONDS, "calendars", calendars.look)
        clock.every(HOUSEKEEPING_SECONDS, "purge", lambda: _purge(house, house.now()))
        clock.every(FORMS_SECONDS, "forms", house.shelf.refresh)
        clock.every(INVITING_SECONDS, "invite", lambda: _invite(house, house.now()))
        clock.every(UNDERSTANDING_SECONDS, "understanding", UnderstandingNews(house).look)
        if house.talk_news is not None:
            talks = house.talk_news
            clock.every(SILENCE_SECONDS, "silence", lambda: talks.expire(house.now()))
            clock.every(WAITING_LIST_SECONDS, "waiting-list", lambda: talks.look_again(house.now()))
        clock.every(PLAN_SECONDS, "plan", NightlyPlan(house.store, house.now).look)
        clock.every(
            RETENTION_SECONDS,
            "retention",
            NightlyRetention(house.store, house.settings.keep_days, house.now).look,
        )
        clock.every(THEMES_SECONDS, "themes", ThemeHearing(house).look)
        clock.start()
        stack.callback(clock.stop)
        yield channels


async def _invite(house: House, now: datetime) -> None:
    """Invitations to a campaign that wait."""
    await send_invitations(house.store, house.shelf, house.catalogue, now)


async def _purge(house: House, now: datetime) -> None:
    """What must not stay: old update ids, sent messages, people who never gave consent."""
    await house.store.purge(now=now)


def shown_database(url: str) -> str:
    """Where the answers are, without a password."""
    parts = urlsplit(url)
    if parts.scheme.startswith("sqlite"):
        return f"SQLite, {parts.path.removeprefix('/')}"
    return f"PostgreSQL, {parts.path.removeprefix('/')} on {parts.hostname or 'this machine'}"


def _say_ready(say: Say, house: House, url: str, telegram: str, for_programs: bool, seconds: float) -> None:
    say(f"wijkverhaal is ready after {seconds:.1f} seconds.")
    say(f"  Chat page      {url}")
    say(f"  REST channel   {f'{url}/webhooks/rest/webhook' if for_programs else REST_IS_OFF}")
    say(f"  Health         {url}/healthz")
    say(f"  Telegram       {telegram}")
    say(f"  Database       {shown_database(house.settings.database)}")
    if house.settings.mail_server is not None:
        say(
            f"  E-mail         signals go to {len(house.settings.mail_to)} by {house.settings.mail_server.host}"
        )
    if house.understanding.trouble:
        say(f"  Understanding  rules only. {house.understanding.trouble}")
    elif house.understanding.is_starting:
        say("  Understanding  buttons and rules now; Rasa is warming up (about 20 seconds)")
    elif not house.understanding.is_warm:
        say("  Understanding  rules only for now. No Rasa of WIJKVERHAAL_RASA_URL answers; I keep looking")
    say("Stop with Ctrl-C.")


async def _when_warm(house: House) -> str:
    """What became of the model; nothing when there is none to wait for."""
    server = house.understanding.server
    if server is None:
        return ""
    state = await server.wait_until_settled()
    if house.understanding.is_warm:
        return "Rasa is warm: understanding is complete."
    return f"Rasa did not start; rules and buttons go on working. {getattr(state, 'reason', '')}"
