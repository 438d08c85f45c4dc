"""Rewrites what frightened people type (typos, dialect, joined words) into standard words for the safety rules."""

import re
from collections.abc import Iterator
from functools import cache

from rapidfuzz.distance import OSA

from nlu.rules.dutch import ordinary_words, sound
from nlu.rules.normalise import plain
from nlu.rules.tables import table

BREAK = "."
_TOKEN = re.compile("[^\\W_]+|[.]{2,}|[.!?;]+|\\n{2,}|[\u2190-\u2bff\U0001f000-\U0001faff]")
_ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
_SPELT = re.compile(r"(?<!\S)(?:[a-z] ){4,}[a-z](?!\S)")
_DIGIT_LETTERS = str.maketrans("01345@$", "oieasas")
_LONGEST_WORD = 60
_SHORTEST_TYPO = 5
_SHORTEST_SOUND = 3
_LONG = 8
_WORD = re.compile(r"[a-z]+")
_CLASS = re.compile(r"{\w+}")
RULES = ("safety", "safety_suicide", "safety_violence", "safety_emergency", "safety_child")
"""The tables with the rules of the floor: what all share, then each kind of danger."""


def standard_words(text: str) -> list[str]:
    """The words of a text in standard spelling, with "." between sentences and at both ends."""
    found = [BREAK]
    said = plain(text)
    if "  " in said or "\t" in said:
        said = re.sub(r"[ \t]+", " ", said)
    if _SPELT.search(said):
        said = _SPELT.sub(lambda match: match[0].replace(" ", ""), said)
    for token in _TOKEN.findall(said):
        if token[0] in ".!?;\n":
            if not token.startswith("..") and found[-1] != BREAK:
                found.append(BREAK)
            continue
        found.extend(_standard(token))
    if found[-1] != BREAK:
        found.append(BREAK)
    if 3 * found.count(BREAK) > len(found) + 1:  # "Ik. Wil. Niet. Meer." is one sentence
        return [BREAK, *(word for word in found if word != BREAK), BREAK]
    return found


def _standard(word: str) -> tuple[str, ...]:
    same = _variants()
    if word in same:
        return same[word]
    if len(word) > _LONGEST_WORD:
        return (word,)
    short = _ELONGATED.sub(r"\1\1", word)
    if short in same:
        return same[short]
    if short in _known():
        return (short,)
    if short != word:
        single = _ELONGATED.sub(r"\1", word)
        if single in same:
            return same[single]
        if single in _known():
            return (single,)
    if not short.isalpha() and not short.isdecimal():
        short = short.translate(_DIGIT_LETTERS)
        if short in same or short in _known():
            return same.get(short, (short,))
    return _mended(short) or _split(short) or (_ending(short),)


def _ending(word: str) -> str:
    return next((end for end in table("safety_words")["endings"] if word.endswith(end)), word)


def _mended(word: str) -> tuple[str, ...] | None:
    """The key word that this sounds like, or is a slip away from (two, in a long one); None for an ordinary word, or in
    doubt."""
    if len(word) < _SHORTEST_SOUND or word in _ordinary() or word in ordinary_words():
        return None
    heard = _by_sound().get(sound(word), frozenset())
    close = {key for key in heard if key[0] == word[0] or len(word) > _SHORTEST_TYPO}
    if not close and len(word) >= _SHORTEST_TYPO - 1:
        index = _one_slip()
        near = set(index.get(word, ()))
        for place in range(len(word)):
            near |= index.get(word[:place] + word[place + 1 :], set())
        close = {key for key in near if _is_one_slip(word, key)}
    if not close and len(word) >= _LONG:
        close = {key for key in _long_keys() if OSA.distance(word, key, score_cutoff=2) <= 2}
    return _variants().get(key, (key,)) if len(close) == 1 and (key := close.pop()) else None


def _is_one_slip(word: str, key: str) -> bool:
    """Whether one letter was added, lost, changed or swapped with its neighbour."""
    start = 0
    while start < min(len(word), len(key)) and word[start] == key[start]:
        start += 1
    mine, right = word[start:], key[start:]
    swapped = len(mine) > 1 and len(right) > 1 and mine[0] == right[1] and mine[1] == right[0]
    return (
        mine[1:] == right or mine == right[1:] or mine[1:] == right[1:] or (swapped and mine[2:] == right[2:])
    )


def _split(word: str) -> tuple[str, ...] | None:
    """ "ikwildood" as three words, when every part is a word of the floor and at least one is a key word."""
    if len(word) < 7 or not word.isalpha():
        return None
    parts = _joinable()
    best: list[tuple[str, ...] | None] = [None] * (len(word) + 1)
    best[0] = ()
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 12), end - 1):
            before, piece = best[start], word[start:end]
            if (
                before is None
                or piece not in parts
                or (best[end] is not None and len(before) >= len(best[end] or ()))
            ):
                continue
            best[end] = (*before, piece)
    found = best[len(word)]
    if not found or len(found) < 2 or (len(found) < 3 and not any(part in _joined_keys() for part in found)):
        return None
    return tuple(standard for part in found for standard in _variants().get(part, (part,)))


@cache
def _variants() -> dict[str, tuple[str, ...]]:
    return {
        variant: tuple(standard.split())
        for standard, variants in table("safety_words")["variants"].items()
        for variant in variants
    }


@cache
def _keys() -> frozenset[str]:
    """The words that slips are mended to: all that the rules listen for, but the very short ones."""
    return frozenset(table("safety_words")["keys"]) | {
        word for word in _words_of_rules() if len(word) >= _SHORTEST_TYPO
    }


@cache
def _words_of_rules() -> frozenset[str]:
    return frozenset(
        word
        for name in RULES
        for said in _strings_of(table(name))
        for word in _WORD.findall(_CLASS.sub(" ", said))
    )


def _strings_of(entry: object) -> Iterator[str]:
    """What the rules and the classes say; not the names of rules, kinds and contexts."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list):
        for each in entry:
            yield from _strings_of(each)
    elif isinstance(entry, dict):
        for name, each in entry.items():
            yield from _strings_of(each) if name not in ("name", "kinds") else ()


@cache
def _by_sound() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key in _words_of_rules() | _keys():
        if len(key) >= _SHORTEST_SOUND:
            found.setdefault(sound(key), set()).add(key)
    return {heard: frozenset(keys) for heard, keys in found.items()}


@cache
def _long_keys() -> tuple[str, ...]:
    return tuple(sorted(key for key in _keys() if len(key) >= _LONG))


@cache
def _known() -> frozenset[str]:
    return _keys() | _words_of_rules() | _ordinary() | _joinable()


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(table("safety_words")["ordinary"])


@cache
def _joinable() -> frozenset[str]:
    entry = table("safety_words")
    return frozenset(entry["joined"]) | _joined_keys()


@cache
def _joined_keys() -> frozenset[str]:
    return frozenset(table("safety_words")["joined_keys"])


@cache
def _one_slip() -> dict[str, set[str]]:
    """Every key word, and every key word with one letter left out, to the key words it may be."""
    index: dict[str, set[str]] = {}
    for key in _keys():
        for shape in {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}:
            index.setdefault(shape, set()).add(key)
    return index
