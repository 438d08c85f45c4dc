"""The questionnaires that are in use: read from files, kept in memory by id and version."""

from collections.abc import Sequence
from pathlib import Path

from bot.forms.consenting import asks_consent, with_consent
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.errors import DomainError

SHIPPED = Path(__file__).resolve().parent.parent / "bot" / "questionnaires"
STARTER = SHIPPED / "veerkracht.md"
CONSENT = SHIPPED / "consent.md"


class Shelf:
    """Implements bot.conversation.FormShelf. The first form is the current one."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._current = forms[0]
        self._forms = {(form.questionnaire.id, form.questionnaire.version): form for form in forms}

    def current(self) -> Form:
        return self._current

    def find(self, questionnaire: str, version: str) -> Form | None:
        return self._forms.get((questionnaire, version))


def open_shelf(path: Path | None = None, *, cache: Path | None = None) -> Shelf:
    """The shelf with the questionnaire at `path`, the starter questionnaire by default.

    A form that asks for no consent gets our question in front. Raises DefinitionError with every problem of the
    file, and DomainError("no_such_form").
    """
    if path is not None and not path.is_file():
        raise DomainError("no_such_form", path=path)
    form = load_form(path or STARTER, cache_dir=cache)
    if not asks_consent(form):
        form = with_consent(form, load_form(CONSENT, cache_dir=cache))
    return Shelf([form])
