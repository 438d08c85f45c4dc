"""A questionnaire that can be asked, with everything about it that never changes worked out once; views look at it.

Theory of operation. A row of a questionnaire is there once; in a repeat its answers are there once an instance, under
paths with numbers from one: "child[2]/age". A Form knows rows by their plain path and instances by both; "child[3]"
is the question whether there is a third child.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from bot.forms.expressions import compile_tree
from bot.forms.lexical import ACKNOWLEDGED, ADDED, ENOUGH, fits_type
from bot.forms.nodesets import Compiled, Shape
from bot.forms.syntax import Tree
from bot.forms.trees import Trees, calls_in, depths_of
from bot.forms.values import ZONE
from bot.forms.view import Repeat, Row, Step, View
from domain.answer import Answer
from domain.questionnaire import Question, QuestionKind, Questionnaire

__all__ = ["ACKNOWLEDGED", "ADDED", "ENOUGH", "ZONE", "Form", "Step", "View", "fits_type", "plain_path"]

_INSTANCE = re.compile(r"\[(\d+)\]")
_NUMBERS = frozenset({QuestionKind.INTEGER, QuestionKind.DECIMAL, QuestionKind.RANGE})
DEEP = 60
"""A row with a longer chain of rows it depends on is worked out after those, not from within."""


def plain_path(path: str) -> str:
    """The path without instance numbers."""
    return _INSTANCE.sub("", path) if "[" in path else path


class Form:
    """`questionnaire` with its expressions compiled from `trees` (see bot.forms.trees)."""

    def __init__(self, questionnaire: Questionnaire, trees: Trees) -> None:
        self.questionnaire = questionnaire
        self.trees = trees
        self._index = {question.path: place for place, question in enumerate(questionnaire.questions)}
        numbers = (each.path for each in questionnaire.questions if each.kind in _NUMBERS)
        repeats = [group.path for group in questionnaire.groups if group.is_repeat]
        self.shape = Shape(frozenset(repeats), frozenset(numbers))
        self._relevant: dict[str, Compiled] = {}
        for key, tree in trees.items():
            path, _, column = key.partition("#")
            if column == "relevant":
                self._relevant[path] = compile_tree(tree, path, self.shape)
        depths = depths_of(questionnaire, trees)
        self.rows = {
            question.path: self._row(question, depths.get(question.path, 0) > DEEP)
            for question in questionnaire.questions
        }
        self.deep_order = (
            sorted(depths, key=depths.__getitem__) if max(depths.values(), default=0) > DEEP else []
        )
        self.repeats = {path: self._repeat(path) for path in repeats}
        self.walk = tuple(
            (place, row, row.question.waits)
            for place, row in enumerate(self.rows.values())
            if row.question.waits or row.question.kind is QuestionKind.NOTE
        )
        self.counted = tuple((path, row) for path, row in self.rows.items() if is_counted(row.question))
        self.acting = tuple(row for row in self.rows.values() if row.acts)
        self.sources = frozenset(path for row in self.acting for path in row.question.triggers)
        self.outputs = {
            key: compile_tree(tree, key.partition("#")[0], self.shape)
            for key, tree in trees.items()
            if "#output " in key
        }
        self.uses_chance = any(calls_in(tree) & {"random", "uuid"} for tree in trees.values())
        self._instance = lru_cache(maxsize=4096)(self._make_instance)

    def question(self, path: str) -> Question:
        """The question, of one instance where `path` names one. Raises KeyError for a path that is not in the form."""
        return self.rows[path].question if "[" not in path else self._instance(path)

    def _make_instance(self, path: str) -> Question:
        return replace(self.rows[plain_path(path)].question, path=path)

    def index(self, path: str) -> int:
        """The place of a question in `questionnaire.questions`. Raises KeyError."""
        return self._index[plain_path(path)]

    def instance(self, index: int, at: tuple[int, ...]) -> str | None:
        """The path of a question by its index and the numbers of the repeats around it; None when there is none."""
        if not 0 <= index < len(self.questionnaire.questions):
            return None
        row = self.rows[self.questionnaire.questions[index].path]
        return row.place(at) if len(at) == len(row.around) and 0 not in at else None

    def numbers(self, path: str) -> tuple[int, ...]:
        """The instance numbers in a path, the outermost first."""
        return tuple(map(int, _INSTANCE.findall(path))) if "[" in path else ()

    def has(self, path: str) -> bool:
        if "[" not in path:
            row = self.rows.get(path)
            return row is not None and not row.around
        row = self.rows.get(plain_path(path))
        numbers = self.numbers(path)
        return row is not None and 0 not in numbers and row.place(numbers) == path

    def order(self, path: str) -> tuple[int, ...]:
        """A key that puts questions in the order in which they are asked. Raises KeyError."""
        row = self.rows[plain_path(path)]
        key: list[int] = []
        for repeat, number in zip(row.around, self.numbers(path), strict=True):
            is_more = row.question.kind is QuestionKind.REPEAT and repeat == row.question.path
            key += [self.repeats[repeat].first, number - is_more]
        return (*key, row.index)

    def bounds(self, path: str) -> tuple[float | None, float | None]:
        """(least, most) that the question's range or its constraint leaves for a number, where it says so plainly."""
        plain = plain_path(path)
        question = self.rows[plain].question
        if question.kind is QuestionKind.RANGE:
            return question.low, question.high
        tree = self.trees.get(f"{plain}#constraint")
        return _bounds(tree, plain) if tree else (None, None)

    def view(
        self, answers: Mapping[str, Answer], now: datetime, *, seed: str = "", language: str = ""
    ) -> View:
        """`now` is timezone-aware UTC; expressions see it in Europe/Amsterdam. `seed` is what chance comes from."""
        return View(self, answers, now, seed, language)

    def _row(self, question: Question, is_deep: bool) -> Row:
        path = question.path
        around = self.shape.around(path)
        calculation = self.trees.get(f"{path}#calculation")
        keeps = calculation is not None and "once" in calls_in(calculation)
        return Row(
            question=question,
            index=self._index[path],
            around=tuple(around),
            relevant=self.conditions(path),
            constraint=self._compiled(path, "constraint"),
            calculation=self._compiled(path, "calculation"),
            required=self._compiled(path, "required"),
            dynamic_default=self._compiled(path, "dynamic_default"),
            recalculation=self._compiled(path, "recalculation"),
            choice_filter=self._filter(path),
            keeps=keeps,
            acts=keeps or bool(question.default or question.dynamic_default or question.triggers),
            is_deep=is_deep,
        )

    def conditions(self, path: str) -> tuple[tuple[str, Compiled, int], ...]:
        """Those that hold for the row or group at `path`: see Row.relevant."""
        parts = path.split("/")
        ways = ["/".join(parts[: length + 1]) for length in range(len(parts))]
        return tuple(
            (way, self._relevant[way], len(self.shape.around(way))) for way in ways if way in self._relevant
        )

    def _repeat(self, path: str) -> Repeat:
        group = next(each for each in self.questionnaire.groups if each.path == path)
        inside = [place for each, place in self._index.items() if each.startswith(f"{path}/")]
        return Repeat(
            path=path,
            around=tuple(self.shape.around(path)[:-1]),
            count=self._compiled(path, "count"),
            is_counted=bool(group.count),
            first=min(inside, default=0),
        )

    def _compiled(self, path: str, column: str) -> Compiled | None:
        tree = self.trees.get(f"{path}#{column}")
        return compile_tree(tree, path, self.shape) if tree else None

    def _filter(self, path: str) -> Compiled | None:
        """The names of the choices that are offered, with spaces between."""
        tree = self.trees.get(f"{path}#choice_filter")
        return compile_tree(["call", "join", ["text", " "], tree], path, self.shape) if tree else None

    def instances(self, view: View) -> Iterator[tuple[Row, str]]:
        """Every row of every instance there is now, with its path, in order."""
        if not self.repeats:
            return ((row, path) for path, row in self.rows.items())
        return self._instances(view, "", ())

    def _instances(self, view: View, inside: str, at: tuple[int, ...]) -> Iterator[tuple[Row, str]]:
        done: set[str] = set()
        for row in self.rows.values():
            around = row.around
            if len(around) == len(at) and (not at or around[-1] == inside):
                if row.question.path != inside:  # the question whether there is another one
                    yield row, row.place(at)
            elif len(around) > len(at) and (not at or around[len(at) - 1] == inside):
                repeat = around[len(at)]
                if repeat not in done:
                    done.add(repeat)
                    yield from self._of_repeat(view, self.repeats[repeat], at)

    def _of_repeat(self, view: View, repeat: Repeat, at: tuple[int, ...]) -> Iterator[tuple[Row, str]]:
        for number in range(1, view.count(repeat.base(at)) + 1):
            yield from self._instances(view, repeat.path, (*at, number))
            if not repeat.is_counted:
                more = self.rows[repeat.path]
                yield more, more.place((*at, number + 1))


def is_counted(question: Question) -> bool:
    """Whether it counts for how far we are: consents and the wish for a talk do not."""
    return (
        question.waits
        and question.consent is None
        and not (question.wish or question.reach)
        and question.kind is not QuestionKind.REPEAT
    )


def _bounds(tree: Tree, path: str) -> tuple[float | None, float | None]:
    """From ". >= 1 and . <= 10", in either order and with parts that say something else."""
    if tree[0] == "and":
        (low, high), (low_too, high_too) = _bounds(tree[1], path), _bounds(tree[2], path)
        return low if low is not None else low_too, high if high is not None else high_too
    if tree[0] in (">=", "<=") and tree[1] == ["node", path] and tree[2][0] == "number":
        return (tree[2][1], None) if tree[0] == ">=" else (None, tree[2][1])
    return None, None
