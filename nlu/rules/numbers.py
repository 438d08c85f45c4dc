"""Reads numbers in digits and words, positions ("de tweede") and bands ("35 tot 44"); knows no dates or times."""

import re
from dataclasses import dataclass
from functools import cache

from domain.questionnaire import Choice
from nlu.rules.normalise import plain, words
from nlu.rules.reading import Reading, answer, ask
from nlu.rules.tables import table

_MOST_WORDS = 12
_DIGITS = re.compile(r"(?<![\w.,])-?\d{1,9}(?:[.,]\d{1,4})?(?![\w]|[.,]\d)")
_HALF_SIGN = re.compile(r"(\d?) ?½")
_AND_A_HALF = re.compile(r"(?<![\w.,])(\d{1,6}) (?:en|and) (?:een |a )?hal(?:f|ve)\b")
_OUT_OF = re.compile(r"(\d{1,3}(?:[.,]\d)?)\s*(?:/|van de|uit de|op de|out of|van|uit|op)\s*(10|100|tien)\b")
_BAND = re.compile(r"(\d+)\s*(?:tot en met|t/m|tot|-|–|to|through|until)\s*(\d+)")
_BELOW = re.compile(r"(?:jonger dan|onder de|onder|minder dan|under|younger than|less than|<)\s*(\d+)")
_ABOVE = re.compile(r"(\d+)\s*(?:\+|jaar of ouder|of ouder|of meer|en ouder|or older|or more|and over|plus)")
_LOWEST, _HIGHEST = -1.0, 1e9


@dataclass(frozen=True, slots=True)
class Band:
    """A choice that stands for a range of numbers, both ends included."""

    name: str
    low: float
    high: float


def read_number(text: str, *, low: float | None, high: float | None, whole: bool) -> Reading | None:
    """The number someone gives; several, a broken one where a whole one is needed, are asked back."""
    if len(words(text)) > _MOST_WORDS:
        return None
    found = tuple(dict.fromkeys(number for number in numbers_in(text, highest=high)))
    fits = tuple(
        number for number in found if (low is None or number >= low) and (high is None or number <= high)
    )
    if not fits or len(fits) < len(found):
        return None
    if whole and any(number != int(number) for number in fits):
        around = [side for number in fits for side in (float(int(number)), float(int(number) + 1))]
        return ask(*(as_text(side) for side in around if high is None or side <= high))
    return answer(as_text(fits[0])) if len(fits) == 1 else ask(*map(as_text, fits))


def as_text(number: float) -> str:
    """Digits, without a tail of zeros: "7", "2.5"."""
    return str(int(number)) if number == int(number) else repr(number)


def numbers_in(text: str, highest: float | None = None) -> tuple[float, ...]:
    """Every number said, in order. "7/10" is 7 where ten is the highest."""
    said = _AND_A_HALF.sub(r"\1.5", plain(_HALF_SIGN.sub(_with_half, text)))
    if out_of := _OUT_OF.search(said):
        scale = {"tien": 10.0}.get(out_of[2]) or float(out_of[2])
        if highest == scale:
            return (_value(out_of[1]),)
    digits = tuple(_value(match[0]) for match in _DIGITS.finditer(said))
    return digits or _numbers_in_words(words(text))


def _with_half(match: re.Match[str]) -> str:
    return f"{match[1] or '0'}.5"


def _value(digits: str) -> float:
    return float(digits.replace(",", "."))


def _numbers_in_words(found: tuple[str, ...]) -> tuple[float, ...]:
    numbers: list[float] = []
    half = _halves()
    for place, word in enumerate(found):
        before = found[place - 1] if place else ""
        value = number_word(word, alone=len(found) == 1 or _is_tens(before))
        if value is None and word in half:
            numbers.append(half[word])
        elif value is not None:
            if numbers and _is_tens(before) and value < 10:  # "twenty one"
                numbers[-1] += value
            else:
                numbers.append(value)
        elif word in ("half", "halve") and numbers:
            numbers[-1] += 0.5
    return tuple(numbers)


def _is_tens(word: str) -> bool:
    return word in table("numbers")["en_tens"]


def number_word(word: str, *, alone: bool = True) -> float | None:
    """The value of one number word up to 999 ("zevenendertig", "tweehonderd"); "een" counts only alone."""
    if word in table("numbers")["articles"] and not alone:
        return None
    return _known_words().get(word)


@cache
def _known_words() -> dict[str, float]:
    entry = table("numbers")
    known: dict[str, float] = {word: float(value) for word, value in entry["words"].items()}
    known.update({word: float(value) for word, value in entry["en_tens"].items()})
    for unit, number in entry["nl_units"].items():
        for tens, ten in entry["nl_tens"].items():
            known[f"{unit}en{tens}".replace("eee", "ee")] = float(ten + number)  # as words() folds it
    known.update({word: float(value) for word, value in entry["nl_tens"].items()})
    small = dict(known)
    for unit, number in {"": 1, **entry["nl_units"]}.items():
        known[f"{unit}honderd"] = number * 100.0
        known.update(
            {f"{unit}honderd{word}": number * 100.0 + value for word, value in small.items() if value}
        )
    return known


@cache
def _halves() -> dict[str, float]:
    return {
        f"{unit}{tail}": number + 0.5
        for unit, number in table("numbers")["nl_units"].items()
        for tail in ("enhalf", "eneenhalf", "enhalve")
    } | {"anderhalf": 1.5, "anderhalve": 1.5}


def position_of(found: tuple[str, ...], size: int) -> int | None:
    """The place (from 0) someone points at: "2", "de tweede", "optie 3", "de laatste"; None when beyond `size`."""
    core = [word for word in found if word not in table("numbers")["around_position"]]
    if len(core) != 1:
        return None
    return _place(core[0], size, counting=True)


def positions_in(found: tuple[str, ...], size: int) -> tuple[int, ...]:
    """Every place pointed at in a list: "1 en 3", "de eerste twee", "de laatste en de tweede"; empty when unsure."""
    core = [word for word in found if word not in table("numbers")["around_position"]]
    if len(core) == 2 and core[0] in ("eerste", "first", "laatste", "last"):
        count = number_of(core[1])
        if count is not None and 0 < count <= size:
            return tuple(range(count)) if core[0] in ("eerste", "first") else tuple(range(size - count, size))
    places = [_place(word, size, counting=True) for word in core]
    known = tuple(place for place in places if place is not None)
    return known if known and len(known) == len(places) else ()


def says_position(found: tuple[str, ...]) -> bool:
    """Whether a place in a list is meant ("de tweede", "optie 2"), more than a bare number that may be anything."""
    entry = table("numbers")
    return any(word in entry["ordinals"] or word in entry["position_words"] for word in found)


def number_of(word: str) -> int | None:
    """The whole number that one word says, in digits or letters."""
    value = float(word) if word.isdecimal() and len(word) < 4 else number_word(word)
    return None if value is None else int(value)


def _place(word: str, size: int, *, counting: bool) -> int | None:
    ordinals: dict[str, int] = table("numbers")["ordinals"]
    number = ordinals.get(word)
    if number is None and counting:
        number = number_of(word)
    if number is None or number == 0 or number > size or number < -size:
        return None
    return number - 1 if number > 0 else size + number


def bands_of(choices: tuple[Choice, ...]) -> tuple[Band, ...]:
    """The ranges the choices stand for, when at least half of them are numbers or ranges; else empty."""
    found = [
        band for choice in choices for label in choice.label.values() if (band := _band(choice.name, label))
    ]
    distinct = tuple({band.name: band for band in reversed(found)}.values())
    return distinct if 2 * len(distinct) >= len(choices) and distinct else ()


def _band(name: str, label: str) -> Band | None:
    said = plain(label)
    if match := _BAND.search(said):
        high = float(match[2])
        return Band(name, float(match[1]), high)
    if match := _BELOW.search(said):
        return Band(name, _LOWEST, float(match[1]) - 1)
    if match := _ABOVE.search(said):
        return Band(name, float(match[1]), _HIGHEST)
    return Band(name, float(said), float(said)) if said.strip().isdecimal() and len(said) < 9 else None
