"""The command `wijkverhaal`: reads the settings, calls the part that does the work, says errors in one sentence."""

import os
import sys
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.audit_commands import add_audit
from app.campaign_commands import campaign, meemaker
from app.db_commands import add_db
from app.export_commands import add_export
from app.forms_commands import forms
from app.logs import set_up_logs, tell_crash
from app.nlu_commands import nlu
from app.people_commands import people, places
from app.plan_commands import add_to as add_plan
from app.receipt_commands import add_receipts
from app.retention_commands import add_retention
from app.session_commands import sessions
from app.settings import Settings, read_settings
from app.staff_commands import add_to
from app.tables_commands import add_tables
from app.understanding_commands import add_to as add_understanding
from app.vault_commands import add_vault
from app.words import sentence_for
from domain.errors import DomainError

PRODUCT = "wijkverhaal listens to residents in the chat they already use, and keeps their answers for the neighbourhood."

app = typer.Typer(
    help=PRODUCT,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.add_typer(forms, name="forms")
app.add_typer(campaign, name="campaign")
app.add_typer(meemaker, name="meemaker")
app.add_typer(nlu, name="nlu")
app.add_typer(people, name="people")
app.add_typer(places, name="places")
app.add_typer(sessions, name="sessions")
console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(sentence: str) -> None:
    """One line for the person at the keyboard, at once, also into a file or a pipe."""
    console.print(sentence, markup=False)


def run(work: Coroutine[Any, Any, None]) -> None:
    import uvloop

    uvloop.run(work)


@app.command()
def serve(
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port to listen on, instead of WIJKVERHAAL_PORT or 8080; 0 takes a free one.",
        ),
    ] = None,
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Leave Rasa out.")] = False,
) -> None:
    """Start the assistant: chat page, REST channel, health, and Telegram when TELEGRAM_BOT_TOKEN is set.

    Example: `wijkverhaal serve --port 8081`
    """
    from dataclasses import replace

    from app.serve import serve as serve_house

    settings = settings_now()
    settings = replace(
        settings, port=settings.port if port is None else port, rules_only=rules_only or settings.rules_only
    )
    run(serve_house(settings, say))


@app.command()
def setup() -> None:
    """Prepare Rasa: its own environment and a trained model. Does nothing that was done before.

    Example: `wijkverhaal setup`
    """
    from app.setup import set_up_understanding

    set_up_understanding(os.environ, say, console)


@app.command()
def chat(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Talk in JSON lines, for programs.")] = False,
    db: Annotated[str, typer.Option(help="Database URL; without it the talk is forgotten at the end.")] = "",
    form: Annotated[
        Path | None, typer.Option(help="Another questionnaire: an XLSForm (.md, .xlsx, .csv) or XForm.")
    ] = None,
    now: Annotated[str, typer.Option(help="Let the clock stand still at this moment (ISO 8601).")] = "",
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Leave Rasa out.")] = False,
    sender: Annotated[str, typer.Option(help="Who you are in this chat.")] = "me",
) -> None:
    """Talk with the assistant in the terminal.

    With `--jsonl`, lines `{"sender","text"}` or `{"sender","tap"}` come in (an `"at"` moves the clock) and messages
    go out, one a line, then `{"turn_end": true}`.

    Example: `wijkverhaal chat --rules-only`
    """
    from app.chat import ChatOptions, chat_in_terminal

    moment = _moment(now)
    options = ChatOptions(
        jsonl=jsonl, database=db, form=form, now=moment, rules_only=rules_only, sender=sender
    )
    run(chat_in_terminal(settings_now(), options, say))


@app.command()
def trace(
    reference: Annotated[str, typer.Argument(help="The reference of a person, as in logs and signals.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")] = False,
) -> None:
    """Tell everything that happened to one person, in order, with the time in the Netherlands. Each look is logged.

    Example: `wijkverhaal trace 8Qk2mZr0T5uVx1YbN3aLd`
    """
    from app.tracing import trace_person

    async def show() -> None:
        if not await trace_person(settings_now(), reference, as_json, print):
            raise typer.Exit(1)

    run(show())


@app.command()
def signals(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that nobody closed yet.")] = False,
    only_closed: Annotated[bool, typer.Option("--closed", help="Only those that were closed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")] = False,
) -> None:
    """List signals of danger: when, of whom, what kind, who was told, who took it and who closed it. Each look is logged.

    Example: `wijkverhaal signals --open`
    """
    from app.signals import list_signals

    is_open = None if only_open == only_closed else only_open
    run(list_signals(settings_now(), print, is_open=is_open, as_json=as_json))


@app.command()
def demo(
    residents: Annotated[int, typer.Option(min=1, max=10_000, help="How many residents talk.")] = 10,
    url: Annotated[
        str, typer.Option(help="A running assistant; without it one is started for the demo.")
    ] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same residents.")] = 1,
) -> None:
    """Let simulated residents fill in the questionnaire through the REST channel. They never mix into exports.

    Example: `wijkverhaal demo --residents 25`
    """
    from app.demo import run_demo

    run(run_demo(settings_now(), residents, url, seed, say))


@app.command()
def erase(
    code: Annotated[str, typer.Argument(help="The code that a resident got from a meemaker.")],
) -> None:
    """Erase everything of a resident for whom a meemaker typed.

    Example: `wijkverhaal erase K3MQ-7RTX-2HPD-5WNB`
    """
    from app.campaigns import erase_by_code

    run(erase_by_code(settings_now(), code, say))


def settings_now() -> Settings:
    return read_settings(os.environ)


add_db(app, settings_now, say, console)
add_export(app, run, settings_now, say, console)
add_to(app, run, settings_now, say)
add_understanding(app, run, settings_now, say)
add_plan(app)
add_audit(app, run, settings_now)
add_vault(app, run, settings_now, say, console)
add_tables(app, run, settings_now, say)
add_retention(app, run, settings_now)
add_receipts(app, run, settings_now)


def _moment(text: str) -> datetime | None:
    from bot.channels.terminal import read_moment

    if not text:
        return None
    moment = read_moment(text)
    if moment is None:
        raise DomainError("setting", name="--now", value=text)
    return moment


def main() -> None:
    """The entry point: ordinary trouble is one sentence and exit code 1, a bug is a traceback without the error's own words."""
    set_up_logs()
    try:
        app()
    except DomainError as error:
        say(sentence_for(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        tell_crash(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
