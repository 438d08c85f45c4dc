"""Makes tables of answers that may be shared: reads, protects against all that was published, writes, and registers."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from analysis.people import Counted, Numbers, Parts, Release
from analysis.protecting import LEAST, Beside, Outcome, protect
from app.settings import Settings
from app.shelf import Shelf, open_shelf
from app.tables_page import Page, Shown
from app.tabulating import Tabulated, tabulate
from app.wiring import new_id, open_vault, utc_now
from bot.texts.catalogue import load_catalogue
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from storage.base import Store
from storage.releases import TOGETHER, ReleaseRow, read_releases, register
from storage.store import open_store

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TablesAsked:
    """The options as they were typed; an empty questionnaire is the one in use, an empty `by` the usual."""

    questionnaire: str = ""
    by: tuple[str, ...] = ()
    wave: int | None = None
    minimum: int = 10
    language: str = "nl"
    out: Path | None = None
    publish: bool = False


async def make_tables(
    settings: Settings, asked: TablesAsked, say: Say, *, now: datetime | None = None
) -> None:
    """A preview, or with `publish` a release. Raises DomainError: tables_minimum, tables_by, tables_wave, tables_raced,
    tables_nothing_new, tables_no_form, tables_no_dimension, file_exists, not_written, and those of storage."""
    if asked.minimum < LEAST:
        raise DomainError("tables_minimum", minimum=asked.minimum, least=LEAST)
    now = now or utc_now()
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    shelf = open_shelf(cache=settings.form_cache)
    try:
        await shelf.join(store, now, kept=settings.data / "forms")
        questionnaire = asked.questionnaire or shelf.current().questionnaire.id
        rows = read_releases(store)
        found = _count(store, shelf, asked, questionnaire, rows, now)
        out = asked.out or settings.data / "tables" / f"{questionnaire}-{now:%Y-%m-%d-%H%M%S}"
        page = Page(found.shown(asked), load_catalogue(), asked.language)
        if asked.publish:
            fresh = found.fresh()
            row = ReleaseRow(
                len(rows) + 1, questionnaire, _scope(asked.wave), now, settings.operator, _written(fresh)
            )
            await _publish(store, out, page, row, len(fresh.questions))
        else:
            await store.note(_of_preview(found, settings.operator, questionnaire, now))
            _write(out, page)
    finally:
        await store.close()
    _tell(found, asked, out, say)


async def list_releases(settings: Settings, write: Say) -> None:
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    try:
        rows = read_releases(store)
    finally:
        await store.close()
    if not rows:
        write("No tables were published yet.")
    for row in rows:
        release = _read(row)
        wave = "all rounds together" if row.wave == TOGETHER else f"round {row.wave}"
        write(
            f"{row.number}  {row.at:%Y-%m-%d %H:%M} UTC  {row.who}  {row.questionnaire}, {wave}: n={release.people.total[0]},"
            f" {len(release.questions)} questions by {', '.join(release.by)}, minimum {release.minimum}"
        )


@dataclass(frozen=True, slots=True)
class _Found:
    tabulated: Tabulated
    earlier: Sequence[Release]
    outcome: Outcome

    def fresh(self) -> Release:
        if self.outcome.fresh is None:
            raise DomainError("tables_nothing_new")
        return self.outcome.fresh

    def shown(self, asked: TablesAsked) -> Shown:
        fresh = self.outcome.fresh
        releases = [*self.earlier, *([fresh] if fresh is not None else [])]
        minimum = max([asked.minimum, *(each.minimum for each in self.earlier)])
        questions = [each.id for each in self.tabulated.survey.questions]
        return Shown(
            self.tabulated.labels,
            questions,
            self.tabulated.left_out,
            releases,
            self.outcome.why,
            minimum,
            not asked.publish,
        )


def _count(
    store: Store,
    shelf: Shelf,
    asked: TablesAsked,
    questionnaire: str,
    rows: Sequence[ReleaseRow],
    now: datetime,
) -> _Found:
    same = [row for row in rows if row.questionnaire == questionnaire]
    if any((row.wave == TOGETHER) != (asked.wave is None) for row in same):
        # All rounds less the published ones is a table of the other rounds.
        how = ("round by round", "Give one with --wave.")
        if asked.wave is not None:
            how = ("for all rounds together", "Leave --wave out.")
        raise DomainError("tables_wave", how=how[0], remedy=how[1])
    earlier = [_read(row) for row in same if row.wave == _scope(asked.wave)]
    # The same people may have answered other questionnaires and rounds.
    beside = Beside(
        [_read(row) for row in same if row.wave != _scope(asked.wave)],
        [_read(row) for row in rows if row.questionnaire != questionnaire],
    )
    by = asked.by or (tuple(earlier[0].by) if earlier else ())
    if earlier and set(by) != set(earlier[0].by):
        raise DomainError("tables_by", by=",".join(earlier[0].by))
    tabulated = tabulate(store, shelf, questionnaire, by, asked.wave, asked.language)
    outcome = protect(tabulated.survey, minimum=asked.minimum, earlier=earlier, at=now, beside=beside)
    return _Found(tabulated, earlier, outcome)


def _of_preview(found: _Found, who: str, questionnaire: str, at: datetime) -> AuditEntry:
    fresh = found.outcome.fresh
    count = len(fresh.questions) if fresh is not None else 0
    return AuditEntry(AuditAction.TABLES, at, who, thing=f"{questionnaire}, preview", count=count)


async def _publish(store: Store, out: Path, page: Page, row: ReleaseRow, questions: int) -> None:
    """Registered first: numbers that got out unregistered would protect nobody later."""
    _make_folder(out)
    await register(store, row, questions)
    _write(out, page)


def _write(out: Path, page: Page) -> None:
    _make_folder(out)
    files = {"tables.csv": "\ufeff" + page.csv(), "tables.md": page.markdown(), "tables.html": page.html()}
    for name, text in files.items():
        try:
            with open(
                os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644),
                "w",
                newline="",
                encoding="utf-8",
            ) as file:
                file.write(text)
        except FileExistsError:
            raise DomainError("file_exists", path=out / name) from None
        except OSError as error:
            raise DomainError("not_written", path=out / name, reason=error.strerror) from error


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any((out / name).exists() for name in ("tables.csv", "tables.md", "tables.html")):
            raise DomainError("file_exists", path=out)
    except OSError as error:
        raise DomainError("not_written", path=out, reason=error.strerror) from error


def _tell(found: _Found, asked: TablesAsked, out: Path, say: Say) -> None:
    shown, why = found.shown(asked), found.outcome.why
    fresh = [name for name in shown.questions if name not in why]
    older = [name for name in why if shown.newest(name) is not None]
    never = len(shown.questions) - len(fresh) - len(older)
    what = "Published" if asked.publish else "Preview, not for sharing"
    say(
        f"{what}: new numbers of {len(fresh)} question{'' if len(fresh) == 1 else 's'}, {len(older)} with those of an earlier"
        f" release, {never} withheld because too few people answered."
    )
    say(f"Written to {out}: tables.csv, tables.md, tables.html")


def _scope(wave: int | None) -> int:
    return TOGETHER if wave is None else wave


def _written(release: Release) -> str:
    return orjson.dumps(release, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode("utf-8")


def _read(row: ReleaseRow) -> Release:
    document: Mapping[str, Any] = orjson.loads(row.numbers)
    return Release(
        row.at,
        document["minimum"],
        {name: _parts(parts) for name, parts in document["by"].items()},
        _numbers(document["people"]),
        {
            name: Counted(_parts(each["classes"]), _numbers(each["numbers"]))
            for name, each in document["questions"].items()
        },
    )


def _parts(parts: Sequence[Sequence[str]]) -> Parts:
    return tuple(tuple(part) for part in parts)


def _numbers(document: Mapping[str, Any]) -> Numbers:
    tables = {name: tuple(tuple(row) for row in rows) for name, rows in document["tables"].items()}
    return Numbers(tuple(document["total"]), tables)
