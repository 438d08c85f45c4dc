"""Writes responses to files for analysis, with a codebook and a manifest; scoring and relevance are handed in."""

import errno
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from domain.errors import DomainError
from storage.base import Store
from storage.codebook import ExportForm, ExportScale
from storage.export_door import Door, Look
from storage.export_folder import Folder
from storage.export_formats.formats import FORMATS
from storage.export_options import ExportOptions, ExportSummary
from storage.export_rows import (
    CHUNK,
    ExportStatements,
    Wanted,
    count_responses,
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
) -> ExportSummary:
    """For each questionnaire a table with a row for each response, one with a row for each answer, one for each repeat in
    it, one with the themes of open answers; beside them the talks, a codebook and `manifest.json`.

    `look` finds what may lead to people in words that leave, `alias` is what a talk is called where it cannot be traced,
    `tell` hears how many responses of how many have been dealt with. Runs in the calling thread and holds no transaction
    open. Nothing appears under its own name before all of it is written. Raises DomainError: export_reason when more
    leaves than by default without a reason, out_exists for a folder with other files in it, out_not_writable, no_disk,
    storage_unavailable.
    """
    options.check()
    try:
        with Folder(out) as folder, store.reading() as db:
            sql = ExportStatements(store.dialect, traceable=options.door.personal)
            job = _Export(db, sql, form_lookup, scales, options)
            return job.write(folder, SessionExportStatements(store.dialect), look, alias, tell)
    except OSError as error:
        code = "no_disk" if error.errno == errno.ENOSPC else "out_not_writable"
        raise DomainError(code, out=str(out)) from error


class _Export:
    def __init__(
        self,
        db: Db,
        sql: ExportStatements,
        form_lookup: FormLookup,
        scales: Sequence[ExportScale],
        options: ExportOptions,
    ) -> None:
        self._db, self._sql, self._options = db, sql, options
        self._lookup, self._scales = form_lookup, scales

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
        with ExitStack() as stack:
            tables = Tables(
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
            stack.callback(tables.abandon)
            withdrawn = self._responses(tables, wanted, tell)
            if options.sessions:
                for row in read_sessions(self._db, sessions, wanted.since):
                    tables.write_session([named(str(row[0])), *row[1:]])
            tables.finish()
        counts = tables.counts
        facts = self._facts(versions, counts.responses, withdrawn)
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
            withdrawn,
            counts.to_check,
            tuple(tables.notes),
        )

    def _responses(self, tables: Tables, wanted: Wanted, tell: Callable[[int, int], None]) -> int:
        """Writes all of them; how many were left out."""
        withdrawn, total = 0, count_responses(self._db, self._sql, wanted)
        for done, response in enumerate(read_responses(self._db, self._sql, wanted)):
            if done % CHUNK == 0:
                tell(done, max(done, total))
            # A version that came up since we looked has no table.
            if response.is_withdrawn or not tables.know(response):
                withdrawn += response.is_withdrawn
                continue
            tables.write(response)
        tell(total, total)
        return withdrawn

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
