"""Hours of the week as lists: what can be read, what cannot, and that what is written can be read back."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.session import Hours
from scheduler.weekly_hours import BadHours, hours_words, in_order, read_hours


@pytest.mark.parametrize(
    "text, words",
    [
        ("", ""),
        ("di 13:00-17:00; do 19:00-21:00", "di 13:00-17:00; do 19:00-21:00"),
        ("ma-vr 09:00-17:00; za 10-13", "ma-vr 09:00-17:00; za 10:00-13:00"),
        ("Maandag t/m vrijdag van 9.00 tot 17.00 uur", "ma-vr 09:00-17:00"),
        ("ma 9-12, 13-17", "ma 09:00-12:00, 13:00-17:00"),
        ("di, do 13-17", "di 13:00-17:00; do 13:00-17:00"),
        ("ma, wo en vr 9u30 – 12u", "ma 09:30-12:00; wo 09:30-12:00; vr 09:30-12:00"),
        ("mon-fri 9:00-17:00 and sat 10:00-12:00", "ma-vr 09:00-17:00; za 10:00-12:00"),
        ("elke dag 10-20", "ma-zo 10:00-20:00"),
        ("za-ma 10-12", "ma 10:00-12:00; za-zo 10:00-12:00"),
        ("zo hele dag", "zo 00:00-24:00"),
        ("vr 20:00-24:00", "vr 20:00-24:00"),
        ("di 9-12\ndi 11-14\ndi 14-15", "di 09:00-15:00"),
    ],
)
def test_a_list_of_hours_is_read(text: str, words: str) -> None:
    hours = read_hours(text)

    assert not isinstance(hours, BadHours)
    assert hours_words(hours) == words


@pytest.mark.parametrize(
    "text, part",
    [
        ("di 17-13", "di 17-13"),
        ("di 9-9", "di 9-9"),
        ("di 25:00-26:00", "di 25:00-26:00"),
        ("di 9:75-10", "di 9:75-10"),
        ("vr 22:00-02:00", "vr 22:00-02:00"),
        ("9-17", "9-17"),
        ("di", "di"),
        ("ma 9-12; wo", "wo"),
        ("ma 9-12; blorp 9-12", "blorp 9-12"),
        ("di 9-12 13", "di 9-12 13"),
        ("volgende week", "volgende week"),
    ],
)
def test_the_part_that_cannot_be_read_is_named(text: str, part: str) -> None:
    assert read_hours(text) == BadHours(part)


spans = st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)).filter(
    lambda span: span[1] < span[2]
)


@given(st.lists(spans, max_size=12))
def test_written_hours_are_read_back_the_same(found: list[tuple[int, int, int]]) -> None:
    hours = in_order(found)

    assert read_hours(hours_words(hours)) == hours


@given(st.text(max_size=60) | st.text(alphabet="madiwovrzo0123456789-:;, ", max_size=60))
def test_any_text_is_read_or_named(text: str) -> None:
    hours = read_hours(text)

    if not isinstance(hours, BadHours):
        assert all(isinstance(each, Hours) for each in hours)
        assert all(each.begin < each.until or each.until == time(0) for each in hours)
        assert in_order([]) == () and list(hours) == sorted(
            hours, key=lambda each: (each.weekday, each.begin)
        )
