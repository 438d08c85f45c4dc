"""Reads which choice, or which choices, someone means: by words, meaning, position or number."""

import re
from datetime import datetime
from functools import cache

from domain.questionnaire import Choice, Meaning
from nlu.rules import labels as by_label
from nlu.rules.ages import are_ages, read_age
from nlu.rules.conditions import core_of, read_conditional
from nlu.rules.grades import grade_of, grade_of_opening, read_grade
from nlu.rules.labels import Label, Words, labels_of
from nlu.rules.leanings import leans_nowhere, willing_of
from nlu.rules.normalise import words
from nlu.rules.numbers import (
    Band,
    bands_of,
    number_of,
    number_word,
    numbers_in,
    position_of,
    positions_in,
    says_position,
)
from nlu.rules.phrases import bare_shapes, load_phrases
from nlu.rules.reading import Reading, answer, ask, one_of
from nlu.rules.tables import table

_MOST_WORDS = 14
_ALL_BUT = re.compile(
    r"(?:ik kies |kies |doe )?(?:alles|alle|allemaal|all|everything|anything|alle opties|alle vier|alle drie)(?: maar| wel| ze)? "
    r"(?:behalve|uitgezonderd|except|but|zonder)(?: voor| for)? (.{1,60})"
)
_AGREEMENT = frozenset({Meaning.AGREE_STRONGLY, Meaning.AGREE, Meaning.DISAGREE, Meaning.DISAGREE_STRONGLY})
_PARTS = re.compile(r"\s*(?:[,;/+&\n]|\ben\b|\band\b|\book\b|\bplus\b)\s*", re.IGNORECASE)


def read_choice(text: str, choices: tuple[Choice, ...], now: datetime | None = None) -> Reading | None:
    """The one choice this text means; several candidates are asked back; None when nothing fits. `now` (UTC) tells the age
    of who gives a year of birth."""
    found = words(text)
    if not found or not choices:
        return None
    labels = labels_of(choices)
    shapes = tuple(bare_shapes(" ".join(found)))
    if said := one_of(by_label.exact(labels, shapes[0])):
        return said
    if later := _put_off(shapes[0], choices):
        return later
    core = core_of(found)
    is_conditional = core is not None and not _says_strongly(shapes[0])
    if core is not None and is_conditional and (conditional := read_conditional(found, choices, core)):
        return conditional
    for shape in shapes[1:]:
        if said := one_of(by_label.exact(labels, shape)):
            return said
    return (
        _by_meaning(shapes[0], choices)
        or _by_opening(text, choices)
        or _by_number(text, found, choices, now)
        or _by_words(shapes, found, labels, choices)
    )


def read_choices(text: str, choices: tuple[Choice, ...]) -> Reading | None:
    """One or more choices, their names joined by a space in the order shown."""
    found = words(text)
    if not found or not choices:
        return None
    labels = labels_of(choices)
    if either := _either_of(labels, found, choices):
        return either
    if all_but := _all_but(" ".join(found), choices):
        return all_but
    if chosen := _joined(labels, found):
        return answer(_in_order(chosen, choices))
    if counted := _counted(found, choices):
        return answer(_in_order(counted, choices)) if _is_plain(found) else ask(*counted)
    parts = [part for part in _PARTS.split(text) if part.strip()]
    if len(parts) > 1:
        return _all_parts(parts, choices)
    return read_choice(text, choices)


def _either_of(labels: tuple[Label, ...], found: Words, choices: tuple[Choice, ...]) -> Reading | None:
    """ "Hond of kat" is one of them, not both; None where nothing stands beside an "of"."""
    names, rest = by_label.contained(labels, found)
    if not _either(rest):
        return None
    if not names and not bands_of(choices):
        pointed = tuple(word for word in found if word not in ("of", "or"))
        names = tuple(choices[place].name for place in positions_in(pointed, len(choices)))
    return ask(*names) if len(names) > 1 else None


def _all_but(said: str, choices: tuple[Choice, ...]) -> Reading | None:
    """ "Alles behalve de tweede": the others; asked back where what is left out is not sure."""
    match = _ALL_BUT.fullmatch(said)
    left_out = read_choices(match[1], choices) if match else None
    if left_out is None:
        return None
    out = {name for value in left_out.values for name in value.split()}
    names = tuple(each.name for each in choices if each.name not in out and not _is_none_of_these(each))
    if not names:
        return None
    return answer(_in_order(names, choices), 0.95) if left_out.is_answer else ask(_in_order(names, choices))


def _all_parts(parts: list[str], choices: tuple[Choice, ...]) -> Reading | None:
    readings = [read_choice(part, choices) for part in parts]
    understood = tuple(reading.values[0] for reading in readings if reading and reading.is_answer)
    if len(understood) == len(parts):
        return answer(_in_order(understood, choices), 0.95)
    return ask(_in_order(understood, choices)) if understood else None


def _in_order(names: tuple[str, ...], choices: tuple[Choice, ...]) -> str:
    return " ".join(choice.name for choice in choices if choice.name in names)


def _counted(found: Words, choices: tuple[Choice, ...]) -> tuple[str, ...]:
    """ "Allemaal", "de eerste twee", "1 en 3" where choices are not numbers themselves."""
    said = " ".join(found)
    real = tuple(choice for choice in choices if not _is_none_of_these(choice))
    if said in _entry("all") or re.fullmatch(
        r"(ze |alle |all |het )?(allemaal|alle \w+|all \w+|alles|all of them)", said
    ):
        return () if _counts_otherwise(found, len(real)) else tuple(choice.name for choice in real)
    if bands_of(choices):
        return ()
    positions = positions_in(found, len(choices))
    return tuple(choices[position].name for position in positions)


def _is_plain(found: Words) -> bool:
    """Whether it is clear that places in the list are meant: the buttons have no numbers, so "1 en 3" is asked back."""
    return says_position(found) or found[0] in ("alle", "all") or not any(map(number_of, found))


def _counts_otherwise(found: Words, size: int) -> bool:
    """Whether "allebei" or "alle drie" is said of another number of choices: then nobody knows which."""
    said = 2 if not _entry("both").isdisjoint(found) else number_of(found[-1])
    return said is not None and said != size


def _is_none_of_these(choice: Choice) -> bool:
    return any(
        said and said[0] in ("geen", "none", "niets", "nothing") for said in map(words, choice.label.values())
    )


def _joined(labels: tuple[Label, ...], found: Words) -> tuple[str, ...]:
    names, rest = by_label.contained(labels, found)
    return names if names and all(word in _entry("around") for word in rest) else ()


def _says_strongly(folded: str) -> bool:
    """ "Klopt als een bus" and "niet eens maar ook niet oneens" hold no condition."""
    return load_phrases("grades").find_exact(folded) in ("yes_strong", "no_strong", "middling")


def _put_off(folded: str, choices: tuple[Choice, ...]) -> Reading | None:
    """ "Bel me morgen maar terug" is no condition where "later" is a choice."""
    names = tuple(choice.name for choice in choices if choice.meaning is Meaning.LATER)
    return answer(names[0], 0.9) if len(names) == 1 and willing_of(folded) == "later" else None


def _by_meaning(folded: str, choices: tuple[Choice, ...]) -> Reading | None:
    grade = grade_of(folded)
    return read_grade(grade, choices) if grade else None


def _by_opening(text: str, choices: tuple[Choice, ...]) -> Reading | None:
    grade = grade_of_opening(text) if _is_agreement(choices) else None
    return read_grade(grade, choices) if grade else None


def _by_number(text: str, found: Words, choices: tuple[Choice, ...], now: datetime | None) -> Reading | None:
    bands = bands_of(choices)
    position = position_of(found, len(choices))
    if bands:
        reading = read_age(text, bands, now) if are_ages(choices, bands) else _in_bands(text, found, bands)
        lowest = min(bands, key=lambda band: band.low)
        # "4" below "jonger dan 16": a child of four, or the fourth button? Who is too young is sent away.
        is_lowest = reading is not None and len(found) == 1 and reading.values == (lowest.name,)
        if is_lowest and position is not None:
            pointed = choices[position].name
            return answer(pointed, 0.95) if pointed == lowest.name else ask(lowest.name, pointed)
        return reading
    if position is None:
        return None
    name = choices[position].name
    if says_position(found):
        return answer(name, 0.95)
    # Is a "4" of five the fourth button, or much? The middle is the middle either way.
    return one_of((name, _opposite(name, choices)), 0.95) if _is_agreement(choices) else ask(name)


def _in_bands(text: str, found: Words, bands: tuple[Band, ...]) -> Reading | None:
    if len(found) > _MOST_WORDS:
        return None
    hits = tuple(
        band.name for number in numbers_in(text) for band in bands if band.low <= number <= band.high
    )
    # "Ik woon hier al 10 jaar" holds a number that answers another question: then ask, never take it.
    return one_of(hits, 0.95) if all(_goes_with_number(word) for word in found) else ask(*dict.fromkeys(hits))


def _goes_with_number(word: str) -> bool:
    return word.isdigit() or number_word(word) is not None or word in table("numbers")["around_band"]


def _by_words(
    shapes: tuple[str, ...], found: Words, labels: tuple[Label, ...], choices: tuple[Choice, ...]
) -> Reading | None:
    names, rest = by_label.contained(labels, found) if len(found) <= _MOST_WORDS else ((), ())
    if names:
        names = tuple(dict.fromkeys((*names, *by_label.hinted(labels, rest)))) if _either(rest) else names
        names = (*names, *_longer(labels, names[0], rest)) if len(names) == 1 else names
        unsure = len(names) > 1 or any(word in _entry("negation") for word in rest)
        if _is_agreement(choices):
            if len(names) == 1 and any(word in _entry("negation") for word in rest):
                return ask(_opposite(names[0], choices), *names)
            # "gruwelijk mee eens": how much, nobody knows
            unsure = unsure or not all(map(leans_nowhere, rest))
        return ask(*names) if unsure else answer(names[0], 0.9)
    for shape in shapes:
        begins = by_label.beginning_with(labels, tuple(shape.split()))
        if begins:
            return one_of(begins, 0.9)
        if part := by_label.inside(labels, tuple(shape.split())):
            return one_of(part, 0.9)
        if near := by_label.misspelt(labels, shape):
            return one_of(near, 0.85)
    hints = by_label.hinted(labels, found) if len(found) <= _MOST_WORDS else ()
    return ask(*hints) if hints else None


def _is_agreement(choices: tuple[Choice, ...]) -> bool:
    return any(choice.meaning in _AGREEMENT for choice in choices)


def _opposite(name: str, choices: tuple[Choice, ...]) -> str:
    """The choice on the other side of the middle: what a "niet" beside this one may mean."""
    names = [choice.name for choice in choices]
    return names[-1 - names.index(name)]


def _longer(labels: tuple[Label, ...], name: str, rest: Words) -> tuple[str, ...]:
    """Choices whose label holds the one that was said and something more, beside a word that may be that: "ouwe Caberg"
    where there is a Caberg and an Oud-Caberg."""
    said = {label.said for label in labels if label.name == name}
    found = [
        label.name
        for label in labels
        for short in said
        if label.name != name and len(label.said) > len(short) and label.said[-len(short) :] == short
        if any(word[:2] == label.said[0][:2] for word in rest)
    ]
    return tuple(dict.fromkeys(found))


def _either(rest: Words) -> bool:
    """Whether two things were offered ("thuis of buiten")."""
    return "of" in rest or "or" in rest


@cache
def _entry(name: str) -> frozenset[str]:
    return frozenset(table("choices")[name])
