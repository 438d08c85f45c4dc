"""A resident in danger, and the people on duty who hear of it: the real process, the emulated Telegram, a mail server."""

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from bot.channels.telegram.turns import PERSON_RATE
from bot.channels.telegram.words import too_often
from tests.acceptance.running import rows, run_command
from tests.acceptance.telegram_residents import Town, all_bytes, answer_to, town
from tests.acceptance.test_telegram_staff import join, next_one, text
from tests.emulator.client import Resident
from tests.fakes.mail_server import Post, post_office
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.anyio
WORDS = "ik wil dood, zei ik tegen Zwaantje-Margaretha"
QUARTER = 16 * 60 * 1_000_000
CLOSED = {"WIJKVERHAAL_OPENING_HOURS": "ma-zo 00:00-00:01"}


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


@dataclass
class Place:
    town: Town
    post: Post

    async def command(self, *arguments: str) -> str:
        done = await asyncio.to_thread(run_command, *arguments, data=self.town.app.data)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def let_a_quarter_pass(self) -> None:
        """Everything that was told was told a quarter of an hour ago."""
        with closing(sqlite3.connect(self.town.app.database, timeout=PATIENCE)) as db, db:
            db.execute("update cases set told_at = told_at - ?", [QUARTER])
            db.execute("update work set due_at = 0 where kind = 'signal'")


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """It is never open there, for danger does not ask for that."""
    async with post_office() as post:
        mail = {
            "WIJKVERHAAL_SMTP": f"smtp://127.0.0.1:{post.port}",
            "WIJKVERHAAL_MAIL_FROM": "bot@example.nl",
            "WIJKVERHAAL_MAIL_TO": "wacht@example.nl",
        }
        async with town(tmp_path_factory.mktemp("signals"), "polling", extra=CLOSED | mail) as made:
            yield Place(made, post)


async def in_danger(place: Place, words: str = WORDS) -> tuple[Resident, str]:
    """Somebody who said it, and what they were told."""
    fatima = await place.town.emulator.resident("Fatima")
    await fatima.start()
    await answer_to(fatima)
    await fatima.say(words)
    return fatima, await text(fatima)


async def test_signal_from_the_word_to_who_closed_it(place: Place) -> None:
    _, told = await in_danger(place)
    assert "113" in told
    assert "Er is nu niemand van ons die meeleest." in told
    await until(lambda: len(place.post.letters) == 1, "the letter is there, with nobody in a chat")

    anna, _ = await join(place.town, "Anna")
    bram, _ = await join(place.town, "Bram")
    place.let_a_quarter_pass()
    first = await next_one(anna)
    [(reference, number)] = rows(place.town.app.database, "select reference, id from cases")
    lines = first.text.splitlines()
    assert lines[:2] == ["Signaal: gedachten aan zelfdoding.", f"Kenmerk: {reference}"]
    assert lines[2].startswith("Gehoord: ")
    assert first.titles == ["Ik pak het op"]

    place.let_a_quarter_pass()
    second = await next_one(bram)
    assert second.text == first.text
    assert "is een kwartier niet opgepakt" in await text(anna)
    # A kill between two looks loses nothing; one between sending and noting that may send again.
    await place.town.settled()
    await place.town.app.end(signal.SIGKILL)
    place.let_a_quarter_pass()
    await place.town.app.start()
    assert (await text(anna)).startswith("Signaal: gedachten aan zelfdoding.")
    assert "is een kwartier niet opgepakt" in await text(bram)

    await bram.tap("Ik pak het op")
    taken = await next_one(bram)
    assert taken.text.startswith("Dank u wel. U hebt dit signaal opgepakt.")
    assert taken.titles == ["Afgehandeld"]
    await anna.tap("Ik pak het op")
    assert (await text(anna)).startswith("Bram heeft dit signaal al opgepakt.")
    table = await place.command("signals", "--open")
    assert table.startswith("time ")
    assert reference in table
    assert "Bram" in table
    await bram.tap("Afgehandeld")
    assert (await text(bram)).startswith("Het signaal is afgehandeld.")
    await bram.tap("Afgehandeld")
    assert await text(bram) == "Bram heeft dit signaal al afgehandeld."

    assert (await place.command("signals", "--open")).startswith("There are no open signals")
    [listed] = json.loads(await place.command("signals", "--closed", "--json"))["signals"]
    assert (listed["reference"], listed["taken_by"], listed["closed_by"]) == (reference, "Bram", "Bram")
    assert [each["who"] for each in listed["told"] if each["what"] == "told"] == ["Anna", "Bram", "Anna"]
    assert "Bram closed the signal" in await place.command("trace", reference)

    _, letter = place.post.letters[0]
    assert [to for to, _ in place.post.letters] == [["wacht@example.nl"]]
    assert said(letter) == first.text.splitlines()
    seen = "\n".join([each.text for who in (anna, bram) for each in await who.transcript()])
    assert "Zwaantje" not in seen
    assert number not in seen
    assert "Zwaantje" not in "\n".join(place.town.app.said)


def said(letter: EmailMessage) -> list[str]:
    return str(letter.get_content()).splitlines()


async def test_mail_server_that_is_away_is_tried_again_and_holds_nobody_up(place: Place) -> None:
    before = len(place.post.letters)
    place.post.answer = "451 later"
    tried = place.post.tried
    fatima, told = await in_danger(place, "mijn man slaat me")
    assert "0800-2000" in told
    await until(lambda: place.post.tried > tried, "the letter is handed in")
    await fatima.say("hallo")
    await text(fatima)  # the conversation goes on meanwhile
    place.post.answer = "250 OK"
    await until(lambda: len(place.post.letters) == before + 1, "the letter is there after all")
    await until(
        lambda: rows(place.town.app.database, "select count(*) from outbox where channel = 'mail'") == [(0,)],
        "no address is left in the outbox",
    )
    found = [name for name, content in all_bytes(place.town.app.data) if b"wacht@example.nl" in content]
    assert found == []


async def test_cry_for_help_in_the_middle_of_a_flood_is_heard(place: Place) -> None:
    heard = "select count(*) from cases"
    [(before,)] = rows(place.town.app.database, heard)
    fatima = await place.town.emulator.resident("Fatima")
    # The pace of words is not what counts here: all of it waits when the assistant looks.
    await place.town.emulator.pause_delivery()
    for _ in range(PERSON_RATE.burst + 60):
        await fatima.say("hoi")
    await fatima.say(WORDS)
    await place.town.emulator.resume_delivery()
    await until(lambda: rows(place.town.app.database, heard) == [(before + 1,)], "the cry is heard")

    calls = await place.town.emulator.calls("sendMessage")
    assert [1 for call in calls if too_often("nl") in str(call)]
