"""A process that is killed in the middle loses no turn that it acknowledged, and does none twice."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from bot.ports import Changes
from tests.contract.conftest import KEY, Database, close_now
from tests.unit.storage.talking import answer, saving, stored

CYCLES = 12
ROOT = Path(__file__).parent.parent.parent


def killed_after(database: Database, first: int, turns: int) -> list[int]:
    """The turns that a child acknowledged before it was killed, the last lines it managed to print included."""
    command = [sys.executable, "-m", "tests.contract.storage_child", database.url, KEY, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        seen = [child.stdout.readline() for _ in range(turns)]
        child.kill()
        seen += child.stdout.readlines()
    return [int(line) for line in seen if line.endswith("\n")]


def test_kill_in_the_middle_loses_nothing_and_repeats_nothing(database: Database) -> None:
    acknowledged: list[int] = []
    for cycle in range(CYCLES // 2):
        acknowledged += killed_after(database, cycle * 1000, turns=5 + cycle * 17)

    store = database.open()
    kept = Counter(value for (value,) in stored(store, "value", "answers"))
    again = saving(Changes("", answers=[answer("a", "twice")]), ref="chat-0", update="u0")
    assert asyncio.run(store.turn(again)) is None
    close_now(store)

    assert len(acknowledged) > 100
    assert {str(number) for number in acknowledged} <= set(kept)
    assert set(kept.values()) == {2}, "a turn was saved by half, or twice"
