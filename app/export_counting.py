"""Which answers of a response count at its end, for many responses of one form: what conditions and calculations come to
is worked out once for all people whose answers are the same to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial

from bot.dialogue.talks import facts
from bot.forms.form import Form
from bot.forms.syntax import Tree, nodes_in
from bot.forms.trees import calls_in
from domain.answer import Answer, AnswerStatus
from storage.export_rows import Said
from storage.posting import DELIVERED_LATER

KEPT = 20_000
"""As many different answers are remembered; conditions tell few apart."""
_LOOKED_AT = ("relevant", "calculation", "choice_filter")
_OF_THE_MOMENT = frozenset({"today", "now", "random", "uuid", "once"})
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""For forms in which nothing looks at the clock."""
_ANOTHER = "\0another"
"""Stands for every answer that no condition knows: nobody can type it."""
_NOT_SAID = Said("", "")

Seen = tuple[tuple[str, str], ...]
"""The status and value of each answer that is looked at, as far as conditions tell them apart."""


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
        self._ways = list(_ways_of_looking(form).items())
        self._facts = {way: facts(form, reachable=way) for way in (True, False)}
        self._may_remember = not form.repeats and not any(
            calls_in(tree) & _OF_THE_MOMENT for tree in form.trees.values()
        )
        self._outcome = lru_cache(maxsize=KEPT)(self._work_out)

    def __call__(self, said: Mapping[str, Said], at: datetime, channel: str) -> Mapping[str, Said]:
        is_reachable = channel in DELIVERED_LATER
        if not self._may_remember:
            return self._look(said, at, is_reachable)
        find = said.get
        seen = tuple([look(find(path, _NOT_SAID)) for path, look in self._ways])
        outcome = self._outcome(seen, is_reachable)
        counting = {path: said[path] for path in outcome.asked if path in said}
        for path, value in outcome.read.items():
            counting[path] = counting[path]._replace(value=value)
        for path, worked_out in outcome.worked_out:
            if path not in said:
                counting[path] = worked_out
        return counting

    def _work_out(self, seen: Seen, is_reachable: bool) -> _Outcome:
        known = {
            path: Answer(AnswerStatus(status), value)
            for (path, _), (status, value) in zip(self._ways, seen, strict=True)
            if status
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


_Look = Callable[[Said], tuple[str, str]]


def _ways_of_looking(form: Form) -> dict[str, _Look]:
    """How every question is looked at by conditions, calculations and filters."""
    known: dict[str, set[str]] = {}
    whole = _read_apart(form)
    for key, tree in form.trees.items():
        if key.partition("#")[2] in _LOOKED_AT:
            whole |= _compared(tree, known)
    whole |= known.keys() & form.shape.numbers  # "5" and "5.0" are the same to these
    ways: dict[str, _Look] = dict.fromkeys(sorted(whole), _as_it_is)
    return ways | {
        path: partial(_among, frozenset(names)) for path, names in known.items() if path not in whole
    }


def _as_it_is(said: Said) -> tuple[str, str]:
    return said[:2]


def _among(names: frozenset[str], said: Said) -> tuple[str, str]:
    """Of an answer that is only compared with some names: which one it is. How nothing was said makes no difference."""
    value = said.value
    if not value:
        return "", ""
    return AnswerStatus.ANSWERED.value, value if value in names else _ANOTHER


def _compared(tree: Tree, known: dict[str, set[str]]) -> set[str]:
    """Puts into `known` which names each question is compared with; gives the questions that are read in any other way."""
    if tree[0] in ("and", "or"):
        return _compared(tree[1], known) | _compared(tree[2], known)
    if tree[0] in ("=", "!="):
        kinds = {side[0]: side[1] for side in tree[1:]}
        if kinds.keys() == {"node", "text"}:
            known.setdefault(kinds["node"], set()).add(kinds["text"])
            return set()
    return nodes_in(tree)


def _read_apart(form: Form) -> set[str]:
    """The questions that may read as something else than what was said: choices that are no longer offered are left out."""
    return {
        path
        for path, row in form.rows.items()
        if row.choice_filter is not None or (row.calculation is not None and row.question.waits)
    }
