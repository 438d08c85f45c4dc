"""E-mail, one way: brings signals to the addresses of a team, and invitations to meemakers. Nothing is received here."""

import asyncio
import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from bot.channels.mail_server import MailServer
from bot.ports import SendResult, Sent
from domain.message import Document, Message

SECONDS = 20.0
"""How long a mail server may take for each answer."""

_METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)

HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class MailTransport:
    """`bot.ports.Transport` over SMTP, in a thread: a slow server holds nobody up. Buttons stay behind. `subject` is that
    of a signal, `invites` that of an invitation."""

    def __init__(
        self, server: MailServer, *, sender: str, subject: str, now: Callable[[], datetime], invites: str = ""
    ) -> None:
        self._server, self._sender, self._now = server, sender, now
        self._subject, self._invites = subject, invites or subject

    async def send(self, channel_ref: str, message: Message) -> Sent:
        return await asyncio.to_thread(self._send, channel_ref, self._letter(channel_ref, message))

    def _letter(self, address: str, message: Message) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        letter["From"], letter["To"], letter["Subject"] = (
            self._sender,
            address,
            self._invites if message.document else self._subject,
        )
        letter["Date"] = format_datetime(self._now())
        letter["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        # No answering machine needs to react to this.
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        if message.document is not None:
            _attach(letter, message.document)
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


def _attach(letter: EmailMessage, document: Document) -> None:
    """An invitation stands beside the words as another way of saying the same, as mail programs want it to offer it to
    the calendar (RFC 6047), and once more as a file, for those that show nothing else."""
    main, _, sub = document.media_type.partition("/")
    method = _METHOD.search(document.content) if document.media_type == "text/calendar" else None
    if method is not None:
        letter.add_alternative(
            document.content, subtype=sub, cte="base64", params={"method": method[1], "name": document.name}
        )
        letter.add_attachment(
            document.content.encode(), maintype="application", subtype="ics", filename=document.name
        )
        return
    letter.add_attachment(document.content.encode(), maintype=main, subtype=sub, filename=document.name)


def _refused(code: int) -> Sent:
    """4xx asks to try again later; 5xx is a no."""
    return Sent(SendResult.TROUBLE if code < 500 else SendResult.REJECTED, code=str(code))
