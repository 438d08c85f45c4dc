"""Hears in which language, other than those people here speak with each other, a text is written; else says nothing."""

import unicodedata
from functools import cache
from typing import Any

from nlu.rules.dutch import ordinary_words
from nlu.rules.normalise import words
from nlu.rules.safety_words import known_words
from nlu.rules.tables import table

pycld2: Any
try:
    import pycld2
except ImportError:  # there is no wheel for every machine: then only letters of their own tell
    pycld2 = None

_FEWEST_WORDS = 3
_SURE = 95
"""Of a hundred letters, so many in that language."""
_LETTERS_OF = {"ETHIOPIC": "ti", "CJK": "zh"}
_LATIN = "LATIN"


def foreign_language(text: str) -> str:
    """The ISO 639 code of the language, one of `languages()`; empty when it is Dutch, Limburgish or English, or when that
    is not certain. Pure; never raises on any text."""
    if not text.isascii():
        letters = [letter for letter in text if letter.isalpha()]
        scripts = {_script(letter) for letter in set(letters)}
        others = sum(_script(letter) != _LATIN for letter in letters)
        if 2 * others > len(letters):
            own = {_LETTERS_OF.get(script) for script in scripts - {_LATIN}}
            return own.pop() or _detected(text, 0) if len(own) == 1 else ""
    said = tuple(word for word in words(text) if word.isalpha())
    if len(said) < _FEWEST_WORDS:
        return ""
    if _is_papiamento(said):
        return "pap"
    return "" if _may_be_ours(said) else _detected(text, _SURE)


@cache
def languages() -> frozenset[str]:
    """Those in which we can ask which of ours somebody speaks."""
    return frozenset(table("language")["others"])


def _may_be_ours(said: tuple[str, ...]) -> bool:
    """Whether most words are known here, or half of them are small Dutch or Limburgish words."""
    small = _words("nl")
    return 2 * sum(map(_is_known, said)) > len(said) or 2 * sum(word in small for word in said) >= len(said)


def _is_papiamento(said: tuple[str, ...]) -> bool:
    """The library does not know it. Its words are short and few, so that one of its own has to be among them."""
    its = _words("pap").intersection(said)
    return (
        len(its) >= _FEWEST_WORDS
        and not its.isdisjoint(_words("pap_only"))
        and 3 * sum(word in its for word in said) >= 2 * len(said)
    )


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(table("language")[name])


def _detected(text: str, least: int) -> str:
    if pycld2 is None:
        return ""
    try:
        is_sure, _, found = pycld2.detect(text, bestEffort=True)
    except (pycld2.error, UnicodeError):
        return ""
    language, share = found[0][1], found[0][2]
    return language if language in languages() and share >= least and (is_sure or not least) else ""


def _is_known(word: str) -> bool:
    return word in ordinary_words() or word in known_words()


@cache
def _script(letter: str) -> str:
    """The first word of its name in Unicode: LATIN, CYRILLIC, ARABIC, ETHIOPIC, CJK."""
    return unicodedata.name(letter, "").partition(" ")[0]
