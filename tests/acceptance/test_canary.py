"""Words of their own by every way into the running product: each is found before "wis mijn gegevens" in the way it is kept,
and after it nowhere in the data folder, the exports, what is due or the log at its most talkative. See canary_lives."""

import asyncio
import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlsplit

import pytest

from app.wiring import new_id
from storage import open_store
from tests.acceptance.canary_lives import (
    AGENDA,
    ENCRYPTED,
    EXPORTED,
    KEPT,
    MAIL,
    MISSED,
    NEVER,
    Visitor,
    erase,
    erase_in_chat,
    live_on_telegram,
    live_on_the_page,
    live_over_rest,
    press,
    speak_with_staff,
    terminal_life,
    terminal_lines,
)
from tests.acceptance.running import Assistant, lines_to_chat, rows, run_command
from tests.acceptance.telegram_residents import Town, answer_to, town
from tests.acceptance.test_main_job import OPEN
from tests.acceptance.test_sessions_commands import PLACES, REPORT_WORDS
from tests.acceptance.test_telegram_staff import join
from tests.canary import as_stored, bytes_under, canary, hits, readable
from tests.emulator.client import Resident
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.anyio
TALKATIVE = {"WIJKVERHAAL_OPENING_HOURS": "ma-zo 00:00-24:00", "WIJKVERHAAL_LOG_LEVEL": "debug"}
PEOPLE = f"""\
naam;soort;talen;wijken;geslacht;max per week;beschikbaar;e-mail;duo
{canary("meemaker first")} {canary("meemaker last")};bewoner;nl,en;Nazareth,Pottenberg;vrouw;5;ma-zo 08:00-22:00;{MAIL}@voorbeeld.nl;Jo
Jo;professional;nl,en;Nazareth,Pottenberg;;5;ma-zo 08:00-22:00;;
"""
WHO = f"{canary('meemaker first')} {canary('meemaker last')}"
HOUR = 3600 * 1_000_000
PEOPLE_WITH_WORDS = "select reference from conversations"
OF_MEEMAKER = {AGENDA, MAIL} | {canary(name) for name in ("meemaker first", "meemaker last", "report said")}
ALL = KEPT | ENCRYPTED | NEVER
PERSONAL = ("--personal", "--open-answers", "--reason", "a look before")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


class Place:
    """The running town, and commands beside it."""

    def __init__(self, folder: Path, running: Town) -> None:
        self.folder, self.data, self.town, self.said = folder, running.app.data, running, list[str]()

    async def command(self, *arguments: str) -> str:
        done = await asyncio.to_thread(run_command, *arguments, data=self.data, extra=TALKATIVE)
        assert done.returncode == 0, done.stderr
        self.said += done.stderr.splitlines()
        return done.stdout

    async def chat(self, *texts: str) -> str:
        database = f"sqlite:///{self.town.app.database}"
        lines = terminal_lines(*texts)
        out, done = await asyncio.to_thread(
            lines_to_chat, lines, "--db", database, data=self.data, extra=TALKATIVE
        )
        assert done.returncode == 0, done.stderr
        self.said += done.stderr.splitlines()
        return "\n".join(str(each.get("text", "")) for each in out)

    async def export(self, name: str, *more: str) -> Path:
        out = self.folder / name
        self.said += (
            await self.command("export", "--format", "jsonl", "--out", str(out), *more)
        ).splitlines()
        return out

    async def meemaker(self, name: str) -> Resident:
        """At their own link, in a chat."""
        (code,) = set(re.findall(r"start=([\w-]+)", await self.command("people", "invite", name)))
        person = await self.town.emulator.resident()
        await person.start(code)
        await answer_to(person)
        return person


async def meemakers_of(place: Place) -> tuple[Resident, Resident, str]:
    """Two who hold talks, one with everything that one can have; and where their calendar is."""
    for name, content in (("people", PEOPLE), ("places", PLACES)):
        (place.folder / f"{name}.csv").write_text(content, encoding="utf-8")
        await place.command(name, "import", str(place.folder / f"{name}.csv"))
    els, jo = await place.meemaker(WHO), await place.meemaker("Jo")
    await els.say(f"mijn agenda is https://127.0.0.1:9/{AGENDA}.ics")
    await answer_to(els)
    (feed,) = re.findall(r"http\S+\.ics", await place.command("people", "feed", WHO))
    tried = "Deze link werkt alleen op een eigen netwerk."
    while not (await els.next_messages(timeout=PATIENCE))[0].text.startswith(tried):
        pass
    return els, jo, urlsplit(feed).path


async def report(place: Place, els: Resident, jo: Resident) -> None:
    """Both say yes; then time goes by, the talk was held, and one tells of it."""
    for one in (els, jo):
        await press(one, "/duo:ja:")
        await answer_to(one)
    await place.town.settled()
    with closing(sqlite3.connect(place.town.app.database, timeout=PATIENCE)) as db, db:
        now = int(time.time() * 1_000_000)
        db.execute("update sessions set start_at = ?, end_at = ?", [now - 2 * HOUR, now - HOUR])
    await els.say("klaar")
    await press(els, "/duo:verslag:")
    for text in (*REPORT_WORDS[:5], f"Ik wil een {canary('report said')} in het park.", *REPORT_WORDS[6:]):
        await answer_to(els)
        await els.say(text)
    await place.town.settled()


async def test_words_of_every_channel_are_kept_and_then_gone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with town(data, "polling", extra=TALKATIVE) as running:
        place = Place(tmp_path, running)
        url = urlsplit((await running.app.wait_for_line("Chat page")).split()[-1])
        assistant = cast(Assistant, SimpleNamespace(address=(url.hostname, url.port)))
        els, jo, feed = await meemakers_of(place)
        caller, visitor, _, person = await asyncio.gather(
            asyncio.to_thread(live_over_rest, assistant),
            asyncio.to_thread(live_on_the_page, assistant),
            place.chat(*terminal_life()),
            live_on_telegram(running),
        )
        await report(place, els, jo)
        await join(running, "Anna")
        await speak_with_staff(running, person)

        await found_as_they_are_kept(place, visitor, feed)
        everybody = {str(reference) for (reference,) in rows(running.app.database, PEOPLE_WITH_WORDS)}
        assert len(everybody) == 6
        await erase_in_chat(running, els)
        await until(lambda: not hits(OF_MEEMAKER, *bytes_under(data)), "nothing of the meemaker is left")
        assert visitor.request(feed, b"")[0] == 404
        await asyncio.to_thread(erase, caller)
        await asyncio.to_thread(erase, visitor)
        await place.chat("wis mijn gegevens", "ja")
        await erase_in_chat(running, person)
        await nothing_is_left(place)
        still = {str(reference) for (reference,) in rows(running.app.database, PEOPLE_WITH_WORDS)}
        assert len(still) == 1, "the other meemaker"
        gone = everybody - still
        assert hits(gone, *bytes_under(data)) == set(), "nor anything that is due, or that leads to them"


async def found_as_they_are_kept(place: Place, visitor: Visitor, feed: str) -> None:
    assert hits(KEPT, *bytes_under(place.data)) == KEPT
    assert hits(NEVER, *bytes_under(place.data)) == set()
    app = place.town.app
    store = open_store(f"sqlite:///{app.database}", vault=app.vault, new_id=new_id)
    try:
        assert hits(ENCRYPTED, as_stored(store)) == set(), "only for who has the key"
        assert hits(ENCRYPTED, readable(store)) == ENCRYPTED
    finally:
        await store.close()
    own = json.dumps(await asyncio.to_thread(visitor.say, "mijn gegevens"))
    assert hits(KEPT, own.encode()) == {canary(f"web {one.name}") for one in OPEN} | {MISSED["web"]}
    assert hits(EXPORTED, *bytes_under(await place.export("before", *PERSONAL))) == EXPORTED
    status, calendar = visitor.request(feed, b"")
    assert (status, "BEGIN:VCALENDAR" in calendar) == (200, True)


async def nothing_is_left(place: Place) -> None:
    await until(lambda: not hits(ALL, *bytes_under(place.data)), "nothing is left in the data folder")
    out = [await place.export(f"after{len(more)}", *more) for more in ((), PERSONAL)]
    assert hits(ALL, *bytes_under(*out)) == set()
    log = "\n".join([*place.town.app.said, *place.said])
    assert "telegram_update_malformed" in log, "it is at its most talkative"
    assert hits(ALL, log.encode()) == set()
