"""When people can, in everyday words. It is Saturday 28 November 2026, ten in the morning in Amsterdam."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.rules.windows import AMSTERDAM, Window, read_windows

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def told(text: str) -> list[str]:
    return [f"{each.start:%a %d %H:%M}-{each.end:%H:%M}" for each in read_windows(text, NOW)]


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("half elf", ["Sat 28 10:30-11:30"]),
        ("kwart voor twee", ["Sat 28 13:45-14:45"]),
        ("na zevenen", ["Sat 28 19:00-00:00"]),
        ("volgende week woensdag", ["Wed 02 00:00-00:00"]),
        ("next week wednesday afternoon", ["Wed 02 12:00-18:00"]),
        ("dinsdagmiddag en donderdag na zevenen", ["Tue 01 12:00-18:00", "Thu 03 19:00-00:00"]),
        ("maandag en dinsdag na zevenen", ["Mon 30 19:00-00:00", "Tue 01 19:00-00:00"]),
        ("maandag of woensdagmiddag", ["Mon 30 00:00-00:00", "Wed 02 12:00-18:00"]),
        ("ik kan alleen op vrijdag, na drieën", ["Fri 04 15:00-00:00"]),
        ("morgen tussen 2 en 4", ["Sun 29 14:00-16:00"]),
        ("woensdag 's avonds", ["Wed 02 18:00-00:00"]),
        ("elke dinsdagochtend", ["Tue 01 06:00-12:00", "Tue 08 06:00-12:00"]),
        ("3 december om 14.30", ["Thu 03 14:30-15:30"]),
        ("zaterdag 10-12 uur", ["Sat 05 10:00-12:00"]),
        ("ma di en do vanaf 13 uur", ["Mon 30 13:00-00:00", "Tue 01 13:00-00:00", "Thu 03 13:00-00:00"]),
        ("dinsdag om half acht", ["Tue 01 19:30-20:30"]),
        ("overmorgen om 9 uur", ["Mon 30 09:00-10:00"]),
        ("maandag voor tienen", ["Mon 30 00:00-10:00"]),
        ("vanavond na achten", ["Sat 28 20:00-00:00"]),
        ("vanochtend", ["Sat 28 10:00-12:00"]),  # what is over is left out
    ],
)
def test_words_become_windows(text: str, windows: list[str]) -> None:
    assert told(text) == windows


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("doordeweeks overdag", "Mon Tue Wed Thu Fri Mon Tue Wed Thu Fri"),
        ("volgende week niet op maandag", "Tue Wed Thu Fri Sat Sun"),
        ("volgende week, behalve vrijdag", "Mon Tue Wed Thu Sat Sun"),
        ("doordeweeks na vijven maar niet op donderdag", "Mon Tue Wed Fri Mon Tue Wed Fri"),
        ("niet op woensdag", "Sat Sun Mon Tue Thu Fri Sat Sun Mon Tue Thu Fri"),
        ("altijd behalve zondag", "Sat Mon Tue Wed Thu Fri Sat Mon Tue Wed Thu Fri"),
        ("maakt niet uit, als het maar volgende week is", "Mon Tue Wed Thu Fri Sat Sun"),
    ],
)
def test_days_that_are_meant_and_not_meant(text: str, days: str) -> None:
    assert " ".join(each.split()[0] for each in told(text)) == days


@pytest.mark.parametrize(
    "text",
    ["hallo", "ik heb 3 kinderen", "", "vorige week", "!!!", "wat bedoelt u?", "ik kan in de week van"],
)
def test_what_names_no_time_has_no_windows(text: str) -> None:
    assert told(text) == []


def test_windows_are_counted_by_the_clock_when_summer_begins() -> None:
    (night,) = read_windows("zondag", datetime(2026, 3, 27, 12, tzinfo=UTC))
    assert night == Window(datetime(2026, 3, 29, tzinfo=AMSTERDAM), datetime(2026, 3, 30, tzinfo=AMSTERDAM))
    assert night.end.astimezone(UTC) - night.start.astimezone(UTC) == timedelta(hours=23)


SAID = """
maandag di woensdagavond niet behalve na voor tussen en of 3 7 half elf kwart uur 12:30 volgende week deze morgen
vanavond overdag doordeweeks altijd 31 februari , . 's zevenen tot van - 99 24:00 00:00 op
"""
WORDS = st.sampled_from(SAID.split())


@given(words=st.lists(WORDS, max_size=12), now=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_windows_are_to_come_in_order_and_apart(words: list[str], now: datetime) -> None:
    found = read_windows(" ".join(words), now.replace(tzinfo=UTC))
    edges = [edge.astimezone(UTC) for each in found for edge in (each.start, each.end)]
    assert edges == sorted(edges)
    assert all(each.start < each.end for each in found)
    assert all(edge >= now.replace(tzinfo=UTC) for edge in edges)
