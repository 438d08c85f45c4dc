"""The wire to the Bot API: python-telegram-bot's requests over aiohttp; what a call means is left to its caller.

Nothing that leaves here, neither a log line nor an exception, carries the address: the token is in it.
"""

import io
import json
import logging
from typing import Any, Final

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

NOT_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""Failures before the request went out; every other failure leaves open whether it had its effect."""

SMALL_BODY_SECONDS: Final = 5
FILES_SECONDS: Final = 60
"""How long writing a request may take, for words alone and with files of up to 50 MB."""

QUIET_LOGGERS = ("telegram", "aiohttp")


class AskedToWait(TelegramError):
    """429: this call may be made again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("asked to wait")
        self.seconds = seconds


def quiet_loggers() -> None:
    """python-telegram-bot logs every call with its texts and its address at DEBUG: never, whatever the root says."""
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


class AiohttpRequest(BaseRequest):
    """Time-outs are in seconds. A time-out while connecting is a NetworkError, since nothing was sent; a time-out or
    a broken connection after that is TimedOut: it may have arrived."""

    __slots__ = ("_connect_timeout", "_connections", "_http", "_proxy", "_read_timeout")

    def __init__(
        self, *, connections: int = 64, connect_timeout: float = 10, read_timeout: float = 20, proxy: str = ""
    ) -> None:
        quiet_loggers()
        self._connections, self._proxy = connections, proxy or None
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._http: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_timeout

    async def initialize(self) -> None:
        """May be called twice: the bot holds this object for its calls and for its long poll."""
        if self._http is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._http = aiohttp.ClientSession(connector=connector, proxy=self._proxy)

    async def shutdown(self) -> None:
        if self._http is not None:
            await self._http.close()
        self._http = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body; raises AskedToWait for 429, NetworkError and TimedOut as the class says."""
        read = self._read_timeout if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        files = request_data is not None and request_data.contains_files
        usual = FILES_SECONDS if files else SMALL_BODY_SECONDS
        write = usual if write_timeout is BaseRequest.DEFAULT_NONE else write_timeout
        trouble: type[NetworkError] = NetworkError
        try:
            return await self._exchange(url, method, _body_of(request_data), float(read), float(write))
        except NOT_SENT as error:
            name = type(error).__name__
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            trouble, name = TimedOut, type(error).__name__
        # Raised here and not above: an exception in the chain would bring the address along.
        raise trouble(name)

    async def _exchange(
        self, url: str, method: str, body: bytes | aiohttp.FormData | None, read: float, write: float
    ) -> tuple[int, bytes]:
        if self._http is None:
            raise RuntimeError("the request object is not initialised")
        headers = {"User-Agent": "wijkverhaal"}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        limit = aiohttp.ClientTimeout(
            total=self._connect_timeout + write + read, connect=self._connect_timeout, sock_read=read
        )
        async with self._http.request(
            method, url, data=body, headers=headers, timeout=limit, allow_redirects=False
        ) as answer:
            content = await answer.read()
        if answer.status == 429:
            raise AskedToWait(_seconds_asked(content, answer.headers.get("Retry-After", "")))
        return answer.status, content

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the base class, without writing the payload to a log; raises NetworkError for a page in HTML."""
        try:
            decoded = json.loads(payload)
        except ValueError:
            decoded = None
        if not isinstance(decoded, dict):
            raise NetworkError("not JSON")
        return decoded


def _body_of(data: RequestData | None) -> bytes | aiohttp.FormData | None:
    if data is None:
        return None
    return _form_of(data) if data.contains_files else json.dumps(data.parameters).encode()


def _form_of(data: RequestData) -> aiohttp.FormData:
    """Values as text or JSON, each file a part under the name that the values refer to."""
    # Quoting would put %20 into the name that the person sees.
    form = aiohttp.FormData(data.json_parameters, quote_fields=False)
    for name, (filename, content, content_type) in data.multipart_data.items():
        # As a stream: aiohttp would write a block of bytes in one go, and keep everybody else waiting.
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=content_type)
    return form


def _seconds_asked(content: bytes, header: str) -> float:
    try:
        seconds = float(json.loads(content)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError):
        seconds = float(header) if header.isdigit() else 1.0
    return max(1.0, seconds)
