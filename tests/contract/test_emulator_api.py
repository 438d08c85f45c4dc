"""The emulated Bot API accepts what Telegram accepts and refuses what Telegram refuses."""

import json
from typing import Any

import aiohttp
import pytest

from tests.emulator.client import Emulator, EmulatorError, Resident
from tests.emulator.fixtures import anyio_backend, emulator, running_emulator

__all__ = ["anyio_backend", "emulator", "running_emulator"]
pytestmark = pytest.mark.anyio

BAD_BUTTON = "can't parse inline keyboard button"
BAD_ROWS = "can't parse inline keyboard"


@pytest.fixture
async def fatima(emulator: Emulator) -> Resident:
    resident = await emulator.resident("Fatima")
    await resident.start()
    return resident


async def refusal(emulator: Emulator, method: str, **params: Any) -> tuple[int, str]:
    answer = await emulator.call(method, **params)
    assert answer["ok"] is False, answer
    return answer["error_code"], answer["description"]


def one_button(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[button]]}


async def test_wrong_token_and_unknown_method_are_refused_as_by_telegram(emulator: Emulator) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{emulator.url}/bot1:WRONG/getMe") as answer:
            assert (answer.status, await answer.json()) == (
                401,
                {"ok": False, "error_code": 401, "description": "Unauthorized"},
            )
        async with http.get(f"{emulator.bot_url}getMeNot") as answer:
            assert (answer.status, (await answer.json())["description"]) == (404, "Not Found")


async def test_json_form_query_and_multipart_mean_the_same(emulator: Emulator, fatima: Resident) -> None:
    markup = one_button(text="Ja", callback_data="ja")
    plain = {"chat_id": str(fatima.chat_id), "text": "één & twee", "reply_markup": json.dumps(markup)}
    multipart = aiohttp.FormData(plain, default_to_multipart=True)
    url = f"{emulator.bot_url}sendMessage"
    async with aiohttp.ClientSession() as http:
        for request in (
            http.post(url, json=plain | {"reply_markup": markup}),
            http.post(url, data=plain),
            http.get(url, params=plain),
            http.post(url, data=multipart),
        ):
            async with request as answer:
                assert answer.status == 200
    seen = [(message.text, message.titles) for message in await fatima.next_messages(4)]
    assert seen == [("één & twee", ["Ja"])] * 4


async def test_text_is_counted_in_utf16_units(emulator: Emulator, fatima: Resident) -> None:
    wave = "\N{WAVING HAND SIGN}"
    assert (await emulator.call("sendMessage", chat_id=fatima.chat_id, text=wave * 2048))["ok"] is True
    too_long = await refusal(emulator, "sendMessage", chat_id=fatima.chat_id, text=wave * 2048 + "!")
    assert too_long == (400, "Bad Request: message is too long")
    empty = await refusal(emulator, "sendMessage", chat_id=fatima.chat_id, text=" \n")
    assert empty == (400, "Bad Request: message text is empty")


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        (one_button(text="Ja", callback_data="é" * 32 + "x"), "BUTTON_DATA_INVALID"),
        (one_button(text="Ja", callback_data=""), "BUTTON_DATA_INVALID"),
        (one_button(text="Ja"), f"{BAD_BUTTON}: exactly one action is allowed and needed"),
        (one_button(callback_data="x"), f'{BAD_BUTTON}: Field "text" must be of type String'),
        ({"inline_keyboard": [{"text": "Ja"}]}, f"{BAD_ROWS}: an Array of Arrays of buttons is expected"),
        ({"keyboard": [["Ja"] * 101]}, "reply markup is too long"),
        ({"buttons": []}, "can't parse reply markup JSON object"),
        ("[", "can't parse reply_markup JSON object"),
    ],
)
async def test_bad_keyboard_is_refused_and_nothing_sent(
    emulator: Emulator, fatima: Resident, markup: Any, reason: str
) -> None:
    refused = await refusal(emulator, "sendMessage", chat_id=fatima.chat_id, text="x", reply_markup=markup)
    assert refused == (400, f"Bad Request: {reason}")
    assert await fatima.unread() == []


async def test_callback_data_of_64_bytes_is_taken(emulator: Emulator, fatima: Resident) -> None:
    markup = one_button(text="Ja", callback_data="é" * 32)
    assert (await emulator.call("sendMessage", chat_id=fatima.chat_id, text="x", reply_markup=markup))["ok"]


@pytest.mark.parametrize(
    ("mode", "text", "plain"),
    [
        ("HTML", "<b>wijk</b> &amp; <a href='https://a.nl'>buurt</a>", "wijk & buurt"),
        ("MarkdownV2", r"*wijk* \& __buurt__ [hier](https://a.nl)", "wijk & buurt hier"),
        ("Markdown", "*wijk* `a_b` (zo)!", "wijk a_b (zo)!"),
        ("HTML", "<b>wijk", None),
        ("HTML", "<b>wijk</i>", None),
        ("HTML", "3 < 4", None),
        ("HTML", "<h1>wijk</h1>", None),
        ("MarkdownV2", "wijk.", None),
        ("MarkdownV2", "*wijk", None),
        ("Markdown", "mijn_antwoord", None),
        ("BBCode", "wijk", None),
    ],
)
async def test_parse_modes(
    emulator: Emulator, fatima: Resident, mode: str, text: str, plain: str | None
) -> None:
    answer = await emulator.call("sendMessage", chat_id=fatima.chat_id, text=text, parse_mode=mode)
    assert answer.get("result", {}).get("text") == plain
    assert answer.get("error_code") == (None if plain else 400)


async def test_unreachable_chats_are_told_apart(emulator: Emulator, fatima: Resident) -> None:
    stranger = await emulator.resident("Jan")
    assert await refusal(emulator, "sendMessage", chat_id=1, text="x") == (400, "Bad Request: chat not found")
    assert await refusal(emulator, "sendMessage", chat_id=stranger.chat_id, text="x") == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )
    await fatima.block()
    blocked = (403, "Forbidden: bot was blocked by the user")
    assert await refusal(emulator, "sendMessage", chat_id=fatima.chat_id, text="x") == blocked
    assert await refusal(emulator, "sendChatAction", chat_id=fatima.chat_id, action="typing") == blocked
    await fatima.unblock()
    assert (await emulator.call("sendMessage", chat_id=fatima.chat_id, text="x"))["ok"] is True


async def test_edit_changes_takes_buttons_away_and_refuses_what_is_the_same(
    emulator: Emulator, fatima: Resident
) -> None:
    markup = one_button(text="Ja", callback_data="ja")
    sent = await emulator.call("sendMessage", chat_id=fatima.chat_id, text="een", reply_markup=markup)
    place = {"chat_id": fatima.chat_id, "message_id": sent["result"]["message_id"]}
    code, same = await refusal(emulator, "editMessageText", **place, text="een", reply_markup=markup)
    assert (code, same.partition(":")[2].partition(":")[0]) == (400, " message is not modified")
    assert (await emulator.call("editMessageText", **place, text="twee"))["ok"] is True
    (message,) = await fatima.next_messages()
    assert (message.text, message.buttons, message.edited) == ("twee", [], True)
    assert (await emulator.call("editMessageReplyMarkup", **place, reply_markup=markup))["ok"] is True
    await fatima.tap("Ja")
    assert (await emulator.call("deleteMessage", **place))["ok"] is True
    assert await refusal(emulator, "editMessageText", **place, text="drie") == (
        400,
        "Bad Request: message to edit not found",
    )
    with pytest.raises(EmulatorError, match="no button 'Ja'"):
        await fatima.tap("Ja")


async def test_press_can_be_answered_while_it_is_young(emulator: Emulator, fatima: Resident) -> None:
    markup = one_button(text="Ja", callback_data="ja")
    await emulator.call("sendMessage", chat_id=fatima.chat_id, text="een", reply_markup=markup)
    await fatima.tap("Ja")
    query_id = (await emulator.updates())[-1]["callback_query"]["id"]
    assert (await emulator.call("answerCallbackQuery", callback_query_id=query_id, text="ok"))[
        "result"
    ] is True
    assert await fatima.toasts() == ["ok"]
    await emulator.advance(151)
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await refusal(emulator, "answerCallbackQuery", callback_query_id=query_id) == (400, too_old)
    assert await refusal(emulator, "answerCallbackQuery", callback_query_id="1") == (400, too_old)


async def test_reply_keyboard_is_tapped_as_text_until_it_is_removed(
    emulator: Emulator, fatima: Resident
) -> None:
    keyboard = {"keyboard": [[{"text": "Ja"}, "Nee"]]}
    await emulator.call("sendMessage", chat_id=fatima.chat_id, text="een", reply_markup=keyboard)
    await fatima.tap("Nee")
    assert (await fatima.transcript())[-1].text == "Nee"
    removal = {"remove_keyboard": True}
    await emulator.call("sendMessage", chat_id=fatima.chat_id, text="twee", reply_markup=removal)
    with pytest.raises(EmulatorError, match="no button 'Nee'"):
        await fatima.tap("Nee")


async def test_files_go_both_ways(emulator: Emulator, fatima: Resident) -> None:
    form = aiohttp.FormData({"chat_id": str(fatima.chat_id), "caption": "brief", "document": "attach://f0"})
    content = b"\r\n--\x00\xff\r\n\r\nslot\r\n"
    form.add_field("f0", content, filename="brief.ics", content_type="text/calendar")
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{emulator.bot_url}sendDocument", data=form) as answer:
            document = (await answer.json())["result"]["document"]
        found = (await emulator.call("getFile", file_id=document["file_id"]))["result"]
        async with http.get(f"{emulator.url}/file/bot{emulator.token}/{found['file_path']}") as answer:
            assert await answer.read() == content
    again = await emulator.call("sendDocument", chat_id=fatima.chat_id, document=document["file_id"])
    assert again["result"]["document"]["file_id"] == document["file_id"]
    assert await refusal(emulator, "sendVoice", chat_id=fatima.chat_id, voice="nooit gezien") == (
        400,
        "Bad Request: wrong file identifier/HTTP URL specified",
    )


async def test_commands_are_kept_per_language(emulator: Emulator) -> None:
    stop = [{"command": "stop", "description": "Stoppen"}]
    assert (await emulator.call("setMyCommands", commands=stop, language_code="nl"))["result"] is True
    assert (await emulator.call("getMyCommands", language_code="nl"))["result"] == stop
    assert (await emulator.call("getMyCommands"))["result"] == []
    assert (await emulator.call("deleteMyCommands", language_code="nl"))["result"] is True
    assert (await emulator.call("getMyCommands", language_code="nl"))["result"] == []
    wrong = [{"command": "Stop!", "description": "Stoppen"}]
    assert await refusal(emulator, "setMyCommands", commands=wrong) == (
        400,
        "Bad Request: BOT_COMMAND_INVALID",
    )
    described = await emulator.call("setMyDescription", description="Een praatje over uw wijk")
    button = await emulator.call("setChatMenuButton", menu_button={"type": "commands"})
    assert (described["result"], button["result"]) == (True, True)
    too_long = await refusal(emulator, "setMyShortDescription", short_description="x" * 121)
    assert too_long == (400, "Bad Request: short_description is too long")


async def test_limits_refuse_a_flood_and_time_heals(emulator: Emulator, fatima: Resident) -> None:
    await emulator.speed(0)  # no second passes by itself, however slow the machine
    await emulator.limits(private_burst=2)
    send = {"chat_id": fatima.chat_id, "text": "x"}
    assert [(await emulator.call("sendMessage", **send))["ok"] for _ in range(2)] == [True, True]
    url = f"{emulator.bot_url}sendMessage"
    async with aiohttp.ClientSession() as http, http.post(url, json=send) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
        assert (await answer.json())["parameters"] == {"retry_after": 1}
    await emulator.advance(1)
    assert (await emulator.call("sendMessage", **send))["ok"] is True
    await emulator.limits(enabled=False)
    assert all([(await emulator.call("sendMessage", **send))["ok"] for _ in range(40)])


async def test_limits_of_a_group_and_of_all_chats(emulator: Emulator) -> None:
    await emulator.speed(0)
    people = [await emulator.resident(f"Bewoner {number}") for number in range(7)]
    group = await emulator.group("Overleg", *people)
    sent = [(await emulator.call("sendMessage", chat_id=group, text="x"))["ok"] for _ in range(21)]
    assert sent == [True] * 20 + [False]
    await emulator.limits()
    for person in people:
        await person.start()
    answers = [
        await emulator.call("sendMessage", chat_id=people[i // 5].chat_id, text="x") for i in range(31)
    ]
    assert [answer["ok"] for answer in answers] == [True] * 30 + [False]
