"""E-mail, one way: brings signals to the addresses of a team. Nothing is received here."""

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from bot.channels.mail_server import MailServer
from bot.ports import SendResult, Sent
from domain.message import Message

SECONDS = 20.0
"""How long a mail server may take for each answer."""

HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class MailTransport:
    """`bot.ports.Transport` over SMTP, in a thread: a slow server holds nobody up. Buttons stay behind."""

    def __init__(self, server: MailServer, *, sender: str, subject: str, now: Callable[[], datetime]) -> None:
        self._server, self._sender, self._subject, self._now = server, sender, subject, now

    async def send(self, channel_ref: str, message: Message) -> Sent:
        return await asyncio.to_thread(self._send, channel_ref, self._letter(channel_ref, message))

    def _letter(self, address: str, message: Message) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        letter["From"], letter["To"], letter["Subject"] = self._sender, address, self._subject
        letter["Date"] = format_datetime(self._now())
        letter["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        # No answering machine needs to react to this.
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter

    def _send(self, address: str, letter: EmailMessage) -> Sent:
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:  # nothing was handed in yet
            return Sent(SendResult.TROUBLE, code=type(error).__name__)
        try:
            connection.send_message(letter, self._sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            return _refused(max(code for code, _ in error.recipients.values()))
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            return Sent(SendResult.UNKNOWN, code=type(error).__name__)
        else:
            with contextlib.suppress(OSError, smtplib.SMTPException):  # it was taken; the goodbye is manners
                connection.quit()
            return Sent(SendResult.SENT)
        finally:
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        server, tls = self._server, ssl.create_default_context()
        if server.encrypts_at_once:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=SECONDS, context=tls
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        try:
            if not server.encrypts_at_once and server.host not in HERE:
                connection.starttls(context=tls)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _refused(code: int) -> Sent:
    """4xx asks to try again later; 5xx is a no."""
    return Sent(SendResult.TROUBLE if code < 500 else SendResult.REJECTED, code=str(code))
