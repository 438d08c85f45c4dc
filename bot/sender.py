"""Brings what waits in the outbox to people, in order and within a service's limits; how a message travels is the
Transport's business, and what is kept of it the Outbox's."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot.ports import Outbox, OutboxMessage, SendResult, Sent, Transport
from domain.errors import DomainError

log = structlog.get_logger(__name__)

T = TypeVar("T")

LONGEST_PAUSE = 60.0
LONGEST_STORAGE_PAUSE = 2.0
"""The storage is ours: asking often burdens nobody, and as soon as it is back people are waiting for an answer."""


def pause_after(attempts: int) -> float:
    """Seconds to wait after that many attempts failed before: 1, 2, 4, 8, up to 60."""
    return min(LONGEST_PAUSE, 2.0 ** min(attempts, 6))


def pause_for_storage(attempts: int) -> float:
    """As `pause_after`, for storage that is away: 1, 2, 2, 2."""
    return min(LONGEST_STORAGE_PAUSE, pause_after(attempts))


def waited_before(attempts: int) -> float:
    """Seconds that `attempts` pauses took together: how long a message has been tried, but for the sending itself."""
    growing = min(attempts, 6)
    return 2.0**growing - 1 + (attempts - growing) * LONGEST_PAUSE


async def pause(sleep: Callable[[float], Awaitable[None]], seconds: float, *events: asyncio.Event) -> None:
    """Waits so many seconds, or less when one of the events comes first."""
    if seconds <= 0 or any(event.is_set() for event in events):
        return
    wanted: list[Awaitable[object]] = [sleep(seconds), *(event.wait() for event in events)]
    waits = [asyncio.ensure_future(awaitable) for awaitable in wanted]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


class Pace:
    """Spreads events to `per_second`, of which up to `burst` may come at once."""

    def __init__(self, per_second: float, burst: int = 1) -> None:
        self._gap = 1 / per_second
        self._slack = self._gap * (burst - 1)
        self._full_at = float("-inf")

    def wait_for_turn(self, now: float) -> float:
        """Takes the next turn and tells how many seconds from `now` (monotonic) it comes."""
        self._full_at = max(self._full_at, now)
        wait = max(0.0, self._full_at - self._slack - now)
        self._full_at += self._gap
        return wait


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the sender sees it: `monotonic` in seconds, `now` in UTC, and a way to wait."""

    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """Limits of one service. `chat_gap`, `look_every` and `give_up_after` are in seconds; `claimed` is how many
    messages may be held at once, of which `in_flight` are really being sent. Nothing is sent in the second half of
    its lease, so half a lease must outlast the transport's longest time-out."""

    in_flight: int = 30
    claimed: int = 64
    per_second: float = 28.0
    burst: int = 5
    chat_gap: float = 1.0
    look_every: float = 1.0
    give_up_after: float = 24 * 3600.0
    lease: timedelta = timedelta(minutes=2)


class Sender:
    """Sends one channel's outbox, at least once and in order for each person.

    Order: the outbox hands out only the head of a chat's queue, and the next head comes after this one is settled
    (sent, failed or blocked). Two messages to one chat are `chat_gap` apart.

    What each result leads to:
    - SENT: marked.
    - WAIT: this chat waits as long as the service asked; nobody else does.
    - TROUBLE: it did not arrive; again after 1, 2, 4, 8 up to 60 s, for a day, then given up ("gave_up").
    - UNKNOWN: it may have arrived, and no service offers a key to send a message once. A question that never came
      ends a conversation, a question that comes twice does not; so it is marked unknown and tried once more, and
      when that is unknown too it is given up ("unknown") so that the rest of the chat can go on. Which messages were
      unknown is remembered in this process only: after a restart one may be tried once more.
    - BLOCKED: the person is marked; what waits for them is dropped by the outbox.
    - REJECTED: given up with the service's code; trying again would not help.

    What may lapse (news of a talk that is called off meanwhile) is looked at once more just before it is sent.

    A crash between sending and marking sends a message again when its lease has ended: at least once, never lost.
    """

    def __init__(
        self,
        *,
        channel: str,
        outbox: Outbox,
        transport: Transport,
        clock: Clock,
        settings: SenderSettings = SenderSettings(),
    ) -> None:
        self._channel, self._outbox, self._transport = channel, outbox, transport
        self._clock, self._settings = clock, settings
        self._pace = Pace(settings.per_second, settings.burst)
        self._room = asyncio.Semaphore(settings.in_flight)
        self._held: dict[str, asyncio.Task[None]] = {}
        self._chat_free_at: dict[str, float] = {}
        self._unknown: set[int] = set()
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self.counts: Counter[str] = Counter()
        """What happened since the start: a count per SendResult, and "failed", "given_back", "taken_back", "storage_trouble"."""

    @property
    def held(self) -> int:
        """Messages claimed now: waiting for their turn, being sent or being marked."""
        return len(self._held)

    def wake(self) -> None:
        """Look in the outbox now; call it after each commit."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set; then finishes what is on its way and gives back what had not started.

        Storage that is away is waited for. Anything else unexpected ends the run: that is a bug."""
        self._stop = stop
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                self._wake.clear()
                await self._look(group)
                await self._pause(self._settings.look_every, self._wake)

    async def _look(self, group: asyncio.TaskGroup) -> None:
        """Claims and starts as much as there is room for; a little room is left until it is worth a claim."""
        room = self._settings.claimed - len(self._held)
        if room * 4 < self._settings.claimed:
            return
        started = self._clock.monotonic()
        claimed = await self._keep_trying(
            lambda: self._outbox.claim(
                self._channel, now=self._clock.now(), limit=room, lease=self._settings.lease
            )
        )
        until = started + self._settings.lease.total_seconds()
        for message in claimed or ():
            # A message whose lease ran out while it was being marked comes back here: it has been sent already.
            if message.reference not in self._held:
                self._held[message.reference] = group.create_task(self._deliver(message, until))

    async def _deliver(self, message: OutboxMessage, until: float) -> None:
        try:
            await self._wait_for_turn(message)
            async with self._room:
                half_a_lease = self._settings.lease.total_seconds() / 2
                if self._stop.is_set() or self._clock.monotonic() > until - half_a_lease:
                    await self._give_back(message)
                else:
                    await self._attempt(message)
        finally:
            del self._held[message.reference]
            self._wake.set()

    async def _wait_for_turn(self, message: OutboxMessage) -> None:
        """Waits for the chat, and then for the service as a whole; not any longer when we stop."""
        now = self._clock.monotonic()
        await self._pause(self._chat_free_at.get(message.reference, now) - now)
        if not self._stop.is_set():
            await self._pause(self._pace.wait_for_turn(self._clock.monotonic()))

    async def _attempt(self, message: OutboxMessage) -> None:
        if message.may_lapse and not await self._keep_trying(lambda: self._outbox.still_waits(message.id)):
            self.counts["taken_back"] += 1
            return
        now = self._clock.monotonic()
        self._forget_free_chats(now)
        self._chat_free_at[message.reference] = now + self._settings.chat_gap
        try:
            sent = await self._transport.send(message.channel_ref, message.message)
        except Exception as error:  # the catch-all: one bad message must not stop the others
            log.error("send_crashed", reference=message.reference, error=type(error).__name__)
            sent = Sent(SendResult.REJECTED, code="crashed")
        self.counts[sent.result] += 1
        await self._settle(message, sent)

    async def _settle(self, message: OutboxMessage, sent: Sent) -> None:
        match sent.result:
            case SendResult.SENT:
                await self._keep_trying(lambda: self._outbox.mark_sent(message.id, at=self._clock.now()))
            case SendResult.BLOCKED:
                await self._keep_trying(
                    lambda: self._outbox.mark_blocked(message.reference, at=self._clock.now())
                )
            case SendResult.REJECTED:
                await self._fail(message, sent.code or "rejected")
            case SendResult.WAIT:
                await self._again(message, sent.seconds)
            case SendResult.TROUBLE if waited_before(message.attempts) >= self._settings.give_up_after:
                await self._fail(message, "gave_up")
            case SendResult.TROUBLE:
                await self._again(message, pause_after(message.attempts))
            case SendResult.UNKNOWN if message.id in self._unknown:
                await self._fail(message, "unknown")
            case SendResult.UNKNOWN:
                self._unknown.add(message.id)
                await self._again(message, pause_after(message.attempts), unknown=True)
                return
        if sent.result not in (SendResult.WAIT, SendResult.TROUBLE):
            self._unknown.discard(message.id)

    async def _again(self, message: OutboxMessage, seconds: float, *, unknown: bool = False) -> None:
        not_before = self._clock.now() + timedelta(seconds=seconds)
        await self._keep_trying(
            lambda: self._outbox.mark_again(message.id, not_before=not_before, unknown=unknown)
        )

    async def _fail(self, message: OutboxMessage, code: str) -> None:
        self.counts["failed"] += 1
        log.warning("send_failed", reference=message.reference, code=code)
        await self._keep_trying(lambda: self._outbox.mark_failed(message.id, code=code))

    async def _give_back(self, message: OutboxMessage) -> None:
        self.counts["given_back"] += 1
        await self._again(message, 0)

    async def _keep_trying(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """The result of a call on the storage, waiting for it while it is away; None when we stop first.

        A message that was sent is marked however long that takes: giving up would send it again.
        """
        failures = 0
        while True:
            try:
                return await call()
            except DomainError as error:
                if error.code != "storage_unavailable":
                    raise
            self.counts["storage_trouble"] += 1
            log.warning("sender_waits_for_storage", failures=failures + 1)
            if self._stop.is_set():
                return None
            await self._pause(pause_for_storage(failures))
            failures += 1

    async def _pause(self, seconds: float, *events: asyncio.Event) -> None:
        await pause(self._clock.sleep, seconds, self._stop, *events)

    def _forget_free_chats(self, now: float) -> None:
        if len(self._chat_free_at) > 10_000:
            self._chat_free_at = {chat: at for chat, at in self._chat_free_at.items() if at > now}
