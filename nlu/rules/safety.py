"""The safety floor: hears danger in any text, before and without a model; what is said back is decided elsewhere."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from domain.safety import SignalKind
from nlu.rules.safety_patterns import SafetyRule, Together, compiled, load_rules
from nlu.rules.safety_words import standard_words

_WINDOW = 4000
_OVERLAP = 400
_NEAR = 9  # words around a match that can take its danger away
_STEM = 3  # letters that every beginning of a word has at least
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
    exact, beginnings = _rules_by_word()
    heard = {number for word in present for number in exact.get(word, ())}
    heard |= {
        number
        for word in present
        for stem, numbers in beginnings.get(word[:_STEM], ())
        if word.startswith(stem)
        for number in numbers
    }
    for number in sorted(heard):
        rule = load_rules()[number]
        if any(not _is_taken_away(rule, line, start, end) for start, end in _said(rule, line, present)):
            yield rule


_Numbers = frozenset[int]


@cache
def _rules_by_word() -> tuple[Mapping[str, _Numbers], Mapping[str, tuple[tuple[str, _Numbers], ...]]]:
    """The places of the rules that a word can set off, or a word that begins so: most words set off none, so most
    rules need no look."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, rule in enumerate(load_rules()):
        for needed, _ in (*rule.says, *rule.together):
            for word in needed:
                found[word].add(number)
    beginnings: defaultdict[str, list[tuple[str, _Numbers]]] = defaultdict(list)
    for word, numbers in found.items():
        if word.endswith("*"):
            beginnings[word[:_STEM]].append((word[:-1], frozenset(numbers)))
    return (
        {word: frozenset(numbers) for word, numbers in found.items()},
        {stem: tuple(each) for stem, each in beginnings.items()},
    )


def _said(rule: SafetyRule, line: str, present: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where the rule is said: from, to."""
    for needed, expression in rule.says:
        if _is_there(needed, present):
            for match in compiled(expression).finditer(line):
                yield match.start(), match.end()
    for needed, together in rule.together:
        if _is_there(needed, present):
            yield from _found_together(together, line)


def _is_there(needed: frozenset[str], present: frozenset[str]) -> bool:
    if not needed.isdisjoint(present):
        return True
    stems = tuple(word[:-1] for word in needed if word.endswith("*"))
    return bool(stems) and any(word.startswith(stems) for word in present)


def _found_together(together: Together, line: str) -> Iterator[tuple[int, int]]:
    first, *others = ([match.span() for match in compiled(part).finditer(line)] for part in together.parts)
    if not all(others):
        return
    for anchor in first:
        near = [_closest(anchor, spans, line, together.span) for spans in others]
        spans = [anchor, *(span for span in near if span is not None)]
        start, end = min(span[0] for span in spans), max(span[1] for span in spans)
        if None not in near and not _has_any(together.barred, line[:end], start):
            yield start, end


def _closest(
    anchor: tuple[int, int], spans: Sequence[tuple[int, int]], line: str, most: int
) -> tuple[int, int] | None:
    """The one of `spans` closest to `anchor`, in its sentence and beside it, when it is within `most` words."""
    beside = [
        (line.count(" ", low, high), span)
        for span in spans
        for low, high in [(anchor[1], span[0]) if span[0] >= anchor[1] else (span[1], anchor[0])]
        if low <= high and "." not in line[low:high]
    ]
    words, closest = min(beside, default=(most + 1, None))
    return closest if words <= most else None


def _has_any(expressions: Sequence[str], line: str, start: int) -> bool:
    return any(compiled(expression).search(line, start) for expression in expressions)


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
