"""Checks a package of Flow Results against the text of its specification, 1.0.0-rc1, and of Data Packages under it."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

_FIELDS = ["timestamp", "row_id", "contact_id", "session_id", "question_id", "response", "response_metadata"]
_UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# RFC 3339, section 5.6; in UTC the specification wants +00:00 and no Z.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _is_time(value: object, _: Mapping[str, Any]) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    datetime.fromisoformat(value)
    return True


_RESPONSES: Mapping[str, Callable[[Any, Mapping[str, Any]], bool]] = {
    "select_one": lambda value, options: isinstance(value, str) and value in options["choices"],
    "select_many": lambda value, options: (
        isinstance(value, list)
        and all(isinstance(each, str) and each in options["choices"] for each in value)
    ),
    "numeric": lambda value, _: isinstance(value, int | float) and not isinstance(value, bool),
    "text": lambda value, _: isinstance(value, str),
    "date": lambda value, _: isinstance(value, str) and bool(_DATE.fullmatch(value)),
    "datetime": _is_time,
}


def complaints(descriptor: Path) -> list[str]:
    """What is wrong with a package, a sentence each."""
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    wrong = list(_of_package(descriptor, package))
    if wrong:
        return wrong
    [resource] = package["resources"]
    wrong += _of_schema(resource["schema"])
    rows = json.loads((descriptor.parent / resource["path"]).read_text(encoding=resource["encoding"]))
    if not isinstance(rows, list):
        return [*wrong, "the data is no array of rows"]
    questions = resource["schema"]["questions"]
    for number, row in enumerate(rows):
        wrong += [f"row {number}: {what}" for what in _of_row(row, questions)]
    ids = [str(row[1]) for row in rows if isinstance(row, list) and len(row) == 7]
    return wrong + (["two rows have the same id"] if len(set(ids)) < len(ids) else [])


def _of_package(descriptor: Path, package: Any) -> list[str]:
    checks = {
        "the descriptor is called datapackage.json": descriptor.name == "datapackage.json",
        "profile": package.get("profile") == "flow-results-package",
        "flow_results_specification_version": package.get("flow_results_specification_version")
        == "1.0.0-rc1",
        "id is a version 4 UUID": bool(_UUID_4.fullmatch(str(package.get("id")))),
        "name is for an address": bool(re.fullmatch(r"[a-z0-9._-]+", str(package.get("name")))),
        "title": isinstance(package.get("title"), str),
        "created": _is_time(package.get("created"), {}),
        "modified": _is_time(package.get("modified"), {}),
        "exactly one resource": len(package.get("resources") or ()) == 1,
    }
    if all(checks.values()):
        resource = package["resources"][0]
        path = resource.get("path", "")
        checks |= {
            "the resource has a path of its own, within the package": bool(path)
            and not Path(path).is_absolute()
            and ".." not in Path(path).parts,
            "the data is not inline": "data" not in resource,
            "the resource has a name": bool(re.fullmatch(r"[a-z0-9._-]+", str(resource.get("name")))),
            "mediatype": resource.get("mediatype") == "application/json",
            "the schema is inline": isinstance(resource.get("schema"), dict),
        }
    return [f"not so: {what}" for what, is_so in checks.items() if not is_so]


def _of_schema(schema: Mapping[str, Any]) -> list[str]:
    wrong = []
    if [field.get("name") for field in schema.get("fields", [])] != _FIELDS:
        wrong.append("the fields are not the seven of the specification")
    if not all({"name", "title", "type"} <= set(field) for field in schema.get("fields", [])):
        wrong.append("a field lacks its title or type")
    if "language" in schema and not re.fullmatch(r"[a-z]{3}", schema["language"]):
        wrong.append("the language is not of ISO 639-3")
    for name, question in schema.get("questions", {}).items():
        if question.get("type") not in _RESPONSES:
            wrong.append(f"question {name}: type {question.get('type')}")
        if not isinstance(question.get("label"), str) or not isinstance(question.get("type_options"), dict):
            wrong.append(f"question {name}: no label or no type_options")
        elif str(question.get("type")).startswith("select_") and not question["type_options"].get("choices"):
            wrong.append(f"question {name}: no choices")
    return wrong


def _of_row(row: Any, questions: Mapping[str, Any]) -> list[str]:
    if not isinstance(row, list) or len(row) != 7:
        return ["not seven elements"]
    at, row_id, contact, session, name, response, metadata = row
    wrong = []
    if not _is_time(at, {}):
        wrong.append(f"timestamp {at}")
    if not all(isinstance(each, str | int) and each != "" for each in (row_id, contact, session)):
        wrong.append("an id is no text and no number")
    if metadata is not None and not isinstance(metadata, dict):
        wrong.append("the metadata is no object")
    question = questions.get(name)
    if question is None:
        return [*wrong, f"question {name} is not in the schema"]
    if not _RESPONSES[question["type"]](response, question["type_options"]):
        wrong.append(f"{response!r} is no response to {name}, of type {question['type']}")
    return wrong
