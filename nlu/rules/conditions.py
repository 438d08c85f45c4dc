"""Hears that a yes or a no depends on something ("ja, mits anoniem"): then it is neither, and is put back."""

from functools import cache

from domain.questionnaire import Choice, Meaning
from nlu.rules.grades import grade_of, read_grade
from nlu.rules.labels import Words
from nlu.rules.normalise import words
from nlu.rules.phrases import load_phrases
from nlu.rules.reading import Reading, ask
from nlu.rules.tables import table

_IN_BETWEEN = frozenset({"mixed", "sometimes", "middling", "later"})
_WITHOUT_NOTHING = (("meer",), ("twijfel",), ("probleem",), ("problemen",), ("doubt",), ("problem",))
_OTHERS = (Meaning.SOMEWHAT, Meaning.NEUTRAL, Meaning.YES, Meaning.NO)


def core_of(found: Words) -> Words | None:
    """The words before the condition where a yes, a no or nothing stands before it; None where nothing depends."""
    for place, word in enumerate(found):
        if _is_condition(found, place):
            core = found[:place]
            return core if _is_yes_or_no(core, word) else None
    if len(found) > 1 and found[0] in _entry("yes_or_no") and _takes_back(found):
        return found[:1]
    return None


def read_conditional(found: Words, choices: tuple[Choice, ...], core: Words) -> Reading | None:
    """The choices that a conditional yes or no may mean, likeliest first; None where the choices say no yes or no,
    or where one of them holds the condition itself."""
    labels = [words(label) for choice in choices for label in choice.label.values()]
    said = {word for word in found if word in _entry("condition") or word in _entry("but")}
    if any(not said.isdisjoint(label) for label in labels if said):
        return None
    others = [choice.name for meaning in _OTHERS for choice in choices if choice.meaning is meaning]
    others += [
        choice.name for choice in choices if choice.name not in others and _opens_with_yes_or_no(choice)
    ]
    if not others:
        return None
    between = load_phrases("grades").exact.get(" ".join(found))
    if between in _IN_BETWEEN and (reading := read_grade(between, choices)):
        return reading
    grade = grade_of(" ".join(core)) if core else None
    first = read_grade(grade, choices) if grade else None
    return ask(*(first.values if first else ()), *others)


def _is_condition(found: Words, place: int) -> bool:
    word = found[place]
    if word in _entry("condition"):
        return word not in ("zonder", "without") or found[place + 1 : place + 2] not in _WITHOUT_NOTHING
    if word not in _entry("but"):
        return False
    before = found[place - 1] if place else ""
    after = found[place + 1 : place + 3]
    return before not in _entry("but_particle_after") and _entry("but_no_condition").isdisjoint(after)


def _is_yes_or_no(core: Words, condition: str) -> bool:
    if not core:
        return condition in _entry("condition") and condition not in ("als", "when", "wanneer", "if")
    return core[0] in _entry("yes_or_no") or grade_of(" ".join(core)) is not None


def _takes_back(found: Words) -> bool:
    """ "Ja, toch niet" and "nee, toch wel" say two things."""
    first, rest = found[0], found[1:]
    is_yes = first[0] in "jy"
    if is_yes:
        return "toch" in rest and "niet" in rest
    return "wel" in rest and {"dank", "dankje", "bedankt"}.isdisjoint(rest)


def _opens_with_yes_or_no(choice: Choice) -> bool:
    return any(said and said[0] in _entry("yes_or_no") for said in map(words, choice.label.values()))


@cache
def _entry(name: str) -> frozenset[str]:
    return frozenset(table("choices")[name])
