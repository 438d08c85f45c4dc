"""JSON lines for programs: one object for each row, with answers and scores in objects of their own."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from storage.export_formats.spec import Cell, Column, TableSpec
from storage.export_formats.spooled import halves
from storage.export_formats.words import whole


class JsonlTable:
    def __init__(self, paths: Sequence[Path], spec: TableSpec) -> None:
        places = list(enumerate(spec.columns))
        self._questions: list[tuple[int, str, dict[Cell, str]]] = [
            (place, column.name, _labels(column)) for place, column in places if column.has_status
        ]
        self._scores = [(place, column.name) for place, column in places if column.is_score]
        self._fixed = [
            (place, column.name) for place, column in places if not column.has_status and not column.is_score
        ]
        self._halves = 0
        self._file = paths[0].open("wb")

    def write(
        self,
        values: Sequence[Cell],
        statuses: Sequence[str],
        times: Sequence[datetime | None] = (),
        models: Sequence[str] = (),
    ) -> None:
        row: dict[str, Any] = {name: values[place] for place, name in self._fixed}
        answers: dict[str, dict[str, Cell]] = {}
        for number, (place, name, labels) in enumerate(self._questions):
            answer: dict[str, Cell] = {"status": statuses[number]}
            value = values[place]
            if value is not None and value != "":
                answer["value"] = value
                label = labels.get(value)
                if label:
                    answer["label"] = label
            if models and models[number]:
                answer["model"] = models[number]
            answers[name] = answer
        row["answers"] = answers
        row["scores"] = {name: values[place] for place, name in self._scores}
        self._file.write(self._line(row))

    def close(self) -> Sequence[str]:
        self._file.close()
        return halves(self._halves)

    def _line(self, row: dict[str, Any]) -> bytes:
        try:
            return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # it says so of half a character, wherever that is
            return orjson.dumps(self._whole(row), option=orjson.OPT_APPEND_NEWLINE)

    def _whole(self, part: Any) -> Any:
        if isinstance(part, dict):
            return {name: self._whole(each) for name, each in part.items()}
        if not isinstance(part, str):
            return part
        text, found = whole(part)
        self._halves += found
        return text


def _labels(column: Column) -> dict[Cell, str]:
    return {name: label for name, label in column.value_labels.items() if column.kind == "choice"}
