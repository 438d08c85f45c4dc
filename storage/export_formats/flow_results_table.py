"""A package of Flow Results 1.0.0-rc1: a descriptor, and one row for each thing that somebody said.

The specification names the types of questions in two ways; these are of its chapter "Question Types", as others use it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from storage.codebook import STATUSES as MEANINGS
from storage.export_formats.csv_table import STATUS
from storage.export_formats.flow_results_values import BOOLEANS, reader_of, type_of
from storage.export_formats.spec import STATUSES, Cell, Column, TableSpec
from storage.export_formats.spooled import halves
from storage.export_formats.typed import as_time, unreadable
from storage.export_formats.words import whole

VERSION = "1.0.0-rc1"
DESCRIPTOR, DATA = "datapackage.json", "responses.json"
_SESSION, _INSTANCE, _CONTACT = "response", "instance", "reference"
_UNSAID = frozenset({"skipped", "dont_know", "refused", "withheld"})
_LANGUAGES = {"nl": "nld", "en": "eng", "de": "deu", "fr": "fra", "ar": "ara", "tr": "tur", "pl": "pol"}
_FIELDS = {
    "timestamp": "datetime",
    "row_id": "string",
    "contact_id": "string",
    "session_id": "string",
    "question_id": "string",
    "response": "any",
    "response_metadata": "object",
}


@dataclass(slots=True)
class _Question:
    """`asked` is the place of its status among those of a row; None for what nobody was asked."""

    column: Column
    place: int
    asked: int | None
    choices: dict[str, None] = field(default_factory=dict)
    unread: int = 0


class FlowResultsTable:
    """What belongs to a response as a whole, such as its channel or a score, is a question too: the specification has no
    other place for it, and means such things by the word. What was asked and not answered is a row of a question of its
    own, with the reason."""

    def __init__(self, paths: Sequence[Path], spec: TableSpec) -> None:
        self._spec, self._descriptor = spec, paths[0]
        self._places = {column.name: place for place, column in enumerate(spec.columns)}
        self._questions = list(_questions(spec.columns))
        self._readers = [reader_of(question.column) for question in self._questions]
        self._has_questions = any(column.has_status for column in spec.columns)
        self._rows = self._halves = 0
        self._begun = False
        self._notes: list[str] | None = None
        self._descriptor.touch()
        self._file = paths[1].open("wb")
        self._file.write(b"[")

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        session, contact, prefix = self._ids(values)
        otherwise = self._time(values)
        rows = []
        for question, read in zip(self._questions, self._readers, strict=True):
            asked, value, name = question.asked, values[question.place], question.column.name
            at = times[asked] if times and asked is not None else None
            said: object = None
            if asked is not None and statuses[asked] in _UNSAID:
                name, said = name + STATUS, statuses[asked]
            elif value is not None and value != "":
                said = self._said(question, read(value))
            if said is not None:
                model = {"model": models[asked]} if models and asked is not None and models[asked] else {}
                when = at.isoformat() if at else otherwise
                rows.append([when, f"{prefix}:{name}", contact, session, name, said, model])
        self._write(rows)

    def close(self) -> Sequence[str]:
        if self._notes is None:
            self._notes = []  # after an error there is no second try
            with self._file:
                self._file.write(b"\n]\n")
            self._descriptor.write_bytes(orjson.dumps(self._described(), option=orjson.OPT_INDENT_2))
            self._notes = [
                unreadable(question.column.name, question.unread, question.column.kind)
                for question in self._questions
                if question.unread
            ] + halves(self._halves)
        return self._notes

    def _ids(self, values: Sequence[Cell]) -> tuple[str, str, str]:
        """Of the session, of the contact, and what rows of this response begin with. Nobody can tell that two responses are
        of one person where the export does not say who that is."""
        session, contact, instance = (
            str(values[self._places[name]] or "") if name in self._places else ""
            for name in (_SESSION, _CONTACT, _INSTANCE)
        )
        self._rows += 1
        row = f"row {self._rows}"
        if not self._has_questions:  # a response may have any number of these rows
            instance = row
        session = session or row
        return session, contact or session, f"{session}:{instance}" if instance else session

    def _time(self, values: Sequence[Cell]) -> str:
        """When a response was closed, else begun: for what was worked out, and has no time of its own."""
        for name in ("closed_at", "started_at"):
            found = as_time(values[self._places[name]]) if name in self._places else None
            if found is not None:
                return found.isoformat()
        return self._spec.made_at.isoformat()

    def _said(self, question: _Question, said: object) -> object:
        if said is None:
            question.unread += 1
        elif question.choices:
            question.choices |= dict.fromkeys(said if isinstance(said, list) else [str(said)])
        return said

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        try:
            piece = b",\n".join(map(orjson.dumps, rows))
        except TypeError:  # it says so of half a character
            piece = b",\n".join(orjson.dumps(self._whole(row)) for row in rows)
        self._file.write((b",\n" if self._begun else b"\n") + piece)
        self._begun = True

    def _whole(self, part: Any) -> Any:
        if isinstance(part, list):
            return [self._whole(each) for each in part]
        if isinstance(part, dict):
            return {self._whole(name): self._whole(each) for name, each in part.items()}
        text, found = whole(part) if isinstance(part, str) else (part, 0)
        self._halves += found
        return text

    def _described(self) -> Mapping[str, Any]:
        spec = self._spec
        made_at = spec.made_at.isoformat()
        name = re.sub(r"[^a-z0-9._-]", "-", spec.id.lower()) or "responses"
        questions: dict[str, Any] = {}
        for question in self._questions:
            questions[question.column.name] = _described(question)
            if question.asked is not None:
                questions[question.column.name + STATUS] = _status_of(question)
        described: Mapping[str, Any] = self._whole(
            {
                "profile": "flow-results-package",
                "flow_results_specification_version": VERSION,
                "id": str(UUID(bytes=sha256(spec.id.encode("utf-8", "replace")).digest()[:16], version=4)),
                "name": name,
                "title": spec.title,
                "created": made_at,
                "modified": made_at,
                "resources": [
                    {
                        "profile": "data-resource",
                        "name": f"{name}-responses",
                        "path": DATA,
                        "mediatype": "application/json",
                        "encoding": "utf-8",
                        "schema": {
                            **_language(spec.language),
                            "fields": [_field(name, kind) for name, kind in _FIELDS.items()],
                            "questions": questions,
                        },
                    }
                ],
            }
        )
        return described


def _questions(columns: Sequence[Column]) -> "list[_Question]":
    found: list[_Question] = []
    asked = 0
    for place, column in enumerate(columns):
        choices = BOOLEANS if column.kind == "boolean" else column.value_labels
        if column.name not in (_SESSION, _INSTANCE, _CONTACT):
            found.append(
                _Question(column, place, asked if column.has_status else None, dict.fromkeys(choices))
            )
        asked += column.has_status
    return found


def _described(question: _Question) -> Mapping[str, Any]:
    column = question.column
    options: dict[str, Any] = {"choices": list(question.choices)} if question.choices else {}
    if options and column.value_labels:
        # The specification has no place for what choices are called; a reader that does not know this one passes over it.
        options["choice_labels"] = dict(column.value_labels)
    return {"type": type_of(column), "label": column.label or column.name, "type_options": options}


def _status_of(question: _Question) -> Mapping[str, Any]:
    reasons = [status for status in STATUSES if status in _UNSAID]
    options = {"choices": reasons, "choice_labels": {reason: MEANINGS[reason] for reason in reasons}}
    label = f"{question.column.label or question.column.name}: why there is no answer"
    return {"type": "select_one", "label": label, "type_options": options}


def _field(name: str, kind: str) -> Mapping[str, str]:
    return {"name": name, "title": name.replace("_", " ").capitalize().replace(" id", " ID"), "type": kind}


def _language(language: str) -> Mapping[str, str]:
    return {"language": _LANGUAGES[language]} if language in _LANGUAGES else {}
