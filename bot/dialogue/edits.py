"""An answer that is changed by changing the message that gave it; how a message becomes words is left to others."""

from dataclasses import replace

from bot.dialogue.answering import change_to, keep_only
from bot.dialogue.asking import key, put_again, reopen
from bot.dialogue.effects import Phrase, Say
from bot.dialogue.flow import offer_change
from bot.dialogue.state import Phase, Said
from bot.dialogue.turn import Context, Turn, look
from domain.answer import answered
from domain.questionnaire import Question, QuestionKind


def take_edit(context: Context) -> Turn:
    """The old answer becomes what the message says now. What would end the questionnaire, and every consent, is asked
    about first."""
    question = context.form.question(context.event.path)
    value, said = _whole(context, question)
    former = context.state.answers.get(question.path)
    if former is not None and former.value == value:
        return Turn(context.state)
    if former is None or not is_simple(context, question, value):
        return offer_change(context)
    context = context.having(said={**context.state.said, question.path: said})
    if context.heard.unseen:
        return keep_only(context, question, value)
    if context.state.phase not in (Phase.ASKING, Phase.CONFIRMING):
        turn = keep_only(context, question, value)
        return replace(
            turn, effects=(*turn.effects, Say((Phrase("edit.changed"),), (key("my_data"), key("start"))))
        )
    if question.path == context.state.at:
        kept = keep_only(context, question, value)
        again = put_again(context.at(kept.state), Phrase("edit.changed"))
        return again.before(*kept.effects)
    return change_to(reopen(context, question.path), question, value)


def offer_list(context: Context) -> Turn:
    """A message was changed that gave no answer we know of: the list of answers is where to change one."""
    return Turn(context.state, (Say((Phrase("edit.unknown"),), (key("my_data"), key("start"))),))


def _whole(context: Context, question: Question) -> tuple[str, tuple[Said, ...]]:
    """The answer with the changed piece in it, and the pieces it now has."""
    said = context.state.said[question.path]
    if question.kind is not QuestionKind.TEXT or len(said) == 1:
        return context.event.value, said
    changed = tuple(
        replace(each, words=f"{each.words[:1] if place else ''}{context.event.value}")
        if each.mark == context.heard.mark
        else each
        for place, each in enumerate(said)
    )
    return "".join(each.words for each in changed), changed


def is_simple(context: Context, question: Question, value: str) -> bool:
    """Whether another answer may stand at once: the form takes it, and it ends nothing that was agreed."""
    if question.consent is not None or question.reach or not context.view.accepts(question.path, value):
        return False
    answers = {**context.state.answers, question.path: answered(value)}
    step = look(context.state.having(answers=answers), context.form, context.now).next_step()
    return step.exit is None
