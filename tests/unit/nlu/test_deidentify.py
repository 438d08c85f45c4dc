"""What leads to a person goes out of a text before it is kept, and what does not stays as it was said."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.deidentify import LONGEST, deidentify, holds_something_personal, is_plainly_harmless
from nlu.rasa_data import DATA

CORPUS = Path(__file__).parents[3] / "nlu" / "corpus" / "personal.tsv"
ROWS = [line.split("\t") for line in CORPUS.read_text(encoding="utf-8").splitlines() if "\t" in line]
# Titles, and words between the parts of a name: they say nothing alone.
SAY_NOTHING = frozenset({"van", "der", "de", "el", "mevr", "at", "punt"})


def test_what_is_personal_in_the_corpus_is_taken_out() -> None:
    left, all_of_them = [], 0
    for kind, marked in ROWS:
        kept = re.sub(r"\[[^\]]*\]", "", deidentify(re.sub("[<>]", "", marked))).lower()
        for word in re.findall(r"[^\W_]+", " ".join(re.findall("<([^>]*)>", marked)).lower()):
            if word not in SAY_NOTHING:
                all_of_them += 1
                left += [(kind, word, marked)] if re.search(rf"(?<![^\W_]){word}(?![^\W_])", kept) else []

    assert all_of_them > 250
    assert len(left) <= 0.01 * all_of_them, left


@pytest.mark.parametrize("text", [text for kind, text in ROWS if kind == "stay"])
def test_what_is_not_personal_stays(text: str) -> None:
    assert deidentify(text) == text
    assert not holds_something_personal(text)


@pytest.mark.parametrize(
    "said, kept",
    [
        ("ik heet Marieke van den Berg en ik weet het niet", "ik heet [naam] en ik weet het niet"),
        ("bel 06-12345678 of mail naar x@y.nl", "bel [nummer] of mail naar [e-mail]"),
        ("[Jan](wijk) weet het", "[naam] wijk weet het"),
        ("  dat \n weet  ik niet ", "dat weet ik niet"),
        ("ｊａ　０６１２３４５６７８", "ja [nummer]"),
    ],
)
def test_only_the_personal_part_is_replaced(said: str, kept: str) -> None:
    assert deidentify(said) == kept


@pytest.mark.parametrize(
    "said", ["", "  ", "...", "Fatima", "0612345678", "مرحبا", "я не розумію", "dat weet ik niet " * 12]
)
def test_what_cannot_be_judged_or_says_nothing_is_not_kept(said: str) -> None:
    assert deidentify(said) == ""


def test_few_of_our_own_sentences_change() -> None:
    """They hold few names: what is taken out of the others would be missed in the review."""
    sentences = [
        line.removeprefix("      - ")
        for path in (DATA / "nl").glob("*.yml")
        if path.stem not in ("greet", "inform_place", "inform_time", "inform_number")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("      - ") and "[" not in line
    ]

    assert sum(map(holds_something_personal, sentences)) < 0.03 * len(sentences)


@given(st.text(max_size=2 * LONGEST))
def test_any_text_is_taken_and_nothing_that_is_kept_is_personal_still(text: str) -> None:
    kept = deidentify(text)

    assert len(kept) <= 4 * LONGEST
    assert not re.search(r"\d{6}|@\w\w|https?://", kept)


RISKY = re.findall(
    r"\S+",
    """een twee drie vier vijf zes twintig prettig rustig geen ik heet heten heette de naam is name my name's noemen ze me mij
groet groetjes van den der mevr. dhr meneer oma tante jan fatima smeets olena kerkstraat afslaan straat laan plein nr flat
nummer at apenstaartje punt nl com iban mei jan. a.b. jan-piet een,twee, vier! het park is mooi bus buren koffie""",
)


@given(st.lists(st.sampled_from(RISKY), max_size=14).map(" ".join), st.booleans())
def test_what_is_harmless_at_a_glance_is_harmless_when_read(text: str, begins: bool) -> None:
    text = (text.capitalize() if begins else text)[:LONGEST]

    assert not is_plainly_harmless(text) or "[" not in deidentify(text)


def test_what_is_forgotten_in_the_middle_of_a_text_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlu.deidentify._KNOWN_WORDS", 2)

    assert "[" in deidentify("bel een twee drie vier zes zeven")
    assert not is_plainly_harmless("bel een twee drie vier zes zeven")


def test_most_ordinary_sentences_are_harmless_at_a_glance_and_none_with_something_personal() -> None:
    ordinary = [text for kind, text in ROWS if kind == "stay"]
    personal = [re.sub("[<>]", "", marked) for kind, marked in ROWS if kind != "stay"]

    assert sum(map(is_plainly_harmless, ordinary)) > 0.4 * len(ordinary)
    assert [text for text in personal if is_plainly_harmless(text) and "[" in deidentify(text)] == []
