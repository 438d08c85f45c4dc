"""Looks at a form with the eyes of a careful colleague: length, plainness, consent; whether it works at all is load's.

A finding is a problem (the form must not go out like this) or a remark (look at it again).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.forms.conditions import shown_text
from bot.forms.faults import Fault
from bot.forms.form import Form
from bot.forms.reading_level import PLAIN_FROM, ease
from bot.forms.syntax import nodes_in
from domain.consent import Purpose
from domain.questionnaire import LocalText, Question, QuestionKind

LONGEST_QUESTION = 200
"""Characters of a question with its hint left out: more does not fit a phone's screen with its buttons."""

WORDS_A_MINUTE = 150
SECONDS_TO_CHOOSE, SECONDS_TO_PICK_SEVERAL, SECONDS_TO_TYPE, SECONDS_TO_WRITE = 5, 10, 8, 45
ASSUMPTION = (
    f"reading {WORDS_A_MINUTE} words a minute, {SECONDS_TO_CHOOSE} seconds to choose, "
    f"{SECONDS_TO_PICK_SEVERAL} to choose several, {SECONDS_TO_TYPE} for a number or a date, "
    f"{SECONDS_TO_WRITE} to write"
)
_COLUMNS = {
    "label": "label", "hint": "hint", "guidance": "guidance_hint", "why": "chat:why", "probe": "chat:probe",
    "constraint_message": "constraint_message",
}  # fmt: skip # read as rows of a table
_SOUNDS_SENSITIVE = re.compile(
    r"\b(eenza\w*|schuld\w*|rondkomen|leegte|geweld\w*|mishandel\w*|verslav\w*|depress\w*|psychisch\w*|ziekte\w*|"
    r"godsdienst\w*|seksu\w*|afkomst|lonel\w*|debts?|make ends meet|violen\w*|abuse\w*|addict\w*|religio\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    fault: Fault
    is_problem: bool


@dataclass(frozen=True, slots=True)
class TextLevel:
    """One text in one language. `ease` is None where no formula applies; `choice` names the choice it stands on."""

    path: str
    column: str
    language: str
    text: str
    ease: float | None
    choice: str = ""

    @property
    def is_hard(self) -> bool:
        return self.ease is not None and self.ease < PLAIN_FROM


@dataclass(frozen=True, slots=True)
class Review:
    findings: tuple[Finding, ...]
    levels: tuple[TextLevel, ...]
    minutes: float
    """When every question is asked, in the form's default language."""


def review(form: Form) -> Review:
    """Everything that is noticed about a form that works."""
    levels = tuple(_levels(form))
    findings = [*_too_long(form), *_without_consent(form), *_looks_sensitive(form), *_hard(levels)]
    return Review(tuple(findings), levels, minutes(form))


def minutes(form: Form) -> float:
    """How long it takes at most; see ASSUMPTION."""
    questions, language = form.questionnaire.questions, form.questionnaire.default_language
    return round(sum(_seconds(question, language) for question in questions) / 60, 1)


def _seconds(question: Question, language: str) -> float:
    if not question.waits and question.kind is not QuestionKind.NOTE:
        return 0.0
    if question.exit is not None:
        return 0.0  # most people never see it
    shown = [question.label, question.hint, *(choice.label for choice in question.choices)]
    words = sum(len(text.get(language, "").split()) for text in shown)
    return words * 60 / WORDS_A_MINUTE + _seconds_to_answer(question.kind)


def _seconds_to_answer(kind: QuestionKind) -> int:
    if kind is QuestionKind.NOTE:
        return 0
    if kind is QuestionKind.TEXT:
        return SECONDS_TO_WRITE
    if kind is QuestionKind.SELECT_MULTIPLE:
        return SECONDS_TO_PICK_SEVERAL
    return SECONDS_TO_CHOOSE if kind is QuestionKind.SELECT_ONE else SECONDS_TO_TYPE


def _levels(form: Form) -> Iterator[TextLevel]:
    seen: set[tuple[str, str]] = set()
    for question in form.questionnaire.questions:
        for name, column in _COLUMNS.items():
            for language, text in _texts(getattr(question, name)):
                yield TextLevel(question.path, column, language, text, ease(text, language))
        for choice in question.choices:
            for language, text in _texts(choice.label):
                if (language, text) not in seen:  # a list of choices is shared by many questions
                    seen.add((language, text))
                    yield TextLevel(question.path, "label", language, text, ease(text, language), choice.name)


def _texts(texts: LocalText) -> list[tuple[str, str]]:
    return [(language, shown_text(text)) for language, text in texts.items() if text.strip()]


def _column(column: str, language: str) -> str:
    return f"{column} ({language})"


def _hard(levels: tuple[TextLevel, ...]) -> Iterator[Finding]:
    for level in levels:
        if level.is_hard:
            where = f' of the choice "{level.choice}"' if level.choice else ""
            rule = f"this text{where} reads harder than B1 (ease {level.ease:.0f}, plain is {PLAIN_FROM:.0f} or more)"
            fault = Fault(level.path, _column(level.column, level.language), rule,
                          "Use shorter sentences and shorter words, unless it quotes a published scale")  # fmt: skip # read as rows of a table
            yield Finding(fault, is_problem=False)


def _too_long(form: Form) -> Iterator[Finding]:
    for question in form.questionnaire.questions:
        if not question.waits:
            continue
        for language, text in _texts(question.label):
            if len(text) > LONGEST_QUESTION:
                rule = f"this question has {len(text)} characters, more than {LONGEST_QUESTION}"
                fix = "Ask one short thing, and put the rest in a note before it or in guidance_hint"
                yield Finding(Fault(question.path, _column("label", language), rule, fix), is_problem=True)


def _without_consent(form: Form) -> Iterator[Finding]:
    """A question kept for a purpose of its own must come after that consent and only after a yes to it."""
    asked: dict[Purpose, str] = {}
    for question in form.questionnaire.questions:
        if question.consent is not None:
            asked.setdefault(question.consent, question.path)
        elif question.waits and question.purpose is not Purpose.ANSWERS:
            rule = _consent_missing(form, question, asked)
            if rule:
                fix = (
                    f'Ask a question with chat:consent "{question.purpose.value}" before it, '
                    "and make its group relevant only after a yes"
                )
                yield Finding(Fault(question.path, "chat:purpose", rule, fix), is_problem=True)


def _consent_missing(form: Form, question: Question, asked: Mapping[Purpose, str]) -> str:
    consent = asked.get(question.purpose)
    if consent is None:
        return f'no consent for "{question.purpose.value}" is asked before this question'
    if consent in conditions_on(form, question.path):
        return ""
    return f'this question is also asked after a no to "{question.purpose.value}"'


def conditions_on(form: Form, path: str) -> set[str]:
    """The questions that decide, directly, whether the one at `path` is asked: its own and its groups' conditions."""
    parts = path.split("/")
    places = ("/".join(parts[: length + 1]) for length in range(len(parts)))
    trees = (form.trees.get(f"{place}#relevant") for place in places)
    return set().union(*(nodes_in(tree) for tree in trees if tree))


def _looks_sensitive(form: Form) -> Iterator[Finding]:
    for question in form.questionnaire.questions:
        if not question.waits or question.consent is not None or question.purpose is not Purpose.ANSWERS:
            continue
        words = (_SOUNDS_SENSITIVE.search(text) for _, text in _texts(question.label))
        found = next((match.group() for match in words if match), "")
        if found:
            rule = f'"{found}" sounds like a sensitive subject, and no separate consent is asked for it'
            fix = "Is it sensitive? Put it in a group with chat:purpose sensitive, after its consent"
            yield Finding(Fault(question.path, "chat:purpose", rule, fix), is_problem=False)
