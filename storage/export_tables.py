"""The tables of an export and what is written to which; how a row becomes a file is the format's."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from storage.codebook import ExportForm, ExportScale, describe, repeats_of, to_markdown
from storage.codebook_ddi import DescribedTable, to_ddi
from storage.codebook_html import to_html
from storage.export_book import Answers, Book
from storage.export_door import Door, Look, plain_path
from storage.export_folder import MANIFEST, Folder, names_for
from storage.export_formats.formats import FORMATS
from storage.export_formats.spec import Cell, Column, TableFormat, TableSpec, TableWriter
from storage.export_halves import Counts, Written, append
from storage.export_layout import (
    LONG,
    SESSIONS,
    THEMES,
    TO_CHECK,
    Layout,
    fixed_cells,
    fixed_names,
    lay_out,
    lay_out_repeat,
)
from storage.export_rows import Said, StoredResponse

_THEMES = tuple(column.name for column in THEMES[3:])
_TAKEN = ("sessions", "to_check", "codebook", MANIFEST.removesuffix(".json"))
Version = tuple[str, str]


@dataclass(slots=True)
class _Of:
    """The tables of one questionnaire."""

    layout: Layout
    wide: TableWriter
    long: TableWriter | None
    repeats: Mapping[str, tuple[Layout, TableWriter]]
    name: str

    def has(self, path: str) -> bool:
        """Whether the answer has a column anywhere: consents and ways to reach somebody have none."""
        if "[" not in path:
            return path in self.layout.places
        path = plain_path(path)
        return any(path in layout.places for layout, _ in self.repeats.values())


class Tables:
    """Open from the start until `written` or `abandon`."""

    def __init__(
        self,
        folder: Folder,
        format: TableFormat,
        forms: Mapping[Version, ExportForm | None],
        stored: Mapping[Version, Sequence[str]],
        scales: Sequence[ExportScale],
        door: Door,
        language: str,
        made_at: datetime,
        look: Look,
        alias: Callable[[str], str],
    ) -> None:
        self._folder, self._format, self._door, self._look, self._alias = folder, format, door, look, alias
        self._language, self._made_at = language, made_at
        self.books = {version: Book(form, scales, door, language) for version, form in forms.items()}
        self._names = names_for(sorted({name for name, _ in forms}), _TAKEN)
        shown = [
            ExportForm(book.shown, form.read)
            for (version, form), book in zip(forms.items(), self.books.values(), strict=True)
            if form is not None and book.shown is not None
        ]
        self._codebook = describe(shown, scales, language, fixed_names(door))
        self._open: dict[str, TableWriter] = {}
        self._specs: dict[str, tuple[Sequence[str], TableSpec]] = {}
        self.notes: list[str] = []
        self.counts = Counts(dict.fromkeys(self._names, 0), defaultdict(int))
        self._of = {name: self._open_all(name, stored) for name in self._names}

    def know(self, response: StoredResponse) -> bool:
        return (response.questionnaire, response.version) in self.books

    def write(self, response: StoredResponse) -> None:
        book, of = self.books[response.questionnaire, response.version], self._of[response.questionnaire]
        counting = book.counting(response)
        leaving = book.leaving(response, counting)
        found = self._looked_through(response, book, leaving)
        self._write_wide(response, of, leaving, book.scores(counting), found)
        if of.repeats:
            self._write_instances(response, of, leaving, found)
        self._write_long(response, book, of, leaving)
        if response.themes:
            self._write_themes(response, book, of, counting)
        self.counts.responses[response.questionnaire] += 1

    def write_session(self, row: Sequence[Cell]) -> None:
        self._table("sessions", "sessions", "Sessions", SESSIONS).write(row, ())
        self.counts.rows["sessions"] += 1
        self.counts.sessions += 1

    def written(self) -> Written:
        """Ends all files; nothing more can be written."""
        for name, table in self._open.items():
            self.notes += [f"{name}: {note}" for note in table.close()]
        counts = replace(self.counts, rows=dict(self.counts.rows))
        return Written(counts, self.notes, self._specs, self._folder.drafts)

    def join(self, other: Written) -> None:
        """Puts another half behind this one, when both are written."""
        for name, (files, spec) in other.tables.items():
            for file in files:
                if name in self._specs:
                    append(self._folder.drafts[file], other.files[file])
                else:
                    other.files[file].replace(self._folder.draft(file))
            self._specs.setdefault(name, (files, spec))
        self.counts.add(other.counts)
        self.notes += other.notes

    def describe(self) -> None:
        """Writes the codebook."""
        self._folder.draft("codebook.json").write_text(
            json.dumps(self._codebook, ensure_ascii=False, indent=2), encoding="utf-8"
        )
        self._folder.draft("codebook.md").write_text(to_markdown(self._codebook), encoding="utf-8")
        page = to_html(self._codebook, self._language)
        self._folder.draft("codebook.html").write_text(page, encoding="utf-8")
        self._folder.draft("codebook.xml").write_bytes(
            to_ddi(self._codebook, self._described(), self._language)
        )

    def _described(self) -> list[DescribedTable]:
        rows: dict[str, int] = {**self.counts.rows, "to_check": self.counts.to_check}
        return [DescribedTable(files, spec, rows.get(name)) for name, (files, spec) in self._specs.items()]

    def abandon(self) -> None:
        """Lets go of all files; those that are not finished are of no use."""
        for table in self._open.values():
            with suppress(OSError):
                table.close()

    def _write_wide(
        self,
        response: StoredResponse,
        of: _Of,
        leaving: Answers,
        scores: Mapping[str, object],
        found: Mapping[str, str],
    ) -> None:
        session = self._alias(response.session) if response.session else ""
        layout = of.layout
        row = layout.row(fixed_cells(response, session, self._door))
        layout.put_all(row, leaving)
        for name, score in scores.items():
            if name in layout.scores:
                row.values[layout.scores[name]] = score  # type: ignore[call-overload]  # a scale gives numbers and names
        for path, kinds in found.items():
            if path in layout.looks:
                row.values[layout.looks[path]] = kinds
        of.wide.write(row.values, row.statuses, row.times, row.models)
        self.counts.rows[of.name] += 1

    def _write_instances(
        self, response: StoredResponse, of: _Of, leaving: Answers, found: Mapping[str, str]
    ) -> None:
        """A row for every instance that something was said of, or that was added."""
        for instance, said in _instances(leaving).items():
            repeat = plain_path(instance)
            if repeat not in of.repeats:
                continue
            layout, table = of.repeats[repeat]
            row = layout.row([response.id, instance])
            layout.put_all(row, {plain_path(path): each for path, each in said.items()})
            for path in said:
                if path in found and plain_path(path) in layout.looks:
                    row.values[layout.looks[plain_path(path)]] = found[path]
            table.write(row.values, row.statuses, row.times, row.models)
            self.counts.rows[f"{of.name}__{repeat}"] += 1

    def _write_long(self, response: StoredResponse, book: Book, of: _Of, leaving: Answers) -> None:
        count, id, places = 0, response.id, of.layout.places
        write = of.long.write if of.long is not None else _nowhere
        for path, (status, value, at, _) in leaving.items():
            if path in places or ("[" in path and of.has(path)):
                text, labels = book.line(path)
                write((id, path, text, status, value, labels[value], at), ())
                count += 1
        if of.long is not None:
            self.counts.rows[f"{of.name}.answers"] += count
        self.counts.answers += count

    def _write_themes(self, response: StoredResponse, book: Book, of: _Of, counting: Answers) -> None:
        """Those of answers that count."""
        for path in counting:
            for theme in response.themes.get(path, ()):
                name = f"{of.name}.themes"
                table = self._table(name, f"{response.questionnaire}.themes", "Themes", THEMES)
                table.write(
                    [response.id, path, book.line(path)[0], *(theme[column] for column in _THEMES)], ()
                )
                self.counts.rows[name] += 1

    def _looked_through(self, response: StoredResponse, book: Book, leaving: Answers) -> dict[str, str]:
        """The kinds of what may lead to a person, by the path of the words they stand in."""
        found: dict[str, str] = {}
        for path, said in book.words_in(leaving):
            if kinds := self._look(said.value):
                found[path] = " ".join(kinds)
                self._write_to_check(response, path, found[path])
        return found

    def _write_to_check(self, response: StoredResponse, path: str, kinds: str) -> None:
        # For a person with any program: always a sheet, whatever the format.
        table = self._table("to_check", "to_check", "To check", TO_CHECK, FORMATS["csv"])
        table.write([response.id, response.questionnaire, path, kinds], ())
        self.counts.to_check += 1

    def _open_all(self, questionnaire: str, stored: Mapping[Version, Sequence[str]]) -> _Of:
        name = self._names[questionnaire]
        books = [book for (each, _), book in self.books.items() if each == questionnaire]
        shown = [book.shown for book in books if book.shown is not None]
        paths = [path for (each, _), some in stored.items() if each == questionnaire for path in some]
        scores = dict.fromkeys(column for book in books for scale in book.scales for column in scale.columns)
        title = next((form.title.get(self._language, form.id) for form in reversed(shown)), questionnaire)
        layout = lay_out(shown, paths, scores, self._door, self._language)
        wide = self._table(name, questionnaire, title, layout.columns)
        repeats: dict[str, tuple[Layout, TableWriter]] = {}
        for repeat in dict.fromkeys(repeat for form in shown for repeat in repeats_of(form)):
            part = lay_out_repeat(shown, repeat, self._language)
            file = "__".join((name, *names_for(repeat.split("/"), ()).values()))
            repeats[repeat] = part, self._table(file, f"{questionnaire}/{repeat}", title, part.columns)
        long = None
        if not self._format.is_long:
            long = self._table(f"{name}.answers", f"{questionnaire}.answers", title, LONG)
        return _Of(layout, wide, long, repeats, name)

    def _table(
        self, name: str, id: str, title: str, columns: Sequence[Column], format: TableFormat | None = None
    ) -> TableWriter:
        """The table of that name, opened when it is asked for the first time."""
        if name not in self._open:
            spec = TableSpec(id, title, columns, self._language, self._made_at, self._codebook)
            format = format or self._format
            paths = [self._folder.draft(file) for file in format.names(name)]
            self._open[name] = format.open(paths, spec)
            self._specs[name] = format.names(name), spec
        return self._open[name]


def _nowhere(values: Sequence[Cell], statuses: Sequence[str]) -> None:
    """Where the format itself has a row for each answer."""


def _instances(leaving: Answers) -> dict[str, dict[str, Said]]:
    found: dict[str, dict[str, Said]] = {}
    for path, said in leaving.items():
        if path.endswith("]"):
            if said.value == "yes":
                found.setdefault(path, {})
        elif "[" in path:
            instance = path[: path.rindex("]") + 1]
            found.setdefault(instance, {})[path] = said
    return found
