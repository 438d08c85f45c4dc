"""The folder of an export: files appear under their names when all are written, and nobody else's are touched."""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from domain.errors import DomainError

MADE_BY = "wijkverhaal export 2"
_EARLIER = ("wijkverhaal export 1", MADE_BY)
MANIFEST = "manifest.json"
SECOND = ".second"
"""The folder within that one in which the second half of a large export is written."""
_DRAFT = ".part"


def file_name(questionnaire: str) -> str:
    """An id comes from a form's author: whatever is no letter, digit, dash or underscore stays out of a path."""
    return re.sub(r"[^\w-]", "_", questionnaire) or "_"


class Folder:
    """Entered, it is an empty folder, or one that holds nothing but an earlier export. Left without `publish` it is as it
    was: what people said stays in no half-written file.

    Raises DomainError("out_exists") for a folder with other files in it.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._drafts: dict[str, Path] = {}
        self._made: list[Path] = []

    def __enter__(self) -> "Folder":
        self._make(self.out)
        earlier = {MANIFEST, *_earlier_files(self.out)}
        present = (path for path in self.out.rglob("*") if not path.is_dir())
        names = {path.relative_to(self.out).as_posix() for path in present if path.suffix != _DRAFT}
        if names - earlier:
            raise DomainError("out_exists", out=str(self.out))
        # What an export left behind that was cut off.
        for draft in [path for path in self.out.rglob(f".*{_DRAFT}") if path.is_file()]:
            draft.unlink()
        with suppress(OSError):  # most often there is none
            (self.out / SECOND).rmdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for path in self._drafts.values():
            path.unlink(missing_ok=True)
        for folder in reversed(self._made):
            with suppress(OSError):  # not empty
                folder.rmdir()

    @property
    def drafts(self) -> Mapping[str, Path]:
        """Where each file is that is being written."""
        return self._drafts

    def draft(self, name: str) -> Path:
        """Where to write a file of the export; a slash in its name is a folder."""
        path = self.out / name
        self._make(path.parent)
        self._drafts[name] = path.with_name(f".{path.name}{_DRAFT}")
        return self._drafts[name]

    def publish(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """Gives every file its own name, the manifest last, and takes away what only an earlier export had; the names."""
        listed = {
            name: {"bytes": path.stat().st_size, "sha256": _sha256(path)}
            for name, path in self._drafts.items()
        }
        manifest = {"made_by": MADE_BY, **facts, "files": listed}
        self.draft(MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2), encoding="utf-8")
        names = tuple(self._drafts)
        gone = _earlier_files(self.out) - set(names)
        for name in names:
            os.replace(self._drafts.pop(name), self.out / name)
        for name in gone:
            (self.out / name).unlink(missing_ok=True)
            with suppress(OSError):  # the folder it was in, if nothing else is
                (self.out / name).parent.rmdir()
        return names

    def _make(self, folder: Path) -> None:
        """Answers are nobody else's business: only who makes it can look into a new folder."""
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
            self._made.append(each)


def _earlier_files(out: Path) -> set[str]:
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return set()
    except ValueError:
        raise DomainError("out_exists", out=str(out)) from None
    if not isinstance(manifest, dict) or manifest.get("made_by") not in _EARLIER:
        raise DomainError("out_exists", out=str(out))
    return {name for name in manifest["files"] if _is_inside(name)}


def _is_inside(name: str) -> bool:
    """A manifest that somebody wrote must not lead out of the folder."""
    return not name.startswith("/") and ".." not in name.split("/")


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def names_for(questionnaires: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """A name for the files of each, without two that are the same where letters in them do not count."""
    used, found = {each.lower() for each in taken}, dict[str, str]()
    for questionnaire in questionnaires:
        name = file_name(questionnaire)
        while name.lower() in used:
            name += "_"
        used.add(name.lower())
        found[questionnaire] = name
    return found
