"""Reads an XForm into a Questionnaire: model, binds and body; what a chat adds comes from the sheet's rows.

Everything that is not supported becomes a Fault. Expressions stay text here; syntax reads them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bot.forms.chat_columns import ChatColumns
from bot.forms.faults import Fault, Row
from bot.forms.form_choices import Choices
from bot.forms.form_texts import Texts, child_of, read_texts, tag_of
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
}
_BY_CONTROL = {
    "select1": QuestionKind.SELECT_ONE,
    "select": QuestionKind.SELECT_MULTIPLE,
    "trigger": QuestionKind.ACKNOWLEDGE,
}
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
    texts = read_texts(model, default_language, faults)
    chat = ChatColumns(rows, choices, texts.default_language, faults)
    reading = _Reading(model, data, body, texts, chat, faults)
    title = child_of(head, "title")
    return ReadForm(
        reading.questionnaire((title.text or "").strip() if title is not None else ""), reading.root, faults
    )


def _attribute(element: Element | None, name: str) -> str:
    return " ".join(element.get(name, "").split()) if element is not None else ""


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
        return Questionnaire(
            id=self.data.get("id", ""),
            version=self.data.get("version", ""),
            title={self.texts.default_language: title},
            default_language=self.texts.default_language,
            languages=self.texts.languages,
            questions=tuple(self.questions),
            groups=tuple(self.groups),
        )

    def _read_model(self, model: Element, lists: list[Element]) -> None:
        for element in model:
            if tag_of(element) == "setvalue":
                if not self.path(element.get("ref", "")).startswith("meta/"):
                    self._refuse_default(self.path(element.get("ref", "")))
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
                fix = "Write the questions out, as many times as needed"
                self.fault(path, "type", "a repeat is not supported", fix)
            self.controls.setdefault(path, element)
            if tag in ("group", "repeat"):
                self._read_body(element)
            for action in element:
                if tag_of(action) == "setvalue":
                    target = self.path(action.get("ref", ""))
                    self.fault(
                        target, "trigger", "a trigger is not supported", "Use a calculation without a trigger"
                    )

    def _refuse_default(self, path: str) -> None:
        fix = "Leave the column empty; nothing is filled in for people"
        self.fault(path, "default", "a default is not supported", fix)

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
            label = self.texts.of(child_of(control, "label"), path, "label")
            self.groups.append(Group(path, label, _attribute(self.binds.get(path), "relevant")))
            self.chat.read_group(path)
            return
        if (node.text or "").strip():
            self._refuse_default(path)
        self.questions.append(self.chat.complete(self._question(path, self.binds.get(path), control)))

    def _question(self, path: str, bind: Element | None, control: Element | None) -> Question:
        label = self.texts.of(child_of(control, "label"), path, "label")
        if control is not None and not label:
            self.fault(path, "label", "there is no label", "Write what the person is asked or told")
        return Question(
            path=path,
            kind=self._kind(path, bind, control),
            label=label,
            hint=self.texts.of(child_of(control, "hint"), path, "hint"),
            guidance=self.texts.of(child_of(control, "hint"), path, "guidance_hint", "guidance"),
            choices=self.choices.of(control, path) if control is not None else (),
            required=_attribute(bind, "required"),
            relevant=_attribute(bind, "relevant"),
            constraint=_attribute(bind, "constraint"),
            constraint_message=self._message(path, bind),
            calculation="today()" if _preload(bind) == ("date", "today") else _attribute(bind, "calculate"),
            block=self._block(path),
            appearance=_attribute(control, "appearance"),
        )

    def _block(self, path: str) -> str:
        top = path.partition("/")[0]
        return next((group.path for group in self.groups if group.path == top and group.label), "")

    def _message(self, path: str, bind: Element | None) -> LocalText:
        if _attribute(bind, f"{_JR}requiredMsg"):
            fix = "Remove it; the chat has its own"
            self.fault(path, "required_message", "a required message is not supported", fix)
        words = _attribute(bind, f"{_JR}constraintMsg")
        text = self.texts.refers_to(words, path, "constraint_message")
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
        elif tag == "input" and data_type in _BY_TYPE:
            return _BY_TYPE[data_type]
        rule = f'a question of type "{named}" is not supported'
        self.fault(path, "type", rule, "Ask it as text, a number, a date or a choice")
        return QuestionKind.TEXT


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
