"""The commands `wijkverhaal forms ...`: thin doors to bot.forms for people and programs that work on a form."""

import sys
from pathlib import Path
from typing import Annotated

import typer

forms = typer.Typer(help="Work on a questionnaire of your own.", no_args_is_help=True)


@forms.command()
def trace(
    file: Annotated[Path, typer.Argument(help="An XLSForm (.md, .xlsx, .xls, .csv) or XForm (.xml).")],
    now: Annotated[str, typer.Option(help="Let the clock stand still at this moment (ISO 8601).")] = "",
) -> None:
    """Fill in a form from JSON lines, for programs, and say after each line what the form makes of it.

    In: `{"name": "home/age", "value": "9"}`. Out: accepted, message, relevant, values, required_missing and next.

    Example: `wijkverhaal forms trace my-form.xlsx --now 2026-11-23T12:00:00Z`
    """
    from datetime import UTC, datetime
    from uuid import uuid4

    from bot.channels.terminal import read_moment
    from bot.forms.load import load_form
    from bot.forms.tracing import Tracer
    from domain.errors import DomainError

    moment = read_moment(now) if now else None
    if now and moment is None:
        raise DomainError("setting", name="--now", value=now)
    if not file.is_file():
        raise DomainError("no_such_form", path=file)
    tracer = Tracer(load_form(file), seed=uuid4().hex)
    for line in sys.stdin:
        if line.strip():
            print(tracer.take(line, moment or datetime.now(UTC)), flush=True)
