"""One chat, many responses: who typed is always known, waves never mix, and a button answers only its own question."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation import Conversations
from bot.dialogue.state import State, state_from_json
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.ports import Changes, Conversation
from bot.texts.catalogue import load_catalogue
from domain.campaign import Campaign
from domain.message import Incoming, IncomingKind
from nlu.understand import understand
from tests.effort import effort
from tests.fakes.store import FakeStore

HERE = Path(__file__).parents[1] / "transcripts"
FORMS = {form.questionnaire.id: form for form in (load_form(HERE / "small.md"), load_form(HERE / "other.md"))}
CATALOGUE = load_catalogue()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CAMPAIGNS = [
    Campaign("ronde-1", "Ronde 1", "small", "1", 1),
    Campaign("ronde-2", "Ronde 2", "small", "1", 2),
    Campaign("anders", "Anders", "other", "1", 1),
]
LINKS = st.sampled_from(["ronde-1", "ronde-2", "anders", "markt", "mm-els"]).map(lambda code: ("link", code))
WORDS = st.sampled_from(
    ["ja", "nee", "stop", "start", "verder", "verder met het park", "/samen", "nazareth", "pottenberg", "terug", "3",
     "sla over", "mijn antwoorden", "wis mijn gegevens", "bankjes bij de vijver, graag", "hallo", "pauze", "nog een bewoner"]
).map(lambda text: ("text", text))  # fmt: skip # read as rows of a table
BUTTONS = st.integers(0, 200).map(lambda number: ("button", str(number)))
_TOGETHER = [
    ("link", "ronde-1"), ("text", "ja"), ("link", "mm-els"), ("text", "/samen"), ("text", "ja"), ("text", "nazareth"),
]  # fmt: skip # read as rows of a table
_TWO = [("link", "ronde-1"), ("text", "ja"), ("link", "ronde-2"), ("button", "1"), ("text", "ja")]
PRELUDES = st.sampled_from(
    [[], _TOGETHER, [*_TOGETHER, ("text", "stop"), ("text", "start"), ("text", "nazareth"), ("text", "terug")], _TWO,
     [*_TWO, ("text", "nazareth"), ("text", "3"), ("text", "sla over"), ("text", "verder"), ("text", "start")]]
)  # fmt: skip # read as rows of a table
INPUTS = st.lists(st.one_of(BUTTONS, BUTTONS, BUTTONS, WORDS, LINKS), max_size=50)


class Shelf:
    def current(self) -> Form:
        return FORMS["small"]

    def find(self, questionnaire: str, version: str) -> Form | None:
        return FORMS.get(questionnaire)


@dataclass
class Shown:
    """A button, with whose question it was put under."""

    payload: str
    person: str
    campaign: str
    track: int
    path: str


@dataclass
class Chat:
    store: FakeStore = field(default_factory=FakeStore)
    shown: list[Shown] = field(default_factory=list)
    responses: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        ids = count(1)
        self.store.campaigns = {each.code: each for each in CAMPAIGNS}
        self.store.links = {"mm-els": "meemaker-els"}
        self.conversations = Conversations(
            store=self.store, shelf=Shelf(), understand=understand, model=None, catalogue=CATALOGUE,
            new_id=lambda: f"id-{next(ids)}",
        )  # fmt: skip # read as rows of a table

    def incoming(self, kind: str, value: str) -> tuple[Incoming, Shown | None]:
        if kind == "link":
            return Incoming("web", "chat", IncomingKind.OPEN, NOW, code=value), None
        if kind == "button" and self.shown:
            pressed = self.shown[-1 - int(value) % len(self.shown)]
            return Incoming("web", "chat", IncomingKind.TAP, NOW, text=pressed.payload), pressed
        return Incoming("web", "chat", IncomingKind.TEXT, NOW, text=value), None

    async def take(self, kind: str, value: str) -> None:
        before = len(self.store.turns)
        incoming, pressed = self.incoming(kind, value)
        reply = await self.conversations.take(incoming)
        for conversation, changes in self.store.turns[before:]:
            self.check(conversation, changes, pressed)
        conversation, changes = self.store.turns[before]
        state = state_from_json(changes.state)
        self.shown += [
            Shown(button.payload, conversation.reference, state.campaign, state.track, state.at)
            for message in reply.messages
            for button in message.buttons
        ]

    def check(self, conversation: Conversation, changes: Changes, pressed: Shown | None) -> None:
        before, state = state_from_json(conversation.state), state_from_json(changes.state)
        if changes.erase:
            self.erased.add(conversation.reference)
        if changes.begin is not None:
            self.responses[changes.begin.id] = (conversation.reference, state.campaign, state.wave)
            assert changes.begin.wave == state.wave
        check_who_typed(conversation, changes, state)
        if changes.answers:
            response = changes.begin.id if changes.begin else conversation.response
            assert self.responses[response] == (conversation.reference, state.campaign, state.wave)
        is_answer = pressed is not None and pressed.payload.startswith(("/a.", "/skip."))
        if pressed is not None and is_answer and changes.answers:
            expected = (pressed.person, pressed.campaign, pressed.track)
            if pressed.person in self.erased:
                # Nobody remembers whose button it was; it may answer the very question that it stands under.
                assert pressed.path == before.at
            else:
                assert (conversation.reference, state.campaign, state.track) == expected
            assert pressed.path in [each.path for each in changes.answers]


def check_who_typed(conversation: Conversation, changes: Changes, state: State) -> None:
    """Answers in assisted mode are a meemaker's typing; all others are not."""
    if changes.answers and not changes.erase:
        assert conversation.assisted_by == ("meemaker-els" if state.assisted else "")
        assert bool(conversation.via) == state.assisted


@settings(max_examples=effort(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prelude=PRELUDES, inputs=INPUTS)
def test_responses_of_one_chat_never_mix(
    prelude: list[tuple[str, str]], inputs: list[tuple[str, str]]
) -> None:
    chat = Chat()

    async def talk() -> None:
        for kind, value in (*prelude, *inputs):
            await chat.take(kind, value)

    asyncio.run(talk())


def test_the_walk_reaches_an_assisted_second_wave() -> None:
    """When proving that nothing mixes, first make sure that something could."""
    chat = Chat()
    steps = [
        ("link", "ronde-1"), ("text", "ja"), ("text", "nazareth"), ("link", "mm-els"), ("text", "/samen"),
        ("text", "ja"), ("link", "ronde-2"),
    ]  # fmt: skip # read as rows of a table

    async def talk() -> None:
        for kind, value in steps:
            await chat.take(kind, value)

    asyncio.run(talk())
    conversation, changes = chat.store.turns[-1]
    assert state_from_json(changes.state).assisted
    assert conversation.assisted_by == "meemaker-els"
    assert {wave for _, _, wave in chat.responses.values()} == {0, 1}
