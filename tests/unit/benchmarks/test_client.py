"""Reading answers from the wire: whole, in pieces, and those that cannot be measured."""

import pytest

from benchmarks.client import BadAnswerError, read_answer

WHOLE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n[{"text":""}]'


def test_answer_that_is_complete_gives_its_body() -> None:
    assert read_answer(WHOLE) == b'[{"text":""}]'


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_answer_that_is_cut_off_anywhere_is_waited_for(length: int) -> None:
    assert read_answer(WHOLE[:length]) is None


def test_answer_without_a_body_is_complete_at_once() -> None:
    assert read_answer(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") == b""


@pytest.mark.parametrize(
    "refused", [WHOLE.replace(b"200 OK", b"503 Service Unavailable"), b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_answer_that_is_no_success_or_has_no_length_is_refused(refused: bytes) -> None:
    with pytest.raises(BadAnswerError):
        read_answer(refused)
