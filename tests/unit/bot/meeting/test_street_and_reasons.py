"""What residents nearby read of a street moment, and how a reason stands under the news that a talk is off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.shelf import HOW_WAS_IT, REPORT, read_form
from bot.meeting.news import Facts, NewsWords
from bot.texts.catalogue import load_catalogue
from domain.errors import DomainError
from domain.session import (
    STREET_CHANGED,
    News,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
    Tell,
)
from tests.unit.bot.meeting.test_post import NOW, FakeDb, FakeDesk, to_duo, to_resident, told

START = datetime(2026, 12, 8, 13, tzinfo=UTC)
STREET = Session(
    "s9", SessionKind.STREET, "duo-1", "els", "piet", None, "",
    Stretch(START, START + timedelta(minutes=90)), SessionStatus.CONFIRMED,
)  # fmt: skip # read as one piece


def test_a_street_moment_is_told_with_what_where_and_when() -> None:
    text = NewsWords(load_catalogue(), "nl").street(STREET, "Op het plein").text
    assert "een bewoner en een professional" in text
    assert "Wanneer: dinsdag 8 december, 14.00 uur, tot 15.30 uur" in text
    assert text.endswith("Waar: Op het plein")
    assert "Where: On the square" in NewsWords(load_catalogue(), "en").street(STREET, "On the square").text


def test_who_was_told_of_a_street_moment_reads_that_it_is_off_or_moved() -> None:
    words = NewsWords(load_catalogue(), "nl")
    assert "dinsdag 8 december, 14.00 uur" in words.street_off(STREET).text
    assert "gaat helaas niet door" in words.street_off(STREET).text
    assert words.street_moved(STREET, "Op de markt").text.endswith("tot 15.30 uur\nWaar: Op de markt")
    english = NewsWords(load_catalogue(), "en")
    assert "that is off" in english.street_off(STREET).text
    assert "another time or place" in english.street_moved(STREET, "x").text


@pytest.mark.parametrize(
    ("news", "status", "is_planned"),
    [
        (News.CANCELLED, SessionStatus.CANCELLED, True),
        (News.WITHDRAWN, SessionStatus.CANCELLED, True),
        (News.MOVED, SessionStatus.ASKED, True),
        (News.WITHDRAWN, SessionStatus.ASKED, False),  # another meemaker comes
    ],
)
def test_neighbours_are_told_of_a_change_that_matters_to_them(
    news: News, status: SessionStatus, is_planned: bool
) -> None:
    db = FakeDb()
    for kind in (SessionKind.STREET, SessionKind.GROUP):
        told(
            Tell("m", news, "s9", "els"),
            db=db,
            desk=FakeDesk(sessions=(replace(STREET, kind=kind, status=status),)),
        )
    assert db.planned == ([("street_changed:s9", STREET_CHANGED, NOW)] if is_planned else [])


def test_who_hears_that_a_talk_is_off_reads_why() -> None:
    reason = "Het buurthuis is dicht (100% zeker)."
    assert to_resident(News.CANCELLED, because=reason).text.endswith(f"De reden: {reason}")
    assert to_duo(News.CANCELLED, because=reason).text.endswith(f"De reden: {reason}")
    assert "reden" not in to_resident(News.CANCELLED).text


def test_the_report_is_never_taken_into_use_for_residents(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refused:
        read_form(REPORT)
    assert refused.value.code == "form_reserved"
    with pytest.raises(DomainError) as how:
        read_form(HOW_WAS_IT)
    assert how.value.code == "form_reserved"
    other = tmp_path / "other.md"
    other.write_text(REPORT.read_text("utf-8").replace("| gespreksverslag |", "| mijn_verslag |"), "utf-8")
    assert read_form(other).names[0] == "mijn_verslag"


def test_who_is_asked_for_a_talk_that_moved_reads_that_it_did() -> None:
    message = to_duo(News.ASKED_AGAIN)
    assert message.text.startswith("Dit gesprek is verzet. Kunt u dan ook?")
    assert [each.title for each in message.buttons] == ["Ja, ik kan", "Nee, ik kan niet"]
    english = NewsWords(load_catalogue(), "en")
    facts = [Facts(replace(STREET, kind=SessionKind.GROUP))]
    assert "Can you come then too?" in english.meemaker(News.ASKED_AGAIN, "els", facts, NOW).text
    moved = english.resident(News.MOVED, facts, (), {}, NOW).text
    assert "You keep your seat." in moved
    assert "press 'Cancel it'" in moved
