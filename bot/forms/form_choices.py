"""The choices of a question in an XForm: written in place, or in a list of the form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from bot.forms.chat_columns import ChatColumns
from bot.forms.faults import Fault
from bot.forms.form_texts import Texts, child_of, tag_of, words_in
from domain.questionnaire import Choice

_ITEMSET = re.compile(r"instance\('([^']+)'\)/root/item(\[.*\])?", re.DOTALL)


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
            choices = [self._in_place(item) for item in control if tag_of(item) == "item"]
            if not choices and tag_of(control) in ("select", "select1"):
                self._fault(path, "type", "there are no choices", "Put the list on the choices sheet")
        names = [choice.name for choice in choices]
        if "" in names:
            self._fault(path, "type", "a choice has no name", "Give every choice its own name")
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            self._fault(path, "type", f'the choice "{name}" is there twice', "Give every choice its own name")
        return tuple(choices)

    def _in_place(self, item: Element) -> Choice:
        value = child_of(item, "value")
        name = words_in(value) if value is not None else ""
        return Choice(name, self.texts.of(child_of(item, "label")))

    def _listed(self, nodeset: str, path: str) -> list[Choice]:
        found = _ITEMSET.fullmatch(nodeset)
        if found and found[1] in self.lists:
            items = [item for root in self.lists[found[1]] for item in root if tag_of(item) == "item"]
            return [self._from_list(item, found[1], path) for item in items]
        self._fault(path, *_refusal(nodeset))
        return []

    def filter_of(self, control: Element | None) -> str:
        """The expression for the names of the choices that are offered; empty when all are."""
        itemset = child_of(control, "itemset")
        nodeset = itemset.get("nodeset", "") if itemset is not None else ""
        found = _ITEMSET.fullmatch(nodeset)
        if not found or not found[2]:
            return ""
        value = child_of(itemset, "value")
        return f"{nodeset}/{value.get('ref', 'name') if value is not None else 'name'}"

    def rows(self) -> dict[str, tuple[dict[str, str], ...]]:
        """Every list of the form as rows of plain cells; a translated label in the default language."""
        return {
            name: tuple(self._cells(item) for root in each for item in root if tag_of(item) == "item")
            for name, each in self.lists.items()
            if not each.get("src")
        }

    def _cells(self, item: Element) -> dict[str, str]:
        cells = {tag_of(cell): words_in(cell) for cell in item}
        if "itextId" in cells and "label" not in cells:
            texts = self.texts.by_id.get(cells["itextId"], {}).get("", {})
            cells["label"] = texts.get(self.texts.default_language) or next(iter(texts.values()), "")
        return cells

    def _from_list(self, item: Element, listed: str, path: str) -> Choice:
        cells = {tag_of(cell): cell for cell in item}
        name = words_in(cells["name"]) if "name" in cells else ""
        if "itextId" in cells:
            label = self.texts.named(cells["itextId"].text or "")
        else:
            label = self.texts.of(cells.get("label"))
        return self.chat.complete_choice(Choice(name, label), listed, path)

    def _fault(self, path: str, column: str, rule: str, fix: str) -> None:
        self.faults.append(Fault(path, column, rule, fix))


def _refusal(nodeset: str) -> tuple[str, str, str]:
    """Column, rule and fix for a list that is not on the choices sheet as it is."""
    if nodeset.startswith("randomize("):
        return "parameters", "a random order of choices is not supported", "Remove randomize and seed"
    if nodeset.startswith("/"):
        return "type", "choices from a repeat are not supported", "Ask it as text"
    return "type", "this list of choices is not supported", "Put the list on the choices sheet"
