"""Whole-text lookup in a table of phrases and patterns: exact, without politeness, doubled letters, small typos."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from nlu.rules.normalise import fold, squeeze
from nlu.rules.tables import table

_LONGEST = 90
_SHORTEST_TYPO = 4


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words for each of some meanings; `patterns` are matched against the whole folded text."""

    exact: Mapping[str, str]
    squeezed: Mapping[str, str]
    joined: Mapping[str, str]
    by_size: Mapping[int, list[str]]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    any_pattern: re.Pattern[str]

    def find(self, folded: str) -> str | None:
        """The meaning of the whole text, small typos included, or None."""
        return self.find_exact(folded) or self.find_misspelt(folded)

    def find_exact(self, folded: str) -> str | None:
        """The meaning of the whole text without its politeness, or None; doubled letters do not matter."""
        if not folded or len(folded) > _LONGEST:
            return None
        for shape in bare_shapes(folded):
            tight = squeeze(shape)
            found = (
                self.exact.get(shape) or self.squeezed.get(tight) or self.joined.get(tight.replace(" ", ""))
            )
            if found:
                return found
            if self.any_pattern.fullmatch(shape):
                return next(name for name, pattern in self.patterns if pattern.fullmatch(shape))
        return None

    def find_misspelt(self, folded: str) -> str | None:
        """The one meaning whose phrase is a slip in one or two words away, or None."""
        if not folded or len(folded) > _LONGEST:
            return None
        written = tuple(folded.split())
        # Each word may hold one slip: a phrase with more of them in all need not be looked at word by word.
        close = extract(
            folded,
            self.by_size.get(len(written), ()),
            scorer=OSA.distance,
            score_cutoff=len(written),
            limit=None,
        )
        near = {self.exact[phrase] for phrase, _, _ in close if _is_misspelt(written, phrase.split())}
        return near.pop() if len(near) == 1 else None


def _is_misspelt(written: Sequence[str], phrase: Sequence[str]) -> bool:
    return all(map(_is_same_word, written, phrase))


def _is_same_word(written: str, right: str) -> bool:
    if written == right:
        return True
    size = len(right)
    if size < _SHORTEST_TYPO or abs(len(written) - size) > 1 or written in _not_typos():
        return False
    if size == _SHORTEST_TYPO:  # in four letters only two that changed places
        return sorted(written) == sorted(right) and OSA.distance(written, right) == 1
    return OSA.distance(written, right, score_cutoff=1) <= 1


def bare_shapes(folded: str) -> Iterator[str]:
    """The text, then the same without politeness and hesitation before and after it."""
    yield folded
    before, after = _fillers()
    without = before.sub("", folded)
    if without and without != folded:
        yield without
    bare = after.sub("", without)
    if bare and bare != without:
        yield bare
    tail = after.sub("", folded)
    if tail and tail not in (folded, bare):
        yield tail


@cache
def load_phrases(name: str) -> Phrases:
    """The phrases of `tables/<name>.toml`: each key holds `phrases` and `patterns`."""
    exact: dict[str, str] = {}
    patterns: list[tuple[str, re.Pattern[str]]] = []
    for meaning, entry in table(name).items():
        exact.update({fold(phrase): meaning for phrase in entry.get("phrases", ())})
        patterns.extend((meaning, re.compile(pattern)) for pattern in entry.get("patterns", ()))
    by_size: dict[int, list[str]] = {}
    for phrase in exact:
        by_size.setdefault(len(phrase.split()), []).append(phrase)
    squeezed = {squeeze(phrase): meaning for phrase, meaning in exact.items()}
    joined = {phrase.replace(" ", ""): meaning for phrase, meaning in squeezed.items() if len(phrase) > 7}
    either = "|".join(f"(?:{pattern.pattern})" for _, pattern in patterns)
    return Phrases(exact, squeezed, joined, by_size, tuple(patterns), re.compile(either or r"(?!)"))


@cache
def _fillers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    entry = table("fillers")
    before = "|".join(re.escape(fold(word)) for word in sorted(entry["before"], key=len, reverse=True))
    after = "|".join(re.escape(fold(word)) for word in sorted(entry["after"], key=len, reverse=True))
    return re.compile(rf"^(?:(?:{before}) )+"), re.compile(rf"(?: (?:{after}))+$")


@cache
def _not_typos() -> frozenset[str]:
    return frozenset(fold(word) for word in table("fillers")["not_typos"])
