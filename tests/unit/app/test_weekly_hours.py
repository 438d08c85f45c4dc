"""When somebody usually can, in words: only what is about every week and understood to the last word."""

import pytest

from app.weekly_hours import read_weekly
from scheduler.weekly_hours import BadHours, hours_words


@pytest.mark.parametrize(
    "text, words",
    [
        ("dinsdagmiddag en donderdag na zevenen", "di 12:00-18:00; do 19:00-24:00"),
        ("Tuesday afternoon and Thursday after seven", "di 12:00-18:00; do 19:00-24:00"),
        ("elke werkdag van 9 tot 5", "ma-vr 09:00-17:00"),
        ("elke dag 's avonds", "ma-zo 18:00-24:00"),
        ("altijd behalve woensdag", "ma-di 00:00-24:00; do-zo 00:00-24:00"),
        ("iedere week op maandagochtend", "ma 06:00-12:00"),
        ("woensdag vanaf half twee", "wo 13:30-24:00"),
        ("weekend", "za-zo 00:00-24:00"),
        ("di 13:00-17:00; do 19:00-21:00", "di 13:00-17:00; do 19:00-21:00"),
        ("", ""),
    ],
)
def test_words_about_every_week_are_read(text: str, words: str) -> None:
    hours = read_weekly(text)

    assert not isinstance(hours, BadHours)
    assert hours_words(hours) == words


@pytest.mark.parametrize(
    "text",
    [
        "morgen",
        "vandaag",
        "3 december om 10 uur",
        "volgende week dinsdag",
        "om de week dinsdag",
        "even weken dinsdag",
        "alleen 's avonds",
        "eerste dinsdag van de maand",
        "dinsdagmiddag (soms)",
        "dinsdag- en donderdagmiddag",
        "di 17-13",
        "dinsdag na 25:00",
        "als het uitkomt",
        "nooit",
        "dinsdag " * 100,
    ],
)
def test_what_is_not_about_every_week_is_not_read(text: str) -> None:
    assert isinstance(read_weekly(text), BadHours)
