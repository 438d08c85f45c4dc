"""Draws a questionnaire as one web page that looks like the chat and needs no network; every word goes in escaped."""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from app.forms_terminal import shown
from bot.forms.conditions import condition_of, shown_text
from bot.forms.form import Form
from bot.forms.reviewing import minutes
from domain.questionnaire import LocalText, Question, QuestionKind

_CHAT_CSS = Path(__file__).resolve().parent.parent / "bot" / "channels" / "web" / "static" / "chat.css"

_CSS = """
.pick { position: absolute; opacity: 0; }
.picks { display: flex; align-items: start; gap: .6rem; flex-wrap: wrap; }
.picks label { padding: .35rem 1rem; border: 2px solid var(--accent); border-radius: 1.4rem; color: var(--accent); cursor: pointer; }
.pick:checked + label { background: var(--accent); color: var(--on-accent); }
.pick:focus-visible + label { outline: 3px solid var(--accent); outline-offset: 3px; }
.talk { display: none; padding-block: 1rem 3rem; }
.talk h2 { margin: 2rem 0 1rem; font-size: 1.2rem; border-bottom: 1px solid var(--line); }
.talk ol { list-style: none; margin: 0; padding: 0; }
.when { margin-bottom: .35rem; color: var(--soft); font-style: italic; }
.key { display: inline-block; min-height: 2.7rem; padding: .45rem 1.1rem; border: 2px solid var(--accent); border-radius: 1.4rem;
  background: var(--card); color: var(--accent); font-weight: 600; line-height: 1.3; }
.key.quiet-key { border: 1px solid var(--edge); color: var(--ink); font-weight: 400; }
.choices ul { display: contents; list-style: none; }
.hint-line { color: var(--soft); }
.about { color: var(--soft); font-size: .9rem; margin-top: .4rem; }
details { margin-top: .5rem; color: var(--soft); }
summary { cursor: pointer; min-height: 1.9rem; }
@media print { .talk { display: block; } .picks { display: none; } details > * { display: block; } }
"""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "language": "Taal", "preview": "Voorbeeld van het gesprek", "version": "versie",
        "length": "hooguit ongeveer {minutes} minuten, voor wie rustig leest en elke vraag krijgt", "when": "Alleen als: {condition}.",
        "more": "Uitleg en waarom", "guidance": "Bij \u201cleg uit\u201d: ", "why": "Bij \u201cwaarom?\u201d: ",
        "probe": "Bij een kort antwoord: ", "wrong": "Als het antwoord niet kan: ", "skip": "Sla over", "done": "Klaar met kiezen",
        "text": "Hier typt u zelf een antwoord.", "integer": "Hier typt u een getal.", "decimal": "Hier typt u een getal.",
        "date": "Hier typt u een datum.", "time": "Hier typt u een tijd.",
        "discard": "Hier stopt het gesprek. Er wordt niets bewaard.", "finish": "Hier eindigt het gesprek.",
        "consent": "Dit is een vraag om toestemming.", "repeat": "Dit komt zo vaak als nodig is.", "required": "Deze vraag kan niet worden overgeslagen.",
        "purpose": "Alleen bewaard met toestemming voor: {purpose}.",
    },
    "en": {
        "language": "Language", "preview": "Preview of the conversation", "version": "version",
        "length": "at most about {minutes} minutes, for a calm reader who gets every question", "when": "Only when: {condition}.",
        "more": "Explanation and why", "guidance": "On \u201cexplain\u201d: ", "why": "On \u201cwhy?\u201d: ",
        "probe": "After a short answer: ", "wrong": "When the answer is not possible: ", "skip": "Skip", "done": "Done choosing",
        "text": "Here you type an answer.", "integer": "Here you type a number.", "decimal": "Here you type a number.",
        "date": "Here you type a date.", "time": "Here you type a time.",
        "discard": "The conversation stops here. Nothing is kept.", "finish": "The conversation ends here.",
        "consent": "This question asks consent.", "repeat": "This comes as often as is needed.", "required": "This question cannot be skipped.",
        "purpose": "Kept only with consent for: {purpose}.",
    },
}  # fmt: skip # read as rows of a table
_NAMES = {"nl": "Nederlands", "en": "English"}


def preview_page(form: Form) -> str:
    """The whole page. Its languages change without a script, so that it opens anywhere."""
    questionnaire = form.questionnaire
    languages = list(questionnaire.languages) or [questionnaire.default_language]
    default = questionnaire.default_language if questionnaire.default_language in languages else languages[0]
    title = _Talk(form, default).local(questionnaire.title)
    rules = "".join(
        f"body:has(#speak-{n}:checked) .talk-{n} {{ display: block; }}\n" for n in range(len(languages))
    )
    labels = "".join(
        f'<input class="pick" type="radio" name="language" id="speak-{n}"{" checked" if each == default else ""}>'
        f'<label for="speak-{n}" lang="{escape(each)}">{escape(_NAMES.get(each, each))}</label>'
        for n, each in enumerate(languages)
    )
    talks = "".join(
        f'<section class="talk talk-{n}" lang="{escape(each)}" aria-label="{escape(_Talk(form, each).word("preview"))}">'
        f"{_Talk(form, each).whole()}</section>"
        for n, each in enumerate(languages)
    )
    words = _WORDS.get(default, _WORDS["en"])
    return (
        f'<!doctype html>\n<html lang="{escape(default)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{_CHAT_CSS.read_text(encoding='utf-8')}{_CSS}{rules}</style>\n</head>\n<body>\n"
        f'<header class="top"><div class="inner"><div><h1>{escape(title)}</h1>'
        f'<p class="tagline">{escape(words["preview"])}</p></div>'
        f'<div class="picks" role="group" aria-label="{escape(words["language"])}">{labels}</div></div></header>\n'
        f'<main class="inner">{talks}</main>\n</body>\n</html>\n'
    )


class _Talk:
    """The conversation in one language."""

    def __init__(self, form: Form, language: str) -> None:
        self._form, self._language = form, language
        self._words = _WORDS.get(language, _WORDS["en"])

    def word(self, name: str, **values: object) -> str:
        return self._words[name].format(**values)

    def local(self, text: LocalText) -> str:
        default = self._form.questionnaire.default_language
        return shown_text(text.get(self._language) or text.get(default) or next(iter(text.values()), ""))

    def whole(self) -> str:
        questionnaire = self._form.questionnaire
        length = self.word("length", minutes=f"{minutes(self._form):.0f}")
        about = f"{questionnaire.id}, {self.word('version')} {questionnaire.version}, {length}"
        return f'<p class="about">{escape(about)}</p>{"".join(self._blocks())}'

    def _blocks(self) -> Iterator[str]:
        labels = {group.path: group.label for group in self._form.questionnaire.groups}
        block, is_open = None, False
        for question in self._form.questionnaire.questions:
            if not shown(question):
                continue
            if question.block != block:
                yield "</ol>" if is_open else ""
                yield f"<h2>{escape(self.local(labels[question.block]))}</h2>" if question.block else ""
                yield "<ol>"
                block, is_open = question.block, True
            yield self._question(question)
        yield "</ol>" if is_open else ""

    def _question(self, question: Question) -> str:
        condition = condition_of(self._form, question.path, self._language)
        when = f'<p class="when">{escape(self.word("when", condition=condition))}</p>' if condition else ""
        return (
            f'<li class="message bot">{when}<div class="bubble"><p>{escape(self.local(question.label))}</p>'
            f"{self._line(question.hint)}</div>{self._keys(question)}{self._about(question)}{self._more(question)}</li>"
        )

    def _line(self, text: LocalText) -> str:
        return f'<p class="hint-line">{escape(self.local(text))}</p>' if text else ""

    def _keys(self, question: Question) -> str:
        """The buttons as they stand under the question; they are shown, not pressed."""
        if not question.waits:
            return ""
        keys = [(self.local(choice.label), "key") for choice in question.choices]
        if question.kind is QuestionKind.SELECT_MULTIPLE:
            keys.append((self.word("done"), "key"))
        if question.consent is None and not question.required:
            keys.append((self.word("skip"), "key quiet-key"))
        items = "".join(f'<li class="{look}">{escape(title)}</li>' for title, look in keys)
        return f'<div class="choices"><ul>{items}</ul></div>' if items else ""

    def _about(self, question: Question) -> str:
        said = [self.word(question.kind.value)] if question.kind.value in self._words else []
        said += [self.word("consent")] if question.consent is not None else []
        said += [self.word("repeat")] if self._form.shape.around(question.path) else []
        said += [self.word("required")] if question.required else []
        said += (
            [self.word("purpose", purpose=question.purpose.value)] if question.purpose != "answers" else []
        )
        said += [self.word(question.exit.value)] if question.exit is not None else []
        return f'<p class="about">{escape(" ".join(said))}</p>' if said else ""

    def _more(self, question: Question) -> str:
        texts = (
            ("guidance", question.guidance), ("why", question.why), ("probe", question.probe),
            ("wrong", question.constraint_message),
        )  # fmt: skip # read as rows of a table
        lines = "".join(
            f"<p>{escape(self.word(name))}{escape(self.local(text))}</p>" for name, text in texts if text
        )
        return f"<details><summary>{escape(self.word('more'))}</summary>{lines}</details>" if lines else ""
