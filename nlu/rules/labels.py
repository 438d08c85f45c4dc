"""Finds the choices whose words occur in a text, typos included; leaves meanings, positions and numbers to others."""

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from domain.questionnaire import Choice
from nlu.rules.normalise import squeeze, words

Words = tuple[str, ...]

_SHORTEST_TYPO = 4
_LOOSE = frozenset(
    ["de", "het", "een", "the", "a", "an", "ik", "i", "ben", "am", "met", "van", "in", "te", "en", "and"]
)
_ARTICLES = frozenset(["de", "het", "t", "the"])
_NO_SLIPS = frozenset(["ander", "andere", "anderen"])
"""Words of their own: "andere wijk" is not "anders" with a slip."""


@dataclass(frozen=True, slots=True)
class Label:
    """One way of saying a choice, folded to words; `joined` has a space between them, `tight` is squeezed as well."""

    name: str
    said: Words
    joined: str
    tight: str


def labels_of(choices: tuple[Choice, ...]) -> tuple[Label, ...]:
    """Every label and other word of every choice, in every language, longest first."""
    found: list[Label] = []
    for choice in choices:
        texts = [*choice.label.values(), *(word for also in choice.also.values() for word in also)]
        all_said = dict.fromkeys(map(_label_words, texts))
        bare = (said[1:] for said in all_said if len(said) > 1 and said[0] in _ARTICLES)
        found.extend(_label(choice.name, said) for said in dict.fromkeys((*all_said, *bare)) if said)
    return tuple(sorted(found, key=lambda label: -len(label.said)))


# The texts of a form, never of a person: they may stay in memory.
_label_words = lru_cache(maxsize=4_096)(words)


@lru_cache(maxsize=4_096)
def _label(name: str, said: Words) -> Label:
    joined = " ".join(said)
    return Label(name, said, joined, squeeze(joined))


def exact(labels: tuple[Label, ...], folded: str) -> tuple[str, ...]:
    """Choices said by exactly these words."""
    tight = squeeze(folded)
    same = tuple(label.name for label in labels if label.joined == folded)
    return same or tuple(label.name for label in labels if label.tight == tight)


def beginning_with(labels: tuple[Label, ...], found: Words) -> tuple[str, ...]:
    """Choices whose label begins with these words ("ja", "helemaal", "zo nu en")."""
    if all(word in _LOOSE for word in found):
        return ()
    *whole, last = found
    size = len(found)
    return tuple(
        label.name
        for label in labels
        if len(label.said) >= size
        and label.said[: size - 1] == tuple(whole)
        and (label.said[size - 1] == last or (len(last) >= 4 and label.said[size - 1].startswith(last)))
    )


def inside(labels: tuple[Label, ...], found: Words) -> tuple[str, ...]:
    """Choices whose label has these words next to each other; at least five letters ("grote moeite")."""
    said = " ".join(found)
    if len(said) < 5 or all(word in _LOOSE for word in found):
        return ()
    return tuple(label.name for label in labels if f" {said} " in f" {label.joined} ")


def contained(labels: tuple[Label, ...], found: Words) -> tuple[tuple[str, ...], Words]:
    """Choices whose words stand in the text, longest first and each word used once, and the words left over."""
    rest = list(found)
    names: list[tuple[int, str]] = []
    for label in labels:
        size = len(label.said)
        if all(word in _LOOSE for word in label.said):
            continue
        for start in range(len(rest) - size + 1):
            if all(map(_same, rest[start : start + size], label.said)):
                names.append((start, label.name))
                rest[start : start + size] = [""] * size
    ordered = tuple(dict.fromkeys(name for _, name in sorted(names)))
    return ordered, tuple(word for word in rest if word)


def hinted(labels: tuple[Label, ...], found: Words) -> tuple[str, ...]:
    """Choices that one word of the text belongs to and no other choice does; in the order said."""
    owners: dict[str, set[str]] = {}
    for label in labels:
        for word in label.said:
            if len(word) >= 5 and word not in _LOOSE:
                owners.setdefault(word, set()).add(label.name)
    return tuple(
        dict.fromkeys(name for word in found if len(owners.get(word, ())) == 1 for name in owners[word])
    )


def misspelt(labels: tuple[Label, ...], folded: str) -> tuple[str, ...]:
    """Choices whose whole label is a small typo away; the nearest only."""
    near: dict[int, list[str]] = {}
    for label in labels:
        distance = None if folded in _NO_SLIPS else typo_distance(label.joined, folded)
        if distance is not None:
            near.setdefault(distance, []).append(label.name)
    return tuple(near[min(near)]) if near else ()


def typo_distance(right: str, written: str) -> int | None:
    """How many slips lie between two words, or None when too many; words under four letters have none."""
    if (
        len(right) < _SHORTEST_TYPO
        or len(written) < _SHORTEST_TYPO
        or right[0].isdigit()
        or written[0].isdigit()
    ):
        return None
    limit = 1 if len(right) < 8 else 2
    if abs(len(right) - len(written)) > limit:
        return None
    distance = OSA.distance(right, written, score_cutoff=limit)
    return distance if distance <= limit else None


def _same(written: str, right: str) -> bool:
    if written == right:
        return True
    return (
        len(right) >= 6
        and written not in _NO_SLIPS
        and written[:1] == right[0]
        and typo_distance(right, written) == 1
    )
