import json
from dataclasses import fields

from domain.message import Button, Document, Message
from storage.messages import dump_message, load_message


def test_message_comes_back_whole() -> None:
    message = Message('Zeg "ja" 🌱\n\0', (Button("Ja", "/a 1"), Button("", "")))

    assert load_message(json.loads(json.dumps(dump_message(message)))) == message


def test_file_comes_back_with_its_message() -> None:
    message = Message("Hierbij", document=Document("gesprek.ics", "text/calendar", "BEGIN\r\nEND\r\n\0🌱"))

    assert load_message(json.loads(json.dumps(dump_message(message)))) == message


def test_message_from_before_there_were_files_is_read() -> None:
    assert load_message(["Dag", [["Ja", "/a"]]]) == Message("Dag", (Button("Ja", "/a"),))


def test_no_part_of_a_message_is_left_behind() -> None:
    assert [each.name for each in fields(Message)] == ["text", "buttons", "document"]
    assert [each.name for each in fields(Document)] == ["name", "media_type", "content"]
    assert [each.name for each in fields(Button)] == ["title", "payload"]
