"""The command that writes answers to files: by default nothing that says who somebody is; for more a reason is asked."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import structlog
import typer
from rich.console import Console

from app.settings import Settings
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError

if TYPE_CHECKING:  # other commands do without the database's library
    from storage.base import Store
    from storage.export_options import ExportOptions, ExportSummary

log = structlog.get_logger()
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
Say = Callable[[str], None]


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    SAV = "sav"
    PARQUET = "parquet"
    JSONL = "jsonl"
    FLOW_RESULTS = "flow-results"


class Language(StrEnum):
    NL = "nl"
    EN = "en"


def add_export(
    app: typer.Typer,
    run: Callable[[Coroutine[Any, Any, None]], None],
    settings: Callable[[], Settings],
    say: Say,
    console: Console,
) -> None:
    """Adds the command to `app`."""

    @app.command()
    def export(
        out: Annotated[
            Path | None,
            typer.Option(help="Folder for the files; by default one with the time, in the data folder."),
        ] = None,
        format: Annotated[
            Format,
            typer.Option(
                help="csv and xlsx for spreadsheets, sav for SPSS, parquet, jsonl and flow-results for programs."
            ),
        ] = Format.CSV,
        questionnaire: Annotated[str, typer.Option(help="Only this questionnaire.")] = "",
        wave: Annotated[int | None, typer.Option(min=0, help="Only this round of campaigns.")] = None,
        since: Annotated[str, typer.Option(help="Only what began on this day or later: 2026-12-01.")] = "",
        include_simulated: Annotated[
            bool, typer.Option("--include-simulated", help="Also the simulated residents.")
        ] = False,
        language: Annotated[Language, typer.Option(help="Language of the labels.")] = Language.NL,
        personal: Annotated[
            bool,
            typer.Option(
                "--personal",
                help="Also pseudonyms that can be traced, exact ages and wishes for a talk. Needs --reason.",
            ),
        ] = False,
        open_answers: Annotated[
            bool,
            typer.Option(
                "--open-answers",
                help="Also the words of people who did not agree to be quoted. Needs --reason.",
            ),
        ] = False,
        reason: Annotated[str, typer.Option(help="Why more is needed; it is kept in the audit log.")] = "",
    ) -> None:
        """Write answers to files for analysis, with a codebook. By default nothing in them says who somebody is.

        Example: `wijkverhaal export --format csv --out export/`
        """
        asked = Asked(
            out,
            format.value,
            questionnaire,
            wave,
            since,
            include_simulated,
            language.value,
            personal,
            open_answers,
            reason.strip(),
        )
        run(export_to(settings(), asked, say, console))


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were typed."""

    out: Path | None
    format: str
    questionnaire: str
    wave: int | None
    since: str
    include_simulated: bool
    language: str
    personal: bool
    open_answers: bool
    reason: str


async def export_to(settings: Settings, asked: Asked, say: Say, console: Console) -> None:
    """Raises DomainError when an option, the folder or the database is in the way."""
    from app.exporting import form_for_export, scales_for_export
    from app.progress import counted
    from app.shelf import open_shelf
    from app.wiring import new_id, open_vault, utc_now
    from bot.dialogue.tracks import REPORT
    from domain.session import AFTERWARDS
    from nlu.looking import look
    from storage.export import Door, ExportOptions, export_responses
    from storage.export_halves import can_split
    from storage.store import open_store

    now = utc_now()
    options = ExportOptions(
        format=asked.format,
        questionnaire=asked.questionnaire,
        wave=asked.wave,
        since=_day(asked.since),
        include_simulated=asked.include_simulated,
        sessions=asked.questionnaire in ("", REPORT, AFTERWARDS),
        language=asked.language,
        door=Door(asked.personal, asked.open_answers),
        reason=asked.reason,
        made_at=now,
        product=version("wijkverhaal"),
    )
    options.check()
    out = asked.out or settings.data / "exports" / f"{now.astimezone(AMSTERDAM):%Y-%m-%d-%H%M%S}"
    vault = open_vault(settings)
    open_another = partial(open_store, settings.database, vault=vault, new_id=new_id)
    store = open_another()
    shelf = open_shelf(cache=settings.form_cache)
    try:
        await shelf.join(store, now, kept=settings.data / "forms")
        # Before anything leaves: what cannot be noted does not leave.
        await note_export(store, options, settings.operator)
        look("een woord")  # reads its lists once, also for a second process
        with counted("responses", console) as tell:
            summary = export_responses(
                store,
                partial(form_for_export, shelf),
                scales_for_export(asked.language),
                options,
                out=out,
                look=look,
                alias=partial(vault.update_hash, "export-session"),
                tell=tell,
                another=open_another if can_split() else None,
            )
        await note_exported(store, options, settings.operator, summary)
    finally:
        await store.close()
    _tell(summary, say)


async def note_export(store: "Store", options: "ExportOptions", who: str) -> None:
    """Leaves a line of every export that begins, with the reason where more is to leave than by default."""
    thing = _doors(options)
    await store.note(AuditEntry(AuditAction.EXPORT, options.made_at, who, thing, reason=options.reason))
    log.info(
        "exported",
        questionnaire=options.questionnaire,
        personal=options.door.personal,
        open_answers=options.door.open_answers,
    )


async def note_exported(store: "Store", options: "ExportOptions", who: str, summary: "ExportSummary") -> None:
    """Leaves a line of what left: an export without it broke off."""
    from app.wiring import utc_now

    thing = f"{_doors(options)}: {summary.answers} answers, {summary.sessions} talks"
    count = sum(summary.responses.values())
    await store.note(AuditEntry(AuditAction.EXPORTED, utc_now(), who, thing, count=count))


def _doors(options: "ExportOptions") -> str:
    """The format, and what is open beyond the default."""
    doors = (("personal", options.door.personal), ("open answers", options.door.open_answers))
    return ", ".join((options.format, *(name for name, is_open in doors if is_open)))


def _day(text: str) -> datetime | None:
    """The beginning of that day in Amsterdam, in UTC."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DomainError("no_such_day", day=text) from None
    return datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).astimezone(UTC)


def _tell(summary: "ExportSummary", say: Say) -> None:
    if not summary.responses:
        say("There are no responses yet.")
    for questionnaire, count in summary.responses.items():
        say(f"{questionnaire}: {count} response{'' if count == 1 else 's'}")
    if summary.sessions:
        say(f"Talks: {summary.sessions}")
    if summary.withdrawn:
        say(f"Left out because consent was taken back: {summary.withdrawn}")
    if summary.to_check:
        say(
            f"Open answers that may name people, to look at before they go anywhere: {summary.to_check} (to_check.csv)"
        )
    for note in summary.notes:
        say(note)
    say(f"Written to {summary.out}: {', '.join(summary.files)}")
