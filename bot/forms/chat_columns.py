"""Adds to a question what only a chat needs: the chat: columns of the sheet's rows, checked one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from bot.forms.faults import Fault, Row
from domain.consent import Purpose
from domain.questionnaire import BIRTH_KINDS, Choice, Exit, Fact, Meaning, Personal, Question, QuestionKind

E = TypeVar("E", bound=StrEnum)
OTHER = Choice(
    "other",
    {"nl": "Anders", "en": "Other"},
    also={"nl": ("iets anders", "wat anders"), "en": ("something else",)},
)
OTHER_WORDS = {
    "nl": "Wat dan? U mag het in uw eigen woorden zeggen.",
    "en": "What is it? You can use your own words.",
}
"""The choice and the question that or_other adds; a form has no words of its own for them."""
_OTHER = "_other"


@dataclass(slots=True)
class ChatColumns:
    """`rows` by path and `choices` by (list, name) hold the cells; both are empty for a plain XForm."""

    rows: Mapping[str, Row]
    choices: Mapping[tuple[str, str], Row]
    default_language: str
    faults: list[Fault]
    purposes: dict[str, Purpose] = field(default_factory=dict)
    wishes: set[str] = field(default_factory=set)
    consents: set[Purpose] = field(default_factory=set)

    def read_group(self, path: str) -> None:
        """Notes what a group says for everything inside it."""
        for column in ("chat:consent", "chat:exit", "chat:reach", "chat:fact", "chat:personal"):
            if self._cell(path, column):
                self._fault(path, column, "this is not for a group", "Put it on a question or a note inside")
        purpose = self._word(path, "chat:purpose", Purpose)
        if purpose is not None:
            self.purposes[path] = purpose
        if self._says_yes(path, "chat:wish"):
            self.wishes.add(path)

    def is_other_words(self, path: str) -> bool:
        """Whether the question at `path` comes from or_other on the one before it."""
        row = self.rows.get(path.removesuffix(_OTHER)) if path.endswith(_OTHER) else None
        return row is not None and path not in self.rows and "other" in row.cells.get("type", "")

    def complete(self, question: Question) -> Question:
        path, parents = question.path, _parents(question.path)
        inherited = next(
            (self.purposes[group] for group in parents if group in self.purposes), Purpose.ANSWERS
        )
        if self._cell(path, "chat:wish"):
            self._fault(path, "chat:wish", "a wish is a group", "Put chat:wish on the group around it")
        for column in ("chat:why", "chat:probe"):
            if any("${" in words for words in self._words(path, column).values()):
                fix = "Write it without, or put the answer into the label or the hint"
                self._fault(path, column, "an answer cannot be said here", fix)
        reach = self._says_yes(path, "chat:reach")
        completed = replace(
            question,
            why=self._words(path, "chat:why"),
            probe=self._words(path, "chat:probe"),
            consent=self._word(path, "chat:consent", Purpose),
            exit=self._word(path, "chat:exit", Exit),
            purpose=Purpose.CONTACT if reach else self._word(path, "chat:purpose", Purpose) or inherited,
            wish=not reach and any(group in self.wishes for group in parents),
            reach=reach,
            fact=self._word(path, "chat:fact", Fact),
            personal=self._word(path, "chat:personal", Personal),
        )
        self._check(completed)
        return completed

    def complete_choice(self, choice: Choice, listed: str, path: str) -> Choice:
        row = self.choices.get((listed, choice.name))
        if row is None:
            return OTHER if choice.name == OTHER.name and self.choices else choice
        meaning = row.cells.get("chat:meaning", "")
        if meaning and meaning not in set(Meaning):
            known = ", ".join(Meaning)
            self._fault(
                path, "chat:meaning", f'"{meaning}" (choice {choice.name}) is unknown', f"Use one of: {known}"
            )
            return choice
        also = {
            code: tuple(word.strip() for word in words.split(",") if word.strip())
            for code, words in self._translated(row, "chat:also").items()
        }
        return replace(choice, meaning=Meaning(meaning) if meaning else None, also=also)

    def _check(self, question: Question) -> None:
        agrees = any(choice.meaning is Meaning.YES for choice in question.choices)
        if question.consent and not (question.kind is QuestionKind.SELECT_ONE and agrees):
            fix = "Make it a select_one with a choice that has chat:meaning yes"
            self._fault(question.path, "chat:consent", "consent needs a yes or no", fix)
        if question.exit and question.kind is not QuestionKind.NOTE:
            self._fault(
                question.path, "chat:exit", "only a note can end the form", "Put it on a note after this"
            )
        if question.probe and question.kind is not QuestionKind.TEXT:
            self._fault(question.path, "chat:probe", "only a text question is probed", "Remove the probe")
        if question.fact and question.kind is not QuestionKind.HIDDEN:
            self._fault(
                question.path, "chat:fact", "a fact fills a hidden row", "Give the row the type hidden"
            )
        if question.personal is Personal.AGE and question.kind not in BIRTH_KINDS:
            fix = "Put it on an integer, a decimal, a range or a date, or write identifying"
            self._fault(question.path, "chat:personal", "an age is a number or a date", fix)
        if question.consent:
            self.consents.add(question.consent)
        if question.reach:
            self._check_reach(question)

    def _check_reach(self, question: Question) -> None:
        path = question.path
        if question.kind is not QuestionKind.TEXT or question.probe:
            fix = "Make it a text question without chat:probe"
            self._fault(path, "chat:reach", "a way to reach somebody is typed, once", fix)
        if Purpose.CONTACT not in self.consents:
            fix = "Ask a question with chat:consent contact before it"
            self._fault(path, "chat:reach", "it is kept only with consent for contact", fix)

    def _cell(self, path: str, column: str) -> str:
        row = self.rows.get(path)
        return row.cells.get(column, "").strip() if row else ""

    def _word(self, path: str, column: str, words: type[E]) -> E | None:
        cell = self._cell(path, column)
        if not cell:
            return None
        if cell not in set(words):
            self._fault(path, column, f'"{cell}" is unknown', f"Use one of: {', '.join(words)}")
            return None
        return words(cell)

    def _says_yes(self, path: str, column: str) -> bool:
        cell = self._cell(path, column)
        if cell not in ("", "yes"):
            self._fault(path, column, f'"{cell}" is unknown', "Write yes or leave it empty")
        return cell == "yes"

    def _words(self, path: str, column: str) -> dict[str, str]:
        row = self.rows.get(path)
        return self._translated(row, column) if row else {}

    def _translated(self, row: Row, column: str) -> dict[str, str]:
        texts = {}
        for name, cell in row.cells.items():
            base, _, language = name.partition("::")
            if base.strip() == column and cell.strip():
                texts[_code(language.strip(), self.default_language)] = " ".join(cell.split())
        return texts

    def _fault(self, path: str, column: str, rule: str, fix: str) -> None:
        self.faults.append(Fault(path, column, rule, fix))


def _code(language: str, default: str) -> str:
    """As in the label columns: the code in brackets, or the code by itself."""
    return (language.rpartition("(")[2].rstrip(") ") or default).lower()


def _parents(path: str) -> list[str]:
    """The groups around a path, the nearest first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
