"""Taking what the form proposes by words: "ja" or "neem blauw" where "Neem: blauw" is shown."""

from dataclasses import replace

from bot.dialogue.asking import proposal, proposed_value
from bot.dialogue.expect import expect_at
from bot.dialogue.heard import Event, Sorted
from bot.dialogue.plain_words import AGREEING, TAKING, plain
from bot.dialogue.state import Phase
from bot.dialogue.turn import Context
from domain.message import IncomingKind
from domain.questionnaire import Question, QuestionKind
from domain.understanding import ExpectedKind, Understanding, UnderstandingKind

_TAKE = ("neem ", "ik neem ", "doe maar ", "take ")


def hear_agreement(context: Context) -> Context:
    """The same turn, with words that agree to what is proposed heard as taking it. What answers the question by itself
    is no such agreement, and a yes at a yes or no is never one."""
    question = context.question
    if question is None or not _may_agree(context, question) or proposal(context, question) is None:
        return context
    value = proposed_value(context, question)
    if not _agrees(plain(context.heard.text), question, value):
        return context
    taken = Understanding(UnderstandingKind.ANSWER, value)
    return replace(
        context, event=Sorted(Event.TOOK_DEFAULT), heard=replace(context.heard, understanding=taken)
    )


def _may_agree(context: Context, question: Question) -> bool:
    if context.state.phase is not Phase.ASKING or context.heard.kind is not IncomingKind.TEXT:
        return False
    own_words = context.event.event is Event.ANSWERED and question.kind is QuestionKind.TEXT
    if context.event.event is not Event.NOT_UNDERSTOOD and not own_words:
        return False
    return expect_at(question.path, context.state, context.form).kind is not ExpectedKind.YESNO


def _agrees(words: str, question: Question, value: str) -> bool:
    if words in AGREEING or words in TAKING:
        return True
    labels = [label for choice in question.choices if choice.name == value for label in choice.label.values()]
    named = {plain(each) for each in (value, *labels)}
    return any(words.startswith(take) and words.removeprefix(take) in named for take in _TAKE)
