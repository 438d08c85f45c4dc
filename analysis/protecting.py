"""Which numbers of a survey may be told: classes in which every number is large enough, today and against every release
before. Why this protects is in docs/decisions/0035-small-cells.md; there is no solver here and none is needed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from analysis.counting import Tally, class_of
from analysis.people import NOTHING, Asked, Counted, Numbers, Parts, Release, Survey

LEAST = 5
"""Nobody can ask for a smaller minimum."""

USUAL = 10


class Why(StrEnum):
    """Why there are no new numbers of a question."""

    TOO_FEW = "too_few"
    CHANGED_LITTLE = "changed_little"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fresh` is what may be told now and was not told before, None where that is nothing; `why` says for each other
    question why it has no new numbers."""

    fresh: Release | None
    why: Mapping[str, Why]


def protect(survey: Survey, *, minimum: int, earlier: Sequence[Release], at: datetime) -> Outcome:
    """`earlier` are all releases about the same people, oldest first. `at` is UTC.

    Raises ValueError for a minimum under LEAST, and for other dimensions than those of the earlier releases.
    """
    if minimum < LEAST:
        raise ValueError(f"a minimum under {LEAST}")
    if earlier and earlier[0].by.keys() != survey.dimensions.keys():
        raise ValueError("other dimensions than before")
    return _Protection(survey, max([minimum, *(each.minimum for each in earlier)]), earlier).release(at)


class _Protection:
    def __init__(self, survey: Survey, minimum: int, earlier: Sequence[Release]) -> None:
        self._survey, self._minimum, self._earlier = survey, minimum, earlier
        self._tally = Tally(survey)
        self._by = earlier[0].by if earlier else self._merged_groups()

    def release(self, at: datetime) -> Outcome:
        shown = {name: parts for name, parts in self._by.items() if len(parts) > 1}
        people = self._tally.people(shown)
        why = self._against(people, [each.people for each in self._earlier])
        if why is not None:
            return Outcome(None, dict.fromkeys((each.id for each in self._survey.questions), why))
        found: dict[str, Counted] = {}
        reasons: dict[str, Why] = {}
        for question in self._survey.questions:
            told = self._told(question, shown)
            if isinstance(told, Counted):
                found[question.id] = told
            else:
                reasons[question.id] = told
        if not found:
            return Outcome(None, reasons)
        return Outcome(Release(at, self._minimum, self._by, people, found), reasons)

    def _told(self, question: Asked, shown: Mapping[str, Parts]) -> Counted | Why:
        before = [each for each in self._earlier if question.id in each.questions]
        if before:
            # Never in finer classes, and never in others: the difference of two releases is a table as well.
            first = before[0].questions[question.id]
            by = {name: shown[name] for name in first.numbers.tables}
            numbers = self._tally.numbers(question.id, first.classes, by)
            why = self._against(numbers, [each.questions[question.id].numbers for each in before])
            if why is None and not self._hides_the_rest(question, first.classes, by, shown, before):
                why = Why.CHANGED_LITTLE
            return why or Counted(first.classes, numbers)
        for size in range(len(shown), -1, -1):
            tried = (self._classes(question, dict(some), shown) for some in combinations(shown.items(), size))
            best = max((each for each in tried if each), key=lambda each: len(each.classes), default=None)
            if best is not None:
                return best
        return Why.TOO_FEW

    def _against(self, numbers: Numbers, before: Sequence[Numbers]) -> Why | None:
        """None where these may be told after those."""
        cells = numbers.cells()
        if any(count < self._minimum for count in cells):
            return Why.CHANGED_LITTLE if before else Why.TOO_FEW
        if before and cells == before[-1].cells():
            return Why.UNCHANGED
        for each in before:
            steps = [now - then for now, then in zip(cells, each.cells(), strict=True)]
            if any(steps) and any(abs(step) < self._minimum for step in steps):
                return Why.CHANGED_LITTLE
        return None

    def _merged_groups(self) -> dict[str, Parts]:
        """Small groups together, and with them who is in none; a dimension of which nothing can be told has one class."""
        return {name: self._merged(name) for name in self._survey.dimensions}

    def _merged(self, dimension: str) -> Parts:
        sizes, enough = self._tally.sizes(dimension), 2 * self._minimum
        small = {name for name, size in sizes.items() if size < enough}
        for name in sorted(sizes, key=lambda name: (sizes[name], name)):
            # Who is large enough is never in it alone: a single small group is smaller than that.
            if not small or sum(sizes[each] for each in small) >= enough:
                break
            small.add(name)
        alone = tuple((name,) for name in sizes if name not in small)
        return (*alone, tuple(name for name in sizes if name in small)) if small else alone

    def _classes(
        self, question: Asked, by: Mapping[str, Parts], shown: Mapping[str, Parts]
    ) -> Counted | None:
        """The most classes in which every number by these dimensions is large enough."""
        found: list[Parts] = []
        for order in self._orders(question):
            classes = self._cut(question, order, by)
            if len(classes) > 1 and self._hides_the_rest(question, classes, by, shown, ()):
                found.append(classes)
        if not found:
            return None
        classes = max(found, key=len)
        return Counted(classes, self._tally.numbers(question.id, classes, by))

    def _orders(self, question: Asked) -> Iterable[tuple[str, ...]]:
        """Along which neighbours may be put together: as in the form, or else the rare ones at the end."""
        yield (*question.categories, NOTHING)
        if not question.in_order:
            counts = self._tally.pairs(question.id)[NOTHING]
            yield tuple(
                sorted((*question.categories, NOTHING), key=lambda each: -counts.get((NOTHING, each), 0))
            )

    def _cut(self, question: Asked, order: Sequence[str], by: Mapping[str, Parts]) -> Parts:
        """As many pieces as there can be: each is closed as soon as it is large enough everywhere."""
        done: list[tuple[str, ...]] = []
        piece: tuple[str, ...] = ()
        for name in order:
            piece = (*piece, name)
            if self._tally.smallest(question.id, piece, by) >= self._minimum:
                done.append(piece)
                piece = ()
        if piece and done:
            done[-1] += piece
        return tuple(done)

    def _hides_the_rest(
        self,
        question: Asked,
        classes: Parts,
        by: Mapping[str, Parts],
        shown: Mapping[str, Parts],
        before: Sequence[Release],
    ) -> bool:
        """Whether each number by a dimension that this question is not told by can still be many: as many as when the
        answers of people who are alike in all that is told change places."""
        for name, parts in shown.items():
            if name in by:
                continue
            room = self._room(question, classes, by, (name, parts), before)
            if min(room[group, place] for group in range(len(parts)) for place in range(len(classes))) < (
                self._minimum
            ):
                return False
        return True

    def _room(
        self,
        question: Asked,
        classes: Parts,
        by: Mapping[str, Parts],
        hidden: tuple[str, Parts],
        before: Sequence[Release],
    ) -> Counter[tuple[int, int]]:
        """How far the number of each (group, class) can move."""
        name, parts = hidden
        sizes: Counter[tuple[tuple[int, ...], int]] = Counter()
        answers: Counter[tuple[tuple[int, ...], int]] = Counter()
        alike: Counter[tuple[int, ...]] = Counter()
        for person in self._survey.people:
            like = (
                sum(person.since <= each.at for each in before),
                *(class_of(person.groups.get(each, NOTHING), by[each]) for each in by),
            )
            alike[like] += 1
            sizes[like, class_of(person.groups.get(name, NOTHING), parts)] += 1
            answers[like, class_of(person.answers.get(question.id, NOTHING), classes)] += 1
        room: Counter[tuple[int, int]] = Counter()
        for (like, group), size in sizes.items():
            for place in range(len(classes)):
                there, all_alike = answers[like, place], alike[like]
                room[group, place] += min(size, there, all_alike - size, all_alike - there)
        return room
