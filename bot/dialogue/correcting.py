"""Which earlier answer somebody takes back in words, and what then becomes of it."""

import re
from collections.abc import Iterable
from dataclasses import replace

from rapidfuzz.distance import OSA

from bot.dialogue.answering import change_to, keep_only
from bot.dialogue.asking import key, reopen
from bot.dialogue.edits import is_simple
from bot.dialogue.effects import Phrase, Say
from bot.dialogue.flow import offer_change
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import Context, Turn
from bot.forms.form import Form, View
from domain.answer import AnswerStatus
from domain.questionnaire import Question, QuestionKind
from domain.understanding import Correction

# What people call a thing that a question asks about in other words. Data, in either language.
_CALLED = {
    "leeftijd": ("oud", "age"), "age": ("oud", "old"), "naam": ("heet", "noemen", "name"), "adres": ("woont", "straat"),
    "buurt": ("wijk", "buurt"), "wijk": ("wijk", "buurt"), "woonplaats": ("woont",), "beroep": ("werk", "doet"),
    "cijfer": ("tevreden",), "rol": ("past", "role"), "taal": ("taal", "language"), "neighbourhood": ("neighbourhood", "live"),
}  # fmt: skip # read as a table
_LAST = frozenset({"vorige", "vorig", "laatste", "previous", "last"})
_COMMON = frozenset((
    "de", "het", "een", "u", "uw", "ik", "in", "is", "op", "van", "voor", "of", "wat", "hoe", "welke",
    "welk", "wie", "waar", "bent", "hebt", "heeft", "mijn", "dat", "die", "dit", "er", "aan", "met", "om",
    "te", "the", "a", "you", "your", "i", "for", "what", "how", "which", "who", "where", "are", "do",
    "does", "my", "that", "this", "to", "at", "antwoord", "antwoorden", "vraag", "answer", "question",
))  # fmt: skip # read as one list of words
_CHOICES = (QuestionKind.SELECT_ONE, QuestionKind.SELECT_MULTIPLE)
_WORD = re.compile(r"[^\W_]+")


def question_meant(correction: Correction, state: State, form: Form, view: View) -> str:
    """The path of the answered question that a correction is about; empty when that is not clear. The question at hand
    is never meant: what is said there is an answer to it."""
    paths = [path for path in view.answered_paths() if path != state.at and not form.question(path).reach]
    earlier = [path for path in paths if not form.has(state.at) or form.order(path) < form.order(state.at)]
    was = [path for path in paths if correction.was and _says(form.question(path), state, correction.was)]
    if was or not correction.about:
        offers = [path for path in paths if _offers(form.question(path), state.language, correction.instead)]
        return _only(was or offers)
    about = _words(correction.about)
    numbers = [word for word in about if word.isdigit()]
    if numbers:  # as in the list of answers
        number = int(numbers[0][:4]) - 1
        listed = view.answered_paths()
        return listed[number] if 0 <= number < len(listed) and listed[number] in paths else ""
    if about and set(about) & _LAST and earlier:
        return earlier[-1]
    return _best(about, paths, state, form)


def names_something(correction: Correction) -> bool:
    """Whether the words surely are about one certain thing."""
    return correction.is_sure and bool({*_words(correction.about)} - _COMMON)


def _only(paths: Iterable[str]) -> str:
    found = list(paths)
    return found[0] if len(found) == 1 else ""


def _says(question: Question, state: State, was: str) -> bool:
    """Whether the answer that stands is `was`, by its value or its words."""
    answer = state.answers[question.path]
    if answer.status is not AnswerStatus.ANSWERED or question.consent is not None:
        return False
    titles = [
        choice.label.get(state.language, "") for choice in question.choices if choice.name == answer.value
    ]
    return any(_words(said) == _words(was) for said in (answer.value, *titles))


def _offers(question: Question, language: str, instead: str) -> bool:
    """Whether `instead` is one of the choices by name; degrees and yes or no stand at too many questions to tell."""
    if question.kind not in _CHOICES or any(choice.meaning is not None for choice in question.choices):
        return False
    return any(_words(choice.label.get(language, "")) == _words(instead) for choice in question.choices)


def _best(about: tuple[str, ...], paths: list[str], state: State, form: Form) -> str:
    wanted = {*(word for word in about if word not in _COMMON)}
    scores = {path: _score(wanted, form.question(path), state.language) for path in paths}
    most = max(scores.values(), default=0)
    return _only(path for path, score in scores.items() if score == most) if most else ""


def _score(wanted: set[str], question: Question, language: str) -> int:
    """How well words name a question: by its own name first, then by the words in which it is asked."""
    name = {*_words(question.path.rpartition("/")[2])}
    asked = {*_words(question.label.get(language, ""))} - _COMMON
    others = {other for word in wanted for other in _CALLED.get(word, ())}
    return sum(4 * _is_among(word, name) + 2 * _is_among(word, asked) for word in wanted) + 2 * len(
        others & (name | asked)
    )


def _is_among(word: str, others: set[str]) -> bool:
    if word in others:
        return True
    return len(word) > 4 and any(OSA.distance(word, other, score_cutoff=1) <= 1 for other in others)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def take_correction(context: Context) -> Turn:
    """The earlier answer becomes what was said instead. What would end the questionnaire, and every consent, is asked
    about first."""
    question, value = context.form.question(context.event.path), context.event.value
    if not is_simple(context, question, value):
        return offer_change(context)
    if context.state.phase in (Phase.ASKING, Phase.CONFIRMING):
        return change_to(reopen(context, question.path), question, value)
    turn = keep_only(context, question, value)
    return replace(
        turn, effects=(*turn.effects, Say((Phrase("edit.changed"),), (key("my_data"), key("start"))))
    )
