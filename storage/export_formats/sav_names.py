"""Names and labels as SPSS takes them."""

import re
import unicodedata

from storage.export_formats.words import cut, whole

NAME, LABEL, VALUE_LABEL, TEXT = 64, 256, 120, 32_767
"""How many bytes of UTF-8 fit."""

_RESERVED = frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"])
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_]+")


class Names:
    """Gives every variable a name of its own; capitals make no difference."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self.notes: list[str] = []

    def give(self, wanted: str) -> str:
        plain = wanted.replace("/", "_")
        name = self._free(_valid(plain))
        if name != plain:
            self.notes.append(f"{wanted} is called {name}: SPSS has no room for the name as it is.")
        return name

    def _free(self, name: str) -> str:
        found, number = name, 1
        while found.lower() in self._taken or found.lower() in _RESERVED:
            number += 1
            found = f"{name[: NAME - 6]}_{number}"
        self._taken.add(found.lower())
        return found


def _valid(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = _NOT_PLAIN.sub("_", letters)
    begun = plain if plain[:1].isalpha() else f"v_{plain}"
    return begun[:NAME].rstrip("_") or "v"


class Labels:
    """Cuts what is too long for SPSS, and remembers what was cut."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def of_variable(self, name: str, label: str) -> str:
        return self._cut(label, LABEL, f"The label of {name}")

    def of_value(self, name: str, value: str, label: str) -> str:
        return self._cut(label, VALUE_LABEL, f"The label of the value {value} of {name}")

    def _cut(self, label: str, size: int, what: str) -> str:
        label, _ = whole(label.replace("\0", ""))
        short = cut(label, size)
        if short != label:
            self.notes.append(f"{what} was cut after {size} bytes; SPSS takes no more.")
        return short
