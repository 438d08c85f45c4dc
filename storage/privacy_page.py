"""Makes docs/privacy.md from the declarations of tables and columns: `python -m storage.privacy_page docs/privacy.md`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import sqlalchemy as sa

from domain.retention import KEEP_RULES
from storage import schema
from storage.columns import Encrypted, Hashed
from storage.privacy import KEPT, Kept, Subject, how_long

_HEAD = """# What is kept of whom

For the data protection officer: the beginning of a data protection impact assessment. This page is made from the declarations that
stand beside the database's tables; a test fails when a table or a column is not declared, or when this page is not what follows
from them. Change `storage/privacy.py` and `storage/schema.py`, then run `python -m storage.privacy_page docs/privacy.md`. What
residents are told and how erasing works stands in [privacy and safety](privacy-and-safety.md).

A resident is known by a random reference, never by a name: names are not asked. What a column tells about somebody is one of four:
**personal** (who somebody is, or a pseudonym that leads there), **sensitive** (what may hurt when known: health, danger, what was
said), **answer** (an answer to a question), and technical (nothing about anyone; not listed below).

*Encrypted* values can be read only with the key, which is kept outside the database. *Hashed* values can be compared with the key and
not be read back at all. "Wis mijn gegevens" takes everything of a resident at once, whatever stands below.
"""

_INTRODUCTIONS = {
    Subject.RESIDENT: "Everything here hangs on a random reference. When the contact goes, the answers stay and the reference is cut.",
    Subject.MEEMAKER: "People who hold talks or type for residents. Calendars hold times only, never what is in them.",
    Subject.STAFF: "Whoever is told of danger and answers residents who ask for a person.",
    Subject.ALL: "Of whoever it concerns.",
    Subject.NOBODY: "Tables that say nothing about people.",
}

_OUTSIDE = """## Not in the database

| What | How long |
|---|---|
| voice messages, photos, stickers | not fetched |
| addresses of browsers, against overload | in memory, until the process ends |
| logs: references and names of actions, never words | as long as whoever runs the product keeps them |
| backups | hold everybody who was there, until they are deleted: keep them shorter than the rule `contact` |
| exports | as long as whoever made them keeps them; each leaves a row in the audit log |
| the chat on the resident's own phone and at Telegram | out of the product's reach |
"""


def privacy_page(metadata: sa.MetaData = schema.metadata, kept: Mapping[str, Kept] = KEPT) -> str:
    """The page as Markdown. KeyError with the name of a table that is not declared."""
    tables = [(table, kept[str(table.name)]) for table in sorted(metadata.tables.values(), key=_name)]
    parts = [_HEAD]
    for subject in Subject:
        parts.append(f"## {subject.value}\n\n{_INTRODUCTIONS[subject]}\n")
        rows = (
            row
            for table, declared in tables
            if declared.subject is subject
            for row in [_row(table, declared)]
        )
        parts.append("\n".join([_TABLE, *rows]) + "\n")
    parts.append("\n".join(_rules()) + "\n")
    return "\n".join([*parts, _OUTSIDE])


_TABLE = "| What | Why | How long | Who sees it | Table and columns |\n|---|---|---|---|---|"


def _name(table: sa.Table) -> str:
    return str(table.name)


def _row(table: sa.Table, declared: Kept) -> str:
    cells = (declared.what, declared.why, how_long(declared.keep), declared.seen_by, _columns(table))
    return f"| {' | '.join(cells)} |"


def _columns(table: sa.Table) -> str:
    """Those that tell something about a person, by what they tell."""
    by_kind: dict[str, list[str]] = {}
    for column in table.columns:
        kind = str(column.info["privacy"])
        if kind != "technical":
            by_kind.setdefault(kind, []).append(f"{column.name}{_protection(column)}")
    told = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in sorted(by_kind.items()))
    return f"`{table.name}`" + (f": {told}" if told else "")


def _protection(column: sa.Column[object]) -> str:
    if isinstance(column.type, Encrypted):
        return " (encrypted)"
    is_hash = isinstance(column.type, Hashed) or str(column.name).endswith("_hash")
    return " (hashed)" if is_hash or (column.table.name, column.name) == ("audit", "person") else ""


def _rules() -> Iterator[str]:
    yield "## How long"
    yield ""
    yield "Every night at 03:30 what is older goes by itself, with a receipt (`wijkverhaal receipts`)."
    yield "`WIJKVERHAAL_KEEP_DAYS` sets other numbers of days; `wijkverhaal retention --dry-run` tells what would go."
    yield "See [operating](operating.md#settings) and [0039](decisions/0039-retention.md)."
    yield ""
    yield "| Rule | Days | Counted from when | What goes |"
    yield "|---|---|---|---|"
    for name, rule in KEEP_RULES.items():
        yield f"| `{name}` | {rule.days} | {rule.from_when} | {rule.what} |"


def main(arguments: list[str]) -> None:
    page = privacy_page()
    if arguments:
        Path(arguments[0]).write_text(page, encoding="utf-8")
    else:
        print(page, end="")


if __name__ == "__main__":
    main(sys.argv[1:])
