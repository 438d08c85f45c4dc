"""Manners in time on the emulated Telegram, with the running assistant and a clock that a test moves: reminders by day
and twice at most, pieces of an answer, a changed message, and STOP that cancels all of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.publishing import publish_form
from app.serve import serve
from app.settings import read_settings
from app.telegram import TelegramPace
from bot.sender import SenderSettings
from tests.acceptance.running import rows
from tests.emulator.client import BotMessage, Emulator, Resident

pytestmark = pytest.mark.anyio
PATIENCE = 30.0
FORM = Path(__file__).parents[1] / "transcripts" / "open.md"
QUICK = TelegramPace(
    SenderSettings(chat_gap=0.02, per_second=500, burst=20, look_every=0.05),
    answer_within=10,
    remind_every=0.1,
)


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


@dataclass
class MovedClock:
    """The real clock, moved: the assistant's and Telegram's go together."""

    emulator: Emulator
    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def move_to(self, moment: datetime) -> None:
        step = moment - self.now()
        assert step > timedelta(0)
        await self.emulator.advance(step.total_seconds())
        self.ahead += step


@dataclass
class Town:
    emulator: Emulator
    clock: MovedClock
    database: Path
    said: list[str] = field(default_factory=list)

    def stored(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in rows(self.database, query)]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.02)

    async def quiet(self) -> None:
        """Nothing is due any more and nothing waits to be sent: what should have come has come."""
        await self.emulator.wait_until_delivered()
        now = int(self.clock.now().timestamp() * 1_000_000)
        waiting = "select count(*) from outbox where status in ('waiting', 'unknown')"
        due = f"select count(*) from work where kind like 'remind%' and due_at <= {now}"
        await self.until(lambda: self.stored(waiting) == [(0,)] and self.stored(due) == [(0,)])


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Emulator.start() as emulator:
        await emulator.limits(factor=50)
        settings = read_settings(
            {
                "WIJKVERHAAL_DATA": str(tmp_path), "WIJKVERHAAL_RULES_ONLY": "yes", "WIJKVERHAAL_PORT": "0",
                "TELEGRAM_BOT_TOKEN": emulator.token, "WIJKVERHAAL_TELEGRAM_API": f"{emulator.url}/bot",
            }
        )  # fmt: skip # read as one piece
        await publish_form(settings, FORM, None, print)
        clock, stop = MovedClock(emulator), asyncio.Event()
        town = Town(emulator, clock, tmp_path / "wijkverhaal.db")
        running = asyncio.create_task(serve(settings, town.said.append, stop=stop, pace=QUICK, now=clock.now))
        try:
            await town.until(lambda: running.done() or any("Ctrl-C" in line for line in town.said))
            yield town
        finally:
            stop.set()
            with contextlib.suppress(asyncio.CancelledError):
                await running


async def until_text(person: Resident, words: str) -> BotMessage:
    async with asyncio.timeout(PATIENCE):
        while True:
            (message,) = await person.next_messages(1)
            if words in message.text:
                return message


async def halfway(town: Town) -> Resident:
    """Both consents are given, and the first open question waits."""
    fatima = await town.emulator.resident()
    await fatima.start()
    await until_text(fatima, "Mag ik uw antwoorden bewaren?")
    await fatima.tap("Ja")
    await until_text(fatima, "Mag ik u een berichtje sturen?")
    await fatima.tap("Ja")
    await until_text(fatima, "Waar woont u?")
    await town.quiet()
    return fatima


@pytest.mark.parametrize(("month", "hour"), [(1, 8), (3, 7), (10, 8)])
async def test_two_reminders_by_day_and_then_silence(town: Town, month: int, hour: int) -> None:
    """In an ordinary weekend, and in the two in which the clock changes; 9 in the morning there is `hour` in UTC."""
    end_of_month = datetime(town.clock.now().year + 1, month, 31, hour, tzinfo=UTC)
    sunday = end_of_month - timedelta(days=(end_of_month.weekday() + 1) % 7)
    await town.clock.move_to(
        sunday.replace(hour=21) - timedelta(days=2)
    )  # a day later it is late in the evening
    fatima = await halfway(town)
    planned = town.stored("select due_at from work where kind = 'remind_first'")
    assert planned == [(int(sunday.timestamp()) * 1_000_000,)]

    await town.clock.move_to(sunday - timedelta(minutes=5))
    await town.quiet()
    assert await fatima.unread() == []

    await town.clock.move_to(sunday + timedelta(seconds=1))
    first = await until_text(fatima, "U was bezig")
    assert first.titles == ["Verder", "Stop"]
    await town.clock.move_to(sunday + timedelta(days=6, hours=2))
    last = await until_text(fatima, "laatste bericht")
    assert last.titles == ["Verder", "Stop"]
    await town.clock.move_to(sunday + timedelta(days=60))
    await town.quiet()
    assert await fatima.unread() == []
    assert town.stored("select kind from work") == []


async def test_stop_cancels_what_was_planned(town: Town) -> None:
    fatima = await halfway(town)
    assert town.stored("select kind from work") == [("remind_first",)]
    await fatima.say("laat maar")
    assert "U bent gestopt." in (await fatima.next_messages(1))[0].text
    await town.clock.move_to(town.clock.now() + timedelta(days=30))
    await town.quiet()
    assert town.stored("select kind from work") == []
    assert await fatima.unread() == []


async def test_pieces_become_one_answer_with_one_reply_and_an_edit_changes_it(town: Town) -> None:
    fatima = await halfway(town)
    numbers = [await fatima.say(piece) for piece in ("ik woon", "in nazaret", "al 40 jaar")]
    await town.emulator.wait_until_delivered()
    latest = "select value from answers where path = 'home' order by id desc limit 1"
    assert town.stored(latest) == [("ik woon in nazaret al 40 jaar",)]
    await town.quiet()
    assert ["Wat gaat goed?" in message.text for message in await fatima.unread()] == [True]

    await fatima.edit(numbers[1], "in Nazareth")
    await until_text(fatima, "Ik heb uw antwoord veranderd.")
    assert town.stored(latest) == [("ik woon in Nazareth al 40 jaar",)]

    await fatima.edit(1, "iets van lang geleden")
    await until_text(fatima, "Ik zie dat u een bericht hebt veranderd.")
