"""The page's words and HTML: every word in every language, shown, and every payload one the dialogue knows."""

import re
from html import unescape

import pytest

from bot.channels.web.page import Page, Shown, question_of
from bot.channels.web.strings import language_payload, page_words
from bot.dialogue.taps import parse_tap
from bot.texts.catalogue import LANGUAGES
from domain.message import Button, Document, Message

PAGE = Page(css_url="/c", js_url="/j", icon_url="/i")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_on_the_page_in_every_language(language: str) -> None:
    page = unescape(PAGE.render(Shown(language, "id")))
    assert [key for key, word in page_words()[language].items() if word not in page] == []


def test_every_button_of_the_page_is_known_to_the_dialogue() -> None:
    payloads = re.findall(r'name="tap" value="([^"]+)"', PAGE.render(Shown("nl", "id")))
    assert len(payloads) == 7
    words = [tap.word if (tap := parse_tap(payload)) else None for payload in payloads]
    assert words == ["lang", "lang", "privacy", "pause", "stop", "help", "erase"]
    assert parse_tap(language_payload("en")) == parse_tap(payloads[1])


@pytest.mark.parametrize(
    ("text", "place"),
    [("Hoe gaat het?", 0), ("Vraag 1\n\nHoe gaat het?\n\nKies iets.", 1), ("Dag.", None), ("A?\n\nB? ", 1)],
)
def test_question_is_the_last_paragraph_that_asks(text: str, place: int | None) -> None:
    assert question_of(text) == place


def test_choices_are_a_group_named_by_the_question() -> None:
    message = Message("Vraag 1 van 3\n\nHoe gaat het?", (Button("Goed", "/a.1.0.0"),))
    page = PAGE.render(Shown("nl", "id", (message,), "nl"))
    assert '<p dir="auto" id=said-0-q>Hoe gaat het?</p>' in page
    assert (
        'role="group" aria-labelledby="said-0-q" lang="nl"><button form="turn" name="tap" value="/a.1.0.0"'
        in page
    )


def test_file_is_in_its_own_link_under_the_words() -> None:
    message = Message("Tot dan!", (), Document('a"<b>.ics', "text/calendar", "SUMMARY:Één"))
    page = PAGE.render(Shown("nl", "id", (message,), "nl"))
    assert (
        '<p class="file"><a download="a&quot;&lt;b&gt;.ics" '
        'href="data:text/calendar;charset=utf-8;base64,U1VNTUFSWTrDicOpbg==">a&quot;&lt;b&gt;.ics</a></p>'
    ) in page
