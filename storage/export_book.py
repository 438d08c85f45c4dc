"""One version of a questionnaire in an export: what counts of a response, what it scores, and what of it may leave."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from domain.questionnaire import QuestionKind, Questionnaire
from storage.codebook import ExportForm, ExportScale, in_language
from storage.export_door import (
    EVERYTHING,
    Door,
    Treatment,
    is_words,
    kept_back,
    plain_path,
    seen_through,
    through,
    treatments,
)
from storage.export_rows import Said, StoredResponse

Answers = Mapping[str, Said]


class Book:
    """`form` is None for a version that is not at hand any more: then nothing is known of its answers, and they leave
    only by both doors."""

    def __init__(
        self, form: ExportForm | None, scales: Sequence[ExportScale], door: Door, language: str
    ) -> None:
        self._form, self._door = form, door
        self.shown: Questionnaire | None = None
        self.scales: list[ExportScale] = []
        self.words: frozenset[str] = frozenset()
        self._how: dict[str, Treatment] = {}
        self._lines: dict[str, Line] = {}
        self._named: dict[str, str] = {}
        if form is not None:
            self._read(form, form.questionnaire, language)
            self.scales = [scale for scale in scales if scale.fits(form.questionnaire)]
            items = {item for scale in self.scales for item in scale.items}
            # Those in a repeat have no score: their paths carry a number.
            self._named = {
                each.path: each.name for each in form.questionnaire.questions if each.name in items
            }

    def _read(self, form: ExportForm, questionnaire: Questionnaire, language: str) -> None:
        how = treatments(self._door, questionnaire, form.derived)
        self._how = {path: each for path, each in how.items() if each is not Treatment.AS_IT_IS}
        self.words = frozenset(each.path for each in questionnaire.questions if is_words(each))
        self.shown = seen_through(questionnaire, how)
        otherwise = questionnaire.default_language
        for each in self.shown.questions:
            names = {choice.name: in_language(choice.label, language, otherwise) for choice in each.choices}
            label = _no_label
            if each.kind is QuestionKind.SELECT_ONE:
                label = partial(_label, names)
            elif each.kind is QuestionKind.SELECT_MULTIPLE:
                label = partial(_labels, names)
            self._lines[each.path] = in_language(each.label, language, otherwise), label

    def counting(self, response: StoredResponse) -> Answers:
        """The answers that count, as they were given."""
        if self._form is None:
            return response.answers
        return self._form.read(response.answers, response.closed_at or response.started_at, response.channel)

    def scores(self, counting: Answers) -> dict[str, object]:
        """By the name of the column."""
        if not self.scales:
            return {}
        named = self._named
        values = {named[path]: each.value for path, each in counting.items() if path in named and each.value}
        scores: dict[str, object] = {}
        for scale in self.scales:
            scores |= scale.score({name: values[name] for name in scale.items if name in values})
        return scores

    def leaving(self, response: StoredResponse, counting: Answers) -> Answers:
        """The answers as they may leave through the door."""
        if self._form is None:
            is_open = self._door == EVERYTHING
            return counting if is_open else {path: kept_back(said) for path, said in counting.items()}
        if not self._how:
            return counting
        apart = [path for path in counting if (path if "[" not in path else plain_path(path)) in self._how]
        if not apart:
            return counting
        found = dict(counting)
        for path in apart:
            said = through(
                self._how[plain_path(path)],
                path,
                counting[path],
                counting,
                may_quote=response.may_quote,
                at=response.started_at,
            )
            if said is None:
                del found[path]
            else:
                found[path] = said
        return found

    def is_words(self, path: str) -> bool:
        """Whether somebody wrote this answer in their own words; of a version that nobody has, every answer may be."""
        return self._form is None or plain_path(path) in self.words

    def line(self, path: str) -> "Line":
        """What stands beside an answer: the text of its question, and what gives the label of a value."""
        found = self._lines.get(path)
        return found if found is not None else self._lines.get(plain_path(path), _NOTHING)

    def text(self, path: str) -> str:
        return self.line(path)[0]

    def label(self, path: str, value: str) -> str:
        return self.line(path)[1](value) if value else ""


Line = tuple[str, Callable[[str], str]]


def _no_label(_value: str) -> str:
    return ""


_NOTHING: Line = ("", _no_label)


def _label(names: Mapping[str, str], value: str) -> str:
    return names.get(value, "")


def _labels(names: Mapping[str, str], value: str) -> str:
    return "; ".join(names.get(name, name) for name in value.split(" "))
