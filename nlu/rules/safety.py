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


def warm_up() -> Iterator[None]:
    """Makes ready what the first texts would have to wait for, a little at a time: all of it takes seconds."""
    for rule in load_rules():
        expressions = (row.expression for way in rule.says for row in way.rows)
        barred = (expression for way in rule.says for expression in way.barred)
        for expression in (*expressions, *barred, rule.unless, rule.near):
            compiled(expression)
            yield


def _windows(text: str) -> Iterator[str]:
    if len(text) <= _WINDOW:
        yield text
        return
    for start in range(0, len(text), _WINDOW - _OVERLAP):
        yield text[start : start + _WINDOW]


def _rules_in(text: str) -> Iterator[SafetyRule]:
    said = standard_words(text)
    line = " " + " ".join(said) + " "
    for number, ways in sorted(_ways_to_try(frozenset(said)).items()):
        rule = load_rules()[number]
        found = (span for way in ways for span in _found(rule.says[way], line))
        if any(not _is_taken_away(rule, line, start, end) for start, end in found):
            yield rule


_Place = tuple[int, int, int]
"""Of a row: its rule, its way of saying, and its place in that."""


def _ways_to_try(present: frozenset[str]) -> Mapping[int, Sequence[int]]:
    """The rules, and of each the ways of saying it, of which every row has one of its words in the text. For most texts
    there are none, so that most expressions need no look."""
    exact, beginnings = _places_by_word()
    hit: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for word in present:
        for rule, way, row in exact.get(word, ()):
            hit[rule, way].add(row)
        for stem, places in beginnings.get(word[:_STEM], ()):
            if word.startswith(stem):
                for rule, way, row in places:
                    hit[rule, way].add(row)
    ways: defaultdict[int, list[int]] = defaultdict(list)
    for (rule, way), rows in sorted(hit.items()):
        if len(rows) == len(load_rules()[rule].says[way].rows):
            ways[rule].append(way)
    return ways


@cache
def _places_by_word() -> tuple[
    Mapping[str, Sequence[_Place]], Mapping[str, Sequence[tuple[str, Sequence[_Place]]]]
]:
    """The rows that a word belongs to; and those that any word with such a beginning does, by the first letters."""
    found: defaultdict[str, list[_Place]] = defaultdict(list)
    for number, rule in enumerate(load_rules()):
        for way, together in enumerate(rule.says):
            for place, row in enumerate(together.rows):
                for word in row.needed:
                    found[word].append((number, way, place))
    beginnings: defaultdict[str, list[tuple[str, Sequence[_Place]]]] = defaultdict(list)
    for word, places in found.items():
        if word.endswith("*"):
            beginnings[word[:_STEM]].append((word[:-1], places))
    return found, beginnings


def _found(together: Together, line: str) -> Iterator[tuple[int, int]]:
    """Where it is said: from, to."""
    places: list[list[tuple[int, int]]] = []
    for row in together.rows:
        places.append([match.span() for match in compiled(row.expression).finditer(line)])
        if not places[-1]:
            return
    first, *others = places
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
