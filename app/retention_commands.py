"""`wijkverhaal retention`: what goes because it has had its time, and the receipts of what went."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.settings import Settings
from domain.retention import KEEP_RULES

if TYPE_CHECKING:  # other commands do without the database's library
    from storage.receipts import Receipt
    from storage.retention import Retention

Say = Callable[[str], None]


def add_retention(
    app: typer.Typer,
    run: Callable[..., None],
    settings: Callable[[], Any],
    write: Callable[[str], None] = print,
) -> None:
    """Adds the commands to `app`; how work is run and what the settings are is the caller's."""
    retention = typer.Typer(
        help="What goes because it has had its time.",
        invoke_without_command=True,
        rich_markup_mode="markdown",
    )

    @retention.callback()
    def retain(
        context: typer.Context,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    ) -> None:
        """Take away what has had its time, as happens by itself every night, and tell how many rows of what.

        Example: `wijkverhaal retention --dry-run`
        """
        if context.invoked_subcommand is None:
            run(take_away(settings(), dry_run, write))

    @retention.command()
    def receipts(
        last: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the newest.")] = 50,
        as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
    ) -> None:
        """Show what went earlier: when, by which rule and how many rows of what. Nobody is named in it.

        Example: `wijkverhaal retention receipts --last 10`
        """
        run(list_receipts(settings(), last, as_json, write))

    app.add_typer(retention, name="retention")


async def take_away(settings: Settings, dry_run: bool, write: Say) -> None:
    """With `dry_run` nothing is changed."""

    async def work(retention: "Retention") -> Mapping[str, Mapping[str, int]]:
        from app.wiring import utc_now

        now = utc_now()
        return await (retention.rehearse(now) if dry_run else retention.run(now)) or {}

    done = await _with_retention(settings, work)
    write("This would go:" if dry_run else "This is gone:")
    for rule, days in settings.keep_days.items():
        counts = _told(done.get(rule, {})) or "nothing"
        write(f"  {rule}, {days} days after {KEEP_RULES[rule].from_when}: {counts}")
    if dry_run:
        write("Nothing was changed.")


async def list_receipts(settings: Settings, last: int, as_json: bool, write: Say) -> None:
    found = await _with_retention(settings, lambda retention: retention.receipts(last))
    if as_json:
        write(json.dumps({"receipts": [_document(each) for each in found]}, indent=2))
        return
    if not found:
        write("Nothing went yet.")
    from app.story import told_moment

    for each in found:
        days = f", kept {each.days} days" if each.days else ""
        write(f"{each.number}  {told_moment(each.at)}  {each.kind}  {each.rule}{days}: {_told(each.counts)}")


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{table} {count}" for table, count in sorted(counts.items()) if count)


def _document(receipt: "Receipt") -> dict[str, object]:
    return {
        "number": receipt.number,
        "at": receipt.at.isoformat(timespec="seconds"),
        "kind": receipt.kind,
        "rule": receipt.rule,
        "days": receipt.days,
        "counts": dict(receipt.counts),
    }


async def _with_retention(settings: Settings, work: Callable[["Retention"], Any]) -> Any:
    from app.wiring import new_id, open_vault
    from storage.retention import Retention
    from storage.store import open_store

    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        return await work(Retention(store, settings.keep_days, new_id, settings.operator))
    finally:
        await store.close()
