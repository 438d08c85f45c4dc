"""From a file to a Form: an XLSForm (.md, .xlsx, .xls, .csv) or an XForm (.xml), with everything wrong said at once."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bot.forms.faults import Fault
from bot.forms.form import Form
from bot.forms.questionnaire_json import questionnaire_from_json, questionnaire_to_json
from bot.forms.sheet_text import text_of
from bot.forms.trees import parse_expressions
from bot.forms.workbook import SUFFIXES, Workbook, read_workbook
from bot.forms.xform import read_xform
from domain.errors import DefinitionError, Problem
from domain.questionnaire import Questionnaire

CODE_VERSION = 5
"""Raised whenever the same file would be read differently, so that what was kept is read anew."""


def load_form(path: Path, *, text: str | None = None, cache_dir: Path | None = None) -> Form:
    """The form in the file at `path`, or in `text` as if it stood there.

    With `cache_dir` the parsed form is kept there and read from there next time, which needs neither pyxform nor an
    XPath parser. Raises DefinitionError with every problem, and OSError when the file cannot be read.
    """
    content = text.encode() if text is not None else path.read_bytes()
    kept = _kept_at(cache_dir, path, content) if cache_dir else None
    if kept and (form := read_kept_form(kept)):
        return form
    form = _parse(content, path)
    if kept:
        keep_form(kept, form)
    return form


def _parse(content: bytes, path: Path) -> Form:
    suffix = path.suffix.lower()
    if suffix == ".xml":
        return _from_xform(Workbook(text_of(content, path.name)), path.name)
    if suffix in SUFFIXES:
        return _from_xform(read_workbook(content, path), path.name)
    known = ", ".join(sorted({*SUFFIXES, ".xml"}))
    problem = Problem(file=path.name, rule=f'a form cannot be "{suffix}"', fix=f"Use one of: {known}")
    raise DefinitionError((problem,))


def _from_xform(workbook: Workbook, file: str) -> Form:
    if not workbook.xform:
        raise DefinitionError(tuple(sorted(workbook.problems, key=_in_reading_order)))
    try:
        read = read_xform(workbook.xform, workbook.rows, workbook.choices, workbook.default_language)
    except ElementTree.ParseError as error:
        problem = Problem(file=file, rule=f"this is not XML ({error})", fix="Export the XForm again")
        raise DefinitionError((problem,)) from error
    trees, wrong = parse_expressions(read.questionnaire, read.root)
    missing = _missing(read.questionnaire) if read.root else []
    faults = dict.fromkeys([*missing, *read.faults, *wrong])
    problems = [*workbook.problems, *(workbook.locate(file, fault) for fault in faults)]
    if problems:
        raise DefinitionError(tuple(sorted(problems, key=_in_reading_order)))
    return Form(read.questionnaire, trees)


def _in_reading_order(problem: Problem) -> tuple[int, int]:
    order = ("settings", "survey", "choices")
    return order.index(problem.sheet) if problem.sheet in order else -1, problem.row or 0


def _missing(questionnaire: Questionnaire) -> list[Fault]:
    faults = []
    if not questionnaire.version:
        faults.append(
            Fault(
                "",
                "version",
                "the form has no version",
                "Give the settings sheet a version, such as 2026112301",
            )
        )
    if not any(question.waits for question in questionnaire.questions):
        faults.append(Fault("", "type", "the form asks nothing", "Add a question"))
    return faults


def _kept_at(cache_dir: Path, path: Path, content: bytes) -> Path:
    digest = hashlib.sha256(f"{CODE_VERSION} {path.suffix} ".encode() + content).hexdigest()
    return cache_dir / f"{path.stem}-{digest[:32]}.json"


def read_kept_form(kept: Path) -> Form | None:
    """None when there is nothing, or nothing that can be used: then the form is read from its source."""
    try:
        return form_from_kept(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def form_from_kept(text: str) -> Form | None:
    """The form that `kept_form` wrote; None for anything else."""
    try:
        document: dict[str, Any] = json.loads(text)
        return Form(questionnaire_from_json(document["questionnaire"]), document["trees"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def kept_form(form: Form) -> str:
    """A form as JSON, to be read again without pyxform."""
    document = {"questionnaire": questionnaire_to_json(form.questionnaire), "trees": dict(form.trees)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def keep_form(kept: Path, form: Form) -> None:
    """Written beside its place and moved there, so that another process never reads half of it."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    unfinished.write_text(kept_form(form), encoding="utf-8")
    unfinished.replace(kept)
