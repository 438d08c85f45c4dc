"""Reminders on both databases, with the real conversation: planned with the turn, cancelled by any sign of life,
checked again when they are sent. The clock is a value here."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.conversation import Conversations
from bot.reminding import Reminders
from domain.message import Incoming, IncomingKind
from nlu.understand import understand
from storage import Store
from tests.unit.bot.talking import CATALOGUE, OneForm
from tests.unit.storage.talking import stored

pytestmark = pytest.mark.anyio
BEGAN = datetime(2026, 11, 23, 11, tzinfo=UTC)
DAY, LEASE = timedelta(days=1), timedelta(minutes=2)


class Life:
    """One resident on Telegram, and the days that pass."""

    def __init__(self, store: Store, *, channel: str = "telegram") -> None:
        self.store, self.channel, self.now = store, channel, BEGAN
        ids = count(1)
        self.conversations = Conversations(
            store=store, shelf=OneForm(), understand=understand, model=None, catalogue=CATALOGUE,
            new_id=lambda: f"response-{next(ids)}", deliver_later=frozenset({"telegram"}),
        )  # fmt: skip # read as one piece
        self.reminders = Reminders(store, OneForm(), CATALOGUE)

    async def say(self, *texts: str) -> None:
        for text in texts:
            self.now += timedelta(seconds=30)
            kind = IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
            await self.conversations.take(Incoming(self.channel, "anna", kind, self.now, text=text))

    async def begin(self, reminders: str = "ja") -> None:
        await self.say("hallo", "ja", reminders, "in nazareth")
        await self.heard()

    async def heard(self) -> list[str]:
        """What reaches the resident now."""
        found = []
        while heads := await self.store.claim("telegram", now=self.now + LEASE, limit=10, lease=LEASE):
            for head in heads:
                found.append(head.message.text)
                await self.store.mark_sent(head.id, at=self.now)
        return found

    async def pass_time(
        self, passed: timedelta, step: timedelta = timedelta(hours=1)
    ) -> list[tuple[datetime, str]]:
        """Hour by hour, as the clock looks; what came, and when."""
        came, until = [], self.now + passed
        while self.now < until:
            self.now += step
            await self.reminders.send_due(self.now)
            came += [(self.now, text) for text in await self.heard()]
        return came

    def planned(self) -> list[str]:
        return [kind for (kind,) in stored(self.store, "kind", "work ORDER BY kind")]


async def test_two_reminders_and_then_silence(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    last = anna.now
    came = await anna.pass_time(timedelta(days=40))
    assert [text.partition("!")[0] for _, text in came] == ["Hallo", "Hallo"]
    first, second = (at for at, _ in came)
    assert DAY <= first - last < DAY + timedelta(hours=2)
    assert 7 * DAY <= second - last < 7 * DAY + timedelta(hours=2)
    assert "vraag 2 van 4" in came[0][1]
    assert "laatste bericht" in came[1][1]
    assert anna.planned() == []


@pytest.mark.parametrize(
    "act",
    [("stop",), ("ik heb er geen zin meer in",), ("wis mijn gegevens", "ja"),
     ("de buren zijn erg aardig", "ja", "een bankje bij de kerk")],
)  # fmt: skip # read as one piece
async def test_nothing_is_planned_any_more_after(store: Store, act: tuple[str, ...]) -> None:
    anna = Life(store)
    await anna.begin()
    assert anna.planned() == ["remind_first"]
    await anna.say(*act)
    await anna.heard()
    assert anna.planned() == []
    assert await anna.pass_time(timedelta(days=10)) == []


async def test_sign_of_life_puts_the_first_reminder_off(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    await anna.pass_time(timedelta(hours=20))
    await anna.say("help")
    await anna.heard()
    said = anna.now
    came = await anna.pass_time(timedelta(hours=30))
    assert [at - said >= DAY for at, _ in came] == [True]


async def test_coming_back_after_the_first_starts_the_two_anew(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    assert len(await anna.pass_time(timedelta(hours=30))) == 1
    await anna.say("verder")
    await anna.heard()
    assert anna.planned() == ["remind_first"]


@pytest.mark.parametrize(("channel", "reminders"), [("telegram", "nee"), ("web", "ja")])
async def test_no_reminder_without_consent_or_where_nobody_can_be_reached(
    store: Store, channel: str, reminders: str
) -> None:
    anna = Life(store, channel=channel)
    await anna.begin(reminders)
    assert anna.planned() == []
    assert await anna.pass_time(timedelta(days=10)) == []


async def test_reminder_that_is_due_at_night_comes_in_the_morning(store: Store) -> None:
    anna = Life(store)
    anna.now = datetime(2026, 3, 27, 22, tzinfo=UTC)  # 23:00; the clock goes forward a night later
    await anna.begin()
    (came,) = await anna.pass_time(timedelta(hours=48))
    assert came[0] >= datetime(2026, 3, 29, 7, tzinfo=UTC)  # 09:00 in summer time
    assert came[0] < datetime(2026, 3, 29, 8, 5, tzinfo=UTC)


async def test_clock_that_stood_still_until_night_waits_for_the_morning(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    anna.now = datetime(2026, 11, 25, 2, tzinfo=UTC)
    assert await anna.reminders.send_due(anna.now) == 0
    assert anna.planned() == ["remind_first"]
    anna.now = datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert await anna.reminders.send_due(anna.now) == 1


async def test_reminder_not_sent_by_the_evening_is_not_sent(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    anna.now = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    assert await anna.reminders.send_due(anna.now) == 1
    anna.now = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
    assert await anna.heard() == []
    assert stored(store, "status, code", "outbox WHERE not_after IS NOT NULL") == [("failed", "too_late")]


async def test_reminder_that_waits_is_taken_back_when_the_person_speaks_first(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    anna.now = datetime(2026, 11, 24, 15, tzinfo=UTC)
    await anna.reminders.send_due(anna.now)
    await anna.say("help")
    assert not [text for text in await anna.heard() if text.startswith("Hallo! U was bezig")]


async def test_blocked_person_is_not_reminded(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    await store.block_contact("telegram", "anna", at=anna.now)
    assert await anna.pass_time(timedelta(days=10)) == []


async def test_two_processes_send_a_reminder_once(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    anna.now += timedelta(hours=26)
    others = [Reminders(store, OneForm(), CATALOGUE) for _ in range(4)]
    sent = await asyncio.gather(*(each.send_due(anna.now) for each in others))
    assert sum(sent) == 1
    assert len(await anna.heard()) == 1


async def test_held_reply_waits_in_the_outbox_and_is_replaced(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    await anna.say("de buren zijn")
    for words in ("erg aardig", "en behulpzaam"):
        anna.now -= timedelta(seconds=29)
        await anna.say(words)
    assert await store.claim("telegram", now=anna.now + timedelta(seconds=4), limit=10, lease=LEASE) == ()
    said = await anna.heard()
    assert len(said) == 1
    assert "Bent u tevreden?" in said[0]
    values = [value for (value,) in stored(store, "value", "answers WHERE path = 'good' ORDER BY id")]
    assert values[-1] == "de buren zijn erg aardig en behulpzaam"


async def test_two_misses_in_a_row_stand_in_the_events(store: Store) -> None:
    anna = Life(store)
    await anna.begin()
    await anna.say("de buren zijn erg aardig", "bloemkool", "qwerty", "xyzzy")
    assert stored(store, "kind, path", "events WHERE kind = 'missed'") == [("missed", "happy")]
    rows = stored(store, "*", "events")
    assert not [word for word in ("bloemkool", "aardig", "nazareth") if word in str(rows)]
    await anna.say("wis mijn gegevens", "ja")
    assert stored(store, "*", "events") == []
