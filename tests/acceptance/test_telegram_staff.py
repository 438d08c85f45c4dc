"""A resident asks for a person and staff answer from their own chats: the real process on the emulated Telegram."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from tests.acceptance.running import COMMAND, ROOT, environment, rows, run_command
from tests.acceptance.telegram_residents import PATIENCE, Town, all_bytes, answer_to, shown, town
from tests.emulator.client import BotMessage, Resident

pytestmark = pytest.mark.anyio
ALWAYS = {"WIJKVERHAAL_OPENING_HOURS": "ma-zo 00:00-24:00"}
HALF_AN_HOUR = 31 * 60 * 1_000_000
SECRET = "Mijn dochter Zwaantje-Margaretha gaat niet meer naar school"


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


@pytest.fixture(scope="module")
async def one_town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with town(tmp_path_factory.mktemp("staff"), "polling", extra=ALWAYS) as made:
        yield made


@pytest.fixture
def running(one_town: Town) -> Town:
    """Without the staff and the talks of the test before."""
    with closing(sqlite3.connect(one_town.app.database, timeout=PATIENCE)) as db, db:
        for table in ("staff", "talks", "talk_lines", "case_steps", "cases", "work"):
            db.execute(f"delete from {table}")
    return one_town


async def command(running: Town, *arguments: str) -> str:
    extra = {
        "TELEGRAM_BOT_TOKEN": running.emulator.token,
        "WIJKVERHAAL_TELEGRAM_API": f"{running.emulator.url}/bot",
    }
    done = await asyncio.to_thread(run_command, *arguments, data=running.app.data, extra=extra | ALWAYS)
    assert done.returncode == 0, done.stderr
    return done.stderr


async def join(running: Town, name: str, role: str = "duty") -> tuple[Resident, str]:
    """Somebody on the staff, and the code they came with."""
    said = await command(running, "staff", "invite", name, "--role", role)
    link = next(word for word in said.split() if word.startswith("https://t.me/"))
    code = link.partition("?start=")[2]
    person = await running.emulator.resident(name)
    await person.start(code)
    assert (await text(person)).startswith(f"Welkom, {name}.")
    return person, code


async def text(person: Resident) -> str:
    return await person.next_text(PATIENCE)


async def next_one(person: Resident) -> BotMessage:
    (message,) = await person.next_messages(timeout=PATIENCE)
    return message


async def resident_in_talk(running: Town, *answers: str) -> Resident:
    """Somebody who answered a little and asked for a person."""
    fatima = await running.emulator.resident("Fatima")
    await fatima.start()
    await answer_to(fatima)
    for title in answers:
        await fatima.tap(title)
        await answer_to(fatima)
    await fatima.say("ik wil een mens spreken")
    told = await next_one(fatima)
    assert "Er is nu iemand van ons team" in told.text
    assert told.titles == ["Terug naar de vragen"]
    return fatima


def let_time_pass(running: Town) -> None:
    """Everything that was planned and noted of talks is half an hour ago."""
    with closing(sqlite3.connect(running.app.database, timeout=PATIENCE)) as db, db:
        db.execute(
            "update talks set offered_at = offered_at - ?, taken_at = taken_at - ?", [HALF_AN_HOUR] * 2
        )
        db.execute("update work set due_at = 0 where kind = 'talk'")


def everything_said_to(transcript: list[BotMessage]) -> str:
    return "\n".join(str(shown(message)) for message in transcript if message.from_bot)


async def test_whole_talk_from_the_question_to_the_next_question(running: Town) -> None:
    anna, _ = await join(running, "Anna")
    fatima = await resident_in_talk(running, "Ja, dat mag", "Nazareth")
    offer = await next_one(anna)
    [(reference,)] = rows(running.app.database, "select reference from talks")
    assert offer.text == (
        f"Een bewoner wil met een mens praten.\nKenmerk: {reference}\nWijk: Nazareth\nLaatste vraag: Hoe oud bent u?"
    )
    assert offer.titles == ["Ik neem dit", "Nu niet"]

    await fatima.say("het gaat over mijn huur")
    assert (await text(fatima)).startswith("Dank u. Ik bewaar dit")
    await fatima.say("die is te hoog")
    await running.emulator.wait_until_delivered(PATIENCE)
    await anna.tap("Ik neem dit")
    assert "U bent nu in gesprek." in await text(anna)
    assert [await text(anna), await text(anna)] == [
        "Bewoner: het gaat over mijn huur",
        "Bewoner: die is te hoog",
    ]
    assert (await text(fatima)).startswith("Anna leest nu mee.")

    await anna.say("Dag, vertel eens.")
    said = await next_one(fatima)
    assert (said.text, said.titles) == ("Anna: Dag, vertel eens.", ["Terug naar de vragen"])
    await fatima.say("dank u, weet ik niet")  # a command to the bot, but these words are for Anna
    assert await text(anna) == "Bewoner: dank u, weet ik niet"

    await anna.say("/klaar")
    assert (await text(anna)).startswith("Het gesprek is afgesloten.")
    question = await next_one(fatima)
    assert question.text.startswith("Anna sluit het gesprek af.")
    assert "Hoe oud bent u?" in question.text
    await fatima.tap("45 tot en met 64")
    assert (await answer_to(fatima))[1].buttons
    await anna.say("nog iets")
    assert (await text(anna)).startswith("U bent nu niet in gesprek.")

    await running.settled()
    for table in ("talks", "talk_lines"):
        assert rows(running.app.database, f"select * from {table}") == []
    assert rows(
        running.app.database, "select count(*) from outbox where about is not null and payload != ''"
    ) == [(0,)]
    seen = everything_said_to(await anna.transcript())
    assert str(fatima.chat_id) not in seen
    written = "\n".join(running.app.said)
    assert "huur" not in written


async def test_after_half_an_hour_it_goes_to_the_next_and_one_of_two_gets_it(running: Town) -> None:
    anna, _ = await join(running, "Anna")
    bram, _ = await join(running, "Bram", "coordinator")
    fatima = await resident_in_talk(running, "Ja, dat mag")
    assert "Een bewoner wil" in await text(anna)
    assert await bram.unread() == []
    let_time_pass(running)
    assert "Een bewoner wil" in await text(bram)

    await asyncio.gather(anna.tap("Ik neem dit"), bram.tap("Ik neem dit"))
    told = [await text(anna), await text(bram)]
    assert sorted("U bent nu in gesprek." in one for one in told) == [False, True]
    winner, loser = (anna, bram) if "in gesprek" in told[0] else (bram, anna)
    assert f"{winner.first_name} heeft dit gesprek al." in told[1 if winner is anna else 0]
    assert (await text(fatima)).startswith(f"{winner.first_name} leest nu mee.")

    await fatima.say("bent u daar?")
    assert await text(winner) == "Bewoner: bent u daar?"
    let_time_pass(running)  # taken, but not a word: a colleague gets it, with what was said
    assert "U hebt een half uur niets gestuurd." in await text(winner)
    assert f"{winner.first_name} kan nu niet antwoorden" in await text(fatima)
    assert "Een bewoner wil" in await text(loser)
    await loser.tap("Ik neem dit")
    assert "U bent nu in gesprek." in await text(loser)
    assert await text(loser) == "Bewoner: bent u daar?"


async def test_danger_is_heard_first_passed_on_with_a_mark_and_told_without_words(running: Town) -> None:
    anna, _ = await join(running, "Anna", "coordinator")
    dora, _ = await join(running, "Dora", "duty")
    fatima = await resident_in_talk(running, "Ja, dat mag")
    await text(dora)
    await dora.tap("Nu niet")
    assert (await text(dora)).startswith("Goed. Ik vraag iemand anders.")
    assert "Een bewoner wil" in await text(anna)
    await anna.tap("Ik neem dit")
    await text(anna)
    await text(fatima)

    await fatima.say("ik wil er niet meer zijn")
    help_ = await next_one(fatima)
    assert "113" in help_.text
    assert help_.titles == ["Terug naar de vragen"]
    marked = await text(anna)
    assert marked.startswith("⚠")
    assert marked.endswith("Bewoner: ik wil er niet meer zijn")
    [(reference,)] = rows(running.app.database, "select reference from talks")
    lines = (await text(dora)).splitlines()
    assert lines[2].startswith("Gehoord: ")
    assert [*lines[:2], *lines[3:]] == [
        "Signaal: gedachten aan zelfdoding.",
        f"Kenmerk: {reference}",
        "De bewoner kreeg de noodnummers te zien.",
    ]
    await anna.say("ik ben bij u")
    assert await text(fatima) == "Anna: ik ben bij u"


async def test_erase_during_a_talk_leaves_no_trace(running: Town) -> None:
    anna, _ = await join(running, "Anna")
    fatima = await resident_in_talk(running, "Ja, dat mag")
    await text(anna)
    await fatima.say(SECRET)
    await text(fatima)
    await running.settled()
    [(reference,)] = rows(running.app.database, "select reference from talks")
    assert rows(running.app.database, "select text from talk_lines") == [(SECRET,)]
    await anna.tap("Ik neem dit")
    await text(anna)
    assert await text(anna) == f"Bewoner: {SECRET}"
    await text(fatima)

    await fatima.say("wis mijn gegevens")
    await answer_to(fatima)
    await fatima.tap("Ja, wis alles")
    assert "Alles is gewist." in await text(fatima)
    assert (await text(anna)).startswith("De bewoner heeft het gesprek gestopt.")
    await anna.say("bent u er nog?")
    assert (await text(anna)).startswith("U bent nu niet in gesprek.")
    names = (SECRET.encode(), reference.encode())
    async with asyncio.timeout(PATIENCE):
        while [file for file, content in all_bytes(running.app.data) if any(one in content for one in names)]:
            await asyncio.sleep(0.05)
    assert [name for name in (SECRET, reference) if name in "\n".join(running.app.said)] == []
    assert str(anna.chat_id).encode() not in b"".join(content for _, content in all_bytes(running.app.data))


async def test_member_works_from_the_terminal(running: Town) -> None:
    await command(running, "staff", "invite", "Carla")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        COMMAND, "staff", "chat", "carla", stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT,
        env=environment(running.app.data, ALWAYS),
    )  # fmt: skip # read as one piece
    assert process.stdin and process.stdout and process.stderr

    async def read(stream: asyncio.StreamReader, words: str) -> str:
        seen = ""
        async with asyncio.timeout(PATIENCE):
            while words not in seen:
                part = (await stream.read(4000)).decode()
                assert part, seen
                seen += part
        return seen

    async def write(line: str) -> None:
        assert process.stdin
        process.stdin.write(f"{line}\n".encode())
        await process.stdin.drain()

    try:
        await read(process.stderr, "Carla, you are here until Ctrl-D.")
        fatima = await resident_in_talk(running, "Ja, dat mag")
        await read(process.stdout, "Ik neem dit")
        await write("#1")
        await read(process.stdout, "U bent nu in gesprek.")
        assert (await text(fatima)).startswith("Carla leest nu mee.")
        await fatima.say("dag Carla")
        await read(process.stdout, "Bewoner: dag Carla")
        await write("dag Fatima")
        assert await text(fatima) == "Carla: dag Fatima"
        assert "Carla, duty: joined from a terminal, in a talk" in await command(running, "staff", "list")
        process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    # Nobody else is there: the talk waits again, and nothing is lost of what comes.
    assert rows(running.app.database, "select taken_by from talks") == [("",)]
    assert "Carla, duty: not joined" in await command(running, "staff", "list")


async def test_stop_ends_the_talk(running: Town) -> None:
    anna, code = await join(running, "Anna")
    fatima = await resident_in_talk(running, "Ja, dat mag")
    await text(anna)
    await anna.tap("Ik neem dit")
    await text(anna)
    await text(fatima)
    await fatima.say("stop")
    assert (await text(fatima)).startswith("U bent gestopt.")
    assert (await text(anna)).startswith("De bewoner heeft het gesprek gestopt.")

    await fatima.start(code)  # a link works once
    assert (await text(fatima)).startswith("Deze link werkt niet meer.")
    await anna.say("/afmelden")
    assert (await text(anna)).startswith("U bent afgemeld.")
    await anna.say("hallo")
    assert "Ja, dat mag" in (await answer_to(anna))[1].titles  # a resident like any other now
    assert "There is no staff yet." in await command(running, "staff", "list")
