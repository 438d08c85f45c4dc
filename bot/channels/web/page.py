"""The chat page as HTML, whole without JavaScript; every word that somebody wrote goes in escaped."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from bot.channels.web.strings import language_payload, names_of_languages, page_words
from domain.message import Button, Document, Message

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the page. `messages` is the last reply (None: nothing was said yet); `notice` is a key of
    the page's words or empty; `text` is what is still in the text field; `id` names the next turn."""

    language: str
    id: str
    messages: Sequence[Message] | None = None
    spoken: str = ""
    notice: str = ""
    text: str = ""


class Page:
    """The page's template with the addresses of its files."""

    def __init__(self, *, css_url: str, js_url: str, icon_url: str) -> None:
        self._template = Template((_FOLDER / "page.html").read_text(encoding="utf-8"))
        self._urls = {"css_url": css_url, "js_url": js_url, "icon_url": icon_url}
        self._words = page_words()
        # All of them, so that the script can change language without loading the page again.
        self._for_script = escape(json.dumps(self._words, ensure_ascii=False, separators=(",", ":")))
        self._names = names_of_languages()

    def render(self, shown: Shown) -> str:
        words = {key: escape(word) for key, word in self._words[shown.language].items()}
        return self._template.substitute(
            {**words, **self._urls},
            language=shown.language,
            language_label=words["language"],
            languages=_languages(self._names, shown.language),
            log=_log(shown, words),
            notice=f"<p>{words[shown.notice]}</p>" if shown.notice else "",
            words=self._for_script,
            id=escape(shown.id),
            # HTML drops one line break right after the tag; this one is there to be dropped.
            text="\n" + escape(shown.text),
        )


def question_of(text: str) -> int | None:
    """Which paragraph asks: the last one that ends in a question mark; None when none does."""
    asking = [place for place, paragraph in enumerate(paragraphs(text)) if paragraph.rstrip().endswith("?")]
    return asking[-1] if asking else None


def link_to(document: Document) -> str:
    """The file in its own link: it stands nowhere on the server for others to find."""
    content = b64encode(document.content.encode()).decode()
    return f"data:{document.media_type};charset=utf-8;base64,{content}"


def paragraphs(text: str) -> list[str]:
    """What stands apart: separated by an empty line, or a point of a list."""
    return [paragraph for paragraph in re.split(r"\n\n|\n(?=• )", text) if paragraph.strip()]


def _languages(names: Mapping[str, str], current: str) -> str:
    return "".join(
        f'<button class="plain" form="turn" name="tap" value="{language_payload(language)}" lang="{language}"'
        f"{' hidden' if language == current else ''}>{escape(name)}</button>"
        for language, name in names.items()
    )


def _log(shown: Shown, words: Mapping[str, str]) -> str:
    """`words` are the page's, escaped."""
    if shown.messages is None:
        return (
            f'<div class="message bot"><div class="bubble"><p>{words["welcome"]}</p></div><div class="choices">'
            f'<button form="turn" name="begin" value="1">{words["begin"]}</button></div></div>'
        )
    messages = "".join(_message(place, message, shown, words) for place, message in enumerate(shown.messages))
    return f'<div id="now" class="now" tabindex="-1">{messages}</div>'


def _message(place: int, message: Message, shown: Shown, words: Mapping[str, str]) -> str:
    asks = question_of(message.text)
    name = f"said-{place}"
    body = "".join(
        f'<p dir="auto"{_look_of(paragraph)}'
        f"{f' id={name}-q' if number == asks else ''}>{escape(paragraph)}</p>"
        for number, paragraph in enumerate(paragraphs(message.text))
    )
    label = f"{name}-q" if asks is not None else name
    return (
        f'<div class="message bot"><p class="hidden">{words["bot"]}</p>'
        f'<div class="bubble" id="{name}" lang="{escape(shown.spoken or shown.language)}">{body}</div>'
        f"{_file(message.document)}{_choices(message.buttons, label, shown.spoken or shown.language)}</div>"
    )


def _look_of(paragraph: str) -> str:
    """A point of a list hangs; how far we are ("Vraag 4 van 26") is said more quietly than the question."""
    if paragraph.startswith("• "):
        return ' class="point"'
    return ' class="place"' if re.fullmatch(r"\S+ \d+ \S+ \d+", paragraph) else ""


def _file(document: Document | None) -> str:
    if document is None:
        return ""
    name = escape(document.name)
    return f'<p class="file"><a download="{name}" href="{escape(link_to(document))}">{name}</a></p>'


def _choices(buttons: Sequence[Button], label: str, language: str) -> str:
    if not buttons:
        return ""
    inside = "".join(
        f'<button form="turn" name="tap" value="{escape(button.payload)}" dir="auto">{escape(button.title)}</button>'
        for button in buttons
    )
    return f'<div class="choices" role="group" aria-labelledby="{label}" lang="{escape(language)}">{inside}</div>'
