"""Which answers of a response count at its end, for many responses of one form: what conditions and calculations come to
is worked out once for all people who gave the same answers to the questions that they look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from bot.dialogue.talks import facts
from bot.forms.form import Form
from bot.forms.syntax import nodes_in
from bot.forms.trees import calls_in
from domain.answer import Answer, AnswerStatus
from storage.export_rows import Said
from storage.posting import DELIVERED_LATER

KEPT = 20_000
"""As many different answers are remembered; most questionnaires look at few of theirs."""
_LOOKED_AT = ("relevant", "calculation", "choice_filter")
_OF_THE_MOMENT = frozenset({"today", "now", "random", "uuid", "once"})

_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""For forms in which nothing looks at the clock."""

Seen = tuple[tuple[str, str] | None, ...]
"""The status and value of each answer that is looked at; None where there is none."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`asked` are the questions that can be asked, in the form's order; `read` is what one reads as where that is not what
    was said; `worked_out` are the values of calculations."""

    asked: tuple[str, ...]
    read: Mapping[str, str]
    worked_out: tuple[tuple[str, Said], ...]


class Counting:
    """For one form. See `ExportForm.read` for `__call__`."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._looked_at = tuple(sorted(_looked_at(form)))
        self._facts = {way: facts(form, reachable=way) for way in (True, False)}
        self._may_remember = not form.repeats and not any(
            calls_in(tree) & _OF_THE_MOMENT for tree in form.trees.values()
        )
        self._outcome = lru_cache(maxsize=KEPT)(self._work_out)

    def __call__(self, said: Mapping[str, Said], at: datetime, channel: str) -> Mapping[str, Said]:
        is_reachable = channel in DELIVERED_LATER
        if not self._may_remember:
            return self._look(said, at, is_reachable)
        seen = tuple([each[:2] if (each := said.get(path)) else None for path in self._looked_at])
        outcome = self._outcome(seen, is_reachable)
        counting = {path: said[path] for path in outcome.asked if path in said}
        for path, value in outcome.read.items():
            if path in counting:
                counting[path] = counting[path]._replace(value=value)
        for path, worked_out in outcome.worked_out:
            if path not in said:
                counting[path] = worked_out
        return counting

    def _work_out(self, seen: Seen, is_reachable: bool) -> _Outcome:
        known = {
            path: Answer(AnswerStatus(each[0]), each[1])
            for path, each in zip(self._looked_at, seen, strict=True)
            if each is not None
        }
        view = self._form.view({**known, **self._facts[is_reachable]}, _ANY_TIME)
        apart, still_there = _read_apart(self._form), set(view.answered_paths())
        asked = tuple(
            path
            for path, row in self._form.rows.items()
            if row.question.waits and (path in still_there if path in apart else view.can_be_asked(path))
        )
        read = view.values()
        return _Outcome(
            asked,
            {path: read[path] for path in apart & still_there if path in read},
            tuple(
                (path, Said.of(value))
                for path, value in read.items()
                if self._form.rows[path].calculation is not None
            ),
        )

    def _look(self, said: Mapping[str, Said], at: datetime, is_reachable: bool) -> Mapping[str, Said]:
        """A form with repeats, or one that looks at the clock: each response by itself."""
        answers = {path: Answer(AnswerStatus(each.status), each.value) for path, each in said.items()}
        answers |= self._facts[is_reachable]
        view = self._form.view(answers, at)
        # Of several choices only those count that the form still offers: that is what the view reads.
        read = view.values()
        counting = {
            path: said[path]._replace(value=read[path]) if path in read else said[path]
            for path in view.answered_paths()
        }
        return counting | {path: Said.of(value) for path, value in read.items() if path not in answers}


def _looked_at(form: Form) -> set[str]:
    """Every question that a condition, a calculation or a filter looks at."""
    keys = (key for key in form.trees if key.partition("#")[2] in _LOOKED_AT)
    return _read_apart(form).union(*(nodes_in(form.trees[key]) for key in keys))


def _read_apart(form: Form) -> set[str]:
    """The questions that may read as something else than what was said: choices that are no longer offered are left out."""
    return {
        path
        for path, row in form.rows.items()
        if row.choice_filter is not None or (row.calculation is not None and row.question.waits)
    }
