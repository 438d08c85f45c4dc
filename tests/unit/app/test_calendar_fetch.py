"""A calendar of somebody's own, fetched from real servers on this machine."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from aiohttp import web

from app.calendar_fetch import Address, Reach, fetch_busy, fetch_calendar, is_public, read_apart
from domain.session import Stretch
from scheduler.busy_times import MOST_BYTES, CalendarTrouble, Unreadable
from tests.emulator.fixtures import anyio_backend

__all__ = ["anyio_backend"]
pytestmark = pytest.mark.anyio

BEGIN, END = datetime(2026, 11, 30, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
OWN = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
    b"DTSTART:20261201T090000Z\r\nDTEND:20261201T100000Z\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
ANY = (Stretch(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)),)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def only_here(address: Address) -> bool:
    return address == ip_address("127.0.0.1")


HERE = Reach(may_reach=only_here, schemes=frozenset({"http"}))


@contextlib.asynccontextmanager
async def served(handler: Handler, host: str = "127.0.0.1") -> AsyncIterator[tuple[str, list[str]]]:
    """Where it is served, and the paths that were asked for."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return await handler(request)

    runner = web.ServerRunner(web.Server(handle, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, 0).start()
    try:
        yield f"http://{host}:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def calendar(request: web.Request) -> web.StreamResponse:
    return web.Response(body=OWN % b"", content_type="text/calendar")


async def test_an_own_calendar_says_when_somebody_is_busy() -> None:
    async with served(calendar) as (server, _):
        assert await fetch_busy(f" {server}/own.ics\n", BEGIN, END, HERE) == ANY


@pytest.mark.parametrize(
    "link",
    ["", "agenda", "http://example.org/a.ics", "ftp://example.org/a.ics", "file:///etc/passwd", "https://",
     "https:///a.ics", "https://[::1", "https://example.org:port/", "javascript:alert(1)"],
)  # fmt: skip # read as one list
async def test_a_link_that_is_no_https_address_is_not_followed(link: str) -> None:
    nowhere = Reach(may_reach=lambda address: pytest.fail("no connection is made"))

    assert await fetch_busy(link, BEGIN, END, nowhere) == Unreadable(CalendarTrouble.LINK)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"])
async def test_an_address_of_this_machine_is_refused_before_anything_is_sent(host: str) -> None:
    async with served(calendar) as (server, asked):
        link = f"http://{host}:{server.rpartition(':')[2]}/own.ics"

        refused = await fetch_busy(link, BEGIN, END, Reach(schemes=frozenset({"http"})))

        assert refused == Unreadable(CalendarTrouble.PRIVATE)
        assert asked == []
        if host != "[::1]":  # the guard, and nothing else, is what kept it away
            everywhere = Reach(may_reach=lambda address: True, schemes=frozenset({"http"}))
            assert await fetch_busy(link, BEGIN, END, everywhere) == ANY


async def test_a_redirect_to_where_we_may_not_go_is_refused() -> None:
    async with served(calendar, "127.0.0.2") as (secret, asked):

        async def elsewhere(request: web.Request) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": f"{secret}/metadata"})

        async with served(elsewhere) as (server, _):
            assert await fetch_busy(server, BEGIN, END, HERE) == Unreadable(CalendarTrouble.PRIVATE)
            assert asked == []


async def test_a_redirect_to_a_file_or_to_plain_http_is_refused() -> None:
    for where in ("file:///etc/passwd", "gopher://127.0.0.1/"):

        async def elsewhere(request: web.Request, where: str = where) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": where})

        async with served(elsewhere) as (server, _):
            assert await fetch_busy(server, BEGIN, END, HERE) == Unreadable(CalendarTrouble.LINK)


@pytest.mark.parametrize("steps, found", [(3, ANY), (4, Unreadable(CalendarTrouble.REFUSED))])
async def test_three_redirects_are_followed_and_no_more(steps: int, found: object) -> None:
    async def stairs(request: web.Request) -> web.StreamResponse:
        step = int(request.path.strip("/"))
        return (
            await calendar(request)
            if step == 0
            else web.Response(status=307, headers={"Location": f"/{step - 1}"})
        )

    async with served(stairs) as (server, asked):
        assert await fetch_busy(f"{server}/{steps}", BEGIN, END, HERE) == found
        assert len(asked) == 4


async def test_fifty_megabytes_are_not_taken_in() -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(50):
                await response.write(b" " * 1_000_000)
                sent += 1
        return response

    async with served(flood) as (server, _):
        assert await fetch_busy(server, BEGIN, END, HERE) == Unreadable(CalendarTrouble.TOO_LARGE)
    assert sent < 25  # what was on its way


async def test_fifty_megabytes_that_are_announced_are_not_waited_for() -> None:
    async def announced(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "50000000"})
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    async with served(announced) as (server, _):
        assert await fetch_busy(server, BEGIN, END, HERE) == Unreadable(CalendarTrouble.TOO_LARGE)


async def test_fifty_megabytes_in_a_small_parcel_are_not_taken_in() -> None:
    parcel = gzip.compress(b" " * 50_000_000)

    async def packed(request: web.Request) -> web.StreamResponse:
        return web.Response(body=parcel, headers={"Content-Encoding": "gzip"})

    assert len(parcel) < MOST_BYTES
    async with served(packed) as (server, _):
        assert await fetch_calendar(server, HERE) == Unreadable(CalendarTrouble.TOO_LARGE)


@pytest.mark.parametrize("begins", [False, True], ids=["never answers", "never ends"])
async def test_a_server_that_keeps_us_waiting_is_left(begins: bool) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if begins:
            await response.prepare(request)
            await response.write(OWN[:40])
        await asyncio.Event().wait()
        return response

    hasty = Reach(may_reach=only_here, schemes=frozenset({"http"}), fetch_seconds=0.3)
    async with served(silent) as (server, _):
        assert await fetch_busy(server, BEGIN, END, hasty) == Unreadable(CalendarTrouble.TOO_SLOW)


@pytest.mark.parametrize("status", [204, 401, 403, 404, 410, 500, 302])
async def test_another_answer_than_a_calendar_is_refused(status: int) -> None:
    async def no(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    async with served(no) as (server, _):
        assert await fetch_busy(server, BEGIN, END, HERE) == Unreadable(CalendarTrouble.REFUSED)


async def test_nobody_there_is_said() -> None:
    async with served(calendar) as (server, _):
        pass

    assert await fetch_busy(server, BEGIN, END, HERE) == Unreadable(CalendarTrouble.AWAY)


async def test_what_is_no_http_is_said() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await fetch_calendar(f"http://127.0.0.1:{port}", HERE) == Unreadable(CalendarTrouble.AWAY)


async def test_a_login_page_is_no_calendar() -> None:
    async def login(request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>Log in</html>", content_type="text/html")

    async with served(login) as (server, _):
        assert await fetch_busy(server, BEGIN, END, HERE) == Unreadable(CalendarTrouble.NOT_A_CALENDAR)


async def test_a_rule_without_end_is_stopped() -> None:
    never = OWN % b"RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\n"
    many = never.replace(b"END:VCALENDAR\r\n", b"") + b"".join(
        never.split(b"PRODID:x\r\n")[1].replace(b"END:VCALENDAR\r\n", b"").replace(b"UID:1", b"UID:%d" % each)
        for each in range(2, 300)
    )

    found = await read_apart(many + b"END:VCALENDAR\r\n", BEGIN, END, seconds=3.0)

    assert found == Unreadable(CalendarTrouble.TOO_FULL)


@pytest.mark.parametrize(
    "address, public",
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True),
        ("127.0.0.1", False), ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1", False), ("fc00::1", False),
        ("ff02::1", False), ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False), ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False), ("64:ff9b::5db8:d822", True), ("2001:0:1::1", False),
    ],
)  # fmt: skip # read as pairs
def test_only_addresses_for_everybody_are_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public
