"""Takes a whole database to another one, SQLite or PostgreSQL, and compares the two row by row before it says so."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import zip_longest

import orjson

from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from storage.migrate import check_vault, upgrade
from storage.sqlite import Use
from storage.store import parse_url
from storage.vault import Vault
from storage.whole import Row, Whole, empty_target, note, whole_database

Tell = Callable[[int, int], None]

_TOLD_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of which table went over, and a hash over all rows, the same on both sides."""

    rows: dict[str, int]
    sha256: str

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def move(source_url: str, target_url: str, vault: Vault, *, at: datetime, who: str, tell: Tell) -> Moved:
    """Copies every row; the source is only read. When anything differs afterwards the target is left as it was.
    `who` is for the audit log.

    Raises DomainError as `whole_database`, and: same_database, database_not_empty, foreign_database, row_damaged,
    rows_refused, rows_differ (with the table's name), wrong_key.
    """
    if parse_url(source_url) == parse_url(target_url):
        raise DomainError("same_database")
    with (
        whole_database(source_url, vault, Use.ALONE) as from_there,
        whole_database(target_url, vault, Use.ALONE, is_new=True) as to_here,
    ):
        source = Whole(from_there)
        source.hold_still()
        assert source.revision is not None
        target = empty_target(to_here, replace=False).rebuild(source.revision)
        _copy(source, target, tell)
        moved = _compare(source, target)
        upgrade(to_here)
        check_vault(to_here, vault)
        note(to_here, vault, AuditEntry(AuditAction.MOVE, at, who, count=moved.total))
    return moved


def _copy(source: Whole, target: Whole, tell: Tell) -> None:
    total, done = sum(source.counts().values()), 0

    def counted(rows: Iterable[Row]) -> Iterator[Row]:
        nonlocal done
        for row in rows:
            yield row
            done += 1
            if done % _TOLD_EVERY == 0 or done == total:
                tell(done, total)

    for shape in source.shapes():
        target.fill(shape, counted(source.rows(shape)))


def _compare(source: Whole, target: Whole) -> Moved:
    """Raises DomainError("rows_differ") at the first row that is not the same, byte for byte."""
    counts, over_all = {}, sha256()
    for shape in source.shapes():
        counts[shape.name] = 0
        for ours, theirs in zip_longest(source.rows(shape), target.rows(shape)):
            line = orjson.dumps(ours)
            if line != orjson.dumps(theirs):
                raise DomainError("rows_differ", table=shape.name)
            over_all.update(line)
            counts[shape.name] += 1
    return Moved(counts, over_all.hexdigest())
