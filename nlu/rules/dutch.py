"""Which words are ordinary Dutch or English, how a Dutch word sounds, and which words were typed as one; knows nothing
of what words mean."""

import gzip
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from math import log

# The lists were counted from subtitles. So many digits of a count leave some 30,000 Dutch words, hardly a slip among them.
_FREQUENT = {"nl": re.compile(rb'"([a-z]+)": (\d{3,})'), "en": re.compile(rb'"([a-z]+)": (\d{4,})')}
# The English list counts four times as many words as the Dutch one, and most of what we read is Dutch.
_WEIGHT = {"nl": 1.0, "en": 0.05}
_COUNTED = 4e8
_LONGEST_PART = 18

# One sound is written in several ways; which one stands for all of them does not matter. The order does. Before each
# stands what must be in a word to be worth the look.
_SOUNDS = (
    ("s", re.compile(r"sch|sg"), "x"),
    ("sj", re.compile(r"sj"), "s"),
    ("ch", re.compile(r"ch"), "g"),
    ("", re.compile(r"ij|ei|ey|y"), "y"),
    ("u", re.compile(r"ouw|auw|ou|au"), "w"),
    ("c", re.compile(r"ck|k|c(?![eiy])"), "k"),
    ("c", re.compile(r"c"), "s"),
    ("qu", re.compile(r"qu"), "kw"),
    ("z", re.compile(r"z"), "s"),
    ("v", re.compile(r"v"), "f"),
    ("th", re.compile(r"th"), "t"),
    ("d", re.compile(r"dt$|d$"), "t"),
    ("b", re.compile(r"b$"), "p"),
    ("ie", re.compile(r"ie"), "i"),
    ("", re.compile(r"([a-z])\1+"), r"\1"),
    ("en", re.compile(r"en$"), "e"),
)


@cache
def ordinary_words() -> frozenset[str]:
    """Words that are no slip of the pen: the frequent ones of Dutch and English, in small letters without accents."""
    return frozenset(how_often())


@cache
def how_often() -> Mapping[str, float]:
    """How often each ordinary word is used, in 400 million words; one of both languages as in the language that uses it
    more."""
    found: dict[str, float] = {}
    for language, weight in _WEIGHT.items():
        for word, count in _frequent(language):
            said = word.decode()
            found[said] = max(found.get(said, 0.0), int(count) * weight)
    return found


def _frequent(language: str) -> list[tuple[bytes, bytes]]:
    packed = files("spellchecker").joinpath("resources", f"{language}.json.gz").read_bytes()
    return _FREQUENT[language].findall(gzip.decompress(packed))


def cost(count: float) -> float:
    """How much a word tells that is used so often in 400 million words: the rarer, the more."""
    return log(_COUNTED / count)


def parts_of(joined: str, costs: Callable[[str], float | None]) -> tuple[tuple[str, ...], float]:
    """The words typed without a space between them, such that their `costs` are least in all (None: no word), and what
    they cost; no words at all when it cannot be done. Few long words cost less than many short ones."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(joined) + 1):
        ways = [
            (best[start][0] + price, start)
            for start in range(max(0, end - _LONGEST_PART), end)
            if best[start][0] < float("inf") and (price := costs(joined[start:end])) is not None
        ]
        best.append(min(ways, default=(float("inf"), 0)))
    total, end, parts = best[-1][0], len(joined), []
    if total == float("inf"):
        return (), total
    while end:
        parts.append(joined[best[end][1] : end])
        end = best[end][1]
    return tuple(reversed(parts)), total


def sound(word: str) -> str:
    """The same for words that sound the same in Dutch: "gespaart" and "gespaard", "drijgt" and "dreigt"."""
    for holds, written, one in _SOUNDS:
        if holds in word:
            word = written.sub(one, word)
    return word
