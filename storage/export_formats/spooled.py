"""Text files of rows, written many at a time."""

from pathlib import Path

from storage.export_formats.words import counted, whole

_ROWS = 256
"""As many are written together; a row is at most as long as what somebody said in one response."""


class TextFile:
    """A UTF-8 file."""

    def __init__(self, path: Path, begin: bytes = b"") -> None:
        self._waiting: list[str] = []
        self._file = path.open("wb")
        self._file.write(begin)
        self._halves = 0

    def row(self, text: str) -> None:
        """Adds a row, with what ends it."""
        self._waiting.append(text)
        if len(self._waiting) >= _ROWS:
            self._flush()

    def close(self) -> list[str]:
        if not self._file.closed:
            with self._file:
                self._flush()
        return halves(self._halves)

    def _flush(self) -> None:
        text = "".join(self._waiting)
        self._waiting.clear()
        try:
            piece = text.encode()
        except UnicodeEncodeError:
            mended, found = whole(text)
            self._halves += found
            piece = mended.encode()
        self._file.write(piece)


def halves(number: int) -> list[str]:
    """What to say of characters, or halves of them, that were left out."""
    if not number:
        return []
    found = counted(number, "character that no file can hold was", "characters that no file can hold were")
    return [f"{found} replaced by the mark U+FFFD."]
