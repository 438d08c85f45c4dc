"""Describes what stands in an export: questions, choices, scales with their sources, and what an empty cell means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.questionnaire import LocalText, Question, QuestionKind, Questionnaire
from storage.export_formats.codes import MISSING_CODES, codes
from storage.export_rows import Said

NOT_ASKED = "not_asked"
WITHHELD = "withheld"
STATUSES = {
    "answered": "the person gave an answer",
    "skipped": "asked; the person skipped it",
    "dont_know": "asked; the person does not know",
    "refused": "asked; the person does not want to say",
    NOT_ASKED: "not asked, no longer relevant, or under a consent that was taken back",
    WITHHELD: "answered; what was said is not in this export",
}
FIXED = {
    "response": "the response, by a random name",
    "questionnaire": "which questionnaire",
    "version": "its version, as it was when the response began",
    "language": "language of the conversation",
    "channel": "where the conversation was held",
    "simulated": "1 for a simulated resident",
    "started_at": "when the person agreed to begin, UTC",
    "closed_at": "when it was finished or stopped, UTC; empty while it is open",
    "outcome": "finished or stopped; empty while it is open",
    "campaign": "the code of the link that the person followed; empty without one",
    "wave": "the round of that campaign, from 1; 0 outside a campaign",
    "assisted": "1 when a meemaker typed for the resident, who was asked for consent aloud",
    "assisted_by": "which meemaker typed, by pseudonym; empty when the resident did; only in a personal export",
    "reference": "the person, by the name that logs and signals have for them; only in a personal export",
    "consent_quote": "1 when the person agrees to be quoted word for word; without it words may be read, not quoted",
    "session": "the talk in person that a report is about; empty for everything else",
}
ONLY_PERSONAL = ("assisted_by", "reference")
"""The fixed columns that an export without `--personal` does not have."""
LONG_COLUMNS = {
    "response": "the response, as in the file of the questionnaire",
    "path": "the question, as in the file of the questionnaire; in a repeat with the number of the instance",
    "question": "its text",
    "status": "as `__status` in the file of the questionnaire",
    "value": "the answer",
    "label": "what the choice is called; several with a semicolon between",
    "at": "when it was answered, UTC; empty for what is calculated",
}
SESSION_COLUMNS = {
    "session": "the talk, as in the reports of it",
    "kind": "private, home, group or street",
    "start_at": "when it begins, UTC",
    "end_at": "when it ends, UTC",
    "place": "where it is; empty at somebody's home",
    "neighbourhood": "the neighbourhood of that place",
    "status": "asked, confirmed, done or cancelled",
    "seats": "how many residents could come",
    "came": "how many came, as far as the duo told",
    "language": "the language it is held in",
}
LOOK = "what may lead to a person in these words, as far as rules can tell; a person has to look"
THEME_COLUMNS = {
    "response": "the response, as in the file of the questionnaire",
    "path": "the question, as in the file of the questionnaire",
    "question": "its text",
    "code": "the theme, from the codebook of themes",
    "kind": "ervaring (tells what is or was), nood (something is lacking) or wens",
    "valence": "kracht or zorg",
    "level": "ik (the person, their household) or buurt (the neighbourhood, others)",
    "confidence": "how sure the model is of the code, from 0 to 1",
    "model": "the version of the model that heard it",
    "state": "suggested: nobody has decided yet",
}
READING = (
    "In CSV and Excel files an apostrophe stands before what a spreadsheet could run: where a text, or what follows a "
    "semicolon, tab or new line in it, begins with = + - @, a tab or a new line. It is not part of the text. "
    "storage.export_formats.words.restored takes it away; other formats do not have it.",
    "In SPSS files a slash in a name is an underscore, choices have the numbers that stand with them here, and every reason "
    "for no answer is a user-missing value of its own. They are lower where an answer is one of these numbers: -999 for -99, "
    "and so on. Open answers have the status in a variable beside them, and of a question with several choices each is a "
    "variable.",
    "In Parquet files a question with several choices has a column for each of them beside its own; labels are in the "
    "metadata, under wijkverhaal.",
    "In Flow Results what was asked and not answered is a question beside its own, with the status as the response.",
)
EMPTY_SCORE = "too little was answered for a score by the rule of the scale"


@dataclass(frozen=True, slots=True)
class ExportForm:
    """A form as an export needs it. `read` takes all stored answers (path to answer), a time (UTC) and the channel,
    and gives the ones that count: relevant at the end, with calculated values among them as answered. `derived` says for
    each calculation which questions it comes from in the end; one that is not in it comes from nobody knows where."""

    questionnaire: Questionnaire
    read: Callable[[Mapping[str, Said], datetime, str], Mapping[str, Said]]
    derived: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportScale:
    """A scale as an export needs it. `items` are names of questions; `score` takes their values (name to value,
    answered ones only) and gives a value for each of `columns`, None or absent where there is no score. `facts` is
    what the codebook says of it, ready for JSON: title, licence, citation, wording, references, bands."""

    id: str
    items: Sequence[str]
    columns: Sequence[str]
    score: Callable[[Mapping[str, str]], Mapping[str, object]]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, questionnaire: Questionnaire) -> bool:
        return set(self.items) <= {question.name for question in questionnaire.questions}


FIXED_OF_REPEAT = {
    "response": "the response, as in the file of the questionnaire",
    "instance": "which one: the repeat with its number, and those around it with theirs",
}


def repeats_of(questionnaire: Questionnaire) -> list[str]:
    return [group.path for group in questionnaire.groups if group.is_repeat]


def repeat_around(path: str, repeats: Sequence[str]) -> str:
    """The innermost repeat that a question lies in; empty when it lies in none."""
    return max((repeat for repeat in repeats if path.startswith(f"{repeat}/")), key=len, default="")


def exported_questions(questionnaire: Questionnaire, repeat: str = "") -> list[Question]:
    """The questions that have columns in the file of the questionnaire, or of one of its repeats: those with an answer,
    calculations included, consents left out."""
    repeats = repeats_of(questionnaire)
    return [
        question
        for question in _answered_questions(questionnaire)
        if repeat_around(question.path, repeats) == repeat and question.kind is not QuestionKind.REPEAT
    ]


def _answered_questions(questionnaire: Questionnaire) -> list[Question]:
    return [
        question
        for question in questionnaire.questions
        if (question.waits or question.kind is QuestionKind.CALCULATE)
        and question.consent is None
        and not question.reach
    ]


def in_language(text: LocalText, language: str, otherwise: str) -> str:
    return text.get(language) or text.get(otherwise) or next(iter(text.values()), "")


def describe(
    forms: Sequence[ExportForm],
    scales: Sequence[ExportScale],
    language: str,
    columns: Mapping[str, str] = FIXED,
) -> dict[str, Any]:
    """The codebook as data, ready for JSON; `columns` are the fixed ones that are there."""
    return {
        "columns": dict(columns),
        "statuses": STATUSES,
        "missing_codes": MISSING_CODES,
        "reading": READING,
        "empty_score": EMPTY_SCORE,
        "look": LOOK,
        "answers": LONG_COLUMNS,
        "themes": THEME_COLUMNS,
        "sessions": SESSION_COLUMNS,
        "questionnaires": _describe_forms([form.questionnaire for form in forms], scales, language),
    }


def _describe_forms(
    forms: Sequence[Questionnaire], scales: Sequence[ExportScale], language: str
) -> list[dict[str, Any]]:
    """The versions of a questionnaire stand in one file, so a choice has one number in all of them: that of its place in
    the last one that has it, after those of newer ones."""
    names: dict[tuple[str, str], dict[str, None]] = {}
    for form in forms:
        for question in form.questions:
            chosen = dict.fromkeys(choice.name for choice in question.choices)
            names[form.id, question.path] = chosen | names.get((form.id, question.path), {})
    described = [_describe_form(form, scales, language) for form in forms]
    for version in described:
        for part in (version, *version["repeats"]):
            for question in part["questions"]:
                if question["kind"] == QuestionKind.SELECT_ONE:
                    numbers = codes(names[version["id"], question["column"]])
                    question["codes"] = {name: numbers[name] for name in question["choices"]}
    return described


def _describe_form(form: Questionnaire, scales: Sequence[ExportScale], language: str) -> dict[str, Any]:
    return {
        "id": form.id,
        "version": form.version,
        "title": in_language(form.title, language, form.default_language),
        "questions": [
            _describe_question(question, language, form.default_language)
            for question in exported_questions(form)
        ],
        "repeats": [_describe_repeat(form, repeat, language) for repeat in repeats_of(form)],
        "scales": [
            {"id": scale.id, "items": list(scale.items), "columns": list(scale.columns), **scale.facts}
            for scale in scales
            if scale.fits(form)
        ],
    }


def _describe_repeat(form: Questionnaire, repeat: str, language: str) -> dict[str, Any]:
    return {
        "repeat": repeat,
        "columns": FIXED_OF_REPEAT,
        "questions": [
            _describe_question(question, language, form.default_language)
            for question in exported_questions(form, repeat)
        ],
    }


def _describe_question(question: Question, language: str, otherwise: str) -> dict[str, Any]:
    return {
        "column": question.path,
        "kind": question.kind.value,
        "purpose": question.purpose.value,
        "text": in_language(question.label, language, otherwise),
        "relevant": question.relevant,
        "choices": {each.name: in_language(each.label, language, otherwise) for each in question.choices},
        "codes": {},
    }


def to_markdown(codebook: Mapping[str, Any]) -> str:
    """The codebook for people."""
    lines = ["# Codebook", "", "One row is one response.", "", "## Columns of every response", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in codebook["columns"].items()]
    lines += ["", "## What `__status` says", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in codebook["statuses"].items()]
    missing = ", ".join(f"{code} `{status}`" for status, code in codebook["missing_codes"].items())
    lines += ["", f"In SPSS: {missing}."]
    lines += ["", "## How to read the files", "", *(f"- {line}" for line in codebook["reading"])]
    lines += ["", f"An empty score: {codebook['empty_score']}."]
    lines += ["", f"`__look` beside an open answer: {codebook['look']}."]
    lines += ["", "## Answers one by one: a file of its own, one row is one answer", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in codebook["answers"].items()]
    lines += ["", "## Talks in person: a file of its own, one row is one talk", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in codebook["sessions"].items()]
    lines += ["", "## Themes of open answers: a file of its own when there are any, one row is one theme", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in codebook["themes"].items()]
    for form in codebook["questionnaires"]:
        lines += ["", f"## {form['title']} (`{form['id']}`, version {form['version']})"]
        for question in form["questions"]:
            lines += ["", *_question_lines(question)]
        for repeat in form["repeats"]:
            lines += ["", *_repeat_lines(repeat)]
        for scale in form["scales"]:
            lines += ["", *_scale_lines(scale)]
    return "\n".join(lines) + "\n"


def _repeat_lines(repeat: Mapping[str, Any]) -> list[str]:
    lines = [f"### Repeat `{repeat['repeat']}`: a file of its own, one row is one instance", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in repeat["columns"].items()]
    for question in repeat["questions"]:
        lines += ["", *_question_lines(question)]
    return lines


def _question_lines(question: Mapping[str, Any]) -> list[str]:
    lines = [f"### `{question['column']}` ({question['kind']}, kept for: {question['purpose']})", ""]
    lines += [question["text"] or "(no text)"]
    if question["relevant"]:
        lines += ["", f"Asked when: `{question['relevant']}`"]
    if question["choices"]:
        numbers = {name: f" (SPSS: {code})" for name, code in question["codes"].items()}
        lines += [
            "",
            *(f"- `{name}`: {label}{numbers.get(name, '')}" for name, label in question["choices"].items()),
        ]
    return lines


def _scale_lines(scale: Mapping[str, Any]) -> list[str]:
    return [
        f"### Scale `{scale['id']}`",
        "",
        *(f"- {name}: {said}" for name, said in scale_facts(scale).items()),
    ]


def scale_facts(scale: Mapping[str, Any]) -> dict[str, str]:
    """What there is to say of a scale, by its name, for people."""
    lists = {name: ", ".join(f"`{each}`" for each in scale[name]) for name in ("columns", "items")}
    known = ("id", "columns", "items")
    return lists | {name: _plain(value) for name, value in scale.items() if name not in known}


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return " | ".join(_plain(each) for each in value)
    return "not known yet" if value is None else str(value)
