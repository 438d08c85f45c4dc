"""Which words are ordinary Dutch or English, and how a Dutch word sounds; knows nothing of what words mean."""

import gzip
import re
from functools import cache
from importlib.resources import files

# The lists were counted from subtitles. So many digits of a count leave some 30,000 Dutch words, hardly a slip among them.
_FREQUENT = {"nl": re.compile(rb'"([a-z]+)": \d{3,}'), "en": re.compile(rb'"([a-z]+)": \d{4,}')}

# One sound is written in several ways; which one stands for all of them does not matter. The order does.
_SOUNDS = (
    (re.compile(r"sch|sg"), "x"),
    (re.compile(r"sj"), "s"),
    (re.compile(r"ch"), "g"),
    (re.compile(r"ij|ei|ey|y"), "y"),
    (re.compile(r"ouw|auw|ou|au"), "w"),
    (re.compile(r"ck|k|c(?![eiy])"), "k"),
    (re.compile(r"c"), "s"),
    (re.compile(r"qu"), "kw"),
    (re.compile(r"z"), "s"),
    (re.compile(r"v"), "f"),
    (re.compile(r"th"), "t"),
    (re.compile(r"dt$|d$"), "t"),
    (re.compile(r"b$"), "p"),
    (re.compile(r"ie"), "i"),
    (re.compile(r"([a-z])\1+"), r"\1"),
    (re.compile(r"en$"), "e"),
)


@cache
def ordinary_words() -> frozenset[str]:
    """Words that are no slip of the pen: the frequent ones of Dutch and English, in small letters without accents."""
    return frozenset(word.decode() for language in _FREQUENT for word in _frequent(language))


def _frequent(language: str) -> list[bytes]:
    packed = files("spellchecker").joinpath("resources", f"{language}.json.gz").read_bytes()
    return _FREQUENT[language].findall(gzip.decompress(packed))


def sound(word: str) -> str:
    """The same for words that sound the same in Dutch: "gespaart" and "gespaard", "drijgt" and "dreigt"."""
    for written, one in _SOUNDS:
        word = written.sub(one, word)
    return word
