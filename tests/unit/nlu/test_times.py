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
        ("3 mei", "2027-05-03"),
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


def test_tomorrow_counts_from_today_in_amsterdam() -> None:
    reading = read_date("morgen", JUST_AFTER_MIDNIGHT_HERE)

    assert reading is not None
    assert reading.values == ("2026-05-08",)


@pytest.mark.parametrize("text", ["31-02-2026", "ooit", "30 februari", "99-99-9999", "0000-01-01"])
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
        ("tien voor half elf", ("10:20:00",)),
    ],
)
def test_time(text: str, clock: tuple[str, ...]) -> None:
    reading = read_time(text)

    assert reading is not None
    assert reading.values == clock


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
        ("gisteren", None),
        ("geen idee", None),
    ],
)
def test_read_moment_takes_a_day_with_a_time(text: str, moment: str | None) -> None:
    found = read_moment(text, datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert (found.values[0] if found else None) == moment


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
