from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.calendar_words import event_words, trouble_text
from bot.texts.catalogue import LANGUAGES, load_catalogue
from domain.session import Session, SessionKind, SessionStatus, Stretch
from scheduler.busy_times import CalendarTrouble

CATALOGUE = load_catalogue()
WHEN = Stretch(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC))
TALK = Session("t1", SessionKind.PRIVATE, "duo", "els", "jo", "hall", "1", WHEN, SessionStatus.ASKED)


def test_a_talk_in_a_calendar_says_what_and_with_whom() -> None:
    words = event_words(CATALOGUE, "nl", TALK, "Jo")

    assert words.summary == "Gesprek met een bewoner"
    assert words.description == (
        "U doet dit samen met Jo. Verzetten of afzeggen? Dat kan in de chat van Wijkverhaal."
    )


def test_a_cancelled_talk_says_so_before_anything_else() -> None:
    cancelled = replace(TALK, status=SessionStatus.CANCELLED)

    assert event_words(CATALOGUE, "nl", cancelled, "Jo").summary == "Gaat niet door: Gesprek met een bewoner"
    assert event_words(CATALOGUE, "en", cancelled, "Jo").summary == "Cancelled: Talk with a resident"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_talk_has_its_own_words(language: str) -> None:
    words = [event_words(CATALOGUE, language, replace(TALK, kind=kind), "Jo") for kind in SessionKind]

    assert len({each.summary for each in words}) == len(SessionKind)
    assert not any("%" in text for each in words for text in (each.summary, each.description, each.at_home))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trouble_with_a_calendar_has_a_sentence(language: str) -> None:
    said = {trouble_text(CATALOGUE, language, each) for each in CalendarTrouble}

    assert len(said) == len(CalendarTrouble)
    assert all(len(each) < 160 and each.endswith((".", "?")) for each in said)
