"""A campaign's link and a meemaker's link, from the command line to a resident's chat, on the running product."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.telegram.name import bot_name
from tests.acceptance.running import rows, run_command
from tests.acceptance.telegram_residents import Town, answer_to, town

pytestmark = pytest.mark.anyio
OTHER = Path(__file__).parents[1] / "transcripts" / "other.md"


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with town(tmp_path_factory.mktemp("campaigns"), "polling") as opened:
        yield opened


async def command(running: Town, *arguments: str) -> str:
    bot = {
        "TELEGRAM_BOT_TOKEN": running.emulator.token,
        "WIJKVERHAAL_TELEGRAM_API": f"{running.emulator.url}/bot",
    }
    done = await asyncio.to_thread(run_command, *arguments, data=running.app.data, extra=bot)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


async def test_links_with_a_token_name_the_bot(running: Town) -> None:
    links = [
        re.sub(r"mm-\w+", "mm-CODE", line.partition(": ")[2])
        for told in (
            await command(running, "campaign", "create", "Het plein", "--form", str(OTHER)),
            await command(running, "meemaker", "invite", "Els Peeters"),
        )
        for line in told.splitlines()
        if "t.me" in line
    ]
    bot = await bot_name(running.emulator.token, f"{running.emulator.url}/bot")
    assert links == [f"https://t.me/{bot}?start=het-plein", f"https://t.me/{bot}?start=mm-CODE"]


async def test_a_link_of_a_campaign_asks_which_first_and_loses_nothing(running: Town) -> None:
    told = await command(running, "campaign", "create", "Het park", "--form", str(OTHER), "--wave", "2")
    code = re.findall(r"start=([\w-]+)", told)
    assert code == ["het-park"]
    fatima = await running.emulator.resident()
    await fatima.start()
    await answer_to(fatima)
    await fatima.tap("Ja, dat mag")
    await answer_to(fatima)

    await fatima.start(code[0])
    text, which = await answer_to(fatima)
    assert (text.startswith("U bent nog bezig met: "), which.titles[0]) == (True, "Eerst Het park, ronde 2")
    await fatima.tap(which.titles[0])
    assert (await answer_to(fatima))[0] == "Mag ik uw antwoorden over het park bewaren?"
    for press in ("Ja, dat mag", "Ja", "Sla over"):
        await fatima.tap(press)
        await answer_to(fatima)
    (left,) = await fatima.next_messages()
    assert left.titles == ["Verder met Veerkracht"]
    await fatima.tap("Verder met Veerkracht")
    assert (await answer_to(fatima))[1].titles[0] == "Nazareth"
    await running.settled()

    assert rows(
        running.app.database,
        "select questionnaire, campaign, wave, outcome from responses order by started_at",
    ) == [("veerkracht", "", 0, ""), ("other", "het-park", 2, "finished")]
    assert "het-park: other 1, round 2. Invited: 0 (waiting: 0), begun: 1, finished: 1" in await command(
        running, "campaign", "list"
    )


async def test_a_meemaker_fills_in_for_a_resident_who_can_be_erased(running: Town) -> None:
    told = await command(running, "meemaker", "invite", "Els Peeters")
    (code,) = re.findall(r"start=([\w-]+)", told)
    (pseudonym,) = re.findall(r"is (meemaker-\w+) in exports", told)
    els = await running.emulator.resident()
    await els.start(code)
    text, _ = await answer_to(els)
    assert text.startswith("Welkom, meemaker.")
    await els.tap("Samen met een bewoner")
    text, _ = await answer_to(els)
    assert "Lees dit voor aan de bewoner." in text
    for press in ("Ja, dat mag", "Pottenberg"):
        await els.tap(press)
        await answer_to(els)
    await els.say("stop")
    text, _ = await answer_to(els)
    (erasing,) = re.findall(r"code aan de bewoner: ([A-Z2-7-]+)", text)
    await running.settled()
    typed = "select path, value from answers where typed_by = ? order by id".replace("?", f"'{pseudonym}'")
    assert [value for _, value in rows(running.app.database, typed)] == ["yes", "pottenberg"]

    other = await running.emulator.resident()
    await other.say(f"wis {erasing.lower()}")
    text, _ = await answer_to(other)
    assert re.fullmatch(
        r"De antwoorden bij deze code zijn gewist\.\n\nUw bewijs van het wissen: [A-Z2-7]{4}-[A-Z2-7]{4}\. .*",
        text,
    )
    await running.settled()
    assert rows(running.app.database, typed) == []
    done = await asyncio.to_thread(run_command, "erase", erasing, data=running.app.data)
    assert (done.returncode, done.stderr.strip()) == (
        1,
        "No resident has this code. Perhaps everything was erased already.",
    )
