"""How hard a text reads, by published formulas for Dutch and English; counting syllables is an approximation.

Dutch: Flesch adapted by W. H. Douma, "De leesbaarheid van landbouwbladen" (1960): 206.84 - 0.93 * words a sentence
- 77 * syllables a word. English: R. Flesch, "A new readability yardstick" (1948): 206.835 - 1.015 and - 84.6.
From 60 up a text is called plain; there is no official bridge to level B1, so that line is our own.
"""

import re

PLAIN_FROM = 60.0
WORDS_NEEDED = 8
"""A formula for running text says nothing about a few words."""

_FACTORS = {"nl": (206.84, 0.93, 77.0), "en": (206.835, 1.015, 84.6)}
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?:]+(?:\s|$)|\n+")
# A vowel with two dots begins a syllable of its own; "ij" is one sound.
_VOWELS = {
    "nl": re.compile(r"[\u00e4\u00eb\u00ef\u00f6\u00fc]?(?:ij|[aeiouy\u00e0-\u00e3\u00e8-\u00ea\u00ec-\u00ee\u00f2-\u00f5\u00f9-\u00fb])+|[\u00e4\u00eb\u00ef\u00f6\u00fc]"),
    "en": re.compile(r"[aeiouy]+"),
}  # fmt: skip # read as rows of a table
_SILENT_E = re.compile(r"[^aeiouyl]e$|[^aeiou]ed$")


def syllables(word: str, language: str) -> int:
    """At least one. Clusters of vowels; in English a silent e at the end does not count."""
    plain = word.casefold()
    count = len(_VOWELS[language].findall(plain))
    if language == "en" and _SILENT_E.search(plain):
        count -= 1
    return max(count, 1)


def ease(text: str, language: str) -> float | None:
    """The reading ease, about 0 (hard) to 100 (easy); None for another language or fewer than eight words."""
    words = _WORD.findall(text)
    if language not in _FACTORS or len(words) < WORDS_NEEDED:
        return None
    sentences = max(1, sum(bool(_WORD.search(part)) for part in _SENTENCE.split(text)))
    base, by_length, by_syllables = _FACTORS[language]
    spoken = sum(syllables(word, language) for word in words)
    return round(base - by_length * len(words) / sentences - by_syllables * spoken / len(words), 1)
