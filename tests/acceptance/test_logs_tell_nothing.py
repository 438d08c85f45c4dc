"""A hundred and more secrets by every path into the running product, through all that can go wrong on it: none of them stands
in what it writes while its log is at its most talkative, and that log does tell what happened and to which reference."""

import asyncio
import http.client
import json
import re
import resource
import socket
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from benchmarks.broken_rasa import RUBBISH, WELL, BrokenRasa, broken_rasa
from tests.acceptance.canary_lives import Visitor
from tests.acceptance.running import Assistant, Resident, post, rows, run_command
from tests.acceptance.telegram_residents import Town, answer_to, town
from tests.acceptance.test_sessions_commands import PEOPLE
from tests.acceptance.test_telegram_staff import join
from tests.canary import hits
from tests.emulator.client import Resident as Person
from tests.emulator.client import fault
from tests.fakes.mail_server import Post, post_office
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.anyio
DEBUG = {"WIJKVERHAAL_LOG_LEVEL": "debug"}
SETTINGS = DEBUG | {
    "WIJKVERHAAL_OPENING_HOURS": "ma-zo 00:00-24:00",
    "WIJKVERHAAL_WEBHOOK_SECRET": "the-secret-of-the-webhook",
    "WIJKVERHAAL_MAIL_FROM": "bot@example.nl",
    "WIJKVERHAAL_MAIL_TO": "wacht@example.nl",
}
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
HOOK = {**JSON, "X-Telegram-Bot-Api-Secret-Token": SETTINGS["WIJKVERHAAL_WEBHOOK_SECRET"]}
REST, TURN, UPDATES = "/webhooks/rest/webhook", "/chat/turn", "/telegram/webhook"
MIXED_MOODS = ("hangs_up", "error", "redirects", *list(RUBBISH)[:5])


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


@dataclass
class Place:
    town: Town
    mail: Post
    rasa: BrokenRasa
    assistant: Assistant
    secrets: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    """What commands beside it wrote into the log."""

    def secret(self, path: str) -> str:
        self.secrets.append(f"Geheim{len(self.secrets):03}{path.title().replace(' ', '')}Zz")
        return self.secrets[-1]

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> int:
        address = self.assistant.address
        with closing(http.client.HTTPConnection(*address, timeout=PATIENCE)) as connection:
            connection.request(method, path, body or None, dict(headers or {}))
            response = connection.getresponse()
            response.read()
            return response.status

    def post(self, path: str, document: object, headers: Mapping[str, str] | None = None) -> int:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.request("POST", path, body, headers or JSON)

    def raw(self, data: str) -> None:
        """Bytes that are no request at all, or half of one."""
        with socket.create_connection(self.assistant.address, timeout=PATIENCE) as connection:
            connection.sendall(data.encode())
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass

    def database(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.town.app.database, timeout=PATIENCE)) as db, db:
            db.execute(statement, values)

    async def command(self, *arguments: str, status: int) -> str:
        done = await asyncio.to_thread(run_command, *arguments, data=self.town.app.data, extra=DEBUG)
        assert done.returncode == status, done.stderr
        self.commands += [line for line in done.stderr.splitlines() if line.startswith("{")]
        return done.stderr


@asynccontextmanager
async def place_at(folder: Path) -> AsyncIterator[Place]:
    with broken_rasa() as rasa:
        async with post_office() as mail:
            settings = SETTINGS | {
                "WIJKVERHAAL_RASA_URL": rasa.url,
                "WIJKVERHAAL_SMTP": f"smtp://127.0.0.1:{mail.port}",
            }
            async with town(folder / "data", "webhook", extra=settings, arguments=()) as running:
                assistant = object.__new__(
                    Assistant
                )  # started by the town; it is asked for its address alone
                assistant.url = (await running.app.wait_for_line("Chat page")).split()[-1]
                yield Place(running, mail, rasa, assistant)


# the ways in


def requests_to_rest(place: Place) -> None:
    secret = place.secret
    good = {"sender": secret("rest sender"), "message": secret("rest message")}
    bad: list[object] = [
        {**good, "metadata": {"message_id": secret("rest message id"), secret("rest field"): 1}},
        {**good, "metadata": secret("rest metadata")},
        {**good, "metadata": {"language": secret("rest language")}},
        {"sender": [secret("rest list")], "message": "x"},
        {"sender": secret("rest long") * 20, "message": "x"},
        {"sender": "x", "message": [secret("rest words in a list")]},
        [secret("rest array")],
        secret("rest text"),
        secret("rest no json").encode(),
        f'{{"sender": "{secret("rest half")}'.encode(),
        secret("rest bytes").encode() + b"\xff\xfe",
        secret("rest utf16").encode("utf-16"),
        secret("rest much").encode() * 5_000,
        f'{{"sender": "{secret("rest deep")}", "message": {"[" * 20_000}'.encode(),
    ]
    assert place.post(REST, good) == 200
    for document in bad:
        assert place.post(REST, document) in (200, 400, 413)
    for name in (
        "authorization",
        "cookie",
        "user-agent",
        "referer",
        "x-forwarded-for",
        "x-request-id",
        "content-type",
    ):
        place.post(REST, {"sender": "x", "message": "hallo"}, {**JSON, name: secret(f"header {name}")})
    place.post(REST, {"sender": "x", "message": "hallo"}, {**JSON, secret("header name"): "1"})
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        place.request(method, f"{REST}?{secret(f'query of {method}')}={secret(f'value of {method}')}")
    assert place.request("GET", f"/{secret('path')}/{quote(secret('path with more'))}") == 404
    file = f'--x\r\ncontent-disposition: form-data; name="f"; filename="{secret("file name")}"\r\n\r\n{secret("file")}\r\n--x--'
    place.post(REST, file.encode(), {"content-type": "multipart/form-data; boundary=x"})
    place.raw(f"{secret('no request')}\r\n\r\n")
    place.raw(f"GET / HTTP/1.1\r\n{secret('bad header')}\r\n\r\n")
    place.raw(f"POST {REST} HTTP/1.1\r\nhost: x\r\ncontent-length: 999\r\n\r\n{secret('half a body')}")
    place.raw(
        f"POST {REST} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{secret('bad chunk')}\r\n"
    )


def requests_of_the_page(place: Place) -> None:
    secret = place.secret
    visitor = Visitor(place.assistant)
    visitor.turn("open")
    visitor.say(secret("page words"))
    said = {"id": "turn-of-mine", "kind": "text", "text": "hallo"}
    own = {**JSON, "cookie": visitor.cookie}
    for document in (
        {**said, "id": secret("page id") + "!"},
        {**said, "kind": secret("page kind")},
        {**said, "kind": "tap", "text": f"/{secret('page tap')}"},
        {**said, "kind": "tap", "text": secret("page no tap")},
        {**said, "text": [secret("page list")]},
        {**said, "language": secret("page language")},
        {**said, "text": secret("page much") * 5_000},
        secret("page no json").encode(),
    ):
        place.post(TURN, document, own)
    place.post(TURN, said, {**own, "origin": f"https://{secret('page origin')}.nl"})
    place.post(TURN, said, {**own, "cookie": f"wijkverhaal={secret('page cookie')}"})
    place.post(TURN, {**said, "text": secret("page wrong type")}, {"content-type": "text/plain"})
    for path in ("/chat/form", "/chat/leave"):
        body = f"id=12345678&text={secret(f'words to {path[6:]}')}&lang={secret(f'language to {path[6:]}')}"
        place.post(path, body.encode(), {**FORM, "cookie": visitor.cookie})
    place.post("/chat/form", "&".join(f"{secret('page field')}=1" for _ in range(30)).encode(), FORM)
    place.post("/chat/form", secret("page large form").encode() * 10_000, FORM)
    for path in (f"/static/{secret('static')}", f"/static/..%2f{secret('static above')}", f"/agenda/{secret('feed')}.ics",
                 f"/?start={secret('page start')}", f"/?start=mm-{secret('page link')}", f"/?lang={secret('page lang')}",
                 f"/metrics?{secret('metrics')}", f"/healthz?{secret('health')}"):  # fmt: skip # a list reads as one
        place.request("GET", path)


NOW = 1_796_000_000
CHAT, FROM = {"id": 7_001, "type": "private"}, {"id": 7_001, "is_bot": False, "first_name": "A"}


def updates_of_telegram(place: Place) -> None:
    """As anybody can send them to the address, and as Telegram might."""
    secret = place.secret
    assert place.post(UPDATES, {"update_id": secret("hook without a key")}) == 401
    assert (
        place.post(UPDATES, {"update_id": 1}, {**HOOK, "X-Telegram-Bot-Api-Secret-Token": secret("hook key")})
        == 401
    )
    for body in (
        secret("hook no json").encode(),
        json.dumps([secret("hook list")]).encode(),
        f'{{"{secret("hook deep")}": {"[" * 50_000}'.encode(),
        secret("hook much").encode() * 60_000,
    ):
        assert place.post(UPDATES, body, HOOK) in (400, 413)
    message = {"message_id": 1, "date": NOW, "chat": CHAT, "from": FROM}
    group = {"id": -7_002, "type": "group", "title": secret("hook group")}
    press = {"id": secret("hook press"), "from": FROM, "chat_instance": "1"}
    updates: list[dict[str, object]] = [
        {"message": secret("hook message")},
        {"message": {**message, "text": {secret("hook key of text"): 1}}},
        {"message": {**message, "date": secret("hook date"), "text": "x"}},
        {"message": {**message, "chat": {"id": secret("hook chat"), "type": "private"}, "text": "x"}},
        {"message": {**message, "location": {"latitude": secret("hook latitude"), "longitude": 5}}},
        {"message": {**message, "photo": [], "caption": secret("hook caption")}},
        {
            "message": {
                **message,
                "voice": {"file_id": secret("hook voice")},
                "caption": secret("hook said with it"),
            }
        },
        {
            "message": {
                **message,
                "contact": {"phone_number": secret("hook phone"), "first_name": secret("hook name")},
            }
        },
        {"message": {**message, "text": f"/start {secret('hook payload')}"}},
        {
            "message": {
                **message,
                "from": {**FROM, "username": secret("hook user")},
                "text": secret("hook text"),
            }
        },
        {"message": {**message, "chat": group, "text": secret("hook in a group")}},
        {"edited_message": {**message, "edit_date": secret("hook edited at"), "text": secret("hook edited")}},
        {"edited_message": {**message, "edit_date": NOW, "text": secret("hook edited words")}},
        {"callback_query": {**press, "data": secret("hook data"), "message": message}},
        {"callback_query": {**press, "data": f"/{secret('hook tap')}", "message": message}},
        {"callback_query": secret("hook query")},
        {"my_chat_member": {"chat": CHAT, "new_chat_member": secret("hook member")}},
        {secret("hook new kind"): {"said": secret("hook new words")}},
    ]
    for number, update in enumerate(updates):
        assert place.post(UPDATES, {"update_id": 9_000_000 + number, **update}, HOOK) == 200


# what breaks on the way


async def chat_with_refusals(place: Place) -> Person:
    """Telegram refuses what is said to staff and to a resident, with words of its own that quote them."""
    running, secret = place.town, place.secret
    anna, _ = await join(running, "Anna")
    fatima = await running.emulator.resident(secret("first name"), last_name=secret("last name"))
    await fatima.start()
    await answer_to(fatima)
    await fatima.say("ik wil een mens spreken")
    await fatima.next_messages()
    await anna.tap("Ik neem dit", message_id=(await anna.next_messages())[0].id)
    for kind in ("bad_request", "server_error", "bad_gateway", "drop_before", "drop_after"):
        words = secret(f"refused by {kind}")
        await running.emulator.script(
            fault(
                kind,
                method="sendMessage",
                chat_id=anna.chat_id,
                description=f"{words}: {secret('description')}",
            )
        )
        await fatima.say(words)
    await running.app.wait_for_line("send_failed")
    await running.emulator.script(
        fault("bad_request", method="answerCallbackQuery", description=secret("callback"))
    )
    await anna.say(secret("of staff"))
    await running.settled()
    await fatima.say("stop")
    await running.settled()
    return fatima


async def storage_away(place: Place, fatima: Person) -> None:
    """The files cannot grow, as on a full disk; then another program holds the database."""
    secret, process = place.secret, place.town.app.process.pid
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    async def say(what: str) -> list[int]:
        """By three channels at once."""
        rest = {"sender": secret(f"sender {what}"), "message": secret(f"message {what}")}
        page = {"id": f"turn-{what}", "kind": "open", "text": secret(f"page {what}")}
        message = {"message_id": 1, "date": NOW, "chat": CHAT, "from": FROM, "text": secret(f"update {what}")}
        update = {"update_id": 9_100_000 + len(place.secrets), "message": message}
        each = ((REST, rest, JSON), (TURN, page, JSON), (UPDATES, update, HOOK))
        return list(await asyncio.gather(*(asyncio.to_thread(place.post, *one) for one in each)))

    resource.prlimit(process, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
    full = await say("full")
    resource.prlimit(process, resource.RLIMIT_FSIZE, unlimited)
    with closing(sqlite3.connect(place.town.app.database, isolation_level=None, timeout=PATIENCE)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        locked = await say("locked")
    assert full == locked == [503] * 3


async def turns_that_crash(place: Place, fatima: Person) -> None:
    """What is kept of somebody cannot be read: an error that quotes it, in three channels."""
    secret = place.secret
    visitor = Visitor(place.assistant)
    await asyncio.to_thread(visitor.turn, "open")
    caller = Resident(place.assistant, "breaks")
    await asyncio.to_thread(caller.say, "hallo")
    await place.town.settled()
    place.database(
        "update conversations set state = ?", f'{{"phase": "{secret("state")}", "{secret("key")}": '
    )
    body = json.dumps({"sender": "breaks", "message": secret("crash over rest")}).encode()
    assert (await asyncio.to_thread(post, place.assistant.address, body))[0] == 500
    said = {"id": "turn-breaks", "kind": "text", "text": secret("crash on the page")}
    own = {**JSON, "cookie": visitor.cookie}
    assert await asyncio.to_thread(place.post, TURN, said, own) == 500
    await fatima.say(secret("crash in a chat"))
    await place.town.app.wait_for_line("turn_crashed")


async def mail_and_rasa(place: Place) -> None:
    secret = place.secret
    caller = Resident(place.assistant, "in-danger")
    await asyncio.to_thread(caller.say, "hallo")
    for answer in (f"550 {secret('mail refused')}", f"451 {secret('mail later')}", None):
        tried, place.mail.answer = place.mail.tried, answer
        await asyncio.to_thread(caller.say, f"ik wil dood, {secret('danger')}")
        place.database("update cases set told_at = told_at - ?", 16 * 60 * 1_000_000)
        place.database("update work set due_at = 0 where kind = 'signal'")
        place.database("update outbox set not_before = 0 where channel = 'mail'")
        await until(lambda before=tried: place.mail.tried > before, "the letter was brought")  # type: ignore[misc]  # mypy does not infer it
        caller.sender = f"in-danger-{tried}"
    asking = Resident(place.assistant, "understood")
    for text in ("hallo", "/a.1.0.0"):
        await asyncio.to_thread(asking.say, text)
    for mood in MIXED_MOODS:
        place.rasa.mood = mood
        await asyncio.to_thread(asking.say, secret(f"rasa {mood}"))
    place.rasa.mood = WELL


async def calendars_that_are_told(place: Place, folder: Path) -> None:
    (folder / "mensen.csv").write_text(PEOPLE, encoding="utf-8")
    await place.command("people", "import", str(folder / "mensen.csv"), status=0)
    done = await asyncio.to_thread(
        run_command, "people", "invite", "Jo", data=place.town.app.data, extra=DEBUG
    )
    (code,) = set(re.findall(r"start=([\w-]+)", done.stdout))
    jo = await place.town.emulator.resident(place.secret("meemaker"))
    await jo.start(code)
    await answer_to(jo)
    secret = place.secret
    for address in (
        f"http://{secret('user')}:{secret('password')}@127.0.0.1/a.ics",
        f"https://127.0.0.1:9/{secret('calendar')}.ics?key={secret('key of a calendar')}",
    ):
        await jo.say(f"mijn agenda is {address}")
        await answer_to(jo)


async def commands_that_fail(place: Place, folder: Path) -> None:
    """The sentence for who typed it may say what is wrong; the log beside it may not."""
    secret = place.secret
    table = f"naam;soort;talen\n{secret('imported')};{secret('kind of person')};{secret('spoken')}\n"
    (folder / "fout.csv").write_text(table, encoding="utf-8")
    form = f"| survey | |\n| | type | name | label |\n| | {secret('type')} | {secret('name')} | {secret('label')} |\n"
    (folder / "fout.md").write_text(form, encoding="utf-8")
    await place.command("people", "import", str(folder / "fout.csv"), status=1)
    await place.command("forms", "check", str(folder / "fout.md"), status=1)
    lines = f'{{"sender": "a", "text": ["{secret("line")}"]}}\n{secret("no line")}\n'
    done = await asyncio.to_thread(
        run_command, "chat", "--jsonl", "--rules-only", data=folder / "chat", extra=DEBUG, stdin=lines
    )
    place.commands += done.stderr.splitlines()
    out = ("--out", str(folder / "out"))
    exported = await place.command("export", *out, "--personal", "--reason", secret("reason"), status=0)
    place.commands += exported.splitlines()


async def test_a_hundred_secrets_by_every_path_are_not_in_the_log(tmp_path: Path) -> None:
    async with place_at(tmp_path) as place:
        for way in (requests_to_rest, requests_of_the_page, updates_of_telegram):
            await asyncio.to_thread(way, place)
        fatima = await chat_with_refusals(place)
        await mail_and_rasa(place)
        await calendars_that_are_told(place, tmp_path)
        await storage_away(place, fatima)
        await turns_that_crash(place, fatima)
        await commands_that_fail(place, tmp_path)
        log = "\n".join([*place.town.app.said, *place.commands])

        assert hits(place.secrets, log.encode()) == set()
        assert len(set(place.secrets)) >= 100
        events = {json.loads(line)["event"] for line in log.splitlines() if line.startswith("{")}
        assert events >= {
            "telegram_update_malformed", "send_failed", "telegram_webhook_waits_for_storage", "turn.broken",
            "turn_crashed",
        }  # fmt: skip # a set of names
        references = {
            str(each) for (each,) in rows(place.town.app.database, "select reference from conversations")
        }
        assert [each for each in references if each in log], "it says of whom"
        print(len(place.secrets), sorted(events))
