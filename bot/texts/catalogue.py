"""Looks sentences up by key and language; knows gettext catalogues and the dated numbers, and nothing of dialogue."""

import gettext
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("nl", "en")


@dataclass(frozen=True, slots=True)
class Numbers:
    """The dated facts that sentences name, with who looks after them."""

    owner: str
    checked_on: date
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sentences in all shipped languages."""

    translations: Mapping[str, gettext.GNUTranslations]
    numbers: Numbers

    def sentence(self, key: str, language: str, count: int | None = None) -> str:
        """The sentence for `key`, still with its %(name)s places. Raises KeyError for an unknown key: a bug."""
        translations = self.translations.get(language) or self.translations[LANGUAGES[0]]
        found = translations.gettext(key) if count is None else translations.ngettext(key, key, count)
        if found == key:
            raise KeyError(key)
        return found


def load_catalogue() -> Catalogue:
    here = files("bot.texts")
    translations = {}
    for language in LANGUAGES:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(io.BytesIO((here / f"{language}.po").read_bytes()), locale=language))
        compiled.seek(0)
        translations[language] = gettext.GNUTranslations(compiled)
    return Catalogue(translations, load_numbers())


def load_numbers() -> Numbers:
    document = tomllib.loads((files("bot.texts") / "numbers.toml").read_text(encoding="utf-8"))
    return Numbers(document["owner"], document["checked_on"], document["facts"])
