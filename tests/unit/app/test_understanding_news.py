"""What the house knows of its understanding, and what staff and whoever looks after it hear when it goes and comes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from app.metrics import build_registry
from app.settings import read_settings
from app.understanding_news import AWAY, BACK, Seen, UnderstandingNews, judge
from app.wiring import House, Understanding, open_house
from benchmarks.broken_rasa import broken_rasa
from bot.ports import TurnDb
from domain.message import Incoming, IncomingKind
from domain.staff import Role
from nlu.rasa_client import RasaClient
from tests.acceptance.running import form_cache
from tests.patience import PATIENCE

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def told(*looks: tuple[int, bool]) -> list[tuple[int, str]]:
    """What is told at which second, of looks at (second, whether all is understood)."""
    seen, heard = Seen(), []
    for second, is_full in looks:
        seen, phrase = judge(seen, is_full=is_full, at=NOON + timedelta(seconds=second))
        heard += [(second, phrase)] if phrase else []
    return heard


def test_it_is_told_once_when_it_lasts_and_once_when_it_is_over() -> None:
    looks = [(second, not 10 <= second < 300) for second in range(0, 600, 5)]
    assert told(*looks) == [(70, AWAY), (360, BACK)]


def test_a_restart_and_a_short_revival_are_no_news() -> None:
    assert told((0, True), (5, False), (50, False), (55, True), (110, True), (115, False), (170, False)) == []
    assert told(
        (0, False), (60, False), (100, True), (130, False), (135, True), (190, True), (195, True)
    ) == [
        (60, AWAY),
        (195, BACK),
    ]


@dataclass
class Switched(Understanding):
    """A model that is there, on its way or away as the test says."""

    warm: bool = True
    starting: bool = False

    @property
    def is_expected(self) -> bool:
        return True

    @property
    def is_warm(self) -> bool:
        return self.warm

    @property
    def is_starting(self) -> bool:
        return self.starting


@dataclass
class Place:
    house: House
    model: Switched
    news: UnderstandingNews
    clock: list[datetime]

    async def join(self, name: str, role: Role, language: str) -> None:
        def invite(db: TurnDb) -> None:
            db.desk.invite(name, role, f"team-{name}", until=NOON + timedelta(days=7), at=NOON)

        await self.house.store.turn(invite)
        opened = Incoming(
            "telegram", name, IncomingKind.OPEN, NOON, f"u-{name}", code=f"team-{name}", language=language
        )
        await self.house.conversations.take(opened)
        await self.inbox()

    async def pass_time(self, seconds: int) -> None:
        for _ in range(0, seconds, 5):
            self.clock[0] += timedelta(seconds=5)
            await self.news.look()

    async def inbox(self) -> list[tuple[str, str]]:
        """Who got what since the last time, by name: those who are told together are told in no order."""
        got = []
        while heads := await self.house.store.claim("telegram", now=self.clock[0], limit=99, lease=LEASE):
            for head in heads:
                got.append((head.channel_ref, head.message.text))
                await self.house.store.mark_sent(head.id, at=self.clock[0])
        return sorted(got)


@contextlib.asynccontextmanager
async def place(folder: Path, *, warm: bool = True) -> AsyncIterator[Place]:
    clock, model = [NOON], Switched(warm=warm)
    values = {"WIJKVERHAAL_DATA": str(folder), "WIJKVERHAAL_RULES_ONLY": "1"}
    settings = read_settings({**values, "WIJKVERHAAL_FORM_CACHE": str(form_cache())})
    async with open_house(settings, now=lambda: clock[0]) as house:
        house.understanding = model
        yield Place(house, model, UnderstandingNews(house), clock)


async def test_coordinators_are_told_in_their_own_language_and_the_duty_people_are_left_in_peace(
    tmp_path: Path,
) -> None:
    async with place(tmp_path) as here:
        await here.join("Anna", Role.DUTY, "nl")
        await here.join("Cora", Role.COORDINATOR, "nl")
        await here.join("Dean", Role.COORDINATOR, "en")
        await here.pass_time(300)
        assert await here.inbox() == []

        here.model.warm = False
        await here.pass_time(60)
        assert await here.inbox() == []
        await here.pass_time(300)
        assert await here.inbox() == [
            (
                "Cora",
                "Ik begrijp vrije tekst nu minder goed: Rasa geeft geen antwoord. Bewoners kunnen gewoon doorgaan, met "
                "knoppen en korte antwoorden. Ook signalen blijf ik horen. Wilt u dit doorgeven aan wie de techniek "
                "verzorgt? Ik laat het weten als het weer goed is.",
            ),
            (
                "Dean",
                "I understand free words less well now: Rasa gives no answer. Residents can simply go on, with buttons "
                "and short answers. I still hear signals too. Could you tell whoever looks after the technology? I will "
                "let you know when all is well again.",
            ),
        ]

        here.model.warm = True
        await here.pass_time(300)
        assert await here.inbox() == [
            ("Cora", "Ik begrijp vrije tekst weer helemaal. U hoeft niets te doen."),
            ("Dean", "I understand free words completely again. There is nothing you need to do."),
        ]


async def test_without_a_coordinator_whoever_is_there_is_told(tmp_path: Path) -> None:
    async with place(tmp_path, warm=False) as here:
        await here.join("Anna", Role.DUTY, "nl")
        await here.pass_time(100)
        assert [name for name, _ in await here.inbox()] == ["Anna"]


async def test_nobody_to_tell_is_no_trouble(tmp_path: Path) -> None:
    async with place(tmp_path, warm=False) as here:
        await here.pass_time(100)
        assert await here.inbox() == []


async def test_a_slow_start_is_no_news_and_a_failed_one_is(tmp_path: Path) -> None:
    async with place(tmp_path, warm=False) as here:
        await here.join("Cora", Role.COORDINATOR, "nl")
        here.model.starting = True
        await here.pass_time(300)
        assert await here.inbox() == []
        here.model.starting = False
        await here.pass_time(5)
        here.model.starting = True
        await here.pass_time(120)
        assert [name for name, _ in await here.inbox()] == ["Cora"]


async def test_where_rasa_is_switched_off_there_is_no_news(tmp_path: Path) -> None:
    settings = read_settings({"WIJKVERHAAL_DATA": str(tmp_path), "WIJKVERHAAL_RULES_ONLY": "1"})
    clock = [NOON]
    async with open_house(settings, now=lambda: clock[0]) as house:
        news = UnderstandingNews(house)
        for _ in range(3):
            clock[0] += timedelta(minutes=5)
            await news.look()
        assert not house.understanding.is_expected
        assert await house.store.claim("telegram", now=clock[0], limit=9, lease=LEASE) == ()


def metrics(house: House) -> dict[str, float]:
    lines = generate_latest(build_registry(house)).decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if "_model_" in line or "_understanding_" in line)
    return {name: float(value) for name, _, value in pairs if not name.startswith("#")}


async def test_metrics_tell_state_outcomes_and_the_model(tmp_path: Path) -> None:
    with broken_rasa() as rasa:
        client = RasaClient([rasa.url], "", clock=lambda: 0.0, timeout_seconds=PATIENCE)
        async with client, place(tmp_path) as here:
            here.house.understanding = understanding = Understanding(client)
            await client.look()
            assert understanding.says == "full"
            assert await understanding.parse("krek wat ge zegt") is not None
            for mood in ("error", "page", "hangs_up", "error"):
                rasa.mood = mood
                assert await understanding.parse("krek wat ge zegt") is None
            assert metrics(here.house) == {
                "wijkverhaal_understanding_full": 1.0,
                "wijkverhaal_model_calls_total": 5.0,
                "wijkverhaal_model_failures_total": 4.0,
                'wijkverhaal_model_outcomes_total{outcome="answered"}': 1.0,
                'wijkverhaal_model_outcomes_total{outcome="late"}': 0.0,
                'wijkverhaal_model_outcomes_total{outcome="unreachable"}': 1.0,
                'wijkverhaal_model_outcomes_total{outcome="refused"}': 2.0,
                'wijkverhaal_model_outcomes_total{outcome="rubbish"}': 1.0,
                'wijkverhaal_model_outcomes_total{outcome="not_asked"}': 0.0,
                'wijkverhaal_model_servers{state="asked"}': 1.0,
                'wijkverhaal_model_servers{state="left_alone"}': 0.0,
                'wijkverhaal_model_in_use{model="nlu-of-the-stand-in"}': 1.0,
            }

            await understanding.parse("krek wat ge zegt")
            await understanding.parse("krek wat ge zegt")
            told = metrics(here.house)
            assert understanding.says == "rules only"
            assert told["wijkverhaal_understanding_full"] == 0
            assert told['wijkverhaal_model_servers{state="left_alone"}'] == 1
            assert told['wijkverhaal_model_outcomes_total{outcome="not_asked"}'] == 1
