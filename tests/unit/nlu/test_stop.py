"""Everyday ways to say stop are heard wherever they are said, and an answer that holds such words stays an answer."""

from datetime import UTC, datetime
from importlib.resources import files

import pytest

from domain.understanding import Command, Expected, ExpectedKind, UnderstandingKind
from nlu.understand import understand

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KINDS = (ExpectedKind.TEXT, ExpectedKind.YESNO, ExpectedKind.NUMBER, ExpectedKind.NONE)


def cases(name: str) -> list[tuple[str, bool]]:
    lines = files("nlu").joinpath("corpus", f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [(text, expected == "stop") for text, expected in (line.split("\t") for line in lines)]


def is_stop(text: str, kind: ExpectedKind) -> bool:
    heard = understand(text, Expected(kind, language="nl"), now=NOW)
    return heard.kind is UnderstandingKind.COMMAND and heard.value == Command.STOP


def figures(name: str, kind: ExpectedKind) -> tuple[float, int]:
    """Share of stops that are heard, and how many answers are taken for one."""
    stops = [is_stop(text, kind) for text, wanted in cases(name) if wanted]
    false = [text for text, wanted in cases(name) if not wanted and is_stop(text, kind)]
    return sum(stops) / len(stops), len(false)


@pytest.mark.parametrize("kind", KINDS)
def test_stop_in_everyday_dutch_is_heard_at_every_kind_of_question(kind: ExpectedKind) -> None:
    heard, false = figures("stop", kind)
    assert heard >= 0.98
    assert false == 0


@pytest.mark.parametrize("kind", KINDS)
def test_stop_that_no_rule_was_written_for_stays_above_its_floor(kind: ExpectedKind) -> None:
    heard, false = figures("stop_heldout", kind)
    assert heard >= 0.9
    assert false == 0


@pytest.mark.parametrize("kind", KINDS)
def test_rougher_stop_that_no_rule_was_written_for_is_heard_no_less_than_at_first_contact(
    kind: ExpectedKind,
) -> None:
    heard, false = figures("stop_rougher", kind)
    assert heard >= 0.4
    assert false == 0


@pytest.mark.parametrize(
    "text", ["de bus stopt hier niet meer", "laat", "niks", "geen", "ik hou van mijn buurt"]
)
def test_answer_with_such_words_in_it_is_no_stop(text: str) -> None:
    assert not is_stop(text, ExpectedKind.TEXT)
