"""Reads scales from their TOML files and refuses what is written wrongly, all at once; scoring is left to scales."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.forms.scales import Band, Reference, Scale, Subscale
from domain.errors import DefinitionError, Problem

SHIPPED = Path(__file__).parent.parent / "questionnaires" / "scales"
_NEEDED: dict[str, type | tuple[type, ...]] = {
    "id": str, "title": dict, "items": list, "minimum": (int, float), "maximum": (int, float), "rule": str,
    "at_least": int, "licence": str, "citation": str, "wording": dict,
}  # fmt: skip # read as one list of words
_OPTIONAL = {
    "reversed", "points", "impute", "factor", "rescale", "subscales", "bands", "references", "texts",
}  # fmt: skip # read as one list of words


def load_scales(folder: Path = SHIPPED) -> dict[str, Scale]:
    """Every scale in `folder` by its id. Raises DefinitionError with the problems of all files."""
    scales: dict[str, Scale] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            scale = read_scale(path.read_text(encoding="utf-8"), path.name)
        except DefinitionError as error:
            problems += error.problems
            continue
        if scale.id in scales:
            problems.append(
                Problem(file=path.name, column="id", rule=f'"{scale.id}" is there twice', fix="Rename it")
            )
        scales[scale.id] = scale
    if problems:
        raise DefinitionError(tuple(problems))
    return scales


def read_scale(text: str, file: str) -> Scale:
    """The scale in `text`. Raises DefinitionError with everything that is wrong in it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = Problem(file=file, rule=f"this is not TOML ({error})", fix="Mend the file")
        raise DefinitionError((problem,)) from error
    wrong = _missing(document) or _inconsistent(document)
    if wrong:
        raise DefinitionError(
            tuple(Problem(file=file, column=key, rule=rule, fix=fix) for key, rule, fix in wrong)
        )
    return _build(document)


_Wrong = list[tuple[str, str, str]]


def _missing(document: Mapping[str, Any]) -> _Wrong:
    wrong = [
        (key, "this is missing or of the wrong kind", "See the other scales for how it is written")
        for key, kind in _NEEDED.items()
        if not isinstance(document.get(key), kind)
    ]
    known = _OPTIONAL | set(_NEEDED)
    wrong += [(key, "this is unknown", "Remove it") for key in document if key not in known]
    return wrong


def _inconsistent(document: Mapping[str, Any]) -> _Wrong:
    items = set(document["items"])
    wrong: _Wrong = []
    if document["rule"] not in ("sum", "mean"):
        wrong.append(("rule", f'"{document["rule"]}" is unknown', "Use sum or mean"))
    if document.get("impute", "none") not in ("none", "mean"):
        wrong.append(("impute", f'"{document["impute"]}" is unknown', "Use none or mean"))
    if not items or not 1 <= document["at_least"] <= len(items):
        wrong.append(("at_least", "this is not between 1 and the number of items", "Change it"))
    named = [*document.get("reversed", ()), *document.get("texts", ())]
    named += [item for each in document.get("subscales", ()) for item in each["items"]]
    wrong += [
        ("items", f'"{name}" is not an item', "Add it or correct it") for name in named if name not in items
    ]
    wrong += _wrong_points(document)
    if not document["wording"] or not set(document["wording"].values()) <= {"confirmed", "unconfirmed"}:
        wrong.append(("wording", "each language is confirmed or unconfirmed", "Correct it"))
    return wrong


def _wrong_points(document: Mapping[str, Any]) -> _Wrong:
    tables = [document.get("points", {}), *(each.get("points", {}) for each in document.get("subscales", ()))]
    low, high = document["minimum"], document["maximum"]
    return [
        ("points", f'"{label}" gives {points}, outside {low} to {high}', "Correct the points or the bounds")
        for table in tables
        for label, points in table.items()
        if not low <= points <= high
    ]


def _build(document: Mapping[str, Any]) -> Scale:
    rescale = document.get("rescale")
    return Scale(
        **{key: document[key] for key in ("id", "title", "minimum", "maximum", "rule", "at_least")},
        **{key: document[key] for key in ("licence", "citation", "wording")},
        items=tuple(document["items"]),
        reversed=frozenset(document.get("reversed", ())),
        points=document.get("points", {}),
        impute=document.get("impute", "none"),
        factor=document.get("factor", 1.0),
        rescale=(rescale["subtract"], rescale["times"]) if rescale else None,
        rescale_label=rescale["label"] if rescale else {},
        subscales=tuple(_subscale(each) for each in document.get("subscales", ())),
        bands=tuple(_band(each) for each in document.get("bands", ())),
        references=tuple(
            Reference(each["value"], each["of"], each["source"], each.get("year"))
            for each in document.get("references", ())
        ),
        texts=document.get("texts", {}),
    )


def _subscale(document: Mapping[str, Any]) -> Subscale:
    return Subscale(
        document["id"],
        document["label"],
        tuple(document["items"]),
        document.get("points", {}),
        document.get("at_least", 0),
    )


def _band(document: Mapping[str, Any]) -> Band:
    return Band(
        document["id"], document["label"], document.get("up_to", math.inf), document.get("below", math.inf)
    )
