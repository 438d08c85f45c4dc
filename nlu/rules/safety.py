"""The safety floor: hears danger in any text, before and without a model; what is said back is decided elsewhere."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter

from domain.safety import SignalKind
from nlu.rules.safety_patterns import Row, SafetyRule, Together, compiled, how_common, load_rules
from nlu.rules.safety_words import BREAK, standard_words

_WINDOW = 4500  # letters; more than any message that Telegram sends
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
    _index()
    yield
    for rule in load_rules():
        expressions = (row.expression for way in rule.says for row in way.rows)
        barred = (expression for way in rule.says for expression in way.barred)
        for expression in (*expressions, *barred, rule.unless, *rule.near):
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
    places = _places_of(said)
    ways = sorted(_ways_to_try(places))
    if not ways:
        return
    line = _Line(said, places)
    for number, group in groupby(ways, key=itemgetter(0)):
        rule = load_rules()[number]
        found = (span for _, way in group for span in _found(rule.says[way], line))
        weighed: dict[
            tuple[str, int, int], bool
        ] = {}  # who pastes a sentence hundreds of times waits for one
        if any(not _is_taken_away(rule, line.text, start, end, weighed) for start, end in found):
            yield rule


def _places_of(said: Sequence[str]) -> Mapping[str, list[int]]:
    """Where in the line each word begins; "dood*" stands wherever a word begins so, if a row of the table asks for it."""
    beginnings = _index().beginnings
    places: defaultdict[str, list[int]] = defaultdict(list)
    at = 1
    for word in said:
        places[word].append(at)
        for beginning in beginnings.get(word[:_STEM], ()):
            if word.startswith(beginning[:-1]):
                places[beginning].append(at)
        at += len(word) + 1
    return places


class _Line:
    """The words of a text with one space before, between and after them."""

    def __init__(self, said: Sequence[str], places: Mapping[str, list[int]]) -> None:
        self.text = " " + " ".join(said) + " "
        self._places = places
        self._counts: dict[int, tuple[int, int]] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}
        at, sentences = 1, 0
        for count, word in enumerate(said):
            self._counts[at] = count, sentences
            sentences += word == BREAK
            at += len(word) + 1
        self._counts[at] = len(said), sentences

    def matches(self, row: Row) -> list[tuple[int, int]]:
        """Where a row matches, one after the other, as `finditer` would say: but looks only where a first word stands."""
        spans = self._spans.get(row.expression)
        if spans is None:
            spans = self._spans[row.expression] = self._looked_up(row)
        return spans

    def _looked_up(self, row: Row) -> list[tuple[int, int]]:
        starts = sorted({at for word in self._places.keys() & row.first for at in self._places[word]})
        if row.is_word:
            return [(at, self.text.index(" ", at) + 1) for at in starts]
        pattern = compiled(row.expression)
        if not row.first:
            return [match.span() for match in pattern.finditer(self.text)]
        spans: list[tuple[int, int]] = []
        free = 0
        for at in starts:
            if at >= free and (match := pattern.match(self.text, at)):
                spans.append(match.span())
                free = match.end()
        return spans

    def words_between(self, end: int, start: int) -> int | None:
        """How many words stand between two matches; None when a sentence ends there."""
        (count, sentence), (last_count, last_sentence) = self._counts[end], self._counts[start]
        return last_count - count if sentence == last_sentence else None


@dataclass(frozen=True, slots=True)
class _Index:
    """What must be in a text before an expression is tried on it. Every set of words of which a row needs one has a bit:
    `bits` says which sets a word belongs to. `ways` has each rule and way of saying, with all the bits it needs, at the
    words of the set that tells most. `beginnings` has "dood*" at its first letters."""

    bits: Mapping[str, int]
    ways: Mapping[str, Sequence[tuple[int, int, int]]]
    beginnings: Mapping[str, Sequence[str]]


def _ways_to_try(places: Mapping[str, list[int]]) -> set[tuple[int, int]]:
    """The rules and the ways of saying them of which every needed word is in the text. For most texts there are none, so
    that most expressions need no look."""
    index = _index()
    present = 0
    for word in places:
        present |= index.bits.get(word, 0)
    return {
        (rule, way)
        for word in places
        for rule, way, needed in index.ways.get(word, ())
        if needed & present == needed
    }


@cache
def _index() -> _Index:
    numbers: dict[frozenset[str], int] = {}
    ways: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for place, rule in enumerate(load_rules()):
        for way, together in enumerate(rule.says):
            needed = 0
            for words in (words for row in together.rows for words in row.needed):
                needed |= 1 << numbers.setdefault(words, len(numbers))
            for word in min((words for row in together.rows for words in row.needed), key=how_common):
                ways[word].append((place, way, needed))
    bits: defaultdict[str, int] = defaultdict(int)
    for words, number in numbers.items():
        for word in words:
            bits[word] |= 1 << number
    beginnings: defaultdict[str, list[str]] = defaultdict(list)
    for word in bits:
        if word.endswith("*"):
            beginnings[word[:_STEM]].append(word)
    return _Index(bits, ways, beginnings)


def _found(together: Together, line: _Line) -> Iterator[tuple[int, int]]:
    """Where it is said: from, to."""
    places: list[list[tuple[int, int]]] = []
    for row in together.rows:
        places.append(line.matches(row))
        if not places[-1]:
            return
    first, *others = places
    others.sort(key=len)  # most anchors fail at the rarest
    for anchor in first:
        start, end = anchor
        for spans in others:
            near = _closest(anchor, spans, line, together.span)
            if near is None:
                break
            start, end = min(start, near[0]), max(end, near[1])
        else:
            if not _has_any(together.barred, line.text[:end], start):
                yield start, end


def _closest(
    anchor: tuple[int, int], spans: Sequence[tuple[int, int]], line: _Line, most: int
) -> tuple[int, int] | None:
    """The one of `spans` (in order) closest to `anchor`, in its sentence and beside it, when it is within `most` words."""
    after = bisect_left(spans, (anchor[1], 0))
    before = bisect_right(spans, anchor[0], key=itemgetter(1)) - 1
    beside = [
        (words, span)
        for span in (*spans[max(0, before) : before + 1], *spans[after : after + 1])
        if (words := _words_between(anchor, span, line)) is not None
    ]
    words, closest = min(beside, default=(most + 1, None))
    return closest if words <= most else None


def _words_between(anchor: tuple[int, int], span: tuple[int, int], line: _Line) -> int | None:
    if span[0] >= anchor[1]:
        return line.words_between(anchor[1], span[0])
    return line.words_between(span[1], anchor[0])


def _has_any(expressions: Sequence[str], line: str, start: int) -> bool:
    return any(compiled(expression).search(line, start) for expression in expressions)


def _is_taken_away(
    rule: SafetyRule, line: str, start: int, end: int, weighed: dict[tuple[str, int, int], bool]
) -> bool:
    """Whether the words around a match say that it is no danger: denied, an idiom, a film, long ago."""
    before = line[max(0, start - _REACH) : start].rpartition(" . ")[2].split()[-_NEAR:]
    after = line[end : end + _REACH].partition(". ")[0].split()[:_NEAR]
    words = line[start:end].split()
    around = " . " + " ".join([*before, *words, *after]) + " . "
    first = len(" . " + " ".join([*before, ""]))
    last = first + len(" ".join(words))
    found = weighed.get((around, first, last))
    if found is None:
        found = weighed[around, first, last] = _takes_away(rule, around, first, last)
    return found


def _takes_away(rule: SafetyRule, around: str, first: int, last: int) -> bool:
    if any(compiled(expression).search(around) for expression in rule.near):
        return True
    return rule.unless != "" and any(
        match.start() < last and match.end() > first for match in _overlapping(compiled(rule.unless), around)
    )


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Every place where a pattern matches, also inside an earlier match."""
    match = pattern.search(text)
    while match:
        yield match
        match = pattern.search(text, match.start() + 1)
