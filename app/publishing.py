"""Takes a version of a questionnaire into use: refuses what would leave given answers without a place."""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.settings import Settings
from app.shelf import form_changed, read_form
from bot.forms.form import Form, plain_path
from domain.errors import DomainError
from domain.questionnaire import QuestionKind
from storage.forms import PUBLISHED, FormTable, UsedValue

_SELECTS = (QuestionKind.SELECT_ONE, QuestionKind.SELECT_MULTIPLE)


@dataclass(frozen=True, slots=True)
class Moves:
    """Where answers to earlier versions go: path to path, and for each path value to value. An empty goal says that
    they stay with the version they were given to."""

    questions: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def to_json(self) -> str:
        choices = {path: dict(values) for path, values in self.choices.items()}
        return json.dumps({"questions": dict(self.questions), "choices": choices}, ensure_ascii=False)


def read_moves(path: Path | None) -> Moves:
    """A TOML file with a table [questions] and tables [choices."path"]. Raises DomainError("bad_moves")."""
    if path is None:
        return Moves()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DomainError("bad_moves", file=path, reason=str(error)) from error
    questions, choices = document.pop("questions", {}), document.pop("choices", {})
    tables = [questions, *(choices.values() if isinstance(choices, dict) else [None])]
    if document or not all(_is_text_table(table) for table in tables):
        raise DomainError(
            "bad_moves", file=path, reason='it may hold [questions] and [choices."path"], all text'
        )
    return Moves(questions, choices)


def _is_text_table(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(goal, str) for goal in table.values())


def orphans(
    used: Sequence[UsedValue], form: Form, moves: Moves, kind_of: Callable[[str, str], QuestionKind | None]
) -> list[str]:
    """One line for each question or choice that was answered under another version and has no place in `form`.
    `kind_of` gives the kind of a question in an earlier version, None when that is not known any more."""
    lines = [_orphan(each, form, moves, kind_of(each.version, each.path)) for each in used]
    return list(dict.fromkeys(line for line in lines if line))


def _orphan(used: UsedValue, form: Form, moves: Moves, was: QuestionKind | None) -> str:
    if used.version == form.questionnaire.version:
        return ""
    path = plain_path(used.path)
    goal = moves.questions.get(path, path)
    if not goal:
        return ""
    if goal not in form.rows:
        return f"- {path}: there is no question {goal}"
    question = form.rows[goal].question
    if was is not None and was is not question.kind and not {was, question.kind} <= set(_SELECTS):
        return f"- {path}: was {was.value}, and {goal} is {question.kind.value}"
    if question.kind not in _SELECTS:
        return ""
    known = {choice.name for choice in question.choices} | {""}
    renamed = moves.choices.get(path, {})
    several = was is QuestionKind.SELECT_MULTIPLE or question.kind is QuestionKind.SELECT_MULTIPLE
    values = used.value.split() if several else [used.value]
    gone = [value for value in values if renamed.get(value, value) not in known]
    return f"- {path}: there is no choice {gone[0]}" if gone else ""


async def publish_form(
    settings: Settings, file: Path, moves_file: Path | None, say: Callable[[str], None]
) -> None:
    """Raises DomainError: no_such_form, bad_moves, form_changed, answers_orphaned; DefinitionError for the form."""
    from app.wiring import new_id, open_vault, utc_now
    from storage.store import open_store

    read, moves = read_form(file), read_moves(moves_file)
    name, version = read.names
    row = read.row(PUBLISHED, utc_now(), moves.to_json())
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        lost = await store.with_forms(
            lambda table: orphans(table.used(name), read.form, moves, _kinds(table, name))
        )
        if lost:
            raise DomainError("answers_orphaned", places="\n".join(lost))
        if not await store.with_forms(lambda table: table.put(row)):
            raise form_changed(name, version)
    finally:
        await store.close()
    say(
        f"{name} version {version} is published. New conversations begin with it; others go on with their own."
    )


def _kinds(table: FormTable, name: str) -> Callable[[str, str], QuestionKind | None]:
    from bot.forms.load import form_from_kept

    known: dict[str, Form | None] = {}

    def kind(version: str, path: str) -> QuestionKind | None:
        if version not in known:
            found = table.find(name, version)
            known[version] = form_from_kept(found.source) if found is not None else None
        form = known[version]
        row = form.rows.get(plain_path(path)) if form is not None else None
        return row.question.kind if row is not None else None

    return kind
