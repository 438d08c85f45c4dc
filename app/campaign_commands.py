"""The command groups `campaign` and `meemaker`: thin doors to app.campaigns."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from domain.consent import Purpose
from domain.errors import DomainError

campaign = typer.Typer(help="Ask a questionnaire of many people, in rounds.", no_args_is_help=True)
meemaker = typer.Typer(help="People who fill in together with a resident.", no_args_is_help=True)


@campaign.command("create")
def create_campaign(
    name: Annotated[str, typer.Argument(help="What you call it; its link is made of it.")],
    form: Annotated[Path, typer.Option(help="The questionnaire: an XLSForm (.md, .xlsx, .csv) or XForm.")],
    wave: Annotated[int, typer.Option(min=1, help="Which round of the same questionnaire this is.")] = 1,
    consent: Annotated[
        list[Purpose] | None,
        typer.Option(help="Invite only who agreed to this (contact when left out); may be given twice."),
    ] = None,
) -> None:
    """Make a campaign and its link.

    Example: `wijkverhaal campaign create "Voorjaar 2027" --form my-form.xlsx --wave 2`
    """
    from app import campaigns
    from app.settings import read_settings

    purposes = consent or [Purpose.CONTACT]
    asyncio.run(campaigns.create_campaign(read_settings(os.environ), name, form, wave, purposes, typer.echo))


@campaign.command("invite")
def invite_to_campaign(
    name: Annotated[str, typer.Argument(help="The name or the code of the campaign.")],
    references: Annotated[Path | None, typer.Option(help="A file with references, one a line.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody who may be invited.")] = False,
) -> None:
    """Invite people who agreed to be contacted and did not stop, each at most once.

    Example: `wijkverhaal campaign invite "Voorjaar 2027" --all`
    """
    from app import campaigns
    from app.settings import read_settings

    if (references is None) == (not everybody):
        raise DomainError("whom_to_invite")
    asyncio.run(campaigns.invite_to_campaign(read_settings(os.environ), name, references, typer.echo))


@campaign.command("list")
def list_campaigns() -> None:
    """Every campaign with how many were invited, began and finished.

    Example: `wijkverhaal campaign list`
    """
    from app import campaigns
    from app.settings import read_settings

    asyncio.run(campaigns.list_campaigns(read_settings(os.environ), typer.echo))


@meemaker.command("invite")
def invite_meemaker(
    name: Annotated[str, typer.Argument(help="Kept encrypted; exports show a pseudonym.")],
) -> None:
    """Make a link that lets one person fill in together with residents.

    Example: `wijkverhaal meemaker invite "Els Peeters"`
    """
    from app import campaigns
    from app.settings import read_settings

    asyncio.run(campaigns.invite_meemaker(read_settings(os.environ), name, typer.echo))


@meemaker.command("list")
def list_meemakers() -> None:
    """Every meemaker with the pseudonym that stands in exports.

    Example: `wijkverhaal meemaker list`
    """
    from app import campaigns
    from app.settings import read_settings

    asyncio.run(campaigns.list_meemakers(read_settings(os.environ), typer.echo))
