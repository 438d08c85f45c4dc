from datetime import UTC, datetime

import pytest

from nlu.rules.places import read_place
from nlu.rules.times import read_date, read_moment, read_time

WEDNESDAY = datetime(2026, 5, 6, 10, tzinfo=UTC)
JUST_AFTER_MIDNIGHT_HERE = datetime(2026, 5, 6, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-06-03", "2026-06-03"),
        ("03-06-2026", "2026-06-03"),
        ("3/6/26", "2026-06-03"),
        ("3 juni", "2026-06-03"),
        ("3 mei", "2026-05-03"),
        ("komende 3 mei", "2027-05-03"),
        ("afgelopen 3 juni", "2025-06-03"),
        ("vorig jaar 3 juni", "2025-06-03"),
        ("volgend jaar 3 mei", "2027-05-03"),
        ("5/6/70", "1970-06-05"),
        ("5-6-99", "1999-06-05"),
        ("12-05-1980", "1980-05-12"),
        ("maandag morgen", "2026-05-11"),
        ("afgelopen maandag", "2026-05-04"),
        ("vorige woensdag", "2026-04-29"),
        ("dinsdag jl.", "2026-05-05"),
        ("vorige week dinsdag", "2026-04-28"),
        ("dinsdag vorige week", "2026-04-28"),
        ("volgende week dinsdag", "2026-05-12"),
        ("last monday", "2026-05-04"),
        ("maandag was het", "2026-05-04"),
        ("3 dagen geleden", "2026-05-03"),
        ("drie dagen geleden", "2026-05-03"),
        ("een week geleden", "2026-04-29"),
        ("over twee weken", "2026-05-20"),
        ("op 12 december 2026 graag", "2026-12-12"),
        ("morgen", "2026-05-07"),
        ("overmorgen", "2026-05-08"),
        ("maandag", "2026-05-11"),
        ("woensdag", "2026-05-13"),
    ],
)
def test_date(text: str, day: str) -> None:
    reading = read_date(text, WEDNESDAY)

    assert reading is not None
    assert reading.values == (day,)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12-05-1980 of 13-05-1980", ("1980-05-12", "1980-05-13")),
        ("morgen of overmorgen", ("2026-05-07", "2026-05-08")),
        ("dinsdag of woensdag", ("2026-05-12", "2026-05-13")),
        ("morgen of dinsdag", ("2026-05-07", "2026-05-12")),
        ("12 of 13 juni 2026", ("2026-06-12", "2026-06-13")),
        ("12-14 juni 2026", ("2026-06-12", "2026-06-14")),
        ("niet morgen maar dinsdag", ("2026-05-07", "2026-05-12")),
        ("12 november", ("2025-11-12", "2026-11-12")),
        ("5/6/30", ("2030-06-05", "1930-06-05")),
        ("een maand geleden", ("2026-04-06",)),
    ],
)
def test_date_that_may_be_another_is_asked_back(text: str, days: tuple[str, ...]) -> None:
    reading = read_date(text, WEDNESDAY)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, days)


def test_tomorrow_counts_from_today_in_amsterdam() -> None:
    reading = read_date("morgen", JUST_AFTER_MIDNIGHT_HERE)

    assert reading is not None
    assert reading.values == ("2026-05-08",)


@pytest.mark.parametrize(
    "text",
    [
        "31-02-2026",
        "ooit",
        "30 februari",
        "een paar dagen geleden",
        "vorige maand",
        "99-99-9999",
        "0000-01-01",
    ],
)
def test_no_date(text: str) -> None:
    assert read_date(text, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("14:00", ("14:00:00",)),
        ("14.30 uur", ("14:30:00",)),
        ("half elf", ("10:30:00",)),
        ("kwart over tien", ("10:15:00",)),
        ("kwart voor twee", ("13:45:00", "01:45:00")),
        ("kwart voor twee 's middags", ("13:45:00",)),
        ("om 2 uur", ("14:00:00", "02:00:00")),
        ("acht uur 's avonds", ("20:00:00",)),
        ("3 pm", ("15:00:00",)),
        ("12 uur 's nachts", ("00:00:00",)),
        ("11 uur 's nachts", ("23:00:00",)),
        ("een uur 's nachts", ("01:00:00",)),
        ("12 uur 's middags", ("12:00:00",)),
        ("half 11", ("10:30:00",)),
        ("tien voor half elf", ("10:20:00",)),
    ],
)
def test_time(text: str, clock: tuple[str, ...]) -> None:
    reading = read_time(text)

    assert reading is not None
    assert reading.values == clock


@pytest.mark.parametrize(
    ("text", "clocks"),
    [
        ("half acht of acht uur", ("07:30:00", "08:00:00")),
        ("acht of negen uur", ("08:00:00", "09:00:00")),
        ("tussen 8 en 9 uur", ("08:00:00", "09:00:00")),
        ("van 8 tot 9 uur 's avonds", ("20:00:00", "21:00:00")),
        ("14:00 - 15:00", ("14:00:00", "15:00:00")),
        ("14:00 15:00", ("14:00:00", "15:00:00")),
    ],
)
def test_two_times_are_asked_back(text: str, clocks: tuple[str, ...]) -> None:
    reading = read_time(text)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, clocks)


@pytest.mark.parametrize("text", ["25:00", "straks", "kwart", "half honderd", ""])
def test_no_time(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("gisteren om 14:30", "2026-11-22T14:30:00"),
        ("2026-11-01 09:15", "2026-11-01T09:15:00"),
        ("1-11-2026 om half drie", "2026-11-01T14:30:00"),
        ("om 20 uur", "2026-11-23T20:00:00"),
        ("vorige week dinsdag om half drie", "2026-11-17T14:30:00"),
        ("afgelopen dinsdag om 10 uur", "2026-11-17T10:00:00"),
        ("3 dagen geleden om 10 uur", "2026-11-20T10:00:00"),
        ("om 10 uur over drie dagen", "2026-11-26T10:00:00"),
        ("1 november 10.00", "2026-11-01T10:00:00"),
        ("1 november 10.11", "2026-11-01T10:11:00"),
        ("1.11 om 10.00", "2026-11-01T10:00:00"),
        ("om 20.11", "2026-11-23T20:11:00"),
        ("dinsdag morgen 10 uur", "2026-11-24T10:00:00"),
        ("gisteren om 12 uur 's nachts", "2026-11-22T00:00:00"),
        ("een paar dagen geleden om 10 uur", None),
        ("31-02-2026 om 10 uur", None),
        ("afgelopen maandag", None),
        ("gisteren", None),
        ("geen idee", None),
    ],
)
def test_read_moment_takes_a_day_with_a_time(text: str, moment: str | None) -> None:
    found = read_moment(text, datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert (found.values if found and found.is_answer else ()) == ((moment,) if moment else ())


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("morgen of overmorgen om 10 uur", ("2026-11-24T10:00:00", "2026-11-25T10:00:00")),
        ("morgen om half acht of acht uur", ("2026-11-24T07:30:00", "2026-11-24T08:00:00")),
        ("12 mei om 10 uur", ("2026-05-12T10:00:00", "2027-05-12T10:00:00")),
    ],
)
def test_moment_that_may_be_another_is_asked_back(text: str, moments: tuple[str, ...]) -> None:
    found = read_moment(text, datetime(2026, 11, 23, 12, tzinfo=UTC))

    assert found is not None
    assert (found.is_answer, found.values) == (False, moments)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("50.85, 5.69", "50.85 5.69 0 0"),
        ("-33.9 151.2", "-33.9 151.2 0 0"),
        ("95.0, 5.0", None),
        ("bij de kerk", None),
    ],
)
def test_read_place_takes_two_numbers_north_first(text: str, place: str | None) -> None:
    found = read_place(text)
    assert (found.values[0] if found else None) == place
