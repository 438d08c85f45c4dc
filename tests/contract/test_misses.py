"""Messages that were not understood: kept only with consent, without what leads to a person, and gone when they go."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.conversation import Conversations
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind, Message
from domain.miss import Miss, MissKind
from domain.understanding import ModelParse
from nlu.deidentify import deidentify
from nlu.understand import understand
from storage import Store
from storage.work import KEEP_MISSES
from tests.unit.bot.talking import OneForm
from tests.unit.storage.talking import AT, stored

pytestmark = pytest.mark.anyio

FORM = load_form(
    Path("learning.md"),
    text="""
| survey | |
| | type | name | label | relevant | chat:consent | chat:purpose |
| | select_one yes_no | agree | Bewaren? | | answers | |
| | select_one yes_no | learn | Mogen we zinnen bewaren die we niet begrijpen? | | learn | |
| | select_one yes_no | may | Mogen we ook iets vragen over geld? | | sensitive | |
| | select_one yes_no | money | Hebt u moeite om rond te komen? | ${may} = 'yes' | | sensitive |
| | select_one agree | nice | Mijn buurt is fijn. | | | |
| | select_one agree | safe | Mijn buurt is veilig. | | | |
| | integer | years | Hoe lang woont u hier? | | | |

| choices | |
| | list_name | name | label | chat:meaning |
| | yes_no | yes | Ja | yes |
| | yes_no | no | Nee | no |
| | agree | a | Eens | agree |
| | agree | n | Neutraal | neutral |
| | agree | d | Oneens | disagree |

| settings | |
| | form_id | version |
| | learning | 1 |
""",
)
MUMBLE = "zoals Fatima zegt, flubberdeflap"
MUMBLE_KEPT = "zoals [naam] zegt, flubberdeflap"


@dataclass
class FakeModel:
    intents: tuple[tuple[str, float], ...] = (("neutral", 0.4), ("skip", 0.3), ("stop", 0.1))

    async def parse(self, text: str) -> ModelParse | None:
        return ModelParse(self.intents, "fake-1")


@dataclass
class Person:
    """Somebody in the chat page, on a real database. `last` is what was said to them."""

    store: Store
    model: FakeModel = field(default_factory=FakeModel)
    now: datetime = AT
    last: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        ids: Iterator[int] = count(1)
        self.conversations = Conversations(
            store=self.store, shelf=OneForm(FORM), understand=understand, model=self.model, catalogue=load_catalogue(),
            new_id=lambda: f"response-{next(ids)}", deidentify=deidentify,
        )  # fmt: skip # read as one piece

    async def say(self, *texts: str, simulated: bool = False) -> None:
        for text in texts:
            kind = IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
            incoming = Incoming("web", "anna", kind, self.now, text=text, simulated=simulated)
            self.last = (await self.conversations.take(incoming)).messages

    async def tap(self, title: str) -> None:
        buttons = [button for message in self.last for button in message.buttons]
        (payload,) = {button.payload for button in buttons if button.title == title}
        await self.say(payload)

    async def begin(self, learn: str = "ja", money: str = "nee") -> None:
        await self.say("hallo", "ja", learn, money)

    async def misses(self) -> list[Miss]:
        return list(await self.store.with_misses(lambda misses: misses.all()))


async def test_unclear_words_are_kept_without_names_and_with_what_was_meant(store: Store) -> None:
    anna = Person(store)
    await anna.begin()

    await anna.say(MUMBLE)
    await anna.tap("Neutraal")

    [miss] = await anna.misses()
    assert (miss.text, miss.path, miss.expected, miss.kind) == (
        MUMBLE_KEPT,
        "nice",
        "choice",
        MissKind.UNCLEAR,
    )
    assert (miss.heard, miss.intents, miss.chosen) == (("n", "command:skip"), ("neutral", "skip"), "neutral")
    assert miss.day == AT.date().isoformat()


async def test_command_chosen_with_a_button_is_what_was_meant(store: Store) -> None:
    anna = Person(store)
    await anna.begin()

    await anna.say(MUMBLE)
    await anna.tap("Sla over")

    assert [miss.chosen for miss in await anna.misses()] == ["command:skip"]


@pytest.mark.parametrize("answer", ["nee", "sla over"])
async def test_nothing_is_kept_of_who_did_not_agree(store: Store, answer: str) -> None:
    anna = Person(store)
    await anna.begin(learn=answer)

    await anna.say(MUMBLE)
    await anna.tap("Neutraal")

    assert stored(store, "*", "misses") == []


async def test_nothing_is_kept_of_before_somebody_agreed(store: Store) -> None:
    anna = Person(store)
    await anna.say("hallo", "ja", "flubberdeflap", "ja")

    assert stored(store, "*", "misses") == []


@pytest.mark.parametrize("said", ["ik wil niet meer leven flubberdeflap", "hij slaat me", "er is brand"])
async def test_danger_is_never_kept(store: Store, said: str) -> None:
    anna = Person(store)
    await anna.begin()

    await anna.say(said)

    assert stored(store, "*", "misses") == []


async def test_nothing_is_kept_of_the_sensitive_questions(store: Store) -> None:
    anna = Person(store)
    await anna.begin(money="ja")

    await anna.say("flubberdeflap")
    await anna.tap("Ja")
    assert stored(store, "*", "misses") == []

    await anna.say("flubberdeflap")
    assert len(stored(store, "*", "misses")) == 1


async def test_a_long_story_is_not_kept(store: Store) -> None:
    anna = Person(store)
    await anna.begin()

    await anna.say("flubberdeflap " * 20)

    assert stored(store, "*", "misses") == []


async def test_a_guess_is_gone_with_the_next_answer(store: Store) -> None:
    anna = Person(store, FakeModel((("disagree", 0.98),)))
    await anna.begin()

    await anna.say("kwatsjverhaal")
    assert len(stored(store, "*", "misses")) == 1
    assert await anna.misses() == []

    await anna.tap("Eens")
    assert stored(store, "*", "misses") == []


async def test_a_guess_that_was_corrected_is_a_miss(store: Store) -> None:
    anna = Person(store, FakeModel((("disagree", 0.98),)))
    await anna.begin()

    await anna.say("kwatsjverhaal", "terug")
    await anna.tap("Eens")

    [miss] = await anna.misses()
    assert (miss.text, miss.kind, miss.heard, miss.chosen) == (
        "kwatsjverhaal",
        MissKind.CORRECTED,
        ("disagree",),
        "agree",
    )


async def test_what_was_meant_is_not_told_where_it_is_a_number(store: Store) -> None:
    anna = Person(store)
    await anna.begin()
    await anna.say("eens", "eens", "flubberdeflap", "41")

    assert [miss.chosen for miss in await anna.misses()] == ["other"]


async def test_invented_people_teach_nothing(store: Store) -> None:
    anna = Person(store)
    await anna.say("hallo", "ja", "ja", "nee", "flubberdeflap", simulated=True)

    assert stored(store, "*", "misses") == []


async def test_erasing_takes_misses_away(store: Store) -> None:
    anna = Person(store)
    await anna.begin()
    await anna.say(MUMBLE)
    assert len(stored(store, "*", "misses")) == 1

    await anna.say("wis mijn gegevens", "ja")

    assert stored(store, "*", "misses") == []


async def test_taking_the_consent_back_takes_misses_away(store: Store) -> None:
    anna = Person(store)
    await anna.begin()
    await anna.say(MUMBLE)

    await anna.say("terug", "terug", "nee")

    assert stored(store, "*", "misses") == []
    await anna.say("ja", "neutraal", "flubberdeflap")
    assert stored(store, "*", "misses") == []


async def test_misses_go_after_eight_weeks(store: Store) -> None:
    anna = Person(store)
    await anna.begin()
    await anna.say(MUMBLE)

    await store.purge(now=AT + KEEP_MISSES)
    assert len(stored(store, "*", "misses")) == 1

    purged = await store.purge(now=AT + KEEP_MISSES + timedelta(days=1))
    assert (purged.misses, stored(store, "*", "misses")) == (1, [])


async def test_dropped_misses_do_not_come_back(store: Store) -> None:
    anna = Person(store)
    await anna.begin()
    await anna.say(MUMBLE, "wobbeldewob")
    first, second = await anna.misses()

    await store.with_misses(lambda misses: misses.drop([first.id]))

    assert await anna.misses() == [second]
