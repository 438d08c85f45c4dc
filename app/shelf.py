"""The questionnaires that are in use: read from files, kept in the database by id and version, shared by all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from bot.dialogue.tracks import REPORT as REPORT_ID
from bot.forms.consenting import asks_consent, with_consent
from bot.forms.form import Form
from bot.forms.load import form_from_kept, kept_form, load_form, read_kept_form
from domain.errors import DomainError
from domain.session import AFTERWARDS
from storage.base import Store
from storage.forms import KEPT, SHIPPED, FormRow, FormTable

SHIPPED_FORMS = Path(__file__).resolve().parent.parent / "bot" / "questionnaires"
STARTER = SHIPPED_FORMS / "veerkracht.md"
CONSENT = SHIPPED_FORMS / "consent.md"
REPORT = SHIPPED_FORMS / "gespreksverslag.md"
"""What a duo tells after a talk in person. It asks no consent and is never the current one."""

HOW_WAS_IT = SHIPPED_FORMS / "hoe_was_het.md"
"""The one question to a resident after a talk; it is here for exports, and never the current one."""


@dataclass(frozen=True, slots=True)
class FormFile:
    """A form with the hash of the file it was read from."""

    form: Form
    hash: str

    @property
    def names(self) -> tuple[str, str]:
        return self.form.questionnaire.id, self.form.questionnaire.version

    def row(self, origin: str, at: datetime, moves: str = "{}") -> FormRow:
        return FormRow(*self.names, self.hash, kept_form(self.form), moves, origin, at)


class Shelf:
    """Implements bot.ports.FormShelf. Every version that was ever in use stays in the database, so that a response
    can be finished, and exported, on the version it began with, by any process on any machine."""

    def __init__(self, file: FormFile, *others: FormFile, chosen: bool = False) -> None:
        """`others` can be found and are never the current one. `chosen`: the file was asked for by name, so what was
        published does not take its place."""
        self._files, self._chosen, self._current = (file, *others), chosen, file.form
        self._forms: dict[tuple[str, str], Form] = {each.names: each.form for each in self._files}
        self._store: Store | None = None

    def current(self) -> Form:
        return self._current

    def find(self, questionnaire: str, version: str) -> Form | None:
        """A version that another process has just published is found too; one that is nowhere is looked for again."""
        names = (questionnaire, version)
        if names not in self._forms and self._store is not None:
            row = self._store.find_form(*names)
            form = form_from_kept(row.source) if row is not None else None
            if form is not None:
                self._forms[names] = form
        return self._forms.get(names)

    async def join(self, store: Store, now: datetime, *, kept: Path | None = None) -> None:
        """Shares this shelf through the database. `kept` is the folder in which an earlier program kept versions.

        Raises DomainError("form_changed") when the file's version stands in the database with other content.
        """
        self._store = store
        rows = [*_kept_rows(kept, now), *(each.row(SHIPPED, now) for each in self._files)]

        def put(table: FormTable) -> FormRow | None:
            return next((row for row in rows if not table.put(row)), None)

        refused = await store.with_forms(put)
        if refused is not None:
            raise form_changed(refused.questionnaire, refused.version)
        await self.refresh()

    async def refresh(self) -> None:
        """Takes the newest published version into use."""
        if self._store is None or self._chosen:
            return
        row = await self._store.with_forms(lambda table: table.latest_published())
        if row is None:
            return
        found = self.find(row.questionnaire, row.version)
        if found is not None:
            self._current = found


def form_changed(questionnaire: str, version: str) -> DomainError:
    return DomainError("form_changed", questionnaire=questionnaire, version=version)


def _kept_rows(folder: Path | None, now: datetime) -> Iterator[FormRow]:
    for file in sorted(folder.glob("*.json")) if folder is not None else ():
        form = read_kept_form(file)
        if form is not None:
            yield FormFile(form, "").row(KEPT, now)


def read_form(path: Path, *, cache: Path | None = None) -> FormFile:
    """The form in a file; one that asks for no consent gets our question in front. Raises DefinitionError with every
    problem of the file, and DomainError: no_such_form, form_reserved."""
    if not path.is_file():
        raise DomainError("no_such_form", path=path)
    form = load_form(path, cache_dir=cache)
    if form.questionnaire.id in (REPORT_ID, AFTERWARDS):
        raise DomainError("form_reserved", questionnaire=form.questionnaire.id)  # residents would be asked it
    if not asks_consent(form):
        form = with_consent(form, load_form(CONSENT, cache_dir=cache))
    return FormFile(form, sha256(path.read_bytes()).hexdigest())


def open_shelf(path: Path | None = None, *, cache: Path | None = None) -> Shelf:
    """The shelf with the questionnaire at `path`, the starter questionnaire by default; not yet in any database.
    `cache` is where parsed forms are kept, to start faster. Raises as `read_form`."""
    others = (read_report(cache=cache), _read_as_it_is(HOW_WAS_IT, cache))
    return Shelf(read_form(path or STARTER, cache=cache), *others, chosen=path is not None)


def read_report(*, cache: Path | None = None) -> FormFile:
    """The questionnaire about a talk in person, as it is: what a meemaker tells as a meemaker needs no consent question."""
    return _read_as_it_is(REPORT, cache)


def _read_as_it_is(path: Path, cache: Path | None) -> FormFile:
    return FormFile(load_form(path, cache_dir=cache), sha256(path.read_bytes()).hexdigest())
