"""Reads our own training and held-out sentences; Rasa reads the same files by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
HELD_OUT = DATA / "tests"
LANGUAGES = ("nl", "en")

_DASH = "      - "
_MARKED = re.compile(r"\[([^\]]+)\]\((\w+)\)")


@dataclass(frozen=True)
class Example:
    """One sentence as somebody typed it, and the (words, entity) that are marked in it."""

    text: str
    intent: str
    language: str
    entities: tuple[tuple[str, str], ...] = ()


def read_examples(folder: Path) -> list[Example]:
    """All sentences below a folder with one sub-folder per language and one file per intent."""
    return [
        Example(_MARKED.sub(r"\1", text), path.stem, language, tuple(_MARKED.findall(text)))
        for language in LANGUAGES
        for path in sorted((folder / language).glob("*.yml"))
        for text in _sentences(path)
    ]


def _sentences(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(_DASH).strip() for line in lines if line.startswith(_DASH)]
