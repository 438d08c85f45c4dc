"""Who a browser is: a signed cookie around a random token; the conversation sees only a hash of that token."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(days=14)
RENEW_AFTER = timedelta(hours=1)
CLOCK_SLACK = timedelta(minutes=5)
TOKEN_BYTES = 32

_COOKIE = re.compile(r"1\.([A-Za-z0-9_-]{43})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser. `issued_at` is UTC, whole seconds; `token` stays in the cookie and goes nowhere else."""

    token: str
    issued_at: datetime

    @property
    def channel_ref(self) -> str:
        return hashlib.sha256(b"wijkverhaal visit " + self.token.encode()).hexdigest()


class Visits:
    """Reads and writes the cookie. `key` signs it; `now` is UTC; `token_bytes` gives that many random bytes."""

    def __init__(
        self, key: bytes, *, now: Callable[[], datetime], token_bytes: Callable[[int], bytes]
    ) -> None:
        self._key, self._now, self._token_bytes = key, now, token_bytes

    def begin(self) -> Visit:
        return Visit(_text(self._token_bytes(TOKEN_BYTES)), self._now().replace(microsecond=0))

    def read(self, cookies: str, *, secure: bool) -> Visit | None:
        """The visit in a Cookie header; None when there is none, or it is forged, expired or from the future."""
        for pair in cookies.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == cookie_name(secure=secure):
                return self._read_value(value)
        return None

    def is_due_for_renewal(self, visit: Visit) -> bool:
        return self._now() - visit.issued_at >= RENEW_AFTER

    def renewed(self, visit: Visit) -> Visit:
        return Visit(visit.token, self._now().replace(microsecond=0))

    def set_cookie(self, visit: Visit, *, secure: bool) -> str:
        """The Set-Cookie value."""
        value = f"1.{visit.token}.{int(visit.issued_at.timestamp())}"
        return _set_cookie(f"{value}.{self._sign(value)}", int(LIFETIME.total_seconds()), secure)

    def _read_value(self, value: str) -> Visit | None:
        match = _COOKIE.fullmatch(value)
        if match is None or not hmac.compare_digest(self._sign(value.rpartition(".")[0]), match[3]):
            return None
        visit = Visit(match[1], datetime.fromtimestamp(int(match[2]), UTC))
        age = self._now() - visit.issued_at
        return visit if -CLOCK_SLACK <= age < LIFETIME else None

    def _sign(self, value: str) -> str:
        return _text(hmac.digest(self._key, b"wijkverhaal visit " + value.encode(), "sha256"))


def cookie_name(*, secure: bool) -> str:
    """Over https the browser itself guards the name: no subdomain can put its own cookie in the place of ours."""
    return "__Host-wijkverhaal" if secure else "wijkverhaal"


def forget_cookie(*, secure: bool) -> str:
    """The Set-Cookie value that makes the browser forget."""
    return _set_cookie("", 0, secure)


def _set_cookie(value: str, max_age: int, secure: bool) -> str:
    end = "; Secure" if secure else ""
    return f"{cookie_name(secure=secure)}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{end}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
