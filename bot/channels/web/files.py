"""The page's own files, held in memory: a request names one of these or nothing, so no path reaches the disk."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.wire import HEADERS

_FOLDER = Path(__file__).parent / "static"
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """`version` changes with the content and is part of the address, so a browser may keep it for good."""

    name: str
    content: bytes
    packed: bytes
    version: str

    @property
    def url(self) -> str:
        return f"/static/{self.name}?v={self.version}"


def load_files() -> dict[str, StaticFile]:
    paths = sorted(path for path in _FOLDER.iterdir() if path.suffix in _KINDS)
    return {path.name: _load(path) for path in paths}


class Files:
    """`GET /static/{name}`."""

    def __init__(self, files: Mapping[str, StaticFile]) -> None:
        self._files = files

    async def show(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None:
            return Response("Not found.", 404, HEADERS, "text/plain")
        headers = {**HEADERS, "etag": f'"{file.version}"', "vary": "Accept-Encoding"}
        is_pinned = request.query_params.get("v") == file.version
        headers["cache-control"] = "public, max-age=31536000, immutable" if is_pinned else "no-cache"
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        headers["content-type"] = _KINDS[Path(file.name).suffix]
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, headers=headers | {"content-encoding": "gzip"})
        return Response(file.content, headers=headers)


def _load(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(
        path.name, content, gzip.compress(content, mtime=0), hashlib.sha256(content).hexdigest()[:16]
    )
