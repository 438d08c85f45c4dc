"""Somebody who talks with the assistant at moments of their own, in any channel, for tests of manners in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bot.conversation import Conversations, Reply
from bot.dialogue.state import State, state_from_json
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind
from nlu.understand import understand
from tests.fakes.store import FakeStore

FORM = load_form(Path(__file__).parents[2] / "transcripts" / "open.md")
START = datetime(2026, 11, 23, 11, tzinfo=UTC)
CATALOGUE = load_catalogue()


class OneForm:
    def __init__(self, form: Form = FORM) -> None:
        self.form = form

    def current(self) -> Form:
        return self.form

    def find(self, questionnaire: str, version: str) -> Form | None:
        return self.form


class Talker:
    """`now` moves by half a minute at each word, unless it is told how many seconds have passed."""

    def __init__(
        self, channel: str = "web", *, reminders: str = "nee", pieces: bool = True, form: Form = FORM
    ) -> None:
        self.channel, self.reminders, self.now = channel, reminders, START
        self.store = FakeStore()
        ids = count(1)
        self.conversations = Conversations(
            store=self.store, shelf=OneForm(form), understand=understand, model=None, catalogue=CATALOGUE,
            new_id=lambda: f"response-{next(ids)}", deliver_later=frozenset({"telegram"}), pieces=pieces,
        )  # fmt: skip # read as one piece

    async def say(self, text: str, *, after: float = 30, **more: object) -> Reply:
        self.now += timedelta(seconds=after)
        kind = IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
        incoming = Incoming(self.channel, "anna", kind, self.now, text=text)
        return await self.conversations.take(replace(incoming, **more))  # type: ignore[arg-type]  # the test's own shorthand

    async def edit(self, message: str, text: str, *, after: float = 30) -> Reply:
        return await self.say(text, after=after, kind=IncomingKind.EDIT, message=message)

    async def begin(self) -> None:
        """To the first open question."""
        for words in ("hallo", "ja", self.reminders):
            await self.say(words)
        assert self.state.at == "home"

    @property
    def state(self) -> State:
        (found,) = self.store.conversations.values()
        return state_from_json(found.state)

    @property
    def answers(self) -> dict[str, str]:
        """What stands stored: the last recorded answer to each question."""
        recorded = [each for changes in self.store.saved for each in changes.answers]
        return {each.path: each.answer.value for each in recorded if each.path not in ("agree", "remind")}


def texts(reply: Reply) -> str:
    return "\n".join(message.text for message in reply.messages)
