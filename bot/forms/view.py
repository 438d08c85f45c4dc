"""One look at a form with one person's answers at one moment: relevance, values, what comes next, what is accepted.

A View keeps what it worked out, so it is made anew when an answer changes. Instances of repeats are only looked at
when something asks for them. A form without repeats takes short ways that cost nothing for what it does not have.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from bot.forms.lexical import ADDED, fits_type
from bot.forms.nodesets import Compiled, Frame, Scope, place_of
from bot.forms.values import ZONE, to_number, to_result, to_text, to_truth
from domain.answer import Answer, AnswerStatus
from domain.questionnaire import OUTPUT, Choice, LocalText, Question, QuestionKind

if TYPE_CHECKING:
    from bot.forms.form import Form

MOST_INSTANCES = 500
"""No repeat has more instances, whatever its count works out to."""


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: say `notes`, then ask `question`; or say `notes`, then `exit` ends the questionnaire.

    With neither, everything has been asked.
    """

    notes: tuple[Question, ...]
    question: Question | None = None
    exit: Question | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A question with everything that is worked out once. `relevant` holds its own and its groups' expressions,
    each with the path it stands on and how many repeats that lies in, the outermost first. `around` are the repeats
    it lies in. `keeps` says that a value once calculated stays (once()), `acts` that something has to be stored
    besides answers (see bot.forms.actions)."""

    question: Question
    index: int
    around: tuple[str, ...]
    relevant: tuple[tuple[str, Compiled, int], ...]
    constraint: Compiled | None
    calculation: Compiled | None
    required: Compiled | None
    dynamic_default: Compiled | None
    recalculation: Compiled | None
    choice_filter: Compiled | None
    keeps: bool
    acts: bool
    is_deep: bool

    def place(self, at: Sequence[int]) -> str:
        """The path of one instance."""
        return place_of(self.question.path, self.around, at) if self.around else self.question.path


@dataclass(frozen=True, slots=True)
class Repeat:
    """`around` are the repeats it lies in, itself left out; `first` is the index of its first row."""

    path: str
    around: tuple[str, ...]
    count: Compiled | None
    is_counted: bool
    first: int

    def base(self, at: Sequence[int]) -> str:
        """Its path with the numbers of the repeats around it."""
        return place_of(self.path, self.around, at)


class View:
    """Answers to paths that the form does not have are left alone. Paths carry instance numbers."""

    __slots__ = (
        "_answers",
        "_counts",
        "_form",
        "_is_warm",
        "_language",
        "_local",
        "_now",
        "_relevance",
        "_seed",
        "_values",
    )
    at: tuple[int, ...] = ()
    position = 0
    item: Mapping[str, str] | None = None

    def __init__(
        self, form: "Form", answers: Mapping[str, Answer], now: datetime, seed: str = "", language: str = ""
    ) -> None:
        self._form, self._answers, self._now = form, answers, now
        self._seed, self._language = seed, language
        self._relevance: dict[str, bool] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._local: datetime | None = None
        self._is_warm = not form.deep_order

    @property
    def local(self) -> datetime:
        if self._local is None:
            self._local = self._now.astimezone(ZONE)
        return self._local

    @property
    def world(self) -> "View":
        return self

    @property
    def origin(self) -> "View":
        return self

    @property
    def version(self) -> str:
        return self._form.questionnaire.version

    def items(self, name: str) -> Sequence[Mapping[str, str]]:
        return self._form.questionnaire.lists.get(name, ())

    def token(self, place: str) -> str:
        return sha256(f"{self._seed} {place}".encode()).hexdigest()[:32]

    def kept(self, path: str) -> str:
        answer = self._answers.get(path)
        return answer.value if answer is not None and answer.status is AnswerStatus.ANSWERED else ""

    def choice_label(self, path: str, value: str) -> str:
        choices = self._form.question(path).choices
        return next((self.local_text(choice.label) for choice in choices if choice.name == value), "")

    def local_text(self, text: LocalText) -> str:
        default = self._form.questionnaire.default_language
        return text.get(self._language) or text.get(default) or next(iter(text.values()), "")

    def fill(self, text: str, path: str) -> str:
        """A text of the row or group at `path` with the values of the expressions in it."""
        if OUTPUT[0] not in text:
            return text
        plain, at = self._split(path)
        scope: Scope = Frame(self, at) if at else self
        first, *rest = text.split(OUTPUT[0])
        said = [first]
        for part in rest:
            expression, _, after = part.partition(OUTPUT[1])
            said += [to_text(self._form.outputs[f"{plain}#output {expression}"](scope)), after]
        return "".join(said)

    def _split(self, path: str) -> tuple[str, tuple[int, ...]]:
        if "[" not in path:
            return path, ()
        pieces = path.split("[")
        plain, at = [pieces[0]], []
        for piece in pieces[1:]:
            number, _, rest = piece.partition("]")
            at.append(int(number))
            plain.append(rest)
        return "".join(plain), tuple(at)

    def _row(self, path: str) -> tuple[Row, tuple[int, ...]]:
        if "[" not in path:
            return self._form.rows[path], ()
        plain, at = self._split(path)
        return self._form.rows[plain], at

    def _warm(self) -> None:
        """Works out everything from the bottom up, so that long chains of conditions do not nest."""
        self._is_warm = True
        for path in self._form.deep_order:
            row = self._form.rows.get(path)
            if row is not None and not row.around:
                self.read(path)

    def is_relevant(self, path: str) -> bool:
        """Whether the question at `path` counts now: by its own expression and by those of all its groups, and, in a
        repeat, because that instance is there."""
        row, at = self._row(path)
        return self._is_relevant(row, at)

    def _is_relevant(self, row: Row, at: tuple[int, ...] = ()) -> bool:
        if row.around:
            return self._is_instance_relevant(row, at)
        if not row.relevant:
            return True
        if row.is_deep and not self._is_warm:
            self._warm()
        known = self._relevance
        for place, relevant, _ in row.relevant:
            holds = known.get(place)
            if holds is None:
                holds = known[place] = to_truth(relevant(self))
            if not holds:
                return False
        return True

    def _is_instance_relevant(self, row: Row, at: tuple[int, ...]) -> bool:
        if row.question.kind is QuestionKind.REPEAT and at:
            at = (*at[:-1], at[-1] - 1)
        return self._exists(row.around, at) and self._holds(row.relevant, row.around, at)

    def _exists(self, around: Sequence[str], at: tuple[int, ...]) -> bool:
        repeats = self._form.repeats
        return len(at) == len(around) and all(
            1 <= number <= self.count(repeats[repeat].base(at[:level]))
            for level, (repeat, number) in enumerate(zip(around, at, strict=True))
        )

    def _holds(
        self, relevant: tuple[tuple[str, Compiled, int], ...], around: Sequence[str], at: tuple[int, ...]
    ) -> bool:
        known = self._relevance
        for place, condition, depth in relevant:
            place = place_of(place, around[:depth], at) if depth else place
            holds = known.get(place)
            if holds is None:
                scope: Scope = Frame(self, at[:depth]) if depth else self
                holds = known[place] = to_truth(condition(scope))
            if not holds:
                return False
        return True

    def is_there(self, path: str) -> bool:
        """As is_relevant, also for groups and for instances of repeats ("child[2]")."""
        plain, at = self._split(path) if "[" in path else (path, ())
        row = self._form.rows.get(plain)
        if row is not None and row.question.kind is not QuestionKind.REPEAT:
            return self._is_relevant(row, at)
        around = self._form.shape.around(plain)
        return self._exists(around, at) and self._holds(self._form.conditions(plain), around, at)

    def count(self, repeat: str) -> int:
        """How many instances a repeat has; `repeat` carries the numbers of those around it. Without a count: one,
        and every next one that was added."""
        known = self._counts.get(repeat)
        if known is None:
            known = self._counts[repeat] = self._count(repeat)
        return known

    def _count(self, base: str) -> int:
        plain, at = self._split(base)
        repeat = self._form.repeats[plain]
        if repeat.count is not None:
            number = to_number(repeat.count(Frame(self, at) if at else self))
            return max(0, min(int(number), MOST_INSTANCES)) if math.isfinite(number) else 0
        count = 1
        while count < MOST_INSTANCES and self.kept(f"{base}[{count + 1}]") == ADDED:
            count += 1
        return count

    def read(self, path: str) -> str:
        """What the node at `path` reads as in an expression; empty when it is not relevant."""
        value = self._values.get(path)
        if value is None:
            value = self._values[path] = self._work_out(path)
        return value

    def _work_out(self, path: str) -> str:
        plain, at = self._split(path) if "[" in path else (path, ())
        if plain in self._form.repeats:  # it has no value, and when it is counted no row either
            return ""
        row = self._form.rows[plain]
        if not self._is_relevant(row, at):
            return ""
        if row.is_deep and not self._is_warm:
            self._warm()
        if row.calculation is not None:
            return to_result(row.calculation(Frame(self, at) if at else self))
        answer = self._answers.get(path)
        value = answer.value if answer is not None and answer.status is AnswerStatus.ANSWERED else ""
        return self._still_offered(path, value) if value and row.choice_filter is not None else value

    def _still_offered(self, path: str, value: str) -> str:
        """Without what the filter leaves out by now: that is kept, as what is not relevant is, and may come back."""
        names = {choice.name for choice in self.offered(path)}
        return " ".join(name for name in value.split(" ") if name in names)

    def next_step(self, after: str = "") -> Step:
        """The first relevant question without an answer, from the start of the form, or the exit before it.

        `after` is the path of the question just answered: notes up to there were said before.
        """
        if self._form.repeats:
            return self._next_of_instances(after)
        said = self._form.index(after) if after else -1
        notes: list[Question] = []
        answers = self._answers
        for place, row, waits in self._form.walk:
            question = row.question
            if waits:
                is_open = question.path not in answers or (
                    row.choice_filter is not None and self._is_open(row, question.path)
                )
                if is_open and self._is_relevant(row) and self._has_choices(row, question.path):
                    return Step(tuple(notes), question)
            elif (place > said or question.exit) and self._is_relevant(row):
                if question.exit:
                    return Step(tuple(notes), None, question)
                notes.append(question)
        return Step(tuple(notes))

    def _next_of_instances(self, after: str) -> Step:
        form, notes = self._form, list[Question]()
        said = form.order(after) if after else ()
        for row, path in form.instances(self):
            question = row.question
            if question.waits:
                if self._is_open(row, path) and self.is_relevant(path) and self._has_choices(row, path):
                    return Step(tuple(notes), form.question(path))
                continue
            is_new = question.kind is QuestionKind.NOTE and (question.exit or form.order(path) > said)
            if is_new and self.is_relevant(path):
                if question.exit:
                    return Step(tuple(notes), None, form.question(path))
                notes.append(form.question(path))
        return Step(tuple(notes))

    def _is_open(self, row: Row, path: str) -> bool:
        """Not answered yet, or with a choice that is no longer offered."""
        if row.choice_filter is None or path not in self._answers:
            return path not in self._answers
        return self._answers[path].status is AnswerStatus.ANSWERED and not self.read(path)

    def _has_choices(self, row: Row, path: str) -> bool:
        """Whether somebody could answer it: when a filter leaves no choices the question is passed over."""
        return row.choice_filter is None or bool(self.offered(path))

    def can_be_asked(self, path: str) -> bool:
        """Whether the question at `path` is relevant and leaves something to answer."""
        row, at = self._row(path)
        return self._is_relevant(row, at) and self._has_choices(row, path)

    def offered(self, path: str) -> tuple[Choice, ...]:
        """The choices of a question that its filter leaves now."""
        row, at = self._row(path)
        if row.choice_filter is None:
            return row.question.choices
        names = set(to_text(row.choice_filter(Frame(self, at) if at else self)).split(" "))
        return tuple(choice for choice in row.question.choices if choice.name in names)

    def accepts(self, path: str, value: str) -> bool:
        """Whether `value` fits the question's type and its constraint, beside the other answers."""
        return self.fits(path, value) and self.holds(path, value)

    def fits(self, path: str, value: str) -> bool:
        row, _ = self._row(path)
        names = [choice.name for choice in self.offered(path)] if row.choice_filter is not None else None
        return fits_type(row.question, value, names)

    def holds(self, path: str, value: str) -> bool:
        """Whether `value` fulfils the constraint: the node itself reads as it, relevant or not."""
        row, at = self._row(path)
        if row.constraint is None:
            return True
        beside = View(self._form, self._answers, self._now, self._seed, self._language)
        beside._values[path] = value
        return to_truth(row.constraint(Frame(beside, at) if at else beside))

    def is_required(self, path: str) -> bool:
        row, at = self._row(path)
        return row.required is not None and to_truth(row.required(Frame(self, at) if at else self))

    def default(self, path: str) -> str:
        """What the form proposes as the answer to a question; empty when nothing, or what is no value of its type."""
        row, at = self._row(path)
        value = row.question.default
        if row.dynamic_default is not None:
            value = to_result(row.dynamic_default(Frame(self, at) if at else self))
        return _of_type(row.question, value)

    def recalculated(self, path: str) -> str:
        """What a trigger fills in at `path`; empty when that is no value of its type."""
        row, at = self._row(path)
        scope: Scope = Frame(self, at) if at else self
        value = to_result(row.recalculation(scope)) if row.recalculation is not None else ""
        return _of_type(row.question, value)

    def instances(self) -> Iterator[tuple[Row, str]]:
        return self._form.instances(self)

    def values(self) -> dict[str, str]:
        """Every relevant path that is answered or calculated, to its lexical value, in the form's order."""
        return {
            path: value
            for row, path in self.instances()
            if row.question.kind is not QuestionKind.METADATA and (value := self.read(path))
        }

    def progress(self) -> tuple[int, int]:
        """(dealt with, total) of the relevant questions that wait for an answer, consent questions and the wish for a
        talk left out: nobody should see the end move away."""
        counted = self._counted()
        return sum(not self._is_open(self._row(path)[0], path) for path in counted), len(counted)

    def place(self, path: str) -> tuple[int, int]:
        """(number, total): the how-manieth of those questions the one at `path` is; 0 when it is none of them."""
        counted = self._counted()
        return counted.index(path) + 1 if path in counted else 0, len(counted)

    def _counted(self) -> list[str]:
        """One that has no choices is left out when it was passed over. Before that an answer may still give it some."""
        counted: list[str] = []
        has_open = False
        for path, row in self._relevant_counted():
            if row.choice_filter is not None and not has_open and not self.offered(path):
                continue
            counted.append(path)
            has_open = has_open or self._is_open(row, path)
        return counted

    def _relevant_counted(self) -> Iterator[tuple[str, Row]]:
        form = self._form
        if not form.repeats:
            return ((path, row) for path, row in form.counted if self._is_relevant(row))
        known = {path for path, _ in form.counted}
        return (
            (path, row)
            for row, path in self.instances()
            if row.question.path in known and self.is_relevant(path)
        )

    def answered_paths(self) -> list[str]:
        """The questions that can be asked and were dealt with in any way, in the form's order. One whose choice is no
        longer offered is not: it waits for another answer."""
        return [
            path
            for row, path in self.instances()
            if path in self._answers
            and row.question.waits
            and self.can_be_asked(path)
            and not self._is_open(row, path)
        ]


def _of_type(question: Question, value: str) -> str:
    """Nothing instead of what could never be an answer. A filter on choices may still come to allow it."""
    return value if not question.waits or fits_type(question, value) else ""
