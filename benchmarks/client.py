"""A lean HTTP client for measuring: one kept connection, one request at a time; what is asked is for others.

An ordinary client library costs more than the server that is measured here and would measure itself.
"""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self

ANSWER_SECONDS = 30.0
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


class BadAnswerError(Exception):
    """The server answered something that cannot be measured."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where requests go: `path` may hold a query."""

    port: int
    path: str
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}{self.path}"


def read_answer(data: bytes | bytearray) -> bytes | None:
    """The body when `data` holds a whole answer, None when more has to come. Raises BadAnswerError."""
    end = data.find(_END_OF_HEAD)
    if end < 0:
        return None
    head = bytes(data[:end]).lower()
    if head[9:12] != b"200":
        raise BadAnswerError(bytes(data[:200]).decode("latin-1"))
    at = head.find(_LENGTH)
    if at < 0:
        raise BadAnswerError("an answer without a content-length")
    length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
    begin = end + len(_END_OF_HEAD)
    return bytes(data[begin : begin + length]) if len(data) >= begin + length else None


class Connection(asyncio.Protocol):
    """`async with Connection(address) as connection`, then `await connection.post(body)`, one at a time."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._head = (
            f"POST {address.path} HTTP/1.1\r\nhost: {address.host}:{address.port}\r\n"
            "content-type: application/json\r\ncontent-length: "
        ).encode()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._data = bytearray()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: self, self._address.host, self._address.port)
        self._transport = transport
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def post(self, body: bytes) -> bytes:
        """The body of the answer. Raises BadAnswerError for any status but 200, and TimeoutError."""
        assert self._transport is not None
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._transport.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        async with asyncio.timeout(ANSWER_SECONDS):
            return await answer

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._answer is None or self._answer.done():
            return
        try:
            body = read_answer(self._data)
        except BadAnswerError as error:
            self._answer.set_exception(error)
            return
        if body is not None:
            self._data.clear()
            self._answer.set_result(body)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BadAnswerError("the server closed the connection"))
