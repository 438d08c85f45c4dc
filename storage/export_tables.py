"""One file per questionnaire, as CSV for spreadsheets or JSON lines for programs; what a row holds is export's."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TextIO

from domain.answer import Answer
from storage.codebook import FIXED, FIXED_OF_REPEAT, NOT_ASKED
from storage.export_rows import StoredResponse

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?(e[+-]?\d+)?", re.IGNORECASE)
_NUMBER_OF_INSTANCE = re.compile(r"\[\d+\]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Table(Protocol):
    def write(self, row: "Row") -> None: ...


@dataclass(frozen=True, slots=True)
class Row:
    response: StoredResponse
    answers: Mapping[str, Answer]
    labels: Mapping[str, str]
    scores: Mapping[str, object]
    instance: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one questionnaire, or of one of its repeats, over all its versions: (path, has labels), then
    scores."""

    paths: Mapping[str, bool]
    scores: Sequence[str]
    is_repeat: bool = False


class CsvTable:
    def __init__(self, handle: TextIO, columns: Columns) -> None:
        self._columns = columns
        self._writer = csv.writer(handle, lineterminator="\r\n")
        header = list(FIXED_OF_REPEAT if columns.is_repeat else FIXED)
        for path, has_label in columns.paths.items():
            header += [path, *([f"{path}__label"] if has_label else []), f"{path}__status"]
        self._writer.writerow([harmless(name) for name in (*header, *columns.scores)])

    def write(self, row: Row) -> None:
        self._writer.writerow([harmless(cell) for cell in self._cells(row)])

    def _cells(self, row: Row) -> Iterator[object]:
        fixed = _fixed(row)
        yield from (int(cell) if isinstance(cell, bool) else cell for cell in fixed.values())
        for path, has_label in self._columns.paths.items():
            answer = row.answers.get(path)
            yield answer.value if answer else ""
            if has_label:
                yield row.labels.get(path, "")
            yield answer.status.value if answer else NOT_ASKED
        for name in self._columns.scores:
            score = row.scores.get(name)
            yield int(score) if isinstance(score, bool) else score


class JsonlTable:
    def __init__(self, handle: TextIO, columns: Columns) -> None:
        self._columns, self._handle = columns, handle

    def write(self, row: Row) -> None:
        answers = {path: self._answer(row, path) for path in self._columns.paths}
        scores = {name: row.scores.get(name) for name in self._columns.scores}
        line = {**_fixed(row), "answers": answers, "scores": scores}
        self._handle.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _answer(self, row: Row, path: str) -> dict[str, str]:
        answer = row.answers.get(path)
        if answer is None:
            return {"status": NOT_ASKED}
        label = {"label": row.labels[path]} if row.labels.get(path) else {}
        value = {"value": answer.value} if answer.value else {}
        model = row.response.models.get(_stored_path(row, path))
        understood = {"model": model} if model else {}
        return {"status": answer.status.value, **value, **label, **understood}


def _stored_path(row: Row, path: str) -> str:
    """The path of a question in this row's instance of its repeat, if it is one's."""
    repeat = _NUMBER_OF_INSTANCE.sub("", row.instance)
    return f"{row.instance}{path.removeprefix(repeat)}" if row.instance else path


def _fixed(row: Row) -> dict[str, Any]:
    """The columns that every response or instance has, in the order of the codebook."""
    response = row.response
    if row.instance:
        return {"response": response.id, "instance": row.instance}
    return {
        "response": response.id,
        "questionnaire": response.questionnaire,
        "version": response.version,
        "language": response.language,
        "channel": response.channel,
        "simulated": response.simulated,
        "started_at": response.started_at.isoformat(),
        "closed_at": response.closed_at.isoformat() if response.closed_at else "",
        "outcome": response.outcome,
        "campaign": response.campaign,
        "wave": response.wave,
        "assisted": bool(response.assisted_by),
        "assisted_by": response.assisted_by,
        "consent_quote": response.may_quote,
        "session": response.session,
    }


def harmless(cell: object) -> object:
    """A cell that no spreadsheet runs: words that begin like a formula get an apostrophe, numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
