"""Golden conversations about talks in person, with the real desk on a real database.

Each file in talks/ is played word for word; `> [1]` is the first offer, `> (full)` fills every other time first, `> (certain)`
lets both meemakers say yes, and `> (fills in: name=words, ...)` answers the whole questionnaire. After an intended change:
`WIJKVERHAAL_WRITE_TRANSCRIPTS=1 pytest tests/transcripts`, and read the difference aloud.
"""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.session import Stretch
from storage.sessions import SessionTable
from tests.unit.bot.meeting.town import NOW, Resident, Town

pytestmark = pytest.mark.anyio
FILES = sorted((Path(__file__).parent / "talks").glob("*.txt"))
FOR_EVER = Stretch(NOW - timedelta(days=1), NOW + timedelta(days=90))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    found = Town(tmp_path)
    await found.settle()
    yield found
    await found.store.close()


async def happen(town: Town, resident: Resident, line: str) -> bool:
    """What a line in brackets stands for; False when it was said by the resident after all."""
    if line == "(full)":
        await town.store.with_sessions(_fill)
    elif line == "(certain)":
        (session,) = await resident.talks()
        for each in session.meemakers:
            await _accept(town, each, session.id)
    elif line.startswith("(fills in: "):
        pairs = (part.partition("=") for part in line[11:-1].split(", "))
        await resident.fills_in(**{name: words for name, _, words in pairs})
        return False
    return True


def _fill(db: SessionTable) -> None:
    for each in ("els", "jo"):
        db.set_times(each, "chat", away=[FOR_EVER])


async def _accept(town: Town, meemaker: str, session: str) -> None:
    await town.run(lambda desk, now: desk.accept(meemaker, session, now=now))


def shown(resident: Resident) -> Iterator[str]:
    assert resident.last is not None
    for message in resident.last.messages:
        yield from (f"  {line}".rstrip() for line in message.text.split("\n"))
        if message.buttons:
            yield "  " + " ".join(f"[{button.title}]" for button in message.buttons)


async def replay(town: Town, text: str) -> str:
    head, _, body = text.partition("\n\n")
    settings = dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines() if ": " in line)
    resident = town.resident(language=settings["language"], channel=settings.get("channel", "telegram"))
    told = [head, ""]
    for line in body.splitlines():
        if not line.startswith("> "):
            continue
        told.append(line)
        said = line[2:]
        if said.startswith("("):
            if await happen(town, resident, said):
                told.append("")
                continue
        else:
            await resident.say(f"[{resident.offers[0]}]" if said == "[1]" else said)
        told += [*shown(resident), ""]
    return "\n".join(told).rstrip() + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_talk_plays_word_for_word(town: Town, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    played = await replay(town, text)
    if os.environ.get("WIJKVERHAAL_WRITE_TRANSCRIPTS"):
        path.write_text(played, encoding="utf-8")
        return
    assert played == text
