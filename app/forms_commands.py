"""The commands `wijkverhaal forms ...`: thin doors to bot.forms for people and programs that work on a form."""

import sys
from pathlib import Path
from typing import Annotated

import typer

forms = typer.Typer(help="Work on a questionnaire of your own.", no_args_is_help=True)

_FILES = "An XLSForm (.md, .xlsx, .xls, .csv) or XForm (.xml)."


@forms.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=_FILES)],
    texts: Annotated[bool, typer.Option("--texts", help="Show the reading ease of every text.")] = False,
) -> None:
    """Look a form over before it goes out: mistakes, hard texts, long questions, consent, length.

    Ends with exit code 1 when there is a problem; a remark is only something to look at again.

    Example: `wijkverhaal forms check my-form.xlsx`
    """
    from app.forms_check import look_over

    raise typer.Exit(1 if look_over(files, every_text=texts) else 0)


@forms.command()
def preview(
    file: Annotated[Path, typer.Argument(help=_FILES)],
    html: Annotated[Path | None, typer.Option(help="Write one web page here instead.")] = None,
    language: Annotated[str, typer.Option(help="Language in the terminal; without it the form's own.")] = "",
) -> None:
    """Show the conversation as it will look, with buttons, hints, explanations and conditions.

    Example: `wijkverhaal forms preview my-form.xlsx --html preview.html`
    """
    from app.forms_check import show_form

    show_form(file, html, language)


@forms.command()
def publish(
    file: Annotated[Path, typer.Argument(help=_FILES)],
    moves: Annotated[
        Path | None, typer.Option(help="A TOML file that says where answers to earlier versions go.")
    ] = None,
) -> None:
    """Take a version of a questionnaire into use, on every machine that shares the database.

    Refused when the same version is there with other content, or when answers would lose their place.

    Example: `wijkverhaal forms publish my-form.xlsx --moves moves.toml`
    """
    from app.cli import run, say, settings_now
    from app.publishing import publish_form
    from domain.errors import DomainError

    if moves is not None and not moves.is_file():
        raise DomainError("bad_moves", file=moves, reason="there is no such file")
    run(publish_form(settings_now(), file, moves, say))


@forms.command()
def trace(
    file: Annotated[Path, typer.Argument(help=_FILES)],
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
