"""Reads an XLSForm (markdown, Excel or CSV) through pyxform: its XForm, and its rows with the chat: columns.

What the XForm says is left to xform; this is the only module that knows pyxform, which is imported on first use.
"""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bot.forms.faults import Fault, Row
from bot.forms.sheet_checks import is_told, problems_in_rows
from bot.forms.sheet_text import not_a_form, plain_csv, text_of
from domain.errors import DefinitionError, Problem

SUFFIXES = frozenset({".md", ".xlsx", ".xlsm", ".xls", ".csv"})
MOST_ROWS = 5000
"""More rows than this, survey and choices together, are no questionnaire; reading them would take long."""
_AS_TEXT: dict[str, Callable[[bytes, str], bytes]] = {
    ".csv": plain_csv,
    ".md": lambda content, file: text_of(content, file).encode(),
}
_CHAT = "chat:"
_SHEETS = ("survey", "choices")
_TRANSLATED = {
    "survey": {
        "label",
        "hint",
        "guidance_hint",
        "constraint_message",
        "media",
        "image",
        "audio",
        "video",
        "required_message",
        "chat:why",
        "chat:probe",
    },
    "choices": {"label", "media", "chat:also"},
}
_PLAIN = {
    "survey": {
        "type", "name", "relevant", "constraint", "required", "calculation", "appearance", "comment",
        "default", "trigger", "choice_filter", "repeat_count", "parameters", "read_only", "readonly", "required_message",
        "chat:consent", "chat:purpose", "chat:exit", "chat:wish", "chat:reach", "chat:fact", "chat:personal",
    },
    "choices": {"list_name", "list name", "name", "comment", "chat:meaning"},
}  # fmt: skip # read as one list of words
_SETTINGS = {"form_id", "id_string", "version", "form_title", "title", "default_language", "name", "comment"}


@dataclass(frozen=True, slots=True)
class Workbook:
    """`xform` is empty when pyxform refused the form; `problems` says why, and what we found besides."""

    xform: str
    rows: dict[str, Row] = field(default_factory=dict)
    choices: dict[tuple[str, str], Row] = field(default_factory=dict)
    default_language: str = ""
    problems: tuple[Problem, ...] = ()

    def locate(self, file: str, fault: Fault) -> Problem:
        """The problem with the sheet's row in it, where the fault's path has one."""
        row = self.rows.get(fault.path)
        if row is None:
            rule = f"/{fault.path}: {fault.rule}" if fault.path else fault.rule
            return Problem(file=file, rule=rule, fix=fault.fix, column=fault.column)
        return Problem(
            file=file, sheet="survey", row=row.number, column=fault.column, rule=fault.rule, fix=fault.fix
        )


def read_workbook(content: bytes, path: Path) -> Workbook:
    """Everything pyxform and the sheets say of the XLSForm in `content`; `path` gives the kind of file and the name
    in problems."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2json_backends import get_xlsform

    suffix = path.suffix.lower()
    try:
        content = _AS_TEXT[suffix](content, path.name) if suffix in _AS_TEXT else content
    except DefinitionError as error:
        return Workbook("", problems=error.problems)
    try:
        data = get_xlsform(content, file_type=suffix)
    except PyXFormError as error:
        return Workbook("", problems=(_unreadable(str(error), path),))
    except (
        Exception
    ):  # pyxform and what it reads with raise anything on a spoilt file; none of our code is in here
        return Workbook("", problems=(_not_readable(path),))
    sheets: dict[str, Any] = {each.name: getattr(data, each.name) for each in fields(data)}
    if (size := sum(len(sheets[name] or []) for name in _SHEETS)) > MOST_ROWS:
        rule = f"this form has {size} rows; {MOST_ROWS} is the most"
        problem = Problem(file=path.name, rule=rule, fix="Make several forms of it")
        return Workbook("", problems=(problem,))
    problems = [
        *_unknown_sheets(sheets, path.name),
        *_unknown_columns(sheets, path.name),
    ]
    xform, refusal = _convert(sheets, path)
    if refusal:
        found = problems_in_rows(sheets, _known_types(), path.name)
        problems += [*(each for each in refusal if not is_told(each, found)), *found]
    settings = (sheets["settings"] or [{}])[0]
    return Workbook(
        xform,
        _rows_by_path(sheets["survey"] or []),
        _choices_by_name(sheets["choices"] or []),
        settings.get("default_language", ""),
        tuple(problems),
    )


def _known_types() -> frozenset[str]:
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

    return frozenset(QUESTION_TYPE_DICT)


def _convert(sheets: dict[str, Any], path: Path) -> tuple[str, tuple[Problem, ...]]:
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    bare = dict(sheets)
    bare["fallback_form_name"] = path.stem
    for name in _SHEETS:
        for part in (name, f"{name}_header"):
            bare[part] = _without_chat(sheets[part]) if sheets[part] else sheets[part]
    try:
        return str(convert(bare).xform), ()
    except PyXFormError as error:
        return "", (_from_pyxform(str(error), path.name),)


def _without_chat(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {column: cell for column, cell in row.items() if not column.startswith(_CHAT) and column != "comment"}
        for row in rows
    ]


_PLACE = re.compile(
    r"(?:\[row : (?P<row>\d+)\]\s*)?"
    r"(?:On the '(?P<sheet>\w+)' sheet, )?"
    r"(?:the '(?P<column>[\w:]+)' value is invalid\. )?"
    r"(?P<rest>.*)",
    re.DOTALL,
)


def _unreadable(message: str, path: Path) -> Problem:
    if not message.startswith("Argument 'definition' was not recognized"):
        return _from_pyxform(message, path.name)
    return _not_readable(path)


def _not_readable(path: Path) -> Problem:
    if path.suffix.lower() in _AS_TEXT:
        return not_a_form(path.name)
    fix = "Open it in a spreadsheet and save it again as .xlsx"
    return Problem(file=path.name, rule="this is not an Excel file that can be read", fix=fix)


_OURS = (
    (
        re.compile(r"Invalid headers .*'(?P<sheet>\w+)'\. One or more .* not found: (?P<what>[^.]+)\."),
        "the sheet has no column {what}",
        "The first row of a sheet names its columns, as in docs/forms.md",
    ),
    (
        re.compile(r"Duplicate column header: (?P<what>.+)"),
        'the column "{what}" is there twice',
        "Remove one",
    ),
    (re.compile(r"Missing calculation"), "there is no calculation", "Write one in the column calculation"),
    (
        re.compile(r"Reference variables must start"),
        "a ${{ in it is not closed, or not followed by a name",
        "Write ${{name}}",
    ),
    (
        re.compile(r"Repeat names must not be the same as the survey root"),
        "a repeat cannot have the name of the whole form",
        "Give the repeat another name",
    ),
)
"""What pyxform says, and our rule and remedy for it."""


def _from_pyxform(message: str, file: str) -> Problem:
    """pyxform says where, which rule and how to mend in one text; the first sentence is taken as the rule."""
    found = _PLACE.match(" ".join(message.split()))
    assert found is not None  # every part of the pattern is optional
    rule, _, fix = found["rest"].partition(". ")
    for pattern, our_rule, our_fix in _OURS:
        if known := pattern.search(message):
            groups = known.groupdict()
            rule, fix = our_rule.format(**groups), our_fix.format(**groups)
            return Problem(
                file=file,
                sheet=groups.get("sheet") or found["sheet"] or ("survey" if found["row"] else ""),
                row=int(found["row"]) if found["row"] else None,
                column=found["column"] or "",
                rule=rule,
                fix=fix,
            )
    row = int(found["row"]) if found["row"] else None
    return Problem(
        file=file,
        sheet=found["sheet"] or ("survey" if row else ""),
        row=row,
        column=found["column"] or "",
        rule=rule.rstrip("."),
        fix=fix.rstrip(".") or "Mend this in the XLSForm",
    )


def _rows_by_path(survey: list[dict[str, str]]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    groups: list[str] = []
    for number, cells in enumerate(survey, start=2):
        kind = cells.get("type", "").replace("_", " ")
        name = cells.get("name", "")
        if kind.startswith("end ") and groups:
            groups.pop()
        elif name:
            rows["/".join([*groups, name])] = Row(number, cells)
            if kind in ("begin group", "begin repeat"):
                groups.append(name)
    return rows


def _choices_by_name(choices: list[dict[str, str]]) -> dict[tuple[str, str], Row]:
    return {
        (cells.get("list_name") or cells.get("list name", ""), cells.get("name", "")): Row(number, cells)
        for number, cells in enumerate(choices, start=2)
    }


def _unknown_sheets(sheets: dict[str, Any], file: str) -> list[Problem]:
    return [
        Problem(file=file, sheet=sheet, rule="this sheet is not supported", fix="Remove it")
        for sheet in ("external_choices", "entities", "osm")
        if sheets[sheet]
    ]


def _unknown_columns(sheets: dict[str, Any], file: str) -> list[Problem]:
    problems = []
    for sheet in (*_SHEETS, "settings"):
        plain = _PLAIN.get(sheet, _SETTINGS)
        known = plain | _TRANSLATED.get(sheet, set())
        used = _words_in_expressions(sheets["survey"] or []) if sheet == "choices" else set()
        for column in (sheets[f"{sheet}_header"] or [{}])[0]:
            if column is not None and not _is_known(column, plain | used, _TRANSLATED.get(sheet, set())):
                problems.append(_unknown(column, known, sheet, file))
    return problems


def _words_in_expressions(survey: list[dict[str, str]]) -> set[str]:
    """The names in all expressions: a column of the choices that is named in one is used by it."""
    columns = ("choice_filter", "calculation", "relevant", "constraint", "required", "default")
    cells = " ".join(row.get(column, "") for row in survey for column in columns)
    return set(re.findall(r"[^\W\d][\w.-]*", cells))


def _is_known(column: str, plain: set[str], translated: set[str]) -> bool:
    base = re.split(r"\s*::\s*", column)[0]
    return column in plain or base in translated or column.startswith("#")


def _unknown(column: str, known: set[str], sheet: str, file: str) -> Problem:
    if not column:
        rule = "there is a column with cells and without a name"
        return Problem(file=file, sheet=sheet, row=1, rule=rule, fix="Name it, or empty its cells")
    near = difflib.get_close_matches(re.split(r"\s*::\s*", column)[0], sorted(known), n=1)
    meant = f'Did you mean "{near[0]}"? Otherwise remove' if near else "Remove"
    return Problem(
        file=file,
        sheet=sheet,
        row=1,
        column=column,
        rule="this column is not supported",
        fix=f'{meant} it, or call it "comment" when it is only a remark',
    )
