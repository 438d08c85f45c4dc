"""Rasa's REST protocol: what goes in, what comes out, and everything that is refused, each with its sentence."""

import json
from typing import Any

import pytest

from bot.channels.limits import Rate
from domain.errors import DomainError
from domain.message import Button, Document, Incoming, IncomingKind, Message
from tests.browser.fakes import Answer, Browser, FakeConversations, FakeTime, build_app

HOOK = "/webhooks/rest/webhook"
HERE = ("127.0.0.1", 40_000)
AWAY = ("203.0.113.7", 40_000)


class Door:
    def __init__(self, peer: tuple[str, int] | None = HERE, **changes: Any) -> None:
        self.conversations, self.time = FakeConversations(), FakeTime()
        app = build_app(self.conversations, self.time, **changes)
        self.browser = Browser(app, scheme="http", peer=peer)

    def say(self, message: object = "hoi", sender: object = "s1", **rest: object) -> Answer:
        return self.browser.post_json(HOOK, {"sender": sender, "message": message, **rest})

    def last(self) -> Incoming:
        return self.conversations.taken[-1]


def test_text_is_answered_in_rasas_shape() -> None:
    door = Door()
    door.conversations.says = (
        Message("Dag!"),
        Message("Mogen we?", (Button("Ja", "/yes.1"), Button("Nee", "/no.1"))),
    )
    answer = door.say("goeiendag", "s1")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json == [
        {"recipient_id": "s1", "text": "Dag!"},
        {
            "recipient_id": "s1",
            "text": "Mogen we?",
            "buttons": [{"title": "Ja", "payload": "/yes.1"}, {"title": "Nee", "payload": "/no.1"}],
        },
    ]


def test_text_becomes_an_incoming_text() -> None:
    door = Door()
    door.say("Ja hoor")
    assert door.last() == Incoming("rest", "s1", IncomingKind.TEXT, door.time.now, text="Ja hoor")


def test_message_with_a_slash_is_a_tap() -> None:
    door = Door()
    door.say("/yes.1")
    assert (door.last().kind, door.last().text) == (IncomingKind.TAP, "/yes.1")


def test_metadata_reaches_the_conversation() -> None:
    door = Door()
    door.say(metadata={"simulated": True, "language": "en", "message_id": "m1", "other": [1]})
    last = door.last()
    assert (last.simulated, last.language, last.update_id is not None) == (True, "en", True)


@pytest.mark.parametrize("metadata", [None, {}, {"simulated": "yes", "language": "tlh"}, {"language": 3}])
def test_metadata_that_says_nothing_known_changes_nothing(metadata: object) -> None:
    door = Door()
    door.say(metadata=metadata)
    assert (door.last().simulated, door.last().language, door.last().update_id) == (False, "", None)


def test_same_message_id_counts_once_and_gets_the_same_answer() -> None:
    door = Door()
    first = door.say("hoi", metadata={"message_id": "m1"})
    assert door.say("hoi", metadata={"message_id": "m1"}).json == first.json
    assert len(door.conversations.taken) == 1


def test_same_message_id_of_another_sender_is_another_message() -> None:
    door = Door()
    door.say("hoi", "s1", metadata={"message_id": "m1"})
    door.say("hoi", "s", metadata={"message_id": "1m1"})
    door.say("hoi", "s2", metadata={"message_id": "m1"})
    assert len({taken.update_id for taken in door.conversations.taken}) == 3


def test_update_id_does_not_show_who_sent_it() -> None:
    door = Door()
    door.say("hoi", "0612345678", metadata={"message_id": "m1"})
    assert "0612345678" not in str(door.last().update_id)


def test_text_of_ten_thousand_letters_passes_whole() -> None:
    door = Door()
    assert door.say("é" * 10_000).status == 200
    assert door.last().text == "é" * 10_000


def test_text_that_no_database_keeps_is_mended() -> None:
    door = Door()
    body = b'{"sender": "s1", "message": "a\\u0000b\\ud800c \\ud83d\\ude00"}'
    assert door.browser.post_json(HOOK, body).status == 200
    assert door.last().text == "a\ufffdb\ufffdc \U0001f600"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is not a JSON object in UTF-8."),
        (b"{", "The body is not a JSON object in UTF-8."),
        (b"[]", "The body is not a JSON object in UTF-8."),
        (b'{"sender": "\xff"}', "The body is not a JSON object in UTF-8."),
        (b"[" * 60_000, "The body is not a JSON object in UTF-8."),
        (b'{"message": "hoi"}', "The field 'sender' must be a string of 1 to 255 characters."),
        (b'{"sender": "", "message": "hoi"}', "The field 'sender' must be a string of 1 to 255 characters."),
        (b'{"sender": 7, "message": "hoi"}', "The field 'sender' must be a string of 1 to 255 characters."),
        (b'{"sender": "s1"}', "The field 'message' must be a string."),
        (b'{"sender": "s1", "message": null}', "The field 'message' must be a string."),
        (
            b'{"sender": "s1", "message": "hoi", "metadata": []}',
            "The field 'metadata' must be an object when it is given.",
        ),
        (
            b'{"sender": "s1", "message": "hoi", "metadata": {"message_id": 5}}',
            "The field 'metadata.message_id' must be a string of 1 to 255 characters when it is given.",
        ),
    ],
)
def test_bad_body_is_refused_by_name(body: bytes, sentence: str) -> None:
    door = Door()
    answer = door.browser.post_json(HOOK, body)
    assert (answer.status, answer.json["message"], door.conversations.taken) == (400, sentence, [])


def test_body_over_the_cap_is_refused() -> None:
    door = Door()
    answer = door.say("x" * 65_536)
    assert (answer.status, answer.json["error"]) == (413, "too_large")


def test_body_that_lies_about_its_length_is_refused() -> None:
    door = Door()
    body = json.dumps({"sender": "s1", "message": "x" * 65_536}).encode()
    answer = door.browser.ask("POST", HOOK, body, {"content-length": "10"})
    assert (answer.status, door.conversations.taken) == (413, [])


@pytest.mark.parametrize("length", ["65537", "9" * 40, "-1", "many"])
def test_body_that_is_said_to_be_too_large_is_not_waited_for(length: str) -> None:
    door = Door()
    answer = door.browser.ask("POST", HOOK, b'{"sender": "s1", "message": "hoi"}', {"content-length": length})
    assert (answer.status, door.conversations.taken) == (413, [])


def test_other_method_is_refused() -> None:
    answer = Door().browser.get(HOOK)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("peer", [HERE, ("127.8.9.1", 1), ("::1", 1), ("::ffff:127.0.0.1", 1)])
def test_program_on_this_machine_needs_no_token(peer: tuple[str, int]) -> None:
    assert Door(peer).say().status == 200


@pytest.mark.parametrize("peer", [AWAY, ("10.0.0.2", 1), ("::ffff:10.0.0.2", 1), ("unix", 0), None])
def test_program_elsewhere_is_refused(peer: tuple[str, int] | None) -> None:
    door = Door(peer)
    answer = door.say()
    assert (answer.status, answer.json["error"], door.conversations.taken) == (403, "forbidden", [])


@pytest.mark.parametrize(
    "name",
    ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-proto", "origin", "sec-fetch-site"],
)
def test_loopback_peer_that_only_passes_on_is_refused(name: str) -> None:
    door = Door()
    answer = door.browser.post_json(HOOK, {"sender": "s1", "message": "hoi"}, **{name: "127.0.0.1"})
    assert (answer.status, door.conversations.taken) == (403, [])


@pytest.mark.parametrize(
    ("query", "bearer", "status"),
    [
        ("?token=a+right+token", "", 200),
        ("?token=a%20right%20token", "", 200),
        ("", "Bearer a right token", 200),
        ("", "bearer a right token", 200),
        ("?token=wrong", "", 403),
        ("?token=", "", 403),
        ("", "Basic a right token", 403),
        ("", "Bearer wrong", 403),
        ("", "Bearer \u00e9", 403),
    ],
)
def test_token_opens_from_elsewhere_only_when_right(query: str, bearer: str, status: int) -> None:
    door = Door(AWAY)
    headers = {"authorization": bearer} if bearer else {}
    assert (
        door.browser.post_json(HOOK + query, {"sender": "s1", "message": "hoi"}, **headers).status == status
    )


@pytest.mark.parametrize("query", ["", "?token=", "?token"])
def test_empty_token_opens_for_nobody(query: str) -> None:
    door = Door(AWAY, rest_token="")
    body = {"sender": "s1", "message": "hoi"}
    assert door.browser.post_json(HOOK + query, body, authorization="Bearer ").status == 403


def test_too_many_are_told_when_to_come_back() -> None:
    door = Door(rest_rate=Rate(per_minute=6, burst=1))
    assert door.say().status == 200
    answer = door.say()
    assert (answer.status, answer.json["error"], answer.headers["retry-after"]) == (429, "too_often", "10")


def test_one_sender_who_sends_too_much_holds_up_no_other() -> None:
    door = Door(sender_rate=Rate(per_minute=6, burst=2))
    body = {"sender": "s1", "message": "hoi"}
    assert [door.browser.post_json(HOOK, body).status for _ in range(3)] == [200, 200, 429]
    assert door.browser.post_json(HOOK, body | {"sender": "s2"}).status == 200


def test_no_rate_means_no_limit() -> None:
    door = Door(rest_rate=None)
    assert {door.say().status for _ in range(30)} == {200}


def test_storage_down_asks_to_try_again() -> None:
    door = Door()
    door.conversations.fail.append(DomainError("storage_unavailable"))
    answer = door.say()
    assert (answer.status, answer.json["error"], answer.headers["retry-after"]) == (
        503,
        "storage_unavailable",
        "2",
    )
    assert door.say().status == 200


@pytest.mark.parametrize("error", [DomainError("something_else"), RuntimeError("geheim")])
def test_bug_is_answered_and_logged_without_what_was_said(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    door = Door()
    door.conversations.fail.append(error)
    answer = door.say("mijn geheim")
    assert (answer.status, answer.json["error"]) == (500, "broken")
    logged = "".join(capsys.readouterr())
    assert type(error).__name__ in logged
    assert "geheim" not in logged + answer.text


def test_health_is_as_rasa_says_it() -> None:
    answer = Door(AWAY).browser.get("/webhooks/rest/")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_file_is_in_the_answer_as_it_is() -> None:
    door = Door()
    door.conversations.says = (
        Message("Tot dan!", (), Document("afspraak.ics", "text/calendar", "BEGIN:VCALENDAR\r\n")),
    )
    assert door.say("ja").json == [
        {
            "recipient_id": "s1",
            "text": "Tot dan!",
            "document": {
                "name": "afspraak.ics",
                "media_type": "text/calendar",
                "content": "BEGIN:VCALENDAR\r\n",
            },
        }
    ]
