"""Reads how much someone agrees, from "van geen kant" to "nou en of", against the meanings of the choices at hand."""

import re

from domain.questionnaire import Choice, Meaning
from nlu.rules.leanings import in_plain_forms, is_about_else, is_bare_word, is_unsure, leaning_of, willing_of
from nlu.rules.normalise import fold
from nlu.rules.phrases import load_phrases
from nlu.rules.reading import Reading, one_of

_AS, _A, _N = Meaning.AGREE_STRONGLY, Meaning.AGREE, Meaning.NEUTRAL
_D, _DS = Meaning.DISAGREE, Meaning.DISAGREE_STRONGLY
_YES, _SOME, _NO, _LATER = Meaning.YES, Meaning.SOMEWHAT, Meaning.NO, Meaning.LATER

# What a grade may mean on each kind of scale. One that the choices offer is an answer; more are asked back.
_AGREEMENT: dict[str, tuple[Meaning, ...]] = {
    "yes_strong": (_AS,),
    "yes": (_A,),
    "mostly": (_A,),
    "middling": (_N,),
    "sometimes": (_N, _A),
    "mixed": (_N, _A, _D),
    "shrug": (_N, _D),
    "hardly": (_D,),
    "no": (_D,),
    "no_strong": (_DS,),
    "later": (),
    "fine": (),
    "declines": (),
    "enough": (),
}
_THREE: dict[str, tuple[Meaning, ...]] = {
    "yes_strong": (_YES,),
    "yes": (_YES,),
    "fine": (_YES,),
    "mostly": (_YES, _SOME),
    "middling": (_SOME,),
    "sometimes": (_SOME,),
    "mixed": (_SOME, _YES, _NO),
    "shrug": (_SOME,),
    "hardly": (_SOME, _NO),
    "no": (_NO,),
    "no_strong": (_NO,),
    "declines": (_NO,),
    "later": (_LATER,),
    "enough": (),
}
_TWO: dict[str, tuple[Meaning, ...]] = _THREE | {
    "mostly": (_YES,),
    "middling": (_YES, _NO),
    "sometimes": (_YES, _NO),
    "mixed": (_YES, _NO),
    "shrug": (_YES, _NO),
    "hardly": (_NO,),
    "enough": (_NO,),
}
# Where a scale lacks a meaning, the next best; two of them are asked back.
_INSTEAD: dict[Meaning, tuple[Meaning, ...]] = {
    _AS: (_A,),
    _DS: (_D,),
    _A: (_AS,),
    _D: (_DS,),
    _N: (_A, _D),
}
_CLAUSE = re.compile(r"\s*[,.;:!(\n\u2013\u2014]+\s*|\s+-+\s+")
_WHOLE = re.compile(
    r"(?:(?:ja|nee|nou|ik|ben|het|er|daar|hier) ){0,5}(?:helemaal|totaal|absoluut|volledig|volkomen|compleet|echt) (?:niet )?(?:mee )?(?:eens|oneens)\b"
)
_MOST_IN_STORY = 14
# What takes back, bounds or turns round what was said before it.
_TURNS = re.compile(
    r"\b(?:maar|but|al|alhoewel|hoewel|though|although|behalve|except|soms|sometimes|meestal|mostly|vroeger|used to|was|tenzij|unless"
    r"|mits|als|if|alleen|only|misschien|maybe|eigenlijk|actually|toch|juist|grapje|geintje|kidding|not|bedoel|mean|zei|said|ik ben (?:de|het|zijn|haar)|nooit meer|niet meer|nou ja|of|or)\b|\d"
)
_TURNS_YES = re.compile(
    r"\b(?:niet|geen|nooit|niks|nee|no|never|none|nobody|niemand|oneens|weinig|jammer|minder)\b"
)
_TURNS_NO = re.compile(r"\b(?:wel|ja|yes|eens|prima|graag|fijn|goed|good|klopt|akkoord)\b")
# "Niet helemaal mee eens": somewhat against, or nearly for?
_NOT_WHOLLY = re.compile(
    r"\b(?:niet|nie|neet|not) (?:helemaal|hielemaol|volledig|geheel|compleet|volkomen|honderd procent|100|completely|entirely|fully|totally|quite)\b"
)
_PLAIN = {_YES: "yes", _NO: "no", _LATER: "later"}


def grade_of(folded: str) -> str | None:
    """The grade a whole text expresses ("yes_strong" .. "no_strong", "mixed", "shrug", "fine", "declines", "later", "enough"), or None."""
    if is_unsure(folded):
        return None
    grades = load_phrases("grades")
    exact = grades.find_exact(folded)
    if exact or load_phrases("commands").find_exact(folded) or load_phrases("social").find_exact(folded):
        return "shrug" if exact == "hardly" and _NOT_WHOLLY.search(folded) else exact
    if found := grades.find_misspelt(folded) or leaning_of(folded):
        return "shrug" if found == "hardly" and _NOT_WHOLLY.search(folded) else found
    plain = in_plain_forms(folded)
    if plain == folded or load_phrases("commands").find_exact(plain):
        return willing_of(folded)
    return grades.find_exact(plain) or leaning_of(plain) or willing_of(folded) or willing_of(plain)


def grade_of_opening(text: str) -> str | None:
    """The grade of how a text begins where a story follows that leaves it as it is: "helemaal niet, ken hier geen hond". A
    bare "ja" or "nee" before a story says too little of how much."""
    said, story = _opening_and_story(text)
    if (
        not story
        or "?" in text
        or len(story.split()) > _MOST_IN_STORY
        or _TURNS.search(story)
        or _is_not_said(fold(text))
    ):
        return None
    grade = grade_of(said) if _says_how_much(said) else None
    if grade not in _FOR_YES | _FOR_NO:
        return None
    turns, alike = (_TURNS_YES, "fine") if grade in _FOR_YES else (_TURNS_NO, "declines")
    if grade_of(story) not in (None, grade, alike):
        return None
    return None if turns.search(story) else grade


_FOR_YES = frozenset({"yes_strong", "yes", "mostly"})
_FOR_NO = frozenset({"no_strong", "no", "hardly"})


def _is_not_said(folded: str) -> bool:
    return is_unsure(folded) or is_about_else(folded)


def _opening_and_story(text: str) -> tuple[str, str]:
    """Before and after the first stop, or after the words that agree as a whole: "totaal niet mee eens hier groet niemand"."""
    whole = in_plain_forms(fold(text))
    if opening := _WHOLE.match(whole):
        return opening[0], whole[opening.end() :].strip()
    head, *rest = _CLAUSE.split(text.strip(), maxsplit=1)
    return fold(head), in_plain_forms(fold(" ".join(rest)))


def _says_how_much(said: str) -> bool:
    return not all(is_bare_word(word) for word in said.split())


def read_yes_no(grade: str) -> Reading | None:
    """For a yes-no question without choices of its own: "yes", "no" or "later"."""
    return one_of(tuple(_PLAIN[meaning] for meaning in _TWO[grade]))


def read_grade(grade: str, choices: tuple[Choice, ...]) -> Reading | None:
    """The choice that says this much, against the meanings these choices have; None when they have none."""
    names: dict[Meaning, tuple[str, ...]] = {}
    for choice in choices:
        if choice.meaning is not None:
            names[choice.meaning] = (*names.get(choice.meaning, ()), choice.name)
    if not names:
        return None
    wanted = _wanted(grade, names)
    return one_of(tuple(name for meaning in wanted for name in names.get(meaning, ())))


def _wanted(grade: str, names: dict[Meaning, tuple[str, ...]]) -> tuple[Meaning, ...]:
    if names.keys() & {_AS, _A, _D, _DS}:
        return tuple(other for meaning in _AGREEMENT[grade] for other in _or_instead(meaning, names))
    return (_THREE if _SOME in names else _TWO)[grade]


def _or_instead(meaning: Meaning, names: dict[Meaning, tuple[str, ...]]) -> tuple[Meaning, ...]:
    return (meaning,) if meaning in names else _INSTEAD.get(meaning, ())
