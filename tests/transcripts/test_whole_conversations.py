"""Golden conversations of one chat with everything behind it: campaigns, waves and a meemaker, on a real database.

Each file in whole/ is played word for word; the end shows what is stored. After an intended change:
`WIJKVERHAAL_WRITE_TRANSCRIPTS=1 pytest tests/transcripts`, and read the difference aloud.
"""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.conversation import Conversations
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from domain.campaign import Campaign
from domain.message import Incoming, IncomingKind, Message
from nlu.understand import understand
from storage import Store, Vault, open_store
from storage.vault import new_key

pytestmark = pytest.mark.anyio
HERE = Path(__file__).parent
FORM = load_form(HERE / "small.md")
OTHER = load_form(HERE / "other.md")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILES = sorted((HERE / "whole").glob("*.txt"))
CATALOGUE = load_catalogue()
CAMPAIGNS = (
    Campaign("ronde-1", "Ronde 1", "small", "1", 1),
    Campaign("ronde-2", "Ronde 2", "small", "1", 2),
    Campaign("anders", "Anders", "other", "1", 1),
)
LINK = "mm-els"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Shelf:
    def current(self) -> Form:
        return FORM

    def find(self, questionnaire: str, version: str) -> Form | None:
        forms = {(form.questionnaire.id, form.questionnaire.version): form for form in (FORM, OTHER)}
        return forms.get((questionnaire, version))


class Chat:
    """One chat; time goes on a minute a turn."""

    def __init__(self, store: Store, ids: Iterator[str]) -> None:
        self.store, self.shown, self.at = store, list[Message](), NOW
        self.conversations = Conversations(
            store=store,
            shelf=Shelf(),
            understand=understand,
            model=None,
            catalogue=CATALOGUE,
            new_id=lambda: next(ids),
        )

    async def say(self, line: str) -> list[Message]:
        self.at += timedelta(minutes=1)
        reply = await self.conversations.take(self._incoming(line))
        self.shown += reply.messages
        return list(reply.messages)

    def _incoming(self, line: str) -> Incoming:
        if line.startswith("(link "):
            return Incoming("web", "chat", IncomingKind.OPEN, self.at, code=line[6:-1])
        if line.startswith("["):
            titles = (
                (button.title, button.payload)
                for message in reversed(self.shown)
                for button in message.buttons
            )
            payload = next(payload for title, payload in titles if title == line[1:-1])
            return Incoming("web", "chat", IncomingKind.TAP, self.at, text=payload)
        return Incoming("web", "chat", IncomingKind.TEXT, self.at, text=line)

    def stored(self) -> list[tuple[Any, ...]]:
        query = sa.text(
            "SELECT r.campaign, r.wave, r.questionnaire, r.outcome, a.path, a.value, a.typed_by "
            "FROM answers a JOIN responses r ON r.id = a.response ORDER BY a.id"
        ).columns()
        with self.store.reading() as db:
            return db._execute(str(query), {}).fetchall()


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    numbers = count(1)
    ids = (f"id-{number}" for number in numbers)
    store = open_store(
        f"sqlite:///{tmp_path / 'chat.db'}", vault=Vault.open(key=new_key()), new_id=lambda: next(ids)
    )
    for campaign in CAMPAIGNS:
        assert await store.with_campaigns(lambda table, each=campaign: table.create(each, NOW))  # type: ignore[misc] # a test hands on what it was given
    until = NOW + timedelta(days=7)
    await store.with_meemakers(lambda table: table.invite("meemaker-els", "Els", LINK, until=until))
    yield Chat(store, ids)
    await store.close()


async def replay(chat: Chat, text: str) -> str:
    head, _, body = text.partition("\n\n")
    told = [head, ""]
    for line in body.splitlines():
        if not line.startswith("> "):
            continue
        told.append(line)
        for message in await chat.say(line[2:]):
            told += [f"  {paragraph}".rstrip() for paragraph in message.text.split("\n")]
            told += (
                ["  " + " ".join(f"[{button.title}]" for button in message.buttons)]
                if message.buttons
                else []
            )
        told.append("")
    told.append("stored: campaign, wave, questionnaire, outcome, path, answer, typed by")
    told += ["  " + " | ".join(str(cell) or "-" for cell in row) for row in chat.stored()]
    return "\n".join(told) + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_whole_conversation_plays_word_for_word(path: Path, chat: Chat) -> None:
    text = path.read_text(encoding="utf-8")
    played = await replay(chat, text)
    if os.environ.get("WIJKVERHAAL_WRITE_TRANSCRIPTS"):
        path.write_text(played, encoding="utf-8")
        return
    assert played == text


def test_there_is_something_to_play() -> None:
    assert {path.stem for path in FILES} == {"assisted", "second_wave", "which_first"}
