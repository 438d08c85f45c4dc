"""grammY and telegraf bots, unmodified, judge the emulated Bot API; they live in tests/foreign."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.emulator.client import Emulator
from tests.emulator.fixtures import anyio_backend, emulator, running_emulator
from tests.emulator.judge import hold_conversation
from tests.patience import PATIENCE

__all__ = ["anyio_backend", "emulator", "running_emulator"]
pytestmark = pytest.mark.anyio

FOREIGN = Path(__file__).parents[1] / "foreign"


def what_is_missing() -> str:
    if shutil.which("node") is None:
        return "Node.js 20 or later is not on this machine: install it, then run `npm ci` in tests/foreign."
    if not all((FOREIGN / "node_modules" / name).is_dir() for name in ("grammy", "telegraf")):
        return "grammY and telegraf are not installed: run `npm ci` in tests/foreign."
    return ""


MISSING = what_is_missing()


@pytest.mark.skipif(bool(MISSING), reason=MISSING or "all there")
@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.parametrize("framework", ["grammy", "telegraf"])
async def test_node_bot_holds_the_conversation(emulator: Emulator, framework: str, mode: str) -> None:
    pipe = asyncio.subprocess.PIPE
    command = ("node", str(FOREIGN / f"{framework}-bot.mjs"), emulator.url, emulator.token, mode)
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdout and process.stdin
    try:
        assert await asyncio.wait_for(process.stdout.readline(), PATIENCE) == b"ready\n"
        await hold_conversation(emulator)
    finally:
        process.stdin.close()
        await process.wait()
