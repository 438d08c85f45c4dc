"""The columns of every table of an export, and where an answer of one version of a questionnaire goes in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.questionnaire import Question, QuestionKind, Questionnaire
from storage.codebook import (
    FIXED,
    FIXED_OF_REPEAT,
    LONG_COLUMNS,
    LOOK,
    NOT_ASKED,
    ONLY_PERSONAL,
    SESSION_COLUMNS,
    THEME_COLUMNS,
    exported_questions,
    in_language,
)
from storage.export_door import Door, is_words
from storage.export_formats.spec import Cell, Column, Kind
from storage.export_rows import Said, StoredResponse

_KINDS: Mapping[QuestionKind, Kind] = {
    QuestionKind.SELECT_ONE: "choice",
    QuestionKind.SELECT_MULTIPLE: "choices",
    QuestionKind.INTEGER: "integer",
    QuestionKind.DECIMAL: "number",
    QuestionKind.RANGE: "number",
    QuestionKind.DATE: "date",
}
_FIXED_KINDS: Mapping[str, Kind] = {
    "simulated": "boolean",
    "started_at": "time",
    "closed_at": "time",
    "wave": "integer",
    "assisted": "boolean",
    "consent_quote": "boolean",
    "at": "time",
    "confidence": "number",
    "start_at": "time",
    "end_at": "time",
    "seats": "integer",
    "came": "integer",
}


def fixed_columns(names: Mapping[str, str]) -> tuple[Column, ...]:
    """Columns that are no questions, from their names and what they hold."""
    return tuple(Column(name, _FIXED_KINDS.get(name, "text"), label) for name, label in names.items())


LONG, SESSIONS, THEMES = (fixed_columns(each) for each in (LONG_COLUMNS, SESSION_COLUMNS, THEME_COLUMNS))
TO_CHECK = fixed_columns(
    {
        "response": "the response, as in the file of the questionnaire",
        "questionnaire": "which questionnaire",
        "path": "the question",
        "kinds": LOOK,
    }
)


def fixed_names(door: Door) -> dict[str, str]:
    """The columns of every response, and what they hold."""
    return {name: label for name, label in FIXED.items() if door.personal or name not in ONLY_PERSONAL}


@dataclass(slots=True)
class Row:
    """One row on its way to a table: see `TableWriter.write`."""

    values: list[Cell]
    statuses: list[str]
    times: list[datetime | None]
    models: list[str]


class Layout:
    """The columns of one questionnaire, or of one of its repeats, over all its versions."""

    def __init__(
        self,
        fixed: Iterable[Column],
        questions: Sequence[Column],
        looks: frozenset[str],
        scores: Iterable[str],
    ) -> None:
        """`looks` are the paths with a column beside them for what was found in the words."""
        columns = list(fixed)
        self._fixed = len(columns)
        self.places: dict[str, tuple[int, int]] = {}
        self.looks: dict[str, int] = {}
        for number, column in enumerate(questions):
            self.places[column.name] = (len(columns), number)
            columns.append(column)
            if column.name in looks:
                self.looks[column.name] = len(columns)
                columns.append(Column(f"{column.name}__look", label=LOOK))
        self.scores: dict[str, int] = {}
        for name in scores:
            self.scores[name] = len(columns)
            kind: Kind = "text" if name.endswith("__band") else "number"
            columns.append(Column(name, kind, measure="scale", is_score=True))
        self.columns = tuple(columns)
        self._rest: list[Cell] = [None] * (len(columns) - self._fixed)

    def row(self, fixed: Sequence[Cell]) -> Row:
        """With nothing asked yet."""
        questions = len(self.places)
        return Row([*fixed, *self._rest], [NOT_ASKED] * questions, [None] * questions, [""] * questions)

    def put_all(self, row: Row, answers: Mapping[str, Said]) -> None:
        """What has no column is left out."""
        values, statuses, times, models, places = row.values, row.statuses, row.times, row.models, self.places
        for path, said in answers.items():
            if path in places:
                value, status = places[path]
                statuses[status], values[value], times[status], models[status] = said


def lay_out(
    questionnaires: Sequence[Questionnaire],
    stored: Iterable[str],
    scores: Iterable[str],
    door: Door,
    language: str,
) -> Layout:
    """The table with a row for each response. `questionnaires` are all versions as the door shows them, oldest first,
    `stored` the paths of versions that nobody has any more."""
    return _layout(questionnaires, "", stored, scores, fixed_columns(fixed_names(door)), language)


def lay_out_repeat(questionnaires: Sequence[Questionnaire], repeat: str, language: str) -> Layout:
    return _layout(questionnaires, repeat, (), (), fixed_columns(FIXED_OF_REPEAT), language)


def _layout(
    questionnaires: Sequence[Questionnaire],
    repeat: str,
    stored: Iterable[str],
    scores: Iterable[str],
    fixed: Iterable[Column],
    language: str,
) -> Layout:
    columns: dict[str, Column] = {}
    looks: set[str] = set()
    for form in questionnaires:
        for question in exported_questions(form, repeat):
            new = _column(question, form, language)
            old = columns.get(question.path, new)
            columns[question.path] = _joined(old, new)
            looks |= {question.path} if is_words(question) else set()
    for path in stored:
        columns.setdefault(path, Column(path, has_status=True))
        looks.add(path)
    return Layout(fixed, list(columns.values()), frozenset(looks), scores)


def _column(question: Question, form: Questionnaire, language: str) -> Column:
    kind = _KINDS.get(question.kind, "text")
    otherwise = form.default_language
    return Column(
        question.path,
        kind,
        in_language(question.label, language, otherwise),
        {each.name: in_language(each.label, language, otherwise) for each in question.choices},
        "scale" if kind in ("integer", "number") else _measure(question),
        has_status=True,
    )


def _measure(question: Question) -> Any:
    """Choices that say how much somebody agrees have an order."""
    in_order = question.kind is QuestionKind.SELECT_ONE and len(question.choices) > 2
    return "ordinal" if in_order and all(each.meaning for each in question.choices) else "nominal"


def _joined(old: Column, new: Column) -> Column:
    """A question over two versions: as the newer one says, with the choices of the older one behind. Where its kind has
    changed it is text."""
    labels = {**new.value_labels, **{k: v for k, v in old.value_labels.items() if k not in new.value_labels}}
    kind: Kind = new.kind if new.kind == old.kind else "text"
    return Column(new.name, kind, new.label, labels, new.measure, has_status=True)


def fixed_cells(response: StoredResponse, session: str, door: Door) -> list[Cell]:
    """The cells of `fixed_names`; `session` is the talk by the name that this export has for it."""
    cells: list[Cell] = [
        response.id, response.questionnaire, response.version, response.language, response.channel,
        response.simulated, response.started_at, response.closed_at, response.outcome, response.campaign,
        response.wave, response.assisted, response.may_quote, session,
    ]  # fmt: skip # in the order of FIXED
    if door.personal:
        cells[12:12] = [response.assisted_by, response.reference]
    return cells
