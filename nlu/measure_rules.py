"""Says of what was made of a line whether that is right, wrong or asked back: for the held-out files and the development
files in `corpus`. Makes nothing of a line itself."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any

from nlu.rules.windows import AMSTERDAM

HELD_NOW = datetime(2026, 11, 28, 10, tzinfo=AMSTERDAM)
"""When the lines of times are said."""
ASKED_BACK = "?"
"""What a number is that must be asked back."""
NEXT = "next"


class Held(StrEnum):
    """What is measured; each in a file of its own, `<part>_<kind>.tsv` or, of times, `.jsonl`."""

    SCALE = "scale"
    YESNO = "yesno"
    NUMBER = "number"
    COMMANDS = "commands"
    TIMES = "times"


class Grade(StrEnum):
    """How it went."""

    RIGHT = "right"
    WRONG = "wrong"
    COMMAND = "command"  # taken for a command where an answer was meant: nothing wrong is stored
    ASKED = "asked"


EXPECTS = {
    Held.SCALE: "scale5",
    Held.YESNO: "yesno",
    Held.NUMBER: "number",
    Held.COMMANDS: "none",
    Held.TIMES: "time",
}
"""What `wijkverhaal understand --expect` is asked for each."""


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A line and what it means: a value, or for times days and hours as they stand in the file."""

    text: str
    value: str
    days: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class HeldFigures:
    """How many lines went how; `missed` are those that are not right, with what was made of them."""

    lines: int
    right: int
    wrong: int
    asked: int
    commands: int = 0
    missed: tuple[tuple[HeldCase, Grade, str], ...] = ()

    @property
    def right_of_answered(self) -> float:
        """In 0..1; 1 where nothing was answered."""
        answered = self.right + self.wrong
        return self.right / answered if answered else 1.0


def held_cases(kind: Held, part: str = "held") -> tuple[HeldCase, ...]:
    """The lines of `corpus/<part>_<kind>`; none where there is no such file."""
    end = "jsonl" if kind is Held.TIMES else "tsv"
    file = files("nlu").joinpath("corpus", f"{part}_{kind.value}.{end}")
    if not file.is_file():
        return ()
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if kind is Held.TIMES:
        rows = [json.loads(line) for line in lines]
        return tuple(HeldCase(row["text"], "", row["days"], row["hours"]) for row in rows)
    return tuple(HeldCase(*line.split("\t")[:2]) for line in lines)


def measured(kind: Held, cases: Sequence[HeldCase], told: Iterable[Mapping[str, Any]]) -> HeldFigures:
    """`told` has for each case what `wijkverhaal understand` says of it, in order."""
    graded = [
        (case, grade_of_line(kind, case, made), _made(made)) for case, made in zip(cases, told, strict=True)
    ]
    count = {grade: sum(each is grade for _, each, _ in graded) for grade in Grade}
    missed = tuple(each for each in graded if each[1] is not Grade.RIGHT)
    return HeldFigures(
        len(graded), count[Grade.RIGHT], count[Grade.WRONG], count[Grade.ASKED], count[Grade.COMMAND], missed
    )


def _made(told: Mapping[str, Any]) -> str:
    windows = " ".join(f"{each['start'][5:16]}/{each['end'][5:16]}" for each in told["windows"][:4])
    return windows or f"{told['kind']} {told['value']} {' '.join(told['alternatives'])}".strip()


def grade_of_line(kind: Held, case: HeldCase, told: Mapping[str, Any]) -> Grade:
    """Of a line that must be asked back only that is right."""
    if kind is Held.TIMES:
        return _grade_of_times(case, told["windows"])
    wanted = "command" if kind is Held.COMMANDS else "answer"
    if told["kind"] == "unclear":
        return Grade.RIGHT if case.value == ASKED_BACK else Grade.ASKED
    if told["kind"] == "command" and told["value"] == "dont_know" and case.value == ASKED_BACK:
        return Grade.RIGHT  # "geen idee" is no number, and no guess either
    if told["kind"] == "command" and kind is not Held.COMMANDS:
        return Grade.COMMAND
    is_same = told["kind"] == wanted and _is_same(told["value"], case.value)
    return Grade.RIGHT if is_same else Grade.WRONG


def _is_same(told: object, value: str) -> bool:
    try:
        return float(str(told)) == float(value)
    except ValueError:
        return str(told) == value


def _grade_of_times(case: HeldCase, windows: Sequence[Mapping[str, str]]) -> Grade:
    found = sorted(
        (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"])) for each in windows
    )
    if not found:
        return Grade.ASKED if case.days else Grade.RIGHT
    if case.days == NEXT:
        return Grade.RIGHT if _is_next(case.hours, found) else Grade.WRONG
    return Grade.RIGHT if found == list(_still_to_come(_spans(case))) else Grade.WRONG


def _is_next(hours: str, found: Sequence[tuple[datetime, datetime]]) -> bool:
    """Without a day the first such hours are meant; that they may be meant of later days too is no mistake."""
    today = HELD_NOW.date()
    later = [today + timedelta(days=each) for each in range(16)]
    first_ones = [next(iter(_still_to_come([_span(day, hours)])), None) for day in later[:2]]
    return found[0] in first_ones and all(each in [_span(day, hours) for day in later] for each in found[1:])


def _spans(case: HeldCase) -> list[tuple[datetime, datetime]]:
    if ";" in case.hours or case.hours.count("-") > 1:
        pairs = [each.split() for each in case.hours.split(";")]
        return sorted(_span(date.fromisoformat(day), hours) for day, hours in pairs)
    return sorted(_span(date.fromisoformat(day), case.hours) for day in case.days.split(",") if day)


def _span(day: date, hours: str) -> tuple[datetime, datetime]:
    start, end = ([int(part) for part in each.split(":")] for each in hours.split("-"))
    return _at(day, *start), _at(day, *end)


def _at(day: date, hour: int, minute: int) -> datetime:
    day += timedelta(days=hour // 24)
    return datetime(day.year, day.month, day.day, hour % 24, minute, tzinfo=AMSTERDAM)


def _still_to_come(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    return ((max(start, HELD_NOW), end) for start, end in spans if end > HELD_NOW)


def as_table(rows: Sequence[tuple[str, str, HeldFigures]]) -> str:
    """Markdown: of each row what was measured, by what, and how it went."""
    head = (
        "| what is expected | by | lines | right | wrong | taken for a command | asked | right of what was answered |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(
        f"| {name} | {by} | {each.lines} | {each.right} | {each.wrong} | {each.commands} | {each.asked} | {each.right_of_answered:.1%} |"
        for name, by, each in rows
    )
