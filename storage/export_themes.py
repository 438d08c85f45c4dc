"""The themes that were heard in open answers, a file for each questionnaire that has any: one row is one theme."""

import csv
import json
import re
from collections.abc import Callable, Mapping
from typing import TextIO

from storage.codebook import THEME_COLUMNS, ExportForm, in_language
from storage.export_folder import file_name
from storage.export_tables import Row, harmless

_INSTANCE = re.compile(r"\[\d+\]")


class ThemeFiles:
    """Opens a file when its first theme comes. `open_draft` takes a file name."""

    def __init__(self, open_draft: Callable[[str], TextIO], format: str, language: str) -> None:
        self._open_draft, self._format, self._language = open_draft, format, language
        self._files: dict[str, tuple[str, TextIO]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._files.values())

    def write(self, row: Row, form: ExportForm | None) -> None:
        """Those of answers that count; a response without a known form has none that do."""
        for path in row.answers if form is not None else ():
            for theme in row.response.themes.get(path, ()):
                assert form is not None
                said = {"response": row.response.id, "path": path, "question": self._asked(form, path)}
                self._write(row.response.questionnaire, {**said, **theme})

    def _asked(self, form: ExportForm, path: str) -> str:
        bare = _INSTANCE.sub("", path)
        labels = (each.label for each in form.questionnaire.questions if each.path == bare)
        return in_language(next(labels, {}), self._language, form.questionnaire.default_language)

    def _write(self, questionnaire: str, said: Mapping[str, object]) -> None:
        handle = self._file(questionnaire)
        cells = {name: said[name] for name in THEME_COLUMNS}
        if self._format == "csv":
            csv.writer(handle, lineterminator="\r\n").writerow(harmless(cell) for cell in cells.values())
        else:
            handle.write(json.dumps(cells, ensure_ascii=False) + "\n")

    def _file(self, questionnaire: str) -> TextIO:
        if questionnaire not in self._files:
            # No other file of an export has a dot in its name.
            name = f"{file_name(questionnaire)}.themes.{self._format}"
            handle = self._open_draft(name)
            if self._format == "csv":
                csv.writer(handle, lineterminator="\r\n").writerow(THEME_COLUMNS)
            self._files[questionnaire] = name, handle
        return self._files[questionnaire][1]
