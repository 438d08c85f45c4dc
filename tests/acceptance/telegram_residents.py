"""Telegram's side of the main job: the app in a process of its own, residents who tap and type through a whole intake,
and what their chats and the database should hold afterwards."""

import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from socket import create_server
from typing import Any

import aiogram.methods

from app.resident import Resident as Policy
from app.settings import read_settings
from app.wiring import House, new_id, open_house, utc_now
from bot.conversation import Conversations
from bot.dialogue.options import options
from bot.dialogue.taps import parse_tap
from bot.forms.form import Form
from domain.message import Incoming, IncomingKind
from domain.questionnaire import QuestionKind
from nlu.understand import understand
from storage.vault import Vault
from tests.acceptance.quick_telegram import PER_CHAT
from tests.acceptance.running import COMMAND, ROOT, environment, form_cache, rows
from tests.emulator.client import BotMessage, Emulator, Resident, fault
from tests.patience import PATIENCE, until

Shown = tuple[str, tuple[str, ...]]
"""A message of the bot: its text, and what stands behind its buttons."""


# the app


class App:
    """`wijkverhaal serve` against an emulator; it may be killed and started again on the same data and port."""

    def __init__(
        self,
        telegram: str,
        data: Path,
        *,
        port: int = 0,
        webhook: bool = False,
        token: str,
        answer_within: float = 0,
        extra: Mapping[str, str] | None = None,
        arguments: Sequence[str] = ("--rules-only",),
    ) -> None:
        """`answer_within` set: the app in a hurry (quick_telegram); otherwise the real command."""
        self.data, self.said = data, list[str]()
        self._changed = asyncio.Event()
        quick = (sys.executable, "-m", "tests.acceptance.quick_telegram", str(answer_within))
        self._command = (*(quick if answer_within else (COMMAND,)), "serve", *arguments)
        hook = {"WIJKVERHAAL_WEBHOOK_URL": f"http://127.0.0.1:{port}"} if webhook else {}
        hook |= {"WIJKVERHAAL_WEBHOOK_SECRET": "between-telegram-and-us"} if webhook else {}
        settings = {"TELEGRAM_BOT_TOKEN": token, "WIJKVERHAAL_TELEGRAM_API": f"{telegram}/bot"}
        self._environment = environment(
            data, settings | {"WIJKVERHAAL_PORT": str(port)} | hook | dict(extra or {})
        )

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=ROOT,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.said.append(line.decode().rstrip("\n"))
            self._ring()

    def _ring(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_line(self, words: str, times: int = 1) -> str:
        """The line in which these words come for the so manieth time. Fails when the process ends without it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [line for line in self.said if words in line]
                if len(found) >= times:
                    return found[times - 1]
                assert not self._reading.done(), f"ended without {words!r}: {self.said}"
                ring = asyncio.ensure_future(self._changed.wait())
                await asyncio.wait({ring, self._reading}, return_when=asyncio.FIRST_COMPLETED)
                ring.cancel()

    async def wait_until_ready(self, times: int = 1) -> None:
        await self.wait_for_line("Stop with Ctrl-C.", times)

    async def wait_for_end(self) -> int:
        async with asyncio.timeout(PATIENCE):
            await self._reading
            return await self.process.wait()

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to end (or, with SIGKILL, ends it) and gives the exit status."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.wait_for_end()

    @property
    def database(self) -> Path:
        return self.data / "wijkverhaal.db"

    @property
    def vault(self) -> Vault:
        return Vault.open(self.data / "vault.key")


def free_port() -> int:
    """A port that nobody has: a webhook's address must be known before the app listens."""
    with create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Town:
    """One emulated Telegram and one running app."""

    emulator: Emulator
    app: App

    async def settled(self) -> None:
        """Every update was taken and nothing waits to be sent."""
        await self.emulator.wait_until_delivered(PATIENCE)
        waiting = "select count(*) from outbox where status in ('waiting', 'unknown')"
        await until(lambda: rows(self.app.database, waiting) == [(0,)], "nothing waits to be sent")


@contextlib.asynccontextmanager
async def town(
    data: Path,
    mode: str,
    *,
    answer_within: float = 10.0,
    extra: Mapping[str, str] | None = None,
    arguments: Sequence[str] = ("--rules-only",),
) -> AsyncIterator[Town]:
    """A ready app in `mode` "polling" or "webhook", both at a hurried pace; ended at the end whatever happens."""
    port = free_port() if mode == "webhook" else 0
    async with Emulator.start() as emulator:
        await emulator.limits(factor=PER_CHAT)
        await emulator.retries(0.02)
        app = App(
            emulator.url,
            data,
            port=port,
            webhook=mode == "webhook",
            token=emulator.token,
            answer_within=answer_within,
            extra=extra,
            arguments=arguments,
        )
        await app.start()
        try:
            await app.wait_until_ready()
            yield Town(emulator, app)
        finally:
            await app.end(signal.SIGKILL)


# the residents


@dataclass
class Inhabitant:
    """Somebody who fills in the questionnaire: taps mostly, types now and then.

    `did` is everything they did, in the order in which Telegram brings it; `believes` is what they answered, by the
    path of the question.
    """

    person: Resident
    chance: random.Random
    form: Form
    did: list[Incoming] = field(default_factory=list)
    believes: dict[str, str] = field(default_factory=dict)
    thanks_before: int = -1
    """Types a word of thanks just before the so manieth tap, which overtakes it; -1 never."""
    turned: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at each turn; who waits for it clears it."""
    turns: int = 0
    _seen: set[Shown] = field(default_factory=set)
    _taps: int = 0
    _put_again: BotMessage | None = None

    async def talk(self) -> None:
        """From the first word to the last question; ends when there is nothing more to answer."""
        await self.say("/start")
        while True:
            question = self._put_again or await self.next_question()
            self._put_again = None
            reply = self._policy().next_message([wire_of(question)])
            if reply is None:
                return
            await self._answer(question, reply)
            self.turns += 1
            self.turned.set()

    def _policy(self) -> Policy:
        return Policy(self.chance, types=self.chance.random() < 0.3)

    async def say(self, text: str) -> None:
        kind = IncomingKind.TAP if text == "/start" else IncomingKind.TEXT
        self.did.append(incoming(self.person, kind, text))
        await self.person.say(text)

    async def next_question(self) -> BotMessage:
        """The next message with something to press that was not read before: one that comes twice is read once."""
        while True:
            (message,) = await self.person.next_messages(timeout=PATIENCE)
            new = shown(message) not in self._seen
            self._seen.add(shown(message))
            if new and message.buttons:
                return message

    async def _answer(self, question: BotMessage, reply: str) -> None:
        self._note(question, reply)
        if not reply.startswith("/"):
            await self.say(reply)
            return
        self._taps += 1
        if self._taps == self.thanks_before:
            await self._thank_and_tap(question, reply)
            return
        self.did.append(incoming(self.person, IncomingKind.TAP, reply))
        await self.person.tap_data(reply, message_id=question.id)

    async def _thank_and_tap(self, question: BotMessage, payload: str) -> None:
        """The thanks are sent first and arrive last; the question that follows the tap is put once more after them."""
        await self.person.emulator.script(
            fault("press_overtakes", method="update", chat_id=self.person.chat_id)
        )
        self.did.append(incoming(self.person, IncomingKind.TAP, payload))
        await self.person.say("dank u wel")
        await self.person.tap_data(payload, message_id=question.id)
        self.did.append(incoming(self.person, IncomingKind.TEXT, "dank u wel"))
        await self.next_question()
        _, self._put_again = await answer_to(self.person)

    def _note(self, question: BotMessage, reply: str) -> None:
        """What this reply means, told from the buttons alone."""
        for title, payload in zip(question.titles, shown(question)[1], strict=True):
            tap = parse_tap(payload)
            if tap is None or len(tap.numbers) < 2:
                continue
            asked = self.form.questionnaire.questions[tap.numbers[1]]
            if tap.word == "a" and reply in (title, payload):
                value = options(self.form, asked)[tap.numbers[2]]
                ticking = asked.kind is QuestionKind.SELECT_MULTIPLE
                earlier = self.believes.get(asked.path, "").split() if ticking else []
                self.believes[asked.path] = " ".join([*earlier, value])
                return
            if tap.word == "skip" and not reply.startswith("/") and not options(self.form, asked):
                self.believes[asked.path] = reply
                return


async def answer_to(person: Resident) -> tuple[str, BotMessage]:
    """All that comes up to something to press, as one text, and the message that has it."""
    texts: list[str] = []
    while True:
        (message,) = await person.next_messages(timeout=PATIENCE)
        texts.append(message.text)
        if message.buttons:
            return "\n".join(texts), message


def incoming(person: Resident, kind: IncomingKind, text: str = "", code: str = "") -> Incoming:
    return Incoming("telegram", str(person.chat_id), kind, utc_now(), text=text, language="nl", code=code)


def shown(message: BotMessage) -> Shown:
    rows_ = (message.reply_markup or {}).get("inline_keyboard", [])
    return message.text, tuple(button["callback_data"] for row in rows_ for button in row)


def wire_of(message: BotMessage) -> dict[str, Any]:
    """The message as app.resident reads it."""
    pairs = zip(message.titles, shown(message)[1], strict=True)
    return {
        "text": message.text,
        "buttons": [{"title": title, "payload": payload} for title, payload in pairs],
    }


async def move_in(emulator: Emulator, form: Form, count: int, seed: int) -> list[Inhabitant]:
    people = [await emulator.resident(f"R{number}") for number in range(count)]
    turned = asyncio.Event()
    return [
        Inhabitant(person, random.Random(f"{seed}/{number}"), form, turned=turned)
        for number, person in enumerate(people)
    ]


# what there should be afterwards


@contextlib.asynccontextmanager
async def open_oracle(data: Path) -> AsyncIterator[House]:
    """The same product without Telegram, in this process: what it says and keeps when nothing ever goes wrong."""
    settings = read_settings(
        {
            "WIJKVERHAAL_DATA": str(data),
            "WIJKVERHAAL_RULES_ONLY": "1",
            "WIJKVERHAAL_PIECES": "no",
            "WIJKVERHAAL_FORM_CACHE": str(form_cache()),
        }
    )
    async with open_house(settings) as house:
        # Like Telegram, so that the same questions are asked; nobody sends what waits in its outbox.
        house.conversations = Conversations(
            store=house.store,
            shelf=house.shelf,
            understand=understand,
            model=None,
            catalogue=house.catalogue,
            new_id=new_id,
            deliver_later=frozenset({"terminal"}),
            pieces=settings.pieces,
        )
        yield house


async def replay(house: House, did: Iterable[Incoming]) -> list[Shown]:
    """Everything the bot should have said to somebody who did this."""
    said: list[Shown] = []
    for one in did:
        reply = await house.conversations.take(replace(one, channel="terminal"))
        said += [(m.text.strip(), tuple(button.payload for button in m.buttons)) for m in reply.messages]
    return said


def repeated(came: Sequence[Shown], expected: Sequence[Shown]) -> int:
    """How many messages came twice in a row. Fails when one is missing, strange or out of order."""
    place, twice = 0, 0
    for message in came:
        if place < len(expected) and message == expected[place]:
            place += 1
        else:
            assert message == expected[max(0, place - 1)], f"out of order at {place}: {message}"
            twice += 1
    assert place == len(expected), f"never came: {expected[place:]}"
    return twice


KEPT: Mapping[str, str] = {
    "answers": "select path, status, value, by, purpose from answers where response = :response order by id",
    "consents": "select purpose, given, text_version from consents where reference = :person order by id",
    "response": "select questionnaire, version, language, outcome from responses where id = :response",
    "wish": "select preferences from wishes where response = :response",
    "signals": "select kind from signals where reference = :person order by id",
    "asked for a person": "select count(*) from hand_overs where reference = :person",
}


def kept(database: Path, vault: Vault, channel: str, channel_ref: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is kept of one person, without what differs from run to run."""
    digest = vault.contact_hash(channel, channel_ref)
    [(person, response)] = rows(
        database,
        "select c.reference, c.response from contacts join conversations c using (reference)"
        " where contacts.channel_ref_hash = ?",
        digest,
    )
    given = {"person": person, "response": response}
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, statement in KEPT.items():
        wanted = [value for key, value in given.items() if f":{key}" in statement]
        found[name] = rows(database, statement.replace(":person", "?").replace(":response", "?"), *wanted)
    return found


def judge_calls(calls: Iterable[Mapping[str, Any]]) -> int:
    """Every request of our bot, read by aiogram's own models of the methods; how many there were."""
    methods: dict[str, Any] = {
        getattr(method, "__api_method__", ""): method for method in vars(aiogram.methods).values()
    }
    count = 0
    for call in calls:
        model = methods[call["method"]]
        assert set(call["params"]) <= set(model.model_fields), call
        model.model_validate(call["params"])
        count += 1
    return count


def all_bytes(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.name, file.read_bytes()
