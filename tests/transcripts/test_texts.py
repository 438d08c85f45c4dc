"""Every sentence of our own is said somewhere in each language, and names nothing that is missing."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot.dialogue.effects import Phrase
from bot.forms.load import load_form
from bot.texts.catalogue import LANGUAGES, PARTS, load_catalogue, load_numbers
from bot.texts.render import Renderer

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load_catalogue()
ANY_FORM = load_form(ROOT / "bot" / "questionnaires" / "veerkracht.md")
KEYS = CATALOGUE.keys()
PLACES = re.compile(r"%\((\w+)\)s")
SEEN_BY_RESIDENTS = [
    ROOT / "bot" / "channels" / path
    for path in ("web/page.html", "web/static/chat.js", "web/page.py", "web/strings.py", "telegram/words.py")
]
NOT_SHOWN = re.compile(r'"""(?s:.*?)"""|<!DOCTYPE html>|(?m:^\s*(?://|#).*$)')
SENTENCE = re.compile(r"""["'`>][A-Z][a-z]*,? [a-z]{2,}""")


def messages_of(language: str) -> dict[str, Message]:
    """Each entry of a catalogue as it stands in the file, by its key."""
    entries = []
    for name in (language, *(f"{language}.{part}" for part in PARTS)):
        with (ROOT / "bot" / "texts" / f"{name}.po").open("rb") as file:
            entries += [entry for entry in read_po(file, locale=language) if entry.id]
    return {entry.id if isinstance(entry.id, str) else entry.id[0]: entry for entry in entries}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_every_key_in_every_language(language: str) -> None:
    entries = messages_of(language)
    assert sorted(entries) == KEYS
    assert [key for key, entry in entries.items() if entry.fuzzy or not all(forms_of(entry))] == []


def forms_of(entry: Message) -> tuple[str, ...]:
    """The text, or its singular and plural."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_rendered_with_all_its_places_filled(language: str) -> None:
    """Through the renderer itself, with a word of ours in each place that the numbers do not fill."""
    renderer = Renderer(CATALOGUE, ANY_FORM, language)
    for key, entry in messages_of(language).items():
        for count, text in enumerate(forms_of(entry), 1):
            words = {name: "iets" for name in PLACES.findall(text) if name not in CATALOGUE.numbers.facts}
            filled = text % {**CATALOGUE.numbers.facts, **words} if "%(" in text else text
            said = renderer.words(Phrase(key, words, None if isinstance(entry.id, str) else count))
            assert said == filled
            assert "%(" not in said


def test_every_text_is_asked_for_somewhere() -> None:
    """By its whole key, or by the beginning that its family shares: "status." or "page."."""
    paths = [path for folder in ("app", "bot") for path in (ROOT / folder).rglob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    asked = set(re.findall(r'"([a-z_]+(?:\.\w+)+)"', source)) | set(re.findall(r'Phrase\("(\w+)"', source))
    families = (*re.findall(r'f"((?:[a-z_]+\.)+)\{', source), *re.findall(r'"([a-z_]+\.)"', source))
    assert [key for key in KEYS if key not in asked and not key.startswith(families)] == []


@pytest.mark.parametrize("path", SEEN_BY_RESIDENTS, ids=lambda path: path.name)
def test_what_a_channel_says_is_not_written_in_its_code(path: Path) -> None:
    """No sentence of two words with a capital: those live in the catalogue."""
    text = NOT_SHOWN.sub("", path.read_text(encoding="utf-8"))
    assert SENTENCE.findall(text) == []


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
