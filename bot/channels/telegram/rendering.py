"""PURE: a message in Telegram's form: pieces of text that fit, a file with its caption, and rows of buttons."""

from domain.message import Button, Message

LONGEST_TEXT = 4096
"""Telegram's limit, in UTF-16 units."""

LONGEST_CAPTION = 1024
"""And of the text that goes with a file."""

SHORT_TITLE = 14
"""Two buttons share a row when no title is longer: what half a small phone's screen shows without cutting."""

_PLACES = ("\n\n", "\n", ". ", "? ", "! ", " ")
"""Where a text may be cut, best first; what belongs to the place stays with the piece before it."""


def utf16_length(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff")


def split_text(text: str, limit: int = LONGEST_TEXT) -> tuple[str, ...]:
    """Pieces of at most `limit` (at least 2) UTF-16 units that join to the text, cut at the end of a paragraph,
    line, sentence or word where there is one in the second half of the piece. "" gives no pieces."""
    pieces = []
    while utf16_length(text) > limit:
        fitting = _longest_start(text, limit)
        cut = _cutting_place(fitting)
        pieces.append(text[:cut])
        text = text[cut:]
    return (*pieces, text) if text else tuple(pieces)


def _longest_start(text: str, limit: int) -> str:
    end = min(len(text), limit)
    while utf16_length(text[:end]) > limit:
        end -= (utf16_length(text[:end]) - limit + 1) // 2
    return text[:end]


def _cutting_place(fitting: str) -> int:
    for place in _PLACES:
        before, found, _ = fitting.rpartition(place)
        if found and len(before) >= len(fitting) // 2:
            return len(before) + len(place)
    return len(fitting)


def fit(message: Message) -> tuple[Message, ...]:
    """The message as messages that Telegram takes, in order, the buttons under the last that has words. A file goes
    with those words where they fit under it, so that neither comes without the other, and else after them. A message
    without words or a file gives none."""
    pieces = [piece for piece in split_text(message.text) if piece.strip()]
    if not pieces:
        return (Message("", message.buttons, message.document),) if message.document else ()
    has_caption = utf16_length(pieces[-1]) <= LONGEST_CAPTION
    last = Message(pieces[-1], message.buttons, message.document if has_caption else None)
    alone = (Message("", (), message.document),) if message.document and not has_caption else ()
    return (*map(Message, pieces[:-1]), last, *alone)


def button_rows(buttons: tuple[Button, ...]) -> tuple[tuple[Button, ...], ...]:
    """Two buttons a row when all titles are short, otherwise each on its own row."""
    width = 2 if all(utf16_length(button.title) <= SHORT_TITLE for button in buttons) else 1
    return tuple(buttons[start : start + width] for start in range(0, len(buttons), width))
