"""Killed at random moments, again and again, the product loses no update that it acknowledged, answers none twice, and
what it knows of a conversation always fits the answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.contract.conftest import KEY, Database
from tests.effort import effort

SEED = 20261128
CYCLES = effort(25, 1000)
ROOT = Path(__file__).parent.parent.parent


def test_killed_at_random_moments_nothing_is_lost_and_nothing_comes_twice(database: Database) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.contract.crash_nursery",
        database.url,
        KEY,
        str(SEED),
        str(CYCLES),
    ]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    print(f"seed {SEED}: {report}")
    assert report["wrong"] == [], done.stderr
    assert report["cycles"] == CYCLES
    # Else the children died before they did anything.
    assert report["acknowledged"] > CYCLES / 2
    assert report["answers"] > CYCLES / 10
    assert report["killed_in_opening"] < CYCLES / 2
