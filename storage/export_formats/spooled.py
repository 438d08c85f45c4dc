"""Text files of rows, written in pieces of a megabyte."""

from io import StringIO
from pathlib import Path

from storage.export_formats.words import counted, whole

_PIECE = 1_000_000
_LOOK_EACH = 64
"""Rows from one look at how much there is to the next."""


class TextFile:
    """A UTF-8 file. `text` is where to write; `row_done` is called after each row."""

    def __init__(self, path: Path, begin: bytes = b"") -> None:
        self.text = StringIO(newline="")
        self._file = path.open("wb")
        self._file.write(begin)
        self._halves = self._rows = 0

    def row_done(self) -> None:
        self._rows += 1
        if self._rows % _LOOK_EACH == 0 and self.text.tell() > _PIECE:
            self._flush()

    def close(self) -> list[str]:
        if not self._file.closed:
            with self._file:
                self._flush()
        return halves(self._halves)

    def _flush(self) -> None:
        text = self.text.getvalue()
        self.text.seek(0)
        self.text.truncate()
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
