"""Reads how old somebody is where the choices are bands of ages: a number, a decade, a year of birth, "boven de 65"."""

import re
from datetime import datetime

from domain.questionnaire import Choice
from nlu.rules.normalise import plain, words
from nlu.rules.numbers import Band, number_word, numbers_in, since_corrected
from nlu.rules.reading import Reading, answer, ask
from nlu.rules.tables import table

OLDEST = 115
_MOST_WORDS = 14
_SURELY_NO_CHILD_TYPES = 8
"""A bare number below this is rather a button counted, a mark or a slip than somebody's age."""
_OF_AGES = re.compile(r"\b(?:jaar|jonger|ouder|jong|oud|years?|younger|older|young|old|leeftijd|age)\b")
_YEAR = re.compile(r"\b(19\d\d|20\d\d)\b")
_SHORT_YEAR = re.compile(
    r"\b(?:bouwjaar|geboren in|geboortejaar|geboren|ik ben van|k ben van|ben van|born in|i m from) ?(\d\d)\b(?! ?(?:jaar|jr))"
)
_TENS = {
    "twintig": 20, "dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "zeventig": 70, "tachtig": 80, "negentig": 90,
    "twinteg": 20, "dertieg": 30, "viertig": 40, "fiertig": 40, "viefteg": 50, "viefentig": 50, "zesteg": 60, "tachteg": 80,
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90,
}  # fmt: skip  # one line for each language reads better
_DECADE = re.compile(
    r"\b(?:(begin|vroeg|mid(?:den|)|halverwege|half|eind(?:e)?|diep|dik|ver|goed|ruim|early|mid|late)(?: in)? )?"
    rf"(?:(?:in|de|mijn|mn|my|the|her) )+({'|'.join(_TENS)}|\d0s|\d0)\b"
    rf"|\b(begin|vroeg|midden|mid|halverwege|eind|einde|early|late) ({'|'.join(_TENS)}|\d0s?)\b"
)
_DECADE_PERSON = re.compile(
    r"\b(twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig|[2-9]0)(?:er|ers)\b"
)
_PARTS = {
    "begin": (0, 3), "vroeg": (0, 3), "early": (0, 3), "mid": (4, 6), "midden": (4, 6), "halverwege": (4, 6), "half": (4, 6),
    "eind": (7, 9), "einde": (7, 9), "late": (7, 9), "diep": (5, 9), "dik": (5, 9), "ver": (5, 9), "goed": (3, 9),
    "ruim": (1, 9),
}  # fmt: skip  # a table of pairs
_OVER = re.compile(
    r"\b(?:boven de|over de|ouder dan|ver over de|ruim over de|over|older than|past)\b|plusser|\+"
)
_UNDER = re.compile(r"\b(?:onder de|jonger dan|nog geen|younger than|under|not yet)\b")
_NEARLY = re.compile(
    r"\b(?:bijna|haast|bekans|bekaans|net geen|tegen de|tegen|word|wordt|almost|nearly|turning)\b"
)
_LASTS = re.compile(r"\b(?:al|sinds|since|for) (?!.*\b(?:oud|old)\b).*\b(?:jaar|jr|years)\b")
_ABOUT = re.compile(
    r"\b(?:rond|ongeveer|zoiets|een jaar of|n jaar of|circa|ca|about|around|roughly|something like)\b"
)


def are_ages(choices: tuple[Choice, ...], bands: tuple[Band, ...]) -> bool:
    """Whether the bands are of ages: it says so, and they reach from young to old."""
    said = " ".join(plain(label) for choice in choices for label in choice.label.values())
    return bool(bands) and _OF_AGES.search(said) is not None and max(band.low for band in bands) >= 50


def read_age(text: str, bands: tuple[Band, ...], now: datetime | None) -> Reading | None:
    """The band somebody's age lies in; asked back where it may be two, and where a child's age may be a slip: who is too
    young is led out. `now` (UTC) tells the age of who gives a year of birth; without it that is no age."""
    said = since_corrected(plain(text))
    found = words(said)
    if not found or len(found) > _MOST_WORDS:
        return None
    span = _span(said, now)
    if span is None:
        return None
    names = _bands_between(bands, *span)
    if not names:
        return None
    # "Al 10 jaar" and "ik woon hier 10 jaar" hold a number that answers another question.
    if len(names) > 1 or _LASTS.search(said) or not all(_goes_with_age(word) for word in found):
        return ask(*names)
    lowest = min(bands, key=lambda band: band.low)
    is_bare = all(word.isdigit() or number_word(word) is not None for word in found)
    is_slip = names == (lowest.name,) and is_bare and span[1] < _SURELY_NO_CHILD_TYPES
    return ask(*names) if is_slip else answer(names[0], 0.95)


def _span(said: str, now: datetime | None) -> tuple[float, float] | None:
    """The youngest and oldest age that is meant."""
    if born := _born(said):
        return None if now is None else (now.year - born - 1, now.year - born)
    if decade := _decade(said):
        return decade
    ages = [number for number in numbers_in(said) if 0 <= number <= OLDEST]
    if not ages:
        return None
    low, high = min(ages), max(ages)
    if _OVER.search(said):
        return high, OLDEST
    if _UNDER.search(said):
        return 0, low - 1
    if _NEARLY.search(said):
        return low - 1, high
    return (low - 1, high + 1) if _ABOUT.search(said) else (low, high)


def _born(said: str) -> int | None:
    if match := _YEAR.search(said):
        return int(match[1])
    match = _SHORT_YEAR.search(said)
    return None if match is None else 1900 + int(match[1])


def _decade(said: str) -> tuple[float, float] | None:
    if match := _DECADE_PERSON.search(said):
        tens = _tens(match[1])
        return tens, tens + 9
    match = _DECADE.search(said)
    if match is None or _OVER.search(said) or _UNDER.search(said) or _NEARLY.search(said):
        return None
    if match[1] is None and match[3] is None and not match[0].startswith(("in ", "de in ")):
        return None
    tens = _tens(match[2] or match[4])
    low, high = _PARTS.get(match[1] or match[3] or "", (0, 9))
    return tens + low, tens + high


def _tens(word: str) -> int:
    return _TENS.get(word) or int(word.rstrip("s"))


def _bands_between(bands: tuple[Band, ...], low: float, high: float) -> tuple[str, ...]:
    from_young_to_old = sorted(bands, key=lambda band: band.low)
    return tuple(band.name for band in from_young_to_old if band.low <= high and low <= band.high)


def _goes_with_age(word: str) -> bool:
    return (
        word.rstrip("s").isdigit()
        or number_word(word) is not None
        or word in _TENS
        or word.removesuffix("s").removesuffix("er") in _TENS
        or word.removesuffix("s").removesuffix("er").isdigit()
        or word in table("numbers")["around_band"]
        or word in table("numbers")["around_age"]
    )
