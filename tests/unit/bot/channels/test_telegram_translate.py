"""What every kind of Telegram update means for us."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from bot.channels.telegram.translate import (
    PAYLOAD_OF_COMMAND,
    Blocked,
    GroupRefusal,
    Ignored,
    Translated,
    Turn,
    chat_of,
    translate,
)
from bot.channels.telegram.words import menu
from bot.texts.catalogue import LANGUAGES
from domain.message import Incoming, IncomingKind

NOW = datetime(2026, 3, 2, 10, 0, 5, tzinfo=UTC)
SAID_AT = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)
DATE = int(SAID_AT.timestamp())
FATIMA = {"id": 77, "is_bot": False, "first_name": "Fatima", "language_code": "nl"}
CHAT = {"id": 77, "type": "private", "first_name": "Fatima"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Buurtapp"}
BOT = {"id": 5, "is_bot": True, "first_name": "Wijkverhaal", "username": "wijkverhaal_bot"}


def message(chat: dict[str, Any] = CHAT, **content: Any) -> dict[str, Any]:
    body = {"message_id": 9, "date": DATE, "chat": chat, "from": FATIMA, **content}
    return {"update_id": 501, "message": body}


def press(data: str = "/answer 3 yes", chat: dict[str, Any] = CHAT, date: int = DATE) -> dict[str, Any]:
    shown = {"message_id": 8, "date": date, "chat": chat, "from": BOT, "text": "Woont u in de wijk?"}
    query = {
        "id": "4382bfdwdsb323b2d9",
        "from": FATIMA,
        "message": shown,
        "chat_instance": "-1",
        "data": data,
    }
    return {"update_id": 502, "callback_query": query}


def membership(status: str, chat: dict[str, Any] = CHAT) -> dict[str, Any]:
    details = {"until_date": 0} if status == "kicked" else {}
    change = {
        "chat": chat,
        "from": FATIMA,
        "date": DATE,
        "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": {"user": BOT, "status": status, **details},
    }
    return {"update_id": 503, "my_chat_member": change}


def incoming(
    kind: IncomingKind, text: str = "", code: str = "", at: datetime = SAID_AT, reference: str = ""
) -> Incoming:
    named = "9" if kind in (IncomingKind.TEXT, IncomingKind.EDIT) else ""
    return Incoming(
        "telegram",
        "77",
        kind,
        at,
        update_id="501",
        text=text,
        language="nl",
        code=code,
        message=named,
        reference=reference,
    )


def taken(update: dict[str, Any]) -> Incoming:
    meaning = translate(update, NOW)
    assert isinstance(meaning, Turn)
    return meaning.incoming


@pytest.mark.parametrize(
    "text",
    [
        "ik woon hier fijn",
        "Ja! \N{PARTY POPPER}\N{FAMILY}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
        "\u0645\u0631\u062d\u0628\u0627 \u200f\u202bhoi\u202c",
        "regel 1\nregel 2\n\n   ",
        "<b>*_[x](y)`</b> & c",
        "a" * 10_000,
        "/onbekend iets",
        "/",
        "stop",
        " ",
    ],
)
def test_text_is_taken_exactly_as_written(text: str) -> None:
    assert taken(message(text=text)) == incoming(IncomingKind.TEXT, text)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("a\x00b", "ab"), ("half \ud83d emoji", "half \ufffd emoji"), ("\udc00\x00", "\ufffd")],
)
def test_characters_that_no_database_takes_do_not_reach_it(sent: str, kept: str) -> None:
    assert taken(message(text=sent)).text == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/start POSTER-7_b", "POSTER-7_b"),
        ("/START flyer", "flyer"),
        ("/start@wijkverhaal_bot flyer", "flyer"),
    ],
)
def test_start_opens_the_chat_with_its_code(text: str, code: str) -> None:
    assert taken(message(text=text)) == incoming(IncomingKind.OPEN, code=code)


@pytest.mark.parametrize(
    "text", ["/start", "/Start", "/start@wijkverhaal_bot", "/start niet zomaar", "/start " + "x" * 65]
)
def test_start_without_a_code_is_the_wish_to_go_on(text: str) -> None:
    assert taken(message(text=text)) == incoming(IncomingKind.TAP, "/start")


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("/stop", "/stop"),
        ("/Stop", "/stop"),
        ("/stop nu meteen", "/stop"),
        ("/stop@wijkverhaal_bot", "/stop"),
        ("/pauze", "/pause"),
        ("/hulp", "/help"),
        ("/privacy", "/privacy"),
        ("/taal", "/language"),
        ("/wissen", "/erase"),
        ("/antwoorden", "/my_data"),
        ("/verder", "/start"),
        ("/continue ", "/start"),
    ],
)
def test_command_from_the_menu_is_a_tap(text: str, payload: str) -> None:
    assert taken(message(text=text)) == incoming(IncomingKind.TAP, payload)


def test_menu_offers_the_same_things_in_every_language() -> None:
    offered = {language: [PAYLOAD_OF_COMMAND[word] for word in menu(language)] for language in LANGUAGES}
    assert offered["en"] == offered["nl"]


def test_command_followed_by_a_letter_is_text() -> None:
    assert taken(message(text="/stopbord")).kind is IncomingKind.TEXT


def test_press_is_a_tap_at_the_time_it_came_in() -> None:
    expected = Incoming("telegram", "77", IncomingKind.TAP, NOW, "502", "/answer 3 yes", "nl")
    assert translate(press(), NOW) == Turn(expected, callback_id="4382bfdwdsb323b2d9")


def test_press_on_a_message_too_old_to_be_shown_is_still_a_tap() -> None:
    assert taken(press(date=0)).text == "/answer 3 yes"


def test_press_in_a_group_is_answered_and_nothing_else() -> None:
    assert translate(press(chat=GROUP), NOW) == Ignored("press_elsewhere", "4382bfdwdsb323b2d9")


FILE = {"file_id": "AgAC", "file_unique_id": "AQAD", "file_size": 20}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"voice": FILE | {"duration": 3}}, incoming(IncomingKind.VOICE, reference="telegram:AgAC")),
        (
            {"photo": [FILE | {"width": 9, "height": 9}]},
            incoming(IncomingKind.PHOTO, reference="telegram:AgAC"),
        ),
        (
            {"photo": [FILE | {"width": 9, "height": 9}], "caption": "ik wil niet meer"},
            incoming(IncomingKind.PHOTO, "ik wil niet meer", reference="telegram:AgAC"),
        ),
        (
            {"location": {"latitude": 50.85, "longitude": 5.69}},
            incoming(IncomingKind.LOCATION, reference="50.85 5.69 0 0.0"),
        ),
        ({"document": FILE, "caption": "brief"}, incoming(IncomingKind.OTHER, "brief")),
        ({"contact": {"phone_number": "0612345678", "first_name": "A"}}, incoming(IncomingKind.OTHER)),
        ({"dice": {"emoji": "\N{GAME DIE}", "value": 3}}, incoming(IncomingKind.OTHER)),
    ],
)
def test_what_is_not_text_keeps_its_kind_and_caption(content: dict[str, Any], expected: Incoming) -> None:
    assert taken(message(**content)) == expected


@pytest.mark.parametrize(
    "caption", ["stop", " STOP! ", "/stop", "Stop \N{OCTAGONAL SIGN}", "ik wil stoppen."]
)
def test_stop_as_a_caption_stops(caption: str) -> None:
    photo = [FILE | {"width": 9, "height": 9}]
    assert taken(message(photo=photo, caption=caption)) == incoming(IncomingKind.TAP, "/stop")


@pytest.mark.parametrize("caption", ["stoplicht", "de bushalte, een stop", "stop met bouwen hier"])
def test_stop_among_other_words_of_a_caption_is_left_to_be_heard(caption: str) -> None:
    photo = [FILE | {"width": 9, "height": 9}]
    expected = incoming(IncomingKind.PHOTO, caption, reference="telegram:AgAC")
    assert taken(message(photo=photo, caption=caption)) == expected


def test_edited_text_names_the_message_it_changes() -> None:
    edited = message(text="beter", edit_date=DATE + 60)["message"]
    expected = incoming(IncomingKind.EDIT, "beter", at=NOW)
    assert taken({"update_id": 501, "edited_message": edited}) == expected


def test_sticker_is_something_we_cannot_use() -> None:
    form = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    assert taken(message(sticker=FILE | form)) == incoming(IncomingKind.OTHER)


@pytest.mark.parametrize(
    ("update", "meaning"),
    [
        ({"update_id": 1, "edited_message": message(location={})["message"]}, Ignored("edited")),
        ({"update_id": 1, "poll": {"id": "3"}}, Ignored("unknown")),
        (message(pinned_message=message(text="x")["message"]), Ignored("service_message")),
        (message(chat=GROUP, text="hoi"), GroupRefusal("-1001")),
        (message(chat=GROUP, new_chat_members=[BOT]), GroupRefusal("-1001")),
        (membership("member", GROUP), GroupRefusal("-1001")),
        (membership("left", GROUP), Ignored("left_group")),
        (message(chat={"id": -5, "type": "channel", "title": "Nieuws"}, text="hoi"), Ignored("channel")),
        (membership("kicked"), Blocked("77", SAID_AT)),
        (membership("member"), Ignored("unblocked")),
    ],
)
def test_what_is_no_turn(update: dict[str, Any], meaning: Translated) -> None:
    assert translate(update, NOW) == meaning


def test_another_bot_is_not_answered() -> None:
    update = message(text="hoi")
    update["message"]["from"] = BOT
    assert translate(update, NOW) == Ignored("bot")


@pytest.mark.parametrize(("code", "language"), [("nl", "nl"), ("en-GB", "en"), ("pt-br", "pt"), (None, "")])
def test_language_is_the_first_part_of_the_code(code: str | None, language: str) -> None:
    update = message(text="hoi")
    person = {key: value for key, value in FATIMA.items() if key != "language_code"}
    update["message"]["from"] = person | ({"language_code": code} if code else {})
    assert taken(update).language == language


def test_date_in_the_future_is_now() -> None:
    update = message(text="hoi")
    update["message"]["date"] = DATE + 3600
    assert taken(update).at == NOW


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {"chat": 7}},
        {"update_id": 1, "message": {"chat": CHAT, "from": FATIMA, "date": "soon", "text": "hoi"}},
        {"update_id": 1, "message": {"chat": CHAT, "from": FATIMA, "date": DATE, "text": 7}},
        {"update_id": 1, "message": {"chat": CHAT, "from": FATIMA, "date": DATE, "photo": []}},
        {"update_id": 1, "message": {"chat": CHAT, "from": FATIMA, "date": 10**20, "text": "hoi"}},
        {"update_id": 1, "callback_query": []},
        {"message": {"chat": CHAT, "from": FATIMA, "date": DATE, "text": "hoi"}},
    ],
)
def test_malformed_update_is_ignored(update: dict[str, Any]) -> None:
    assert translate(update, NOW) == Ignored("malformed")


def test_update_of_an_unknown_shape_has_no_chat() -> None:
    unknown: list[dict[str, Any]] = [{}, {"message": []}, {"message": {"chat": 3}}]
    assert [chat_of(update) for update in unknown] == ["", "", ""]


@pytest.mark.parametrize(
    ("update", "chat"), [(message(text="x"), "77"), (press(), "77"), (membership("kicked"), "77")]
)
def test_chat_of_an_update(update: dict[str, Any], chat: str) -> None:
    assert chat_of(update) == chat


@pytest.mark.parametrize(
    "update", [message(text="hoi"), press(), membership("kicked"), message(voice=FILE | {"duration": 1})]
)
def test_updates_of_these_tests_are_real_to_python_telegram_bot(update: dict[str, Any]) -> None:
    parsed = Update.de_json(update)
    assert parsed.effective_chat is not None
    assert parsed.effective_chat.id == 77
    assert parsed.update_id == update["update_id"]


leaves = st.none() | st.booleans() | st.integers() | st.text()
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
parts = st.fixed_dictionaries(
    {},
    optional={
        "chat": anything,
        "from": anything,
        "date": anything,
        "text": anything,
        "message": anything,
        "id": anything,
    },
)


@given(
    st.fixed_dictionaries(
        {},
        optional={"update_id": anything, "message": parts, "callback_query": parts, "my_chat_member": parts},
    )
)
def test_nothing_that_comes_in_breaks_the_translation(update: dict[str, Any]) -> None:
    assert isinstance(translate(update, NOW), Turn | GroupRefusal | Blocked | Ignored)
