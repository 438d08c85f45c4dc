"""Lives with a word of its own in everything that somebody can fill in, by every way into the running product; and what
becomes of each word while it is kept."""

import asyncio
import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from typing import Any

from tests.acceptance.running import Assistant, Wire, buttons_of, text_of
from tests.acceptance.running import Resident as Caller
from tests.acceptance.telegram_residents import Town, answer_to, shown
from tests.acceptance.test_main_job import INTAKE, OPEN, TAPPED, Asked
from tests.canary import canary
from tests.emulator.client import BotMessage, Resident
from tests.patience import PATIENCE

TIMES = ["Doordeweeks in de ochtend", "In het weekend", "Klaar met kiezen"]
CHANNELS = ("rest", "web", "terminal", "telegram")
MISS = "brrp zwoing {} flap"
"""Understood by nobody; what is kept of it goes through what takes names out, so the word looks like none."""

MISSED = {channel: f"kanariemis{channel}zz" for channel in CHANNELS}
REACHED = {channel: f"kanariebereik{channel}zz" for channel in CHANNELS if channel != "telegram"}
EDITED = canary("telegram edited")
AGENDA, MAIL = "kanarieagendazz", "kanariemeemakerzz"


def words_of(channel: str, one: Asked) -> str:
    return f"De {canary(f'{channel} {one.name}')} in onze straat is heel erg mooi geworden"


KEPT = (
    {canary(f"{channel} {one.name}") for channel in CHANNELS for one in OPEN}
    | {canary(name) for name in ("telegram to staff", "report said")}
    | {EDITED}
    | set(MISSED.values())
)
"""As they were said, in the database."""

EXPORTED = KEPT - set(MISSED.values()) - {canary("telegram to staff"), canary("telegram would_like")}
"""Of an answer that was changed, what it became."""

ENCRYPTED = {*REACHED.values(), AGENDA, MAIL} | {
    canary(name)
    for name in ("rest sender", "terminal sender", "telegram address", "meemaker first", "meemaker last")
}
"""In the database as well, for who has the key."""

NEVER = {
    canary(name)
    for name in (
        "telegram first name", "telegram last name", "telegram payload", "telegram contact name", "telegram contact phone",
        "telegram contact card", "telegram caption", "telegram file", "telegram malformed", "telegram new kind", "rest message", "rest hello",
        "web language", "web header", "web query",
    )
}  # fmt: skip # a list of names
"""Names are not asked, ids of messages are hashed, and what is nobody's business is not taken."""


class Visitor:
    """Somebody on the chat page, as the page itself talks: a cookie, and a turn a request."""

    def __init__(self, assistant: Assistant) -> None:
        self._address, self.cookie = assistant.address, ""
        self.last: list[Wire] = []
        self._numbers = count()

    def request(self, path: str, body: bytes, **headers: str) -> tuple[int, str]:
        with closing(http.client.HTTPConnection(*self._address, timeout=PATIENCE)) as connection:
            sent = {"content-type": "application/json", "cookie": self.cookie, **headers}
            connection.request("POST" if body else "GET", path, body or None, sent)
            response = connection.getresponse()
            given = response.getheader("set-cookie")
            self.cookie = given.partition(";")[0] if given else self.cookie
            return response.status, response.read().decode()

    def turn(self, kind: str, text: str = "", language: str = "nl") -> list[Wire]:
        said = {"id": f"turn-{next(self._numbers):06}", "kind": kind, "text": text, "language": language}
        status, reply = self.request("/chat/turn", json.dumps(said).encode())
        assert status == 200, reply
        self.last = json.loads(reply)["messages"]
        return self.last

    def say(self, text: str) -> list[Wire]:
        return self.turn("text", text)

    def tap(self, title: str) -> list[Wire]:
        return self.turn("tap", buttons_of(self.last)[title])

    def tap_all(self, titles: Sequence[str]) -> None:
        for title in titles:
            self.tap(title)

    @property
    def text(self) -> str:
        return text_of(self.last)


def fill_in(who: Caller | Visitor, channel: str) -> None:
    """A whole intake, from the first question on."""
    for one in TAPPED:
        if one.name == "life_satisfaction":
            for _ in range(2):  # the first time it is asked again
                who.say(MISS.format(MISSED[channel]))
        if one.name == "times":
            who.tap_all(TIMES)
        elif one in OPEN:
            who.say(words_of(channel, one))
        elif one.name == "reach_at":
            who.say(f"{REACHED[channel]}@voorbeeld.nl")
        else:
            who.tap(one.button)
    assert "Dank u wel, dit was het!" in who.text


def live_over_rest(assistant: Assistant) -> Caller:
    caller = Caller(assistant, canary("rest sender"))
    caller.say(canary("rest hello"), message_id=canary("rest message"))
    fill_in(caller, "rest")
    return caller


def live_on_the_page(assistant: Assistant) -> Visitor:
    visitor = Visitor(assistant)
    heading = {
        "user-agent": canary("web header").replace("ë", "e"),
        "referer": canary("web header").replace("ë", "e"),
    }
    assert visitor.request(f"/?lang={canary('web query').replace('ë', 'e')}", b"", **heading)[0] == 200
    visitor.turn("open", language=canary("web language"))
    fill_in(visitor, "web")
    return visitor


def terminal_lines(*texts: str) -> list[Wire | str]:
    return [{"sender": canary("terminal sender"), "text": text} for text in texts]


def terminal_life() -> Iterator[str]:
    """What is typed, from the first word to the last."""
    yield "hallo"
    for one in INTAKE:
        if one.name == "consent_learn":
            yield "ja dat mag"
            continue
        if one.name == "life_satisfaction":
            yield from [MISS.format(MISSED["terminal"])] * 2
        if one in OPEN:
            yield words_of("terminal", one)
        else:
            yield f"{REACHED['terminal']}@voorbeeld.nl" if one.name == "reach_at" else one.dutch


async def send_what_is_no_text(person: Resident) -> None:
    """Before a question that waits; each is answered."""
    await person.send_photo(caption=canary("telegram caption"))
    await answer_to(person)
    await person.send_voice()
    await answer_to(person)
    contact = {
        "phone_number": canary("telegram contact phone"),
        "first_name": canary("telegram contact name"),
    }
    await person.send_message(contact={**contact, "vcard": canary("telegram contact card")})
    await answer_to(person)
    document = {"file_id": "f1", "file_unique_id": "u1", "file_name": canary("telegram file")}
    await person.send_message(document=document)
    await answer_to(person)
    await person.send_message(voice=canary("telegram malformed"), caption=canary("telegram malformed"))
    await person.send_message(photo=[], caption=canary("telegram malformed"))
    await person.send_message(news={"said": canary("telegram new kind")})


async def live_on_telegram(running: Town) -> Resident:
    """The same in a chat, with everything that is no text, an edit, a talk at home, and words to staff."""
    person = await running.emulator.resident(
        canary("telegram first name"), last_name=canary("telegram last name")
    )
    await person.start(canary("telegram payload"))
    _, question = await answer_to(person)
    said = 0
    for one in TAPPED:
        if one.name == "reach_at":
            continue  # their chat reaches them
        if one.name == "wijk":
            await send_what_is_no_text(person)
            await person.send_location()
            _, question = await answer_to(person)
        if one.name == "consent_learn":  # reminders come first where there is a chat to remind in
            await person.tap("Ja, dat mag", message_id=question.id)
            _, question = await answer_to(person)
        if one.name == "life_satisfaction":
            for _ in range(2):
                await person.say(MISS.format(MISSED["telegram"]))
                _, question = await answer_to(person)
        if one.name == "times":
            for title in TIMES[:-1]:
                await person.tap(title, message_id=question.id)
                _, question = await answer_to(person)
            await person.tap(TIMES[-1], message_id=question.id)
        elif one in OPEN:
            said = await person.say(words_of("telegram", one))
        else:
            await person.tap(one.button, message_id=question.id)
        _, question = await answer_to(person)
        if one is OPEN[-1]:
            await person.edit(said, words_of("telegram", one).replace(canary(f"telegram {one.name}"), EDITED))
            _, question = await answer_to(person)
    while not any("bij u thuis" in title for title in question.titles):
        _, question = await answer_to(person)
    await person.tap(question.titles[0], message_id=question.id)
    text, _ = await answer_to(person)
    assert "Op welk adres mogen we komen?" in text
    await person.say(f"{canary('telegram address')} 12, Maastricht")
    assert "zien uw adres" in (await answer_to(person))[0]
    await running.settled()
    return person


async def speak_with_staff(running: Town, person: Resident) -> None:
    await person.say("ik wil een mens spreken")
    await running.settled()
    await person.say(f"het gaat over {canary('telegram to staff')}")
    await running.settled()


# meemakers


def pressing(question: BotMessage, start: str) -> str:
    """The one button that begins so."""
    return next(data for data in shown(question)[1] if data.startswith(start))


async def hear(person: Resident, start: str) -> tuple[BotMessage, str]:
    """Reads on until there is a button that begins so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            _, question = await answer_to(person)
            if any(data.startswith(start) for data in shown(question)[1]):
                return question, pressing(question, start)


async def press(person: Resident, start: str) -> None:
    question, data = await hear(person, start)
    await person.tap_data(data, message_id=question.id)


def erase(who: Any) -> None:
    who.say("wis mijn gegevens")
    who.tap("Ja, wis alles")


async def erase_in_chat(running: Town, person: Resident) -> None:
    await running.settled()
    await person.say("wis mijn gegevens")
    question: BotMessage | None = None
    while (
        question is None or "Ja, wis alles" not in question.titles
    ):  # what came before may still be on its way
        (question,) = await person.next_messages(timeout=PATIENCE)
    await person.tap("Ja, wis alles", message_id=question.id)
    await running.settled()
