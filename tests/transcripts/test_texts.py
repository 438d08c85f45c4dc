"""Every sentence of our own is said somewhere in each language, and names nothing that is missing."""

import re
from datetime import date, timedelta

import pytest

from bot.texts.catalogue import LANGUAGES, load_catalogue, load_numbers

CATALOGUE = load_catalogue()
KEYS = sorted(key for key in CATALOGUE.translations["nl"]._catalog if isinstance(key, str) and key)  # type: ignore[attr-defined]  # Babel offers no list of keys
PLACES = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_every_key_in_every_language(language: str) -> None:
    translations = CATALOGUE.translations[language]
    keys = {key if isinstance(key, str) else key[0] for key in translations._catalog if key}  # type: ignore[attr-defined]  # Babel offers no list of keys
    dutch = {key if isinstance(key, str) else key[0] for key in CATALOGUE.translations["nl"]._catalog if key}  # type: ignore[attr-defined]  # Babel offers no list of keys
    assert keys == dutch


@pytest.mark.parametrize("key", KEYS)
def test_sentence_has_the_same_places_in_both_languages(key: str) -> None:
    dutch, english = (CATALOGUE.sentence(key, language) for language in ("nl", "en"))
    assert set(PLACES.findall(dutch)) == set(PLACES.findall(english))


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith(("button.", "confirm."))])
@pytest.mark.parametrize("language", LANGUAGES)
def test_button_is_short_enough_to_be_read_on_a_phone(key: str, language: str) -> None:
    if key in ("confirm.again", "confirm.unchanged"):
        return
    assert len(PLACES.sub("", CATALOGUE.sentence(key, language))) <= 30


def test_numbers_were_checked_in_the_last_year() -> None:
    assert date.today() - load_numbers().checked_on < timedelta(days=366)
