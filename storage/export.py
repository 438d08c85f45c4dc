"""Writes responses to files for analysis, with a codebook and a manifest; scoring and relevance are handed in."""

import errno
import gc
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from domain.errors import DomainError
from storage import export_halves
from storage.base import Store
from storage.codebook import ExportForm, ExportScale
from storage.export_door import Door, Look
from storage.export_folder import SECOND, Folder
from storage.export_formats.formats import FORMATS
from storage.export_halves import JOINED, Half, Written
from storage.export_options import ExportOptions, ExportSummary
from storage.export_rows import (
    CHUNK,
    ExportStatements,
    Place,
    count_responses,
    read_middle,
    read_paths,
    read_responses,
    read_versions,
)
from storage.export_sessions import SessionExportStatements, read_sessions
from storage.export_tables import Tables
from storage.statements import Db

__all__ = [
    "Door",
    "ExportForm",
    "ExportOptions",
    "ExportScale",
    "ExportSummary",
    "FormLookup",
    "export_responses",
]

_NEW_THINGS = 100_000

FormLookup = Callable[[str, str], ExportForm | None]
"""(questionnaire, version) to its form; None when that version is not at hand any more."""


def export_responses(
    store: Store,
    form_lookup: FormLookup,
    scales: Sequence[ExportScale] = (),
    options: ExportOptions = ExportOptions(),
    *,
    out: Path,
    look: Look = lambda _: (),
    alias: Callable[[str], str] = lambda name: name,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
    another: Callable[[], Store] | None = None,
) -> ExportSummary:
    """For each questionnaire a table with a row for each response, one with a row for each answer, one for each repeat in
    it, one with the themes of open answers; beside them the talks, a codebook and `manifest.json`.

    `look` finds what may lead to people in words that leave, `alias` is what a talk is called where it cannot be traced,
    `tell` hears how many responses of how many have been dealt with. `another` opens the same store once more, for a
    second process that is forked where there is much to write. Runs in the calling thread and holds no transaction open. Nothing appears under its own name before all of it is written. Raises DomainError: export_reason when more
    leaves than by default without a reason, out_exists for a folder with other files in it, out_not_writable, no_disk,
    storage_unavailable.
    """
    options.check()
    try:
        with _little_tidying(), Folder(out) as folder, store.reading() as db:
            sql = ExportStatements(store.dialect, traceable=options.door.personal)
            job = _Export(db, sql, form_lookup, scales, options, another)
            return job.write(folder, SessionExportStatements(store.dialect), look, alias, tell)
    except OSError as error:
        code = "no_disk" if error.errno == errno.ENOSPC else "out_not_writable"
        raise DomainError(code, out=str(out)) from error


@contextmanager
def _little_tidying() -> Iterator[None]:
    """Python looks through its memory far less often: a million rows come and go and none refers to another."""
    usual = gc.get_threshold()
    gc.set_threshold(_NEW_THINGS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Export:
    def __init__(
        self,
        db: Db,
        sql: ExportStatements,
        form_lookup: FormLookup,
        scales: Sequence[ExportScale],
        options: ExportOptions,
        another: Callable[[], Store] | None,
    ) -> None:
        self._db, self._sql, self._options = db, sql, options
        self._lookup, self._scales, self._another = form_lookup, scales, another

    def write(
        self,
        folder: Folder,
        sessions: SessionExportStatements,
        look: Look,
        alias: Callable[[str], str],
        tell: Callable[[int, int], None],
    ) -> ExportSummary:
        options, wanted = self._options, self._options.wanted
        versions = read_versions(self._db, self._sql, wanted)
        forms = {version: self._lookup(*version) for version in versions}
        stored = {
            version: read_paths(self._db, self._sql, *version)
            for version, form in forms.items()
            if form is None
        }
        named = alias if not options.door.personal else (lambda name: name)

        def open_tables(folder: Folder) -> Tables:
            return Tables(
                folder,
                FORMATS[options.format],
                forms,
                stored,
                self._scales,
                options.door,
                options.language,
                options.made_at,
                look,
                named,
            )

        with ExitStack() as stack:
            # First, so that the other process has no file of this one open.
            half, upto = self._second_half(folder, open_tables, stack)
            tables = open_tables(folder)
            stack.callback(tables.abandon)
            self._responses(self._db, tables, tell, upto=upto)
            if options.sessions:
                for row in read_sessions(
                    self._db, sessions, wanted.since, simulated=options.include_simulated
                ):
                    tables.write_session([named(str(row[0])), *row[1:]])
            tables.written()
            if half is not None:
                tables.join(half.result())
            tables.describe()
        counts = tables.counts
        facts = self._facts(versions, counts.responses, counts.withdrawn)
        facts |= {
            "answers": counts.answers,
            "sessions": counts.sessions,
            "rows": dict(counts.rows),
            "to_check": counts.to_check,
            "notes": list(tables.notes),
        }
        files = folder.publish(facts)
        return ExportSummary(
            folder.out,
            files,
            counts.responses,
            counts.answers,
            counts.sessions,
            counts.withdrawn,
            counts.to_check,
            tuple(tables.notes),
        )

    def _second_half(
        self, folder: Folder, open_tables: Callable[[Folder], Tables], stack: ExitStack
    ) -> tuple[Half | None, Place | None]:
        """Begun in a process of its own, with the last response of the first half; (None, None) for what is too little,
        or of a format whose files cannot be joined."""
        total, another = count_responses(self._db, self._sql, self._options.wanted), self._another
        if another is None or total < export_halves.SPLIT_FROM or self._options.format not in JOINED:
            return None, None
        middle = read_middle(self._db, self._sql, self._options.wanted, total)
        if middle is None:
            return None, None
        other = stack.enter_context(Folder(folder.out / SECOND))
        stack.callback(shutil.rmtree, other.out, ignore_errors=True)

        def write() -> Written:
            with another().reading() as db:
                tables = open_tables(other)
                self._responses(db, tables, lambda _done, _total: None, after=middle)
                return tables.written()

        half = Half(write)
        stack.callback(half.end)
        return half, middle

    def _responses(
        self,
        db: Db,
        tables: Tables,
        tell: Callable[[int, int], None],
        *,
        after: Place | None = None,
        upto: Place | None = None,
    ) -> None:
        """Writes those after one, up to one and with it; counts those that are left out."""
        wanted, halves = self._options.wanted, 1 if upto is None else 2
        total = count_responses(db, self._sql, wanted)
        for done, response in enumerate(read_responses(db, self._sql, wanted, after, upto)):
            if done % CHUNK == 0:
                tell(done * halves, max(done * halves, total))
            # A version that came up since we looked has no table.
            if response.is_withdrawn or not tables.know(response):
                tables.counts.withdrawn += response.is_withdrawn
                continue
            tables.write(response)
        tell(total, total)

    def _facts(
        self, versions: Sequence[tuple[str, str]], responses: Mapping[str, int], withdrawn: int
    ) -> dict[str, Any]:
        options = self._options
        return {
            "product": options.product,
            "made_at": options.made_at.isoformat(),
            "format": options.format,
            "language": options.language,
            "options": {
                "questionnaire": options.questionnaire,
                "wave": options.wave,
                "since": options.since.isoformat() if options.since else "",
                "personal": options.door.personal,
                "open_answers": options.door.open_answers,
                "reason": options.reason,
            },
            "simulated": options.include_simulated,
            "versions": [{"questionnaire": name, "version": version} for name, version in versions],
            "responses": responses,
            "withdrawn": withdrawn,
        }
