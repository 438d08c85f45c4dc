"""What the conversation can take next, told to whoever has to understand it."""

from dataclasses import replace
from datetime import datetime

from bot.dialogue.state import Phase, State
from bot.forms.form import ACKNOWLEDGED, ADDED, ENOUGH, Form
from domain.questionnaire import Choice, Meaning, Question, QuestionKind
from domain.understanding import Expected, ExpectedKind

UNDERSTOOD = Choice(
    ACKNOWLEDGED,
    {"nl": "Begrepen", "en": "Understood"},
    Meaning.YES,
    {"nl": ("ok", "oké", "goed", "gelezen"), "en": ("ok", "okay", "got it")},
)
ANOTHER = (
    Choice(
        ADDED,
        {"nl": "Ja, nog een", "en": "Yes, another one"},
        Meaning.YES,
        {"nl": ("nog een", "nog eentje"), "en": ("another one", "one more")},
    ),
    Choice(
        ENOUGH,
        {"nl": "Nee, dat was het", "en": "No, that was all"},
        Meaning.NO,
        {"nl": ("dat was het", "klaar", "genoeg", "meer niet"), "en": ("that was all", "done", "no more")},
    ),
)
_BY_QUESTION = {
    QuestionKind.SELECT_MULTIPLE: ExpectedKind.CHOICES,
    QuestionKind.INTEGER: ExpectedKind.NUMBER,
    QuestionKind.DECIMAL: ExpectedKind.NUMBER,
    QuestionKind.RANGE: ExpectedKind.NUMBER,
    QuestionKind.DATE: ExpectedKind.DATE,
    QuestionKind.TIME: ExpectedKind.TIME,
    QuestionKind.DATETIME: ExpectedKind.DATETIME,
    QuestionKind.GEOPOINT: ExpectedKind.PLACE,
    QuestionKind.AUDIO: ExpectedKind.NONE,
    QuestionKind.IMAGE: ExpectedKind.NONE,
    QuestionKind.TEXT: ExpectedKind.TEXT,
}

_UNCLEAR_IN_A_PAUSE = (ExpectedKind.YESNO, ExpectedKind.TEXT, ExpectedKind.NONE)

_SCALE5 = {
    Meaning.AGREE_STRONGLY,
    Meaning.AGREE,
    Meaning.NEUTRAL,
    Meaning.DISAGREE,
    Meaning.DISAGREE_STRONGLY,
}
_SCALE3 = {Meaning.YES, Meaning.SOMEWHAT, Meaning.NO}
_YES_NO = ({Meaning.YES, Meaning.NO}, {Meaning.YES, Meaning.NO, Meaning.LATER})


def expect(state: State, form: Form, now: datetime | None = None) -> Expected:
    """What is expected now: the question at hand, also one that waits in a pause; a yes or no of ours; or nothing in
    particular. With `now` (UTC) only the choices that a filter leaves are expected."""
    ended_empty = state.phase is Phase.FINISHED and not state.began and not state.earlier
    if is_answered_in_a_pause(state, form):
        return expect_at(state.at, state, form, now)
    if ended_empty or state.phase in (Phase.CONFIRMING, Phase.PAUSED, Phase.RESTING):
        return Expected(ExpectedKind.YESNO, language=state.language)
    if state.phase is not Phase.ASKING or not form.has(state.at):
        return Expected(ExpectedKind.NONE, language=state.language)
    return expect_at(state.at, state, form, now)


def is_answered_in_a_pause(state: State, form: Form) -> bool:
    """Whether words in a pause may answer the question that waits. A yes or no would also be one to going on, and
    anything fits where somebody's own words are asked."""
    if state.phase is not Phase.PAUSED or not form.has(state.at):
        return False
    return expect_at(state.at, state, form).kind not in _UNCLEAR_IN_A_PAUSE


def expect_at(path: str, state: State, form: Form, now: datetime | None = None) -> Expected:
    """What would answer the question at `path`; see `expect` for `now`."""
    question = form.question(path)
    if question.choice_filter and now is not None:
        view = form.view(state.answers, now, seed=state.seed)
        question = replace(question, choices=view.offered(path))
    low, high = form.bounds(path)
    return expect_answer(question, state.language, low, high)


def expect_answer(
    question: Question, language: str, low: float | None = None, high: float | None = None
) -> Expected:
    if question.kind is QuestionKind.SELECT_ONE:
        return Expected(_choice_kind(question), question.choices, language)
    if question.kind is QuestionKind.REPEAT:
        return Expected(ExpectedKind.YESNO, ANOTHER, language)
    if question.kind is QuestionKind.ACKNOWLEDGE:
        return Expected(ExpectedKind.YESNO, (UNDERSTOOD,), language)
    kind = _BY_QUESTION.get(question.kind, ExpectedKind.TEXT)
    return Expected(kind, question.choices, language, low, high, _is_whole(question))


def _is_whole(question: Question) -> bool:
    if question.kind is QuestionKind.RANGE:
        return all(part == int(part) for part in (question.low or 0.0, question.step or 1.0))
    return question.kind is QuestionKind.INTEGER


def _choice_kind(question: Question) -> ExpectedKind:
    meanings = {choice.meaning for choice in question.choices if choice.meaning is not None}
    if len(meanings) < len(question.choices):
        return ExpectedKind.CHOICE
    if meanings == _SCALE5:
        return ExpectedKind.SCALE5
    if meanings == _SCALE3:
        return ExpectedKind.SCALE3
    return ExpectedKind.YESNO if meanings in _YES_NO else ExpectedKind.CHOICE
