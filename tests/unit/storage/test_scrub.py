"""SQLite leaves copies behind in the gaps of pages, `secure_delete` or not; the store writes its file anew."""

import sqlite3
from pathlib import Path
from random import Random

import pytest

from storage import Vault, open_store
from storage.vault import new_key

pytestmark = pytest.mark.anyio

TOWN = 10
LEAVING = 6


def leave_town(file: Path, seed: int) -> list[str]:
    """Ten people fill a file and six are deleted from it, overwritten as well as SQLite does that."""
    random = Random(seed)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("CREATE TABLE town (who TEXT, words TEXT)")
    connection.execute("CREATE INDEX of_who ON town (who)")
    for _ in range(120):
        row = (f"person-{random.randrange(TOWN):04}.", "x" * random.randrange(20, 900))
        connection.execute("INSERT INTO town VALUES (?, ?)", row)
    gone = [f"person-{number:04}." for number in random.sample(range(TOWN), LEAVING)]
    for who in gone:
        connection.execute("DELETE FROM town WHERE who = ?", (who,))
    connection.close()
    return gone


async def test_what_is_deleted_is_overwritten_at_once(tmp_path: Path) -> None:
    """Also where nobody asks for the file to be written anew: an old reply, a message that was brought."""
    file = tmp_path / "town.db"
    words = [f"said-by-{number:04}." for number in range(6)]
    store = open_store(f"sqlite:///{file}", vault=Vault.open(key=new_key()), new_id=str)

    def written() -> list[str]:
        with sqlite3.connect(file) as reader:
            reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        reader.close()
        return [each for each in words if each.encode() in file.read_bytes()]

    async def run(statement: str, word: str) -> None:
        await store.transact(lambda db: db._execute(statement, {"word": word}))

    for each in words:
        await run("INSERT INTO meta (key, value) VALUES (:word, '')", each)
    assert written() == words
    await run("DELETE FROM meta WHERE key = :word", words[1])
    assert written() == [words[0], *words[2:]]
    await store.close()


async def test_nobody_who_was_erased_stands_in_the_file(tmp_path: Path) -> None:
    copies = 0
    for seed in range(60):
        file = tmp_path / f"{seed}.db"
        store = open_store(f"sqlite:///{file}", vault=Vault.open(key=new_key()), new_id=str)
        gone = leave_town(file, seed)
        with sqlite3.connect(file) as reader:
            reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        reader.close()
        copies += any(who.encode() in file.read_bytes() for who in gone)
        store.scrub_soon()
        await store.transact(lambda db: None)
        assert [who for who in gone if who.encode() in file.read_bytes()] == []
        await store.close()
    assert copies > 0, (
        "None of these files shows what SQLite leaves behind; without one this test proves nothing."
    )
