"""What can be found wrong in the rows of the sheets themselves, for a form that pyxform refused at its first mistake.

pyxform stops there; who mends a form wants to see everything at once. Nothing here refuses a form by itself.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.errors import Problem

Cells = Mapping[str, str]
Found = tuple[int, str, str, str]
"""Row, column, rule and fix."""
_NAME = re.compile(r"[^\W\d][\w.-]*")
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^{}]*?)\s*\}")
_SELECT = re.compile(
    r"(?:select[_ ](?:one|multiple)(?: from)?|select1|select all that apply(?: from)?"
    r"|add select (?:one|multiple) prompt using) (?P<list>\S+)(?: or[_ ](?:specify )?other)?"
)
_FROM_ELSEWHERE = re.compile(r"(?P<what>rank|select_(?:one|multiple)_from_file|select_one_external) .+")
_GROUP = re.compile(r"(?P<which>begin|end)[_ ](?P<what>group|repeat)")
_WITHOUT_PLACE = ("There should be a choices sheet", "Choice names with spaces", "Unknown question type")
"""How pyxform begins what is found here with its place."""
_REMARKS = ("type", "name", "comment", "chat:also")
_METADATA = frozenset(
    {"audit", "deviceid", "email", "imei", "phonenumber", "simserial", "subscriberid", "username"}
)
_REFUSED = frozenset(
    {"barcode", "video", "file", "geotrace", "geoshape", "osm", "csv-external", "xml-external", "background-audio"}
)  # fmt: skip # read as one list of words


def problems_in_rows(sheets: Mapping[str, Any], types: frozenset[str], file: str) -> list[Problem]:
    """`types` are the types of questions that pyxform knows."""
    survey, choices = sheets["survey"] or [], sheets["choices"] or []
    lists = {_list_of(cells) for cells in choices}
    found: list[tuple[str, Found]] = []
    if {"type", "name"} <= _columns(sheets, "survey"):
        found += [("survey", each) for each in (*_groups(survey), *_rows(survey, lists, types))]
    if "name" in _columns(sheets, "choices"):
        found += [("choices", each) for each in _choices(choices, _picked_together(survey))]
    return [
        Problem(file=file, sheet=sheet, row=row, column=column, rule=rule, fix=fix)
        for sheet, (row, column, rule, fix) in found
    ]


def _columns(sheets: Mapping[str, Any], sheet: str) -> set[str]:
    return set(*(sheets[f"{sheet}_header"] or []))


def is_told(refusal: Problem, problems: Sequence[Problem]) -> bool:
    """Whether one of `problems` says at its own place what pyxform said."""
    if refusal.row is None:
        return refusal.rule.startswith(_WITHOUT_PLACE) and bool(problems)
    return any(
        (each.sheet, each.row) == (refusal.sheet, refusal.row)
        and refusal.column in ("", each.column, each.column.split("::")[0].strip())
        for each in problems
    )


def _kind(cells: Cells) -> str:
    return " ".join(cells.get("type", "").split())


def _groups(survey: Sequence[Cells]) -> Iterator[Found]:
    begun: list[tuple[int, str, str]] = []
    for number, cells in enumerate(survey, start=2):
        found = _GROUP.fullmatch(_kind(cells))
        if found and found["which"] == "begin":
            begun.append((number, found["what"], cells.get("name", "")))
        elif found and not begun:
            yield number, "type", f"this closes a {found['what']} that was not begun", "Remove this row"
        elif found:
            _, what, name = begun.pop()
            if what != found["what"]:
                rule = f'this closes a {found["what"]}, but the {what} "{name}" is open'
                yield number, "type", rule, f"Write end_{what}, or close them the other way round"
    for number, what, name in begun:
        fix = f"Put a row with end_{what} after the last row of it"
        yield number, "type", f'the {what} "{name}" is not closed', fix


def _rows(survey: Sequence[Cells], lists: set[str], types: frozenset[str]) -> Iterator[Found]:
    names = sorted({cells["name"] for cells in survey if cells.get("name")})
    inside: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for number, cells in enumerate(survey, start=2):
        kind, name = _kind(cells), cells.get("name", "")
        group = _GROUP.fullmatch(kind)
        if group and group["which"] == "end":
            inside = inside[:-1]
            continue
        if (*inside, name) in seen and name:
            yield (
                number,
                "name",
                f'the name "{name}" is there twice',
                "Give every row in a group its own name",
            )
        seen.add((*inside, name))
        if group:
            inside = [*inside, name]
        yield from ((number, *each) for each in (*_type(kind, lists, types), *_name(kind, name)) if cells)
        yield from ((number, *each) for each in _references(cells, names))


def _type(kind: str, lists: set[str], types: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    select = _SELECT.fullmatch(kind)
    if not kind:
        yield "type", "this row has no type", "Write what it is, such as text, integer or note"
    elif kind in ("select_one", "select_multiple"):
        yield "type", f"this {kind} names no list", f"Write {kind} and the list_name of its choices"
    elif select and select["list"] not in lists and not select["list"].startswith("${"):
        rule = f'the list "{select["list"]}" is not on the choices sheet'
        yield "type", rule, "Put its choices there, or correct the name"
    elif kind in _METADATA:
        yield "type", f"{kind} is not supported", "Only start, end and today can be there"
    elif not select and not _GROUP.fullmatch(kind) and (kind in _REFUSED or kind not in types):
        elsewhere = _FROM_ELSEWHERE.fullmatch(kind)
        rule = f'a question of type "{elsewhere["what"] if elsewhere else kind}" is not supported'
        yield "type", rule, "Ask it as text, a number, a date or a choice"


def _name(kind: str, name: str) -> Iterator[tuple[str, str, str]]:
    if not name and kind != "note":
        yield "name", "this row has no name", "Give it a short name without spaces"
    elif name and not _NAME.fullmatch(name):
        fix = "Begin with a letter, and go on with letters, digits, underscores, hyphens or points"
        yield "name", f'"{name}" cannot be a name', fix


def _references(cells: Cells, names: list[str]) -> Iterator[tuple[str, str, str]]:
    for column, cell in cells.items():
        if column in _REMARKS or column.startswith("#"):
            continue
        for name in dict.fromkeys(_REFERENCE.findall(cell)):
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                fix = f"Did you mean ${{{near[0]}}}" if near else "Correct the name, or add the question"
                yield column, f"${{{name}}} is not a question of this form", fix


def _list_of(cells: Cells) -> str:
    return cells.get("list_name") or cells.get("list name", "")


def _picked_together(survey: Sequence[Cells]) -> set[str]:
    """The lists of which several choices are kept with spaces between."""
    found = [_SELECT.fullmatch(kind) for kind in map(_kind, survey) if "multiple" in kind or " all " in kind]
    return {each["list"] for each in found if each is not None}


def _choices(choices: Sequence[Cells], together: set[str]) -> Iterator[Found]:
    seen: set[tuple[str, str]] = set()
    for number, cells in enumerate(choices, start=2):
        listed, name = _list_of(cells), cells.get("name", "")
        if not name and listed:
            yield number, "name", "this choice has no name", "Give every choice its own name"
        elif (listed, name) in seen and name:
            rule = f'the choice "{name}" is there twice in the list "{listed}"'
            yield number, "name", rule, "Give every choice its own name"
        elif " " in name and listed in together:
            rule = f'the choice name "{name}" has a space in it'
            yield number, "name", rule, f'Write it as one word, such as "{"_".join(name.split())}"'
        seen.add((listed, name))
