"""The safety floor: hears danger in any text, before and without a model; what is said back is decided elsewhere."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from domain.safety import SignalKind
from nlu.rules.safety_patterns import SafetyRule, compiled, load_rules
from nlu.rules.safety_words import standard_words

_WINDOW = 4000
_OVERLAP = 400
_NEAR = 9  # words around a match that can take its danger away
_REACH = 300  # characters, so that one endless sentence costs no more than many


def signals_in(text: str) -> tuple[SignalKind, ...]:
    """The kinds of danger a text speaks of, in the order of SignalKind; empty for nearly every text."""
    found: set[SignalKind] = set()
    for window in _windows(text):
        found.update(*(rule.kinds for rule in _rules_in(window)))
    return tuple(kind for kind in SignalKind if kind in found)


def rules_hit(text: str) -> tuple[str, ...]:
    """The names of the rules that heard something, for whoever maintains the table."""
    return tuple(dict.fromkeys(rule.name for window in _windows(text) for rule in _rules_in(window)))


def _windows(text: str) -> Iterator[str]:
    if len(text) <= _WINDOW:
        yield text
        return
    for start in range(0, len(text), _WINDOW - _OVERLAP):
        yield text[start : start + _WINDOW]


def _rules_in(text: str) -> Iterator[SafetyRule]:
    said = standard_words(text)
    present = frozenset(said)
    line = " " + " ".join(said) + " "
    by_word = _rules_by_word()
    heard = {number for word in present for number in by_word.get(word, ())}
    for number in sorted(heard):
        rule = load_rules()[number]
        if _is_said(rule, line, present):
            yield rule


@cache
def _rules_by_word() -> Mapping[str, frozenset[int]]:
    """The places of the rules that a word can set off: most words set off none, so most rules need no look."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, rule in enumerate(load_rules()):
        for needed, _ in rule.says:
            for word in needed:
                found[word].add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def _is_said(rule: SafetyRule, line: str, present: frozenset[str]) -> bool:
    return any(
        not _is_taken_away(rule, line, match.start(), match.end())
        for needed, expression in rule.says
        if not needed.isdisjoint(present)
        for match in compiled(expression).finditer(line)
    )


def _is_taken_away(rule: SafetyRule, line: str, start: int, end: int) -> bool:
    """Whether the words around a match say that it is no danger: denied, an idiom, a film, long ago."""
    before = line[max(0, start - _REACH) : start].rpartition(" . ")[2].split()[-_NEAR:]
    after = line[end : end + _REACH].partition(". ")[0].split()[:_NEAR]
    words = line[start:end].split()
    around = " . " + " ".join([*before, *words, *after]) + " . "
    if rule.near and compiled(rule.near).search(around):
        return True
    first = len(" . " + " ".join([*before, ""]))
    last = first + len(" ".join(words))
    return rule.unless != "" and any(
        match.start() < last and match.end() > first for match in _overlapping(compiled(rule.unless), around)
    )


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Every place where a pattern matches, also inside an earlier match."""
    match = pattern.search(text)
    while match:
        yield match
        match = pattern.search(text, match.start() + 1)
