"""Fetches somebody's own calendar from the address they gave, and has it read in a process of its own.

The address comes from outside, so it may lead anywhere: only public addresses are gone to, also after a redirect and
whatever the name resolves to at that moment. The address is as good as a password and stands in no log."""

import asyncio
import ipaddress
import json
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp.abc import AbstractCookieJar
from yarl import URL

from domain.session import Stretch
from scheduler.busy_times import MOST_BYTES, CalendarTrouble, Unreadable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

FETCH_SECONDS = 15.0
READ_SECONDS = 60.0  # the largest there may be takes 17 on a machine that is busy with more
MOST_REDIRECTS = 3

_MOVED = frozenset({301, 302, 303, 307, 308})
_THROUGH_IPV4 = ipaddress.ip_network("64:ff9b::/96")  # NAT64: the last 32 bits are an IPv4 address


def is_public(address: Address) -> bool:
    """Whether everybody on the internet can go there; not so of this machine and of the networks it stands in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _THROUGH_IPV4:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True, slots=True)
class Reach:
    """Where may be gone to, and how long it may take. Tests go to this machine."""

    may_reach: Callable[[Address], bool] = is_public
    schemes: frozenset[str] = frozenset({"https"})
    fetch_seconds: float = FETCH_SECONDS
    read_seconds: float = READ_SECONDS


async def fetch_busy(
    link: str, begin: datetime, end: datetime, reach: Reach = Reach()
) -> tuple[Stretch, ...] | Unreadable:
    """When the owner of the calendar at that address is busy between two times with a zone: UTC, soonest first."""
    fetched = await fetch_calendar(link, reach)
    if isinstance(fetched, Unreadable):
        return fetched
    return await read_apart(fetched, begin, end, reach.read_seconds)


async def fetch_calendar(link: str, reach: Reach = Reach()) -> bytes | Unreadable:
    """What stands at that address, at most MOST_BYTES of it."""
    door = _Door(reach.may_reach)
    try:
        async with asyncio.timeout(reach.fetch_seconds), _session(door) as session:
            return await _follow(session, link, reach)
    except TimeoutError:
        return Unreadable(CalendarTrouble.TOO_SLOW)
    except (aiohttp.ClientError, OSError, ValueError):
        return Unreadable(CalendarTrouble.PRIVATE if door.refused else CalendarTrouble.AWAY)


async def read_apart(
    calendar: bytes, begin: datetime, end: datetime, seconds: float = READ_SECONDS
) -> tuple[Stretch, ...] | Unreadable:
    """`busy_in` in another process, which is stopped when it takes too long: some rules have no end, and a large
    calendar would keep everybody in the chat waiting."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.calendar_reading", begin.isoformat(), end.isoformat(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip # a command in one line
    try:
        async with asyncio.timeout(seconds):
            said, _ = await child.communicate(calendar)
    except TimeoutError:
        return Unreadable(CalendarTrouble.TOO_FULL)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:  # out of memory
        return Unreadable(CalendarTrouble.TOO_FULL)
    return _answer(json.loads(said))


class _Door:
    """Makes every connection of a session, to addresses that may be reached. Here the name has been resolved: what is
    looked at is what is connected to."""

    def __init__(self, may_reach: Callable[[Address], bool]) -> None:
        self._may_reach = may_reach
        self.refused = False

    def __call__(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, where = info
        if not self._may_reach(ipaddress.ip_address(str(where[0]).partition("%")[0])):
            self.refused = True
            raise OSError("this address is not public")
        return socket.socket(family=family, type=kind, proto=protocol)


def _session(door: _Door) -> aiohttp.ClientSession:
    cookies: AbstractCookieJar = aiohttp.DummyCookieJar()
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(socket_factory=door, use_dns_cache=False),
        cookie_jar=cookies,
        headers={"User-Agent": "wijkverhaal", "Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=None),
    )  # fmt: skip # the headers are one line


async def _follow(session: aiohttp.ClientSession, link: str, reach: Reach) -> bytes | Unreadable:
    where = _location(link)
    for _ in range(MOST_REDIRECTS + 1):
        if where is None or where.scheme not in reach.schemes or not where.host:
            return Unreadable(CalendarTrouble.LINK)
        async with session.get(where, allow_redirects=False) as response:
            if response.status in _MOVED and "Location" in response.headers:
                where = _location(response.headers["Location"], where)
                continue
            if response.status != 200:
                return Unreadable(CalendarTrouble.REFUSED)
            return await _body(response)
    return Unreadable(CalendarTrouble.REFUSED)


def _location(link: str, base: URL | None = None) -> URL | None:
    try:
        url = URL(link.strip())
        url = base.join(url) if base is not None else url
        # What calendars put in their "subscribe" buttons.
        return url.with_scheme("https") if url.scheme in ("webcal", "webcals") else url
    except ValueError:
        return None


async def _body(response: aiohttp.ClientResponse) -> bytes | Unreadable:
    if (response.content_length or 0) > MOST_BYTES:
        return Unreadable(CalendarTrouble.TOO_LARGE)
    body = bytearray()
    async for piece in response.content.iter_chunked(65536):
        body += piece
        if len(body) > MOST_BYTES:
            return Unreadable(CalendarTrouble.TOO_LARGE)
    return bytes(body)


def _answer(said: dict[str, Any]) -> tuple[Stretch, ...] | Unreadable:
    if "reason" in said:
        return Unreadable(CalendarTrouble(said["reason"]))
    return tuple(
        Stretch(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in said["busy"]
    )
