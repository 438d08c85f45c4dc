"""One Telegram update, taken: the turn, and what Telegram itself wants afterwards; how updates arrive is left to
polling and webhook."""

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, Protocol

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.channels.limits import Limiter, Rate
from bot.channels.telegram.translate import Blocked, GroupRefusal, Ignored, Turn, translate
from bot.channels.telegram.words import DEFAULT_LANGUAGE, apology, group_refusal, too_often
from bot.conversation import Reply
from domain.errors import DomainError
from domain.message import Incoming

log = structlog.get_logger(__name__)

MOST_AFTERTHOUGHTS = 500
"""Calls after a turn that may wait at once; beyond that they are dropped: a press then shows its hourglass longer."""

MOST_REFUSED = 1000

PERSON_RATE = Rate(per_minute=60, burst=120)
"""Of one chat: a whole intake at once, and after that one thing a second. Nobody reads that fast, let alone types it."""

_TELLING_RATE = Rate(per_minute=1, burst=1)
"""How often somebody hears that it is too much."""


class TakesTurns(Protocol):
    async def take(self, incoming: Incoming) -> Reply: ...


BlockedHandler = Callable[[str, datetime], Awaitable[None]]
"""Called with the chat and the time (UTC) when somebody blocked the bot; may raise storage_unavailable."""

IsUrgent = Callable[[Incoming], bool]
"""Whether this must be heard however much somebody sends: a cry for help, or that they want to stop."""


class Turns:
    """`wake` is called after each turn that said something; `now` gives UTC, `monotonic` seconds. Of one chat no more is taken
    than `rate` allows, and nothing is kept of what is beyond it; what `is_urgent` is always taken."""

    def __init__(
        self,
        *,
        conversations: TakesTurns,
        bot: Bot,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        on_blocked: BlockedHandler | None = None,
        rate: Rate = PERSON_RATE,
        is_urgent: IsUrgent = lambda _: False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._person, self._telling = (Limiter(each, clock=monotonic) for each in (rate, _TELLING_RATE))
        self._is_urgent = is_urgent
        self._conversations, self._bot, self._now, self._wake = conversations, bot, now, wake
        self._on_blocked = on_blocked
        self._afterthoughts: set[asyncio.Task[None]] = set()
        self._refused: set[str] = set()
        self.counts: Counter[str] = Counter()
        """Updates since the start: "turn", "duplicate", "crashed", "blocked", "group", "too_often", "ignored_..."."""

    async def take(self, update: Mapping[str, Any]) -> None:
        """Everything this update asks for, committed when this returns.

        Raises DomainError("storage_unavailable"): then nothing was done and the update must come again. A bug in a
        turn is logged, the person gets an apology, and the update counts as taken, or it would come back for a day.
        """
        match translate(update, self._now()):
            case Turn(incoming, callback_id):
                await self._take_turn(incoming)
                self._answer_press(callback_id)
            case Blocked(channel_ref, at):
                await self._take_block(channel_ref, at)
            case GroupRefusal(chat_id):
                self.counts["group"] += 1
                self._refuse_group(chat_id)
            case Ignored(why, callback_id):
                self.counts[f"ignored_{why}"] += 1
                if why == "malformed":
                    log.warning("telegram_update_malformed")
                self._answer_press(callback_id)

    async def close(self) -> None:
        """Waits for what was still to be said to Telegram."""
        await asyncio.gather(*self._afterthoughts)

    async def _take_turn(self, incoming: Incoming) -> None:
        waits = self._person.take(incoming.channel_ref) > 0
        try:
            if waits and not self._is_urgent(incoming):
                self._refuse(incoming)
                return
            reply = await self._conversations.take(incoming)
        except Exception as error:  # the channel's one catch-all
            if _is_storage_away(error) and not waits:
                # It comes again, perhaps many times: waiting for the storage must not make it too much.
                self._person.give_back(incoming.channel_ref)
            self._note_bug(error)
            text = apology(incoming.language)
            self._later(self._bot.send_message(int(incoming.channel_ref), text))
        else:
            self.counts["duplicate" if reply.duplicate else "turn"] += 1
            self._wake()

    def _refuse(self, incoming: Incoming) -> None:
        """It counts as taken: Telegram would bring it again and again."""
        self.counts["too_often"] += 1
        if self._telling.take(incoming.channel_ref) == 0:
            log.warning("telegram_too_often")
            self._later(self._bot.send_message(int(incoming.channel_ref), too_often(incoming.language)))

    async def _take_block(self, channel_ref: str, at: datetime) -> None:
        self.counts["blocked"] += 1
        try:
            if self._on_blocked is not None:
                await self._on_blocked(channel_ref, at)
        except Exception as error:  # as above; the sender notices a block by itself
            self._note_bug(error)

    def _note_bug(self, error: Exception) -> None:
        """Raises the error again when it is only the storage that is away.

        An error's own words may quote the person, so only its kind and its places in our code are logged."""
        if _is_storage_away(error):
            raise error
        self.counts["crashed"] += 1
        frames = traceback.extract_tb(error.__traceback__)
        places = " < ".join(
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames)
        )
        log.error("turn_crashed", error=type(error).__name__, at=places)

    def _answer_press(self, callback_id: str) -> None:
        if callback_id:
            self._later(self._bot.answer_callback_query(callback_id))

    def _refuse_group(self, chat_id: str) -> None:
        """Once: after leaving nothing more comes; what is still on its way finds the chat in the set."""
        if chat_id in self._refused:
            return
        if len(self._refused) >= MOST_REFUSED:
            self._refused.clear()
        self._refused.add(chat_id)
        self._later(self._leave_group(int(chat_id)))

    async def _leave_group(self, chat_id: int) -> None:
        await self._bot.send_message(chat_id, group_refusal(DEFAULT_LANGUAGE))
        await self._bot.leave_chat(chat_id)

    def _later(self, call: Coroutine[Any, Any, Any]) -> None:
        """Nobody waits for these, and none of them matters enough to be tried again."""
        if len(self._afterthoughts) >= MOST_AFTERTHOUGHTS:
            call.close()
            return
        task = asyncio.create_task(_without_trouble(call))
        self._afterthoughts.add(task)
        task.add_done_callback(self._afterthoughts.discard)


def _is_storage_away(error: Exception) -> bool:
    return isinstance(error, DomainError) and error.code == "storage_unavailable"


async def _without_trouble(call: Coroutine[Any, Any, Any]) -> None:
    try:
        await call
    except TelegramError as error:
        log.debug("telegram_call_failed", error=type(error).__name__)
