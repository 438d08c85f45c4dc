"""Counts people by classes of groups and classes of answers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from analysis.people import NOTHING, Numbers, Parts, Person, Survey

Pairs = Mapping[tuple[str, str], int]
"""(group, category) to how many."""


class Tally:
    """A survey with its small cells: this never leaves as it is."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self._of_question: dict[str, Mapping[str, Pairs]] = {}

    def sizes(self, dimension: str) -> dict[str, int]:
        """How many people are in each group, with NOTHING; groups that nobody is in are there too."""
        found = Counter(self._group(person, dimension) for person in self.survey.people)
        return {name: found[name] for name in (*self.survey.dimensions[dimension], NOTHING)}

    def pairs(self, question: str) -> Mapping[str, Pairs]:
        """By dimension."""
        if question not in self._of_question:
            categories = next(each.categories for each in self.survey.questions if each.id == question)
            said = [_known(each.answers.get(question, NOTHING), categories) for each in self.survey.people]
            self._of_question[question] = {
                name: Counter(
                    zip((self._group(each, name) for each in self.survey.people), said, strict=True)
                )
                for name in self.survey.dimensions
            } | {NOTHING: Counter((NOTHING, each) for each in said)}
        return self._of_question[question]

    def numbers(self, question: str, classes: Parts, by: Mapping[str, Parts]) -> Numbers:
        pairs = self.pairs(question)
        tables = {name: _table(pairs[name], parts, classes) for name, parts in by.items()}
        return Numbers(_table(pairs[NOTHING], ((NOTHING,),), classes)[0], tables)

    def smallest(self, question: str, categories: Sequence[str], by: Mapping[str, Parts]) -> int:
        """The smallest number there would be, were these categories one class."""
        pairs = self.pairs(question)
        rows = [_sum(pairs[name], groups, categories) for name, parts in by.items() for groups in parts]
        return min([_sum(pairs[NOTHING], (NOTHING,), categories), *rows])

    def people(self, by: Mapping[str, Parts]) -> Numbers:
        """Everybody, as a question with one class."""
        tables = {}
        for name, parts in by.items():
            sizes = {(group, NOTHING): size for group, size in self.sizes(name).items()}
            tables[name] = _table(sizes, parts, ((NOTHING,),))
        return Numbers((len(self.survey.people),), tables)

    def _group(self, person: Person, dimension: str) -> str:
        return _known(person.groups.get(dimension, NOTHING), self.survey.dimensions[dimension])


def class_of(name: str, parts: Parts) -> int:
    """The number of the class; a name that came later is with what is not known."""
    places = {each: place for place, part in enumerate(parts) for each in part}
    return places.get(name, places.get(NOTHING, 0))


def _table(pairs: Pairs, parts: Parts, classes: Parts) -> tuple[tuple[int, ...], ...]:
    rows = [[0] * len(classes) for _ in parts]
    for (group, category), count in pairs.items():
        rows[class_of(group, parts)][class_of(category, classes)] += count
    return tuple(tuple(row) for row in rows)


def _known(name: str, names: Iterable[str]) -> str:
    return name if name in names else NOTHING


def _sum(pairs: Pairs, groups: Sequence[str], categories: Sequence[str]) -> int:
    return sum(pairs.get((group, category), 0) for group in groups for category in categories)
