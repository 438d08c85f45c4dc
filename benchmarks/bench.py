"""`python -m benchmarks.bench`: measures everything in one run, ends what it started, and writes the figures down."""

import argparse
import asyncio
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import uvloop
from rich.console import Console

from benchmarks import forms, measures, report
from benchmarks.measures import FULL, QUICK, Plan, Say
from benchmarks.series import Found
from benchmarks.servers import ROOT
from benchmarks.targets import judge

LONGEST_SECONDS = 900.0
PARTS: dict[str, Callable[[Plan, Found, Path, Say], Awaitable[None]]] = {
    "taps": measures.measure_taps,
    "typed": measures.measure_typed,
    "memory": measures.measure_memory,
    "volume": measures.measure_volume,
    "length": measures.measure_length,
    "forms": forms.measure_forms,
}


def describe_machine(folder: Path) -> dict[str, str]:
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, load before {busy}",
        "disk": f"{_file_system(folder)} ({folder.parent})",
        "Python": platform.python_version(),
        "packages": ", ".join(
            f"{name} {version(name)}" for name in ("uvicorn", "starlette", "httptools", "uvloop")
        ),
    }


def _file_system(folder: Path) -> str:
    """The kind of file system under `folder`, where Linux tells; a commit in memory would cost nothing."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "unknown"
    under = [mount for mount in mounts if folder.is_relative_to(mount[1])]
    return max(under, key=lambda mount: len(mount[1]))[2] if under else "unknown"


async def run(plan: Plan, parts: list[str], say: Say) -> Found:
    """Every part in turn, each with servers of its own in a folder that is gone afterwards."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory(prefix="wijkverhaal-bench-") as name:
        found = Found(describe_machine(Path(name)))
        began = time.monotonic()
        async with asyncio.timeout(LONGEST_SECONDS):
            for part in parts:
                try:
                    await PARTS[part](plan, found, Path(name), say)
                except* (
                    Exception
                ) as group:  # what the other parts found is kept, whatever happened in this one
                    found.broken.append(f"The part '{part}' broke off: {_first(group)}")
        found.machine["took"] = f"{time.monotonic() - began:.0f} seconds"
    found.targets = judge(found)
    return found


def _first(group: BaseExceptionGroup[BaseException]) -> str:
    """The first thing that went wrong, on one line."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(f"{type(error).__name__} {error}".split())[:200]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description="Measure the assistant.")
    parser.add_argument("--quick", action="store_true", help="two minutes instead of ten, with wider margins")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    parser.add_argument(
        "--results", type=Path, default=ROOT / "results", help="folder for bench.json and bench.md"
    )
    chosen = parser.parse_args()
    console = Console()
    parts = [part for part in PARTS if not chosen.only or part in chosen.only]
    plan = QUICK if chosen.quick else FULL
    try:
        found = uvloop.run(run(plan, parts, lambda line: console.print(line, markup=False)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Interrupted; everything that was started has ended.")
        return 130
    except TimeoutError:
        console.print(f"Not done after {LONGEST_SECONDS:.0f} seconds; everything that was started has ended.")
        return 1
    report.show(found, console)
    report.write(found, chosen.results)
    console.print(f"Written: {chosen.results / 'bench.md'} and bench.json", markup=False)
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
