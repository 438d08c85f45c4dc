"""What a person gets from Telegram, and what each failure on the wire means for the message."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from telegram import Bot
from telegram.error import NetworkError

from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.transport import TelegramTransport
from bot.ports import SendResult, Sent
from domain.message import Button, Document, Message
from tests.unit.bot.channels.fake_bot_api import (
    DROP,
    HANG,
    HTML,
    TOKEN,
    Answer,
    FakeBotApi,
    a_bot_api,
    refusal,
)

HELLO = Message("Hallo *daar* <b>u</b> https://example.org \N{WAVING HAND SIGN}")


@asynccontextmanager
async def a_bot(base_url: str) -> AsyncIterator[Bot]:
    request = AiohttpRequest(read_timeout=0.3, connect_timeout=2)
    await request.initialize()
    try:
        yield Bot(TOKEN, base_url=base_url, request=request, get_updates_request=request)
    finally:
        await request.shutdown()


@asynccontextmanager
async def a_transport() -> AsyncIterator[tuple[TelegramTransport, FakeBotApi]]:
    async with a_bot_api() as api, a_bot(api.url) as bot:
        yield TelegramTransport(bot), api


def send(message: Message, *answers: Answer, times: int = 1) -> tuple[list[Sent], FakeBotApi]:
    async def run() -> tuple[list[Sent], FakeBotApi]:
        async with a_transport() as (transport, api):
            api.script["sendMessage"] = list(answers)
            return [await transport.send("77", message) for _ in range(times)], api

    return asyncio.run(run())


def test_message_goes_as_plain_text_without_a_preview() -> None:
    sent, api = send(HELLO)
    assert sent == [Sent(SendResult.SENT)]
    expected = {"chat_id": 77, "text": HELLO.text, "link_preview_options": {"is_disabled": True}}
    assert api.params_of("sendMessage") == [expected]


def test_buttons_are_an_inline_keyboard() -> None:
    _, api = send(Message("Woont u hier?", (Button("Ja", "/a 1 yes"), Button("Nee", "/a 1 no"))))
    row = [{"text": "Ja", "callback_data": "/a 1 yes"}, {"text": "Nee", "callback_data": "/a 1 no"}]
    assert api.params_of("sendMessage")[0]["reply_markup"] == {"inline_keyboard": [row]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal(429, "Too Many Requests: retry after 7", retry_after=7), Sent(SendResult.WAIT, 7)),
        (Answer(429, "<html>", {"Retry-After": "9"}), Sent(SendResult.WAIT, 9)),
        (Answer(429, "[]"), Sent(SendResult.WAIT, 1)),
        (refusal(500, "Internal Server Error"), Sent(SendResult.TROUBLE)),
        (Answer(500, "[]"), Sent(SendResult.TROUBLE)),
        (HTML, Sent(SendResult.TROUBLE)),
        (Answer(200, "<html>log in to the wifi</html>"), Sent(SendResult.TROUBLE)),
        (Answer(302, "", {"Location": "/elsewhere"}), Sent(SendResult.TROUBLE)),
        (DROP, Sent(SendResult.UNKNOWN)),
        (HANG, Sent(SendResult.UNKNOWN)),
        (refusal(403, "Forbidden: bot was blocked by the user"), Sent(SendResult.BLOCKED)),
        (refusal(403, "Forbidden: user is deactivated"), Sent(SendResult.BLOCKED)),
        (refusal(400, "Bad Request: chat not found"), Sent(SendResult.BLOCKED)),
        (refusal(400, "Bad Request: BUTTON_DATA_INVALID"), Sent(SendResult.REJECTED, code="button_invalid")),
        (refusal(400, "Bad Request: something new about Jan"), Sent(SendResult.REJECTED, code="bad_request")),
        (
            refusal(400, "Bad Request: upgraded", migrate_to_chat_id=-5),
            Sent(SendResult.REJECTED, code="chat_migrated"),
        ),
        (refusal(401, "Unauthorized"), Sent(SendResult.TROUBLE, code="token")),
    ],
)
def test_failure_is_a_value(answer: Answer, expected: Sent) -> None:
    assert send(HELLO, answer)[0] == [expected]


def test_nobody_listening_is_trouble_since_nothing_was_sent() -> None:
    async def run() -> Sent:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            async with a_bot(f"http://127.0.0.1:{unused.getsockname()[1]}/bot") as bot:
                return await TelegramTransport(bot).send("77", HELLO)

    assert asyncio.run(run()) == Sent(SendResult.TROUBLE)


def test_empty_message_is_rejected_without_asking_telegram() -> None:
    sent, api = send(Message(" "))
    assert (sent, api.calls) == ([Sent(SendResult.REJECTED, code="text_empty")], [])


LONG = Message("a" * 4000 + "\n\n" + "b" * 4000, (Button("Ja", "/yes"),))
MORE = Sent(SendResult.WAIT, 1.0, "more")


def starts(api: FakeBotApi) -> list[str]:
    return [call["text"][0] for call in api.params_of("sendMessage")]


def test_long_message_goes_piece_by_piece() -> None:
    sent, api = send(LONG, times=3)
    assert sent == [MORE, Sent(SendResult.SENT), MORE]
    assert starts(api) == ["a", "b", "a"]


def test_long_message_goes_on_where_trouble_stopped_it() -> None:
    sent, api = send(LONG, Answer(200, '{"ok": true, "result": true}'), HTML, times=3)
    assert sent == [MORE, Sent(SendResult.TROUBLE), Sent(SendResult.SENT)]
    assert starts(api) == ["a", "b", "b"]


def test_long_message_starts_anew_after_an_unknown_piece() -> None:
    sent, api = send(LONG, Answer(200, '{"ok": true, "result": true}'), DROP, times=4)
    assert [one.result for one in sent] == ["wait", "unknown", "wait", "sent"]
    assert starts(api) == ["a", "b", "a", "b"]


@pytest.mark.parametrize(
    "answer", [HTML, DROP, HANG, refusal(400, "Bad Request: no"), refusal(401, "Unauthorized")]
)
def test_logs_and_errors_hold_no_token_chat_or_text(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("telegram").setLevel(logging.NOTSET)

    async def run() -> BaseException:
        async with a_bot_api() as api, a_bot(api.url) as bot:
            api.script["sendMessage"] = [answer, answer]
            await TelegramTransport(bot).send("7755331", Message("mijn geheim"))
            try:
                await bot.send_message(7755331, "mijn geheim")
            except Exception as error:  # every kind, to look into all of its chain
                return error
        raise AssertionError("no error came")

    with capture_logs() as events:
        error: BaseException | None = asyncio.run(run())
    said = f"{events}{caplog.text}"
    while error is not None:
        said += repr(error) + str(error)
        error = error.__cause__ or error.__context__
    assert [word for word in (TOKEN, "7755331", "mijn geheim") if word in said] == []


def test_address_that_cannot_be_read_is_not_quoted() -> None:
    async def run() -> NetworkError:
        async with a_bot("http://[broken/bot") as bot:
            try:
                await bot.get_me()
            except NetworkError as error:
                return error
        raise AssertionError("no error came")

    error = asyncio.run(run())
    assert TOKEN not in f"{error!r} {error.__cause__!r} {error.__context__!r}"


INVITED = Message(
    "Kunt u dinsdag?",
    (Button("Ja", "/yes"),),
    Document("afspraak.ics", "text/calendar", "BEGIN:VCALENDAR\r\nSUMMARY:Één\r\n"),
)


def send_file(message: Message, *answers: Answer, times: int = 1) -> tuple[list[Sent], FakeBotApi]:
    async def run() -> tuple[list[Sent], FakeBotApi]:
        async with a_transport() as (transport, api):
            api.script["sendDocument"] = list(answers)
            return [await transport.send("77", message) for _ in range(times)], api

    return asyncio.run(run())


def test_file_goes_with_its_words_and_buttons_in_one_call() -> None:
    sent, api = send_file(INVITED)

    assert sent == [Sent(SendResult.SENT)]
    [(method, params)] = api.calls
    assert (method, params["chat_id"], params["caption"]) == ("sendDocument", "77", "Kunt u dinsdag?")
    assert "/yes" in params["reply_markup"]
    assert INVITED.document is not None
    assert ("afspraak.ics", INVITED.document.content.encode()) in params.values()


def test_file_that_is_tried_again_brings_its_words_once() -> None:
    sent, api = send_file(INVITED, refusal(500, "Internal Server Error"), times=2)

    assert [each.result for each in sent] == [SendResult.TROUBLE, SendResult.SENT]
    assert len(api.params_of("sendDocument")) == 2
    assert api.params_of("sendMessage") == []


def test_long_words_are_not_said_again_when_the_file_after_them_is_in_trouble() -> None:
    long = Message("a" * 2000, (), INVITED.document)
    sent, api = send_file(long, refusal(500, "Internal Server Error"), times=3)

    assert [each.result for each in sent] == [SendResult.WAIT, SendResult.TROUBLE, SendResult.SENT]
    assert len(api.params_of("sendMessage")) == 1


def test_file_that_is_refused_does_not_keep_back_the_words() -> None:
    sent, api = send_file(INVITED, refusal(400, "Bad Request: file must be non-empty"))

    assert sent == [Sent(SendResult.SENT)]
    [words] = api.params_of("sendMessage")
    assert (words["text"], "/yes" in str(words["reply_markup"])) == ("Kunt u dinsdag?", True)
