"""What a talk in person needs: the wish for it, and a way to reach the resident that is kept apart from all answers."""

from bot.dialogue.effects import Effect, Reach, Wish
from bot.dialogue.state import State
from bot.dialogue.turn import Context
from bot.forms.form import Form, View
from domain.answer import Answer, AnswerStatus, answered
from domain.consent import Purpose
from domain.questionnaire import Fact, Question

GIVEN = "given"
"""Stands in the conversation and among the answers for a phone number or address: that there is one, never which."""


def facts(form: Form, *, reachable: bool) -> dict[str, Answer]:
    """What goes into the hidden rows that the product fills in itself, by path."""
    answer = answered("yes" if reachable else "no")
    return {each.path: answer for each in form.questionnaire.questions if each.fact is Fact.REACHABLE}


def set_apart(context: Context, question: Question, answer: Answer) -> tuple[Answer, tuple[Effect, ...]]:
    """What is left of an answer that says how to reach the resident, and where its words go. Without the consent for
    contact they go nowhere."""
    if not question.reach:
        return answer, ()
    may_keep = context.state.began and context.state.consents.get(Purpose.CONTACT.value, False)
    if answer.status is AnswerStatus.ANSWERED and may_keep:
        return answered(GIVEN), (Reach(question.path, answer.value),)
    left = Answer(AnswerStatus.SKIPPED) if answer.status is AnswerStatus.ANSWERED else answer
    return left, (Reach(question.path, None),) if question.path in context.state.answers else ()


def forget_reach(before: Context, after: Context) -> tuple[Context, tuple[Effect, ...]]:
    """A way to reach the resident goes as soon as it is no longer asked for; it does not come back by itself."""
    told = [
        path for path in before.state.answers if before.form.has(path) and before.form.question(path).reach
    ]
    gone = [path for path in told if path not in after.state.answers or not after.view.is_relevant(path)]
    if not gone:
        return after, ()
    answers = {path: answer for path, answer in after.state.answers.items() if path not in gone}
    return after.having(answers=answers), tuple(Reach(path, None) for path in gone)


def wish(before: Context, after: Context) -> tuple[Effect, ...]:
    """The wish for a talk whenever it changes; None when it is no longer wanted, or may no longer be kept."""
    wanted = _wish_of(after)
    return (Wish(wanted),) if wanted != _wish_of(before) else ()


def _wish_of(context: Context) -> dict[str, str] | None:
    return wish_in(context.state, context.form, context.view)


def wish_in(state: State, form: Form, view: View) -> dict[str, str] | None:
    """What was said about the talk, which may be nothing yet: wanting one is enough to be asked for a time. None where
    none is wanted, or nothing of it may be kept."""
    if not state.consents.get(Purpose.CONTACT.value, False):
        return None
    questions = form.questionnaire.questions
    paths = [each.path for each in questions if each.wish and view.is_relevant(each.path)]
    values = view.values()
    return {path: values[path] for path in paths if path in values} if paths else None
