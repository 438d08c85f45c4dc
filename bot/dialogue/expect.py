"""What the conversation can take next, told to whoever has to understand it."""

from bot.dialogue.state import Phase, State
from bot.forms.form import ACKNOWLEDGED, Form
from domain.questionnaire import Choice, Meaning, Question, QuestionKind
from domain.understanding import Expected, ExpectedKind

UNDERSTOOD = Choice(
    ACKNOWLEDGED,
    {"nl": "Begrepen", "en": "Understood"},
    Meaning.YES,
    {"nl": ("ok", "oké", "goed", "gelezen"), "en": ("ok", "okay", "got it")},
)
_BY_QUESTION = {
    QuestionKind.SELECT_MULTIPLE: ExpectedKind.CHOICES,
    QuestionKind.INTEGER: ExpectedKind.NUMBER,
    QuestionKind.DECIMAL: ExpectedKind.NUMBER,
    QuestionKind.RANGE: ExpectedKind.NUMBER,
    QuestionKind.DATE: ExpectedKind.DATE,
    QuestionKind.TIME: ExpectedKind.TIME,
    QuestionKind.TEXT: ExpectedKind.TEXT,
}

_SCALE5 = {
    Meaning.AGREE_STRONGLY,
    Meaning.AGREE,
    Meaning.NEUTRAL,
    Meaning.DISAGREE,
    Meaning.DISAGREE_STRONGLY,
}
_SCALE3 = {Meaning.YES, Meaning.SOMEWHAT, Meaning.NO}
_YES_NO = ({Meaning.YES, Meaning.NO}, {Meaning.YES, Meaning.NO, Meaning.LATER})


def expect(state: State, form: Form) -> Expected:
    """What is expected now: the question at hand, a yes or no of ours, or nothing in particular."""
    ended_empty = state.phase is Phase.FINISHED and not state.began and not state.earlier
    if ended_empty or state.phase in (Phase.CONFIRMING, Phase.PAUSED, Phase.RESTING):
        return Expected(ExpectedKind.YESNO, language=state.language)
    if state.phase is not Phase.ASKING or not form.has(state.at):
        return Expected(ExpectedKind.NONE, language=state.language)
    question = form.question(state.at)
    low, high = form.bounds(question.path)
    return expect_answer(question, state.language, low, high)


def expect_answer(
    question: Question, language: str, low: float | None = None, high: float | None = None
) -> Expected:
    if question.kind is QuestionKind.SELECT_ONE:
        return Expected(_choice_kind(question), question.choices, language)
    if question.kind is QuestionKind.ACKNOWLEDGE:
        return Expected(ExpectedKind.YESNO, (UNDERSTOOD,), language)
    kind = _BY_QUESTION.get(question.kind, ExpectedKind.TEXT)
    return Expected(kind, question.choices, language, low, high, question.kind is QuestionKind.INTEGER)


def _choice_kind(question: Question) -> ExpectedKind:
    meanings = {choice.meaning for choice in question.choices if choice.meaning is not None}
    if len(meanings) < len(question.choices):
        return ExpectedKind.CHOICE
    if meanings == _SCALE5:
        return ExpectedKind.SCALE5
    if meanings == _SCALE3:
        return ExpectedKind.SCALE3
    return ExpectedKind.YESNO if meanings in _YES_NO else ExpectedKind.CHOICE
