"""Columns on their way to SPSS: they wait here in arrays, and become one variable or several."""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from storage.export_formats.codes import MISSING_CODES, codes
from storage.export_formats.sav_names import TEXT, Labels, Names
from storage.export_formats.spec import STATUSES, Cell, Column
from storage.export_formats.spooled import halves
from storage.export_formats.typed import SPSS, unreadable
from storage.export_formats.words import counted, cut, whole

_NONE = float("nan")
_FORMATS = {"integer": "F8.0", "time": "DATETIME20", "date": "SDATE10", "boolean": "F1.0"}
_FIRST, _LAST = min(MISSING_CODES.values()), max(MISSING_CODES.values())


@dataclass(slots=True)
class Variable:
    """`values` are floats, or texts. `missing` is the lowest and highest of its user-missing values."""

    name: str
    label: str
    values: Any
    measure: str
    value_labels: Mapping[float, str] = field(default_factory=dict)
    missing: tuple[int, int] | None = None
    format: str = ""


class Writing:
    """What the variables of one file have in common: names, labels, and words in the language of the labels."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self.names, self.labels, self.said = Names(), Labels(), said

    def variable(
        self, column: str, label: str, values: Any, measure: str, value_labels: Mapping[int, tuple[str, str]]
    ) -> Variable:
        """`value_labels` has, by its code, the name of a value and what it is called."""
        name = self.names.give(column)
        labelled = {
            float(code): self.labels.of_value(name, value, text or value)
            for code, (value, text) in value_labels.items()
        }
        return Variable(name, self.labels.of_variable(name, label), values, measure, labelled)


class Part(ABC):
    """One column. `place` says which of a row's statuses is its own."""

    def __init__(self, column: Column, place: int | None) -> None:
        self.column, self._place = column, place
        self._statuses = array("b")

    def add(self, value: Cell, statuses: Sequence[int]) -> None:
        if self._place is not None:
            self._statuses.append(statuses[self._place])
        self._keep(value)

    @abstractmethod
    def variables(self, writing: Writing) -> Iterator[Variable]:
        """What it becomes in the file: one variable, or several for a choice of several."""

    def notes(self) -> list[str]:
        return []

    @abstractmethod
    def _keep(self, value: Cell) -> None:
        """Takes the value of the next row."""

    def _with_missing(self, variable: Variable, said: Mapping[str, str]) -> Variable:
        """Puts in a code for each status without a value, lower than any answer."""
        if self._place is None:
            return variable
        statuses = np.frombuffer(self._statuses, dtype=np.int8)
        shift = _shift(variable.values[statuses == 0])
        places = [STATUSES.index(status) for status in MISSING_CODES]
        lookup = np.zeros(len(STATUSES))
        lookup[places] = [code + shift for code in MISSING_CODES.values()]
        variable.values[statuses != 0] = lookup[statuses[statuses != 0]]
        labels = {float(code + shift): said[status] for status, code in MISSING_CODES.items()}
        variable.value_labels = {**variable.value_labels, **labels}
        variable.missing = (_FIRST + shift, _LAST + shift)
        return variable


def _shift(values: Any) -> int:
    """How much lower the codes have to be so that none of them is also an answer."""
    shift, nines = 0, 100
    while bool(((values >= _FIRST + shift) & (values <= _LAST + shift)).any()):
        nines *= 10
        shift = 100 - nines
    return shift


class Numbers(Part):
    def __init__(self, column: Column, place: int | None) -> None:
        super().__init__(column, place)
        self._values, self._read = array("d"), SPSS[column.kind]
        self._unread = 0

    def _keep(self, value: Cell) -> None:
        number = None if value is None or value == "" else self._read(value)
        self._unread += number is None and value is not None and value != ""
        self._values.append(_NONE if number is None else number)

    def variables(self, writing: Writing) -> Iterator[Variable]:
        column = self.column
        said = (
            {0: ("0", writing.said["no"]), 1: ("1", writing.said["yes"])} if column.kind == "boolean" else {}
        )
        values = np.frombuffer(self._values, dtype=np.float64).copy()
        variable = writing.variable(column.name, column.label, values, column.measure, said)
        variable.format = _FORMATS.get(column.kind, "")
        yield self._with_missing(variable, writing.said)

    def notes(self) -> list[str]:
        return [unreadable(self.column.name, self._unread, self.column.kind)] if self._unread else []


class Choice(Part):
    """Choices that no form has any more get the numbers after those that one has."""

    def __init__(self, column: Column, place: int | None) -> None:
        super().__init__(column, place)
        self._values, self._codes = array("d"), codes(column.value_labels)

    def _keep(self, value: Cell) -> None:
        if value is None or value == "":
            self._values.append(_NONE)
            return
        code = self._codes.get(str(value))
        if code is None:
            code = self._codes[str(value)] = max(self._codes.values(), default=0) + 1
        self._values.append(code)

    def variables(self, writing: Writing) -> Iterator[Variable]:
        column = self.column
        labels = {code: (name, column.value_labels.get(name, name)) for name, code in self._codes.items()}
        values = np.frombuffer(self._values, dtype=np.float64).copy()
        variable = writing.variable(column.name, column.label, values, column.measure, labels)
        variable.format = "F8.0"
        yield self._with_missing(variable, writing.said)


class Choices(Part):
    """One variable for each choice: was it chosen, or not, or was nothing said."""

    def __init__(self, column: Column, place: int | None) -> None:
        super().__init__(column, place)
        self._values = array("i")
        self._seen: dict[str, int] = {}

    def _keep(self, value: Cell) -> None:
        chosen = "" if value is None else str(value)
        self._values.append(self._seen.setdefault(chosen, len(self._seen)))

    def variables(self, writing: Writing) -> Iterator[Variable]:
        column, said = self.column, writing.said
        sets = [frozenset(chosen.split()) for chosen in self._seen]
        names = dict.fromkeys([*column.value_labels, *sorted(frozenset[str]().union(*sets))])
        places = np.frombuffer(self._values, dtype=np.intc)
        labels = {0: ("0", said["not_chosen"]), 1: ("1", said["chosen"])}
        for name in names:
            marks = np.array([float(name in chosen) if chosen else _NONE for chosen in sets] or [_NONE])
            label = f"{column.label}: {column.value_labels.get(name, name)}"
            variable = writing.variable(f"{column.name}_{name}", label, marks[places], "nominal", labels)
            variable.format = "F8.0"
            yield self._with_missing(variable, said)


class Texts(Part):
    """Words, and beside them, for a question, how it was answered: SPSS knows no more than three texts as missing. Each
    text is kept once, however often it comes."""

    def __init__(self, column: Column, place: int | None) -> None:
        super().__init__(column, place)
        self._values = array("i")
        self._seen: dict[str, int] = {}
        self._cut = self._halves = 0

    def _keep(self, value: Cell) -> None:
        text = "" if value is None else str(value)
        place = self._seen.get(text)
        if place is None:
            text = self._fitting(text)
            place = self._seen.setdefault(text, len(self._seen))
        self._values.append(place)

    def _fitting(self, text: str) -> str:
        # A text of SPSS ends at a NUL; what comes after it would be gone.
        if text.isprintable() and len(text) * 4 <= TEXT:
            return text
        text, found = whole(text.replace("\0", "\ufffd"))
        self._halves += found
        short = cut(text, TEXT)
        self._cut += short != text
        return short

    def variables(self, writing: Writing) -> Iterator[Variable]:
        column = self.column
        texts = np.array([*self._seen, ""], dtype=object)[np.frombuffer(self._values, dtype=np.intc)]
        self._seen.clear()
        yield writing.variable(column.name, column.label, texts, "nominal", {})
        if self._place is not None:
            labels = {place: (status, writing.said[status]) for place, status in enumerate(STATUSES)}
            label = f"{column.label}: {writing.said['status']}"
            values = np.frombuffer(self._statuses, dtype=np.int8).astype(np.float64)
            variable = writing.variable(f"{column.name}_status", label, values, "nominal", labels)
            variable.format = "F8.0"
            yield variable

    def notes(self) -> list[str]:
        cut_off = f"{self.column.name}: {counted(self._cut, 'text was', 'texts were')} cut after {TEXT} bytes; SPSS takes no more."
        return ([cut_off] if self._cut else []) + halves(self._halves)
