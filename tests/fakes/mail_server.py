"""A real mail server on loopback, for as long as a test needs it; it keeps every letter that it takes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Post:
    """What came in. `answer` is what it says to each letter from now on; with None it hangs up without a word."""

    answer: str | None = "250 OK"
    refused: str = ""
    """What it says to every address, where it takes none."""
    letters: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    tried: int = 0
    port: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    # The names of these two are the server's.

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refused:
            return self.refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.tried += 1
        self.came.set()
        if self.answer is None:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        if self.answer.startswith("250"):
            letter = message_from_bytes(cast(bytes, envelope.content), policy=default)
            self.letters.append((list(envelope.rcpt_tos), cast(EmailMessage, letter)))
        return self.answer

    def let_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True)


@contextlib.asynccontextmanager
async def post_office(*, port: int = 0) -> AsyncIterator[Post]:
    """A server on a free port, or on `port`."""
    post, sessions = Post(), list[SMTP]()

    def session() -> SMTP:
        sessions.append(SMTP(post, authenticator=post.let_in, auth_require_tls=False, hostname="localhost"))
        return sessions[-1]

    make: Callable[[], asyncio.BaseProtocol] = session
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()
        for each in sessions:
            if each.transport is not None:
                each.transport.abort()
        await server.wait_closed()
