"""Turns the patterns of the safety table into rows that are looked for word by word; the words themselves are in the table.

A pattern is a row of items between spaces:
    word|word      one of these words          {class}     one of a class of words (may hold more words each)
    item?          may be left out             two_words   these two words as one item
    @name          (in near) a context         ~3          at most three other words of the same sentence
    ~3:class       at most three of a class    ~3!class    at most three words, none of the class
    ^  $           the sentence begins, ends   word*       a word that begins so
    .              any word of one letter, or the end of a sentence
In `together` several such rows stand between "&": all of them are in one sentence, in any order, at most so many words
from the first one (12, or the number at the head: "8 & ..."). A row after "!" may not be among them.
Gaps are bounded, so looking takes time in proportion to the text. Where a row can be read in several ways, the words that
stand first in it, and the longest gap, go first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any, ClassVar, Protocol, Self

from domain.safety import SignalKind
from nlu.rules.safety_words import BREAK, RULES
from nlu.rules.tables import table

_GAP = re.compile(r"~(\d+)(?:([:!])(\w+))?")
_SPAN = 12
_ANY_LETTER = "."
_NOTHING: frozenset[str] = frozenset()
_CLASS = re.compile(r"\{(\w+)\}")

_Option = tuple[str, ...]
Words = tuple[str, ...]


class _Item(Protocol):
    """A part of a row. `takes_break`: it may be the end of a sentence."""

    @property
    def takes_break(self) -> bool: ...

    def ends(self, words: Words, at: int, limit: int) -> Sequence[int]:
        """Where it may end when it begins at word `at` and nothing is read from word `limit` on; likeliest first."""


@dataclass(frozen=True, slots=True)
class _Longer:
    """The options that a word may begin, each with its place among all: by how many words they have, and apart from
    those the ones with a word that is not all there ("dood*")."""

    whole: Sequence[tuple[int, Mapping[_Option, int]]]
    open: Sequence[tuple[int, _Option]]

    @classmethod
    def of(cls, options: Sequence[tuple[int, _Option]]) -> Self:
        whole: dict[int, dict[_Option, int]] = {}
        for order, option in options:
            if not any(map(_is_open, option)):
                whole.setdefault(len(option), {})[option] = order
        return cls(tuple(whole.items()), [each for each in options if any(map(_is_open, each[1]))])

    def ends(self, words: Words, at: int, limit: int) -> Sequence[int]:
        found = [
            (order, at + size)
            for size, orders in self.whole
            if at + size <= limit and (order := orders.get(words[at : at + size])) is not None
        ]
        for order, option in self.open:
            end = at + len(option)
            if end <= limit and all(map(_is, words[at:end], option)):
                found.append((order, end))
        return [end for _, end in sorted(found)]


class _OneOf:
    """One of some options of one or more words each. What makes it quick is made when it is first looked for."""

    def __init__(self, options: Sequence[_Option]) -> None:
        self._options = options
        self.first_words = frozenset([option[0] for option in options])
        self.takes_break = any(_ANY_LETTER in option for option in options)
        self.is_word = all(len(option) == 1 and option[0] != _ANY_LETTER for option in options)

    def ends(self, words: Words, at: int, limit: int) -> Sequence[int]:
        if at >= limit:
            return ()
        word = words[at]
        if word in self.alone:
            return (at + 1,)
        longer = self._longer.get(word)
        if longer is not None:
            return longer.ends(words, at, limit)
        if word.startswith(self._beginnings) or (self._any_letter and len(word) == 1):
            return self._others.ends(words, at, limit)
        return ()

    @cached_property
    def _beginnings(self) -> tuple[str, ...]:
        return tuple(word[:-1] for word in self.first_words if word.endswith("*"))

    @cached_property
    def _any_letter(self) -> bool:
        return _ANY_LETTER in self.first_words

    @cached_property
    def alone(self) -> frozenset[str]:
        """The words with which no option begins but the word itself."""
        longer = {option[0] for option in self._options if len(option) > 1}
        return frozenset(
            word
            for word in self.first_words - longer
            if not _is_open(word) and not any(_is(word, part) for part in self.first_words if _is_open(part))
        )

    @cached_property
    def _longer(self) -> Mapping[str, _Longer]:
        """Of the other words."""
        found: dict[str, list[tuple[int, _Option]]] = {}
        for order, option in enumerate(self._options):
            if not _is_open(option[0]) and option[0] not in self.alone:
                found.setdefault(option[0], []).append((order, option))
        begun = [(order, option) for order, option in enumerate(self._options) if _is_open(option[0])]
        return {word: _Longer.of(own + begun) for word, own in found.items()}

    @cached_property
    def _others(self) -> _Longer:
        """Of words that no option names."""
        return _Longer.of([each for each in enumerate(self._options) if _is_open(each[1][0])])


@dataclass(frozen=True, slots=True)
class _Perhaps:
    one_of: _OneOf

    @property
    def takes_break(self) -> bool:
        return self.one_of.takes_break

    def ends(self, words: Words, at: int, limit: int) -> Sequence[int]:
        return (*self.one_of.ends(words, at, limit), at)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Other words of the same sentence, at none of which one of `barred` begins."""

    most: int
    barred: _OneOf | None
    takes_break: ClassVar[bool] = False

    def ends(self, words: Words, at: int, limit: int) -> Sequence[int]:
        end, last = at, min(at + self.most, limit)
        while end < last and words[end] != BREAK:
            if self.barred is not None and self.barred.ends(words, end, limit):
                break
            end += 1
        return range(end, at - 1, -1)


@dataclass(frozen=True, slots=True)
class _Some:
    most: int
    one_of: _OneOf

    @property
    def takes_break(self) -> bool:
        return self.one_of.takes_break

    def ends(self, words: Words, at: int, limit: int) -> Sequence[int]:
        return tuple(self._ends(words, at, limit, self.most))

    def _ends(self, words: Words, at: int, limit: int, most: int) -> Iterator[int]:
        for end in self.one_of.ends(words, at, limit) if most else ():
            yield from self._ends(words, end, limit, most - 1)
        yield at


class _Begins:
    takes_break = False

    def ends(self, words: Words, at: int, limit: int) -> Sequence[int]:
        return (at,) if at and words[at - 1] == BREAK else ()


class _Ends:
    takes_break = False

    def ends(self, words: Words, at: int, limit: int) -> Sequence[int]:
        return (at,) if at < limit and words[at] == BREAK else ()


class Row:
    """One row. `needed` are the sets of words ("word*": a beginning) of which the text must hold one each, in this order:
    without them it cannot match and is not tried. `first` are the words that every match begins with; none where a row
    begins with what may be left out. `is_word`: it is one of them, and no more. `goes_across`: it may hold the end of a
    sentence."""

    def __init__(self, items: Sequence[_Item]) -> None:
        self._items = items
        said = [item for item in items if not isinstance(item, (_Begins, _Ends))]
        self.needed = tuple(item.first_words for item in said if isinstance(item, _OneOf))
        if not self.needed:
            raise ValueError("everything in a row may be left out")
        self.first = said[0].first_words if isinstance(said[0], _OneOf) else frozenset()
        self.is_word = len(items) == 1 and isinstance(said[0], _OneOf) and said[0].is_word
        self.goes_across = any(item.takes_break for item in items)

    def may_be_in(self, words: Words) -> bool:
        """Whether these are not without some word that it needs."""
        return not any(part.isdisjoint(words) for part in self._named)

    @cached_property
    def _named(self) -> Sequence[frozenset[str]]:
        """Of `needed` the sets of words that are all there."""
        return [part for part in self.needed if not any(map(_is_open, part))]

    def end(self, words: Words, at: int, limit: int, done: int = 0) -> int | None:
        """Where it ends when it begins at word `at`, and nothing is read from word `limit` on; None where it does not
        stand there. `done` items of it stand before."""
        steps = self._steps
        for place in range(done, len(steps)):
            item, must, alone = steps[place]
            if must:  # nearly every look ends here, so that it is not left to the item
                if at >= limit or words[at] not in must:
                    return None
                if words[at] in alone:
                    at += 1
                    continue
            ends = item.ends(words, at, limit)
            if len(ends) != 1:
                return self._end_of_one(words, ends, limit, place + 1)
            at = ends[0]
        return at

    def _end_of_one(self, words: Words, ends: Sequence[int], limit: int, done: int) -> int | None:
        must = self._steps[done][1] if done < len(self._steps) else _NOTHING
        for end in ends:
            if must and (end >= limit or words[end] not in must):
                continue
            last = self.end(words, end, limit, done)
            if last is not None:
                return last
        return None

    @cached_property
    def _steps(self) -> Sequence[tuple[_Item, frozenset[str], frozenset[str]]]:
        """The items, each with the words one of which it must begin with (none: it may with others), and those of which
        it then is no more than that word."""
        return [
            (item, item.first_words, item.alone)
            if isinstance(item, _OneOf) and not any(map(_is_open, item.first_words))
            else (item, _NOTHING, _NOTHING)
            for item in self._items
        ]


class Rows:
    """Some rows, one of which is looked for. What makes it quick is made when it is first looked for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def is_in(self, words: Words, start: int, limit: int) -> bool:
        """Whether one of them begins at word `start` or later; nothing is read from word `limit` on."""
        return any(True for _ in self.spans(words, start, limit))

    def spans(self, words: Words, start: int, limit: int) -> Iterator[tuple[int, int]]:
        """For each word where some of them begin, from where to where the first of those stands."""
        said = words[start:limit]
        loose = [each for each in self._loose if each[1].may_be_in(said)]
        for at, word in enumerate(said, start):
            rows = self._by_first.get(word, ())
            for _, row in sorted((*rows, *loose)) if loose else rows:
                end = row.end(words, at, limit)
                if end is not None:
                    yield at, end
                    break

    @cached_property
    def _loose(self) -> Sequence[tuple[int, Row]]:
        """Those that may begin with a word that they do not name, each with its place."""
        return [each for each in enumerate(self._rows) if _is_loose(each[1])]

    @cached_property
    def _by_first(self) -> Mapping[str, Sequence[tuple[int, Row]]]:
        """The others."""
        found: dict[str, list[tuple[int, Row]]] = {}
        for number, row in enumerate(self._rows):
            for word in () if _is_loose(row) else row.first:
                found.setdefault(word, []).append((number, row))
        return found


@dataclass(frozen=True, slots=True)
class Together:
    """Rows that all match in one sentence, none further than `span` words from the first, and none of `barred` among
    them. A plain row is one that stands alone."""

    rows: tuple[Row, ...]
    barred: Rows | None = None
    span: int = _SPAN


@dataclass(frozen=True, slots=True)
class SafetyRule:
    """One kind of danger and the ways in which it is said. `unless` takes the danger away where it overlaps what was
    said, each of `near` where it stands within a few words of it; `near` may be empty."""

    name: str
    kinds: tuple[SignalKind, ...]
    says: tuple[Together, ...]
    unless: Rows
    near: tuple[Rows, ...]


@cache
def load_rules() -> tuple[SafetyRule, ...]:
    """The rules of the tables named in RULES. Raises KeyError when a pattern names a class that is not there, ValueError
    when all of a row may be left out."""
    entries = [table(name) for name in RULES]
    context = {name: _rows(said) for entry in entries for name, said in entry.get("context", {}).items()}
    return tuple(_rule(rule, context) for entry in entries for rule in entry.get("rule", ()))


def _rule(rule: Mapping[str, Any], context: Mapping[str, Rows]) -> SafetyRule:
    own = [item for item in rule.get("near", ()) if item not in context]
    return SafetyRule(
        name=rule["name"],
        kinds=tuple(SignalKind(kind) for kind in rule["kinds"]),
        says=(
            *(Together((row_of(said),)) for said in rule.get("says", ())),
            *(_together(said) for said in rule.get("together", ())),
        ),
        unless=_rows(rule.get("unless", ())),
        near=(
            *([_rows(own)] if own else []),
            *(context[item] for item in rule.get("near", ()) if item in context),
        ),
    )


def _together(said: str) -> Together:
    first, *rest = (part.strip() for part in said.split("&"))
    parts = rest if first.isdecimal() else [first, *rest]
    barred = [part.removeprefix("!") for part in parts if part.startswith("!")]
    return Together(
        tuple(row_of(part) for part in parts if not part.startswith("!")),
        _rows(barred) if barred else None,
        int(first) if first.isdecimal() else _SPAN,
    )


def _rows(patterns: Sequence[str]) -> Rows:
    return Rows([row_of(pattern) for pattern in patterns])


@cache
def row_of(pattern: str) -> Row:
    """What a pattern of the table means. Raises KeyError and ValueError as `load_rules` does."""
    return Row(tuple(map(_item, pattern.split())))


@cache
def _item(item: str) -> _Item:
    if item == "^":
        return _Begins()
    if item == "$":
        return _Ends()
    if gap := _GAP.fullmatch(item):
        most, how, name = int(gap[1]), gap[2], gap[3]
        if how == ":":
            return _Some(most, _one_of(f"{{{name}}}"))
        return _Gap(most, _one_of(f"{{{name}}}") if how else None)
    return _Perhaps(_one_of(item[:-1])) if item.endswith("?") else _one_of(item)


@cache
def _one_of(item: str) -> _OneOf:
    said = (option for one in item.split("|") for option in _spelt_out(one))
    return _OneOf([tuple(option.replace("_", " ").split()) for option in dict.fromkeys(said)])


def _spelt_out(said: str) -> Iterator[str]:
    """Words with each of the options of the classes in them."""
    pieces = _CLASS.split(said)  # what stands at odd places is the name of a class
    if len(pieces) == 1:
        yield said
        return
    ways = (_class(piece) if place % 2 else (piece,) for place, piece in enumerate(pieces))
    yield from map("".join, product(*ways))


@cache
def _class(name: str) -> tuple[str, ...]:
    longest_first = sorted(dict.fromkeys(_classes()[name]), key=len, reverse=True)
    return tuple(option for said in longest_first for option in _spelt_out(said))


@cache
def _classes() -> Mapping[str, Sequence[str]]:
    return {name: said for each in RULES for name, said in table(each).get("classes", {}).items()}


def _is_open(part: str) -> bool:
    return part == _ANY_LETTER or part.endswith("*")


def _is_loose(row: Row) -> bool:
    return not row.first or any(map(_is_open, row.first))


def _is(word: str, part: str) -> bool:
    if part.endswith("*"):
        return word.startswith(part[:-1])
    return word == part or (part == _ANY_LETTER and len(word) == 1)


def how_common(words: frozenset[str]) -> tuple[bool, int]:
    """For sorting: the words that tell most come first, none of them common, then the fewest."""
    return not words.isdisjoint(_common()), len(words)


@cache
def _common() -> frozenset[str]:
    return frozenset(table("safety_words")["common"])
