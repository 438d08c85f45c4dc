"""Rules that the training and held-out sentences keep, over all intents together."""

from __future__ import annotations

import json
from collections import Counter

from rapidfuzz import fuzz, process

from domain.theme import Level, ThemeCode, ThemeKind, Valence
from nlu.rasa_data import DATA, HELD_OUT, Example, read_examples

TRAINING = read_examples(DATA)
TESTS = read_examples(HELD_OUT)


def plain(example: Example) -> str:
    """The sentence as the model sees it: letters and digits in lower case."""
    return " ".join("".join(c if c.isalnum() else " " for c in example.text.lower()).split())


def test_training_is_large_enough_and_mostly_dutch() -> None:
    assert len({example.intent for example in TRAINING}) >= 40
    assert len(TRAINING) >= 2_500
    assert 0.65 <= sum(example.language == "nl" for example in TRAINING) / len(TRAINING) <= 0.85
    assert len(TESTS) >= 1_000


def test_every_intent_has_both_languages_and_a_mirrored_held_out_file() -> None:
    pairs = {(example.intent, example.language) for example in TRAINING}
    assert pairs == {(intent, language) for intent, _ in pairs for language in ("nl", "en")}
    assert {(example.intent, example.language) for example in TESTS} == pairs


def test_no_sentence_occurs_twice_in_training_or_held_out() -> None:
    counted = Counter(plain(example) for example in TRAINING + TESTS)
    assert [text for text, times in counted.items() if times > 1] == []


def test_no_held_out_sentence_is_nearly_a_training_sentence_of_its_intent() -> None:
    near = []
    for example in TESTS:
        same = [plain(other) for other in TRAINING if other.intent == example.intent]
        match = process.extractOne(plain(example), same, scorer=fuzz.ratio, score_cutoff=92)
        near += [(example.text, match[0])] if match else []
    assert near == []


def test_no_sentence_holds_stray_marks_or_starts_with_a_slash() -> None:
    assert [example.text for example in TRAINING + TESTS if set(example.text) & set("[]{}()")] == []
    assert [example.text for example in TRAINING + TESTS if example.text.startswith("/")] == []


def test_files_hold_what_rasa_reads() -> None:
    """Our reader takes only one shape of the format: the file is that shape and nothing else."""
    for path in DATA.rglob("*.yml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        head = ['version: "3.1"', "nlu:", f"  - intent: {path.stem}", "    examples: |"]
        assert lines[:4] == head
        assert [line for line in lines[4:] if not line.startswith("      - ")] == []


def test_every_kind_of_entity_is_marked_often_enough_to_be_learnt() -> None:
    counted = Counter(kind for example in TRAINING for _, kind in example.entities)
    assert counted.keys() == {"wijk", "theme", "number", "time", "person_role"}
    assert min(counted.values()) >= 75
    assert {kind for example in TESTS for _, kind in example.entities} == counted.keys()


def test_labelled_answers_are_many_in_the_closed_list_and_each_once() -> None:
    answers = [
        json.loads(line)
        for path in sorted((DATA / "themes").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(answers) >= 600
    assert len({answer["text"].casefold() for answer in answers}) == len(answers)
    for theme in (theme for answer in answers for theme in answer["themes"]):
        ThemeCode(theme["code"]), ThemeKind(theme["kind"]), Valence(theme["valence"]), Level(theme["level"])
    lexicon = json.loads((DATA / "themes" / "lexicon.json").read_text(encoding="utf-8"))
    assert {code.value for code in ThemeCode} < lexicon.keys()
