"""A questionnaire as JSON and back, so that it can be kept beside its file and read again without pyxform."""

from collections.abc import Mapping
from typing import Any

from domain.consent import Purpose
from domain.questionnaire import (
    Choice,
    Exit,
    Fact,
    Group,
    Meaning,
    Personal,
    Question,
    QuestionKind,
    Questionnaire,
)

_TEXT_FIELDS = ("label", "hint", "guidance", "why", "constraint_message", "probe", "required_message")
_PLAIN_FIELDS = (
    "required", "relevant", "constraint", "calculation", "block", "appearance", "wish", "reach", "default",
    "dynamic_default", "recalculation", "choice_filter",
)  # fmt: skip # one list of words
_NUMBER_FIELDS = ("low", "high", "step")
_TUPLE_FIELDS = ("triggers", "media")


def questionnaire_to_json(questionnaire: Questionnaire) -> dict[str, Any]:
    """A document of plain JSON types; fields at their default are left out of questions and choices."""
    return {
        "id": questionnaire.id,
        "version": questionnaire.version,
        "title": dict(questionnaire.title),
        "default_language": questionnaire.default_language,
        "languages": list(questionnaire.languages),
        "questions": [_question_to_json(question) for question in questionnaire.questions],
        "groups": [
            [group.path, dict(group.label), group.relevant, group.is_repeat, group.count]
            for group in questionnaire.groups
        ],
        "lists": {name: [dict(row) for row in rows] for name, rows in questionnaire.lists.items()},
    }


def _question_to_json(question: Question) -> dict[str, Any]:
    document: dict[str, Any] = {"path": question.path, "kind": question.kind.value}
    for name in _TEXT_FIELDS:
        document[name] = dict(getattr(question, name))
    for name in _PLAIN_FIELDS:
        document[name] = getattr(question, name)
    document["choices"] = [_choice_to_json(choice) for choice in question.choices]
    document["purpose"] = question.purpose.value if question.purpose is not Purpose.ANSWERS else ""
    document["consent"] = question.consent.value if question.consent else ""
    document["exit"] = question.exit.value if question.exit else ""
    document["fact"] = question.fact.value if question.fact else ""
    document["personal"] = question.personal.value if question.personal else ""
    for name in _TUPLE_FIELDS:
        document[name] = list(getattr(question, name))
    numbers = {name: getattr(question, name) for name in _NUMBER_FIELDS}
    return {name: value for name, value in document.items() if value} | {
        name: value for name, value in numbers.items() if value is not None
    }


def _choice_to_json(choice: Choice) -> list[Any]:
    also = {language: list(words) for language, words in choice.also.items()}
    return [choice.name, dict(choice.label), choice.meaning.value if choice.meaning else "", also]


def questionnaire_from_json(document: Mapping[str, Any]) -> Questionnaire:
    """Raises KeyError, TypeError or ValueError when `document` was not made by questionnaire_to_json."""
    return Questionnaire(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        default_language=document["default_language"],
        languages=tuple(document["languages"]),
        questions=tuple(_question_from_json(each) for each in document["questions"]),
        groups=tuple(Group(*each) for each in document["groups"]),
        lists={name: tuple(rows) for name, rows in document.get("lists", {}).items()},
    )


def _question_from_json(document: Mapping[str, Any]) -> Question:
    known = (*_TEXT_FIELDS, *_PLAIN_FIELDS, *_NUMBER_FIELDS)
    plain = {name: document[name] for name in known if name in document}
    plain |= {name: tuple(document[name]) for name in _TUPLE_FIELDS if name in document}
    return Question(
        **{"label": {}, **plain},
        path=document["path"],
        kind=QuestionKind(document["kind"]),
        choices=tuple(_choice_from_json(*each) for each in document.get("choices", ())),
        purpose=Purpose(document.get("purpose", Purpose.ANSWERS)),
        consent=Purpose(document["consent"]) if "consent" in document else None,
        exit=Exit(document["exit"]) if "exit" in document else None,
        fact=Fact(document["fact"]) if "fact" in document else None,
        personal=Personal(document["personal"]) if "personal" in document else None,
    )


def _choice_from_json(name: str, label: dict[str, str], meaning: str, also: dict[str, list[str]]) -> Choice:
    words = {language: tuple(each) for language, each in also.items()}
    return Choice(name, label, Meaning(meaning) if meaning else None, words)
