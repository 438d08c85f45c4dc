"""The choices of a question in an XForm: written in place, or in a list of the form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from bot.forms.chat_columns import ChatColumns
from bot.forms.faults import Fault
from bot.forms.form_texts import Texts, child_of, tag_of, words_in
from domain.questionnaire import Choice

_ITEMSET = re.compile(r"instance\('([^']+)'\)/root/item")


@dataclass(frozen=True, slots=True)
class Choices:
    """`lists` are the form's secondary instances by their id."""

    lists: Mapping[str, Element]
    texts: Texts
    chat: ChatColumns
    faults: list[Fault]

    def of(self, control: Element, path: str) -> tuple[Choice, ...]:
        """The choices of the question at `path`, in order; none for a control that has none."""
        itemset = child_of(control, "itemset")
        if itemset is not None:
            choices = self._listed(itemset.get("nodeset", ""), path)
        else:
            choices = [self._in_place(item, path) for item in control if tag_of(item) == "item"]
            if not choices and tag_of(control) in ("select", "select1"):
                self._fault(path, "type", "there are no choices", "Put the list on the choices sheet")
        names = [choice.name for choice in choices]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._fault(path, "type", f'the choice "{name}" is there twice', "Give every choice its own name")
        return tuple(choices)

    def _in_place(self, item: Element, path: str) -> Choice:
        value = child_of(item, "value")
        name = words_in(value) if value is not None else ""
        return Choice(name, self.texts.of(child_of(item, "label"), path, "label"))

    def _listed(self, nodeset: str, path: str) -> list[Choice]:
        found = _ITEMSET.fullmatch(nodeset)
        if found and found[1] in self.lists:
            items = [item for root in self.lists[found[1]] for item in root if tag_of(item) == "item"]
            return [self._from_list(item, found[1], path) for item in items]
        if "[" in nodeset:
            fix = "Make two questions with a list each, and let relevant choose between them"
            self._fault(path, "choice_filter", "a choice filter is not supported", fix)
        else:
            self._fault(
                path, "type", "this list of choices is not supported", "Put the list on the choices sheet"
            )
        return []

    def _from_list(self, item: Element, listed: str, path: str) -> Choice:
        cells = {tag_of(cell): cell for cell in item}
        name = words_in(cells["name"]) if "name" in cells else ""
        if "itextId" in cells:
            label = self.texts.named(cells["itextId"].text or "", path, "label")
        else:
            label = self.texts.of(cells.get("label"), path, "label")
        return self.chat.complete_choice(Choice(name, label), listed, path)

    def _fault(self, path: str, column: str, rule: str, fix: str) -> None:
        self.faults.append(Fault(path, column, rule, fix))
