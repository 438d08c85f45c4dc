"""Whoever switches a check off for a line says why on that line."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("app", "benchmarks", "bot", "domain", "nlu", "scheduler", "storage", "tests")
WAIVER = re.compile(
    r"#\s*(?:type: ignore|noqa|pragma: no cover|fmt: (?:skip|off))\S*(?: [A-Z]+\d+)?(?P<why>.*)"
)
"""The check that is switched off, with its code, and what the line says after it."""


def unexplained(line: str) -> bool:
    found = WAIVER.search(line)
    return found is not None and re.search(r"\w{2,} \w", found["why"]) is None


def test_every_waiver_has_a_reason() -> None:
    lines = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in OURS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != Path(__file__) and "node_modules" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unexplained(line)
    ]
    assert lines == []


@pytest.mark.parametrize(
    "waiver", ["# type: ignore[misc]", "# noqa: F403", "# fmt: skip", "# pragma: no cover"]
)
def test_waiver_without_a_reason_is_noticed(waiver: str) -> None:
    assert unexplained(f"x = 1  {waiver}")
    assert not unexplained(f"x = 1  {waiver}  # because of this")
