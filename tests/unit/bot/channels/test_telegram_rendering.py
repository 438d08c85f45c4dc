"""Texts that fit Telegram, and buttons in rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.rendering import LONGEST_TEXT, button_rows, fit, split_text, utf16_length
from domain.message import Button, Document, Message

texts = st.text(alphabet=st.sampled_from("ab .\n?!\N{GRINNING FACE}\u05d0\u0301"), max_size=300)


@given(st.text() | texts, st.integers(min_value=2, max_value=40))
def test_pieces_join_to_the_whole_and_each_fits(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert "".join(pieces) == text
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= limit for piece in pieces)


@given(st.text(max_size=50))
def test_utf16_length_counts_as_the_encoding_does(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ()),
        ("past", ("past",)),
        ("een twee drie", ("een twee ", "drie")),
        ("Dag. Hoe is het", ("Dag. Hoe ", "is het")),
        ("Goed zo. Nu dit", ("Goed zo. ", "Nu dit")),
        ("alinea\n\nnog een", ("alinea\n\n", "nog een")),
        ("aaaaaaaaaaaaaaa", ("aaaaaaaaaa", "aaaaa")),
        ("\N{GRINNING FACE}" * 6, ("\N{GRINNING FACE}" * 5, "\N{GRINNING FACE}")),
        ("a" + "\N{GRINNING FACE}" * 5, ("a" + "\N{GRINNING FACE}" * 4, "\N{GRINNING FACE}")),
    ],
)
def test_text_is_cut_at_a_sensible_place(text: str, pieces: tuple[str, ...]) -> None:
    assert split_text(text, 10) == pieces


def test_text_of_exactly_the_limit_stays_whole() -> None:
    whole = "\N{GRINNING FACE}" * (LONGEST_TEXT // 2)
    assert [len(split_text(whole)), len(split_text(whole + "."))] == [1, 2]


YES, NO = Button("Ja", "/yes"), Button("Nee", "/no")


def test_long_message_has_its_buttons_under_the_last_piece() -> None:
    first, last = fit(Message("a" * 4000 + "\n\n" + "b" * 4000, (YES, NO)))
    assert first == Message("a" * 4000 + "\n\n")
    assert last == Message("b" * 4000, (YES, NO))


def test_piece_without_words_is_left_out() -> None:
    assert [piece.text for piece in fit(Message("a" * 4096 + "\n" * 5000 + "b"))] == [
        "a" * 4096,
        "\n" * 904 + "b",
    ]


def test_message_without_words_gives_nothing_to_send() -> None:
    assert fit(Message(" \n", (YES,))) == ()


def test_short_buttons_share_a_row() -> None:
    later = Button("Later", "/later")
    assert button_rows((YES, NO, later)) == ((YES, NO), (later,))


def test_long_buttons_have_a_row_each() -> None:
    careful = Button("Nee, maar ik moet wel opletten", "/a 3 no")
    assert button_rows((YES, careful)) == ((YES,), (careful,))


FILE = Document("afspraak.ics", "text/calendar", "BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", (Message("", (YES,), FILE),)),
        ("a" * 1024, (Message("a" * 1024, (YES,), FILE),)),
        ("a" * 1025, (Message("a" * 1025, (YES,)), Message("", (), FILE))),
        ("a" * 4096 + "b", (Message("a" * 4096), Message("b", (YES,), FILE))),
    ],
    ids=["no words", "a caption", "too long for a caption", "the end of it is a caption"],
)
def test_file_goes_with_the_words_or_after_them(text: str, expected: tuple[Message, ...]) -> None:
    assert fit(Message(text, (YES,), FILE)) == expected
