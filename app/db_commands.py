"""The command group `db`: the database brought up to date, checked, backed up, restored and moved."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.settings import Settings
from domain.errors import DomainError

if TYPE_CHECKING:  # other commands do without the database's library
    from storage.vault import Vault

Say = Callable[[str], None]


def add_db(app: typer.Typer, settings: Callable[[], Settings], say: Say, console: Console) -> None:
    """Adds the command group to `app`."""
    db = typer.Typer(
        help="The database: bring it up to date, check it, back it up, restore it, move it.",
        no_args_is_help=True,
    )

    @db.command("upgrade")
    def upgrade() -> None:
        """Bring the tables to the newest schema. A start does the same by itself; make a backup first.

        Example: `wijkverhaal db upgrade`
        """
        upgrade_database(settings(), say)

    @db.command("check")
    def check() -> None:
        """Look whether the database is whole and the key fits. Changes nothing; exit code 1 when something is wrong.

        Example: `wijkverhaal db check`
        """
        if not check_database(settings(), say):
            raise typer.Exit(1)

    @db.command("backup")
    def backup(
        out: Annotated[
            Path | None, typer.Option(help="Folder for the file; by default 'backups' in the data folder.")
        ] = None,
        keep: Annotated[
            int | None,
            typer.Option(min=1, help="Keep so many of the newest in that folder, and remove older ones."),
        ] = None,
    ) -> None:
        """Write everything to one compressed file, also while the assistant runs. What is encrypted stays encrypted.

        Example: `wijkverhaal db backup --keep 14`
        """
        back_up_database(settings(), out, keep, say, console)

    @db.command("restore")
    def restore(
        file: Annotated[Path, typer.Argument(help="A backup, from either kind of database.")],
        replace: Annotated[
            bool, typer.Option("--replace", help="Throw away what is in the database now.")
        ] = False,
    ) -> None:
        """Fill an empty database from a backup: all of it, or nothing when something is wrong. Stop the assistant first.

        Example: `wijkverhaal db restore data/backups/wijkverhaal-20261201-030000.jsonl.gz`
        """
        restore_database(settings(), file, replace, say, console)

    @db.command("move")
    def move(
        to: Annotated[str, typer.Option(help="URL of an empty database: postgresql://... or sqlite:///...")],
    ) -> None:
        """Take everything to another database and compare it there row by row. The old one stays as it is. Stop the assistant first.

        Example: `wijkverhaal db move --to postgresql://user:password@host/wijkverhaal`
        """
        move_database(settings(), to, say, console)

    app.add_typer(db, name="db")


def open_kept_vault(settings: Settings) -> "Vault":
    """The vault of data that is there already: a new key would not fit it, so none is made. Raises DomainError: no_kept_key,
    and as `open_vault`."""
    from app.wiring import open_vault

    if not settings.key and not settings.key_file.exists():
        raise DomainError("no_kept_key", file=settings.key_file)
    return open_vault(settings)


def upgrade_database(settings: Settings, say: Say) -> None:
    from storage.migrate import lock, revision_of, upgrade
    from storage.schema import HEAD
    from storage.sqlite import Use
    from storage.whole import whole_database

    with whole_database(settings.database, open_kept_vault(settings), Use.WRITE) as connection:
        lock(connection)
        before = revision_of(connection)
        upgrade(connection)
    if before == HEAD:
        say(f"The schema is the newest already: {HEAD}.")
    else:
        say(f"The schema went from {before} to {HEAD}.")


def check_database(settings: Settings, say: Say) -> bool:
    """Whether all is well."""
    from storage.checking import check

    health = check(settings.database, open_kept_vault(settings))
    say(f"Schema {health.revision}, newest {health.newest}.")
    for table, rows in health.rows.items():
        if rows:
            say(f"  {table}: {rows}")
    for trouble in health.troubles:
        say(trouble)
    if health.troubles:
        return False
    say(f"The database is whole, and the key fits: it reads {health.readable} encrypted values.")
    return True


def back_up_database(
    settings: Settings, out: Path | None, keep: int | None, say: Say, console: Console
) -> None:
    from app.progress import counted
    from app.wiring import utc_now
    from storage.backup import back_up, drop_older, name_for

    now = utc_now()
    file = (out or settings.data / "backups") / name_for(now)
    with counted("rows", console) as tell:
        manifest = back_up(
            settings.database,
            open_kept_vault(settings),
            file,
            product=version("wijkverhaal"),
            at=now,
            who=settings.operator,
            tell=tell,
        )
    gone = drop_older(file.parent, keep) if keep is not None else []
    say(f"{manifest.total} rows are in {file}, schema {manifest.revision}.")
    if gone:
        say(f"{len(gone)} older {'backup was' if len(gone) == 1 else 'backups were'} removed.")
    say(
        "The key is not in it: keep a copy of that elsewhere. Who erases their data later is still in this file until it is removed."
    )


def restore_database(settings: Settings, file: Path, replace: bool, say: Say, console: Console) -> None:
    from app.progress import counted
    from app.wiring import utc_now
    from storage.backup import restore

    if replace:
        say("What is in the database now is thrown away, unless the backup turns out to be damaged.")
    vault = open_kept_vault(settings)
    with counted("rows", console) as tell:
        manifest = restore(
            settings.database, vault, file, replace=replace, at=utc_now(), who=settings.operator, tell=tell
        )
    say(f"{manifest.total} rows are back, as they were on {manifest.made_at:%Y-%m-%d at %H:%M} (UTC).")
    say("Who erased their data after that is in the database again: erase them once more.")


def move_database(settings: Settings, to: str, say: Say, console: Console) -> None:
    from app.progress import counted
    from app.wiring import utc_now
    from storage.moving import move
    from storage.store import parse_url

    shown = parse_url(to).render_as_string(hide_password=True)
    with counted("rows", console) as tell:
        moved = move(
            settings.database, to, open_kept_vault(settings), at=utc_now(), who=settings.operator, tell=tell
        )
    for table, rows in moved.rows.items():
        if rows:
            say(f"  {table}: {rows}")
    say(
        f"{moved.total} rows went to {shown}, and each is the same on both sides (SHA-256 of all: {moved.sha256})."
    )
    say(
        "Set WIJKVERHAAL_DB to the new database and start. The old one was not changed; remove it when all is well."
    )
