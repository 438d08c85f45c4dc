"""What may leave in an export: the default carries nothing that says who somebody is, and only words that may be quoted;
which words lead to people is looked for elsewhere."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto

from domain.answer import AnswerStatus
from domain.questionnaire import BIRTH_KINDS, Choice, Personal, Question, QuestionKind, Questionnaire
from storage.codebook import WITHHELD
from storage.export_rows import Said

_ANSWERED = AnswerStatus.ANSWERED.value
MAY_QUOTE = "may_quote"
"""A question with this name, answered with "yes", allows the words beside it (in its group, of one instance) to be quoted."""

_WORDS = frozenset({QuestionKind.TEXT, QuestionKind.AUDIO, QuestionKind.IMAGE})
_AGE_NAME = re.compile(r"(?:^|_)(?:age|leeftijd|birth\w*|born|geboorte\w*|geboren|dob)(?:_|$)", re.I)
_AGE_WORDS = re.compile(
    r"\b(?:leeftijd\w*|hoe oud|(?:jaar|jaren) oud|geboren|geboorte\w*|verjaar\w*|age|how old|years old|birth\w*|born)\b",
    re.I,
)
_FIRST_YEAR = 1850
_INSTANCE = re.compile(r"\[\d+\]")

AGE_BANDS = (
    Choice("under_16", {"nl": "Jonger dan 16", "en": "Under 16"}),
    Choice("16_29", {"nl": "16 tot en met 29", "en": "16 to 29"}),
    Choice("30_44", {"nl": "30 tot en met 44", "en": "30 to 44"}),
    Choice("45_64", {"nl": "45 tot en met 64", "en": "45 to 64"}),
    Choice("65_79", {"nl": "65 tot en met 79", "en": "65 to 79"}),
    Choice("80_plus", {"nl": "80 of ouder", "en": "80 or older"}),
)
"""Those that the starter questionnaire asks for."""
_BAND_BEGINS = (0, 16, 30, 45, 65, 80)


@dataclass(frozen=True, slots=True)
class Door:
    """`personal`: with pseudonyms that can be traced in the database, exact ages and wishes for a talk. `open_answers`: with
    the words of people who did not agree to be quoted. Names and ways to reach people leave through neither."""

    personal: bool = False
    open_answers: bool = False


EVERYTHING = Door(personal=True, open_answers=True)


class Treatment(Enum):
    AS_IT_IS = auto()
    WORDS = auto()  # only what may be quoted
    AGE = auto()  # as a band
    KEEP_BACK = auto()
    LEAVE_OUT = auto()  # not even a column


def treat(door: Door, question: Question, derived: frozenset[Treatment] | None) -> Treatment:
    """How a question goes through this door. `derived` is how those go that a calculation works with; None when nobody
    knows, and then it is kept back."""
    is_place_or_wish = question.wish or question.kind is QuestionKind.GEOPOINT
    if (is_place_or_wish or question.personal is Personal.IDENTIFYING) and not door.personal:
        return Treatment.LEAVE_OUT
    if is_place_or_wish:
        return Treatment.AS_IT_IS
    if question.kind in _WORDS:
        return Treatment.AS_IT_IS if door.open_answers else Treatment.WORDS
    if is_age(question):
        return Treatment.AS_IT_IS if door.personal else Treatment.AGE
    if question.kind is QuestionKind.CALCULATE:
        is_open = door == EVERYTHING if derived is None else derived <= {Treatment.AS_IT_IS}
        return Treatment.AS_IT_IS if is_open else Treatment.KEEP_BACK
    return Treatment.AS_IT_IS


def is_words(question: Question) -> bool:
    return question.kind in _WORDS


def is_age(question: Question) -> bool:
    """An exact age, or a day or year of birth: as the form marks it, else by the question's name and words. Rather a number
    too many in bands than an age that leaves; the form can say that it is none."""
    if question.personal is not None or question.kind not in BIRTH_KINDS:
        return question.personal is Personal.AGE
    words = (*question.label.values(), *question.hint.values())
    return _AGE_NAME.search(question.name) is not None or any(_AGE_WORDS.search(each) for each in words)


def treatments(
    door: Door, questionnaire: Questionnaire, derived: Mapping[str, frozenset[str]]
) -> dict[str, Treatment]:
    """How every question goes through, by path. `derived` says which questions a calculation comes from in the end."""
    found = {each.path: treat(door, each, frozenset()) for each in questionnaire.questions}
    for each in questionnaire.questions:
        if each.kind is QuestionKind.CALCULATE:
            sources = derived.get(each.path)
            known = None if sources is None else frozenset(found[path] for path in sources if path in found)
            found[each.path] = treat(door, each, known)
    return found


def seen_through(questionnaire: Questionnaire, how: Mapping[str, Treatment]) -> Questionnaire:
    """The questionnaire as an export tells of it: without what is left out, an age as a choice of bands."""
    questions = (
        replace(each, kind=QuestionKind.SELECT_ONE, choices=AGE_BANDS)
        if how[each.path] is Treatment.AGE
        else each
        for each in questionnaire.questions
        if how[each.path] is not Treatment.LEAVE_OUT
    )
    return replace(questionnaire, questions=tuple(questions))


def through(
    how: Treatment, path: str, said: Said, others: Mapping[str, Said], *, may_quote: bool, at: datetime
) -> Said | None:
    """One answer as it may leave; None when nothing of it may. `others` are all of the response, `at` is when it began."""
    if how is Treatment.LEAVE_OUT:
        return None
    if how is Treatment.AS_IT_IS or said.status != _ANSWERED:
        return said
    if how is Treatment.WORDS and (may_quote or _may_quote_beside(path, others)):
        return said
    if how is Treatment.AGE and (band := age_band(said.value, at)):
        return said._replace(value=band)
    return kept_back(said)


def kept_back(said: Said) -> Said:
    """That there was an answer, without it."""
    return said._replace(status=WITHHELD, value="") if said.status == _ANSWERED else said


def _may_quote_beside(path: str, others: Mapping[str, Said]) -> bool:
    group, slash, _ = path.rpartition("/")
    asked = others.get(f"{group}{slash}{MAY_QUOTE}")
    return asked is not None and asked[:2] == (_ANSWERED, "yes")


def age_band(value: str, at: datetime) -> str:
    """The name of the band that an age, a year or a day of birth falls in at that moment; empty for anything else."""
    age = _age(value, at)
    if age is None or age < 0:
        return ""
    bands = zip(_BAND_BEGINS, AGE_BANDS, strict=True)
    return next(band.name for begins, band in reversed(list(bands)) if age >= begins)


def _age(value: str, at: datetime) -> float | None:
    try:
        born = date.fromisoformat(value) if "-" in value[1:] else None
        if born is not None:
            return at.year - born.year - ((at.month, at.day) < (born.month, born.day))
        number = float(value)
    except ValueError:
        return None
    return at.year - number if number >= _FIRST_YEAR else number


def plain_path(path: str) -> str:
    """The path of a question without the numbers of instances."""
    return _INSTANCE.sub("", path) if "[" in path else path


Look = Callable[[str], tuple[str, ...]]
"""Which kinds of what may lead to a person are found in somebody's words: name, phone, address, e-mail, bsn and so on."""
