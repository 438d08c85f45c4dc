"""What becomes of words that a file, or the program that opens it, cannot take as they are."""

import re

# Programs that take another mark between cells see one begin after these as well: in the Netherlands a spreadsheet
# splits at semicolons.
_SIGN = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_RUNS = re.compile(rf"\A(?='*[{_SIGN}\t\r\n])|(?<=[;\t\r\n])(?='*[{_SIGN}])")
_HELD = re.compile(rf"\A'(?='*[{_SIGN}\t\r\n])|(?<=[;\t\r\n])'(?='*[{_SIGN}])")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
_FIRST = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
_INSIDE = re.compile("[;\t\r\n]")
_HALF = re.compile("[\ud800-\udfff]")


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet could run: where it, or what follows a semicolon, tab or
    new line in it, begins with = + - @, a tab or a new line. Numbers stay as they are. `restored` gives the text back."""
    if (text[:1] not in _FIRST and not _INSIDE.search(text)) or _NUMBER.fullmatch(text):
        return text
    return _RUNS.sub("'", text)


def restored(text: str) -> str:
    """The text as somebody wrote it, from a cell of a CSV or Excel file of an export."""
    return _HELD.sub("", text)


def whole(text: str) -> tuple[str, int]:
    """The text with a mark (U+FFFD) for each half of a character, which no file can hold, and how many there were."""
    return _HALF.subn("\ufffd", text)


def cut(text: str, size: int) -> str:
    """As much of the text as fits in `size` bytes of UTF-8, ending with a whole character."""
    return text.encode()[:size].decode(errors="ignore")


def counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
