"""Turns what people type into plain words to compare with; leaves what those words mean to the other rules."""

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = re.compile("['’‘`´ʼ′]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
_ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = re.compile(r"([^\W\d_])\1+")
_WORDS_KEPT = 2_048
"""People use the same words over and over."""
_WORD = re.compile("[^\\W_]+|[\u2190-\u2bff\U0001f000-\U0001faff]")


def plain(text: str) -> str:
    """Lower case without accents, apostrophes or invisible characters; punctuation stays."""
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "")
    decomposed = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text).casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _APOSTROPHES.sub("", bare)


def words(text: str) -> tuple[str, ...]:
    """The words and emoji of a text, folded; three or more of the same letter count as two."""
    return tuple(map(shortened, _WORD.findall(plain(text))))


@lru_cache(_WORDS_KEPT)
def shortened(word: str) -> str:
    """The word with three or more of the same letter as two."""
    return _ELONGATED.sub(r"\1\1", word)


def fold(text: str) -> str:
    """The words of a text with one space between them."""
    return " ".join(words(text))


def squeeze(folded: str) -> str:
    """Every doubled letter once: the same for "stop", "stopp" and "stooop"."""
    return " ".join(map(_squeezed, folded.split(" ")))


@lru_cache(_WORDS_KEPT)
def _squeezed(word: str) -> str:
    return _DOUBLED.sub(r"\1", word)
