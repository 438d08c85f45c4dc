"""The weekly review of what was not understood: groups misses, suggests what they mean, and writes sentences into the
training data; where misses come from and how they are shown is left to others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.miss import Miss
from domain.understanding import Command
from nlu.deidentify import deidentify
from nlu.rasa_data import DATA, HELD_OUT, LANGUAGES, read_examples
from nlu.rules.normalise import fold
from nlu.rules.safety import signals_in

SUGGESTED = 2
_COMMAND = "command:"
_HEAD = 'version: "3.1"\nnlu:\n  - intent: {intent}\n    examples: |\n'
_INTENT_OF = {
    "yes": "affirm", "no": "deny", "later": "later", "agree_strongly": "agree_strongly", "agree": "agree",
    "neutral": "neutral", "disagree": "disagree", "disagree_strongly": "disagree_strongly",
    **{f"{_COMMAND}{command}": command.value for command in Command},
}  # fmt: skip # read as a table


@dataclass(frozen=True, slots=True)
class MissGroup:
    """The same words of one language, folded, as often as they were said. `id` is the number of the first of `misses`."""

    misses: tuple[Miss, ...]

    @property
    def id(self) -> int:
        return self.misses[0].id

    @property
    def text(self) -> str:
        return self.misses[0].text

    @property
    def language(self) -> str:
        return self.misses[0].language

    def each(self, what: str) -> tuple[str, ...]:
        """The different values that the misses have for one of their texts, the most frequent first."""
        values: list[str] = [getattr(miss, what) for miss in self.misses]
        return tuple(sorted({*values} - {""}, key=lambda value: (-values.count(value), value)))

    @property
    def heard(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for miss in self.misses for value in miss.heard))

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The likeliest two intents: what people then chose, what was heard, what the model thought."""
        chosen = (_INTENT_OF.get(value, "") for value in self.each("chosen"))
        heard = (_INTENT_OF.get(value, "") for value in self.heard)
        thought = (intent for miss in self.misses for intent in miss.intents)
        known = intents()
        return tuple(each for each in dict.fromkeys((*chosen, *heard, *thought)) if each in known)[:SUGGESTED]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a sentence was not written: `code` is one of unknown_intent, unknown_language, empty, personal, danger, marks,
    held_out, there_already (of the intent `where`)."""

    code: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The sentence as it stands in `path` now."""

    text: str
    path: Path


def group_misses(misses: Iterable[Miss]) -> tuple[MissGroup, ...]:
    """The most frequent first, then the oldest."""
    groups: dict[tuple[str, str], list[Miss]] = {}
    for miss in misses:
        groups.setdefault((miss.language, fold(miss.text) or miss.text), []).append(miss)
    found = [MissGroup(tuple(each)) for each in groups.values()]
    return tuple(sorted(found, key=lambda group: (-len(group.misses), group.id)))


def in_danger(misses: Iterable[Miss]) -> Sequence[int]:
    """The ids of those in which the safety floor of today hears danger that the one of their day did not."""
    return [miss.id for miss in misses if signals_in(miss.text)]


def intents(data: Path = DATA) -> frozenset[str]:
    return frozenset(path.stem for path in (data / "nl").glob("*.yml"))


def write_sentence(text: str, intent: str, language: str, *, data: Path = DATA) -> Written | Refused:
    """Adds one sentence to the training file of an intent, at the end, unless that would do harm."""
    text = " ".join(text.split())
    refused = _look_over(text, intent, language, data)
    if refused is not None:
        return refused
    path = data / language / f"{intent}.yml"
    before = path.read_text(encoding="utf-8") if path.exists() else _HEAD.format(intent=intent)
    # In one go: a file that is half written would train half a model.
    fresh = path.with_suffix(".new")
    fresh.write_text(f"{before.rstrip()}\n      - {text}\n", encoding="utf-8")
    fresh.replace(path)
    return Written(text, path)


def _look_over(text: str, intent: str, language: str, data: Path) -> Refused | None:
    if language not in LANGUAGES:
        return Refused("unknown_language")
    if intent not in intents(data):
        return Refused("unknown_intent")
    if not fold(text):
        return Refused("empty")
    if signals_in(text):
        return Refused("danger")
    if set(text) & set("[]{}()|") or text.startswith(("/", "-", "#")):
        return Refused("marks")
    if deidentify(text) != text:
        return Refused("personal")
    plain = fold(text)
    if plain in _folded(data / HELD_OUT.name):
        return Refused("held_out")
    there = _folded(data).get(plain)
    return Refused("there_already", there) if there is not None else None


def _folded(folder: Path) -> Mapping[str, str]:
    """Each sentence there is, folded, and its intent."""
    return {fold(each.text): each.intent for each in read_examples(folder)}
