"""Turns a second through the store, beside the driver alone: python -m tests.unit.storage.measure_turns [URL]."""

import asyncio
import itertools
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.dialogue.effects import Record
from bot.ports import Changes, Conversation, NewResponse, TurnDb
from domain.answer import answered
from domain.consent import Purpose
from domain.message import Button, Message
from storage import Store, Vault, open_store
from storage.sqlite import SqliteStore
from storage.vault import new_key

CALLERS, TURNS = 32, 300
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATE = (
    '{"at": "veerkracht/res_3", "asked": 12, "answers": {'
    + ", ".join(f'"q{n}": "3"' for n in range(20))
    + "}}"
)
QUESTION = Message(
    "Vraag 4 van 20. Hoe vaak lukt dat?", tuple(Button(f"Keuze {n}", f"/a {n}") for n in range(5))
)


def first_turn(person: int) -> Callable[[TurnDb], None]:
    def work(db: TurnDb) -> None:
        begin = NewResponse(f"response-{person}", "veerkracht", "1", "nl")
        changes = Changes(STATE, begin=begin)
        db.save(
            db.load("web", f"chat-{person}"), changes, channel_ref=f"chat-{person}", update_id=None, at=AT
        )

    return work


def next_turn(person: int, number: int, *, deliver: bool) -> Callable[[TurnDb], Conversation]:
    """Load, one answer, state, reply: what most turns are."""
    answers = (Record(f"veerkracht/q{number % 25}", answered("3"), Purpose.ANSWERS, "tap"),)

    def work(db: TurnDb) -> Conversation:
        ref, update = f"chat-{person}", f"{person}-{number}"
        assert db.earlier_reply("web", update) is None
        conversation = db.load("web", ref)
        changes = Changes(STATE, answers=answers, messages=(QUESTION,), deliver_later=deliver)
        db.save(conversation, changes, channel_ref=ref, update_id=update, at=AT)
        return conversation

    return work


async def together(turn: Callable[[int, int], Awaitable[Any]]) -> float:
    """Turns a second of all callers at once."""

    async def caller(person: int) -> None:
        for number in range(TURNS):
            await turn(person, number)

    begun = time.perf_counter()
    await asyncio.gather(*(caller(person) for person in range(CALLERS)))
    return CALLERS * TURNS / (time.perf_counter() - begun)


RAW = (
    "SELECT reply FROM updates WHERE channel = ? AND update_hash = ?",
    "SELECT c.reference, c.state, c.revision, c.response, c.simulated FROM contacts k"
    " JOIN conversations c ON c.reference = k.reference WHERE k.channel = ? AND k.channel_ref_hash = ?",
    "INSERT INTO updates (channel, update_hash, reference, at, reply) VALUES (?, ?, ?, ?, ?)",
    "UPDATE conversations SET state = ?, revision = ?, language = ?, response = ?, last_at = ?,"
    " blocked_at = NULL WHERE reference = ?",
    'INSERT INTO answers (response, path, status, value, at, "by", model, purpose) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    "INSERT INTO outbox (channel, reference, channel_ref, payload, created_at, not_before, leased_until, attempts,"
    " status, code, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
)


def raw_turn(connection: sqlite3.Connection, person: str, ref: str, update: str, payload: str) -> None:
    at = 1_772_366_400_000_000
    run = connection.execute
    run(RAW[0], ("web", update)).fetchone()
    row = run(RAW[1], ("web", ref)).fetchone()
    run(RAW[2], ("web", update, person, at, None))
    run(RAW[3], (STATE, row[2] + 1, "nl", row[3], at, person))
    run(RAW[4], (row[3], "veerkracht/q1", "answered", "3", at, "tap", "", "answers"))
    run(RAW[5], ("web", person, None, payload, at, at, None, 0, "waiting", "", None))


async def measure_raw(store: Store, vault: Vault) -> None:
    assert isinstance(store, SqliteStore)
    people = [vault.contact_hash("web", f"chat-{person}") for person in range(CALLERS)]
    with store.reading() as db:
        rows = db._execute("SELECT channel_ref_hash, reference FROM contacts", {}).fetchall()
    names: dict[str, str] = dict(rows)
    payload = '["' + QUESTION.text + '", [' + '["Keuze 1", "/a 1"],' * 4 + '["Keuze 5", "/a 5"]]]'
    connection = store._connection
    numbers = itertools.count()

    def work(person: int) -> None:
        ref = people[person]
        raw_turn(connection, names[ref], ref, f"{next(numbers):064d}", payload)

    in_thread = await together(lambda person, number: store.transact(lambda db: work(person)))
    print(f"driver alone, same thread and group commit       {in_thread:8,.0f} turns/s")


def measure_bare_loop(folder: Path, url: str, vault: Vault) -> None:
    """No event loop, no threads: 32 turns, a commit, and again."""
    connection = sqlite3.connect(folder / "measure.db", isolation_level=None)
    for pragma in ("synchronous = FULL", "secure_delete = ON", "foreign_keys = ON", "cache_size = -8000"):
        connection.execute(f"PRAGMA {pragma}")
    names = dict(connection.execute("SELECT channel_ref_hash, reference FROM contacts").fetchall())
    begun = time.perf_counter()
    for number in range(TURNS):
        connection.execute("BEGIN IMMEDIATE")
        for ref, person in names.items():
            raw_turn(connection, person, ref, f"bare{number:028d}{person:>32}", "[]" * 60)
        connection.execute("COMMIT")
    rate = TURNS * len(names) / (time.perf_counter() - begun)
    print(f"driver alone, one loop, a commit for 32           {rate:8,.0f} turns/s")


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder / 'measure.db'}"
        vault, numbers = Vault.open(key=new_key()), itertools.count()
        store = open_store(url, vault=vault, new_id=lambda: f"{next(numbers):032d}")
        for person in range(CALLERS):
            await store.turn(first_turn(person))
        for offset, deliver in ((0, False), (TURNS, True)):
            rate = await together(
                lambda person, number, o=offset, d=deliver: store.turn(
                    next_turn(person, o + number, deliver=d)
                )  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )
            reply = "outbox" if deliver else "kept beside the update"
            print(f"store, reply {reply:24}            {rate:8,.0f} turns/s")
        begun = time.perf_counter()
        claimed = await store.claim("web", now=AT + timedelta(1), limit=30, lease=timedelta(minutes=1))
        print(
            f"claim {len(claimed)} heads of {CALLERS * TURNS:,} waiting: {(time.perf_counter() - begun) * 1000:.1f} ms"
        )
        if url.startswith("sqlite"):
            await measure_raw(store, vault)
        await store.close()
        if url.startswith("sqlite"):
            measure_bare_loop(folder, url, vault)


if __name__ == "__main__":
    asyncio.run(main())
