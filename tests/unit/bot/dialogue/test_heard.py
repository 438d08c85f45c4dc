"""The events of the dialogue beside the commands of understanding: two lists that must not drift apart."""

from bot.dialogue.heard import Event
from domain.understanding import Command


def test_every_command_that_can_be_understood_is_an_event() -> None:
    events = {event.value for event in Event}
    assert [command for command in Command if command.value not in events] == []
