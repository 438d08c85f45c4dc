"""E-mail over a real connection to a mail server on this machine."""

import ssl
from datetime import UTC, datetime

import pytest

from bot.channels.mail import MailTransport
from bot.channels.mail_server import MailServer, parse_server
from bot.ports import SendResult, Sent
from domain.message import Button, Document, Message
from tests.fakes.mail_server import Post, post_office

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 21, tzinfo=UTC)
FROM, TO = "bot@example.nl", "wacht@example.nl"
MESSAGE = Message("Signaal: acuut gevaar.\nKenmerk: x1\n\nÉén keer", (Button("Ik pak het op", "/handle.1"),))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def transport(post: Post, login: str = "") -> MailTransport:
    server = parse_server(f"smtp://{login}127.0.0.1:{post.port}")
    return MailTransport(server, sender=FROM, subject="Wijkverhaal: een signaal", now=lambda: NOW)


async def test_letter_arrives_with_its_words_and_without_buttons() -> None:
    async with post_office() as post:
        assert await transport(post).send(TO, MESSAGE) == Sent(SendResult.SENT)
        [(to, letter)] = post.letters

    assert (to, letter["From"], letter["To"]) == ([TO], FROM, TO)
    assert letter["Subject"] == "Wijkverhaal: een signaal"
    assert letter["Date"] == "Mon, 23 Nov 2026 21:00:00 +0000"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().splitlines() == MESSAGE.text.splitlines()


async def test_name_and_password_are_given() -> None:
    async with post_office() as post:
        assert (await transport(post, "anna:ge%40heim@").send(TO, MESSAGE)).result is SendResult.SENT

    assert post.logins == [("anna", "ge@heim")]


@pytest.mark.parametrize(
    "answer, sent",
    [
        ("451 later", Sent(SendResult.TROUBLE, code="451")),
        ("550 never", Sent(SendResult.REJECTED, code="550")),
    ],
)
async def test_answer_of_the_server_decides_whether_it_is_tried_again(answer: str, sent: Sent) -> None:
    async with post_office() as post:
        post.answer = answer
        assert await transport(post).send(TO, MESSAGE) == sent


@pytest.mark.parametrize(
    "refused, sent",
    [
        ("553 unknown", Sent(SendResult.REJECTED, code="553")),
        ("450 greylisted", Sent(SendResult.TROUBLE, code="450")),
    ],
)
async def test_address_that_is_refused_is_told_by_its_code(refused: str, sent: Sent) -> None:
    async with post_office() as post:
        post.refused = refused
        assert await transport(post).send(TO, MESSAGE) == sent
    assert post.letters == []


async def test_server_that_hangs_up_over_a_letter_may_have_taken_it() -> None:
    async with post_office() as post:
        post.answer = None
        assert (await transport(post).send(TO, MESSAGE)).result is SendResult.UNKNOWN


async def test_server_that_is_not_there_is_trouble() -> None:
    async with post_office() as post:
        pass
    assert await transport(post).send(TO, MESSAGE) == Sent(SendResult.TROUBLE, code="ConnectionRefusedError")


async def test_server_elsewhere_gets_no_word_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard: whoever is not this machine has to encrypt first, also when the server does not offer it."""
    async with post_office() as post:
        monkeypatch.setattr("bot.channels.mail.HERE", frozenset())
        sent = await transport(post, "anna:geheim@").send(TO, MESSAGE)

    assert sent == Sent(SendResult.TROUBLE, code="SMTPNotSupportedError")
    assert (post.logins, post.letters) == ([], [])


async def test_server_that_encrypts_at_once_is_spoken_to_in_tls() -> None:
    async with post_office() as post:
        server = parse_server(f"smtps://127.0.0.1:{post.port}")
        sent = await MailTransport(server, sender=FROM, subject="x", now=lambda: NOW).send(TO, MESSAGE)

    assert sent.result is SendResult.TROUBLE
    assert issubclass(getattr(ssl, sent.code), ssl.SSLError)
    assert post.tried == 0


@pytest.mark.parametrize(
    "url, server",
    [
        ("smtp://mail.example.nl", MailServer("mail.example.nl", 587)),
        ("smtps://mail.example.nl/", MailServer("mail.example.nl", 465, True)),
        (
            "smtp://anna%40example.nl:g%3A1@mail.example.nl:2525",
            MailServer("mail.example.nl", 2525, False, "anna@example.nl", "g:1"),
        ),
    ],
)
def test_server_is_read_from_one_line(url: str, server: MailServer) -> None:
    assert parse_server(url) == server


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.nl", "http://mail.example.nl", "smtp://", "smtp://x:port", "smtp://x/y", "smtp://x?y"],
)
def test_what_is_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        parse_server(url)


LETTER = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:CANCEL\r\nSUMMARY:Één gesprek\r\nEND:VCALENDAR\r\n"


async def test_invitation_is_beside_the_words_and_a_file_as_well() -> None:
    message = Message("Het gesprek gaat niet door.", (), Document("afspraak.ics", "text/calendar", LETTER))
    async with post_office() as post:
        server = parse_server(f"smtp://127.0.0.1:{post.port}")
        sender = MailTransport(
            server, sender=FROM, subject="Een signaal", invites="Een gesprek", now=lambda: NOW
        )
        assert await sender.send(TO, message) == Sent(SendResult.SENT)
        [(_, letter)] = post.letters

    assert letter["Subject"] == "Een gesprek"
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == message.text
    parts = {part.get_content_type(): part for part in letter.walk()}
    assert parts["text/calendar"].get_param("method") == "CANCEL"
    assert parts["text/calendar"].get_param("charset") == "utf-8"
    assert parts["text/calendar"].get_payload(decode=True) == LETTER.encode()
    assert parts["application/ics"].get_payload(decode=True) == LETTER.encode()
    assert parts["application/ics"].get_filename() == "afspraak.ics"


async def test_another_file_is_attached() -> None:
    message = Message("Hierbij.", (), Document("plan.csv", "text/csv", "a;b\r\n"))
    async with post_office() as post:
        assert await transport(post).send(TO, message) == Sent(SendResult.SENT)
        [(_, letter)] = post.letters

    [attached] = letter.iter_attachments()
    assert (attached.get_filename(), attached.get_payload(decode=True)) == ("plan.csv", b"a;b\r\n")
