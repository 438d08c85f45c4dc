"""Fills in a form line by line for a program that wants to see its logic; reading lines and the clock are the caller's.

It begins as ODK's engine does: every repeat without a count has one instance, defaults are filled in.
"""

import json
from datetime import datetime
from typing import Any

from bot.forms.actions import settle
from bot.forms.form import Form
from bot.forms.lexical import ADDED, in_list_order
from bot.forms.view import View
from domain.answer import Answer, AnswerStatus, answered
from domain.questionnaire import QuestionKind

_EMPTY = Answer(AnswerStatus.SKIPPED)


class Tracer:
    """One filling in. `seed` is what chance comes from."""

    def __init__(self, form: Form, *, seed: str) -> None:
        self._form, self._seed = form, seed
        self._answers: dict[str, Answer] = {}
        self._has_begun = False

    def take(self, line: str, now: datetime) -> str:
        """The JSON line that follows from one JSON line; `now` is UTC."""
        if not self._has_begun:
            self._has_begun = True
            self._settle((), now)
        message = self._change(line, now)
        view = self._view(now)
        return json.dumps({"accepted": message is None, "message": message, **_told(view)})

    def _view(self, now: datetime) -> View:
        return self._form.view(self._answers, now, seed=self._seed)

    def _settle(self, changed: tuple[str, ...], now: datetime) -> None:
        settled = settle(self._form, self._answers, changed, now, seed=self._seed, asked_too=True)
        self._answers = dict(settled)

    def _change(self, line: str, now: datetime) -> str | None:
        """Takes the answer in `line`; the message says why not."""
        try:
            name, value = _read(line)
        except ValueError as error:
            return str(error)
        added = self._added(name, now)
        if added is None:
            return f"there is no question at {name}"
        before = self._answers
        self._answers = {**before, **added}
        self._settle(tuple(added), now)
        problem = self._answer(name, value, now)
        if problem is not None:
            self._answers = before
        return problem

    def _answer(self, name: str, value: str, now: datetime) -> str | None:
        view = self._view(now)
        question = self._form.question(name)
        if not question.waits:
            return f"{name} takes no answer"
        if value and not view.fits(name, value):
            return f"{value!r} is no {question.kind.value}"
        if value and not view.holds(name, value):
            return view.local_text(question.constraint_message) or "the constraint does not hold"
        value = in_list_order(question, value)
        former = self._answers.get(name, _EMPTY)
        self._answers = {**self._answers, name: answered(value) if value else _EMPTY}
        if former.value != value:
            self._settle((name,), now)
        return None

    def _added(self, name: str, now: datetime) -> dict[str, Answer] | None:
        """The instances that have to be added before there is a `name`; None when there can be none."""
        form, view, added = self._form, self._view(now), dict[str, Answer]()
        if not form.has(name) or form.question(name).kind is QuestionKind.REPEAT:
            return None
        numbers, row = form.numbers(name), form.rows[form.questionnaire.questions[form.index(name)].path]
        for level, repeat in enumerate(row.around):
            base = form.repeats[repeat].base(numbers[:level])
            count = view.count(base)
            if numbers[level] > count:
                if form.repeats[repeat].is_counted or numbers[level] > count + 1:
                    return None
                added[f"{base}[{numbers[level]}]"] = answered(ADDED)
                view = form.view({**self._answers, **added}, now, seed=self._seed)
        return added


def _read(line: str) -> tuple[str, str]:
    """(name, value). Raises ValueError with what is wrong."""
    try:
        document = json.loads(line)
    except ValueError as error:
        raise ValueError(f"this is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise ValueError("this is not a JSON object")
    name, value = document.get("name"), document.get("value")
    if not isinstance(name, str) or not isinstance(value, str):
        raise ValueError('"name" and "value" must be there and be texts')
    return name, value


def _told(view: View) -> dict[str, Any]:
    relevant: dict[str, bool] = {}
    values: dict[str, str] = {}
    missing: list[str] = []
    first: str | None = None
    for row, path in view.instances():
        if row.question.kind is QuestionKind.REPEAT:
            continue
        relevant[path] = view.is_relevant(path)
        value = view.read(path)
        if value:
            values[path] = value
        elif relevant[path] and row.question.waits:
            first = first or (path if view.can_be_asked(path) else None)
            if view.is_required(path):
                missing.append(path)
    return {"relevant": relevant, "values": values, "required_missing": missing, "next": first}
