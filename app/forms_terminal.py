"""Draws a questionnaire in the terminal as the conversation it will be; what is in it is bot.forms'."""

from collections.abc import Iterator

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from bot.forms.conditions import condition_of, shown_text
from bot.forms.form import Form
from domain.questionnaire import LocalText, Question


def show_preview(form: Form, language: str, console: Console) -> None:
    questionnaire = form.questionnaire
    title = _words(form, questionnaire.title, language)
    console.print(Text(f"{title} ({questionnaire.id}, {questionnaire.version})", style="bold"))
    labels = {group.path: group.label for group in questionnaire.groups}
    block = ""
    for question in form.questionnaire.questions:
        if not shown(question):
            continue
        if question.block != block and question.block:
            console.rule(_words(form, labels[question.block], language))
        block = question.block
        console.print(
            Panel(Group(*_lines(form, question, language)), title=question.path, title_align="left")
        )


def shown(question: Question) -> bool:
    """Whether a resident ever sees it."""
    return question.waits or bool(question.label)


def _lines(form: Form, question: Question, language: str) -> Iterator[Text]:
    condition = condition_of(form, question.path, language)
    if condition:
        yield Text(
            f"Only when: {condition}" if language != "nl" else f"Alleen als: {condition}", style="italic"
        )
    yield Text(_words(form, question.label, language), style="bold" if question.waits else "")
    for name, text in (
        ("", question.hint),
        ("? ", question.guidance),
        ("?! ", question.why),
        ("+ ", question.probe),
    ):
        if text:
            yield Text(f"{name}{_words(form, text, language)}", style="dim" if name else "")
    for choice in question.choices:
        yield Text(f"  [ {_words(form, choice.label, language)} ]", style="cyan")
    if question.exit is not None:
        yield Text(f"-- {question.exit.value} --", style="dim")


def _words(form: Form, text: LocalText, language: str) -> str:
    default = form.questionnaire.default_language
    return shown_text(text.get(language) or text.get(default) or next(iter(text.values()), ""))
