"""What a form stores besides answers: defaults, what a trigger fills in, and what once() has found; when is left to
the caller.

As in ODK's engine: a default comes once, when its instance comes to be; a trigger fills in anew whenever an answer it
listens to changes; once() keeps the first value it got. In a conversation only what nobody sees is stored so: for a
question that is asked a default is proposed, and a trigger takes the old answer away so that it is asked again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.forms.form import Form, plain_path
from bot.forms.view import Row
from domain.answer import Answer, AnswerStatus, answered
from domain.questionnaire import QuestionKind

_EMPTY = Answer(AnswerStatus.SKIPPED)


def settle(
    form: Form,
    answers: Mapping[str, Answer],
    changed: Iterable[str],
    now: datetime,
    *,
    seed: str = "",
    asked_too: bool = False,
) -> Mapping[str, Answer]:
    """`answers` with everything that follows from the change of `changed` (instance paths); the same object when
    nothing does. `asked_too` fills in questions that are asked as well, as a form on paper or in an app would."""
    if not form.acting:
        return answers
    after = dict(answers)
    waiting = list(changed)
    for _ in range(len(form.acting) + 1):
        fired = _fire(form, after, waiting, now, seed, asked_too)
        fired += _begin(form, after, now, seed, asked_too)
        if not fired:
            break
        waiting = fired
    return after if after != answers else answers


def _fire(
    form: Form, after: dict[str, Answer], changed: list[str], now: datetime, seed: str, asked_too: bool
) -> list[str]:
    fired: list[str] = []
    sources = [path for path in changed if plain_path(path) in form.sources]
    if not sources:
        return fired
    for row, path in list(form.view(after, now, seed=seed).instances()):
        if any(_listens(form, row, path, source) for source in sources):
            if row.question.waits and not asked_too:
                after.pop(path, None)
            else:
                value = form.view(after, now, seed=seed).recalculated(path)
                after[path] = answered(value) if value else _EMPTY
                fired.append(path)
    return fired


def _listens(form: Form, row: Row, path: str, source: str) -> bool:
    """Whether the instance at `path` is filled in by `source`: in a repeat they share, only its own instance."""
    if plain_path(source) not in row.question.triggers:
        return False
    shared = 0
    for one, other in zip(row.around, form.rows[plain_path(source)].around, strict=False):
        if one != other:
            break
        shared += 1
    return form.numbers(path)[:shared] == form.numbers(source)[:shared]


def _begin(form: Form, after: dict[str, Answer], now: datetime, seed: str, asked_too: bool) -> list[str]:
    """Defaults of instances that are new, and first values of once()."""
    fired: list[str] = []
    view = form.view(after, now, seed=seed)
    for row, path in list(view.instances()):
        if not row.acts or path in after:
            continue
        question = row.question
        if question.default or row.dynamic_default is not None:
            if (question.waits or question.kind is QuestionKind.METADATA) and not asked_too:
                continue  # when a conversation began is kept with its response
            value = view.default(path)
        else:
            value = view.read(path) if row.keeps else ""
        if value:
            after[path] = answered(value)
            fired.append(path)
            view = form.view(after, now, seed=seed)
        elif not row.keeps and (question.default or row.dynamic_default is not None):
            after[path] = _EMPTY
    return fired
