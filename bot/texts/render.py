"""Turns what the dialogue wants to say into messages in one language; decides nothing."""

import re
from collections.abc import Callable, Mapping
from operator import attrgetter

from bot.dialogue.effects import ChoiceText, FormText, Key, Literal, Part, Phrase, Say, Words
from bot.forms.form import Form, View, plain_path
from bot.texts.catalogue import Catalogue
from domain.message import Button, Message
from domain.questionnaire import OUTPUT, LocalText, Question

BUTTON_CHARACTERS = 64


class Renderer:
    """Renders for one form and one language. `view` gives the values inside texts; without it they are left open."""

    def __init__(self, catalogue: Catalogue, form: Form, language: str, view: View | None = None) -> None:
        self._catalogue, self._form, self._language, self._view = catalogue, form, language, view

    def message(self, say: Say) -> Message:
        text = "\n\n".join(self.words(words) for words in say.lines)
        return Message(text, tuple(self._button(key) for key in say.keys))

    def words(self, words: Words) -> str:
        match words:
            case Phrase():
                return self._phrase(words)
            case FormText(path, Part.GROUP):
                return self._group(path)
            case FormText(path, part):
                return self._filled(_TEXT_OF[part](self._form.question(path)), path)
            case ChoiceText(path, name):
                return self._choice(path, name)
            case Literal(text):
                return text

    def _phrase(self, phrase: Phrase) -> str:
        sentence = self._catalogue.sentence(phrase.key, self._language, phrase.count)
        if "%(" not in sentence:
            return sentence
        params = {
            name: value if isinstance(value, str | int) else self.words(value)
            for name, value in phrase.params.items()
        }
        return sentence % {**self._catalogue.numbers.facts, **params}

    def _button(self, key: Key) -> Button:
        return Button(self.words(key.title)[:BUTTON_CHARACTERS], key.payload)

    def _choice(self, path: str, name: str) -> str:
        found = [choice for choice in self._form.question(path).choices if choice.name == name]
        return self._local(found[0].label) if found else name

    def _group(self, path: str) -> str:
        plain = plain_path(path)
        found = [group for group in self._form.questionnaire.groups if group.path == plain]
        return self._filled(found[0].label, path) if found else ""

    def _filled(self, text: LocalText, path: str) -> str:
        words = self._local(text)
        if OUTPUT[0] not in words:
            return words
        if self._view is not None:
            return self._view.fill(words, path)
        return re.sub(f"{OUTPUT[0]}[^{OUTPUT[1]}]*{OUTPUT[1]}", "…", words)

    def _local(self, text: LocalText) -> str:
        default = self._form.questionnaire.default_language
        return text.get(self._language) or text.get(default) or next(iter(text.values()), "")


_TEXT_OF: Mapping[Part, Callable[[Question], LocalText]] = {
    Part.LABEL: attrgetter("label"),
    Part.HINT: attrgetter("hint"),
    Part.GUIDANCE: attrgetter("guidance"),
    Part.WHY: attrgetter("why"),
    Part.PROBE: attrgetter("probe"),
    Part.CONSTRAINT: attrgetter("constraint_message"),
    Part.REQUIRED: attrgetter("required_message"),
}
