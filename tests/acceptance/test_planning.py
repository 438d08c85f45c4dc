"""The waiting list planned from the command line and by night: shown, published once, and told by day."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.due_work import do_due_work
from app.planning import NightlyPlan, preview, publish
from app.settings import read_settings
from app.wiring import House, open_house
from bot.dialogue.state import State, state_to_json
from bot.ports import Changes
from domain.session import Claim, Offer, RequestStatus, SessionKind, TalkRequest, TalkWish
from scheduler.claims import MEEMAKER
from storage.sessions import SessionTable
from tests.acceptance.running import environment
from tests.acceptance.test_people_and_places import run, said
from tests.acceptance.test_sessions_commands import with_town
from tests.unit.storage.talking import saving

WISH = TalkWish(SessionKind.PRIVATE, "nazareth", frozenset({"nazareth"}))
NOON = datetime(2026, 12, 1, 11, tzinfo=UTC)
NIGHT = datetime(2026, 12, 2, 2, 31, tzinfo=UTC)
MORNING = datetime(2026, 12, 2, 8, 0, 1, tzinfo=UTC)


class Town:
    """A house with one duo and one place, at a moment that a test chooses."""

    def __init__(self) -> None:
        self.now = NOON
        self.house: House

    async def waits(self, name: str, wish: TalkWish = WISH) -> str:
        found = await self.house.store.turn(saving(Changes(state_to_json(State())), ref=name))
        assert found is not None
        request = TalkRequest(found.reference, wish, self.now, RequestStatus.WAITING)
        await self.house.store.with_sessions(lambda table: table.put_request(request))
        return found.reference

    async def offers(self, reference: str) -> Sequence[Offer]:
        return await self.house.store.with_sessions(lambda table: table.offers_of(reference, now=self.now))

    async def told(self) -> list[str]:
        """Whoever has a message waiting."""
        found = await self.house.store.claim("telegram", now=self.now, limit=99, lease=timedelta(minutes=2))
        for each in found:
            await self.house.store.mark_sent(each.id, at=self.now)
        return sorted(each.reference for each in found)

    async def at(self, now: datetime) -> None:
        """What is due by then is done, a little at a time."""
        self.now = now
        await NightlyPlan(self.house).look()
        await do_due_work(self.house, now)


@asynccontextmanager
async def open_town(folder: Path) -> AsyncIterator[Town]:
    town = Town()
    settings = replace(read_settings(environment(folder / "data")), rules_only=True)
    async with open_house(settings, say=lambda _: None, now=lambda: town.now) as house:
        town.house = house
        yield town


def test_a_preview_changes_nothing_and_publishing_tells_once(tmp_path: Path) -> None:
    with_town(tmp_path)

    async def some_wait() -> tuple[str, str]:
        async with open_town(tmp_path) as town:
            town.now = datetime.now(UTC)
            return await town.waits("ria"), await town.waits("ann", replace(WISH, language="fr"))

    ria, ann = asyncio.run(some_wait())
    for _ in range(2):
        shown = said(tmp_path, "plan")
        assert "New: 1" in shown
        assert f"  {ria}  " in shown
        assert "Buurthuis" in shown
        assert "Els and Jo" in shown
        assert "Moved: 0." in shown
        assert f"{ann}: no duo speaks the language" in shown
        assert "gap 0.00%" in shown
        assert "HiGHS" not in shown
    assert "1 talks are held" in said(tmp_path, "plan", "--publish")
    assert "New: 0" in said(tmp_path, "plan", "--publish")


def test_options_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    for options in (["--input", "a.json"], ["--output", "b.json"], ["--publish", "--input", "a.json"]):
        found = run(tmp_path, "plan", *options)
        assert found.returncode != 0
        assert "--input and --output go together" in found.stderr


def test_by_night_it_is_planned_and_by_day_it_is_told_once(tmp_path: Path) -> None:
    with_town(tmp_path)

    async def nights() -> None:
        async with open_town(tmp_path) as town:
            ria = await town.waits("ria")
            await town.at(NOON)
            assert not await town.offers(ria)
        async with open_town(tmp_path) as town:  # a restart
            await town.at(NIGHT)
            (offer,) = await town.offers(ria)
            assert offer.when.start >= NIGHT + timedelta(hours=48)
            assert await town.told() == []
            await town.at(MORNING)
            assert await town.told() == [ria]
            assert list(await town.offers(ria)) == [offer]
            assert offer.until >= MORNING + timedelta(hours=23)
            for days in range(1, 8):
                await town.at(NIGHT + timedelta(days=days))
                await town.at(MORNING + timedelta(days=days))
            assert await town.told() == []
            await town.at(NIGHT + timedelta(days=8))
            await town.at(MORNING + timedelta(days=8))
            assert await town.told() == [ria]

    asyncio.run(nights())


def test_what_was_taken_since_the_plan_is_told_and_not_held(tmp_path: Path) -> None:
    with_town(tmp_path)

    async def busy() -> None:
        async with open_town(tmp_path) as town:
            ria = await town.waits("ria")
            found, _ = await preview(town.house.store, town.now, 20)
            (placed,) = found.placed
            when, who = placed.proposal.when, placed.proposal.meemakers[0]

            def take(table: SessionTable) -> bool:
                claims = [Claim(MEEMAKER, who, when.start, when.end)]
                return table.claim("somebody else", claims, until=None, now=town.now)

            assert await town.house.store.with_sessions(take)
            done = await publish(town.house.store, found, town.now)
            assert (done.held, done.taken) == ((), (ria,))
            assert not await town.offers(ria)

    asyncio.run(busy())
