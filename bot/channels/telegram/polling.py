"""Receives by long poll: asks, has every update taken, and only then asks past them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.telegram.request import AiohttpRequest, AskedToWait
from bot.channels.telegram.translate import ALLOWED_UPDATES, chat_of
from bot.channels.telegram.turns import Turns
from bot.sender import LONGEST_PAUSE, LONGEST_STORAGE_PAUSE, pause, pause_after
from domain.errors import DomainError

log = structlog.get_logger(__name__)

Update = dict[str, Any]
MOST_UPDATES = 100


class _Trouble(NamedTuple):
    """What went wrong with a poll, in a word, and between how many seconds the wait may be."""

    what: str
    at_least: float = 0
    at_most: float = LONGEST_PAUSE


class Polling:
    """Turns of different chats run side by side, at most `concurrency` of them; those of one chat in order.

    The offset moves past a batch when all of it is committed. When the storage is away it moves to the first update
    that is not; what comes again after that is known by its update id and taken no second time.
    """

    def __init__(
        self,
        *,
        bot: Bot,
        turns: Turns,
        concurrency: int,
        poll_seconds: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot, self._turns, self._poll_seconds, self._sleep = bot, turns, poll_seconds, sleep
        self._room = asyncio.Semaphore(concurrency)
        self._offset: int | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. A poll that is waiting is dropped; a batch that came in is finished."""
        failures = 0
        while not stop.is_set():
            trouble = await self._take_batch(stop)
            failures = 0 if trouble is None else failures + 1
            if trouble is not None:
                seconds = max(trouble.at_least, min(trouble.at_most, pause_after(failures - 1)))
                log.warning("telegram_poll", trouble=trouble.what, failures=failures, again_in=seconds)
                await pause(self._sleep, seconds, stop)

    async def _take_batch(self, stop: asyncio.Event) -> _Trouble | None:
        """One poll; what went wrong, or None."""
        try:
            updates = await self._ask_until(stop)
        except AskedToWait as error:
            return _Trouble("asked_to_wait", at_least=error.seconds)
        except Conflict:
            return _Trouble("conflict: another process receives for this bot")
        except InvalidToken:
            return _Trouble("token_refused")
        except TelegramError as error:
            return _Trouble(type(error).__name__)
        untaken = await self._take_all(updates)
        if updates:
            # The last in Telegram's order, not the highest: after a week of silence ids start anew.
            self._offset = int(updates[-1]["update_id"]) + 1 if untaken is None else untaken
        return None if untaken is None else _Trouble("waits_for_storage", at_most=LONGEST_STORAGE_PAUSE)

    async def _ask_until(self, stop: asyncio.Event) -> Sequence[Update]:
        asking, stopping = asyncio.ensure_future(self._ask()), asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
            return asking.result() if asking.done() else ()
        finally:
            asking.cancel()
            stopping.cancel()

    async def _ask(self) -> Sequence[Update]:
        """The raw updates: Bot.get_updates would build objects that are not used and give up on one it cannot."""
        asked = {
            "timeout": self._poll_seconds,
            "limit": MOST_UPDATES,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
            **({} if self._offset is None else {"offset": self._offset}),
        }
        url = f"{self._bot.base_url}/getUpdates?{urlencode(asked)}"
        answer = AiohttpRequest.parse_json_payload(
            await self._bot.request.retrieve(url, read_timeout=self._poll_seconds + 10)
        )
        updates: Sequence[Update] = answer["result"]
        return updates

    async def _take_all(self, updates: Sequence[Update]) -> int | None:
        """The lowest update id (in Telegram's order) that was not taken because the storage was away, or None."""
        chats: dict[str, list[Update]] = {}
        for update in updates:
            chats.setdefault(chat_of(update), []).append(update)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._take_in_order(chat)) for chat in chats.values()]
        untaken = {task.result() for task in tasks}
        return next((update["update_id"] for update in updates if update["update_id"] in untaken), None)

    async def _take_in_order(self, updates: Sequence[Update]) -> int | None:
        async with self._room:
            for update in updates:
                try:
                    await self._turns.take(update)
                except DomainError as error:
                    if error.code != "storage_unavailable":
                        raise
                    return int(update["update_id"])
        return None
