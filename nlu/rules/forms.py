"""Writes small words as the tables do: dialect ("hielemaol neet"), chat ("kben tniet eens") and slips ("onneens"); knows
nothing of what they mean."""

import re
from collections.abc import Collection
from functools import cache

from nlu.rules.dutch import ordinary_words
from nlu.rules.normalise import squeeze
from nlu.rules.tables import table

_LONGEST_WORD = 24
_SHORTEST_JOINED = 4
_SHORTEST_PART = 2
_SMALL = frozenset({"ik", "ja", "is", "er", "me", "zo", "je", "al", "en", "nu"})
_LETTERS = frozenset("kt")
"""What is left of "ik" and "het" before a word: "kben", "tis"."""
_NOT_A_BIT = re.compile(
    r"\b(?:voor )?(?:geen|nul|zero) (?:(?:ene|enkele|enkel|ene) )?(?:reet|donder|hol|zak|fluit|bal|moer|ruk|klap|kloot|steek|barst"
    r"|spat|millimeter|centimeter|meter|cent|greintje|seconde|sikkepit|snars|procent|percent|zier|fuck|flikker)\b"
)


def written_out(folded: str, vocabulary: Collection[str]) -> str:
    """The same text in the forms of the tables; words that are in `vocabulary`, or that are ordinary ones, stay whole."""
    found: list[str] = []
    for word in folded.split():
        found.extend(_written_out(word, vocabulary))
    return _NOT_A_BIT.sub("helemaal niet", " ".join(found))


def _written_out(word: str, vocabulary: Collection[str]) -> tuple[str, ...]:
    forms = _forms()
    if said := forms.get(word):
        return (said,)
    if word in vocabulary or word in ordinary_words() or not word.isalpha() or len(word) > _LONGEST_WORD:
        return (word,)
    tight = squeeze(word)
    if tight != word and (tight in vocabulary or tight in forms):
        return (forms.get(tight, tight),)
    return _parts(word, vocabulary) or (word,)


def _parts(word: str, vocabulary: Collection[str]) -> tuple[str, ...]:
    """Two or three known words typed as one, or none."""
    if len(word) < _SHORTEST_JOINED:
        return ()
    for place in range(len(word) - _SHORTEST_PART, 0, -1):
        first, rest = word[:place], word[place:]
        if not _is_part(first, vocabulary):
            continue
        if _is_part(rest, vocabulary) and len(rest) > 1:
            return (_forms().get(first, first), _forms().get(rest, rest))
        if len(rest) > 2 * _SHORTEST_JOINED and (more := _parts(rest, vocabulary)):
            return (_forms().get(first, first), *more)
    return ()


def _is_part(part: str, vocabulary: Collection[str]) -> bool:
    if len(part) <= _SHORTEST_PART:
        return part in (_LETTERS if len(part) == 1 else _SMALL)
    return part in vocabulary or part in _forms()


@cache
def _forms() -> dict[str, str]:
    return {form: said for said, forms in table("forms").items() for form in forms}
