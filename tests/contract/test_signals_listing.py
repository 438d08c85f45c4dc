"""`wijkverhaal signals` and the trace on both databases: who was told, who took a signal and who closed it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.settings import Settings, read_settings
from app.signals import list_signals
from app.tracing import trace_person
from bot.ports import TurnDb
from tests.contract.conftest import KEY, Database
from tests.unit.bot.reception.desk import NIGHT, Desk

pytestmark = pytest.mark.anyio
HEAD = ("time", "reference", "kind", "state", "told", "taken by", "closed by")


@dataclass
class Office:
    desk: Desk
    settings: Settings

    async def listed(self, *, is_open: bool | None = None, as_json: bool = False) -> str:
        written: list[str] = []
        await list_signals(self.settings, written.append, is_open=is_open, as_json=as_json)
        return "\n".join(written)

    async def table(self, *, is_open: bool | None = None) -> list[tuple[str, ...]]:
        """Without the spaces that keep columns under each other."""
        lines = (await self.listed(is_open=is_open)).splitlines()
        return [tuple(filter(None, (cell.strip() for cell in line.split("  ")))) for line in lines]

    async def reference(self) -> str:
        return await self.desk.store.turn(_first_reference)


def _first_reference(db: TurnDb) -> str:
    return db.desk.cases.all()[0].reference


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    store = database.open()
    desk = Desk(store, now=NIGHT)
    for name in ("Anna", "Bram"):
        await desk.join(name)
    plain = read_settings({"WIJKVERHAAL_DATA": str(tmp_path / "data")})
    yield Office(desk, replace(plain, database=database.url, key=KEY))
    await store.close()


@pytest.mark.parametrize(
    "is_open, words",
    [
        (None, "There are no signals: no danger was heard."),
        (True, "There are no open signals: nothing waits for anybody."),
        (False, "There are no closed signals."),
    ],
)
async def test_kind_words_when_there_are_none(office: Office, is_open: bool | None, words: str) -> None:
    assert await office.listed(is_open=is_open) == words
    assert json.loads(await office.listed(is_open=is_open, as_json=True))["signals"] == []


async def test_table_tells_who_was_told_who_took_it_and_who_closed_it(office: Office) -> None:
    desk = office.desk
    await desk.say("Fatima", "ik wil dood")
    first = await office.reference()
    await desk.pass_time(15)
    await desk.tap("Bram", "Ik pak het op")
    await desk.pass_time(5)
    await desk.tap("Bram", "Afgehandeld")
    await desk.say("Gijs", "mijn man slaat me")
    await desk.say("Gijs", "er is brand")

    head, closed, waiting = await office.table()
    assert head == HEAD
    assert closed == (
        "2026-11-23 22:00",
        first,
        "suicide",
        "closed",
        "Anna 2026-11-23 22:00, Bram 2026-11-23 22:15",
        "Bram 2026-11-23 22:15",
        "Bram 2026-11-23 22:20",
    )
    assert (waiting[0], *waiting[2:]) == (
        "2026-11-23 22:20",
        "violence, emergency (2 times)",
        "open",
        "Anna 2026-11-23 22:20, Anna 2026-11-23 22:20",
        "-",
        "-",
    )
    assert await office.table(is_open=True) == [head, waiting]
    assert await office.table(is_open=False) == [head, closed]


async def test_many_tellings_are_shortened_in_the_table_and_whole_in_the_json(office: Office) -> None:
    await office.desk.say("Fatima", "ik wil dood")
    await office.desk.pass_time(75)

    assert (await office.table())[1][4] == (
        "Anna 2026-11-23 22:00, Bram 2026-11-23 22:15, 3 more, Bram 2026-11-23 23:15"
    )
    [signal] = json.loads(await office.listed(as_json=True))["signals"]
    assert [(each["who"], each["what"]) for each in signal["told"]] == [
        ("Anna", "told"), ("Bram", "told"), ("Anna", "passed_on"), ("Anna", "told"), ("Bram", "passed_on"),
        ("Bram", "told"), ("Anna", "told"), ("Bram", "told"),
    ]  # fmt: skip # read as one list


async def test_json_holds_everything_in_dutch_time(office: Office) -> None:
    await office.desk.say("Fatima", "ik wil dood")
    await office.desk.tap("Anna", "Ik pak het op")
    reference = await office.reference()

    assert json.loads(await office.listed(as_json=True)) == {
        "time_zone": "Europe/Amsterdam",
        "signals": [
            {
                "time": "2026-11-23T22:00:00+01:00",
                "last_time": "2026-11-23T22:00:00+01:00",
                "times_heard": 1,
                "reference": reference,
                "kinds": ["suicide"],
                "state": "taken",
                "told": [{"who": "Anna", "at": "2026-11-23T22:00:00+01:00", "what": "told"}],
                "taken_by": "Anna",
                "taken_at": "2026-11-23T22:00:00+01:00",
                "closed_by": None,
                "closed_at": None,
            }
        ],
    }


async def test_who_was_never_there_and_who_is_gone_are_told_as_such(office: Office) -> None:
    desk = office.desk
    await desk.say("Fatima", "ik wil dood")
    await desk.tap("Anna", "Ik pak het op")
    await desk.tap("Anna", "Afgehandeld")
    for name in ("Anna", "Bram"):
        await desk.remove(name)
    await desk.say("Gijs", "hallo")
    await desk.tap("Gijs", "Ja, dat mag")
    await desk.say("Gijs", "ik wil dood")
    desk.now += timedelta(minutes=1)
    await desk.say("Gijs", "wis mijn gegevens")
    await desk.tap("Gijs", "Ja, wis alles")

    left = "somebody who left the staff 2026-11-23 22:00"
    assert [row[3:] for row in (await office.table())[1:]] == [
        ("closed", left, left, left),
        ("closed", "nobody yet", "-", "erased 2026-11-23 22:01"),
    ]
    assert (await office.table())[2][1] == "(erased)"


async def test_looking_at_signals_leaves_a_line_in_the_log(office: Office) -> None:
    await office.desk.say("Fatima", "ik wil dood")
    with capture_logs() as logs:
        await office.listed()
    assert [(each["event"], each["count"]) for each in logs] == [("signals_read", 1)]


async def test_trace_tells_who_took_it_and_who_closed_it(office: Office) -> None:
    desk = office.desk
    await desk.say("Fatima", "ik wil dood")
    desk.now += timedelta(minutes=2)
    await desk.tap("Anna", "Ik pak het op")
    desk.now += timedelta(minutes=2)
    await desk.tap("Anna", "Afgehandeld")
    written: list[str] = []
    await trace_person(office.settings, await office.reference(), False, written.append)

    told = [line for line in "\n".join(written).splitlines() if "signal" in line]
    assert told == [
        "  22:00  a signal for staff: suicide (closed 2026-11-23 22:04)",
        "  22:00  Anna was told of the signal",
        "  22:02  Anna took the signal up",
        "  22:04  Anna closed the signal",
    ]
