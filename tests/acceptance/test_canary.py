"""Words of their own by every way into the running product: found in the database before "wis mijn gegevens", and after it nowhere
in the data folder, the exports or the log at its most talkative."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.acceptance.running import Assistant, run_command
from tests.acceptance.running import Resident as Caller
from tests.acceptance.telegram_residents import Town, answer_to, town
from tests.acceptance.test_main_job import OPEN, TAPPED, Asked
from tests.canary import bytes_under, canary, hits
from tests.emulator.client import Resident
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.anyio
TALKATIVE = {"WIJKVERHAAL_OPENING_HOURS": "ma-zo 00:00-24:00", "WIJKVERHAAL_LOG_LEVEL": "debug"}
TIMES = ["Doordeweeks in de ochtend", "In het weekend", "Klaar met kiezen"]


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


def words_of(channel: str, one: Asked) -> str:
    return f"De {canary(f'{channel} {one.name}')} in onze straat is heel erg mooi geworden"


def live_over_rest(assistant: Assistant) -> Caller:
    """A whole intake with a word of its own in every answer that takes words, and one that is not understood."""
    caller = Caller(assistant, canary("rest sender"))
    caller.say(canary("rest hello"), message_id=canary("rest message"))
    for one in TAPPED:
        if one.name == "life_satisfaction":
            caller.say(f"brrp {canary('rest miss')} zwoing flap")
        if one.name == "times":
            caller.tap_all(TIMES)
        elif one in OPEN:
            caller.say(words_of("rest", one))
        elif one.name == "reach_at":
            caller.say("kanariereachzz@voorbeeld.nl")
        else:
            caller.tap(one.button)
    assert "Dank u wel, dit was het!" in caller.text
    return caller


async def live_on_telegram(running: Town) -> Resident:
    """The same in a chat, with everything that is no text, edits, and words to staff."""
    person = await running.emulator.resident(
        canary("telegram first name"), last_name=canary("telegram last name")
    )
    await person.start(canary("telegram payload"))
    _, question = await answer_to(person)
    said: list[int] = []
    for one in TAPPED:
        if one.name == "reach_at":
            continue  # their chat reaches them
        if one.name == "wijk":
            await person.send_photo(caption=canary("telegram caption"))
            await answer_to(person)
            await person.send_voice()
            await answer_to(person)
            await person.send_location()
            _, question = await answer_to(person)
        if one.name == "consent_learn":  # reminders come first where there is a chat to remind in
            await person.tap("Ja, dat mag", message_id=question.id)
            _, question = await answer_to(person)
        if one.name == "life_satisfaction":
            await person.say(f"brrp {canary('telegram miss')} zwoing flap")
            _, question = await answer_to(person)
        if one.name == "times":
            for title in TIMES[:-1]:
                await person.tap(title, message_id=question.id)
                _, question = await answer_to(person)
            await person.tap(TIMES[-1], message_id=question.id)
        elif one in OPEN:
            said.append(await person.say(words_of("telegram", one)))
        else:
            await person.tap(one.button, message_id=question.id)
        if one is not TAPPED[-1]:
            _, question = await answer_to(person)
    await running.settled()
    await person.edit(said[-1], f"De {canary('telegram edited')} in onze straat is heel erg mooi geworden")
    await running.settled()
    await person.say("ik wil een mens spreken")
    await running.settled()
    await person.say(f"het gaat over {canary('telegram to staff')}")
    await running.settled()
    return person


REST = {canary(f"rest {one.name}") for one in OPEN}
TELEGRAM = {canary(f"telegram {one.name}") for one in OPEN}
NEVER = {
    canary(name) for name in ("telegram first name", "telegram last name", "rest sender", "rest message")
}
"""Names are not asked; chat ids are encrypted, and ids of messages hashed."""
PASSING = (
    "rest hello",
    "rest miss",
    "telegram miss",
    "telegram caption",
    "telegram payload",
    "telegram edited",
)
ALL = (
    REST | TELEGRAM | NEVER | {canary(name) for name in (*PASSING, "telegram to staff")} | {"kanariereachzz"}
)


async def test_words_of_every_channel_are_kept_and_then_gone(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    async with town(data, "polling", answer_within=0, extra=TALKATIVE) as running:
        address = (
            (await running.app.wait_for_line("Chat page")).split()[-1].removeprefix("http://").split(":")
        )
        assistant = cast(Assistant, SimpleNamespace(address=(address[0], int(address[1]))))
        caller = await asyncio.to_thread(live_over_rest, assistant)
        person = await live_on_telegram(running)

        assert hits(REST | TELEGRAM, *bytes_under(data)) == REST | TELEGRAM
        assert hits(NEVER | {"kanariereachzz"}, *bytes_under(data)) == set()

        def erase(caller: Any) -> None:
            caller.say("wis mijn gegevens")
            caller.tap("Ja, wis alles")

        await asyncio.to_thread(erase, caller)
        await running.settled()
        await person.unread()
        await person.say("wis mijn gegevens")
        titles: list[str] = []
        while "Ja, wis alles" not in titles:  # what came before may still be on its way
            (question,) = await person.next_messages(timeout=PATIENCE)
            titles = question.titles
        await person.tap("Ja, wis alles", message_id=question.id)
        await running.settled()

        await until(lambda: not hits(ALL, *bytes_under(data)), "nothing is left in the data folder")
        done = await asyncio.to_thread(
            run_command, "export", "--format", "jsonl", "--out", str(out), data=data, extra=TALKATIVE
        )
        log = "\n".join(running.app.said)
        assert hits(ALL, *bytes_under(out), (done.stdout + done.stderr).encode()) == set()
        assert hits(ALL, log.encode()) == set()
