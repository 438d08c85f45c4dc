"""Whatever somebody says and takes back: nothing is kept for a purpose that they did not agree to, on either database."""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.conversation import Conversations
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind, Message
from nlu.deidentify import deidentify
from nlu.understand import understand
from storage import Store, Vault, open_store
from storage.schema import metadata
from storage.vault import new_key
from tests.canary import bytes_under
from tests.effort import effort
from tests.postgres import empty_tables
from tests.unit.bot.talking import OneForm
from tests.unit.storage.talking import stored

Live = Callable[[Store], Awaitable[None]]
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORM = load_form(
    Path("consents.md"),
    text="""
| survey | |
| | type | name | label | relevant | chat:consent | chat:purpose |
| | select_one yes_no | agree | Mogen we bewaren wat u zegt? | | answers | |
| | select_one yes_no | learn | Mogen we zinnen bewaren die we niet begrijpen? | | learn | |
| | text | story | Wat gaat er goed? | | | |
| | select_one yes_no | may | Mogen we iets vragen over geld? | | sensitive | |
| | select_one yes_no | money | Hebt u moeite om rond te komen? | ${may} = 'yes' | | sensitive |
| | text | why | Hoe komt dat? | ${may} = 'yes' | | sensitive |
| | select_one yes_no | may_quote | Mogen we uw woorden gebruiken? | | quote | |
| | select_one yes_no | debt | Hebt u schulden? | | | sensitive |
| | integer | years | Hoe lang woont u hier? | | | |

| choices | |
| | list_name | name | label | chat:meaning |
| | yes_no | yes | Ja | yes |
| | yes_no | no | Nee | no |

| settings | |
| | form_id | version |
| | consents | 1 |
""",
)
SECRET, PLAIN = "de huur slokt met mijn brommerkanarie alles op", "de tuinkanarie zingt hier mooi"
PURPOSES = {"answers", "learn", "sensitive", "quote"}
VERSION = "consents 1"
SENSITIVE = ("money", "why", "debt")


@dataclass
class Person:
    """Somebody on the page, who presses what they see or writes, and tells the secret only where it is asked. `last` is
    what was said to them."""

    store: Store
    last: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        ids: Iterator[int] = count(1)
        self.updates: Iterator[int] = count(1)
        self.conversations = Conversations(
            store=self.store, shelf=OneForm(FORM), understand=understand, model=None, catalogue=load_catalogue(),
            new_id=lambda: f"response-{next(ids)}", deidentify=deidentify,
        )  # fmt: skip # read as one piece

    async def say(self, text: str) -> None:
        kind = IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
        if text == SECRET and not (self.last and self.last[-1].text.endswith("Hoe komt dat?")):
            text = PLAIN
        incoming = Incoming("web", "anna", kind, AT, update_id=str(next(self.updates)), text=text)
        self.last = (await self.conversations.take(incoming)).messages

    async def press(self, number: int) -> None:
        buttons = [button for message in self.last for button in message.buttons]
        if buttons:
            await self.say(buttons[number % len(buttons)].payload)

    def check(self) -> None:
        consents = stored(self.store, "purpose, given, text_version, at", "consents ORDER BY id")
        given = {purpose: bool(yes) for purpose, yes, _, _ in consents}
        assert given.keys() <= PURPOSES
        assert all(version == VERSION and at is not None for _, _, version, at in consents)
        kept = stored(self.store, "purpose, path", "answers")
        assert [row for row in kept if not given.get(row[0])] == []
        if not given.get("sensitive"):
            assert [path for _, path in kept if path in SENSITIVE] == []
            for where in ("state, language", "conversations"), ("reply", "updates"), ("payload", "outbox"):
                assert [row for row in stored(self.store, *where) if "brommerkanarie" in str(row)] == [], (
                    where
                )
        if not given.get("learn"):
            assert stored(self.store, "*", "misses") == []


STEPS = st.one_of(
    st.sampled_from(
        ["ja", "ja", "nee", PLAIN, SECRET, "5", "terug", "sla over", "mijn antwoorden", "flubberdeflap", "stop", "verder",
         "wis mijn gegevens", "verander antwoord 4", "verander antwoord 3", "hallo"]
    ).map(lambda text: ("say", text)),
    st.integers(0, 9).map(lambda number: ("press", number)),
)  # fmt: skip # read as one list of words
BEGIN = [("say", each) for each in ("hallo", "ja", "ja", PLAIN, "ja", "ja", SECRET)]

TO_YEARS = (PLAIN, "nee", "ja", "ja")


def says(*texts: str) -> list[tuple[str, str | int]]:
    return [("say", text) for text in texts]


TAKEN_BACK = says("ja", "ja", "mijn antwoorden", "verander antwoord 4", "nee")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str:
    """The URL of a database on a server, empty for a file."""
    return request.getfixturevalue("server") if request.param == "postgres" else ""


@settings(
    max_examples=effort(15),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, max_size=25), is_begun=st.booleans())
@example(steps=TAKEN_BACK, is_begun=True)
@example(steps=says("hallo", "ja", "ja", *TO_YEARS), is_begun=False)  # debt, without its consent
@example(steps=says("hallo", "ja", "nee", *TO_YEARS, "flubberdeflap"), is_begun=False)
@example(
    steps=says("hallo", "ja", "ja", *TO_YEARS, "flubberdeflap", "verander antwoord 2", "nee"), is_begun=False
)
def test_nothing_is_kept_for_a_purpose_without_its_consent(
    place: str, steps: list[tuple[str, str | int]], is_begun: bool
) -> None:
    async def live(store: Store) -> None:
        anna = Person(store)
        for kind, what in [*(BEGIN if is_begun else []), *steps]:
            await (anna.press(int(what)) if kind == "press" else anna.say(str(what)))
            anna.check()

    asyncio.run(_on(place, live))


def test_the_sensitive_block_taken_back_leaves_none_of_its_words_in_the_file(tmp_path: Path) -> None:
    async def live(store: Store) -> None:
        anna = Person(store)
        for _, words in BEGIN:
            await anna.say(words)
        assert [path for (path,) in stored(store, "path", "answers") if path in ("money", "why")]
        for _, said in TAKEN_BACK:
            await anna.say(str(said))
        anna.check()
        [(reference,)] = stored(store, "reference", "conversations")
        told = json.loads(await store.turn(lambda db: db.own_data(str(reference), AT)))["kept"]["consents"][
            "rows"
        ]
        assert [(row["purpose"], row["given"]) for row in told][-1] == ("sensitive", False)
        assert all(row["text_version"] == VERSION and row["at"] for row in told)
        assert {path for (path,) in stored(store, "path", "answers")} >= {"agree", "story", "may"}

    asyncio.run(_on("", live, tmp_path))
    found = [part for part in bytes_under(tmp_path) if b"brommerkanarie" in part]
    assert found == []
    assert [part for part in bytes_under(tmp_path) if b"tuinkanarie" in part]


async def _on(place: str, live: Live, folder: Path | None = None) -> None:
    with tempfile.TemporaryDirectory() as made:
        url = place or f"sqlite:///{(folder or Path(made)) / 'w.db'}"
        ids = count(1)
        store = open_store(url, vault=Vault.open(key=new_key()), new_id=lambda: f"person-{next(ids)}")
        try:
            await live(store)
        finally:
            await store.close()
            if place:
                empty_tables(place, *metadata.tables)
