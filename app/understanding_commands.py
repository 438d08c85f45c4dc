"""`wijkverhaal understand`: what each line of a file is taken to mean, for programs and for whoever tests the rules."""

import asyncio
import json
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.settings import Settings
from domain.errors import DomainError
from domain.questionnaire import Choice, Meaning
from domain.theme import ThemeSuggestion
from domain.understanding import Expected, ExpectedKind, ModelParse, UnderstandingKind
from domain.understanding import Understanding as Meant
from nlu.rules.windows import Window, read_windows
from nlu.understand import understand

if TYPE_CHECKING:  # without the model, a start does without the database's libraries
    from app.wiring import Understanding


class Asked(StrEnum):
    """What can be expected on the command line."""

    YESNO = "yesno"
    SCALE5 = "scale5"
    SCALE3 = "scale3"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    TEXT = "text"
    CHOICE = "choice"
    NONE = "none"


AT_ONCE = 16
"""Lines that may wait for the model together."""
ALONE, PIECE = 300, 100
"""Lines that one core does before others help, and lines it then takes at a time."""
_NAMED = {
    ExpectedKind.SCALE5: (
        ("1", "Helemaal mee oneens", "Strongly disagree", Meaning.DISAGREE_STRONGLY),
        ("2", "Mee oneens", "Disagree", Meaning.DISAGREE),
        ("3", "Niet eens, niet oneens", "Neither agree nor disagree", Meaning.NEUTRAL),
        ("4", "Mee eens", "Agree", Meaning.AGREE),
        ("5", "Helemaal mee eens", "Strongly agree", Meaning.AGREE_STRONGLY),
    ),
    ExpectedKind.SCALE3: (
        ("1", "Nee", "No", Meaning.NO),
        ("2", "Min of meer", "More or less", Meaning.SOMEWHAT),
        ("3", "Ja", "Yes", Meaning.YES),
    ),
}
_TIMELY = (ExpectedKind.DATE, ExpectedKind.TIME, ExpectedKind.NONE)


def expected_of(kind: str, choices: Path | None, language: str) -> Expected:
    """What is asked. Raises DomainError "choices_file" when the file of choices is missing or is none."""
    expected = ExpectedKind(kind)
    if expected is ExpectedKind.CHOICE:
        if choices is None:
            raise DomainError("choices_needed")
        return Expected(expected, tuple(_choices_in(choices)), language)
    named = tuple(
        Choice(name, {"nl": dutch, "en": english}, meaning)
        for name, dutch, english, meaning in _NAMED.get(expected, ())
    )
    return Expected(expected, named, language, whole=False)


def _choices_in(path: Path) -> Iterator[Choice]:
    """JSON: a list of names or of {"name", "label", "also"}, or an object of name to label. Text: "name<TAB>label" a
    line, or the label alone."""
    try:
        text = path.read_text(encoding="utf-8")
        rows: Any = json.loads(text) if path.suffix == ".json" or text.lstrip()[:1] in ("[", "{") else None
    except (OSError, ValueError) as error:
        raise DomainError("choices_file", file=path) from error
    if rows is None:
        rows = [
            dict(zip(("name", "label"), (line.split("\t") * 2)[:2], strict=True))
            for line in text.splitlines()
            if line.strip()
        ]
    if isinstance(rows, dict):
        rows = [{"name": name, "label": label} for name, label in rows.items()]
    if not isinstance(rows, list) or not rows:
        raise DomainError("choices_file", file=path)
    for row in rows:
        row = {"name": row, "label": row} if isinstance(row, str) else row
        if not isinstance(row, dict) or not row.get("name"):
            raise DomainError("choices_file", file=path)
        label = row.get("label") or row["name"]
        label = (
            {code: str(words) for code, words in label.items()}
            if isinstance(label, dict)
            else {"nl": str(label)}
        )
        also = [str(word) for word in row.get("also") or ()]
        yield Choice(str(row["name"]), label, also={"nl": tuple(also)})


async def understand_lines(
    lines: Iterable[str], settings: Settings, expected: Expected, now: datetime, say: Callable[[str], None]
) -> AsyncIterator[str]:
    """One JSON line for each line, in order. Without a model the rules decide alone, and `say` tells why."""
    async with _model(settings, say) as model:
        if model is None:
            for line in lines:
                yield _by_rules(line, expected, now)
            return
        waiting: list[asyncio.Task[str]] = []
        try:
            for line in lines:
                waiting.append(asyncio.create_task(_with_model(line, model, expected, now)))
                if len(waiting) >= AT_ONCE:
                    yield await waiting.pop(0)
            while waiting:
                yield await waiting.pop(0)
        finally:
            for task in waiting:
                task.cancel()


def understand_by_rules(lines: Iterable[str], expected: Expected, now: datetime) -> Iterator[str]:
    """The same without a model. Many lines are shared out over the processor's cores, where the system can copy a
    process: what the first lines made ready is then there for all. Raises BrokenProcessPool when a copy was ended."""
    waiting = iter(lines)
    for line in islice(waiting, ALONE):
        yield _by_rules(line, expected, now)
    cores = os.cpu_count() or 1
    pieces = iter(lambda: list(islice(waiting, PIECE)), [])
    first = next(pieces, None)
    if first is None:
        return
    if cores == 1 or "fork" not in multiprocessing.get_all_start_methods():
        for piece in chain([first], pieces):
            yield from _piece_by_rules(piece, expected, now)
        return
    with ProcessPoolExecutor(cores, multiprocessing.get_context("fork")) as pool:
        under_way: deque[Future[list[str]]] = deque()
        for piece in chain([first], pieces):
            under_way.append(pool.submit(_piece_by_rules, piece, expected, now))
            if len(under_way) > 2 * cores:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()


def _piece_by_rules(lines: Sequence[str], expected: Expected, now: datetime) -> list[str]:
    return [_by_rules(line, expected, now) for line in lines]


def _by_rules(line: str, expected: Expected, now: datetime) -> str:
    return _told(line, _rules(line, expected, now), (), expected, now)


@asynccontextmanager
async def _model(settings: Settings, say: Callable[[str], None]) -> AsyncIterator["Understanding | None"]:
    if settings.rules_only:
        yield None
        return
    from app.wiring import prepare_understanding

    model = prepare_understanding(settings, os.environ)
    try:
        await model.start()
        if model.server is not None:
            await model.server.wait_until_settled()
        if not model.is_warm:
            say(
                f"{model.trouble or 'Rasa did not start.'} The rules decide alone. 'wijkverhaal setup' prepares Rasa."
            )
        yield model if model.is_warm else None
    finally:
        await model.close()


async def _with_model(line: str, model: "Understanding", expected: Expected, now: datetime) -> str:
    by_rules = _rules(line, expected, now)
    is_story = expected.kind is ExpectedKind.TEXT and by_rules.kind is UnderstandingKind.ANSWER
    is_open = by_rules.kind is UnderstandingKind.UNCLEAR and not by_rules.alternatives and line.strip()
    parse: ModelParse | None = None
    if is_story or is_open:
        parse = await model.parse(line)
    meant = understand(line, expected, now=now, parse=parse, by_rules=by_rules) if is_open else by_rules
    return _told(line, meant, parse.themes if parse is not None and is_story else (), expected, now)


def _rules(line: str, expected: Expected, now: datetime) -> Meant:
    return understand(line, expected, now=now)


def _told(
    line: str, meant: Meant, themes: Sequence[ThemeSuggestion], expected: Expected, now: datetime
) -> str:
    windows = read_windows(line, now) if expected.kind in _TIMELY and _may_tell_time(meant) else ()
    kind, value, by, confidence = meant.kind.value, meant.value, meant.by.value, meant.confidence
    is_open = meant.kind is UnderstandingKind.UNCLEAR and not meant.alternatives
    if windows and is_open and expected.kind is not ExpectedKind.NONE:
        kind, by, confidence = "answer", "rules", 0.9
        value = f"{windows[0].start.isoformat()}/{windows[0].end.isoformat()}"
    return json.dumps(
        {
            "text": line,
            "kind": kind,
            "value": value,
            "confidence": round(confidence, 4),
            "by": by,
            "alternatives": list(meant.alternatives),
            "signals": [{"kind": signal.value} for signal in meant.signals],
            "themes": [_theme(each) for each in themes],
            "windows": [_window(each) for each in windows],
            "language": meant.language,
        },
        ensure_ascii=False,
    )


def _may_tell_time(meant: Meant) -> bool:
    return meant.kind in (UnderstandingKind.ANSWER, UnderstandingKind.UNCLEAR)


def _theme(each: ThemeSuggestion) -> dict[str, Any]:
    return {
        "code": each.code.value,
        "kind": each.kind.value,
        "valence": each.valence.value,
        "level": each.level.value,
        "confidence": round(each.confidence, 4),
    }


def _window(each: Window) -> dict[str, str]:
    return {"start": each.start.isoformat(), "end": each.end.isoformat()}


def add_to(
    app: typer.Typer,
    run: Callable[[Coroutine[Any, Any, None]], None],
    settings_now: Callable[[], Settings],
    say: Callable[[str], None],
) -> None:
    """Adds the command to the others."""

    @app.command("understand")
    def understand_command(
        expect: Annotated[Asked, typer.Option(help="What the question at hand asks for.")] = Asked.NONE,
        choices: Annotated[
            Path | None, typer.Option(help="With 'choice': JSON, or 'name<TAB>label' a line.")
        ] = None,
        lang: Annotated[str, typer.Option(help="The language of the conversation.")] = "nl",
        now: Annotated[str, typer.Option(help="Let the clock stand still at this moment (ISO 8601).")] = "",
        rules_only: Annotated[bool, typer.Option("--rules-only", help="Do not ask Rasa.")] = False,
    ) -> None:
        """Read one utterance a line, and tell as one JSON line each what it is taken to mean.

        Example: `wijkverhaal understand --expect time --now 2026-11-28T10:00:00+01:00 < lines.txt`
        """
        from bot.channels.terminal import read_moment

        moment = read_moment(now) if now else datetime.now(UTC)
        if moment is None:
            raise DomainError("setting", name="--now", value=now)
        settings = settings_now()
        if rules_only:
            settings = replace(settings, rules_only=True)
        expected = expected_of(expect, choices, lang)

        lines = (line.rstrip("\r\n") for line in sys.stdin)
        if settings.rules_only:
            for told in understand_by_rules(lines, expected, moment):
                print(told)
            return

        async def tell() -> None:
            async for told in understand_lines(lines, settings, expected, moment, say):
                print(told)

        run(tell())
