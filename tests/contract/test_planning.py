"""The waiting list planned from the command line and by night, on either database: shown, published once, told by day. And
the plan of the night beside everything else, in one process at a time, whatever becomes of that process."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.due_work import do_due_work
from app.night_plan import LEASE, NightlyPlan, Planner
from app.plan_beside import PlanBroke, plan_beside
from app.planning import PLAN_REST, Published, preview, publish
from app.talk_desk import opener
from app.talk_news import TalkNews
from app.wiring import House, new_id
from bot.dialogue.state import State, state_to_json
from bot.meeting.post import Post
from bot.ports import Changes
from bot.texts.catalogue import load_catalogue
from domain.session import Claim, Offer, RequestStatus, SessionKind, Stretch, TalkRequest, TalkWish
from scheduler.claims import MEEMAKER
from scheduler.fits import Town as Planned
from scheduler.planning.waiting import Preview, plan_waiting
from storage import Store
from storage.columns import UtcTime
from storage.people import CHAT
from storage.sessions import SessionTable
from tests.acceptance.test_people_and_places import run, said
from tests.contract.conftest import KEY, Database
from tests.patience import until
from tests.unit.scheduler.town import DUOS, MEEMAKERS, PLACES, WISH
from tests.unit.storage.talking import saving, stored

NOON = datetime(2026, 12, 1, 11, tzinfo=UTC)
NIGHT = datetime(2026, 12, 2, 2, 31, tzinfo=UTC)
MORNING = datetime(2026, 12, 2, 8, 0, 1, tzinfo=UTC)


async def plan_here(
    town: Planned, requests: Sequence[TalkRequest], now: datetime, time_limit: float
) -> Preview:
    """A planner that has no process of its own."""
    return plan_waiting(town, requests, now=now, clock=lambda: 0.0, time_limit=time_limit)


class Slow:
    """A planner that takes as long as a test likes."""

    def __init__(self) -> None:
        self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, *given: Any) -> Preview:
        self.asked.set()
        await self.may_go_on.wait()
        return await plan_here(*given)


class Town:
    """One duo and one place, at a moment that a test chooses."""

    def __init__(self, store: Store) -> None:
        self.now = NOON
        self.store = store
        news = TalkNews(store, opener(new_id), Post(load_catalogue()))
        self.house = cast(House, SimpleNamespace(store=store, talk_news=news))

    async def waits(self, name: str, wish: TalkWish = WISH) -> str:
        found = await self.store.turn(saving(Changes(state_to_json(State())), ref=name))
        assert found is not None
        await self.wishes(found.reference, wish)
        return found.reference

    async def wishes(self, reference: str, wish: TalkWish) -> None:
        request = TalkRequest(reference, wish, self.now, RequestStatus.WAITING)
        await self.store.with_sessions(lambda table: table.put_request(request))

    async def offers(self, reference: str) -> Sequence[Offer]:
        return await self.store.with_sessions(lambda table: table.offers_of(reference, now=self.now))

    async def told(self) -> list[str]:
        """Whoever has a message waiting."""
        found = await self.store.claim("telegram", now=self.now, limit=99, lease=timedelta(minutes=2))
        for each in found:
            await self.store.mark_sent(each.id, at=self.now)
        return sorted(each.reference for each in found)

    def night(self, planner: Planner = plan_here, beat_seconds: float = 60) -> NightlyPlan:
        """As a process has it."""
        return NightlyPlan(self.store, lambda: self.now, planner, beat_seconds)

    async def at(self, now: datetime, planner: Planner = plan_here) -> None:
        """What is due by then is done, a little at a time."""
        self.now = now
        await self.night(planner).look()
        await do_due_work(self.house, now)

    async def published(self, found: Preview) -> Published:
        return await publish(self.store.with_sessions, found, lambda: self.now)


@pytest.fixture
def command(database: Database) -> Callable[..., str]:
    """What the command says."""
    there = {"WIJKVERHAAL_DB": database.url, "WIJKVERHAAL_KEY": KEY}
    return partial(said, database.folder, by=partial(run, extra=there))


def settle(table: SessionTable) -> None:
    """Els and Jo hold talks in the hall."""
    for each in MEEMAKERS[:2]:
        table.put_meemaker(replace(each, reference=""), name=each.id.title(), at=NOON)
        table.set_hours(each.id, each.hours)
    table.put_duo(DUOS[0])
    table.put_place(PLACES[0])


@pytest.fixture
def town(store: Store) -> Town:
    asyncio.run(store.with_sessions(settle))
    return Town(store)


def test_a_preview_changes_nothing_and_publishing_tells_once(command: Callable[..., str], town: Town) -> None:
    async def some_wait() -> tuple[str, str]:
        town.now = datetime.now(UTC)
        return await town.waits("ria"), await town.waits("ann", replace(WISH, language="fr"))

    ria, ann = asyncio.run(some_wait())
    for _ in range(2):
        shown = command("plan")
        assert "New: 1" in shown
        assert f"  {ria}  " in shown
        assert "Hall" in shown
        assert "Els and Jo" in shown
        assert "Moved: 0." in shown
        assert "and nothing sooner." in shown
        assert f"{ann}: no duo speaks the language" in shown
        assert "gap 0.00%" in shown
        assert "HiGHS" not in shown
    assert "1 talks are held" in command("plan", "--publish")
    assert "New: 0" in command("plan", "--publish")


def test_options_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    for options in (["--input", "a.json"], ["--output", "b.json"], ["--publish", "--input", "a.json"]):
        found = run(tmp_path, "plan", *options)
        assert found.returncode != 0
        assert "--input and --output go together" in found.stderr


@pytest.mark.anyio
async def test_by_night_it_is_planned_and_by_day_it_is_told_once(town: Town) -> None:
    ria = await town.waits("ria")
    await town.at(NOON)
    assert not await town.offers(ria)
    await town.at(NIGHT, plan_beside)
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


@pytest.mark.anyio
async def test_while_the_plan_is_made_what_is_due_is_told(town: Town) -> None:
    ria, ann = await town.waits("ria"), await town.waits("ann")
    await town.at(NOON)
    found, _ = await preview(town.store, town.now, 20)
    only_ria = replace(found, placed=tuple(each for each in found.placed if each.reference == ria))
    assert (await town.published(only_ria)).held == (ria,)
    slow = Slow()
    town.now = NIGHT
    planning = asyncio.create_task(town.night(slow).look())
    await slow.asked.wait()
    await do_due_work(town.house, town.now)
    assert await town.told() == [ria]
    assert not await town.offers(ann)
    slow.may_go_on.set()
    await planning
    assert await town.offers(ann)


@pytest.mark.anyio
async def test_other_due_work_leaves_the_plan_alone(town: Town) -> None:
    ria = await town.waits("ria")
    await town.at(NOON)
    town.now = NIGHT
    await do_due_work(town.house, town.now)
    await town.night().look()
    assert await town.offers(ria)


def is_leased(town: Town) -> bool:
    """Whether the lease is as long as it can be now."""
    ((until,),) = stored(town.store, "leased_until", "work WHERE kind = 'plan_night'")
    return bool(until == UtcTime().process_bind_param(town.now + LEASE, town.store.dialect))


@pytest.mark.anyio
async def test_one_process_plans_at_a_time_however_long_it_takes(
    town: Town, open_stores: Callable[[], Store]
) -> None:
    ria = await town.waits("ria")
    await town.at(NOON)
    other = Town(open_stores())
    first, second = Slow(), Slow()
    second.may_go_on.set()
    town.now = other.now = NIGHT
    planning = asyncio.create_task(town.night(first, beat_seconds=0.001).look())
    await first.asked.wait()
    for minutes in range(1, 8):
        # Each process has its own look at the clock; the lease that lasts is renewed first.
        town.now = NIGHT + timedelta(minutes=minutes)
        await until(partial(is_leased, town), "renewed")
        other.now = town.now
        await other.night(second).look()
        assert not second.asked.is_set()
    first.may_go_on.set()
    await planning
    assert await town.offers(ria)
    await other.night(second).look()
    assert not second.asked.is_set(), "planned again in the same night"


@pytest.mark.anyio
async def test_what_a_process_that_died_had_to_plan_is_planned_by_another(
    town: Town, open_stores: Callable[[], Store]
) -> None:
    ria = await town.waits("ria")
    await town.at(NOON)
    slow, other = Slow(), Town(open_stores())
    town.now = NIGHT
    planning = asyncio.create_task(town.night(slow).look())
    await slow.asked.wait()
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning
    await other.at(NIGHT + timedelta(minutes=1))
    assert not await other.offers(ria)
    await other.at(NIGHT + LEASE)
    assert await other.offers(ria)


@pytest.mark.anyio
async def test_a_process_that_was_away_too_long_publishes_nothing(
    town: Town, open_stores: Callable[[], Store]
) -> None:
    ria = await town.waits("ria")
    await town.at(NOON)
    slow, other = Slow(), Town(open_stores())
    town.now = NIGHT
    planning = asyncio.create_task(town.night(slow).look())
    await slow.asked.wait()
    await other.at(NIGHT + LEASE)
    assert await other.offers(ria)

    def let_go(table: SessionTable) -> None:
        table.drop_offers(ria)
        table.unplan(f"{PLAN_REST}:{ria}")

    await other.store.with_sessions(let_go)
    slow.may_go_on.set()
    await planning
    assert not await other.offers(ria)


@pytest.mark.anyio
async def test_a_plan_that_fails_is_made_again(town: Town) -> None:
    async def broken(*given: Any) -> Preview:
        raise PlanBroke("MemoryError")

    ria = await town.waits("ria")
    await town.at(NOON)
    with pytest.raises(PlanBroke):
        await town.at(NIGHT, broken)
    await town.at(NIGHT + LEASE)
    assert await town.offers(ria)


@pytest.mark.anyio
async def test_what_was_taken_since_the_plan_is_told_and_not_held(town: Town) -> None:
    ria = await town.waits("ria")
    found, _ = await preview(town.store, town.now, 20)
    (placed,) = found.placed
    when, who = placed.proposal.when, placed.proposal.meemakers[0]

    def take(table: SessionTable) -> bool:
        claims = [Claim(MEEMAKER, who, when.start, when.end)]
        return table.claim("somebody else", claims, until=None, now=town.now)

    assert await town.store.with_sessions(take)
    assert await town.published(found) == Published((), (ria,))
    assert not await town.offers(ria)


@pytest.mark.anyio
async def test_what_changed_since_the_plan_is_not_offered_as_it_was(town: Town) -> None:
    ria = await town.waits("ria")
    found, _ = await preview(town.store, town.now, 20)
    (placed,) = found.placed
    when = placed.proposal.when
    free = (Stretch(when.start - timedelta(days=1), when.start),)
    for other in ({"language": "fr"}, {"kind": SessionKind.HOME}, {"windows": free, "parts": frozenset()}):
        await town.wishes(ria, replace(WISH, **other))
        assert (await town.published(found)).taken == (ria,)
    await town.wishes(ria, WISH)
    town.now = when.start - timedelta(hours=47)
    assert (await town.published(found)).taken == (ria,)
    town.now = NOON
    for away, held in ((when,), ()), ((), (ria,)):
        meemaker = placed.proposal.meemakers[1]
        await town.store.with_sessions(partial(_set_away, meemaker=meemaker, away=away))
        assert (await town.published(found)).held == held


def _set_away(table: SessionTable, meemaker: str, away: Sequence[Stretch]) -> None:
    table.set_times(meemaker, CHAT, away=away)


@pytest.mark.anyio
async def test_the_process_of_a_plan_ends_with_who_asked_for_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    start = asyncio.create_subprocess_exec

    async def watched(*command: Any, **how: Any) -> asyncio.subprocess.Process:
        started.append(await start(sys.executable, "-c", "import time; time.sleep(60)", **how))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    await town.waits("ria")
    await town.at(NOON)
    town.now = NIGHT
    planning = asyncio.create_task(town.night(plan_beside).look())
    await until(lambda: bool(started), "started")
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning
    assert started[0].returncode == -signal.SIGKILL


@pytest.mark.anyio
async def test_a_plan_that_breaks_says_what_broke_it_and_none_of_its_words() -> None:
    with pytest.raises(PlanBroke, match=r"^AttributeError$"):
        await plan_beside(cast(Any, None), [cast(Any, "Ria Peeters")], NIGHT, 1)
