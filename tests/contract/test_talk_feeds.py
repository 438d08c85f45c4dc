"""A calendar to subscribe to, from the address to the events, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from icalendar import Calendar
from starlette.applications import Starlette
from starlette.routing import Route
from structlog.testing import capture_logs

from app.talk_calendar import TalkCalendar
from app.talk_feeds import TalkFeeds, feed_hash, new_token
from bot.channels.limits import Limiter, Rate
from bot.channels.web.feed import Feed, FeedDoor
from bot.texts.catalogue import load_catalogue
from domain.errors import DomainError
from domain.session import SessionKind, SessionStatus, Stretch
from storage import Store, Vault
from tests.browser.fakes import Answer
from tests.contract.conftest import KEY
from tests.contract.test_sessions import NOW, PLACE, SESSION, at, book, do
from tests.contract.test_sessions_people import hire

pytestmark = pytest.mark.anyio
VAULT = Vault.open(key=KEY)
TOKEN = new_token()


def days(count: int) -> Stretch:
    return Stretch(at(10) + timedelta(days=count), at(11, 30) + timedelta(days=count))


def feeds(store: Store) -> TalkFeeds:
    return TalkFeeds(store, VAULT, TalkCalendar(load_catalogue()), lambda: NOW)


async def fill(store: Store) -> None:
    await hire(store)
    home = replace(SESSION, id="home", kind=SessionKind.HOME, place=None, room="", when=days(2))
    off = replace(SESSION, id="off", status=SessionStatus.CANCELLED, sequence=2, when=days(3))
    others = replace(SESSION, id="others", resident_meemaker="els", when=days(4))
    for each in (SESSION, home, off, others, replace(SESSION, id="old", when=days(-40))):
        await book(store, each, "ref-resident")


async def get(door: FeedDoor, token: str) -> Answer:
    path = f"/agenda/{token}.ics"
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": ("203.0.113.7", 50_000),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await Starlette(routes=[Route("/agenda/{token}.ics", door.show)])(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, sent[1]["body"])


def door(feed: Feed, *, burst: int = 60) -> FeedDoor:
    return FeedDoor(feed, Limiter(Rate(60, burst), clock=lambda: 0.0))


async def ask(store: Store, token: str) -> Answer:
    return await get(door(feeds(store).show), token)


async def test_meemaker_sees_their_talks_and_no_resident(store: Store) -> None:
    await fill(store)
    assert await do(store, lambda db: db.new_feed("meemaker", "fatima", feed_hash(VAULT, TOKEN)))

    answer = await ask(store, TOKEN)
    events = Calendar.from_ical(answer.body).walk("VEVENT")

    assert [(str(each["UID"]).partition("@")[0], str(each["STATUS"])) for each in events] == [
        ("s1", "TENTATIVE"),
        ("home", "TENTATIVE"),
        ("off", "CANCELLED"),
    ]
    assert "samen met Jan" in events[0]["DESCRIPTION"]
    assert events[1]["LOCATION"] == "Bij een bewoner thuis"
    assert b"ref-resident" not in answer.body
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_location_sees_what_is_held_there(store: Store) -> None:
    await fill(store)
    await do(store, lambda db: db.new_feed("place", "huis", feed_hash(VAULT, TOKEN)))

    calendar = Calendar.from_ical((await ask(store, TOKEN)).body)

    assert [str(each["UID"]).partition("@")[0] for each in calendar.walk("VEVENT")] == ["s1", "off", "others"]
    assert str(calendar["X-WR-CALNAME"]) == f"Gesprekken van Wijkverhaal: {PLACE.name}"


async def test_new_address_ends_the_old_one(store: Store) -> None:
    await fill(store)
    after = new_token()
    for token in (TOKEN, after):
        await do(store, lambda db, token=token: db.new_feed("meemaker", "fatima", feed_hash(VAULT, token)))

    assert [(await ask(store, each)).status for each in (TOKEN, after)] == [404, 200]


@pytest.mark.parametrize("token", ["x", "a" * 5000, "Lc0vTq1f9zX2mHk7yRb3uW8nEo5sPa4d", "%00", "%ff", "é"])
async def test_whatever_is_not_there_gets_the_same_answer(store: Store, token: str) -> None:
    await fill(store)
    await do(store, lambda db: db.new_feed("meemaker", "fatima", feed_hash(VAULT, TOKEN)))

    with capture_logs() as logs:
        answers = [await ask(store, each) for each in (token, new_token())]

    assert [each.status for each in answers] == [404, 404]
    assert (answers[0].body, dict(answers[0].headers)) == (answers[1].body, dict(answers[1].headers))
    assert logs == []


async def test_database_that_is_away_says_when_to_come_back_and_logs_no_token() -> None:
    async def away(token: str) -> bytes | None:
        raise DomainError("storage_unavailable")

    with capture_logs() as logs:
        answer = await get(door(away), TOKEN)

    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert logs
    assert TOKEN not in str(logs)


async def test_who_asks_too_often_waits() -> None:
    async def nothing(token: str) -> bytes | None:
        return None

    asked = door(nothing, burst=2)
    found = [(await get(asked, "x")).status for _ in range(3)]

    assert found == [404, 404, 429]


def test_token_cannot_be_guessed() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert len(TOKEN) * 6 >= 120
