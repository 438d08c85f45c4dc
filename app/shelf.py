"""The questionnaires that are in use: read from files, kept in memory by id and version."""

from hashlib import sha256
from pathlib import Path

from bot.forms.consenting import asks_consent, with_consent
from bot.forms.form import Form
from bot.forms.load import keep_form, load_form, read_kept_form
from domain.errors import DomainError

SHIPPED = Path(__file__).resolve().parent.parent / "bot" / "questionnaires"
STARTER = SHIPPED / "veerkracht.md"
CONSENT = SHIPPED / "consent.md"


class Shelf:
    """Implements bot.conversation.FormShelf. Every version that was ever the current one stays in the folder `kept`,
    so that a response can be finished, and exported, on the version it began with."""

    def __init__(self, current: Form, kept: Path | None = None) -> None:
        self._current, self._kept = current, kept
        self._forms: dict[tuple[str, str], Form | None] = {_name(current): current}
        if kept is not None:
            keep_form(_file(kept, *_name(current)), current)

    def current(self) -> Form:
        return self._current

    def find(self, questionnaire: str, version: str) -> Form | None:
        name = (questionnaire, version)
        if name not in self._forms:
            self._forms[name] = read_kept_form(_file(self._kept, *name)) if self._kept else None
        return self._forms[name]


def _name(form: Form) -> tuple[str, str]:
    return form.questionnaire.id, form.questionnaire.version


def _file(folder: Path, questionnaire: str, version: str) -> Path:
    """Named by a hash: an id and a version are somebody else's words and no file names."""
    return folder / f"{sha256(repr((questionnaire, version)).encode()).hexdigest()[:24]}.json"


def open_shelf(path: Path | None = None, *, data: Path | None = None) -> Shelf:
    """The shelf with the questionnaire at `path`, the starter questionnaire by default.

    `data` is where parsed forms and earlier versions are kept. A form that asks for no consent gets our question in front. Raises DefinitionError with every problem of the
    file, and DomainError("no_such_form").
    """
    if path is not None and not path.is_file():
        raise DomainError("no_such_form", path=path)
    cache = data / "cache" if data else None
    form = load_form(path or STARTER, cache_dir=cache)
    if not asks_consent(form):
        form = with_consent(form, load_form(CONSENT, cache_dir=cache))
    return Shelf(form, data / "forms" if data else None)
