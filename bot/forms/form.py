"""A questionnaire that can be asked: what is relevant, what comes next, what is accepted; holds no conversation.

A Form is made once and shared. A View looks at it with one person's answers at one moment; it keeps what it worked
out, so it is made anew when an answer changes.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.forms.expressions import Compiled, compile_tree
from bot.forms.syntax import Tree, nodes_in
from bot.forms.trees import Trees
from bot.forms.values import to_result, to_truth
from domain.answer import Answer, AnswerStatus, answered
from domain.questionnaire import Question, QuestionKind, Questionnaire

ZONE = ZoneInfo("Europe/Amsterdam")
ACKNOWLEDGED = "OK"
"""The value of an acknowledge question that was answered, as in every XForm."""


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: say `notes`, then ask `question`; or say `notes`, then `exit` ends the questionnaire.

    With neither, everything has been asked.
    """

    notes: tuple[Question, ...]
    question: Question | None = None
    exit: Question | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A question with everything that is worked out once. `relevant` holds its own and its groups' expressions,
    each by the path it stands on, the outermost first."""

    question: Question
    relevant: tuple[tuple[str, Compiled], ...]
    constraint: Compiled | None
    constant_constraint: bool
    calculation: Compiled | None
    required: Compiled | None


class Form:
    """`questionnaire` with its expressions compiled from `trees` (see bot.forms.trees)."""

    def __init__(self, questionnaire: Questionnaire, trees: Trees) -> None:
        self.questionnaire = questionnaire
        self.trees = trees
        self._index = {question.path: place for place, question in enumerate(questionnaire.questions)}
        self._relevant: dict[str, Compiled] = {}
        for key, tree in trees.items():
            path, _, column = key.partition("#")
            if column == "relevant":
                self._relevant[path] = compile_tree(tree, path)
        self.rows = {question.path: self._row(question) for question in questionnaire.questions}
        self.walk = tuple(
            (place, row, row.question.waits)
            for place, row in enumerate(self.rows.values())
            if row.question.waits or row.question.kind is QuestionKind.NOTE
        )
        self.counted = tuple(
            (path, row)
            for path, row in self.rows.items()
            if row.question.waits and row.question.consent is None and not row.question.wish
        )

    def question(self, path: str) -> Question:
        """Raises KeyError for a path that is not in the form."""
        return self.rows[path].question

    def index(self, path: str) -> int:
        """The place of a question in `questionnaire.questions`. Raises KeyError."""
        return self._index[path]

    def has(self, path: str) -> bool:
        return path in self._index

    def bounds(self, path: str) -> tuple[float | None, float | None]:
        """(least, most) that the question's constraint leaves for a number, where it says so plainly."""
        tree = self.trees.get(f"{path}#constraint")
        return _bounds(tree, path) if tree else (None, None)

    def view(self, answers: Mapping[str, Answer], now: datetime) -> "View":
        """`now` is timezone-aware UTC; expressions see it in Europe/Amsterdam."""
        return View(self, answers, now)

    def _row(self, question: Question) -> _Row:
        path = question.path
        parts = path.split("/")
        places = ["/".join(parts[: length + 1]) for length in range(len(parts))]
        tree = self.trees.get(f"{path}#constraint")
        return _Row(
            question=question,
            relevant=tuple((place, self._relevant[place]) for place in places if place in self._relevant),
            constraint=self._compiled(path, "constraint"),
            constant_constraint=tree is not None and nodes_in(tree) <= {path},
            calculation=self._compiled(path, "calculation"),
            required=self._compiled(path, "required"),
        )

    def _compiled(self, path: str, column: str) -> Compiled | None:
        tree = self.trees.get(f"{path}#{column}")
        return compile_tree(tree, path) if tree else None


def _bounds(tree: Tree, path: str) -> tuple[float | None, float | None]:
    """From ". >= 1 and . <= 10", in either order and with parts that say something else."""
    if tree[0] == "and":
        (low, high), (low_too, high_too) = _bounds(tree[1], path), _bounds(tree[2], path)
        return low if low is not None else low_too, high if high is not None else high_too
    if tree[0] in (">=", "<=") and tree[1] == ["node", path] and tree[2][0] == "number":
        return (tree[2][1], None) if tree[0] == ">=" else (None, tree[2][1])
    return None, None


class View:
    """One look at a form. Answers to paths that the form does not have are left alone."""

    __slots__ = ("_answers", "_form", "_now", "_relevance", "_values")

    def __init__(self, form: Form, answers: Mapping[str, Answer], now: datetime) -> None:
        self._form, self._answers, self._now = form, answers, now
        self._relevance: dict[str, bool] = {}
        self._values: dict[str, str] = {}

    @property
    def local(self) -> datetime:
        return self._now.astimezone(ZONE)

    def is_relevant(self, path: str) -> bool:
        """Whether the question at `path` counts now: by its own expression and by those of all its groups."""
        return self._is_relevant(self._form.rows[path])

    def _is_relevant(self, row: _Row) -> bool:
        if not row.relevant:
            return True
        known = self._relevance
        for place, relevant in row.relevant:
            holds = known.get(place)
            if holds is None:
                holds = known[place] = to_truth(relevant(self))
            if not holds:
                return False
        return True

    def read(self, path: str) -> str:
        """What the node at `path` reads as in an expression; empty when it is not relevant."""
        value = self._values.get(path)
        if value is None:
            value = self._values[path] = self._work_out(path)
        return value

    def _work_out(self, path: str) -> str:
        row = self._form.rows[path]
        if not self._is_relevant(row):
            return ""
        if row.calculation is not None:
            return to_result(row.calculation(self))
        answer = self._answers.get(path)
        return answer.value if answer is not None and answer.status is AnswerStatus.ANSWERED else ""

    def next_step(self, after: int = -1) -> Step:
        """The first relevant question without an answer, from the start of the form, or the exit before it.

        `after` is the index of the question just answered: notes up to there were said before.
        """
        notes: list[Question] = []
        answers = self._answers
        for place, row, waits in self._form.walk:
            question = row.question
            if waits:
                if question.path not in answers and self._is_relevant(row):
                    return Step(tuple(notes), question)
            elif (place > after or question.exit) and self._is_relevant(row):
                if question.exit:
                    return Step(tuple(notes), None, question)
                notes.append(question)
        return Step(tuple(notes))

    def accepts(self, path: str, value: str) -> bool:
        """Whether `value` fits the question's type and its constraint, beside the other answers."""
        row = self._form.rows[path]
        if not fits_type(row.question, value):
            return False
        if row.constraint is None:
            return True
        beside = (
            self
            if row.constant_constraint
            else View(self._form, {**self._answers, path: answered(value)}, self._now)
        )
        return to_truth(row.constraint(_Candidate(beside, path, value)))

    def is_required(self, path: str) -> bool:
        required = self._form.rows[path].required
        return required is not None and to_truth(required(self))

    def values(self) -> dict[str, str]:
        """Every relevant path that is answered or calculated, to its lexical value, in the form's order."""
        return {
            path: value
            for path, row in self._form.rows.items()
            if row.question.kind is not QuestionKind.METADATA and (value := self.read(path))
        }

    def progress(self) -> tuple[int, int]:
        """(dealt with, total) of the relevant questions that wait for an answer, consent questions and the wish for a talk left
        out: nobody should see the end move away."""
        counted = self._counted()
        return sum(path in self._answers for path in counted), len(counted)

    def place(self, path: str) -> tuple[int, int]:
        """(number, total): the how-manieth of those questions the one at `path` is; 0 when it is none of them."""
        counted = self._counted()
        return counted.index(path) + 1 if path in counted else 0, len(counted)

    def _counted(self) -> list[str]:
        return [path for path, row in self._form.counted if self._is_relevant(row)]

    def answered_paths(self) -> list[str]:
        """The relevant questions that were dealt with in any way, in the form's order."""
        return [
            path
            for path, row in self._form.rows.items()
            if path in self._answers and row.question.waits and self._is_relevant(row)
        ]


class _Candidate:
    """The scope of a constraint: the node itself reads as the value that is tried, relevant or not."""

    __slots__ = ("_path", "_value", "_view")

    def __init__(self, view: View, path: str, value: str) -> None:
        self._view, self._path, self._value = view, path, value

    @property
    def local(self) -> datetime:
        return self._view.local

    def read(self, path: str) -> str:
        return self._value if path == self._path else self._view.read(path)


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", value) is not None and math.isfinite(
        float(value)
    )


def _is_date(value: str) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]", value) is not None and _parses(
        date.fromisoformat, value
    )


def _is_time(value: str) -> bool:
    return re.fullmatch(
        r"[0-9][0-9]:[0-9][0-9](:[0-9][0-9](\.[0-9]{1,6})?)?([+-][0-9][0-9]:[0-9][0-9]|Z)?", value
    ) is not None and _parses(time.fromisoformat, value)


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


_FITS: dict[QuestionKind, Callable[[str], bool]] = {
    QuestionKind.INTEGER: lambda value: re.fullmatch(r"[+-]?[0-9]{1,18}", value) is not None,
    QuestionKind.DECIMAL: _is_number,
    QuestionKind.DATE: _is_date,
    QuestionKind.TIME: _is_time,
    QuestionKind.ACKNOWLEDGE: lambda value: value == ACKNOWLEDGED,
    QuestionKind.TEXT: lambda value: bool(value.strip()),
}


def fits_type(question: Question, value: str) -> bool:
    """Whether `value` is a lexical value of the question's kind, or names choices it has."""
    names = {choice.name for choice in question.choices}
    if question.kind is QuestionKind.SELECT_ONE:
        return value in names
    if question.kind is QuestionKind.SELECT_MULTIPLE:
        picked = value.split(" ")
        return bool(value) and len(set(picked)) == len(picked) and names.issuperset(picked)
    return question.kind in _FITS and _FITS[question.kind](value)
