import json
from dataclasses import fields

from domain.message import Button, Message
from storage.messages import dump_message, load_message


def test_message_comes_back_whole() -> None:
    message = Message('Zeg "ja" 🌱\n\0', (Button("Ja", "/a 1"), Button("", "")))

    assert load_message(json.loads(json.dumps(dump_message(message)))) == message


def test_no_part_of_a_message_is_left_behind() -> None:
    assert [each.name for each in fields(Message)] == ["text", "buttons"]
    assert [each.name for each in fields(Button)] == ["title", "payload"]
