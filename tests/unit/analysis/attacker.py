"""An attacker who has every release and a solver, and shares no code with what protects.

They know the questions, the groups, that a response stays once it is there, and everything that was published; they do not
know who is in which group. For a number that was not told they ask how small and how large it can be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ortools.sat.python import cp_model

Place = Mapping[str, str]
"""Dimension to group."""


@dataclass(frozen=True)
class Told:
    """One number: of release `release`, how many people in one of `groups` (by dimension) gave one of `answers`; only of
    those who came after release `since` - 1."""

    release: int
    groups: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, tuple[str, ...]]
    count: int
    since: int = 0


class Attacker:
    def __init__(
        self,
        dimensions: Mapping[str, Sequence[str]],
        questions: Mapping[str, Sequence[str]],
        told: Sequence[Told],
    ) -> None:
        self._kinds = [
            (dict(zip(dimensions, groups, strict=True)), dict(zip(questions, answers, strict=True)))
            for groups in product(*dimensions.values())
            for answers in product(*questions.values())
        ]
        self._told = told
        self._epochs = max(each.release for each in told) + 1 if told else 1
        self._most = max((each.count for each in told), default=0)

    def bounds(self, wanted: Told) -> tuple[int, int]:
        """The smallest and the largest that the count of `wanted` can be."""
        return self._solve(wanted, largest=False), self._solve(wanted, largest=True)

    def _solve(self, wanted: Told, *, largest: bool) -> int:
        model = cp_model.CpModel()
        # Who came between two releases is in all later ones.
        many = [[model.new_int_var(0, self._most, "") for _ in self._kinds] for _ in range(self._epochs)]
        for each in self._told:
            model.add(self._sum(many, each) == each.count)
        goal = self._sum(many, wanted)
        (model.maximize if largest else model.minimize)(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        status = solver.solve(model)
        assert status == cp_model.OPTIMAL, solver.status_name(status)
        return round(solver.objective_value)

    def _sum(self, many: Sequence[Sequence[cp_model.IntVar]], told: Told) -> cp_model.LinearExprT:
        fitting = [
            place
            for place, (groups, answers) in enumerate(self._kinds)
            if all(groups[name] in some for name, some in told.groups.items())
            and all(answers[name] in some for name, some in told.answers.items())
        ]
        return sum(many[epoch][place] for epoch in range(told.since, told.release + 1) for place in fitting)
