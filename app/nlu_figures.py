"""`wijkverhaal nlu figures`: how many lines of the held-out files are understood rightly, with and without the model."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.settings import Settings
from app.understanding_commands import expected_of, understand_lines
from domain.errors import DomainError
from nlu.measure_rules import EXPECTS, HELD_NOW, Held, HeldFigures, as_table, held_cases, measured

NAMES = {
    Held.SCALE: "a five-point scale",
    Held.YESNO: "yes, no, later",
    Held.NUMBER: "a number",
    Held.COMMANDS: "commands",
    Held.TIMES: "times and days, as windows",
}
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
Row = tuple[str, str, HeldFigures]


async def figures(
    settings: Settings, part: str, say: Callable[[str], None], *, rules_only: bool, details: bool
) -> list[Row]:
    """A row for each file that is there, by rules and then by rules and model; where the model does not start, by rules
    alone, and `say` tells why. Raises DomainError "not_measured" when there is no such file at all."""
    rows: list[Row] = []
    ways = [("rules", True)] if rules_only else [("rules", True), ("rules and model", False)]
    for kind in Held:
        cases = held_cases(kind, part)
        for by, is_without in ways if cases else ():
            troubles: list[str] = []
            expected = expected_of(EXPECTS[kind], None, "nl")
            lines = understand_lines(
                [case.text for case in cases],
                replace(settings, rules_only=is_without),
                expected,
                HELD_NOW,
                troubles.append,
            )
            told: list[dict[str, Any]] = [json.loads(line) async for line in lines]
            if troubles:
                say(troubles[0])
                continue
            found = measured(kind, cases, told)
            rows.append((NAMES[kind], by, found))
            for case, grade, made in found.missed if details else ():
                say(f"{kind.value}, {by}: {grade.value}: {case.text!r} [{case.value or case.hours}] {made}")
    if not rows:
        raise DomainError("not_measured", reason=f"nlu/corpus/{part}_*")
    return rows


def write_table(rows: Sequence[Row], path: Path) -> None:
    """Puts the table between the two marks in a page. Raises DomainError "not_measured" where the page has no marks."""
    page = path.read_text(encoding="utf-8")
    before, found, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise DomainError("not_measured", reason=f"{path}: {BEGIN}")
    path.write_text(f"{before}{BEGIN}\n{as_table(rows)}\n{END}{after}", encoding="utf-8")
