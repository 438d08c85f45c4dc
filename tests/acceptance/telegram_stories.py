"""The main job over Telegram, told once and run in both ways of receiving (test_telegram_polling, test_telegram_webhook):
the running product, its own storage, and an emulated Telegram with all its troubles."""

import asyncio
import contextlib
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from app.wiring import House
from bot.channels.telegram.words import group_refusal, menu
from tests.acceptance.running import rows
from tests.acceptance.telegram_residents import (
    App,
    Inhabitant,
    Shown,
    Town,
    all_bytes,
    answer_to,
    free_port,
    judge_calls,
    kept,
    move_in,
    open_oracle,
    repeated,
    replay,
    shown,
    town,
)
from tests.emulator.client import Emulator, Json, Resident, fault
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.anyio

RESIDENTS = 20
UNKNOWN_OUTCOME = ("drop_after", "late_answer")
"""Faults after which nobody can know whether the message arrived (it did)."""


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


@pytest.fixture
async def oracle(tmp_path: Path) -> AsyncIterator[House]:
    async with open_oracle(tmp_path / "oracle") as house:
        yield house


@pytest.fixture(scope="module")
async def quiet_town(mode: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """For stories in which the app is neither killed nor counted."""
    async with town(tmp_path_factory.mktemp(mode), mode) as running:
        yield running


# whole intakes


async def check_residents(running: Town, oracle: House, people: Sequence[Inhabitant]) -> list[int]:
    """Everybody heard what they should have, in order, and their answers stand in the database once. Gives how many
    messages came twice, for each resident."""
    await running.settled()
    twice = []
    for one in people:
        expected = await replay(oracle, one.did)
        twice.append(repeated(await heard(one.person), expected))
        name = str(one.person.chat_id)
        stored = kept(running.app.database, running.app.vault, "telegram", name)
        assert stored == kept(oracle_database(oracle), oracle.vault, "terminal", name)
        assert [outcome for *_, outcome in stored["response"]] == ["finished"]
        assert sorted(path for path, *_ in stored["answers"]) == sorted(one.believes)
        assert {path: value for path, _, value, *_ in stored["answers"]} == one.believes
    await check_updates(running)
    return twice


async def check_updates(running: Town) -> None:
    """Every update that Telegram brought and was told was taken, was taken: once."""
    brought = {
        update["update_id"]
        for update in await running.emulator.updates()
        if "message" in update or "callback_query" in update
    }
    assert rows(running.app.database, "select count(*) from updates") == [(len(brought),)]


def oracle_database(oracle: House) -> Path:
    return Path(oracle.settings.data) / "wijkverhaal.db"


async def heard(person: Resident) -> list[Shown]:
    return [shown(message) for message in await person.transcript() if message.from_bot]


async def let_talk(people: Sequence[Inhabitant]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in people:
            group.create_task(one.talk())


def tell(mode: str, people: Sequence[Inhabitant], calls: Sequence[Json], **more: object) -> None:
    """The figures of a story, for `pytest -rP`."""
    sent = [call for call in calls if call["method"] == "sendMessage"]
    figures = {
        "residents": len(people),
        "turns": sum(len(one.did) for one in people),
        "messages": sum(call["outcome"] == "ok" for call in sent),
        "faults": dict(Counter(call["fault"] for call in calls if call["fault"])),
        **more,
    }
    print(mode, figures)


async def test_twenty_residents_at_once_are_each_heard_once(mode: str, oracle: House, tmp_path: Path) -> None:
    async with town(tmp_path / "app", mode) as running:
        people = await move_in(running.emulator, oracle.shelf.current(), RESIDENTS, seed=1)
        await let_talk(people)
        assert await check_residents(running, oracle, people) == [0] * RESIDENTS
        calls = await running.emulator.calls()
        assert [call for call in calls if call["outcome"] != "ok"] == []
        assert judge_calls(calls) == len(calls)
        tell(mode, people, calls, twice=0)


def troubles(people: Sequence[Inhabitant]) -> list[Json]:
    """A fault script in which each resident has a trouble of their own, and some have none."""
    chats = [one.person.chat_id for one in people]
    sending = [
        {"kind": "too_many_requests", "nth": 4, "retry_after": 4},
        {"kind": "too_many_requests", "nth": 9, "retry_after": 3, "times": 2},
        {"kind": "server_error", "nth": 3, "times": 2},
        {"kind": "bad_gateway", "nth": 5},
        {"kind": "late_answer", "nth": 6, "seconds": 4},
        {"kind": "late_answer", "nth": 1, "seconds": 4},
        {"kind": "drop_before", "nth": 4},
        {"kind": "drop_after", "nth": 4},
        {"kind": "drop_after", "nth": 2},
    ]
    receiving = [
        {"kind": "deliver_twice", "times": 8},
        {"kind": "deliver_twice", "nth": 5, "times": 20},
        {"kind": "press_again", "nth": 1, "times": 10},
        {"kind": "press_again", "nth": 12},
    ]
    answering = [
        {"kind": kind, "nth": 10 * number, "times": 3}
        for number, kind in enumerate(("server_error", "bad_gateway", "drop_before", "drop_after"), 1)
    ]
    polling = [
        {"kind": kind, "nth": 7 * number}
        for number, kind in enumerate(
            ("server_error", "bad_gateway", "drop_before", "drop_after", "late_answer"), 1
        )
    ]
    return [
        *(
            {**one, "method": "sendMessage", "chat_id": chat}
            for one, chat in zip(sending, chats, strict=False)
        ),
        *(
            {**one, "method": "update", "chat_id": chat}
            for one, chat in zip(receiving, chats[9:], strict=False)
        ),
        {"kind": "drop_before", "method": "sendMessage", "chat_id": chats[8], "nth": 12},
        *({**one, "method": "answerCallbackQuery"} for one in answering),
        *({**one, "method": "getUpdates"} for one in polling),
    ]


async def test_every_trouble_delays_only_whom_it_meets_and_loses_nothing(
    mode: str, oracle: House, tmp_path: Path
) -> None:
    async with town(tmp_path / "app", mode, answer_within=2) as running:
        people = await move_in(running.emulator, oracle.shelf.current(), RESIDENTS, seed=2)
        for one in people[-3:]:
            one.thanks_before = 6
        script = troubles(people)
        await running.emulator.script(*script)
        await let_talk(people)
        twice = await check_residents(running, oracle, people)
        calls = await running.emulator.calls()
        assert judge_calls(calls) == len(calls)
        left = await running.emulator.control("faults")
        assert [one for one in left if one["method"] != "getUpdates"] == []
        assert [call for call in calls if call["outcome"] != "ok" and not call["fault"]] == []
        sent = [call for call in calls if call["method"] == "sendMessage"]
        unknown = Counter(call["params"]["chat_id"] for call in sent if call["fault"] in UNKNOWN_OUTCOME)
        assert twice == [unknown[one.person.chat_id] for one in people]
        assert sum(twice) == 4
        check_only_the_asked_chat_waits(sent)
        tell(mode, people, calls, twice=sum(twice), updates_twice=28, presses_again=11, overtaken=3)


def check_only_the_asked_chat_waits(sent: Sequence[Json]) -> None:
    asked = [call for call in sent if call["fault"] == "too_many_requests"]
    assert len(asked) == 3
    for call in asked:
        chat, at = call["params"]["chat_id"], call["at"]
        seconds = int(call["outcome"].rpartition(" ")[2])
        again = min(one["at"] for one in sent if one["params"]["chat_id"] == chat and one["at"] > at)
        assert again >= at + seconds
        between = {one["params"]["chat_id"] for one in sent if at < one["at"] < again}
        assert len(between) > RESIDENTS / 4, "if everybody waited, only who was on the way would be here"


async def test_app_killed_in_the_middle_forgets_nobody(mode: str, oracle: House, tmp_path: Path) -> None:
    async with town(tmp_path / "app", mode) as running:
        people = await move_in(running.emulator, oracle.shelf.current(), RESIDENTS // 2, seed=3)
        talking = asyncio.create_task(let_talk(people))
        unmarked = [0]
        for kills, turns in enumerate((60, 150, 270), 1):
            await until_turns(people, turns, talking)
            assert await running.app.end(signal.SIGKILL) == -signal.SIGKILL
            unmarked.append(await sent_but_not_marked(running))
            assert 0 <= unmarked[-1] - unmarked[-2] <= len(people)
            await running.app.start()
            await running.app.wait_until_ready(kills + 1)
        await talking
        twice = await check_residents(running, oracle, people)
        assert sum(twice) == unmarked[-1]
        tell(mode, people, await running.emulator.calls(), kills=3, twice=sum(twice))


async def until_turns(people: Sequence[Inhabitant], turns: int, talking: asyncio.Task[None]) -> None:
    """Until the residents have taken so many turns together."""
    turned = people[0].turned
    async with asyncio.timeout(PATIENCE):
        while sum(one.turns for one in people) < turns:
            assert not talking.done(), "they were all ready before it was to be killed"
            turned.clear()
            await turned.wait()


async def sent_but_not_marked(running: Town) -> int:
    """Messages that arrived and are not marked as sent: those on their way at a kill, and what they came to."""
    for _ in range(3):  # what the dead process still had in its pipes
        await running.emulator.now()
    arrived = sum(call["outcome"] == "ok" for call in await running.emulator.calls("sendMessage"))
    [(marked,)] = rows(running.app.database, "select count(*) from outbox where status = 'sent'")
    return int(arrived - marked)


# stories


async def test_link_with_a_code_begins(mode: str, quiet_town: Town) -> None:
    fatima = await quiet_town.emulator.resident(language_code="en")
    await fatima.start("POSTER-7")
    welcome, consent = await answer_to(fatima)
    assert (welcome.startswith("Hello! Good to have you here."), consent.titles[0]) == (True, "Yes, you may")


async def test_start_resumes_after_stop(mode: str, quiet_town: Town) -> None:
    fatima = await quiet_town.emulator.resident()
    await fatima.start()
    await answer_to(fatima)
    await fatima.tap("Ja, dat mag")
    _, wijk = await answer_to(fatima)
    for words in ("stop", "Nazareth"):
        await fatima.say(words)
        assert (await answer_to(fatima))[0].startswith("U bent gestopt.")
    await fatima.start()
    text, again = await answer_to(fatima)
    assert (text.startswith("Fijn dat u er weer bent."), again.buttons) == (True, wijk.buttons)
    await fatima.tap("Pottenberg")
    assert "Hoe oud bent u?" in (await answer_to(fatima))[0]
    await quiet_town.settled()
    stored = kept(quiet_town.app.database, quiet_town.app.vault, "telegram", str(fatima.chat_id))
    assert [value for _, _, value, *_ in stored["answers"]] == ["yes", "pottenberg"]
    assert [outcome for *_, outcome in stored["response"]] == [""]


NAME, STORY = "Wilhelmina-Zjwaantje", "Bij de bakker op de hoek krijg ik altijd een praatje en soms een vlaai"


def whole_name(running: Town, person: Resident) -> dict[str, str]:
    """Everything that leads to somebody: what only the database knows of them as well."""
    digest = running.app.vault.contact_hash("telegram", str(person.chat_id))
    [(reference, response)] = rows(
        running.app.database,
        "select reference, response from contacts join conversations using (reference) where channel_ref_hash = ?",
        digest,
    )
    return {
        "chat": str(person.chat_id),
        "hash": digest,
        "reference": reference,
        "response": response,
        "words": STORY,
    }


def traces(running: Town, names: dict[str, str]) -> set[tuple[str, str]]:
    """In which files of the app what of somebody stands."""
    files = list(all_bytes(running.app.data))
    return {
        (file, name) for name, text in names.items() for file, content in files if text.encode() in content
    }


async def test_erased_person_gets_a_farewell_and_leaves_no_trace(mode: str, quiet_town: Town) -> None:
    running = quiet_town
    wilhelmina = await running.emulator.resident(NAME, id=7_344_556_677)
    await wilhelmina.start()
    await answer_to(wilhelmina)
    for title in ("Ja, dat mag", "Nazareth", "45 tot en met 64", "Bewoner", "Nederlands"):
        await wilhelmina.tap(title)
        await answer_to(wilhelmina)
    await wilhelmina.say(STORY)  # no answer to what was asked, yet something that was said
    await answer_to(wilhelmina)
    await running.settled()
    names = whole_name(running, wilhelmina)
    assert {name for _, name in traces(running, names)} >= {"hash", "reference", "response"}

    await wilhelmina.say("wis mijn gegevens")
    await answer_to(wilhelmina)
    await wilhelmina.tap("Ja, wis alles")
    assert "Alles is gewist." in await wilhelmina.next_text(PATIENCE)
    await until(lambda: not traces(running, names), "the disk follows the database")
    written = "\n".join(running.app.said)
    assert [name for name, text in names.items() if text in written] == []
    await wilhelmina.say("hallo")
    assert (await answer_to(wilhelmina))[0].startswith("Hallo! Fijn dat u er bent.")


async def test_blocked_bot_falls_silent_until_the_person_comes_back(mode: str, quiet_town: Town) -> None:
    running = quiet_town
    fatima = await somebody_who_began(running, seconds_ago=60)
    await fatima.block()
    await until_blocked(running, fatima, True)
    assert await waiting_for(running, fatima) == 0
    assert await sends_to(running, fatima) == ["ok", "ok"]
    await fatima.unblock()
    await fatima.start()
    assert "Mogen de gemeente" in (await answer_to(fatima))[0]
    await until_blocked(running, fatima, False)


async def test_block_that_only_a_send_finds_out_is_noticed_too(mode: str, quiet_town: Town) -> None:
    running = quiet_town
    fatima = await running.emulator.resident()
    await running.emulator.script(fault("blocked", chat_id=fatima.chat_id, method="sendMessage"))
    await fatima.start()
    await until_blocked(running, fatima, True)
    assert await waiting_for(running, fatima) == 0
    assert await sends_to(running, fatima) == ["Forbidden: bot was blocked by the user"]
    await fatima.start()
    assert "Mogen de gemeente" in (await answer_to(fatima))[0]
    await until_blocked(running, fatima, False)


async def test_news_of_a_block_that_comes_late_loses_no_reply(mode: str, quiet_town: Town) -> None:
    """It travels apart from what the person says, and may come after they came back and said something."""
    running = quiet_town
    fatima = await somebody_who_began(running, seconds_ago=120)
    await running.emulator.pause_delivery()
    await running.emulator.advance(-60)
    await fatima.block()
    await fatima.unblock()
    await running.emulator.advance(60)
    await fatima.start()
    await running.emulator.resume_delivery()
    assert "Mogen de gemeente" in (await answer_to(fatima))[0]
    await running.settled()
    await until_blocked(running, fatima, False)


async def somebody_who_began(running: Town, seconds_ago: float) -> Resident:
    fatima = await running.emulator.resident()
    await running.emulator.advance(-seconds_ago)
    await fatima.start()
    await answer_to(fatima)
    await running.settled()
    await running.emulator.advance(seconds_ago)
    return fatima


async def until_blocked(running: Town, person: Resident, blocked: bool) -> None:
    """Until the database has it so."""
    digest = running.app.vault.contact_hash("telegram", str(person.chat_id))
    statement = "select blocked_at is not null from contacts join conversations using (reference) where channel_ref_hash = ?"
    await until(lambda: rows(running.app.database, statement, digest) == [(blocked,)], f"blocked: {blocked}")


async def waiting_for(running: Town, person: Resident) -> int:
    reference = whole_name(running, person)["reference"]
    statement = "select count(*) from outbox where reference = ? and status in ('waiting', 'unknown')"
    [(count,)] = rows(running.app.database, statement, reference)
    return int(count)


async def sends_to(running: Town, person: Resident) -> list[str]:
    calls = await running.emulator.calls("sendMessage")
    return [call["outcome"] for call in calls if call["params"]["chat_id"] == person.chat_id]


async def test_group_is_told_kindly_and_left(mode: str, quiet_town: Town) -> None:
    emulator = quiet_town.emulator
    fatima = await emulator.resident()
    group = await emulator.group("Buurtapp", fatima)
    await fatima.in_group(group).say("/start@wijkverhaal_test_bot")
    assert await fatima.in_group(group).next_text() == group_refusal("nl")
    left = await emulator.wait_for_calls("leaveChat", timeout=PATIENCE)
    assert [call["params"]["chat_id"] for call in left] == [group]
    digest = quiet_town.app.vault.contact_hash("telegram", str(group))
    assert rows(quiet_town.app.database, "select * from contacts where channel_ref_hash = ?", digest) == []


async def test_photo_sticker_and_voice_are_kindly_set_aside(mode: str, quiet_town: Town) -> None:
    fatima = await quiet_town.emulator.resident()
    await fatima.start()
    _, consent = await answer_to(fatima)
    for send, answer in (
        (fatima.send_photo, "Dit kan ik hier niet gebruiken."),
        (fatima.send_sticker, "Dit kan ik hier niet gebruiken."),
        (fatima.send_voice, "Ik kan nog niet luisteren naar een spraakbericht."),
    ):
        await send()
        text, again = await answer_to(fatima)
        assert (answer in text, again.titles) == (True, consent.titles)


async def test_message_to_somebody_without_an_address_blocks_nobody(mode: str, quiet_town: Town) -> None:
    database, columns = (
        quiet_town.app.database,
        "channel, reference, payload, created_at, not_before, attempts, status",
    )
    with contextlib.closing(sqlite3.connect(database, timeout=PATIENCE)) as db, db:
        ghost = ("telegram", "ghost", '{"text": "x"}', 0, 0, 0, "waiting", "")
        for _ in range(2):
            db.execute(f"insert into outbox ({columns}, code) values (?, ?, ?, ?, ?, ?, ?, ?)", ghost)
    statement = "select status, code, payload from outbox where reference = 'ghost'"
    failed = [("failed", "no_contact", "")] * 2
    await until(lambda: rows(database, statement) == failed, "both messages are given up")


async def test_menu_and_introduction_are_set_in_both_languages(mode: str, quiet_town: Town) -> None:
    set_ = await quiet_town.emulator.calls("setMyCommands")
    assert {call["params"].get("language_code", ""): commands_of(call) for call in set_} == {
        "": menu("nl"),
        "en": menu("en"),
    }
    described = await quiet_town.emulator.calls("setMyDescription")
    assert [call["params"].get("language_code", "") for call in described] == ["", "en"]
    for word in {**menu("nl"), **menu("en")}:
        fatima = await quiet_town.emulator.resident()
        await fatima.say(f"/{word}")
        assert (await answer_to(fatima))[0] != ""


def commands_of(call: Json) -> dict[str, str]:
    return {command["command"]: command["description"] for command in call["params"]["commands"]}


async def test_every_call_of_the_stories_is_one_that_aiogram_knows(mode: str, quiet_town: Town) -> None:
    calls = await quiet_town.emulator.calls()
    assert judge_calls(calls) == len(calls) > 0


# starting and ending


def app_at(telegram: str, data: Path, mode: str, token: str = "123456:TEST") -> App:
    """The real command, at Telegram's own pace."""
    port = free_port() if mode == "webhook" else 0
    return App(telegram, data, port=port, webhook=mode == "webhook", token=token)


@contextlib.asynccontextmanager
async def running_app(app: App) -> AsyncIterator[App]:
    await app.start()
    try:
        yield app
    finally:
        await app.end(signal.SIGKILL)


WRONG_TOKEN = "Telegram does not know this token. Copy TELEGRAM_BOT_TOKEN from @BotFather again, whole."


async def test_wrong_token_is_one_clear_sentence(mode: str, quiet_town: Town, tmp_path: Path) -> None:
    async with running_app(app_at(quiet_town.emulator.url, tmp_path, mode, "654321:WRONG")) as app:
        assert await app.wait_for_end() == 1
    assert [line for line in app.said if not line.startswith("A new key was made")] == [WRONG_TOKEN]


class Road:
    """The way to Telegram: closed at first, and then open to an emulator."""

    def __init__(self) -> None:
        self.port = free_port()
        self._pipes = set[asyncio.Task[None]]()

    @contextlib.asynccontextmanager
    async def open_to(self, url: str) -> AsyncIterator[None]:
        async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                while data := await reader.read(65536):
                    writer.write(data)
                    await writer.drain()
            writer.close()

        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            for way in (pass_on(reader, back), pass_on(there, writer)):
                task = asyncio.create_task(way)
                self._pipes.add(task)
                task.add_done_callback(self._pipes.discard)

        server = await asyncio.start_server(connect, "127.0.0.1", self.port)
        try:
            yield
        finally:
            server.close()
            for pipe in list(self._pipes):
                pipe.cancel()


async def test_telegram_that_cannot_be_reached_is_picked_up_later(mode: str, tmp_path: Path) -> None:
    road = Road()
    async with (
        Emulator.start() as emulator,
        running_app(app_at(f"http://127.0.0.1:{road.port}", tmp_path, mode)) as app,
    ):
        await app.wait_until_ready()
        said = await app.wait_for_line("  Telegram  ")
        assert said.split("  ")[-1].strip() == f"{mode}; Telegram cannot be reached now and is tried again"
        fatima = await emulator.resident()
        await fatima.start()
        async with road.open_to(emulator.url):
            await app.wait_for_line("Telegram is reached now.")
            assert "Mogen de gemeente" in (await answer_to(fatima))[0]
            assert await app.end() == 0


async def test_token_that_turns_out_wrong_later_ends_the_app(
    mode: str, quiet_town: Town, tmp_path: Path
) -> None:
    road = Road()
    async with running_app(app_at(f"http://127.0.0.1:{road.port}", tmp_path, mode, "654321:WRONG")) as app:
        await app.wait_until_ready()
        async with road.open_to(quiet_town.emulator.url):
            assert await app.wait_for_end() == 1
    assert app.said[-1] == WRONG_TOKEN


async def test_sender_that_breaks_ends_the_app_loudly(mode: str, tmp_path: Path) -> None:
    async with town(tmp_path, mode) as running:
        with contextlib.closing(sqlite3.connect(running.app.database, timeout=PATIENCE)) as db:
            db.execute("drop table outbox")
        assert await running.app.wait_for_end() == 1
        # The error's own words could quote somebody: its kind and place are told.
        assert "Traceback (most recent call last):" in running.app.said
        assert "OperationalError" in running.app.said
