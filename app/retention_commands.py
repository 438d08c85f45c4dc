"""`wijkverhaal retention`: what goes because it has had its time."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.receipt_commands import told_counts
from app.settings import Settings
from domain.retention import KEEP_RULES

if TYPE_CHECKING:  # other commands do without the database's library
    from storage.retention import Retention

Say = Callable[[str], None]


def add_retention(
    app: typer.Typer,
    run: Callable[..., None],
    settings: Callable[[], Any],
    write: Callable[[str], None] = print,
) -> None:
    """Adds the commands to `app`; how work is run and what the settings are is the caller's."""

    @app.command("retention")
    def retain(
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    ) -> None:
        """Take away what has had its time, as happens by itself every night, and tell how many rows of what.

        Example: `wijkverhaal retention --dry-run`
        """
        run(take_away(settings(), dry_run, write))


async def take_away(settings: Settings, dry_run: bool, write: Say) -> None:
    """With `dry_run` nothing is changed."""

    async def work(retention: "Retention") -> Mapping[str, Mapping[str, int]]:
        from app.wiring import utc_now

        now = utc_now()
        return await (retention.rehearse(now) if dry_run else retention.run(now)) or {}

    done = await _with_retention(settings, work)
    write("This would go:" if dry_run else "This is gone:")
    for rule, days in settings.keep_days.items():
        counts = told_counts(done.get(rule, {})) or "nothing"
        write(f"  {rule}, {days} days after {KEEP_RULES[rule].from_when}: {counts}")
    if dry_run:
        write("Nothing was changed.")


async def _with_retention(settings: Settings, work: Callable[["Retention"], Any]) -> Any:
    from app.wiring import new_id, open_vault
    from storage.retention import Retention
    from storage.store import open_store

    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        return await work(Retention(store, settings.keep_days, new_id, settings.operator))
    finally:
        await store.close()
