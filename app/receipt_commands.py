"""`wijkverhaal receipts`: what was taken away, by a rule or because somebody asked, and the receipt behind a number."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.settings import Settings
from domain.errors import DomainError

if TYPE_CHECKING:  # other commands do without the database's library
    from storage.receipts import Receipt

Say = Callable[[str], None]


def add_receipts(
    app: typer.Typer, run: Callable[..., None], settings: Callable[[], Any], write: Say = print
) -> None:
    """Adds the command to `app`; how work is run and what the settings are is the caller's."""

    @app.command()
    def receipts(
        number: Annotated[
            str, typer.Argument(help="The number that somebody was told when they were erased.")
        ] = "",
        last: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the newest.")] = 50,
        as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
    ) -> None:
        """Show what went: when, by which rule and how many rows of what, or the one receipt of an erasure. Nobody is named.

        Example: `wijkverhaal receipts 7KQ4-M2XD`
        """
        run(list_receipts(settings(), number, last, as_json, write))


async def list_receipts(settings: Settings, number: str, last: int, as_json: bool, write: Say) -> None:
    """Raises DomainError("no_such_receipt") for a number that was never given."""
    found = await _find(settings, number.strip().upper(), last)
    if number and not found:
        raise DomainError("no_such_receipt", number=number)
    if as_json:
        write(json.dumps({"receipts": [_document(each) for each in found]}, indent=2))
        return
    if not found:
        write("Nothing went yet.")
    for each in found:
        write(_line(each))


async def _find(settings: Settings, number: str, last: int) -> "Sequence[Receipt]":
    from app.wiring import new_id, open_vault
    from storage.store import open_store

    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        return await store.receipts(last, number)
    finally:
        await store.close()


def _line(receipt: "Receipt") -> str:
    from app.story import told_moment
    from storage.receipts import ERASURE

    if receipt.kind == ERASURE:
        return f"{receipt.id}  {receipt.at:%Y-%m-%d}  erasure {receipt.number}, by {receipt.rule}: everything of one person"
    days = f", kept {receipt.days} days" if receipt.days else ""
    return f"{receipt.id}  {told_moment(receipt.at)}  {receipt.kind}  {receipt.rule}{days}: {told_counts(receipt.counts)}"


def told_counts(counts: Mapping[str, int]) -> str:
    """Rows by table, those without any left out."""
    return ", ".join(f"{table} {count}" for table, count in sorted(counts.items()) if count)


def _document(receipt: "Receipt") -> dict[str, object]:
    return {
        "id": receipt.id,
        "at": receipt.at.isoformat(timespec="seconds"),
        "kind": receipt.kind,
        "rule": receipt.rule,
        "days": receipt.days,
        "counts": dict(receipt.counts),
        "number": receipt.number,
    }
