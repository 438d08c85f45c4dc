"""The codebook as DDI-Codebook 2.5, which data archives and analysis programs read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from storage.codebook import STATUSES
from storage.export_formats.codes import MISSING_CODES, codes
from storage.export_formats.spec import Column, Kind, TableSpec

NAMESPACE = "ddi:codebook:2_5"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOMAINS: Mapping[Kind, str] = {
    "text": "text",
    "integer": "numeric",
    "number": "numeric",
    "boolean": "category",
    "time": "datetime",
    "date": "datetime",
    "choice": "category",
    "choices": "multiple",
}
_NATURES = {"nominal": "nominal", "ordinal": "ordinal", "scale": "interval"}


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """A table of an export: its files by their names in the folder, and how many rows it has, if that was counted."""

    files: Sequence[str]
    spec: TableSpec
    rows: int | None


def to_ddi(codebook: Mapping[str, Any], tables: Sequence[DescribedTable], language: str) -> bytes:
    """A codebook of all tables of an export: each a file, each of its columns a variable. What a question was asked under
    and what it is kept for comes from `codebook`, as `storage.codebook.describe` gives it. `language` is that of labels."""
    root = ET.Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", _LANGUAGE: language})
    titles = dict.fromkeys(form["title"] for form in codebook["questionnaires"])
    made_at = max((table.spec.made_at for table in tables), default=None)
    date = made_at.date().isoformat() if made_at is not None else ""
    _document(root, ", ".join(titles) or "Export", date)
    _study(root, codebook, ", ".join(titles) or "Export", date)
    for number, table in enumerate(tables, 1):
        _file(root, f"F{number}", table)
    questions = _questions(codebook)
    described = _add(root, "dataDscr")
    count = 0
    for number, table in enumerate(tables, 1):
        for column in table.spec.columns:
            count += 1
            _variable(
                described, f"V{count}", f"F{number}", column, questions.get((table.spec.id, column.name))
            )
    ET.indent(root)
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    found = ET.SubElement(parent, tag, {key: _safe(value) for key, value in attributes.items()})
    if text:
        found.text = _safe(text)
    return found


def _safe(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _document(root: ET.Element, title: str, date: str) -> None:
    citation = _add(_add(root, "docDscr"), "citation")
    _add(_add(citation, "titlStmt"), "titl", f"Codebook: {title}")
    produced = _add(citation, "prodStmt")
    if date:
        _add(produced, "prodDate", date, date=date)
    _add(produced, "software", "wijkverhaal")


def _study(root: ET.Element, codebook: Mapping[str, Any], title: str, date: str) -> None:
    study = _add(root, "stdyDscr")
    citation = _add(study, "citation")
    _add(_add(citation, "titlStmt"), "titl", title)
    if date:
        _add(_add(citation, "prodStmt"), "prodDate", date, date=date)
    versions = "; ".join(f"{form['id']} {form['version']}" for form in codebook["questionnaires"])
    if versions:
        _add(_add(citation, "verStmt"), "version", versions)
    said = [
        f"{form['title']} ({form['id']}, version {form['version']})" for form in codebook["questionnaires"]
    ]
    about = _add(study, "stdyInfo")
    _add(about, "abstract", "; ".join(said) or title)
    for line in codebook["reading"]:
        _add(about, "notes", line)


def _file(root: ET.Element, id: str, table: DescribedTable) -> None:
    described = _add(_add(root, "fileDscr", ID=id), "fileTxt")
    _add(described, "fileName", ", ".join(table.files))
    _add(described, "fileCont", table.spec.title)
    size = _add(described, "dimensns")
    if table.rows is not None:
        _add(size, "caseQnty", str(table.rows))
    _add(size, "varQnty", str(len(table.spec.columns)))
    _add(described, "fileType", table.files[0].rpartition(".")[2])


def _questions(codebook: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """By the id of their table and their column, as the last version has them."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for form in codebook["questionnaires"]:
        found |= {(form["id"], each["column"]): each for each in form["questions"]}
        for repeat in form["repeats"]:
            found |= {
                (f"{form['id']}/{repeat['repeat']}", each["column"]): each for each in repeat["questions"]
            }
    return found


def _variable(
    parent: ET.Element, id: str, file: str, column: Column, question: Mapping[str, Any] | None
) -> None:
    counted = column.kind in ("integer", "number", "time", "date")
    variable = _add(
        parent,
        "var",
        ID=id,
        name=column.name,
        files=file,
        intrvl="contin" if counted else "discrete",
        nature=_NATURES[column.measure],
    )
    _add(variable, "labl", column.label or column.name)
    if column.has_status:
        asked = _add(variable, "qstn", responseDomainType=_DOMAINS[column.kind])
        _add(asked, "qstnLit", column.label or column.name)
    if question is not None and question["relevant"]:
        _add(variable, "universe", f"Asked when: {question['relevant']}")
    for value, label, code in _values(column):
        category = _add(variable, "catgry")
        _category(category, value, label, code)
    for status in STATUSES if column.has_status else ():
        if status in MISSING_CODES:
            category = _add(variable, "catgry", missing="Y", missType=status)
            _category(category, status, STATUSES[status], str(MISSING_CODES[status]))
    numeric = column.kind in ("integer", "number")
    _add(variable, "varFormat", type="numeric" if numeric else "character", schema="other")
    if question is not None:
        _add(variable, "notes", f"Kept for: {question['purpose']}")


def _category(category: ET.Element, value: str, label: str, code: str) -> None:
    _add(category, "catValu", value)
    _add(category, "labl", label)
    if code:
        _add(category, "txt", f"SPSS: {code}")


def _values(column: Column) -> Iterator[tuple[str, str, str]]:
    """Each value with its label and its number in SPSS, as far as it has one."""
    if column.kind == "boolean":
        yield from (("0", "no", "0"), ("1", "yes", "1"))
        return
    numbers = codes(column.value_labels) if column.kind == "choice" else {}
    for name, label in column.value_labels.items():
        yield name, label or name, str(numbers.get(name, ""))
