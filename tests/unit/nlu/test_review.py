"""What is chosen in the review lands in the training data as a line that Rasa reads, and nothing else does."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.miss import Miss, MissKind
from nlu.rasa_data import DATA, read_examples
from nlu.review import Refused, Written, group_misses, in_danger, write_sentence


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def miss(text: str, number: int = 1, **more: object) -> Miss:
    known: dict[str, object] = {
        "language": "nl", "path": "nice", "expected": "scale5", "heard": (), "intents": (), "day": "2026-11-28",
        "kind": MissKind.UNCLEAR,
    }  # fmt: skip # read as one piece
    return Miss(text=text, id=number, **{**known, **more})  # type: ignore[arg-type]  # the test's own shorthand


def test_sentence_is_the_last_line_of_its_intent_and_is_read_back(data: Path) -> None:
    before = read_examples(data)

    done = write_sentence("doe  deze zwabberdezwets maar niet", "skip", "nl", data=data)

    assert done == Written("doe deze zwabberdezwets maar niet", data / "nl" / "skip.yml")
    lines = done.path.read_text(encoding="utf-8").splitlines()
    assert lines[:4] == ['version: "3.1"', "nlu:", "  - intent: skip", "    examples: |"]
    assert lines[-1] == "      - doe deze zwabberdezwets maar niet"
    new = [each for each in read_examples(data) if each not in before]
    assert [(each.text, each.intent, each.language) for each in new] == [
        ("doe deze zwabberdezwets maar niet", "skip", "nl")
    ]
    assert sorted(path.name for path in (data / "nl").iterdir()) == sorted(
        path.name for path in (DATA / "nl").iterdir()
    )


@pytest.mark.parametrize(
    "text, intent, language, code",
    [
        ("zwabberdezwets", "dance", "nl", "unknown_intent"),
        ("zwabberdezwets", "skip", "fr", "unknown_language"),
        ("...", "skip", "nl", "empty"),
        ("zoals [naam] zegt", "agree", "nl", "marks"),
        ("- doe maar niet zwabber", "skip", "nl", "marks"),
        ("vraag het Fatima maar", "skip", "nl", "personal"),
        ("bel 0612345678 maar", "human", "nl", "personal"),
        ("ik wil dood", "stop", "nl", "danger"),
    ],
)
def test_what_would_do_harm_is_refused_and_changes_nothing(
    data: Path, text: str, intent: str, language: str, code: str
) -> None:
    before = read_examples(data)

    assert write_sentence(text, intent, language, data=data) == Refused(code)
    assert read_examples(data) == before


def test_held_out_sentence_is_refused_whatever_its_spelling(data: Path) -> None:
    held_out = next(
        each for each in read_examples(data / "tests") if each.intent == "skip" and not each.entities
    )

    assert write_sentence(f"{held_out.text.upper()}!!", "skip", "nl", data=data) == Refused("held_out")


@pytest.mark.parametrize("intent", ["stop", "skip"])
def test_sentence_that_is_there_already_says_where(data: Path, intent: str) -> None:
    assert write_sentence("Ik stop ermee.", intent, "nl", data=data) == Refused("there_already", "stop")


def test_the_same_words_are_one_group_and_the_most_frequent_comes_first() -> None:
    groups = group_misses(
        [miss("Wobbel", 1), miss("zwets", 2), miss("ZWETS!", 3), miss("zwets", 4, language="en")]
    )

    assert [(group.id, group.text, len(group.misses)) for group in groups] == [
        (2, "zwets", 2),
        (1, "Wobbel", 1),
        (4, "zwets", 1),
    ]


@pytest.mark.parametrize(
    "more, suggestions",
    [
        ({"chosen": "agree", "intents": ("skip", "stop")}, ("agree", "skip")),
        ({"chosen": "yes"}, ("affirm",)),
        ({"chosen": "command:skip", "heard": ("command:stop",)}, ("skip", "stop")),
        ({"chosen": "other", "intents": ("no_such_intent", "help")}, ("help",)),
        ({}, ()),
    ],
)
def test_what_was_chosen_is_suggested_before_what_was_heard(
    more: dict[str, object], suggestions: Sequence[str]
) -> None:
    [group] = group_misses([miss("zwets", 1, **more)])

    assert group.suggestions == suggestions


def test_danger_that_was_not_heard_at_the_time_is_found() -> None:
    assert in_danger([miss("zwets", 1), miss("ik wil dood", 2)]) == [2]
