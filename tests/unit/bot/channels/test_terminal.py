"""The terminal: lines of JSON for programs, buttons by number for people."""

import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.channels.terminal import (
    BadLine,
    Line,
    Moment,
    pick_button,
    read_line,
    show,
    talk_in_lines,
    talk_with_person,
)
from bot.conversation import Reply
from domain.message import Button, Document, Incoming, IncomingKind, Message

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUESTION = Message("Mag dat?", (Button("Ja, dat mag", "/a.1.0.0"), Button("Nee", "/a.1.0.1")))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class FakeConversations:
    def __init__(self) -> None:
        self.taken: list[Incoming] = []

    async def take(self, incoming: Incoming) -> Reply:
        self.taken.append(incoming)
        return Reply((QUESTION,), "ref")


async def lines(*texts: str) -> AsyncIterator[str]:
    for text in texts:
        yield text


def clock() -> Moment:
    return Moment(lambda: NOW)


async def test_text_and_tap_give_messages_and_the_end_of_the_turn() -> None:
    written: list[str] = []
    desk = FakeConversations()
    await talk_in_lines(
        lines('{"sender":"a","text":"hallo"}', "", '{"sender":"a","tap":"/a.1.0.0"}'),
        desk,
        clock(),
        written.append,
    )
    assert [(each.kind, each.text) for each in desk.taken] == [
        (IncomingKind.TEXT, "hallo"),
        (IncomingKind.TAP, "/a.1.0.0"),
    ]
    buttons = [{"title": "Ja, dat mag", "payload": "/a.1.0.0"}, {"title": "Nee", "payload": "/a.1.0.1"}]
    assert [json.loads(line) for line in written[:2]] == [
        {"recipient_id": "a", "text": "Mag dat?", "buttons": buttons},
        {"turn_end": True, "sender": "a"},
    ]


async def test_bad_line_is_answered_and_the_next_goes_on() -> None:
    written: list[str] = []
    desk = FakeConversations()
    await talk_in_lines(lines("{", '{"sender":"a","text":"hallo"}'), desk, clock(), written.append)
    assert "error" in json.loads(written[0])
    assert len(desk.taken) == 1


def test_at_moves_the_clock_for_the_lines_that_follow() -> None:
    moment = clock()
    first = read_line('{"sender":"a","text":"x","at":"2026-12-01T09:00:00+01:00"}', moment)
    later = read_line('{"sender":"a","text":"x"}', moment)
    assert isinstance(first, Line)
    assert isinstance(later, Line)
    assert first.incoming.at == later.incoming.at == datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "3",
        "{}",
        '{"sender":"","text":"x"}',
        '{"sender":"a"}',
        '{"sender":"a","text":3}',
        '{"sender":"a","text":"x","at":"tomorrow"}',
        '{"sender":"a","text":"x","at":5}',
        '{"sender":1,"text":"x"}',
    ],
)
def test_line_that_cannot_be_used_says_why(text: str) -> None:
    assert isinstance(read_line(text, clock()), BadLine)


@pytest.mark.parametrize(
    ("typed", "payload"),
    [
        ("#1", "/a.1.0.0"),
        ("#2", "/a.1.0.1"),
        ("#3", None),
        ("#0", None),
        ("ja, dat mag", "/a.1.0.0"),
        ("ja", None),
    ],
)
def test_button_is_picked_by_number_or_full_title(typed: str, payload: str | None) -> None:
    assert pick_button(typed, QUESTION.buttons) == payload


async def test_person_sees_bubbles_and_numbered_buttons() -> None:
    shown = io.StringIO()
    desk = FakeConversations()
    await talk_with_person(lines("#1", "nee hoor"), desk, lambda: NOW, Console(file=shown, width=60), "me")
    assert [(each.kind, each.text) for each in desk.taken] == [
        (IncomingKind.OPEN, ""),
        (IncomingKind.TAP, "/a.1.0.0"),
        (IncomingKind.TEXT, "nee hoor"),
    ]
    assert "Mag dat?" in shown.getvalue()
    assert "#2  Nee" in shown.getvalue()


def test_markup_in_a_message_is_shown_as_it_is() -> None:
    shown = io.StringIO()
    file = Document("afspraak.ics", "text/calendar", "BEGIN:VCALENDAR")
    show(Console(file=shown, width=60), [Message("[bold]niet vet[/bold] <b>", (), file)])
    assert "[bold]niet vet[/bold] <b>" in shown.getvalue()
    assert "afspraak.ics" in shown.getvalue()
