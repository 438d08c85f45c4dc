"""Updates may come twice, late and between those of others, and the process may start again at any moment: every update
counts once, and what is stored depends only on what each person did."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from shutil import copyfile, rmtree
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from app.shelf import Shelf, open_shelf
from bot.conversation import Conversations
from bot.dialogue.state import state_from_json
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind, Message
from nlu.understand import understand
from storage import Vault, open_store
from storage.schema import metadata
from storage.vault import new_key
from tests.effort import effort
from tests.property.quiet import may_be_silent

T = TypeVar("T")

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CATALOGUE = load_catalogue()
KEY = new_key()
PEOPLE = st.sampled_from(["fatima", "gijs"])
WORDS = st.sampled_from(
    ["ja", "nee", "nazareth", "pottenberg", "45", "bewoner", "mee eens", "helemaal oneens", "7", "stop", "start", "terug",
     "sla over", "weet ik niet", "wil ik niet zeggen", "ik wil dood", "mijn antwoorden", "mijn buren groeten mij altijd",
     "english", "nederlands", "bloemkool", "buiten maastricht", "17", "pauze", "verder"]
)  # fmt: skip # read as one list of words
KEPT = {
    "answers": "path, status, value, by, purpose",
    "consents": "purpose, given, text_version",
    "signals": "kind",
}


@cache
def shelf() -> Shelf:
    return open_shelf()


@cache
def empty_database() -> Path:
    """A database with its tables: making them anew would be most of the work."""
    path = Path(tempfile.mkdtemp(prefix="wijkverhaal-")) / "empty.db"
    asyncio.run(open_store(f"sqlite:///{path}", vault=Vault.open(key=KEY), new_id=str).close())
    return path


@dataclass
class House:
    """The product's own conversations on a database of their own; it can be closed and opened again."""

    folder: Path
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        self.ids = count(1)
        copyfile(empty_database(), self.folder / "x.db")
        self.open()

    def open(self) -> None:
        self.store = open_store(
            f"sqlite:///{self.folder / 'x.db'}", vault=Vault.open(key=KEY), new_id=self.new_id
        )
        self.conversations = Conversations(
            store=self.store,
            shelf=shelf(),
            understand=understand,
            model=None,
            catalogue=CATALOGUE,
            new_id=self.new_id,
            pieces=False,
        )
        self.reader = sqlite3.connect(self.folder / "x.db")

    def new_id(self) -> str:
        return f"id-{next(self.ids):05}."

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def take(self, update: Incoming) -> tuple[Message, ...]:
        return tuple(self.run(self.conversations.take(update)).messages)

    def restart(self) -> None:
        self.reader.close()
        self.run(self.store.close())
        self.open()

    def end(self) -> None:
        self.reader.close()
        self.run(self.store.close())
        self.loop.close()

    def reference(self, person: str) -> str:
        digest = self.store._vault.contact_hash("web", person)
        found = self.rows("reference", f"contacts WHERE channel_ref_hash = '{digest}'")
        return str(found[0][0]) if found else ""

    def kept(self, person: str) -> dict[str, list[Any]]:
        """What stands in the database of a person, without what names it there."""
        reference = self.reference(person)
        mine = f"responses WHERE reference = '{reference}' ORDER BY started_at, id"
        found: dict[str, list[Any]] = {"responses": self.rows("questionnaire, language, outcome", mine)}
        answers = f"answers WHERE response IN (SELECT id FROM responses WHERE reference = '{reference}') ORDER BY id"
        found["answers"] = self.rows(KEPT["answers"], answers)
        for table in ("consents", "signals"):
            where = f"{table} WHERE reference = '{reference}' ORDER BY id"
            found[table] = self.rows(KEPT[table], where)
        return found

    def everything(self) -> list[Any]:
        return [self.rows("*", table.name) for table in metadata.sorted_tables]

    def rows(self, columns: str, rest: str) -> list[Any]:
        return self.reader.execute(f"SELECT {columns} FROM {rest}").fetchall()


class Town(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="wijkverhaal-"))
        self.house = House(self.folder)
        self.numbers = count(1)
        self.did: list[Incoming] = []
        self.heard: list[tuple[Message, ...]] = []
        self.buttons: dict[str, list[str]] = {"fatima": [], "gijs": []}

    def _take(self, person: str, kind: IncomingKind, text: str) -> tuple[Message, ...]:
        update = Incoming("web", person, kind, NOW, update_id=f"u{next(self.numbers)}", text=text)
        reply = self.house.take(update)
        self.did.append(update)
        self.heard.append(reply)
        self.buttons[person] += [button.payload for message in reply for button in message.buttons]
        return reply

    @rule(person=PEOPLE, words=WORDS)
    def say(self, person: str, words: str) -> None:
        reply = self._take(person, IncomingKind.TEXT, words)
        assert reply or self._is_quiet(person)
        if words == "ik wil dood":
            assert "113" in str(reply)

    def _is_quiet(self, person: str) -> bool:
        """Where the same was said twice in a row, the assistant waits; while it asks it never does, nor after danger."""
        rows = self.house.rows("state", f"conversations WHERE reference = '{self.house.reference(person)}'")
        return may_be_silent(state_from_json(rows[0][0]))

    @rule(person=PEOPLE, number=st.integers(0, 12))
    def tap(self, person: str, number: int) -> None:
        """The latest buttons are the likeliest."""
        self.tap_one(person, number)

    def tap_one(self, person: str, number: int) -> None:
        shown = self.buttons[person]
        if shown:
            self._take(person, IncomingKind.TAP, shown[-1 - number % len(shown)])

    @precondition(lambda self: self.did)
    @rule(number=st.integers(0, 10))
    def bring_again(self, number: int) -> None:
        """The same reply as the first time, and nothing else happens."""
        place = len(self.did) - 1 - number % len(self.did)
        before = self.house.everything()
        again = self.house.take(self.did[place])
        assert again in (self.heard[place], ())
        assert self.house.everything() == before

    @precondition(lambda self: self.did)
    @rule(person=PEOPLE, what=st.sampled_from(["restart", "erase", *["tap"] * 8]))
    def now_and_then(self, person: str, what: str) -> None:
        """What takes long is tried less often."""
        if what == "tap":
            self.tap_one(person, 0)
        elif what == "restart":
            self.restart()
        else:
            self.erase(person)

    def restart(self) -> None:
        before = self.house.everything()
        self.house.restart()
        assert self.house.everything() == before

    def erase(self, person: str) -> None:
        names = [self.house.reference(person), *(row[0] for row in self._responses(person))]
        if not names[0]:
            return
        self._take(person, IncomingKind.TEXT, "wis mijn gegevens")
        self._take(person, IncomingKind.TAP, self.buttons[person][-2])
        rows = str(self.house.everything())
        assert [name for name in names if name in rows] == []
        self.house.restart()  # what was in the log is in the file, or nowhere
        files = b"".join(file.read_bytes() for file in self.folder.iterdir())
        assert [name for name in names if name.encode() in files] == []

    def _responses(self, person: str) -> list[Any]:
        return self.house.rows("id", f"responses WHERE reference = '{self.house.reference(person)}'")

    def teardown(self) -> None:
        try:
            kept = {person: self.house.kept(person) for person in self.buttons}
            assert kept == told_apart(self.did, self.buttons)
            for each in kept.values():
                given = {purpose for purpose, given, _ in each["consents"] if given}
                assert {row[-1] for row in each["answers"]} <= given
        finally:
            self.house.end()
            rmtree(self.folder)


def told_apart(did: Iterable[Incoming], people: Iterable[str]) -> dict[str, dict[str, list[Any]]]:
    """What is kept when one person's updates all come before the next one's, each of them twice."""
    updates = list(did)
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        for person in people:
            for update in updates:
                if update.channel_ref == person:
                    house.take(update)
                    house.take(update)
        kept = {person: house.kept(person) for person in people}
        house.end()
    return kept


TestUpdates = Town.TestCase
TestUpdates.settings = settings(max_examples=effort(25), stateful_step_count=40, deadline=None)
