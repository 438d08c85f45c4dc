"""Rewrites what frightened people type (typos, dialect, joined words) into standard words for the safety rules."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from nlu.rules.dutch import cost, how_often, ordinary_words, parts_of, sound
from nlu.rules.normalise import plain, shortened
from nlu.rules.tables import table

BREAK = "."
_TOKEN = re.compile("[^\\W_]+|[.]{2,}|[.!?;]+|\\n{2,}|[\u2190-\u2bff\U0001f000-\U0001faff]")
_EMOJI = "\u2190"  # and beyond
_ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
_SPELT = re.compile(r"(?<!\S)(?:[a-z] ){3,}[a-z](?!\S)|(?<!\w)(?:[a-z][.*_-]){2,}[a-z](?!\w)")
_HIDDEN = re.compile(r"(?<![a-z0-9])[a-z0-9]{1,20}(?:[@$!*#|]{1,9}[a-z0-9]{1,20})+(?![a-z0-9])")
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBERED = re.compile(r"([a-z]{2,})(\d{2,})|(\d{2,})([a-z]{3,})")
_SIGNS = str.maketrans({"@": "a", "$": "s", "!": "i", "|": "l", "#": "*"})
_DIGIT_LETTERS = (str.maketrans("013457", "oieast"), str.maketrans("013457", "oleast"))
_LONGEST_WORD = 60
_SHORTEST_TYPO = 5
_SHORTEST_SOUND = 3
_SHORTEST_JOINED = 5
_GLUE = 3  # so many words that are in some compounds tell as much as one that is in none
_LONG = 8
_VERY_LONG = 10
_OFTEN = 800  # times in 400 million words: no slip of the pen is so frequent
_RESPELLINGS = 100  # tried on one word of dialect
_LONGEST_DIALECT = 32  # letters; the longest word there is to find has 28
_WORD = re.compile(r"[a-z]+")
_CLASS = re.compile(r"{\w+}")
_AFTER_VERBS = ("me", "mij", "ik", "niet")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LONGEST_SHOWN = 8000
"""Letters of a text that are read, when its characters stand for more: some stand for eighteen."""
_MOST_GUESSES = 40
"""Words in one text that nobody knows and that are worth the work: far more than people write, so that junk costs no
more than a story."""
RULES = ("safety", "safety_suicide", "safety_violence", "safety_emergency", "safety_child")
"""The tables with the rules of the floor: what all share, then each kind of danger."""

_Variants = Mapping[str, tuple[str, ...]]


def standard_words(text: str) -> list[str]:
    """The words of a text in standard spelling, with "." between sentences and at both ends."""
    tokens = _TOKEN.findall(_shown(text)[:_LONGEST_SHOWN])
    variants, dialect = _variants_for(frozenset(tokens))
    guessed: dict[str, tuple[str, ...]] = {}

    def guess(word: str) -> tuple[str, ...]:
        if word not in guessed and len(guessed) < _MOST_GUESSES:
            guessed[word] = _guessed(word, variants, dialect)
        return guessed.get(word) or (_ending(word),)

    found = [BREAK]
    for token in tokens:
        if token[0] in ".!?;\n":
            if not token.startswith("..") and found[-1] != BREAK:
                found.append(BREAK)
            continue
        found.extend(_standard(token, variants, guess))
    if found[-1] != BREAK:
        found.append(BREAK)
    found = _beside_each_other(found, dialect)
    if 3 * found.count(BREAK) > len(found) + 1:  # "Ik. Wil. Niet. Meer." is one sentence
        return [BREAK, *(word for word in found if word != BREAK), BREAK]
    return found


@cache
def known_words() -> frozenset[str]:
    """Words that the tables know in any spelling: standard, chat language, dialect."""
    return _known() | frozenset(_variants("dialect"))


def _shown(text: str) -> str:
    """Plain text in which no word is hidden behind accents of dialect, spaces, stops or signs between its letters."""
    if not text.isascii():
        composed = unicodedata.normalize("NFC", text.casefold())
        text = _LETTERS.sub(lambda match: _accented(match[0]), composed)
    said = plain(text)
    if "  " in said or "\t" in said:
        said = re.sub(r"[ \t]+", " ", said)
    said = _SPELT.sub(lambda match: re.sub(r"[^a-z]", "", match[0]), said)
    return _HIDDEN.sub(lambda match: _uncovered(match[0]), said)


def _accented(word: str) -> str:
    return word if word.isascii() else " ".join(_variants().get(word, (word,)))


def _uncovered(word: str) -> str:
    """ "k!ll" as "kill" and "z*lfmoord" as "zelfmoord", when that is a word of the rules; else as it was."""
    if len(word) > _LONGEST_WORD:
        return word
    letters = word.translate(_SIGNS)
    if "*" in letters:
        shape = re.compile(re.sub(r"\*+", lambda stars: "[a-z]" * len(stars[0]), letters))
        return next((key for key in _words_of_length(len(letters)) if shape.fullmatch(key)), word)
    return letters if letters in _known() or letters in _variants() else word


def _variants_for(said: frozenset[str]) -> tuple[_Variants, bool]:
    """What stands for other words in this text, and whether it is dialect."""
    signs = table("safety_words")
    dutch = len(said.intersection(signs["dutch_signs"]))
    english = len(said.intersection(signs["english_signs"]))
    if (
        not said.isdisjoint(signs["dialect_signs"])
        or any("sj" in word for word in said)
        or (not dutch and not english and len(said & _only_dialect()) > 1)
    ):
        return _variants("dialect"), True
    if english > dutch:
        return _variants("english"), False
    return _variants(), False


def _beside_each_other(found: list[str], dialect: bool) -> list[str]:
    """Settles the words that mean one thing beside certain words and another beside others."""
    ways = _beside()
    if ways.keys().isdisjoint(found):
        return found
    settled: list[str] = []
    for place, word in enumerate(found):
        for entry in ways.get(word, ()):
            if (
                (dialect or not entry.get("dialect"))
                and ("after" not in entry or settled[-1] in entry["after"])
                and ("before" not in entry or found[place + 1] in entry["before"])
            ):
                settled.extend(entry["says"].split())
                break
        else:
            settled.append(word)
    return settled


def _standard(word: str, same: _Variants, guess: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    if word in same:
        return same[word]
    if word in _beside():
        return (word,)
    if word[0] >= _EMOJI:
        return ()
    if len(word) > _LONGEST_WORD:
        return (word,)
    short = shortened(word)
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
        for digits in _DIGIT_LETTERS:
            letters = short.translate(digits)
            if letters in same or letters in _known():
                return same.get(letters, (letters,))
        if apart := _NUMBERED.fullmatch(short):
            return tuple(
                said
                for part in apart.groups()
                if part
                for said in ((part,) if part.isdecimal() else _standard(part, same, guess))
            )
        if 2 * sum(map(str.isdigit, short)) > len(short) or len(short) < _SHORTEST_TYPO:
            return (short,)
        short = short.translate(_DIGIT_LETTERS[0])
    return (short,) if short in ordinary_words() else guess(short)


def _guessed(word: str, same: _Variants, dialect: bool) -> tuple[str, ...]:
    """What a word that nobody knows most likely is."""
    if dialect and (respelt := _respelt(word, same)):
        return respelt
    parts, total = _parts_of(word)
    return (
        _split(word, parts, total, sure=True)
        or _mended(word)
        or _split(word, parts, total)
        or _like_ordinary(word)
        or (_ending(word),)
    )


def _ending(word: str) -> str:
    return next((end for end in table("safety_words")["endings"] if word.endswith(end)), word)


def _mended(word: str) -> tuple[str, ...] | None:
    """The key word that this sounds like, or is a slip away from (two, in a long one); the likeliest of several."""
    if len(word) < _SHORTEST_SOUND or word in _ordinary():
        return None
    heard = _by_sound().get(sound(word), frozenset())
    close = {key for key in heard if key[0] == word[0] or len(word) > _SHORTEST_TYPO}
    if not close and len(word) < _SHORTEST_TYPO:
        close = {key for key in _fingers_astray(word) if key in _words_of_rules()}
    if not close and len(word) >= _SHORTEST_TYPO - 1:
        if len(word) < _LONG and (same := _ordinary_by_sound().get(sound(word))):
            return (same,)
        index = _one_slip()
        near = set(index.get(word, ()))
        for place in range(len(word)):
            near |= index.get(word[:place] + word[place + 1 :], set())
        close = {key for key in near if _is_one_slip(word, key)}
    if not close and len(word) >= _LONG:
        most = 2 if len(word) <= _VERY_LONG else 3
        slips = extract(word, _long_keys().get(word[0], ()), scorer=OSA.distance, score_cutoff=most, limit=9)
        close = {key for key, _, _ in slips}
    if not close:
        return None
    key = min(close, key=lambda key: _unlike(word, key))
    return _variants().get(key, (key,))


def _unlike(word: str, key: str) -> tuple[int, int, float, str]:
    return OSA.distance(word, key), abs(len(word) - len(key)), -how_often().get(key, 0), key


def _like_ordinary(word: str) -> tuple[str, ...] | None:
    """The ordinary word that this sounds like, so that no more is read into it."""
    same = _ordinary_by_sound().get(sound(word)) if len(word) > _SHORTEST_SOUND else None
    return None if same is None else _variants().get(same, (same,))


def _respelt(word: str, same: _Variants) -> tuple[str, ...] | None:
    """The word of the rules, else the ordinary one, that dialect writes so: the fewest changes of spelling first."""
    if len(word) > _LONGEST_DIALECT:
        return None
    tried, last = {word}, {word}
    for _ in range(3):
        last = {
            shape[:place] + standard + shape[place + len(typed) :]
            for shape in last
            for typed, standard in _respellings()
            for place in _places_of(typed, shape)
        } - tried
        if len(tried) + len(last) > _RESPELLINGS and len(tried) > 1:
            last = set(sorted(last)[:_RESPELLINGS])
        tried |= last
        endings = {shape + end for shape in last for end in ("", "n", "t")}
        for words in (_words_of_rules(), ordinary_words()):
            if close := words.intersection(shape for shape in endings if len(shape) >= _SHORTEST_TYPO - 1):
                key = max(close, key=lambda key: (how_often().get(key, 0), key))
                return same.get(key, (key,))
    return None


def _places_of(part: str, word: str) -> Iterator[int]:
    place = word.find(part)
    while place >= 0:
        yield place
        place = word.find(part, place + 1)


def _fingers_astray(word: str) -> Iterator[str]:
    """What a short word was meant to be when two letters changed places, or a finger hit the key beside the right one."""
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if len(word) == _SHORTEST_TYPO - 1:
        for place, letter in enumerate(word):
            for row in _KEYBOARD:
                key = row.find(letter)
                for near in (key - 1, key + 1):
                    if key >= 0 and 0 <= near < len(row):
                        yield word[:place] + row[near] + word[place + 1 :]


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


def _parts_of(word: str) -> tuple[tuple[str, ...], float]:
    if len(word) < _SHORTEST_JOINED or not word.isalpha():
        return (), 0.0
    return parts_of(word, _cost)


def _split(word: str, parts: tuple[str, ...], total: float, *, sure: bool = False) -> tuple[str, ...] | None:
    """ "ikwildood" as three words that cost `total`. Compounds and names stay whole: some part is a word that is in none
    of them, and all are frequent; when `sure`, there are so many parts that no slip of the pen has them."""
    if len(parts) < 2:
        return None
    each = total / len(word)
    glue = sum(_GLUE if part in _joinable() else part in _half_joinable() for part in parts)
    if sure:
        apart = len(parts) > 2 and glue > _GLUE and each <= 2.9
        apart |= len(parts) == 2 and parts[-1] in _AFTER_VERBS and _words_of_rules().issuperset(parts)
    elif len(parts) > 2:
        apart = 5 * glue >= _GLUE * len(parts) and (
            each <= 3.2 if glue >= _GLUE else glue > 1 and each <= 2.5
        )
    else:
        heard = _words_of_rules().issuperset(parts)
        apart = len(parts) == 2 and (
            (glue >= _GLUE and (each <= 2.5 or (heard and (each <= 3.05 or total <= 21.5))))
            or (glue > 0 and heard and each <= 2.4)
        )
    if not apart:
        return None
    return tuple(standard for part in parts for standard in _variants().get(part, (part,)))


def _cost(part: str) -> float | None:
    if len(part) <= 2:
        if part in ("i", "k", "a"):
            return 9.0
        if part not in _short_parts():
            return None
    if part in _never_parts():
        return None
    count = how_often().get(part)
    if count is not None:
        return cost(count) + 2
    return 12.0 if part in _words_of_rules() or part in _joinable() else None


@cache
def _variants(language: str = "") -> _Variants:
    """What is typed to what it stands for; with what is so only in a text in a language ("dialect", "english")."""
    entry = table("safety_words")
    named = [entry["variants"], *([entry[language]] if language else [])]
    stands_for = {
        variant: tuple(standard.split())
        for each in named
        for standard, variants in each.items()
        for variant in variants
    }
    for variant in [variant for variant in stands_for if not variant.isascii()]:
        bare = plain(variant)
        if bare not in ordinary_words() and bare not in _words_of_rules():
            stands_for.setdefault(bare, stands_for[variant])
    return {
        variant: tuple(word for part in standard for word in stands_for.get(part, (part,)))
        for variant, standard in stands_for.items()
    }


@cache
def _only_dialect() -> frozenset[str]:
    return frozenset(word for typed in table("safety_words")["dialect"].values() for word in typed)


@cache
def _beside() -> Mapping[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in table("safety_words")["beside"]:
        found.setdefault(entry["typed"], []).append(entry)
    return found


@cache
def _respellings() -> tuple[tuple[str, str], ...]:
    return tuple((typed, standard) for typed, standard in table("safety_words")["respelt"])


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


@cache
def _words_of_length(letters: int) -> tuple[str, ...]:
    return tuple(sorted(word for word in _words_of_rules() if len(word) == letters))


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
def _long_keys() -> Mapping[str, list[str]]:
    """By their first letter, where people hardly ever slip."""
    found: dict[str, list[str]] = {}
    for key in sorted(_keys()):
        if len(key) >= _LONG:
            found.setdefault(key[0], []).append(key)
    return found


@cache
def _known() -> frozenset[str]:
    return _keys() | _words_of_rules() | _ordinary() | _joinable()


@cache
def _ordinary_by_sound() -> dict[str, str]:
    """The most frequent of the ordinary Dutch words that sound the same."""
    often = [(count, word) for word, count in how_often().items() if count >= _OFTEN]
    return {sound(word): word for _, word in sorted(often)}


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(table("safety_words")["ordinary"])


@cache
def _joinable() -> frozenset[str]:
    return frozenset(table("safety_words")["joined"])


@cache
def _half_joinable() -> frozenset[str]:
    return frozenset(table("safety_words")["half_joined"])


@cache
def _never_parts() -> frozenset[str]:
    return frozenset(table("safety_words")["never_part"])


@cache
def _short_parts() -> frozenset[str]:
    return frozenset(table("safety_words")["joined_short"])


@cache
def _one_slip() -> dict[str, set[str]]:
    """Every key word, and every key word with one letter left out, to the key words it may be."""
    index: dict[str, set[str]] = {}
    for key in _keys():
        for shape in {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}:
            index.setdefault(shape, set()).add(key)
    return index
