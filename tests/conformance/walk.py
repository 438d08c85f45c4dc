"""Random walks through a form with both engines, and where they differ; which difference is known is left to known."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bot.forms.form import Form
from tests.conformance.players import Odk, Ours

ASPECTS = ("accepted", "relevant", "values", "required_missing")


@dataclass(frozen=True, slots=True)
class Difference:
    """`trail` holds the answers that lead to it, so that it can be played again."""

    form: str
    aspect: str
    path: str
    odk: object
    ours: object
    trail: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Tally:
    """`compared` and `agreed` count cells: one for each path that one of the two speaks of, at each step."""

    steps: int = 0
    compared: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ASPECTS, 0))
    agreed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ASPECTS, 0))
    differences: dict[tuple[str, str, str], Difference] = field(default_factory=dict)

    def percentage(self, aspect: str) -> float:
        return 100 * self.agreed[aspect] / self.compared[aspect] if self.compared[aspect] else 100.0


@dataclass(frozen=True, slots=True)
class Walked:
    """A form that both engines have read."""

    name: str
    xform: str
    ours: Form


def walk(odk: Odk, form: Walked, chance: Random, steps: int, tally: Tally) -> None:
    """Answers `steps` times at random. Ends early when one accepts what the other refuses: from there on the two
    hold different answers, and every further difference would only echo that one."""
    state, ours = odk.load(form.xform), Ours(form.ours)
    words = _words_in(form.xform)
    trail: list[tuple[str, str]] = []
    for _ in range(steps):
        move = _move(state, words, chance)
        if move is None:
            return
        trail.append(move)
        state, said = odk.answer(*move), ours.answer(*move)
        tally.steps += 1
        _compare(form.name, state, said, tuple(trail), tally)
        if state["accepted"] != said["accepted"]:
            return


def _compare(
    form: str, odk: dict[str, Any], ours: dict[str, Any], trail: tuple[tuple[str, str], ...], tally: Tally
) -> None:
    for aspect in ASPECTS:
        for path, theirs, mine in _cells(aspect, odk[aspect], ours[aspect], trail[-1][0]):
            tally.compared[aspect] += 1
            if is_same(theirs, mine):
                tally.agreed[aspect] += 1
            else:
                found = Difference(form, aspect, path, theirs, mine, trail)
                tally.differences.setdefault((form, aspect, re.sub(r"\[\d+\]", "", path)), found)


def _cells(aspect: str, odk: Any, ours: Any, asked: str) -> Iterator[tuple[str, object, object]]:
    if aspect == "accepted":
        yield asked, odk, ours
        return
    if aspect == "required_missing":
        odk, ours = dict.fromkeys(odk, True), dict.fromkeys(ours, True)
    for path in dict.fromkeys([*odk, *ours]):
        yield path, odk.get(path), ours.get(path)


def is_same(odk: object, ours: object) -> bool:
    """ODK writes 3.50 as 3.5: numbers are compared as numbers."""
    if odk == ours:
        return True
    if not isinstance(odk, str) or not isinstance(ours, str):
        return False
    try:
        return [float(each) for each in odk.split(" ")] == [float(each) for each in ours.split(" ")]
    except ValueError:
        return False


def _words_in(xform: str) -> list[str]:
    """The numbers and texts that the form's expressions speak of: answers that are likely to change something."""
    found: set[str] = set()
    for expression in re.findall(r'(?:relevant|constraint|calculate|required)="([^"]*)"', xform):
        plain = expression.replace("&quot;", '"').replace("&apos;", "'")
        found.update(first or second for first, second in re.findall(r"'([^']*)'|\"([^\"]*)\"", plain))
        for number in re.findall(r"(?<![\w.-])\d+(?:\.\d+)?", plain):
            found.update((number, str(float(number) - 1), str(float(number) + 1)))
    return sorted(word.removesuffix(".0") for word in found if word)


def _move(state: dict[str, Any], words: list[str], chance: Random) -> tuple[str, str] | None:
    """(path, value): mostly a question without an answer, sometimes one that has one, a clearing or a new instance."""
    asked = state["asked"]
    growing = [path for path, count in state["repeats"].items() if count < 3]
    if growing and chance.random() < 0.15:
        grown = chance.choice(growing)
        first = next((each for each in asked if each["path"].startswith(f"{grown}[1]/")), None)
        if first is not None and "[" not in first["path"][len(grown) + 3 :]:
            return f"{grown}[{state['repeats'][grown] + 1}]{first['path'][len(grown) + 3 :]}", ""
    open_questions = [each for each in asked if each["path"] not in state["values"]]
    pool = open_questions if open_questions and chance.random() < 0.7 else asked
    if not pool:
        return None
    question = chance.choice(pool)
    if question["path"] in state["values"] and chance.random() < 0.2:
        return question["path"], ""
    return question["path"], _value(question, words, chance)


def _value(question: dict[str, Any], words: list[str], chance: Random) -> str:
    choices = question["choices"]
    if choices is not None:
        return _choice(question["control"], [each for each in choices if each], chance)
    if question["control"] == "trigger":
        return "OK"
    right, wrong = _VALUES.get(question["type"], _VALUES["string"])
    if chance.random() < 0.1 and wrong:
        return chance.choice(wrong)
    fitting = [word for word in words if _FITS.get(question["type"], str.strip)(word)]
    return chance.choice(fitting) if fitting and chance.random() < 0.5 else chance.choice(right)


def _choice(control: str, choices: list[str], chance: Random) -> str:
    if not choices or chance.random() < 0.05:
        return "no_such_choice"
    if control in ("select1", "input", "range"):
        return chance.choice(choices)
    count = len(choices) if control == "rank" else chance.randint(1, min(3, len(choices)))
    return " ".join(chance.sample(choices, count))


_FITS: dict[str, Callable[[str], object]] = {
    "int": re.compile(r"-?\d{1,9}").fullmatch,
    "decimal": re.compile(r"-?\d{1,9}(\.\d+)?").fullmatch,
    "date": re.compile(r"\d{4}-\d\d-\d\d").fullmatch,
    "time": re.compile(r"\d\d:\d\d(:\d\d)?").fullmatch,
    "dateTime": lambda word: None,
    "geopoint": lambda word: None,
}
_VALUES: dict[str, tuple[list[str], list[str]]] = {
    "string": (["Anna", "two words", "é€😀", "12", "0612345678", "a@b.nl", "x" * 30], []),
    "int": (["0", "1", "2", "3", "5", "17", "18", "65", "100", "-4"], ["abc", "3.7", "2026-01-01"]),
    "decimal": (["0", "0.5", "1", "2.25", "17.5", "100", "-3.5"], ["abc", "1,5"]),
    "date": (["2026-11-23", "2026-11-24", "2000-02-29", "1958-05-01", "2030-01-31"], ["2026-02-30", "abc"]),
    "time": (["00:00:00", "09:30:00", "23:59:59"], ["09:30", "25:00", "abc"]),
    "dateTime": (["2026-11-23T13:00:00+01:00", "2000-02-29T00:00:00"], ["2026-11-23T13:00", "abc"]),
    "geopoint": (["51.85 5.86 0 0"], ["abc"]),
}
