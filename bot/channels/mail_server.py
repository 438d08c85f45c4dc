"""Where e-mail is handed in, read from one line of settings; apart from `mail`, which costs time to import."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `encrypts_at_once` speaks TLS from the first byte; otherwise the connection is encrypted
    before anything is said, but for a server on this machine."""

    host: str
    port: int
    encrypts_at_once: bool = False
    user: str = ""
    password: str = ""


def parse_server(url: str) -> MailServer:
    """A server such as "smtp://user:password@mail.example.nl:587" or "smtps://mail.example.nl".

    Raises ValueError for anything else; what it says holds no password.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("no mail server")
    port = parts.port or PORTS[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port, parts.scheme == "smtps", user, password)
