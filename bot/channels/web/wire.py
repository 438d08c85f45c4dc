"""What the web channel's doors share of HTTP: bodies with a cap, answers as JSON, who is calling. No conversation."""

import hmac
import ipaddress
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope, Send

JSON_CAP = 64 * 1024

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "font-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: dict[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PERSONAL: dict[str, str] = {**HEADERS, "cache-control": "no-store"}

Raw = list[tuple[bytes, bytes]]
_JSON_HEADERS: Raw = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]

# What a reverse proxy adds: with one of these a loopback peer is only the messenger.
_FORWARDED = frozenset(
    {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
)
# What a browser adds to a POST: a page from elsewhere must not speak through the browser of somebody on this machine.
_BROWSER = frozenset({b"origin", b"sec-fetch-site"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request gets nothing: `sentence` is for the programmer at the other end, `code` is stable."""

    status: int
    code: str
    sentence: str
    retry_after: int = 0


TOO_LARGE = Refusal(413, "too_large", f"The body is larger than {JSON_CAP} bytes.")
NOT_JSON = Refusal(400, "not_json", "The body is not a JSON object in UTF-8.")
FORBIDDEN = Refusal(
    403,
    "forbidden",
    "Only a program on this machine, not behind a proxy, or one with the right token may ask this.",
)
STORAGE_DOWN = Refusal(
    503, "storage_unavailable", "The database is out of reach; nothing was done. Try again.", 2
)
BROKEN = Refusal(
    500, "broken", "Something went wrong on our side. Trying again with the same id counts once."
)


def too_often(wait: float) -> Refusal:
    return Refusal(429, "too_often", "Too many requests in a short time.", max(1, math.ceil(wait)))


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, cap: int) -> bytes | Refusal | None:
    """The whole body; a Refusal when it is larger than `cap` bytes; None when the caller hung up."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length[:12]) > cap:
        return TOO_LARGE
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += bytes(message.get("body", b""))
        if len(body) > cap:
            return TOO_LARGE
        if not message.get("more_body", False):
            return body


def parse_object(body: bytes) -> dict[str, object] | Refusal:
    try:
        document = json.loads(body)  # not orjson: it refuses half a surrogate pair, which we mend
    except (ValueError, RecursionError):
        return NOT_JSON
    return document if isinstance(document, dict) else NOT_JSON


def sound_text(text: str) -> str:
    """`text` with the two things replaced that no database keeps: half a surrogate pair and the NUL character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


async def send_json(
    send: Send, status: int, document: object, extra: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    body = orjson.dumps(document)
    headers = [*_JSON_HEADERS, (b"content-length", b"%d" % len(body)), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def refusal_document(refusal: Refusal) -> dict[str, str]:
    return {"error": refusal.code, "message": refusal.sentence}


async def send_refusal(send: Send, refusal: Refusal, extra: Iterable[tuple[bytes, bytes]] = ()) -> None:
    headers = [*extra]
    if refusal.retry_after:
        headers.append((b"retry-after", b"%d" % refusal.retry_after))
    await send_json(send, refusal.status, refusal_document(refusal), headers)


def may_enter(scope: Scope, headers: Mapping[bytes, bytes], token: str) -> bool:
    """Whether a caller is a program on this machine, or carries `token`; an empty token opens for nobody."""
    if is_loopback_peer(scope) and not (_FORWARDED | _BROWSER) & headers.keys():
        return True
    return bool(token) and any(_is_same(given, token) for given in _given_tokens(scope, headers))


def is_loopback_peer(scope: Scope) -> bool:
    client = scope.get("client")
    return client is not None and (client[0] in ("127.0.0.1", "::1") or is_loopback(client[0]))


def is_loopback(host: str) -> bool:
    """Whether an address (no name) can be reached from this machine only."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _given_tokens(scope: Scope, headers: Mapping[bytes, bytes]) -> list[str]:
    kind, _, bearer = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return [*query.get("token", [])[:1], *([bearer.strip()] if kind.lower() == "bearer" else [])]


def _is_same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def address_of(host: str) -> str:
    """The caller's address as a key for limits; an IPv6 caller owns a whole /64."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
