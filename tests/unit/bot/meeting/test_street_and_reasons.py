"""What residents nearby read of a street moment, and how a reason stands under the news that a talk is off."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.shelf import REPORT, read_form
from bot.meeting.news import NewsWords
from bot.texts.catalogue import load_catalogue
from domain.errors import DomainError
from domain.session import News, Session, SessionKind, SessionStatus, Stretch
from tests.unit.bot.meeting.test_post import to_duo, to_resident

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


def test_who_hears_that_a_talk_is_off_reads_why() -> None:
    reason = "Het buurthuis is dicht (100% zeker)."
    assert to_resident(News.CANCELLED, because=reason).text.endswith(f"De reden: {reason}")
    assert to_duo(News.CANCELLED, because=reason).text.endswith(f"De reden: {reason}")
    assert "reden" not in to_resident(News.CANCELLED).text


def test_the_report_is_never_taken_into_use_for_residents(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refused:
        read_form(REPORT)
    assert refused.value.code == "form_reserved"
    other = tmp_path / "other.md"
    other.write_text(REPORT.read_text("utf-8").replace("| gespreksverslag |", "| mijn_verslag |"), "utf-8")
    assert read_form(other).names[0] == "mijn_verslag"
