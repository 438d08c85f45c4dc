"""Reads an XForm into a Questionnaire: model, binds and body; what a chat adds comes from the sheet's rows.

Everything that is not supported becomes a Fault. Expressions stay text here; syntax reads them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bot.forms.chat_columns import OTHER_WORDS, ChatColumns
from bot.forms.faults import Fault, Row
from bot.forms.form_actions import Actions, refuse_in_repeats
from bot.forms.form_choices import Choices
from bot.forms.form_texts import Texts, child_of, read_texts, tag_of
from bot.forms.trees import repeat_questions
from domain.questionnaire import Group, LocalText, Question, QuestionKind, Questionnaire

_JR = "{http://openrosa.org/javarosa}"
_BY_TYPE = {
    "int": QuestionKind.INTEGER,
    "integer": QuestionKind.INTEGER,
    "decimal": QuestionKind.DECIMAL,
    "string": QuestionKind.TEXT,
    "text": QuestionKind.TEXT,
    "date": QuestionKind.DATE,
    "time": QuestionKind.TIME,
    "dateTime": QuestionKind.DATETIME,
    "geopoint": QuestionKind.GEOPOINT,
}
_BY_CONTROL = {
    "select1": QuestionKind.SELECT_ONE,
    "select": QuestionKind.SELECT_MULTIPLE,
    "trigger": QuestionKind.ACKNOWLEDGE,
    "range": QuestionKind.RANGE,
}
_BY_MEDIA = {"image": QuestionKind.IMAGE, "audio": QuestionKind.AUDIO}
_METADATA = {("timestamp", "start"), ("timestamp", "end"), ("date", "today")}


@dataclass(frozen=True, slots=True)
class ReadForm:
    """`root` is the name of the root node, which expressions begin with."""

    questionnaire: Questionnaire
    root: str
    faults: list[Fault]


def read_xform(
    xml: str, rows: Mapping[str, Row], choices: Mapping[tuple[str, str], Row], default_language: str
) -> ReadForm:
    """The questionnaire and everything in it that is not supported. Raises ElementTree.ParseError."""
    document = ElementTree.fromstring(xml)
    head, body = child_of(document, "head"), child_of(document, "body")
    model = child_of(head, "model")
    data = next(iter(instance), None) if (instance := child_of(model, "instance")) is not None else None
    if model is None or body is None or data is None:
        fault = Fault("", "", "this is not an XForm", "It needs a model with an instance, and a body")
        return ReadForm(Questionnaire("", "", {}, "nl", (), ()), "", [fault])
    faults: list[Fault] = []
    texts = read_texts(model, default_language)
    chat = ChatColumns(rows, choices, texts.default_language, faults)
    reading = _Reading(model, data, body, texts, chat, faults)
    title = child_of(head, "title")
    return ReadForm(
        reading.questionnaire((title.text or "").strip() if title is not None else ""), reading.root, faults
    )


def _attribute(element: Element | None, name: str) -> str:
    return element.get(name, "").strip() if element is not None else ""


class _Reading:
    """One form while it is read. Nodes are taken in the order of the model's instance."""

    def __init__(
        self,
        model: Element,
        data: Element,
        body: Element,
        texts: Texts,
        chat: ChatColumns,
        faults: list[Fault],
    ) -> None:
        self.data, self.texts, self.chat, self.faults = data, texts, chat, faults
        self.root = tag_of(data)
        lists = [each for each in model if tag_of(each) == "instance"][1:]
        self.choices = Choices({each.get("id", ""): each for each in lists}, texts, chat, faults)
        self.actions = Actions(self.path, faults)
        self.counts: dict[str, str] = {}
        self.binds = {self.path(each.get("nodeset", "")): each for each in model if tag_of(each) == "bind"}
        self.controls: dict[str, Element] = {}
        self.groups: list[Group] = []
        self.questions: list[Question] = []
        self._read_model(model, lists)
        self._read_body(body)

    def fault(self, path: str, column: str, rule: str, fix: str) -> None:
        self.faults.append(Fault(path, column, rule, fix))

    def path(self, reference: str) -> str:
        return reference.strip().removeprefix(f"/{self.root}").strip("/")

    def questionnaire(self, title: str) -> Questionnaire:
        for node, path in _walk(self.data, ""):
            if path != "meta" and not path.startswith("meta/"):
                self._read_node(node, path)
        self._refuse_another_order()
        self.faults += refuse_in_repeats(self.questions, self.counts, self.chat.wishes)
        read = Questionnaire(
            id=self.data.get("id", ""),
            version=self.data.get("version", ""),
            title={self.texts.default_language: title},
            default_language=self.texts.default_language,
            languages=self.texts.languages,
            questions=tuple(self.questions),
            groups=tuple(self.groups),
            lists=self.choices.rows(),
        )
        return replace(read, questions=repeat_questions(read))

    def _read_model(self, model: Element, lists: list[Element]) -> None:
        for element in model:
            if tag_of(element) == "setvalue":
                self.actions.read(element, "")
            elif tag_of(element) not in ("itext", "instance", "bind"):
                self.fault(
                    "", "", f'"{tag_of(element)}" in the model is not supported', "Remove it from the form"
                )
        for each in lists:
            if each.get("src"):
                rule = f"the external list {each.get('src')} is not supported"
                self.fault("", "", rule, "Put its choices in the form")

    def _read_body(self, parent: Element) -> None:
        for element in parent:
            tag = tag_of(element)
            if tag in ("label", "hint", "setvalue"):
                continue
            path = self.path(element.get("ref") or element.get("nodeset") or "")
            if tag == "repeat":
                self.counts[path] = _attribute(element, f"{_JR}count")
            self.controls.setdefault(path, element)
            if tag in ("group", "repeat"):
                self._read_body(element)
            for action in element:
                if tag_of(action) == "setvalue":
                    self.actions.read(action, path)

    def _refuse_another_order(self) -> None:
        asked = [question.path for question in self.questions if question.path in self.controls]
        shown = [path for path in self.controls if path in set(asked)]
        for path, other in zip(shown, asked, strict=True):
            if path != other:
                rule = f"the body has /{path} where the model has /{other}"
                self.fault("", "", rule, "Give the body and the model's instance the same order")
                return

    def _read_node(self, node: Element, path: str) -> None:
        control = self.controls.get(path)
        if len(node) or (control is not None and tag_of(control) in ("group", "repeat")):
            label = self.texts.of(child_of(control, "label"))
            relevant = _attribute(self.binds.get(path), "relevant")
            self.groups.append(Group(path, label, relevant, path in self.counts, self.counts.get(path, "")))
            self.chat.read_group(path)
            return
        default = (node.text or "").strip()
        question = self._question(path, self.binds.get(path), control, default)
        self.questions.append(self.chat.complete(question))

    def _question(self, path: str, bind: Element | None, control: Element | None, default: str) -> Question:
        label = self.texts.of(child_of(control, "label"))
        if self.chat.is_other_words(path):
            label = OTHER_WORDS
        if control is not None and not label:
            self.fault(path, "label", "there is no label", "Write what the person is asked or told")
        label = label or (
            {self.texts.default_language: path.rpartition("/")[2]} if control is not None else {}
        )
        return Question(
            path=path,
            kind=self._kind(path, bind, control),
            label=label,
            hint=self.texts.of(child_of(control, "hint")),
            guidance=self.texts.of(child_of(control, "hint"), "guidance"),
            choices=self.choices.of(control, path) if control is not None else (),
            required=_attribute(bind, "required"),
            relevant=_attribute(bind, "relevant"),
            constraint=_attribute(bind, "constraint"),
            constraint_message=self._message(bind, "constraint"),
            required_message=self._message(bind, "required"),
            default=default,
            dynamic_default="now()"
            if _preload(bind) == ("timestamp", "start")
            else self.actions.defaults.get(path, ""),
            triggers=tuple(self.actions.triggers.get(path, {})),
            recalculation=self.actions.recalculation(path),
            choice_filter=self.choices.filter_of(control),
            low=_number(control, "start"),
            high=_number(control, "end"),
            step=_number(control, "step"),
            media=tuple(self.texts.media_of(child_of(control, "label"))),
            calculation="today()" if _preload(bind) == ("date", "today") else _attribute(bind, "calculate"),
            block=self._block(path),
            appearance=_attribute(control, "appearance"),
        )

    def _block(self, path: str) -> str:
        top = path.partition("/")[0]
        return next((group.path for group in self.groups if group.path == top and group.label), "")

    def _message(self, bind: Element | None, what: str) -> LocalText:
        words = _attribute(bind, f"{_JR}{what}Msg")
        text = self.texts.refers_to(words)
        if text is not None:
            return text
        return {self.texts.default_language: words} if words else {}

    def _kind(self, path: str, bind: Element | None, control: Element | None) -> QuestionKind:
        preload = _preload(bind)
        if preload[0]:
            if preload not in _METADATA:
                rule = f"{preload[1] or preload[0]} is not supported"
                self.fault(path, "type", rule, "Only start, end and today can be there")
            return QuestionKind.METADATA
        calculated = bool(_attribute(bind, "calculate"))
        if control is None:
            return QuestionKind.CALCULATE if calculated else QuestionKind.HIDDEN
        data_type = (_attribute(bind, "type") or "string").rpartition(":")[2]
        read_only = _attribute(bind, "readonly") not in ("", "false()")
        if read_only and tag_of(control) == "input" and data_type == "string" and not calculated:
            return QuestionKind.NOTE
        if calculated or read_only:
            rule = "a question that is asked cannot be calculated or read-only"
            self.fault(path, "calculation", rule, "Make it a calculate or a note")
        return self._asked_kind(path, control, data_type)

    def _asked_kind(self, path: str, control: Element, data_type: str) -> QuestionKind:
        tag = tag_of(control)
        named = data_type if tag == "input" else control.get("mediatype", tag).partition("/")[0]
        if control.get("query"):
            named = "select_one_external"
        elif tag in _BY_CONTROL:
            return _BY_CONTROL[tag]
        elif tag == "upload" and named in _BY_MEDIA:
            return _BY_MEDIA[named]
        elif tag == "input" and data_type in _BY_TYPE:
            return _BY_TYPE[data_type]
        rule = f'a question of type "{named}" is not supported'
        self.fault(path, "type", rule, "Ask it as text, a number, a date or a choice")
        return QuestionKind.TEXT


def _number(control: Element | None, name: str) -> float | None:
    """An attribute of a range; None for other controls."""
    if control is None or tag_of(control) != "range":
        return None
    try:
        return float(control.get(name, ""))
    except ValueError:
        return None


def _preload(bind: Element | None) -> tuple[str, str]:
    """What a client fills in by itself, such as ("timestamp", "start")."""
    return _attribute(bind, f"{_JR}preload"), _attribute(bind, f"{_JR}preloadParams")


def _walk(node: Element, base: str) -> Iterator[tuple[Element, str]]:
    """Every node below, in order; the first of two with the same name (a repeat and its template)."""
    seen = set()
    for child in node:
        if tag_of(child) not in seen:
            seen.add(tag_of(child))
            path = f"{base}/{tag_of(child)}" if base else tag_of(child)
            yield child, path
            yield from _walk(child, path)
