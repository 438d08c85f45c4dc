"""`make test`: every check in order, each with its time, and one line at the end that says what failed."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]


CORE = ("tests/unit/bot", "tests/transcripts")
BALANCED = ("--dist", "worksteal")

CHECKS = (
    Check("lint", (str(BIN / "ruff"), "check", "--no-cache", ".")),
    Check("format", (str(BIN / "ruff"), "format", "--no-cache", "--check", ".")),
    Check("types", (str(BIN / "mypy"), "--no-error-summary")),
    Check("imports", (str(BIN / "lint-imports"), "--no-cache")),
    # The two cores that decide what is asked and said: every branch, by tests that leave nothing to chance.
    Check("forget", (sys.executable, "-m", "coverage", "erase")),
    Check("core", (sys.executable, "-m", "coverage", "run", "-m", "pytest", *CORE, "-n", "2", *BALANCED)),
    Check("gather", (sys.executable, "-m", "coverage", "combine", "--quiet")),
    Check("branches", (sys.executable, "-m", "coverage", "report")),
    Check(
        "tests",
        (
            sys.executable,
            "-m",
            "pytest",
            "-n",
            "4",
            "--dist",
            "loadfile",
            "-rs",
            *(f"--ignore={each}" for each in CORE),
        ),
    ),
)


def bring_node_packages() -> None:
    """The foreign bots, ical.js, the accessibility checker and ODK's engine come from npm; their tests say so when npm is not there."""
    if shutil.which("npm") is None:
        print(
            "npm is not here: the tests with foreign Telegram bots, with ical.js, with axe and with ODK's engine will say what they lack."
        )
        return
    for folder in ("tests/foreign", "tests/browser", "tests/conformance"):
        wanted, there = (
            ROOT / folder / "package-lock.json",
            ROOT / folder / "node_modules" / ".package-lock.json",
        )
        if wanted.exists() and (not there.exists() or there.stat().st_mtime < wanted.stat().st_mtime):
            print(f"Fetching the test packages of {folder}", flush=True)
            subprocess.run(
                ["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=ROOT / folder, check=False
            )


def run(check: Check) -> tuple[bool, float]:
    print(f"\n== {check.name}", flush=True)
    began = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": ""}, check=False)
    return done.returncode == 0, time.monotonic() - began


def main() -> int:
    bring_node_packages()
    results = [(check.name, *run(check)) for check in CHECKS]
    print("\n== summary")
    for name, good, seconds in results:
        print(f"{'ok    ' if good else 'FAILED'} {name:8} {seconds:6.1f} s")
    print(
        "`make test-long` kills it 1,000 times on each database, where this did so 25 times, and tries more at random."
    )
    return 0 if all(good for _, good, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
