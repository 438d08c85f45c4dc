"""The texts of an XForm, per language: itext, labels written in place, and what beside them is not supported."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from domain.questionnaire import OUTPUT, LocalText

_CODE = re.compile(r"\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\s*\)\s*$")
_ITEXT = re.compile(r"jr:itext\('(.+)'\)")
_OUTPUT = "output"


def tag_of(element: Element) -> str:
    """Its name without the namespace."""
    return element.tag.rpartition("}")[2]


def child_of(element: Element | None, name: str) -> Element | None:
    return next((child for child in element if tag_of(child) == name), None) if element is not None else None


def words_in(element: Element) -> str:
    """The text in an element on one line, what is to be worked out between OUTPUT marks; empty for "-", which pyxform
    writes where a translation is missing."""
    parts = [element.text or ""]
    for child in element:
        expression = " ".join(child.get("value", "").split())
        parts += [f"{OUTPUT[0]}{expression}{OUTPUT[1]}" if tag_of(child) == _OUTPUT else "", child.tail or ""]
    words = " ".join("".join(parts).split())
    return "" if words == "-" else words


def language_code(name: str, fallback: str) -> str:
    """ "nl" for "Nederlands (nl)"; the name itself when it is a code; `fallback` for a text without a language."""
    found = _CODE.search(name)
    if found:
        return found[1].lower()
    return name.lower() if re.fullmatch(r"[A-Za-z]{2,3}", name) else fallback


@dataclass(slots=True)
class Texts:
    """Texts by id, then by form (the text itself is "", guidance is "guidance"), then by language code."""

    default_language: str
    languages: tuple[str, ...]
    by_id: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    beside: dict[str, set[str]] = field(default_factory=dict)

    def of(self, element: Element | None, form: str = "") -> LocalText:
        """The text of a label or hint element."""
        if element is None:
            return {}
        reference = element.get("ref", "")
        if reference:
            return self.refers_to(reference, form) or {}
        words = words_in(element)
        return {self.default_language: words} if words and not form else {}

    def refers_to(self, reference: str, form: str = "") -> LocalText | None:
        """The text that "jr:itext('...')" points at; None when `reference` is not of that kind."""
        found = _ITEXT.fullmatch(reference)
        return self.named(found[1], form) if found else None

    def named(self, name: str, form: str = "") -> LocalText:
        return self.by_id.get(name, {}).get(form, {})

    def media_of(self, element: Element | None) -> list[str]:
        """The names of the files that belong to the text of a label."""
        found = _ITEXT.fullmatch(element.get("ref", "")) if element is not None else None
        return sorted(self.beside.get(found[1], ())) if found else []


def read_texts(model: Element, default_name: str) -> Texts:
    """Every text in the model; `default_name` is the default language as the settings sheet has it, if at all."""
    itext = child_of(model, "itext")
    translations = list(itext) if itext is not None else []
    marked = [each for each in translations if each.get("default")] or translations
    default = language_code(default_name or (marked[0].get("lang", "") if marked else ""), "nl")
    codes = [language_code(each.get("lang", ""), default) for each in translations]
    texts = Texts(default, tuple(dict.fromkeys([default, *codes])))
    for code, translation in zip(codes, translations, strict=True):
        for name, value in _values_in(translation):
            _keep(texts, name, value, code)
    return texts


def _values_in(translation: Element) -> Iterator[tuple[str, Element]]:
    for text in translation:
        for value in text:
            yield text.get("id", ""), value


def _keep(texts: Texts, name: str, value: Element, code: str) -> None:
    form, words = value.get("form", ""), words_in(value)
    if form not in ("", "guidance"):
        if words:
            texts.beside.setdefault(name, set()).add(words.rpartition("/")[2])
        return
    if words:
        texts.by_id.setdefault(name, {}).setdefault(form, {})[code] = words
