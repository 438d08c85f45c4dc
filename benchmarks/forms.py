"""The conversation engine by itself: what a step costs, how long a form takes to load, what a conversation weighs."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from app.resident import Resident
from app.shelf import open_shelf
from benchmarks.measures import Plan, Say
from benchmarks.series import Found
from bot.channels.wire import to_wire
from bot.dialogue.advance import advance
from bot.dialogue.effects import Say as Said
from bot.dialogue.expect import expect
from bot.dialogue.heard import Heard
from bot.dialogue.state import State, state_from_json, state_to_json
from bot.dialogue.taps import parse_tap
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from bot.texts.render import Renderer
from domain.message import IncomingKind
from nlu.understand import understand

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOST_STEPS = 200
LONG, LONGEST = 300, 5_000
_LOAD = "import sys, time; from pathlib import Path; from bot.forms.load import load_form; began = time.perf_counter(); load_form(Path(sys.argv[1])); print(time.perf_counter() - began)"


async def measure_forms(plan: Plan, found: Found, folder: Path, say: Say) -> None:
    say("Measuring the conversation engine by itself.")
    form = open_shelf().current()
    steps: list[float] = []
    sizes: list[int] = []
    for number in range(plan.rounds * 4):
        _talk(form, random.Random(number), steps, sizes)
        await asyncio.sleep(0)
    found.facts["advance, median ms"] = median(steps) * 1e3
    found.facts["questions in that form"] = sum(question.waits for question in form.questionnaire.questions)
    found.facts["stored state, largest kB"] = max(sizes) / 1e3
    long, longest = folder / "long.md", folder / "longest.md"
    long.write_text("\n".join(_sheets(LONG)), encoding="utf-8")
    longest.write_text("\n".join(_sheets(LONGEST - 5)), encoding="utf-8")
    load_form(long)  # with pyxform imported, as in a program that runs
    found.facts[f"loading {LONG} questions, ms"] = median(_loads(long, plan.rounds)) * 1e3
    found.facts[f"loading {LONG} questions in a new process, ms"] = median(_cold(long, plan.rounds)) * 1e3
    found.facts[f"loading {LONGEST:,} rows in a new process, s"] = median(_cold(longest, 1))


def _talk(form: Form, chance: random.Random, steps: list[float], sizes: list[int]) -> None:
    """One intake, tapped; the time of every step, and the size of every state between two turns."""
    resident, catalogue, state = Resident(chance), load_catalogue(), State()
    message: str | None = "hallo"
    for _ in range(MOST_STEPS):
        if message is None:
            return
        heard = _heard(message, state, form)
        began = time.perf_counter()
        turn = advance(state, heard, form, NOW)
        steps.append(time.perf_counter() - began)
        kept = state_to_json(turn.state)
        sizes.append(len(kept.encode()))
        state = state_from_json(kept)
        view = form.view(state.answers, NOW, language=state.language)
        renderer = Renderer(catalogue, form, state.language, view)
        shown = [renderer.message(effect) for effect in turn.effects if isinstance(effect, Said)]
        message = resident.next_message(to_wire("anna", shown))


def _heard(message: str, state: State, form: Form) -> Heard:
    tap = parse_tap(message)
    if tap is not None:
        return Heard(IncomingKind.TAP, message, tap=tap)
    return Heard(
        IncomingKind.TEXT, message, understanding=understand(message, expect(state, form, NOW), now=NOW)
    )


def _loads(path: Path, times: int) -> Iterator[float]:
    for _ in range(times):
        began = time.perf_counter()
        load_form(path)
        yield time.perf_counter() - began


def _cold(path: Path, times: int) -> Iterator[float]:
    """Loading in a process of its own: without what an earlier form left in memory."""
    for _ in range(times):
        done = subprocess.run(
            [sys.executable, "-c", _LOAD, str(path)], capture_output=True, text=True, check=True
        )
        yield float(json.loads(done.stdout))


def _sheets(questions: int) -> Iterator[str]:
    """A questionnaire as researchers write them: choices, numbers with limits, and questions that depend on others."""
    yield "| survey |\n| | type | name | label | relevant | constraint | calculation |"
    for number in range(questions):
        before = f"${{q{number - 1}}}" if number else ""
        if number % 5 == 1:
            yield f"| | integer | q{number} | Hoeveel jaar woont u hier? | {before} = 'yes' or {before} = 'no' | . >= 0 and . < 120 | |"
        elif number % 5 == 3:
            yield f"| | calculate | q{number} | | | | if(${{q{number - 2}}} > 10, 1, 0) + count-selected(${{q{number - 3}}}) |"
        elif number % 5 == 4:
            yield f"| | text | q{number} | Wat zou u willen? | {before} > 0 | | |"
        else:
            yield f"| | select_one yesno | q{number} | Bent u het hiermee eens? | | | |"
    yield "| choices |\n| | list_name | name | label |\n| | yesno | yes | Ja |\n| | yesno | no | Nee |"
    yield "| settings |\n| | form_id | version |\n| | long | 1 |"
