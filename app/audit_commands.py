"""`wijkverhaal audit`: who looked, exported, changed and erased, and whether that account is whole."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.settings import Settings
from domain.errors import DomainError

if TYPE_CHECKING:  # other commands do without the database's library
    from storage.audit import AuditAnchor, AuditRow

Say = Callable[[str], None]


def add_audit(
    app: typer.Typer,
    run: Callable[..., None],
    settings: Callable[[], Any],
    write: Callable[[str], None] = print,
) -> None:
    """Adds the commands to `app`; how work is run and what the settings are is the caller's."""
    audit = typer.Typer(
        help="The account of who looked, exported, changed and erased.",
        no_args_is_help=True,
        rich_markup_mode="markdown",
    )

    @audit.command("list")
    def list_(
        last: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many of the newest.")] = 50,
        as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
    ) -> None:
        """Show the newest rows: when, who, what, how much and why.

        Example: `wijkverhaal audit list --last 20`
        """
        run(list_rows(settings(), last, as_json, write))

    @audit.command()
    def verify(
        anchor: Annotated[Path | None, typer.Option(help="A file that 'audit anchor' wrote earlier.")] = None,
    ) -> None:
        """Look whether any row was changed, removed, put in, moved or cut off. Exit code 1 when one was.

        Example: `wijkverhaal audit verify --anchor anchor.json`
        """
        run(verify_log(settings(), anchor, write))

    @audit.command()
    def anchor(
        out: Annotated[
            Path | None, typer.Option(help="Write it to this file; without it, to the screen.")
        ] = None,
    ) -> None:
        """Tell how far the log goes, to keep where whoever runs this machine cannot change it.

        Example: `wijkverhaal audit anchor --out anchor.json`
        """
        run(make_anchor(settings(), out, write))

    app.add_typer(audit, name="audit")


async def list_rows(settings: Settings, last: int, as_json: bool, write: Say) -> None:
    """Oldest first, with times on the clock of the Netherlands."""
    rows = await _with_log(settings, lambda log: log.newest(last))
    if as_json:
        write(_as_document(rows))
    elif not rows:
        write("Nothing was accounted for yet.")
    else:
        write("\n".join(_as_table(rows)))


async def verify_log(settings: Settings, anchor: Path | None, write: Say) -> None:
    """Raises typer.Exit(1) when anything is wrong, and DomainError as `read_anchor` does."""
    kept = read_anchor(anchor) if anchor is not None else None
    wrong, end = await _with_log(settings, lambda log: (log.verify(kept), log.anchor(_now())))
    for sentence in wrong:
        write(sentence)
    if wrong:
        write("The audit log is not as it was written.")
        raise typer.Exit(1)
    rows = "1 row" if end.number == 1 else f"{end.number} rows"
    write(f"The audit log is whole: {rows}, every one as it was written.")
    if kept is None:
        write("Rows cut off together with the record of the end show only with --anchor; see 'audit anchor'.")


async def make_anchor(settings: Settings, out: Path | None, write: Say) -> None:
    """Raises DomainError: not_written, file_exists."""
    anchor = await _with_log(settings, lambda log: log.anchor(_now()))
    text = json.dumps(
        {"number": anchor.number, "mac": anchor.mac, "at": anchor.at.isoformat(timespec="seconds")}
    )
    if out is None:
        write(text)
        return
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{text}\n")
    except FileExistsError:
        raise DomainError("file_exists", path=out) from None
    except OSError as error:
        raise DomainError("not_written", path=out, reason=error.strerror) from error
    write(f"{out} says that the log had {anchor.number} rows. Keep it on another machine, or print it.")


def read_anchor(file: Path) -> "AuditAnchor":
    """Raises DomainError: no_such_file, bad_anchor."""
    from storage.audit import AuditAnchor

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DomainError("no_such_file", path=file) from error
    try:
        kept = json.loads(text)
        return AuditAnchor(int(kept["number"]), str(kept["mac"]), datetime.fromisoformat(kept["at"]))
    except (ValueError, TypeError, KeyError):
        raise DomainError("bad_anchor", path=file) from None


async def _with_log(settings: Settings, look: Callable[[Any], Any]) -> Any:
    from app.wiring import new_id, open_vault
    from storage.store import open_store

    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        return await store.with_audit(look)
    finally:
        await store.close()


def _now() -> datetime:
    from app.wiring import utc_now

    return utc_now()


def _as_document(rows: Sequence["AuditRow"]) -> str:
    found = [
        {
            "number": row.number,
            "at": row.at.isoformat(timespec="seconds"),
            "who": row.who,
            "action": row.action,
            "thing": row.thing,
            "person": row.person or None,
            "count": row.count,
            "reason": row.reason,
            "mac": row.mac,
        }
        for row in rows
    ]
    return json.dumps({"rows": found}, ensure_ascii=False, indent=2)


def _as_table(rows: Sequence["AuditRow"]) -> list[str]:
    from app.story import told_moment

    cells = [("number", "time", "who", "what", "of", "person", "count", "why")]
    for row in rows:
        # Enough of the keyed hash to see which rows are about the same person.
        cells.append(
            (
                str(row.number), told_moment(row.at), row.who, row.action, row.thing or "-", row.person[:8] or "-",
                str(row.count), " ".join(row.reason.split()) or "-",
            )
        )  # fmt: skip # read as one row
    widths = [max(len(line[place]) for line in cells) for place in range(len(cells[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
