"""Joins stored responses to the core of tables: which questions are counted, by what, and what each person said. The only
place of tables that knows storage and forms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.people import NOTHING, Asked, Person, Survey
from app.exporting import form_for_export, scales_for_export
from app.shelf import Shelf
from bot.forms.form import Form
from bot.forms.scale_files import load_scales
from bot.forms.syntax import nodes_in
from domain.errors import DomainError
from domain.questionnaire import LocalText, Question, QuestionKind
from storage.base import Store
from storage.codebook import in_language
from storage.export_book import Book
from storage.export_door import Door
from storage.export_rows import ExportStatements, StoredResponse, Wanted, read_responses, read_versions

USUAL = ("wijk", "role", "age")
CHOSEN = "chosen"
_FEW = 12
"""A number with as many values at most is counted value by value."""
_NUMBERS = (QuestionKind.INTEGER, QuestionKind.RANGE)


@dataclass(frozen=True, slots=True)
class Labels:
    """Texts for the reader: of a questionnaire, of dimensions and questions by id, of their names by (id, name)."""

    title: str
    texts: Mapping[str, str]
    names: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Tabulated:
    """`left_out` are the texts of closed questions that have no table because they are asked of some people only."""

    survey: Survey
    labels: Labels
    left_out: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is counted of a form: dimensions by name, questions with the path or the scale they come from, and labels."""

    dimensions: Mapping[str, Question]
    asked: Sequence[Asked]
    labels: Labels
    left_out: Sequence[str]


def tabulate(
    store: Store, shelf: Shelf, questionnaire: str, by: Sequence[str], wave: int | None, language: str
) -> Tabulated:
    """Everybody whose consent for answers stands, once; simulated residents never. An empty `by` takes what of USUAL the
    questionnaire asks. Reads in the calling thread.

    Raises DomainError: tables_no_form, tables_no_dimension.
    """
    wanted = Wanted(questionnaire, wave=wave, traceable=True)
    scales = scales_for_export(language)
    with store.reading() as db:
        sql = ExportStatements(store.dialect, traceable=True)
        versions = [version for _, version in read_versions(db, sql, wanted)]
        form = _newest(shelf, questionnaire, versions)
        plan = _Planner(form, language).plan(by)
        books = {
            version: Book(form_for_export(shelf, questionnaire, version), scales, Door(), language)
            for version in versions
        }
        people = _people(read_responses(db, sql, wanted), books, plan)
    dimensions = {
        name: tuple(choice.name for choice in question.choices) for name, question in plan.dimensions.items()
    }
    return Tabulated(Survey(dimensions, plan.asked, people), plan.labels, plan.left_out)


def _newest(shelf: Shelf, questionnaire: str, versions: Sequence[str]) -> Form:
    if shelf.current().questionnaire.id == questionnaire:
        return shelf.current()
    found = [form for version in versions if (form := shelf.find(questionnaire, version)) is not None]
    if not found:
        raise DomainError("tables_no_form", questionnaire=questionnaire)
    return found[-1]


def _people(
    responses: Iterator[StoredResponse],
    books: Mapping[str, Book],
    plan: _Plan,
) -> list[Person]:
    """Of who answered more than once the last answers count, and they are here since the first."""
    found: dict[str, Person] = {}
    for response in responses:
        if response.is_withdrawn or response.simulated or response.version not in books:
            continue
        who = response.reference or f"response {response.id}"
        since = found[who].since if who in found else response.started_at
        found[who] = _person(response, books[response.version], plan, since)
    return list(found.values())


def _person(response: StoredResponse, book: Book, plan: _Plan, since: datetime) -> Person:
    counting = book.counting(response)
    said = {path: each.value for path, each in counting.items() if each.value}
    scores = book.scores(counting)
    answers: dict[str, str] = {}
    for asked in plan.asked:
        path, _, choice = asked.id.partition("=")
        if choice:
            answers[asked.id] = CHOSEN if choice in said.get(path, "").split() else NOTHING
        else:
            answers[asked.id] = said.get(path) or str(scores.get(asked.id) or NOTHING)
    groups = {name: said.get(question.path, NOTHING) for name, question in plan.dimensions.items()}
    return Person(groups, answers, since)


class _Planner:
    """Chooses what of a form is counted. No two tables may be worked out from one another: of a scale with bands its items
    have no tables, and a question that depends on another one that is counted has none either."""

    def __init__(self, form: Form, language: str) -> None:
        self._form, self._language = form, language
        self._otherwise = form.questionnaire.default_language
        named = {each.name: each for each in form.questionnaire.questions if "[" not in each.path}
        self._named = named
        self._scales = [
            each for each in load_scales().values() if each.bands and set(each.items) <= named.keys()
        ]
        self._texts: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}

    def plan(self, by: Sequence[str]) -> _Plan:
        dimensions = {name: self._dimension(name) for name in by or self._usual()}
        for name, question in dimensions.items():
            self._label(name, question)
        in_scales = {item for scale in self._scales for item in scale.items}
        counted = {each.path for each in dimensions.values()}
        counted |= {self._named[item].path for item in in_scales}
        asked: list[Asked] = []
        left_out: list[str] = []
        for question in self._form.questionnaire.questions:
            if question.path in counted or not (found := self._asked(question)):
                continue
            if self._sources(question.path) & counted:
                left_out.append(self._words(question.label))
                continue
            counted.add(question.path)
            asked += found
        asked += self._bands()
        labels = Labels(self._words(self._form.questionnaire.title), self._texts, self._names)
        return _Plan(dimensions, asked, labels, left_out)

    def _usual(self) -> list[str]:
        return [name for name in USUAL if name in self._choices()]

    def _choices(self) -> list[str]:
        return [
            name
            for name, each in self._named.items()
            if each.kind is QuestionKind.SELECT_ONE and each.consent is None and not self._repeated(each)
        ]

    def _dimension(self, name: str) -> Question:
        if name not in self._choices():
            raise DomainError("tables_no_dimension", name=name, known=", ".join(self._choices()))
        return self._named[name]

    def _repeated(self, question: Question) -> bool:
        return any(question.path.startswith(f"{repeat}/") for repeat in self._form.repeats)

    def _asked(self, question: Question) -> list[Asked]:
        """None for what is no closed question; one for each choice where several may be chosen."""
        if question.consent is not None or question.reach or self._repeated(question):
            return []
        if question.kind is QuestionKind.SELECT_ONE:
            self._label(question.path, question)
            # Where choices say how much somebody agrees, neighbours are alike.
            in_order = any(choice.meaning is not None for choice in question.choices)
            return [Asked(question.path, tuple(each.name for each in question.choices), in_order)]
        if question.kind is QuestionKind.SELECT_MULTIPLE:
            return [self._of_several(question, choice.name) for choice in question.choices]
        low, high, step = question.low, question.high, question.step or 1
        if question.kind in _NUMBERS and low is not None and high is not None and step == int(step):
            values = tuple(str(each) for each in range(int(low), int(high) + 1, int(step)))
            if len(values) <= _FEW:
                self._label(question.path, question)
                self._names |= {(question.path, each): each for each in values}
                return [Asked(question.path, values, in_order=True)]
        return []

    def _of_several(self, question: Question, name: str) -> Asked:
        choice = next(each for each in question.choices if each.name == name)
        label = self._words(choice.label)
        self._texts[f"{question.path}={name}"] = f"{self._words(question.label)} {label}"
        self._names[f"{question.path}={name}", CHOSEN] = label
        return Asked(f"{question.path}={name}", (CHOSEN,))

    def _bands(self) -> Iterator[Asked]:
        for scale in self._scales:
            name = f"{scale.id}__band"
            self._texts[name] = self._words(scale.title)
            self._names |= {(name, band.id): self._words(band.label) for band in scale.bands}
            yield Asked(name, tuple(band.id for band in scale.bands), in_order=True)

    def _sources(self, path: str) -> set[str]:
        """Every row that decides whether this one is asked and what it offers, through calculations too."""
        parts = path.split("/")
        within = ["/".join(parts[: length + 1]) for length in range(len(parts))]
        waiting = [f"{each}#relevant" for each in within] + [f"{path}#choice_filter"]
        seen: set[str] = set()
        while waiting:
            tree = self._form.trees.get(waiting.pop())
            for node in (nodes_in(tree) if tree is not None else set()) - seen:
                seen.add(node)
                waiting += [f"{node}#calculation", f"{node}#relevant"]
        return seen

    def _label(self, name: str, question: Question) -> None:
        self._texts[name] = self._words(question.label)
        self._names |= {(name, each.name): self._words(each.label) for each in question.choices}

    def _words(self, text: LocalText) -> str:
        return in_language(text, self._language, self._otherwise)
