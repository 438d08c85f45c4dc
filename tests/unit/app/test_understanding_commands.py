"""`wijkverhaal understand`, with the rules alone: one line of JSON for each utterance."""

import json
import os
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.settings import read_settings
from app.understanding_commands import expected_of, understand_by_rules, understand_lines
from domain.errors import DomainError

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def nothing_said(sentence: str) -> None:
    raise AssertionError(sentence)


async def meant(
    kind: str, *lines: str, choices: Path | None = None, say: Callable[[str], None] = nothing_said
) -> list[dict[str, Any]]:
    settings = replace(read_settings({}), rules_only=True)
    expected = expected_of(kind, choices, "nl")
    return [json.loads(told) async for told in understand_lines(lines, settings, expected, NOW, say)]


@pytest.mark.parametrize(
    ("kind", "line", "outcome"),
    [
        ("yesno", "jao heur", ("answer", "yes", "rules")),
        ("yesno", "straks misschien", ("answer", "later", "rules")),
        ("scale5", "van geen kant", ("answer", "1", "rules")),
        ("scale5", "mwah", ("answer", "3", "rules")),
        ("scale5", "👍", ("answer", "4", "rules")),
        ("scale3", "een beetje", ("answer", "2", "rules")),
        ("scale3", "nee", ("answer", "1", "rules")),
        ("number", "twee en een half", ("answer", "2.5", "rules")),
        ("number", "drie of vier", ("unclear", "", "nobody")),
        ("date", "12 mei 1980", ("answer", "1980-05-12", "rules")),
        ("time", "half elf", ("answer", "10:30:00", "rules")),
        ("time", "dinsdag na zevenen", ("answer", "2026-12-01T19:00:00+01:00/2026-12-02T00:00:00+01:00", "rules")),
        ("text", "de buren zijn aardig", ("answer", "de buren zijn aardig", "rules")),
        ("text", "sla maar over", ("command", "skip", "rules")),
        ("none", "wis mijn gegevens", ("command", "erase", "rules")),
        ("none", "dank je wel", ("social", "thanks", "rules")),
        ("none", "blub", ("unclear", "", "nobody")),
    ],
)  # fmt: skip # read as a table
async def test_line_is_told_with_kind_value_and_who_decided(
    kind: str, line: str, outcome: tuple[str, str, str]
) -> None:
    (told,) = await meant(kind, line)
    assert (told["kind"], told["value"], told["by"]) == outcome
    assert told["text"] == line


async def test_danger_tells_its_kind_whatever_was_asked() -> None:
    (told,) = await meant("number", "mijn man slaat me en ik wil dood")
    assert told["kind"] == "safety"
    assert told["signals"] == [{"kind": "suicide"}, {"kind": "violence"}]


async def test_what_may_be_two_things_tells_both() -> None:
    (told,) = await meant("number", "drie of vier")
    assert told["alternatives"] == ["3", "4"]


async def test_time_comes_with_its_windows() -> None:
    (told,) = await meant("none", "dinsdagmiddag")
    assert told["windows"] == [{"start": "2026-12-01T12:00:00+01:00", "end": "2026-12-01T18:00:00+01:00"}]
    (told,) = await meant("none", "ik wil dinsdag niet meer leven")
    assert told["windows"] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("choices.txt", "naz\tNazareth\nlim\tLimmel\n"),
        ("choices.json", '[{"name": "naz", "label": {"nl": "Nazareth"}}, {"name": "lim", "label": "Limmel"}]'),
        ("choices.json", '{"naz": "Nazareth", "lim": "Limmel"}'),
    ],
)  # fmt: skip # read as a table
async def test_choices_come_from_a_file(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    told = await meant("choice", "nazaret", "de tweede", "nazareth of limmel", choices=path)
    assert [each["value"] for each in told] == ["naz", "lim", ""]
    assert told[2]["alternatives"] == ["naz", "lim"]


async def test_label_alone_is_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "choices.txt"
    path.write_text("Nazareth\nLimmel\n", encoding="utf-8")
    assert [each["value"] for each in await meant("choice", "limmel", choices=path)] == ["Limmel"]


@pytest.mark.parametrize("content", [None, "", "[", "[1]", '[{"label": "x"}]', '"x"'])
async def test_file_that_holds_no_choices_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "choices.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DomainError, match="choices_file"):
        expected_of("choice", path, "nl")


def test_choice_needs_its_choices() -> None:
    with pytest.raises(DomainError, match="choices_needed"):
        expected_of("choice", None, "nl")


async def test_many_lines_shared_out_come_back_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{number} ja hoor, {'dinsdag' if number % 3 else 'ik wil dood'}" for number in range(40)]
    expected = expected_of("yesno", None, "nl")
    alone = list(understand_by_rules(lines, expected, NOW))
    monkeypatch.setattr("app.understanding_commands.ALONE", 7)
    monkeypatch.setattr("app.understanding_commands.PIECE", 3)
    assert list(understand_by_rules(iter(lines), expected, NOW)) == alone
    settings = replace(read_settings({}), rules_only=True)
    assert [told async for told in understand_lines(lines, settings, expected, NOW, nothing_said)] == alone


@pytest.mark.skipif((os.cpu_count() or 1) == 1, reason="one core shares nothing out")
def test_lines_of_which_a_process_was_ended_are_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.understanding_commands.ALONE", 1)
    monkeypatch.setattr("app.understanding_commands.PIECE", 2)
    told = understand_by_rules(["ja"] * 9, expected_of("yesno", None, "nl"), NOW)
    next(told)
    monkeypatch.setattr(
        "app.understanding_commands._by_rules", lambda *_: os._exit(9)
    )  # what the copies will do
    with pytest.raises(BrokenProcessPool):
        list(told)
