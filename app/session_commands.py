"""The command group `sessions`: thin doors to app.sessions."""

import asyncio
import os
from typing import Annotated

import typer

sessions = typer.Typer(
    help="Talks in person: group sessions, street moments, and what is planned.", no_args_is_help=True
)

_DUO = typer.Option(help="Id of the duo, or both halves: 'Els+Jo'.")
_START = typer.Option(help="When it begins, by the clock in Amsterdam: '2026-12-08 14:00'.")
_MINUTES = typer.Option(min=1, help="How long it takes, in minutes.")
_LANGUAGE = typer.Option(help="Code of the language that is spoken.")


@sessions.command("add-group")
def add_group(
    place: Annotated[str, typer.Option(help="Name or id of a location.")],
    duo: Annotated[str, _DUO],
    start: Annotated[str, _START],
    minutes: Annotated[int, _MINUTES] = 90,
    seats: Annotated[int, typer.Option(min=0, help="How many residents; 0 is as many as the room has.")] = 0,
    language: Annotated[str, _LANGUAGE] = "nl",
) -> None:
    """Open a group session: the duo is asked, and residents who want a group are offered a seat.

    Example: `wijkverhaal sessions add-group --place "Buurthuis Malberg" --duo Els+Jo --start "2026-12-08 14:00" --seats 8`
    """
    from app import sessions as work
    from app.settings import read_settings

    asked = work.Asked(duo, start, minutes, place=place, seats=seats, language=language)
    asyncio.run(work.add_group(read_settings(os.environ), asked, typer.echo))


@sessions.command("add-street")
def add_street(
    duo: Annotated[str, _DUO],
    start: Annotated[str, _START],
    place: Annotated[str, typer.Option(help="Name or id of a location, when it is at one.")] = "",
    where: Annotated[str, typer.Option(help="Where it is, in words, when it is at no location.")] = "",
    neighbourhood: Annotated[str, typer.Option(help="Whose residents are told; that of the location.")] = "",
    minutes: Annotated[int, _MINUTES] = 90,
    language: Annotated[str, _LANGUAGE] = "nl",
) -> None:
    """Plan a street moment: the duo is asked, and when both come, residents nearby who agreed to it are told once.

    Example: `wijkverhaal sessions add-street --where "Op het plein" --neighbourhood Nazareth --duo Els+Jo --start "2026-12-08 14:00"`
    """
    from app import sessions as work
    from app.settings import read_settings

    asked = work.Asked(
        duo, start, minutes, place=place, spot=where, neighbourhood=neighbourhood, language=language
    )
    asyncio.run(work.add_street(read_settings(os.environ), asked, typer.echo))


@sessions.command("list")
def list_sessions(
    begin: Annotated[str, typer.Option("--from", help="First day: 2026-12-01; today without it.")] = "",
    until: Annotated[str, typer.Option("--to", help="Last day; four weeks later without it.")] = "",
) -> None:
    """What is planned: when, where, which duo and what they answered, how many seats are taken.

    Example: `wijkverhaal sessions list --from 2026-12-01 --to 2026-12-31`
    """
    from app import sessions as work
    from app.settings import read_settings

    asyncio.run(work.list_sessions(read_settings(os.environ), begin, until, typer.echo))


@sessions.command("move")
def move_session(
    session: Annotated[str, typer.Argument(help="Id, as in the list.")],
    start: Annotated[str, typer.Option(help="When it begins now: '2026-12-08 14:00', or in words.")] = "",
    end: Annotated[
        str, typer.Option(help="When it ends: '16:00'; without it, it takes as long as before.")
    ] = "",
    place: Annotated[str, typer.Option(help="Name or id of another location.")] = "",
    room: Annotated[str, typer.Option(help="Another room there.")] = "",
    where: Annotated[str, typer.Option(help="Where a street moment is, in words.")] = "",
    reason: Annotated[str, typer.Option(help="Why, as everybody in it reads it. Put no names in it.")] = "",
) -> None:
    """Move a group session or a street moment: seats are kept, the duo is asked anew, and everybody in it hears once.

    Example: `wijkverhaal sessions move 3f9a2c --start "dinsdag 15 december om 14 uur" --place "Buurthuis Malberg"`
    """
    from app import sessions as work
    from app.settings import read_settings

    change = work.Change(start, end, place, room, where, reason)
    asyncio.run(work.move_session(read_settings(os.environ), session, change, typer.echo))


@sessions.command("cancel")
def cancel_session(
    session: Annotated[str, typer.Argument(help="Id, as in the list.")],
    reason: Annotated[str, typer.Option(help="Why, as everybody in it reads it. Put no names in it.")],
) -> None:
    """Call a session off: everybody in it hears once, with the reason.

    Example: `wijkverhaal sessions cancel 3f9a2c --reason "Het buurthuis is die dag dicht."`
    """
    from app import sessions as work
    from app.settings import read_settings

    asyncio.run(work.cancel_session(read_settings(os.environ), session, reason, typer.echo))
