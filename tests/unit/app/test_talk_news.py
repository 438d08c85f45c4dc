"""What time brings to talks is told and taken away in one go, once; at night only what cannot wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from app.talk_news import TalkNews
from bot.meeting.post import Post
from domain.session import SESSION_LEFT, News, Session, SessionKind, SessionStatus, Stretch, Tell
from scheduler.moments import Key, Moment
from storage.base import Store
from storage.work import DueWork

pytestmark = pytest.mark.anyio

NIGHT = datetime(2026, 12, 1, 2, tzinfo=UTC)
NOON = datetime(2026, 12, 1, 11, tzinfo=UTC)
MORNING = datetime(2026, 12, 1, 8, tzinfo=UTC)
"""Nine o'clock in Amsterdam."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def session(start: datetime) -> Session:
    when = Stretch(start, start + timedelta(hours=1))
    return Session("s", SessionKind.PRIVATE, "d", "els", "jo", "hall", "zaal", when, SessionStatus.CONFIRMED)


@dataclass
class Town:
    """Store, transaction, desk and post at once, in memory. `claimed` is the work that is still there."""

    start: datetime = NOON + timedelta(hours=6)
    claimed: set[str] = field(default_factory=set)
    planned: dict[str, datetime] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)

    async def turn(self, work: Callable[[Any], Any]) -> Any:
        return work(self)

    @property
    def desk(self) -> "Town":
        return self

    sessions = None

    def finish(self, key: str) -> bool:
        if key not in self.claimed:
            return False
        self.claimed.remove(key)
        return True

    def plan(self, key: str, kind: str, reference: str, due_at: datetime) -> None:
        self.planned[key] = due_at

    def session(self, id: str) -> Session | None:
        return session(self.start) if id == "s" else None

    def due(self, key: str, *, now: datetime) -> list[Tell]:
        return [Tell("r", News.REMIND_DAY, key)]

    def expire(self, *, now: datetime) -> list[Tell]:
        self.looked.append("expire")
        return [Tell("r", News.NO_DUO, "expired")]

    def look_again(self, *, now: datetime, most: int) -> list[Tell]:
        self.looked.append("look_again")
        return []

    def tell(self, db: Any, desk: Any, tells: Sequence[Tell], at: datetime, *, key: str = "") -> None:
        self.told += [(each.session, key) for each in tells]

    @property
    def news(self) -> TalkNews:
        return TalkNews(cast(Store, self), lambda sessions: cast(Any, self), cast(Post, self))

    async def do(self, moment: Moment, now: datetime, session_id: str = "s") -> None:
        key = str(Key(session_id, moment, "r"))
        self.claimed.add(key)
        await self.news.do(DueWork(key, moment, "r", now, 0), now)


async def test_reminder_is_told_under_a_name_by_which_it_can_be_taken_back() -> None:
    town = Town()
    await town.do(Moment.DAY, NOON)
    key = str(Key("s", Moment.DAY, "r"))
    assert town.told == [(key, f"{key}:{town.start.timestamp():.0f}")]
    assert town.claimed == set()


async def test_work_that_another_process_has_done_is_not_told_again() -> None:
    town = Town()
    await town.news.do(DueWork(str(Key("s", Moment.DAY, "r")), Moment.DAY, "r", NOON, 0), NOON)
    assert town.told == []


@pytest.mark.parametrize("moment", [Moment.DAY, Moment.SOON, Moment.AFTER, Moment.ANSWER])
async def test_at_night_it_waits_for_the_morning(moment: Moment) -> None:
    town = Town()
    await town.do(moment, NIGHT)
    assert (town.told, town.planned) == ([], {str(Key("s", moment, "r")): MORNING})


@pytest.mark.parametrize("moment", [Moment.ARRIVE_MISSED, Moment.LEAVE_MISSED, Moment.ARRIVE, Moment.LEAVE])
async def test_safety_of_the_duo_keeps_no_hours(moment: Moment) -> None:
    town = Town()
    await town.do(moment, NIGHT)
    assert len(town.told) == 1


async def test_silence_before_an_early_talk_cannot_wait() -> None:
    town = Town(start=MORNING + timedelta(hours=2))
    await town.do(Moment.ANSWER, NIGHT)
    assert len(town.told) == 1


async def test_session_that_somebody_was_erased_out_of_is_looked_at_at_once() -> None:
    town = Town(claimed={"session_left:s"})
    await town.news.do(DueWork("session_left:s", SESSION_LEFT, "", NIGHT, 0), NIGHT)
    assert town.told == [("session_left:s", "")]


async def test_work_of_a_session_that_is_gone_is_taken_away() -> None:
    town = Town()
    await town.do(Moment.DAY, NIGHT, "gone")
    assert (town.claimed, town.planned) == (set(), {})


async def test_silence_and_the_waiting_list_are_looked_at_by_day() -> None:
    town = Town()
    for now in (NIGHT, NOON):
        await town.news.expire(now)
        await town.news.look_again(now)
    assert town.looked == ["expire", "look_again"]
    assert town.told == [("expired", "")]
