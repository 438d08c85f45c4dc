"""The safety floor: hears danger in any text, before and without a model; what is said back is decided elsewhere."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, groupby, pairwise
from operator import itemgetter

from domain.safety import SignalKind
from nlu.rules.safety_patterns import Row, SafetyRule, Together, Words, how_common, load_rules
from nlu.rules.safety_words import BREAK, standard_words

_WINDOW = 4500  # letters; more than any message that Telegram sends
_OVERLAP = 400
_NEAR = 9  # words around a match that can take its danger away
_STEM = 3  # letters that every beginning of a word has at least
_REACH = 300  # characters of those words
_ALL, _ACROSS, _WITHIN = frozenset({False, True}), frozenset({True}), frozenset({False})


def signals_in(text: str) -> tuple[SignalKind, ...]:
    """The kinds of danger a text speaks of, in the order of SignalKind; empty for nearly every text."""
    found: set[SignalKind] = set()
    for window in _windows(text):
        for rule in _rules_in(window, found):
            found.update(rule.kinds)
    return tuple(kind for kind in SignalKind if kind in found)


def rules_hit(text: str) -> tuple[str, ...]:
    """The names of the rules that heard something, for whoever maintains the table: in its order for each window."""
    names: dict[str, None] = {}
    for window in _windows(text):
        heard = {rule.name for rule in _rules_in(window, frozenset())}
        names.update((rule.name, None) for rule in load_rules() if rule.name in heard)
    return tuple(names)


def warm_up() -> Iterator[None]:
    """Makes ready what the first texts would have to wait for, a little at a time."""
    load_rules()
    yield
    _index()
    yield


def _windows(text: str) -> Iterator[str]:
    if len(text) <= _WINDOW:
        yield text
        return
    for start in range(0, len(text), _WINDOW - _OVERLAP):
        yield text[start : start + _WINDOW]


def _rules_in(text: str, known: Set[SignalKind]) -> Iterator[SafetyRule]:
    """The rules that hear something, but those that tell no more than what is `known` by then."""
    said = tuple(standard_words(text))
    sentences = _sentences_of(said)
    if len(sentences) == 1:
        yield from _rules_in_part(said, known, _ALL)
        return
    # What is said within one sentence is looked for in one after the other: there is less to look through.
    yield from _rules_in_part(said, known, _ACROSS)
    for sentence in sentences:
        yield from _rules_in_part(sentence, known, _WITHIN)


def _sentences_of(said: Words) -> Sequence[Words]:
    """Each of them once, with the signs before and after it."""
    breaks = [at for at, word in enumerate(said) if word == BREAK]
    return list(dict.fromkeys(said[start : end + 1] for start, end in pairwise(breaks)))


def _rules_in_part(said: Words, known: Set[SignalKind], which: Set[bool]) -> Iterator[SafetyRule]:
    """By the ways of saying things that may go across sentences, as `which` has it."""
    places = _places_of(said)
    ways = sorted(_ways_to_try(places, which))
    if not ways:
        return
    line = _Line(said, places)
    for number, group in groupby(ways, key=itemgetter(0)):
        rule = load_rules()[number]
        if all(kind in known for kind in rule.kinds):
            continue
        found = (span for _, way in group for span in _found(rule.says[way], line))
        # Who pastes a sentence hundreds of times waits for one.
        weighed: dict[tuple[Words, int, int], bool] = {}
        if any(not _is_taken_away(rule, line, start, end, weighed) for start, end in found):
            yield rule


def _places_of(said: Sequence[str]) -> Mapping[str, list[int]]:
    """Where each word stands; "dood*" stands wherever a word begins so, if a row of the table asks for it."""
    beginnings = _index().beginnings
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(said):
        places[word].append(at)
        for beginning in beginnings.get(word[:_STEM], ()):
            if word.startswith(beginning[:-1]):
                places[beginning].append(at)
    return places


class _Line:
    """The words of a text and what was found among them. A span is the first word and the one after the last."""

    def __init__(self, said: Words, places: Mapping[str, list[int]]) -> None:
        self.words = said
        self._places = places
        self._sentences = [0, *accumulate(word == BREAK for word in said)]
        self._spans: dict[Row, list[tuple[int, int]]] = {}

    def matches(self, row: Row) -> list[tuple[int, int]]:
        """Where a row stands, one after the other; it is looked for only where a first word of it stands."""
        spans = self._spans.get(row)
        if spans is None:
            spans = self._spans[row] = self._looked_up(row)
        return spans

    def _looked_up(self, row: Row) -> list[tuple[int, int]]:
        words, size = self.words, len(self.words)
        starts: Sequence[int] = range(size)
        if row.first:
            starts = sorted({at for word in self._places.keys() & row.first for at in self._places[word]})
        if row.is_word:
            return [(at, at + 1) for at in starts]
        spans: list[tuple[int, int]] = []
        free = 0
        for at in starts:
            if at >= free and (end := row.end(words, at, size)) is not None:
                spans.append((at, end))
                free = end
        return spans

    def words_between(self, end: int, start: int) -> int | None:
        """How many words stand between two matches; None when a sentence ends there."""
        return start - end if self._sentences[end] == self._sentences[start] else None

    def before(self, at: int) -> list[str]:
        """The last words of the sentence before a place."""
        first = at
        while first > max(0, at - _NEAR) and self.words[first - 1] != BREAK:
            first -= 1
        return " ".join(self.words[first:at])[1 - _REACH :].split()

    def after(self, at: int) -> list[str]:
        """The next words of the sentence from a place on."""
        last = at
        while last < min(len(self.words), at + _NEAR) and self.words[last] != BREAK:
            last += 1
        return " ".join(self.words[at:last])[:_REACH].split()


@dataclass(frozen=True, slots=True)
class _Index:
    """What must be in a text before an expression is tried on it. Every set of words of which a row needs one has a bit:
    `bits` says which sets a word belongs to. `ways` has each rule and way of saying, with all the bits it needs, at the
    words of the set that tells most, and whether it may go across the end of a sentence. `beginnings` has "dood*" at its first letters."""

    bits: Mapping[str, int]
    ways: Mapping[str, Sequence[tuple[int, int, int, bool]]]
    beginnings: Mapping[str, Sequence[str]]


def _ways_to_try(places: Mapping[str, list[int]], which: Set[bool]) -> set[tuple[int, int]]:
    """The rules and the ways of saying them of which every needed word is in the text. For most texts there are none, so
    that most expressions need no look."""
    index = _index()
    present = 0
    for word in places:
        present |= index.bits.get(word, 0)
    return {
        (rule, way)
        for word in places
        for rule, way, needed, goes_across in index.ways.get(word, ())
        if needed & present == needed and goes_across in which
    }


@cache
def _index() -> _Index:
    numbers: dict[frozenset[str], int] = {}
    ways: defaultdict[str, list[tuple[int, int, int, bool]]] = defaultdict(list)
    for place, rule in enumerate(load_rules()):
        for way, together in enumerate(rule.says):
            needed = 0
            goes_across = any(row.goes_across for row in together.rows)
            for words in (words for row in together.rows for words in row.needed):
                needed |= 1 << numbers.setdefault(words, len(numbers))
            for word in min((words for row in together.rows for words in row.needed), key=how_common):
                ways[word].append((place, way, needed, goes_across))
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
            if together.barred is None or not together.barred.is_in(line.words, start, end):
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


def _is_taken_away(
    rule: SafetyRule,
    line: _Line,
    start: int,
    end: int,
    weighed: dict[tuple[Words, int, int], bool],
) -> bool:
    """Whether the words around a match say that it is no danger: denied, an idiom, a film, long ago."""
    before, after = line.before(start), line.after(end)
    around = (BREAK, *before, *line.words[start:end], *after, BREAK)
    first = 1 + len(before)
    last = first + end - start
    found = weighed.get((around, first, last))
    if found is None:
        found = weighed[around, first, last] = _takes_away(rule, around, first, last)
    return found


def _takes_away(rule: SafetyRule, around: Words, first: int, last: int) -> bool:
    if any(rows.is_in(around, 0, len(around)) for rows in rule.near):
        return True
    spans = rule.unless.spans(around, 0, len(around))
    return any(start < last and end > first for start, end in spans)
