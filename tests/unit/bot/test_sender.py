"""The sender: order and pace, what each result leads to, and how it stops; time is the test's own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.ports import OutboxMessage, SendResult, Sent
from bot.sender import Clock, Pace, Sender, SenderSettings, pause_after, waited_before
from domain.errors import DomainError
from domain.message import Message
from tests.patience import PATIENCE

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
SENT, TROUBLE, UNKNOWN = Sent(SendResult.SENT), Sent(SendResult.TROUBLE), Sent(SendResult.UNKNOWN)


class FakeTime:
    """Seconds that pass only when the test says so; whoever sleeps wakes in order."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, self.now, self.sleep)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        sleeper = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.seconds + seconds, sleeper))
        await sleeper

    async def go_on(self, seconds: float = 0) -> None:
        """Let so many seconds pass, and everything that can happen in them happen."""
        until = self.seconds + seconds
        await self._settle()
        while due := sorted(at for at, sleeper in self._sleepers if at <= until and not sleeper.done()):
            self.seconds = max(self.seconds, due[0])
            for at, sleeper in self._sleepers:
                if at <= self.seconds and not sleeper.done():
                    sleeper.set_result(None)
            self._sleepers = [(at, sleeper) for at, sleeper in self._sleepers if not sleeper.done()]
            await self._settle()
        self.seconds = until

    async def _settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)


@dataclass
class Row:
    id: int
    chat: str
    text: str
    not_before: datetime = START
    leased_until: datetime = START
    attempts: int = 0
    state: str = "waiting"
    may_lapse: bool = False
    marks: list[str] = field(default_factory=list)


class FakeOutbox:
    """As the port promises: only the head of a chat, only when due and not leased."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.away = False
        self.claims = 0

    def add(self, chat: str, *texts: str) -> None:
        self.rows += [Row(len(self.rows) + number, chat, text) for number, text in enumerate(texts, 1)]

    def state_of(self, text: str) -> str:
        return next(row.state for row in self.rows if row.text == text)

    def marks_of(self, text: str) -> list[str]:
        return next(row.marks for row in self.rows if row.text == text)

    async def claim(
        self, channel: str, *, now: datetime, limit: int, lease: timedelta
    ) -> Sequence[OutboxMessage]:
        self._answer()
        self.claims += 1
        heads: dict[str, Row] = {}
        for row in self.rows:
            if row.state == "waiting":
                heads.setdefault(row.chat, row)
        due = [row for row in heads.values() if row.not_before <= now and row.leased_until <= now][:limit]
        for row in due:
            row.leased_until = now + lease
        return [
            OutboxMessage(row.id, f"r-{row.chat}", row.chat, Message(row.text), row.attempts, row.may_lapse)
            for row in due
        ]

    async def mark_sent(self, message_id: int, *, at: datetime) -> None:
        self._settle(message_id, "sent")

    async def mark_again(self, message_id: int, *, not_before: datetime, unknown: bool = False) -> None:
        self._answer()
        row = self._row(message_id)
        row.attempts += 1
        row.not_before, row.leased_until = not_before, START
        row.marks.append("unknown" if unknown else "again")

    async def mark_failed(self, message_id: int, *, code: str) -> None:
        self._settle(message_id, f"failed {code}")

    async def still_waits(self, message_id: int) -> bool:
        return self._row(message_id).state == "waiting"

    async def mark_blocked(self, reference: str, *, at: datetime) -> None:
        self._answer()
        for row in self.rows:
            if f"r-{row.chat}" == reference and row.state == "waiting":
                row.state = "dropped"

    def _settle(self, message_id: int, state: str) -> None:
        self._answer()
        self._row(message_id).state = state

    def _row(self, message_id: int) -> Row:
        return next(row for row in self.rows if row.id == message_id)

    def _answer(self) -> None:
        if self.away:
            raise DomainError("storage_unavailable")


class FakeTransport:
    """Answers each chat from its own script, SENT when that is empty; `gate` holds every send while it is closed."""

    def __init__(self, time: FakeTime) -> None:
        self._time = time
        self.script: dict[str, list[Sent | Exception]] = {}
        self.sent: list[tuple[float, str, str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.in_flight = self.most_in_flight = 0

    async def send(self, channel_ref: str, message: Message) -> Sent:
        self.sent.append((self._time.seconds, channel_ref, message.text))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await self.gate.wait()
        self.in_flight -= 1
        answers = self.script.get(channel_ref)
        answer = answers.pop(0) if answers else SENT
        if isinstance(answer, Exception):
            raise answer
        return answer

    def texts(self, chat: str) -> list[str]:
        return [text for _, to, text in self.sent if to == chat]

    def times(self, chat: str) -> list[float]:
        return [at for at, to, _ in self.sent if to == chat]


@dataclass
class Post:
    """A running sender with its surroundings."""

    time: FakeTime
    outbox: FakeOutbox
    transport: FakeTransport
    sender: Sender
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def finish(self) -> None:
        self.stop.set()
        await self.time.go_on()
        await asyncio.wait_for(self.task, PATIENCE)


@asynccontextmanager
async def a_post(limits: SenderSettings = SenderSettings()) -> AsyncIterator[Post]:
    time = FakeTime()
    outbox, transport = FakeOutbox(), FakeTransport(time)
    sender = Sender(channel="telegram", outbox=outbox, transport=transport, clock=time.clock, settings=limits)
    stop = asyncio.Event()
    post = Post(time, outbox, transport, sender, stop, asyncio.create_task(sender.run(stop)))
    await time.go_on()
    yield post
    transport.gate.set()
    if not post.task.done():
        await post.finish()


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(test())

    run.__name__ = test.__name__
    return run


@in_loop
async def test_messages_of_a_chat_go_in_order_a_second_apart() -> None:
    async with a_post() as post:
        post.outbox.add("1", "a", "b", "c")
        post.sender.wake()
        await post.time.go_on(5)
        assert post.transport.texts("1") == ["a", "b", "c"]
        assert post.transport.times("1") == [0, 1, 2]
        assert [row.state for row in post.outbox.rows] == ["sent", "sent", "sent"]


@in_loop
async def test_news_that_is_taken_back_while_it_waits_its_turn_is_not_sent() -> None:
    async with a_post() as post:
        post.outbox.add("1", "a", "the talk of today")
        post.outbox.rows[1].may_lapse = True
        post.sender.wake()
        await post.time.go_on(0.5)  # the second is claimed, and waits for its second
        assert post.sender.held == 1
        post.outbox.rows[1].state = "gone"
        await post.time.go_on(5)
        assert post.transport.texts("1") == ["a"]
        assert post.sender.counts["taken_back"] == 1


@in_loop
async def test_next_message_waits_until_the_former_is_settled() -> None:
    async with a_post() as post:
        post.transport.gate.clear()
        post.outbox.add("1", "a", "b")
        await post.time.go_on(30)
        assert post.transport.texts("1") == ["a"]
        post.transport.gate.set()
        await post.time.go_on(1)
        assert post.transport.texts("1") == ["a", "b"]


@in_loop
async def test_wake_sends_at_once_and_without_it_the_sender_looks_by_itself() -> None:
    async with a_post() as post:
        post.outbox.add("1", "a")
        await post.time.go_on(0.9)
        assert post.transport.sent == []
        await post.time.go_on(0.1)
        assert post.transport.times("1") == [1]
        post.outbox.add("2", "b")
        post.sender.wake()
        await post.time.go_on()
        assert post.transport.times("2") == [1]


@in_loop
async def test_wait_of_one_chat_does_not_delay_another() -> None:
    async with a_post(SenderSettings(in_flight=1)) as post:
        post.transport.script["1"] = [Sent(SendResult.WAIT, seconds=30)]
        post.outbox.add("1", "a")
        post.outbox.add("2", "b", "c")
        await post.time.go_on(40)
        assert post.transport.times("1") == [1, 31]
        assert post.transport.times("2") == [1, 2]


@in_loop
async def test_trouble_is_tried_again_ever_later_and_keeps_the_order() -> None:
    async with a_post(SenderSettings(look_every=0.5)) as post:
        post.transport.script["1"] = [TROUBLE, TROUBLE, TROUBLE, TROUBLE]
        post.outbox.add("1", "a", "b")
        post.sender.wake()
        await post.time.go_on(30)
        assert post.transport.times("1") == [0, 1, 3, 7, 15, 16]
        assert post.transport.texts("1") == ["a", "a", "a", "a", "a", "b"]


@in_loop
async def test_trouble_that_lasts_is_given_up_and_the_chat_goes_on() -> None:
    async with a_post(SenderSettings(give_up_after=100)) as post:
        post.transport.script["1"] = [TROUBLE] * 8
        post.outbox.add("1", "a", "b")
        await post.time.go_on(200)
        assert post.transport.texts("1") == ["a"] * 8 + ["b"]
        assert [post.outbox.state_of("a"), post.outbox.state_of("b")] == ["failed gave_up", "sent"]


def test_a_day_of_trouble_is_given_up_after_a_day() -> None:
    attempts = next(attempts for attempts in range(10_000) if waited_before(attempts) >= 24 * 3600)
    assert sum(pause_after(number) for number in range(attempts)) == waited_before(attempts)
    assert 24 * 3600 <= waited_before(attempts) < 24 * 3600 + 60
    assert [pause_after(attempts) for attempts in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


@in_loop
async def test_unknown_is_marked_and_tried_once_more() -> None:
    async with a_post() as post:
        post.transport.script["1"] = [UNKNOWN]
        post.outbox.add("1", "a")
        await post.time.go_on(10)
        assert post.outbox.marks_of("a") == ["unknown"]
        assert post.transport.texts("1") == ["a", "a"]
        assert post.outbox.state_of("a") == "sent"


@in_loop
async def test_unknown_twice_is_given_up_and_the_chat_goes_on() -> None:
    async with a_post() as post:
        post.transport.script["1"] = [UNKNOWN, TROUBLE, UNKNOWN]
        post.outbox.add("1", "a", "b")
        await post.time.go_on(20)
        assert post.transport.texts("1") == ["a", "a", "a", "b"]
        assert [post.outbox.state_of("a"), post.outbox.state_of("b")] == ["failed unknown", "sent"]


@in_loop
async def test_blocked_drops_what_waits_for_that_person_only() -> None:
    async with a_post() as post:
        post.transport.script["1"] = [Sent(SendResult.BLOCKED)]
        post.outbox.add("1", "a", "b")
        post.outbox.add("2", "c")
        await post.time.go_on(5)
        assert [row.state for row in post.outbox.rows] == ["dropped", "dropped", "sent"]


@in_loop
async def test_rejected_fails_with_its_code_and_the_chat_goes_on() -> None:
    async with a_post() as post:
        post.transport.script["1"] = [Sent(SendResult.REJECTED, code="text_empty")]
        post.outbox.add("1", "a", "b")
        await post.time.go_on(5)
        assert [post.outbox.state_of("a"), post.outbox.state_of("b")] == ["failed text_empty", "sent"]


def test_bug_in_the_transport_costs_one_message_and_no_words_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> None:
        async with a_post() as post:
            post.transport.script["1"] = [RuntimeError("my words")]
            post.outbox.add("1", "my words", "b")
            await post.time.go_on(5)
            assert [row.state for row in post.outbox.rows] == ["failed crashed", "sent"]

    with caplog.at_level(logging.DEBUG), capture_logs() as events:
        asyncio.run(run())
    assert "send_crashed" in [event["event"] for event in events]
    assert "my words" not in f"{events}{caplog.text}"


@in_loop
async def test_all_chats_together_keep_the_pace_of_the_service() -> None:
    async with a_post(SenderSettings(per_second=10, burst=3)) as post:
        for number in range(40):
            post.outbox.add(str(number), f"m{number}")
        post.sender.wake()
        await post.time.go_on(5)
        times = [at for at, _, _ in post.transport.sent]
        assert len(times) == 40
        in_each_second = [sum(start <= at < start + 1 for at in times) for start in times]
        assert max(in_each_second) <= 13
        assert times[-1] == pytest.approx(3.7)


@in_loop
async def test_no_more_than_so_many_are_in_flight() -> None:
    async with a_post(SenderSettings(in_flight=4, per_second=1000, burst=100)) as post:
        post.transport.gate.clear()
        for number in range(20):
            post.outbox.add(str(number), f"m{number}")
        await post.time.go_on(3)
        assert len(post.transport.sent) == 4
        post.transport.gate.set()
        await post.time.go_on(3)
        assert len(post.transport.sent) == 20
        assert post.transport.most_in_flight == 4


@in_loop
async def test_stop_finishes_what_is_on_its_way_and_gives_back_the_rest() -> None:
    async with a_post(SenderSettings(in_flight=1)) as post:
        post.transport.gate.clear()
        post.outbox.add("1", "a")
        post.outbox.add("2", "b")
        await post.time.go_on(2)
        post.stop.set()
        await post.time.go_on()
        assert not post.task.done()
        post.transport.gate.set()
        await post.time.go_on()
        assert post.task.done()
        assert [text for _, _, text in post.transport.sent] == ["a"]
        assert [row.state for row in post.outbox.rows] == ["sent", "waiting"]
        assert post.outbox.rows[1].leased_until <= post.time.now()
        assert post.sender.counts["given_back"] == 1


@in_loop
async def test_stop_does_not_wait_for_the_pace_of_a_chat() -> None:
    async with a_post(SenderSettings(chat_gap=60)) as post:
        post.outbox.add("1", "a", "b")
        await post.time.go_on(2)
        await post.finish()
        assert [row.state for row in post.outbox.rows] == ["sent", "waiting"]
        assert post.outbox.rows[1].leased_until <= post.time.now()


@in_loop
async def test_storage_that_is_away_is_waited_for_and_used_as_soon_as_it_is_back() -> None:
    async with a_post() as post:
        post.outbox.away = True
        post.outbox.add("1", "a")
        await post.time.go_on(600)
        assert not post.task.done()
        post.outbox.away = False
        await post.time.go_on(2)
        assert post.outbox.state_of("a") == "sent"


@in_loop
async def test_message_that_was_sent_is_not_sent_again_while_the_storage_is_away() -> None:
    async with a_post(SenderSettings(lease=timedelta(seconds=20))) as post:
        post.transport.gate.clear()
        post.outbox.add("1", "a", "b")
        await post.time.go_on(2)
        post.outbox.away = True
        post.transport.gate.set()
        await post.time.go_on(100)
        post.outbox.away = False
        await post.time.go_on(100)
        assert post.transport.texts("1") == ["a", "b"]
        assert [row.state for row in post.outbox.rows] == ["sent", "sent"]


@in_loop
async def test_message_that_takes_longer_than_its_lease_is_not_sent_beside_itself() -> None:
    async with a_post(SenderSettings(lease=timedelta(seconds=20))) as post:
        post.transport.gate.clear()
        post.outbox.add("1", "a", "b")
        await post.time.go_on(70)
        assert post.transport.texts("1") == ["a"]
        post.transport.gate.set()
        await post.time.go_on(70)
        assert post.transport.texts("1") == ["a", "b"]


@in_loop
async def test_stop_ends_even_while_the_storage_is_away() -> None:
    async with a_post() as post:
        post.transport.gate.clear()
        post.outbox.add("1", "a")
        await post.time.go_on(2)
        post.outbox.away = True
        post.transport.gate.set()
        await post.finish()
        assert post.task.done()


@in_loop
async def test_message_whose_lease_nears_its_end_is_given_back_unsent() -> None:
    async with a_post(SenderSettings(in_flight=1, lease=timedelta(seconds=20))) as post:
        post.transport.gate.clear()
        post.outbox.add("1", "a")
        post.outbox.add("2", "b")
        await post.time.go_on(1)
        await post.time.go_on(15)
        post.transport.gate.set()
        await post.time.go_on()
        assert post.outbox.marks_of("b") == ["again"]


@in_loop
async def test_bug_in_the_storage_ends_the_run() -> None:
    async with a_post() as post:
        post.outbox.rows.append(Row(1, "1", "a", not_before=None))  # type: ignore[arg-type]  # a broken row on purpose
        await post.time.go_on(2)
        assert isinstance(post.task.exception(), ExceptionGroup | TypeError)


answers = st.sampled_from(
    [SENT, TROUBLE, UNKNOWN, Sent(SendResult.WAIT, seconds=3), Sent(SendResult.REJECTED)]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(answers, max_size=6), min_size=1, max_size=4))
def test_whatever_happens_each_chat_hears_everything_in_order(script: list[list[Sent]]) -> None:
    async def run() -> None:
        async with a_post() as post:
            for number, chat_answers in enumerate(script):
                post.transport.script[str(number)] = list(chat_answers)
                post.outbox.add(str(number), *(f"{number}-{index}" for index in range(4)))
            await post.time.go_on(300)
            assert {row.state.partition(" ")[0] for row in post.outbox.rows} <= {"sent", "failed"}
            for number in range(len(script)):
                heard = post.transport.texts(str(number))
                assert list(dict.fromkeys(heard)) == [f"{number}-{index}" for index in range(4)]
                assert heard == sorted(heard)
                times = post.transport.times(str(number))
                assert all(later - at >= 1 for at, later in pairwise(times))

    asyncio.run(run())


@given(st.lists(st.floats(min_value=0, max_value=1), max_size=60), st.integers(1, 5))
def test_pace_never_lets_more_than_its_rate_and_burst_through(gaps: list[float], burst: int) -> None:
    pace, now, turns = Pace(10, burst), 0.0, []
    for gap in gaps:
        now += gap
        turns.append(now + pace.wait_for_turn(now))
    for at in turns:
        assert sum(at <= turn < at + 1 - 1e-6 for turn in turns) <= 10 + burst
