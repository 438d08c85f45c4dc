"""Writes responses to files for analysis, with a codebook and a manifest; scoring and relevance are handed in."""

import errno
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from domain.answer import Answer
from domain.errors import DomainError
from domain.questionnaire import Question, QuestionKind
from storage.base import Store
from storage.codebook import (
    ExportForm,
    ExportScale,
    describe,
    exported_questions,
    in_language,
    repeats_of,
    to_markdown,
)
from storage.export_folder import check_folder, draft, file_name, publish
from storage.export_rows import (
    ExportStatements,
    StoredResponse,
    Wanted,
    read_paths,
    read_responses,
    read_versions,
)
from storage.export_tables import Columns, CsvTable, JsonlTable, Row, Table
from storage.export_themes import ThemeFiles
from storage.statements import Db

__all__ = ["ExportForm", "ExportScale", "ExportSummary", "FormLookup", "export_responses"]

Format = Literal["csv", "jsonl"]
_INSTANCE = re.compile(r"\[\d+\]")
FormLookup = Callable[[str, str], ExportForm | None]
"""(questionnaire, version) to its form; None when that version is not at hand any more."""


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written: file names, responses per questionnaire, and how many responses were left out because
    their consent was taken back."""

    out: Path
    files: tuple[str, ...]
    responses: Mapping[str, int]
    withdrawn: int


def export_responses(
    store: Store,
    form_lookup: FormLookup,
    scales: Sequence[ExportScale] = (),
    *,
    out: Path,
    format: Format = "csv",
    questionnaire: str | None = None,
    include_simulated: bool = False,
    language: str = "nl",
) -> ExportSummary:
    """One file per questionnaire with one row per response, one per repeat in it with one row per instance, one with the themes of its open answers, `codebook.md`, `codebook.json` and `manifest.json`.

    `language` is that of the labels. Runs in the calling thread and holds no transaction open. Nothing appears
    under its own name before all of it is written. Raises DomainError: out_exists for a folder with other files in
    it, out_not_writable, no_disk, storage_unavailable.
    """
    try:
        check_folder(out)
        with store.reading() as db:
            job = _Export(db, ExportStatements(store.dialect), form_lookup, scales, language)
            return job.write(out, format, Wanted(questionnaire or "", include_simulated))
    except OSError as error:
        code = "no_disk" if error.errno == errno.ENOSPC else "out_not_writable"
        raise DomainError(code, out=str(out)) from error


class _Export:
    def __init__(
        self,
        db: Db,
        sql: ExportStatements,
        form_lookup: FormLookup,
        scales: Sequence[ExportScale],
        language: str,
    ) -> None:
        self._db, self._sql, self._scales, self._language = db, sql, scales, language
        self._lookup = form_lookup
        self._forms: dict[tuple[str, str], ExportForm | None] = {}

    def write(self, out: Path, format: Format, wanted: Wanted) -> ExportSummary:
        versions = read_versions(self._db, self._sql, wanted)
        self._forms = {version: self._lookup(*version) for version in versions}
        names = sorted({name for name, _ in versions} | ({wanted.questionnaire} - {""}))
        files = {name: f"{file_name(name)}.{format}" for name in names}
        counts, withdrawn = dict.fromkeys(names, 0), 0
        with ExitStack() as stack:
            tables: dict[str, Table] = {}
            parts: dict[tuple[str, str], str] = {}
            in_parts: dict[tuple[str, str], Table] = {}
            for name, file in files.items():
                handle = stack.enter_context(draft(out, file, format))
                kind = CsvTable if format == "csv" else JsonlTable
                tables[name] = kind(handle, self._columns(name))
                for repeat in self._repeats(name):
                    parts[name, repeat] = "__".join(map(file_name, (name, *repeat.split("/")))) + f".{format}"
                    part = stack.enter_context(draft(out, parts[name, repeat], format))
                    in_parts[name, repeat] = kind(part, self._columns(name, repeat))
            themes = ThemeFiles(
                lambda name: stack.enter_context(draft(out, name, format)), format, self._language
            )
            for response in read_responses(self._db, self._sql, wanted):
                if response.is_withdrawn or response.questionnaire not in tables:
                    withdrawn += response.is_withdrawn
                    continue
                row = self._row(response)
                tables[response.questionnaire].write(row)
                for repeat, part_row in self._instances(row):
                    in_parts[response.questionnaire, repeat].write(part_row)
                themes.write(row, self._forms.get((response.questionnaire, response.version)))
                counts[response.questionnaire] += 1
        written = (*files.values(), *parts.values(), *themes.names, *self._write_codebook(out))
        facts = {
            "format": format,
            "language": self._language,
            "simulated": wanted.simulated,
            "responses": counts,
            "withdrawn": withdrawn,
        }
        publish(out, written, facts)
        return ExportSummary(out, (*written, "manifest.json"), counts, withdrawn)

    def _repeats(self, questionnaire: str) -> list[str]:
        forms = [
            form for (name, _), form in self._forms.items() if name == questionnaire and form is not None
        ]
        return list(dict.fromkeys(repeat for form in forms for repeat in repeats_of(form.questionnaire)))

    def _instances(self, row: Row) -> list[tuple[str, Row]]:
        """(repeat, row) for every instance that something was said of, or that was added."""
        response = row.response
        form = self._forms.get((response.questionnaire, response.version))
        if form is None:
            return []
        found: dict[str, dict[str, Answer]] = {}
        for path, answer in row.answers.items():
            if path.endswith("]"):
                if answer.value == "yes":
                    found.setdefault(path, {})
            elif "[" in path:
                instance = path[: path.rindex("]") + 1]
                found.setdefault(instance, {})[_INSTANCE.sub("", path)] = answer
        by_path = {question.path: question for question in form.questionnaire.questions}
        otherwise = form.questionnaire.default_language
        return [
            (
                _INSTANCE.sub("", instance),
                Row(response, said, self._labels(by_path, said, otherwise), {}, instance),
            )
            for instance, said in found.items()
        ]

    def _columns(self, questionnaire: str, repeat: str = "") -> Columns:
        paths: dict[str, bool] = {}
        scores: dict[str, None] = {}
        for (name, version), form in self._forms.items():
            if name != questionnaire:
                continue
            if form is None:
                paths = paths | {p: False for p in self._paths(name, version) if p not in paths}
                continue
            for question in exported_questions(form.questionnaire, repeat):
                paths[question.path] = question.kind is QuestionKind.SELECT_ONE
            for scale in self._scales if not repeat else ():
                scores |= dict.fromkeys(scale.columns) if scale.fits(form.questionnaire) else {}
        return Columns(paths, tuple(scores), bool(repeat))

    def _paths(self, questionnaire: str, version: str) -> list[str]:
        return read_paths(self._db, self._sql, questionnaire, version)

    def _row(self, response: StoredResponse) -> Row:
        form = self._forms.get((response.questionnaire, response.version))
        if form is None:
            return Row(response, response.answers, {}, {})
        answers = form.read(response.answers, response.closed_at or response.started_at, response.channel)
        by_path = {question.path: question for question in form.questionnaire.questions}
        labels = self._labels(by_path, answers, form.questionnaire.default_language)
        values = {
            path.rpartition("/")[2]: answer.value
            for path, answer in answers.items()
            if answer.value and "[" not in path
        }
        scores: dict[str, object] = {}
        for scale in self._scales:
            if scale.fits(form.questionnaire):
                scores |= scale.score({name: values[name] for name in scale.items if name in values})
        return Row(response, answers, labels, scores)

    def _labels(
        self, by_path: Mapping[str, Question], answers: Mapping[str, Answer], otherwise: str
    ) -> dict[str, str]:
        return {
            path: self._label(by_path[path], answer, otherwise)
            for path, answer in answers.items()
            if path in by_path and by_path[path].kind is QuestionKind.SELECT_ONE
        }

    def _label(self, question: Question, answer: Answer, otherwise: str) -> str:
        chosen = (choice for choice in question.choices if choice.name == answer.value)
        return next((in_language(choice.label, self._language, otherwise) for choice in chosen), "")

    def _write_codebook(self, out: Path) -> tuple[str, str]:
        forms = [form for form in self._forms.values() if form is not None]
        codebook = describe(forms, self._scales, self._language)
        with draft(out, "codebook.json") as handle:
            json.dump(codebook, handle, ensure_ascii=False, indent=2)
        with draft(out, "codebook.md") as handle:
            handle.write(to_markdown(codebook))
        return ("codebook.json", "codebook.md")
