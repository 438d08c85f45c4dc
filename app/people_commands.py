"""The command groups `people` and `places`: thin doors to app.people."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

people = typer.Typer(help="Meemakers who hold talks, and their duos.", no_args_is_help=True)
places = typer.Typer(help="Locations where talks are held.", no_args_is_help=True)

_FILE = typer.Argument(help="A .csv or .xlsx file; 'template' makes one to fill in.")
_OUT = typer.Argument(help="Where the file goes; nothing is written over.")
_DRY_RUN = typer.Option("--dry-run", help="Only tell what would change.")


@people.command("import")
def import_people(
    file: Annotated[Path, _FILE],
    dry_run: Annotated[bool, _DRY_RUN] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="The file has everybody: duos of others end.")
    ] = False,
) -> None:
    """Add and change meemakers and duos from a file: all of it, or nothing when something in it is wrong.

    Example: `wijkverhaal people import meemakers.xlsx --dry-run`
    """
    from app import people as work
    from app.settings import read_settings

    asyncio.run(work.import_people(read_settings(os.environ), file, dry_run, complete, typer.echo))


@people.command("list")
def list_people() -> None:
    """Every meemaker who holds talks: with whom, which languages, where and when.

    Example: `wijkverhaal people list`
    """
    from app import people as work
    from app.settings import read_settings

    asyncio.run(work.list_people(read_settings(os.environ), typer.echo))


@people.command("invite")
def invite_person(
    who: Annotated[str, typer.Argument(help="Name or id, as in the list.")],
    again: Annotated[
        bool, typer.Option("--again", help="Also for who has used a link: the new chat takes over.")
    ] = False,
) -> None:
    """Make a personal link that works once, for a week.

    Example: `wijkverhaal people invite "Els Peeters"`
    """
    from app import people as work
    from app.settings import read_settings

    asyncio.run(work.invite_person(read_settings(os.environ), who, again, typer.echo))


@people.command("feed")
def people_feed(who: Annotated[str, typer.Argument(help="Name or id, as in the list.")]) -> None:
    """Make a private address at which a calendar fetches somebody's talks; an earlier one ends.

    Example: `wijkverhaal people feed "Els Peeters"`
    """
    from app import people as work
    from app.settings import read_settings

    asyncio.run(work.new_feed(read_settings(os.environ), "meemaker", who, typer.echo))


@people.command("template")
def people_template(out: Annotated[Path, _OUT]) -> None:
    """Write a file with a column for everything, to fill in with a spreadsheet.

    Example: `wijkverhaal people template meemakers.csv`
    """
    from app import people as work

    work.write_people_template(out, typer.echo)


@places.command("import")
def import_places(
    file: Annotated[Path, _FILE],
    dry_run: Annotated[bool, _DRY_RUN] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="The file has every location: others close.")
    ] = False,
) -> None:
    """Add and change locations from a file: all of it, or nothing when something in it is wrong.

    Example: `wijkverhaal places import locaties.csv --dry-run`
    """
    from app import people as work
    from app.settings import read_settings

    asyncio.run(work.import_places(read_settings(os.environ), file, dry_run, complete, typer.echo))


@places.command("list")
def list_places() -> None:
    """Every location that is in use: where, when it is open, which rooms.

    Example: `wijkverhaal places list`
    """
    from app import people as work
    from app.settings import read_settings

    asyncio.run(work.list_places(read_settings(os.environ), typer.echo))


@places.command("feed")
def places_feed(which: Annotated[str, typer.Argument(help="Name or id, as in the list.")]) -> None:
    """Make a private address at which a calendar fetches the talks at a location; an earlier one ends.

    Example: `wijkverhaal places feed "Buurthuis Malberg"`
    """
    from app import people as work
    from app.settings import read_settings

    asyncio.run(work.new_feed(read_settings(os.environ), "place", which, typer.echo))


@places.command("template")
def places_template(out: Annotated[Path, _OUT]) -> None:
    """Write a file with a column for everything, to fill in with a spreadsheet.

    Example: `wijkverhaal places template locaties.csv`
    """
    from app import people as work

    work.write_places_template(out, typer.echo)
