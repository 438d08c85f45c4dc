"""The folder of an export: files appear under their names when all are written, and nobody else's are touched."""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from domain.errors import DomainError

MADE_BY = "wijkverhaal export 1"


def file_name(questionnaire: str) -> str:
    """An id comes from a form's author: whatever is no letter, digit, dash or underscore stays out of a path."""
    return re.sub(r"[^\w-]", "_", questionnaire) or "_"


def draft_path(out: Path, name: str) -> Path:
    return out / f".{name}.part"


def draft(out: Path, name: str, format: str = "") -> TextIO:
    # A spreadsheet takes a file for UTF-8 only when it begins with the mark for it.
    encoding = "utf-8-sig" if format == "csv" else "utf-8"
    return draft_path(out, name).open("w", encoding=encoding, newline="")


def check_folder(out: Path) -> None:
    """An empty folder, or one that holds nothing but an earlier export."""
    out.mkdir(parents=True, exist_ok=True)
    present = {path.name for path in out.iterdir() if not path.name.endswith(".part")}
    if present - {"manifest.json", *_earlier_files(out)}:
        raise DomainError("out_exists", out=str(out))


def _earlier_files(out: Path) -> set[str]:
    try:
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return set()
    except ValueError:
        raise DomainError("out_exists", out=str(out)) from None
    if not isinstance(manifest, dict) or manifest.get("made_by") != MADE_BY:
        raise DomainError("out_exists", out=str(out))
    return set(manifest["files"])


def publish(out: Path, files: Sequence[str], facts: Mapping[str, Any]) -> None:
    """Gives every file its own name, the manifest last, and takes away what only an earlier export had."""
    listed: dict[str, dict[str, object]] = {}
    for name in files:
        written = draft_path(out, name)
        listed[name] = {"bytes": written.stat().st_size, "sha256": _sha256(written)}
    manifest = {"made_by": MADE_BY, **facts, "files": listed}
    with draft(out, "manifest.json") as handle:
        json.dump(manifest, handle, ensure_ascii=False, indent=2)
    gone = _earlier_files(out) - set(files)
    for name in (*files, "manifest.json"):
        os.replace(draft_path(out, name), out / name)
    for name in gone:
        (out / name).unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
