"""Rows of the safety table are looked for word by word, and found where the regular expression of the same row would be."""

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache

import pytest

from nlu.measure_safety import load_cases
from nlu.rules.safety_patterns import Rows, row_of
from nlu.rules.safety_words import RULES, standard_words
from nlu.rules.tables import table

CASES = [tuple(standard_words(case.text)) for case in load_cases("safety")[::12]]


def spans(pattern: str, said: str) -> list[str]:
    """What the row holds, wherever it begins."""
    words = tuple(said.split())
    ends = [(at, row_of(pattern).end(words, at, len(words))) for at in range(len(words))]
    return [" ".join(words[at:end]) for at, end in ends if end is not None]


@pytest.mark.parametrize(
    ("pattern", "said", "found"),
    [
        ("ik|we wil", ". ik wil . we wil . hij wil .", ["ik wil", "we wil"]),
        ("ik heel? graag", ". ik graag . ik heel graag . ik zeer graag .", ["ik graag", "ik heel graag"]),
        ("te_veel pillen", ". te veel pillen . veel pillen .", ["te veel pillen"]),
        ("doodga* ik", ". doodgaan ik . dood ik .", ["doodgaan ik"]),
        ("ik ~2 dood", ". ik dood . ik ga nu dood . ik ga nu echt dood .", ["ik dood", "ik ga nu dood"]),
        ("ik ~2 dood", ". ik ga . dood .", []),
        ("ik ~2 dood", ". ik dood dood dood dood .", ["ik dood dood dood"]),
        ("ik ~2!niet dood", ". ik niet dood . ik nu dood .", ["ik nu dood"]),
        ("ik ~2:bijw dood", ". ik echt gewoon dood . ik auto dood .", ["ik echt gewoon dood"]),
        ("^ dood", ". dood . ik dood .", ["dood"]),
        ("dood $", ". dood . dood ik .", ["dood"]),
        ("weg .? dood", ". weg . dood . weg u dood . weg wij dood", ["weg . dood", "weg u dood"]),
        ("{mijn} {pillen}", ". mijn pillen . pillen .", ["mijn pillen"]),
    ],
)
def test_row_is_found(pattern: str, said: str, found: list[str]) -> None:
    assert spans(pattern, said) == found


def test_nothing_is_read_from_the_limit_on() -> None:
    words = (".", "ik", "wil", "dood", ".")

    assert row_of("ik ~2 dood").end(words, 1, 3) is None
    assert row_of("ik wil $").end(words, 1, 3) is None
    assert row_of("wil te_veel|dood").end(words, 2, 4) == 4


def test_of_several_rows_the_first_one_counts() -> None:
    rows = Rows([row_of("ik ~1 wil"), row_of("ik"), row_of("~1 dood"), row_of("wil*")])

    assert list(rows.spans(("ik", "nu", "wil", "dood"), 0, 4)) == [(0, 3), (2, 4), (3, 4)]


@pytest.mark.parametrize("pattern", ["ik? ~3", "^ ~2 $"])
def test_row_of_which_all_may_be_left_out_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="left out"):
        row_of(pattern)


def test_rows_of_the_table_are_found_where_their_regular_expressions_are() -> None:
    patterns = random.Random(5).sample(sorted(patterns_of_the_table()), 400)
    for pattern in patterns:
        row, expression = row_of(pattern), re.compile(expression_of(pattern))
        for words in CASES:
            line = " " + " ".join(words) + " "
            at = 1
            for place, word in enumerate(words):
                match = expression.match(line, at)
                end = row.end(words, place, len(words))
                assert (match is None) == (end is None), (pattern, words)
                assert match is None or match[0].split() == list(words[place:end]), (pattern, words)
                at += len(word) + 1


def patterns_of_the_table() -> set[str]:
    found: set[str] = set()
    for name in RULES:
        for rule in table(name).get("rule", ()):
            for way in (*rule.get("says", ()), *rule.get("unless", ()), *rule.get("together", ())):
                parts = (part.strip().removeprefix("!") for part in way.split("&"))
                found.update(part for part in parts if not part.isdecimal())
        found.update(pattern for said in table(name).get("context", {}).values() for pattern in said)
    return found


@cache
def classes() -> Mapping[str, Sequence[str]]:
    return {name: said for each in RULES for name, said in table(each).get("classes", {}).items()}


def filled(words: str) -> str:
    pieces = re.split(r"\{(\w+)\}", words)
    return "".join(
        f"(?:{class_expression(piece)})" if place % 2 else piece.replace("_", " ").replace("*", "[^ .]*")
        for place, piece in enumerate(pieces)
    )


@cache
def class_expression(name: str) -> str:
    return "|".join(filled(said) for said in sorted(dict.fromkeys(classes()[name]), key=len, reverse=True))


def expression_of(pattern: str) -> str:
    return "".join(item_expression(item) for item in pattern.split())


def item_expression(item: str) -> str:
    if item == "^":
        return r"(?<= \. )"
    if item == "$":
        return r"(?=\. )"
    if gap := re.fullmatch(r"~(\d+)(?:([:!])(\w+))?", item):
        size, how, name = gap[1], gap[2], gap[3]
        if how == ":":
            return f"(?:(?:{class_expression(name)}) ){{0,{size}}}"
        barred = rf"(?!(?:{class_expression(name)}) )" if how else ""
        return rf"(?:{barred}(?!\. )[^ ]+ ){{0,{size}}}"
    return f"(?:(?:{filled(item.removesuffix('?'))}) ){'?' if item.endswith('?') else ''}"
