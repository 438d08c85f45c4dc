"""Turns the patterns of the safety table into regular expressions; the words themselves are in the table.

A pattern is a row of items between spaces:
    word|word      one of these words          {class}     one of a class of words (may hold more words each)
    item?          may be left out             two_words   these two words as one item
    @name          (in near) a context         ~3          at most three other words of the same sentence
    ~3:class       at most three of a class    ~3!class    at most three words, none of the class
    ^  $           the sentence begins, ends            word*           a word that begins so
In `together` several such rows stand between "&": all of them are in one sentence, in any order, at most so many words
from the first one (12, or the number at the head: "8 & ..."). A row after "!" may not be among them.
Gaps are bounded, so matching takes time in proportion to the text. An expression is compiled when the first text
needs it: all of them together take a second, and most are never needed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from domain.safety import SignalKind
from nlu.rules.safety_words import RULES
from nlu.rules.tables import table

_GAP = re.compile(r"~(\d+)(?:([:!])(\w+))?")
_SPAN = 12
_WORDS = r"[^ .]*"
_CLASS = re.compile(r"\{(\w+)\}")


@cache
def compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a regular expression. `needed` are the sets of words ("word*": a beginning) of which the text must hold
    one each, in this order: without them it cannot match and is not tried. `first` are the words that
    every match begins with; none where a row begins with what may be left out. `is_word`: it is one of them, and no
    more."""

    expression: str
    needed: tuple[frozenset[str], ...]
    first: frozenset[str]
    is_word: bool


@dataclass(frozen=True, slots=True)
class Together:
    """Rows that all match in one sentence, none further than `span` words from the first, and none of `barred` among
    them. A plain row is one that stands alone."""

    rows: tuple[Row, ...]
    barred: tuple[str, ...] = ()
    span: int = _SPAN


@dataclass(frozen=True, slots=True)
class SafetyRule:
    """One kind of danger and the ways in which it is said. `unless` takes the danger away where it overlaps what was
    said, each of `near` where it stands within a few words of it; both may be empty."""

    name: str
    kinds: tuple[SignalKind, ...]
    says: tuple[Together, ...]
    unless: str
    near: tuple[str, ...]


@cache
def load_rules() -> tuple[SafetyRule, ...]:
    """The rules of the tables named in RULES. Raises KeyError when a pattern names a class that is not there."""
    entries = [table(name) for name in RULES]
    words = {name: said for entry in entries for name, said in entry.get("classes", {}).items()}
    context = {name: said for entry in entries for name, said in entry.get("context", {}).items()}
    classes: dict[str, str] = {}
    for name, said in words.items():
        longest_first = sorted(dict.fromkeys(said), key=len, reverse=True)
        classes[name] = "|".join(_filled(word, classes) for word in longest_first)
    return tuple(_rule(rule, classes, words, context) for entry in entries for rule in entry.get("rule", ()))


def _filled(words: str, classes: Mapping[str, str]) -> str:
    """Words with the classes in them filled in; "_" is the space within one item."""
    pieces = _CLASS.split(words)  # what stands at odd places is the name of a class
    return "".join(
        f"(?:{classes[piece]})" if place % 2 else piece.replace("_", " ").replace("*", _WORDS)
        for place, piece in enumerate(pieces)
    )


def _rule(
    rule: Mapping[str, Any],
    classes: Mapping[str, str],
    words: Mapping[str, Sequence[str]],
    context: Mapping[str, Sequence[str]],
) -> SafetyRule:
    own = [item for item in rule.get("near", ()) if item not in context]
    # Each context is an expression of its own, so that it is compiled once for all the rules that name it.
    near = ([own] if own else []) + [context[item] for item in rule.get("near", ()) if item in context]
    return SafetyRule(
        name=rule["name"],
        kinds=tuple(SignalKind(kind) for kind in rule["kinds"]),
        says=(
            *(Together((_row(said, classes, words),)) for said in rule.get("says", ())),
            *(_together(said, classes, words) for said in rule.get("together", ())),
        ),
        unless=_any(rule.get("unless", ()), classes),
        near=tuple(_any(patterns, classes) for patterns in near),
    )


def _row(said: str, classes: Mapping[str, str], words: Mapping[str, Sequence[str]]) -> Row:
    items = [item for item in said.split() if item not in "^$"]
    needed = [
        frozenset(word for one in item.split("|") for word in _openings(one, words))
        for item in items
        if not _may_be_left_out(item)
    ]
    return Row(
        expression=_expression(said, classes),
        needed=tuple(needed),
        first=frozenset() if _may_be_left_out(items[0]) else needed[0],
        is_word=said.strip() == items[0] and all(_is_one_word(one, words) for one in items[0].split("|")),
    )


def _may_be_left_out(item: str) -> bool:
    return item[0] == "~" or item[-1] == "?"


def _together(said: str, classes: Mapping[str, str], words: Mapping[str, Sequence[str]]) -> Together:
    first, *rest = (part.strip() for part in said.split("&"))
    parts = rest if first.isdecimal() else [first, *rest]
    return Together(
        tuple(_row(part, classes, words) for part in parts if not part.startswith("!")),
        tuple(_expression(part.removeprefix("!"), classes) for part in parts if part.startswith("!")),
        int(first) if first.isdecimal() else _SPAN,
    )


def how_common(words: frozenset[str]) -> tuple[bool, int]:
    """For sorting: the words that tell most come first, none of them common, then the fewest."""
    return not words.isdisjoint(_common()), len(words)


@cache
def _common() -> frozenset[str]:
    return frozenset(table("safety_words")["common"])


def _openings(said: str, classes: Mapping[str, Sequence[str]]) -> set[str]:
    inner = _CLASS.match(said)
    if inner is None:
        return {said.replace("_", " ").split()[0]}
    return {word for other in classes[inner[1]] for word in _openings(other, classes)}


def _is_one_word(said: str, classes: Mapping[str, Sequence[str]]) -> bool:
    if inner := _CLASS.fullmatch(said):
        return all(_is_one_word(other, classes) for other in classes[inner[1]])
    return re.fullmatch(r"[^ _{}*]+\*?", said) is not None


def _any(patterns: Sequence[str], classes: Mapping[str, str]) -> str:
    return "|".join(_expression(pattern, classes) for pattern in patterns)


def _expression(pattern: str, classes: Mapping[str, str]) -> str:
    return "(?<= )" + "".join(_item(item, classes) for item in pattern.split())


def _item(item: str, classes: Mapping[str, str]) -> str:
    if item == "^":
        return r"(?<= \. )"
    if item == "$":
        return r"(?=\. )"
    if gap := _GAP.fullmatch(item):
        return _gap(gap, classes)
    return f"(?:(?:{_filled(item.removesuffix('?'), classes)}) ){'?' if item.endswith('?') else ''}"


def _gap(gap: re.Match[str], classes: Mapping[str, str]) -> str:
    size, how, name = gap[1], gap[2], gap[3]
    if how == ":":
        return f"(?:(?:{classes[name]}) ){{0,{size}}}"
    barred = rf"(?!(?:{classes[name]}) )" if how == "!" else ""
    return rf"(?:{barred}(?!\. )[^ ]+ ){{0,{size}}}"
