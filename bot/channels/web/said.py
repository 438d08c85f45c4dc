"""What a browser sent, as a value: the page's JSON and the same as a plain form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from bot.channels.web.strings import known_language
from bot.channels.web.wire import Refusal, sound_text
from domain.message import IncomingKind

MAX_PAYLOAD = 64  # bytes
MAX_FIELDS = 20

_KINDS = {"open": IncomingKind.OPEN, "text": IncomingKind.TEXT, "tap": IncomingKind.TAP}
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_NOT_A_FORM = Refusal(400, "not_a_form", "The body is not a form.")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a person did on the page; `id` was made by the page, so that trying again counts once."""

    id: str
    kind: IncomingKind
    text: str = ""
    language: str = ""

    @property
    def written(self) -> str:
        """What the person wrote, to give back when it could not be taken."""
        return self.text if self.kind is IncomingKind.TEXT else ""


def read_said(document: Mapping[str, object]) -> Said | Refusal:
    """What the page's JSON says, or which field of it is wrong."""
    id_, kind, text, language = (document.get(name, "") for name in ("id", "kind", "text", "language"))
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        return _bad("id", "must be 8 to 64 letters, digits, '-' or '_'")
    if not isinstance(kind, str) or kind not in _KINDS:
        return _bad("kind", "must be 'open', 'text' or 'tap'")
    if not isinstance(text, str) or (kind == "tap" and not _is_payload(text)):
        return _bad("text", f"must be a string; of a tap, '/' and at most {MAX_PAYLOAD} bytes")
    spoken = known_language(language, "") if isinstance(language, str) else ""
    return Said(id_, _KINDS[kind], sound_text(text) if kind != "open" else "", spoken)


def parse_form(body: bytes) -> dict[str, str] | Refusal:
    """The fields of a urlencoded form; of a field that comes twice the last."""
    try:
        fields = parse_qs(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return _NOT_A_FORM
    return {name: sound_text(values[-1]).replace("\r\n", "\n") for name, values in fields.items()}


def read_form_said(fields: Mapping[str, str], language: str) -> Said | None:
    """None when there is nothing to send: an empty field, or a form that is not ours."""
    id_, tap, text = fields.get("id", ""), fields.get("tap", ""), fields.get("text", "")
    if not _ID.fullmatch(id_):
        return None
    if _is_payload(tap):
        return Said(id_, IncomingKind.TAP, tap, language)
    if "begin" in fields:
        return Said(id_, IncomingKind.OPEN, "", language)
    return Said(id_, IncomingKind.TEXT, text, language) if text.strip() else None


def _is_payload(text: str) -> bool:
    return text.startswith("/") and len(text.encode("utf-8", "replace")) <= MAX_PAYLOAD


def _bad(field: str, rule: str) -> Refusal:
    return Refusal(400, "bad_field", f"The field '{field}' {rule}.")
