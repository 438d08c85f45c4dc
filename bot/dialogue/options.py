"""What can be pressed at a question: its choices, the numbers of a short scale, or a plain acknowledgement."""

from bot.dialogue.effects import ChoiceText, Phrase, Words
from bot.dialogue.showing import number_words
from bot.forms.form import ACKNOWLEDGED, ADDED, ENOUGH, Form
from bot.forms.values import to_text
from domain.questionnaire import Question, QuestionKind

MOST_NUMBERS = 11
"""More buttons than this are no longer looked over at a glance: then the number is typed."""


def options(form: Form, question: Question) -> tuple[str, ...]:
    """The values behind the buttons of a question, in order; empty when the answer is typed."""
    if question.choices:
        return tuple(choice.name for choice in question.choices)
    if question.kind is QuestionKind.ACKNOWLEDGE:
        return (ACKNOWLEDGED,)
    if question.kind is QuestionKind.REPEAT:
        return (ADDED, ENOUGH)
    if question.kind not in (QuestionKind.INTEGER, QuestionKind.RANGE):
        return ()
    low, high = form.bounds(question.path)
    step = question.step or 1.0
    if low is None or high is None or not 0 < (high - low) / step < MOST_NUMBERS:
        return ()
    if step == 1.0 and low == int(low):
        return tuple(str(number) for number in range(int(low), int(high) + 1))
    count = int((high - low) / step + 1e-9) + 1
    return tuple(to_text(round(low + number * step, 9)) for number in range(count))


def option_words(form: Form, question: Question, value: str) -> Words:
    """What stands on the button for `value`: full words, never a bare number."""
    if question.choices:
        return ChoiceText(question.path, value)
    if question.kind is QuestionKind.ACKNOWLEDGE:
        return Phrase("button.understood")
    if question.kind is QuestionKind.REPEAT:
        return Phrase(f"button.repeat_{value}")
    most = number_words(options(form, question)[-1])
    return Phrase("button.grade", {"number": number_words(value), "most": most})
