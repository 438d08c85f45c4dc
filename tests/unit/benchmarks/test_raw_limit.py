"""The raw limit is fair: its commits are as durable as the app's, and what it acknowledges is stored."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection

import pytest

from benchmarks.raw_limit import PRAGMAS, REPLY, STATE, Turn, commit_each, commit_together, open_database
from storage import Vault, open_store
from storage.vault import new_key


def settings_of(connection: Connection) -> dict[str, object]:
    names = (pragma.partition(" ")[0] for pragma in PRAGMAS)
    return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}


def test_database_is_set_up_as_the_app_sets_up_its_own(tmp_path: Path) -> None:
    numbers = itertools.count()
    vault = Vault.open(key=new_key())
    store = open_store(f"sqlite:///{tmp_path / 'app.db'}", vault=vault, new_id=lambda: str(next(numbers)))
    app = store._connection  # type: ignore[attr-defined]  # only the SQLite store has one
    raw = open_database(tmp_path / "raw.db")
    assert settings_of(raw) == settings_of(app)
    raw.close()
    asyncio.run(store.close())


@pytest.mark.parametrize("way", [commit_each, commit_together])
def test_every_turn_that_is_acknowledged_is_stored(tmp_path: Path, way: Callable[[Connection], Turn]) -> None:
    connection = open_database(tmp_path / "raw.db")

    async def talk() -> None:
        turn = way(connection)
        await asyncio.gather(*(turn(f"somebody-{number}", "/a.1.2.3") for number in range(200)))

    asyncio.run(talk())
    assert connection.execute("SELECT count(*) FROM answers").fetchone() == (200,)
    assert connection.execute("SELECT sum(revision) FROM conversations").fetchone() == (200,)


def test_state_and_reply_are_of_a_real_size() -> None:
    assert 900 < len(STATE) < 1_200
    assert 400 < len(str(REPLY)) < 900
