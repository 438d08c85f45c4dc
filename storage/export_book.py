"""One version of a questionnaire in an export: what counts of a response, what it scores, and what of it may leave."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial

from domain.answer import AnswerStatus
from domain.questionnaire import QuestionKind, Questionnaire
from storage.codebook import ExportForm, ExportScale, in_language, repeats_of
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
KEPT = 5_000
"""The scores of as many different sets of answers to a scale are remembered: many people give the same."""
_ANSWERED = AnswerStatus.ANSWERED.value
_NOT_SAID = Said("", "")


class Book:
    """`form` is None for a version that is not at hand any more: then nothing is known of its answers, and they leave
    only by both doors."""

    def __init__(
        self, form: ExportForm | None, scales: Sequence[ExportScale], door: Door, language: str
    ) -> None:
        self._form, self._door = form, door
        self.shown: Questionnaire | None = None
        self.scales: list[ExportScale] = []
        self._words: Mapping[str, None] = {}
        self._has_repeats = form is not None and bool(repeats_of(form.questionnaire))
        self._how: dict[str, Treatment] = {}
        self._lines: dict[str, Line] = {}
        self._scorers: list[tuple[tuple[str, ...], Callable[[tuple[str, ...]], Mapping[str, object]]]] = []
        if form is not None:
            self._read(form, form.questionnaire, language)
            self.scales = [scale for scale in scales if scale.fits(form.questionnaire)]
            items = {item for scale in self.scales for item in scale.items}
            # Those in a repeat have no score: their paths carry a number.
            paths = {each.name: each.path for each in form.questionnaire.questions if each.name in items}
            self._scorers = [
                (tuple(paths[item] for item in scale.items), lru_cache(maxsize=KEPT)(partial(_score, scale)))
                for scale in self.scales
            ]

    def _read(self, form: ExportForm, questionnaire: Questionnaire, language: str) -> None:
        how = treatments(self._door, questionnaire, form.derived)
        self._how = {path: each for path, each in how.items() if each is not Treatment.AS_IT_IS}
        # How to reach somebody stands in the vault alone: the answer only says that it was given.
        self._words = dict.fromkeys(
            each.path for each in questionnaire.questions if is_words(each) and not each.reach
        )
        self.shown = seen_through(questionnaire, how)
        otherwise = questionnaire.default_language
        for each in self.shown.questions:
            names = {choice.name: in_language(choice.label, language, otherwise) for choice in each.choices}
            labels: Mapping[str, str] = _Labels()
            if each.kind is QuestionKind.SELECT_ONE:
                labels = _Labels(names)
            elif each.kind is QuestionKind.SELECT_MULTIPLE:
                labels = _LabelsOfSeveral(names)
            self._lines[each.path] = in_language(each.label, language, otherwise), labels

    def counting(self, response: StoredResponse) -> Answers:
        """The answers that count, as they were given."""
        if self._form is None:
            return response.answers
        return self._form.read(response.answers, response.closed_at or response.started_at, response.channel)

    def scores(self, counting: Answers) -> dict[str, object]:
        """By the name of the column."""
        scores: dict[str, object] = {}
        find = counting.get
        for paths, score in self._scorers:
            scores |= score(tuple([find(path, _NOT_SAID)[1] for path in paths]))
        return scores

    def leaving(self, response: StoredResponse, counting: Answers) -> Answers:
        """The answers as they may leave through the door."""
        if self._form is None:
            is_open = self._door == EVERYTHING
            return counting if is_open else {path: kept_back(said) for path, said in counting.items()}
        if not self._how:
            return counting
        if self._has_repeats:
            apart = [path for path in counting if plain_path(path) in self._how]
        else:
            apart = [path for path in self._how if path in counting]
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

    def words_in(self, leaving: Answers) -> Iterable[tuple[str, Said]]:
        """What somebody answered in their own words, by path; of a version that nobody has, every answer may be."""
        if self._form is None:
            paths: Iterable[str] = leaving
        elif self._has_repeats:
            paths = [path for path in leaving if plain_path(path) in self._words]
        else:
            paths = [path for path in self._words if path in leaving]
        return [(path, leaving[path]) for path in paths if leaving[path].status == _ANSWERED]

    def line(self, path: str) -> "Line":
        """What stands beside an answer: the text of its question, and the label of each value."""
        found = self._lines.get(path)
        return found if found is not None else self._lines.get(plain_path(path), _NOTHING)


Line = tuple[str, Mapping[str, str]]


def _score(scale: ExportScale, values: tuple[str, ...]) -> Mapping[str, object]:
    """From the value of each item, empty where there is none."""
    return scale.score({item: value for item, value in zip(scale.items, values, strict=True) if value})


class _Labels(dict[str, str]):
    """What is written for a value: nothing where nobody has a label for it."""

    def __missing__(self, value: str) -> str:
        return ""


class _LabelsOfSeveral(dict[str, str]):
    """The same for several choices at once, remembered as often as there are `KEPT` of them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, value: str) -> str:
        label = "; ".join(self._names.get(name, name) for name in value.split(" ")) if value else ""
        if len(self) >= KEPT:
            self.clear()
        self[value] = label
        return label


_NOTHING: Line = ("", _Labels())
