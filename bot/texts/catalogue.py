"""Looks sentences up by key and language; knows gettext catalogues and the dated numbers, and nothing of dialogue."""

import gettext
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("nl", "en")
PARTS = ("meeting", "duo", "news", "tables")
"""What has files of its own: talks in person as residents, meemakers and everybody who is told hear of them; tables."""


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

    def knowing(self, **facts: str) -> "Catalogue":
        """The same sentences with other facts in them: what this house has set."""
        return replace(self, numbers=replace(self.numbers, facts={**self.numbers.facts, **facts}))

    def keys(self) -> list[str]:
        """Every key of the first language, in order; a text in singular and plural has one."""
        # gettext offers no list: its catalogue holds the header under "", and plurals as (key, form).
        found = self.translations[LANGUAGES[0]]._catalog  # type: ignore[attr-defined]  # not in its types
        return sorted({key if isinstance(key, str) else key[0] for key in found if key})

    def sentences(self, prefix: str, language: str) -> dict[str, str]:
        """All sentences whose key begins with `prefix`, by the rest of their key."""
        names = [key.removeprefix(prefix) for key in self.keys() if key.startswith(prefix)]
        return {name: self.sentence(prefix + name, language) for name in names}


@cache
def load_catalogue() -> Catalogue:
    """Read once: the files are part of the program."""
    translations = {language: _translations(language) for language in LANGUAGES}
    foreign = _translations("foreign")  # said in their own language, whatever the conversation's is
    for each in translations.values():
        each.add_fallback(foreign)
    return Catalogue(translations, load_numbers())


def _translations(name: str) -> gettext.GNUTranslations:
    locale = name if name in LANGUAGES else None
    whole = read_po(io.BytesIO((files("bot.texts") / f"{name}.po").read_bytes()), locale=locale)
    for part in PARTS if locale else ():
        written = (files("bot.texts") / f"{name}.{part}.po").read_bytes()
        for message in read_po(io.BytesIO(written), locale=locale):
            if message.id:
                whole[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def load_numbers() -> Numbers:
    document = tomllib.loads((files("bot.texts") / "numbers.toml").read_text(encoding="utf-8"))
    return Numbers(document["owner"], document["checked_on"], document["facts"])
