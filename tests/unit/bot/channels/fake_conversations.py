"""Conversations without a dialogue: remembers what was taken, fails as told, and builds the updates it takes."""

import asyncio
from typing import Any

from bot.conversation import Reply
from domain.message import Incoming
from tests.patience import PATIENCE

Json = dict[str, Any]


def text(update_id: int, chat: int, words: str) -> Json:
    kind = "private" if chat > 0 else "group"
    person = {"id": abs(chat), "is_bot": False, "first_name": "Fatima", "language_code": "nl"}
    message = {
        "message_id": update_id,
        "date": 1_760_000_000,
        "chat": {"id": chat, "type": kind},
        "from": person,
        "text": words,
    }
    return {"update_id": update_id, "message": message}


def press(update_id: int, chat: int, data: str) -> Json:
    shown = {"message_id": 1, "date": 1_760_000_000, "chat": {"id": chat, "type": "private"}}
    query = {
        "id": f"q{update_id}",
        "from": {"id": chat, "language_code": "nl"},
        "message": shown,
        "data": data,
    }
    return {"update_id": update_id, "callback_query": query}


class FakeConversations:
    """Each update id is taken once, as the real ones do; `gate` holds every turn while it is closed."""

    def __init__(self) -> None:
        self.begun: list[Incoming] = []
        self.taken: list[Incoming] = []
        self.failures: dict[str, list[Exception]] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = self.most_at_once = 0
        self._changed = asyncio.Condition()

    async def until_begun(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.begun) >= count)

    async def take(self, incoming: Incoming) -> Reply:
        async with self._changed:
            self.begun.append(incoming)
            self._changed.notify_all()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.gate.wait()
        self.at_once -= 1
        if self.failures.get(incoming.text):
            raise self.failures[incoming.text].pop(0)
        duplicate = incoming.update_id in {taken.update_id for taken in self.taken}
        if not duplicate:
            self.taken.append(incoming)
        return Reply((), f"r-{incoming.channel_ref}", duplicate=duplicate)
