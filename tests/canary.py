"""Words that stand nowhere else, and looking for them in bytes in every way that a program writes text."""

import base64
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import sqlalchemy as sa

from storage import Store
from storage.schema import metadata
from storage.statements import Statement


def canary(name: str) -> str:
    """A word that says where it was put, with a letter that each way of writing writes in its own way."""
    return f"Kanarië{name.replace('_', '').replace('.', '').replace(' ', '').title()}Zz"


@cache
def written(word: str) -> tuple[bytes, ...]:
    """UTF-8, UTF-16, JSON with escapes, URL and base64 at each of three places."""
    plain = word.encode()
    found = {plain, word.encode("utf-16-le"), word.encode("utf-16-be")}
    found |= {json.dumps(word)[1:-1].encode(), quote(word).encode(), quote_plus(word).encode()}
    for text in (plain, word.encode("utf-16-le")):
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + text)
            # What stands at either end depends on the neighbours.
            core = coded[4 if shift else 0 : len(coded) - 4]
            found |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return tuple(sorted(found))


def hits(words: Iterable[str], *contents: bytes) -> set[str]:
    """Which words stand in any of these, in whatever way of writing."""
    return {word for word in words if any(form in content for content in contents for form in written(word))}


def bytes_under(*places: Path) -> Iterator[bytes]:
    """Every file there, whatever it is: the database, its log and its index, exports, caches."""
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                yield path.name.encode() + b"\0" + path.read_bytes()


def readable(store: Store) -> bytes:
    """Every row of every table, encrypted values read by the vault."""
    with store.reading() as db:
        return "\n".join(
            f"{table.name}: {row}"
            for table in metadata.sorted_tables
            for row in db.rows(Statement(sa.select(*_text_columns(table)), store.dialect))
        ).encode()


def as_stored(store: Store) -> bytes:
    """The same without the vault."""
    with store.reading() as db:
        return "\n".join(
            f"{table.name}: {row}"
            for table in metadata.sorted_tables
            for row in db._execute(f'SELECT * FROM "{table.name}"', {}).fetchall()
        ).encode()


def _text_columns(table: sa.Table) -> list[sa.Column[Any]]:
    # How psycopg reads a float depends on what it is told by a cursor that we do not have.
    return [column for column in table.columns if not isinstance(column.type, sa.Double)]
