"""PURE: HTML, Markdown and MarkdownV2 become plain text with entities, or Telegram's refusal."""

import html
import re
from typing import Any, Never

from tests.emulator.errors import BotApiError

Json = dict[str, Any]

DETECTED = re.compile(
    r"(?P<bot_command>(?<![\w/])/[a-zA-Z0-9_]{1,32}\b)|(?P<url>\bhttps?://[^\s<>]+[^\s<>.,;:!?)])"
)
HTML_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip # read as a table, a row a line
TAG = re.compile(r"<(?P<close>/?)(?P<name>[^\s<>/]*)(?P<rest>[^<>]*)>")
HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""")
V2_KINDS = {
    "```": "pre", "`": "code", "__": "underline", "||": "spoiler", "*": "bold", "_": "italic",
    "~": "strikethrough",
}  # fmt: skip # read as a table, a row a line
V1_KINDS = {"```": "pre", "`": "code", "*": "bold", "_": "italic"}
V2_RESERVED = "_*[]()~`>#+-=|{}.!"


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def detect_entities(text: str) -> Json:
    """Commands and addresses that Telegram marks by itself: `{"entities": [...]}`, or nothing."""
    found = [
        _entity(str(hit.lastgroup), utf16_length(text[: hit.start()]), utf16_length(text[: hit.end()]))
        for hit in DETECTED.finditer(text)
    ]
    return {"entities": found} if found else {}


def parse_markup(text: str, parse_mode: str) -> tuple[str, list[Json]]:
    match parse_mode.lower():
        case "html":
            return parse_html(text)
        case "markdownv2":
            return parse_markdown(text, V2_KINDS, V2_RESERVED)
        case "markdown":
            return parse_markdown(text, V1_KINDS, "")
        case _:
            raise BotApiError(400, "unsupported parse_mode")


def _refuse(reason: str) -> Never:
    raise BotApiError(400, f"can't parse entities: {reason}")


def _entity(kind: str, start: int, end: int, **more: str) -> Json:
    return {"type": kind, "offset": start, "length": end - start, **more}


def parse_html(text: str) -> tuple[str, list[Json]]:
    plain, entities, position = "", [], 0
    open_tags: list[tuple[str, int, Json]] = []
    while position < len(text):
        place = len(text[:position].encode())
        if text[position] != "<":
            end = text.find("<", position)
            end = len(text) if end < 0 else end
            plain += html.unescape(text[position:end])
            position = end
            continue
        tag = TAG.match(text, position)
        if tag is None or not tag["name"]:
            _refuse(f'Unsupported start tag "" at byte offset {place}')
        name, here = tag["name"].lower(), utf16_length(plain)
        position = tag.end()
        if not tag["close"]:
            if name not in HTML_KINDS or (name == "span" and "tg-spoiler" not in tag["rest"]):
                _refuse(f'Unsupported start tag "{name}" at byte offset {place}')
            link = HREF.search(tag["rest"])
            open_tags.append((name, here, {"url": link[1]} if name == "a" and link else {}))
            continue
        if not open_tags:
            _refuse(f"Unexpected end tag at byte offset {place}")
        expected, start, more = open_tags.pop()
        if expected != name:
            _refuse(f'Unmatched end tag at byte offset {place}, expected "</{expected}>", found "</{name}>"')
        if here > start and (name != "a" or more):
            entities.append(_entity(HTML_KINDS[name], start, here, **more))
    if open_tags:
        _refuse(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return plain, sorted(entities, key=lambda entity: entity["offset"])


def parse_markdown(text: str, kinds: dict[str, str], reserved: str) -> tuple[str, list[Json]]:
    """One scanner for both Markdowns: the older one reserves nothing but knows fewer marks."""
    plain, entities, position = "", [], 0
    opened: list[tuple[str, int, int]] = []
    while position < len(text):
        here, place = utf16_length(plain), len(text[:position].encode())
        inside = opened[-1][0] if opened else ""
        verbatim = inside in ("`", "```")
        mark = inside if verbatim else next((mark for mark in kinds if text.startswith(mark, position)), "")
        link = re.compile(r"\]\(([^)\s]*)\)").match(text, position) if inside == "[" else None
        if text[position] == "\\" and position + 1 < len(text) and ord(text[position + 1]) < 127:
            plain += text[position + 1]
            position += 2
        elif link:
            _, start, _ = opened.pop()
            entities.append(_entity("text_link", start, here, url=link[1]))
            position = link.end()
        elif mark and text.startswith(mark, position):
            position += len(mark)
            if inside == mark:
                _, start, _ = opened.pop()
                entities.extend([_entity(kinds[mark], start, here)] if here > start else [])
            elif any(mark == other for other, _, _ in opened):
                _refuse(f"Can't find end of the entity starting at byte offset {opened[-1][2]}")
            else:
                opened.append((mark, here, place))
        elif text[position] == "[" and not verbatim:
            opened.append(("[", here, place))
            position += 1
        elif text[position] in reserved and not verbatim:
            _refuse(f"Character '{text[position]}' is reserved and must be escaped with the preceding '\\'")
        else:
            plain += text[position]
            position += 1
    if opened:
        _refuse(f"Can't find end of the entity starting at byte offset {opened[-1][2]}")
    return plain, sorted(entities, key=lambda entity: entity["offset"])
