"""A process that forks children that talk with residents, kills each at a random moment, and looks after every death at
what is stored. It prints what it found as one line of JSON.

What should be stored is known: the same conversations are held beside it, in a database where nobody dies. After a death
a resident's state, answers, consents, messages and updates must be exactly those after some number of their updates,
and after no fewer than were acknowledged. What was not acknowledged comes again, under the same name, as a channel does.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.shelf import open_shelf
from app.wiring import new_id
from bot.conversation import Conversations
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind
from nlu.understand import understand
from storage import Store, Vault, base, open_store
from tests.patience import wait_until

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHANNEL = "telegram"
LENGTH = 20
AT_ONCE = 3
MOST_TURNS = 8
MOST_SECONDS = 0.005
"""A child dies up to so long after a number of turns that chance chose, whatever the speed of the machine."""

IN_OPENING = 0.1
"""The share of children that are killed before they are ready."""

BEGINNING = ("hallo", "ja", "ja", "ja", "nazareth", "45")
WORDS = (
    "ja", "nee", "nazareth", "45", "bewoner", "mee eens", "helemaal oneens", "7", "terug", "sla over", "weet ik niet",
    "wil ik niet zeggen", "ik wil dood", "mijn buren groeten mij altijd", "bloemkool", "pauze", "verder", "stop", "start",
)  # fmt: skip # read as one list of words

SHELF, CATALOGUE = open_shelf(), load_catalogue()
Print = tuple[Any, ...]
"""All that is stored of one resident, without names that chance gave."""


@dataclass
class Resident:
    """`prints[n]` is what should be stored after n of the updates."""

    name: str
    updates: list[Incoming]
    prints: list[Print] = field(default_factory=list)
    acknowledged: int = 0


class Reader:
    """What stands in a database, read past the product."""

    def __init__(self, url: str, vault: Vault) -> None:
        self._vault, self._is_file = vault, url.startswith("sqlite")
        if self._is_file:
            self._url = f"file:{url.removeprefix('sqlite:///')}?mode=ro"
        else:
            import psycopg

            self._server = psycopg.connect(url, autocommit=True)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        if not self._is_file:
            return self._server.execute(statement.encode()).fetchall()
        # Anew each time: a connection to a file must not live through a fork.
        connection = sqlite3.connect(self._url, uri=True, timeout=60)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def wait_for_the_dead(self) -> None:
        """A server goes on with what a dead child asked of it."""
        others = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'wijkverhaal' AND datname = current_database()"
        wait_until(lambda: self._is_file or not self.rows(others), "the server is done with the dead")

    def print(self, name: str) -> Print:
        digest = self._vault.contact_hash(CHANNEL, name)
        found = self.rows(
            "SELECT c.reference, c.state, c.revision, c.response FROM conversations c "
            f"JOIN contacts k ON k.reference = c.reference WHERE k.channel_ref_hash = '{digest}'"
        )
        if not found:
            return ()
        reference, state, revision, current = found[0]
        responses = self.rows(
            f"SELECT id, outcome FROM responses WHERE reference = '{reference}' ORDER BY started_at, id"
        )
        of_them = f"response IN (SELECT id FROM responses WHERE reference = '{reference}')"
        parts = {
            "updates": self.rows(f"SELECT reply FROM updates WHERE reference = '{reference}'"),
            "answers": self.rows(
                f"SELECT path, status, value, at, by, purpose FROM answers WHERE {of_them} ORDER BY id"
            ),
            "messages": self.rows(
                f"SELECT payload, status FROM outbox WHERE reference = '{reference}' ORDER BY id"
            ),
            "events": self.rows(
                f"SELECT kind, what, path FROM events WHERE reference = '{reference}' ORDER BY id"
            ),
            "work": self.rows(
                f"SELECT kind, due_at, revision FROM work WHERE reference = '{reference}' ORDER BY kind"
            ),
        }
        for table, columns in (("consents", "purpose, given"), ("signals", "kind, at")):
            parts[table] = self.rows(
                f"SELECT {columns} FROM {table} WHERE reference = '{reference}' ORDER BY id"
            )
        for place, (response, _) in enumerate(responses):
            state = state.replace(response, f"response {place}")
        outcomes = sorted(outcome for _, outcome in responses)
        return (state, revision, bool(current), outcomes, *(sorted(parts.items())))


def conversations(store: Store) -> Conversations:
    return Conversations(
        store=store, shelf=SHELF, understand=understand, model=None, catalogue=CATALOGUE, new_id=new_id,
        pieces=False, deliver_later=frozenset({CHANNEL}),
    )  # fmt: skip # read as one piece


class Oracle:
    """Holds the same conversations where nobody dies."""

    def __init__(self, seed: int, vault: Vault) -> None:
        self._seed, self._vault = seed, vault
        self._folder = tempfile.TemporaryDirectory(prefix="wijkverhaal-oracle-")
        self._url = f"sqlite:///{Path(self._folder.name) / 'oracle.db'}"
        self._numbers = iter(range(10**9))

    def new_resident(self) -> Resident:
        number = next(self._numbers)
        name, chance = f"resident-{number}", random.Random(f"{self._seed}/{number}")
        texts = [*BEGINNING, *chance.choices(WORDS, k=LENGTH - len(BEGINNING))]
        updates = [
            Incoming(CHANNEL, name, IncomingKind.TEXT, NOW, update_id=f"{number}-{place}", text=text)
            for place, text in enumerate(texts)
        ]
        resident = Resident(name, updates)
        asyncio.run(self._live(resident))
        return resident

    async def _live(self, resident: Resident) -> None:
        store = open_store(self._url, vault=self._vault, new_id=new_id)
        talk, reader = conversations(store), Reader(self._url, self._vault)
        resident.prints.append(())
        for update in resident.updates:
            await talk.take(update)
            resident.prints.append(reader.print(resident.name))
        await store.close()

    def close(self) -> None:
        self._folder.cleanup()


async def live(url: str, vault: Vault, residents: Sequence[Resident], pipe: int) -> None:
    """A child: each resident's updates in order, the residents at the same time; what is acknowledged is told."""
    store = open_store(url, vault=vault, new_id=new_id, connections=AT_ONCE)
    talk = conversations(store)
    os.write(pipe, b"ready\n")

    async def one(place: int, resident: Resident) -> None:
        for number in range(resident.acknowledged, LENGTH):
            await talk.take(resident.updates[number])
            os.write(pipe, f"{place}\n".encode())

    await asyncio.gather(*(one(place, each) for place, each in enumerate(residents)))
    await asyncio.sleep(60)


@dataclass
class Report:
    cycles: int = 0
    killed_in_opening: int = 0
    acknowledged: int = 0
    taken_and_not_acknowledged: int = 0
    residents: int = 0
    answers: int = 0
    wrong: list[str] = field(default_factory=list)


class Nursery:
    def __init__(self, url: str, key: str, seed: int) -> None:
        self._url, self._vault = url, Vault.open(key=key)
        self._chance = random.Random(seed)
        self._oracle = Oracle(seed, self._vault)
        self._reader = Reader(url, self._vault)
        self._residents: list[Resident] = []
        self.report = Report()

    def cycle(self) -> None:
        """One life, one death, and a look at what is stored."""
        done = [each for each in self._residents if each.acknowledged == LENGTH]
        self._residents = [each for each in self._residents if each.acknowledged < LENGTH]
        self.report.residents += len(done)
        while len(self._residents) < AT_ONCE:
            self._residents.append(self._oracle.new_resident())
        for place, times in self._life().items():
            self._residents[place].acknowledged += times
            self.report.acknowledged += times
        self._reader.wait_for_the_dead()
        for resident in self._residents:
            self._look_at(resident)
        self.report.cycles += 1

    def _life(self) -> Counter[int]:
        early = self._chance.random() < IN_OPENING
        turns = 0 if early else 1 + self._chance.randrange(MOST_TURNS)
        turns = min(turns, sum(LENGTH - each.acknowledged for each in self._residents))  # no more will come
        seconds = self._chance.uniform(0, MOST_SECONDS)
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(readable)
                asyncio.run(live(self._url, self._vault, self._residents, writable))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(writable)
        with os.fdopen(readable, "rb") as pipe:
            lines = [pipe.readline() for _ in range(turns)]  # the first says that it is ready
            # Nobody waits for anything here: chance says how far the child gets before it dies.
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
            lines += pipe.readlines()
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or not (early or lines[0] == b"ready\n"):
            self.report.wrong.append("a child ended by itself")
        self.report.killed_in_opening += b"ready\n" not in lines
        return Counter(int(line) for line in lines if line.endswith(b"\n") and line != b"ready\n")

    def _look_at(self, resident: Resident) -> None:
        found = self._reader.print(resident.name)
        taken = resident.prints.index(found) if found in resident.prints else -1
        if taken < 0:
            self.report.wrong.append(f"{resident.name}: what is stored is that of no moment")
        elif taken < resident.acknowledged:
            self.report.wrong.append(
                f"{resident.name}: {resident.acknowledged - taken} acknowledged are lost"
            )
        else:
            self.report.taken_and_not_acknowledged += taken - resident.acknowledged

    def finish(self) -> None:
        ((answers,),) = self._reader.rows("SELECT count(*) FROM answers")
        self.report.answers = answers
        self._oracle.close()


def compile_once() -> None:
    """Compiling its statements is most of the work of opening a store; a child inherits them."""
    for name in [name for name in vars(base) if name.endswith("Statements")]:
        setattr(base, name, _Compiled(getattr(base, name)))


class _Compiled:
    def __init__(self, made: Callable[[Any], Any]) -> None:
        self._made, self._kept = made, dict[str, Any]()

    def __call__(self, dialect: Any) -> Any:
        if dialect.name not in self._kept:
            self._kept[dialect.name] = self._made(dialect)
        return self._kept[dialect.name]


def main(url: str, key: str, seed: int, cycles: int) -> None:
    compile_once()
    asyncio.run(open_store(url, vault=Vault.open(key=key), new_id=new_id).close())
    nursery = Nursery(url, key, seed)
    while nursery.report.cycles < cycles and not nursery.report.wrong:
        nursery.cycle()
    nursery.finish()
    print(json.dumps(vars(nursery.report)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
