"""Button payloads: what is written is read back, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.taps import (
    Tap,
    answer_payload,
    confirm_payload,
    language_payload,
    parse_tap,
    placed_payload,
    value_payload,
)

COUNTS = st.integers(0, 999_999_999)


@given(ask=COUNTS, question=COUNTS, choice=COUNTS)
def test_answer_payload_is_read_back_and_fits_telegram(ask: int, question: int, choice: int) -> None:
    payload = answer_payload(ask, question, choice)
    assert parse_tap(payload) == Tap("a", (ask, question, choice))
    assert len(payload.encode()) <= 64


@pytest.mark.parametrize(
    ("payload", "tap"),
    [
        (placed_payload("dont_know", 3, 4), Tap("dont_know", (3, 4))),
        (confirm_payload("yes", 7), Tap("yes", (7,))),
        (value_payload(3, 4, "-2.5"), Tap("v", (3, 4), "-2.5")),
        (value_payload(3, 4, "2026-11-29T16:00:00", (2,)), Tap("v", (3, 4, 2), "2026-11-29T16:00:00")),
        (language_payload("en"), Tap("lang", (), "en")),
        ("/stop", Tap("stop")),
        ("/Pauze", Tap("pause")),
        ("/hulp", Tap("help")),
    ],
)
def test_payload_stands_for_its_tap(payload: str, tap: Tap) -> None:
    assert parse_tap(payload) == tap


@pytest.mark.parametrize(
    "text",
    ["", "/", "stop", "/a.x.1.2", "/a.-1.0.0", "/a.1 .2.3", "/lang.", "/lang.1", "/stop nu", "/a." + "1" * 60, "/²",
     "/a.٣.1.2", "/skip.9999999999.1", "/1", "/een twee", "/\x00"],
)  # fmt: skip # read as one list of words
def test_anything_else_is_no_tap(text: str) -> None:
    assert parse_tap(text) is None


@given(st.text(max_size=80))
def test_any_text_is_a_tap_or_none(text: str) -> None:
    tap = parse_tap("/" + text)
    assert tap is None or all(number >= 0 for number in tap.numbers)


@pytest.mark.parametrize(
    "payload",
    [
        "/a.2.1234567890",
        "/a.2.",
        "/a.2.x",
        "/a.2.²",
        "/lang.en.nl",
        "/join.a b",
        "a.2",
        "/v.2.4",
        "/v.2.4~",
        "/v.2.4~x",
        "/a.2.4.1~7",
    ],
)
def test_payload_that_is_none_of_ours_stands_for_nothing(payload: str) -> None:
    assert parse_tap(payload) is None
