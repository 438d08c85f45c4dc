"""A backup: one compressed file with every row as it stands, from either database and for either. See
docs/decisions/0038-backups-and-moving.md for what the file looks like."""

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from storage.migrate import check_vault, upgrade
from storage.sqlite import Use
from storage.vault import Vault
from storage.whole import TableShape, Whole, empty_target, fits, note, whole_database

FORMAT = 1
Tell = Callable[[int, int], None]

_NAME = re.compile(r"wijkverhaal-\d{8}-\d{6}\.jsonl\.gz")
_LEVEL = 6
_LONGEST_LINE = 256 * 1024 * 1024
_TOLD_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup: made when (UTC), by which version of the product, with which migration, how many rows of which
    table. `sha256` is over all that stands in the file before it, unpacked."""

    made_at: datetime
    product: str
    revision: str
    rows: dict[str, int]
    sha256: str

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def name_for(at: datetime) -> str:
    """The name of a backup of that moment; later ones sort after it."""
    return f"wijkverhaal-{at.astimezone(UTC):%Y%m%d-%H%M%S}.jsonl.gz"


def back_up(
    url: str, vault: Vault, out: Path, *, product: str, at: datetime, who: str, tell: Tell
) -> Manifest:
    """Writes a backup of a database that may be in use; the file is there whole (mode 0600), or not at all. `who` is for
    the audit log, as in `restore`.

    Raises DomainError as `whole_database`, and: row_damaged, file_exists, not_written.
    """
    with whole_database(url, vault, Use.WRITE) as connection:  # before anything leaves
        note(connection, vault, AuditEntry(AuditAction.BACKUP, at, who, thing=out.name))
    with whole_database(url, vault) as connection, _new_file(out) as file:
        whole = Whole(connection)
        counts, written = whole.counts(), _Writer(file)
        written.line(
            {
                "wijkverhaal": "backup",
                "format": FORMAT,
                "revision": whole.revision,
                "made_at": at.astimezone(UTC).isoformat(),
                "product": product,
            }
        )
        done = 0
        for shape in whole.shapes():
            written.line(
                {"table": shape.name, "columns": shape.columns, "kinds": shape.kinds, "last": shape.last}
            )
            for row in whole.rows(shape):
                written.line(row)
                done += 1
                if done % _TOLD_EVERY == 0:
                    tell(done, sum(counts.values()))
        sha256 = written.sha256()
        written.line({"end": True, "rows": counts, "sha256": sha256})
        assert whole.revision is not None
        return Manifest(at, product, whole.revision, counts, sha256)


class _Writer:
    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def line(self, value: object) -> None:
        line = orjson.dumps(value) + b"\n"
        self._hash.update(line)
        self._file.write(line)

    def sha256(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A compressed file under a name of its own until it is whole. Raises DomainError: file_exists, not_written."""
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise DomainError("not_written", path=path, reason=error.strerror) from error
    try:
        with os.fdopen(handle, "wb") as plain:
            os.fchmod(handle, 0o600)
            with gzip.GzipFile("", "wb", _LEVEL, plain, mtime=0) as packed:
                yield packed  # type: ignore[misc]  # it is one in all that is asked of it
            plain.flush()
            os.fsync(handle)
        os.link(draft, path)
    except FileExistsError:
        raise DomainError("file_exists", path=path) from None
    except OSError as error:
        raise DomainError("not_written", path=path, reason=error.strerror) from error
    finally:
        with suppress(OSError):
            os.unlink(draft)


def drop_older(folder: Path, keep: int) -> list[Path]:
    """Removes backups but the newest `keep`; what has another name than ours is left alone. Returns what went."""
    ours = sorted(each for each in folder.iterdir() if _NAME.fullmatch(each.name))
    gone = ours[: max(0, len(ours) - keep)]
    for each in gone:
        each.unlink()
    return gone


Part = TableShape | list[Any] | Manifest


def read_backup(path: Path) -> Iterator[Part]:
    """Each table with its rows after it, and the manifest last.

    Raises DomainError: no_such_file, not_a_backup, backup_newer, and backup_damaged, at its end at the latest.
    """
    try:
        with gzip.open(path, "rb") as file:
            yield from _Reading(path, file).parts()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        code = "not_a_backup" if _is_something_else(path) else "backup_damaged"
        raise DomainError(code, path=path) from error
    except OSError as error:
        raise DomainError("no_such_file", path=path) from error


def _is_something_else(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(2)
    return bool(start) and start != b"\x1f\x8b"


class _Reading:
    """Goes through a file once, line by line."""

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file
        self._hash = hashlib.sha256()
        self._shape: TableShape | None = None
        self._rows: dict[str, int] = {}

    def parts(self) -> Iterator[Part]:
        head = self._head()
        while True:
            sha256 = self._hash.hexdigest()
            value = self._next()
            if isinstance(value, list):
                yield self._row(value)
            elif "end" in value:
                yield self._manifest(head, value, sha256)
                return
            else:
                yield self._table(value)

    def _head(self) -> dict[str, Any]:
        try:
            head = self._next()
        except DomainError:
            raise DomainError("not_a_backup", path=self._path) from None
        if not isinstance(head, dict) or head.get("wijkverhaal") != "backup":
            raise DomainError("not_a_backup", path=self._path)
        if head.get("format") != FORMAT:
            raise DomainError("backup_newer", path=self._path)
        return head

    def _next(self) -> Any:
        line = self._file.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise self._damaged()
        self._hash.update(line)
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise self._damaged() from None
        if not isinstance(value, dict | list):
            raise self._damaged()
        return value

    def _row(self, row: list[Any]) -> list[Any]:
        if self._shape is None or not fits(self._shape, row):
            raise self._damaged()
        self._rows[self._shape.name] += 1
        return row

    def _table(self, value: dict[str, Any]) -> TableShape:
        try:
            shape = TableShape(
                value["table"], tuple(value["columns"]), tuple(value["kinds"]), int(value["last"])
            )
        except (KeyError, TypeError, ValueError):
            raise self._damaged() from None
        if shape.name in self._rows or len(shape.columns) != len(shape.kinds):
            raise self._damaged()
        self._shape, self._rows[shape.name] = shape, 0
        return shape

    def _manifest(self, head: dict[str, Any], end: dict[str, Any], sha256: str) -> Manifest:
        if end.get("sha256") != sha256 or end.get("rows") != self._rows or self._file.read(1):
            raise self._damaged()
        try:
            made_at = datetime.fromisoformat(head["made_at"])
            return Manifest(made_at, str(head["product"]), str(head["revision"]), self._rows, sha256)
        except (KeyError, TypeError, ValueError):
            raise self._damaged() from None

    def _damaged(self) -> DomainError:
        return DomainError("backup_damaged", path=self._path)


def verify(path: Path) -> Manifest:
    """Reads a backup from start to end without using it. Raises as `read_backup`."""
    for part in read_backup(path):
        if isinstance(part, Manifest):
            return part
    raise DomainError("backup_damaged", path=path)


def restore(
    url: str, vault: Vault, path: Path, *, replace: bool, at: datetime, who: str, tell: Tell
) -> Manifest:
    """Fills a database from a backup, all of it or nothing, and brings it to the newest schema. What is there already
    goes only with `replace`.

    Raises DomainError as `whole_database` and `read_backup`, and: database_not_empty, foreign_database, rows_refused,
    newer_schema, and wrong_key for a backup that this vault cannot read.
    """
    manifest = verify(path)
    with whole_database(url, vault, Use.ALONE, is_new=True) as connection:
        target = empty_target(connection, replace).rebuild(manifest.revision)
        if _fill(target, path, manifest, tell) != manifest:
            raise DomainError("backup_damaged", path=path)  # somebody changed the file meanwhile
        upgrade(connection)
        check_vault(connection, vault)
        entry = AuditEntry(
            AuditAction.RESTORE, at, who, thing=name_for(manifest.made_at), count=manifest.total
        )
        note(connection, vault, entry)
    return manifest


def _fill(target: Whole, path: Path, manifest: Manifest, tell: Tell) -> Manifest | None:
    parts = read_backup(path)
    done = 0
    part = next(parts, None)
    while isinstance(part, TableShape):
        rows = _RowsOf(parts)
        target.fill(part, rows)
        done += manifest.rows[part.name]
        tell(done, manifest.total)
        part = rows.after
    return part if isinstance(part, Manifest) else None


class _RowsOf:
    """The rows up to the next part that is none; `after` is that part."""

    def __init__(self, parts: Iterator[Part]) -> None:
        self._parts = parts
        self.after: Part | None = None

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for part in self._parts:
            if not isinstance(part, list):
                self.after = part
                return
            yield tuple(part)
