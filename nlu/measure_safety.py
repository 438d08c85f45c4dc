"""Prints how much of the safety corpora the floor hears and how often it cries wolf: `python -m nlu.measure_safety`."""

import sys
from dataclasses import dataclass
from importlib.resources import files

from domain.safety import SignalKind
from nlu.rules.safety import rules_hit, signals_in

CORPORA = ("safety", "safety_heldout", "safety_unseen", "safety_unseen_2", "safety_unseen_3")


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled text: `expected` is empty for a look-alike."""

    text: str
    expected: frozenset[SignalKind]
    phrase: str
    reason: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How the floor did on one corpus; `right_kind` counts heard cases with at least one expected kind."""

    cries: int
    missed: tuple[Case, ...]
    right_kind: int
    look_alikes: int
    false_alarms: tuple[Case, ...]

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.cries

    @property
    def false_alarm_rate(self) -> float:
        return len(self.false_alarms) / self.look_alikes


def load_cases(name: str) -> tuple[Case, ...]:
    """The cases of `corpus/<name>.tsv`."""
    lines = files("nlu").joinpath("corpus", f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return tuple(_case(*line.split("\t")) for line in lines)


def _case(text: str, expected: str, phrase: str, reason: str) -> Case:
    kinds = frozenset() if expected == "none" else frozenset(map(SignalKind, expected.split("+")))
    return Case(text, kinds, phrase, reason)


def measure(cases: tuple[Case, ...]) -> Figures:
    """Runs the floor over the cases."""
    cries = [case for case in cases if case.expected]
    calm = [case for case in cases if not case.expected]
    return Figures(
        cries=len(cries),
        missed=tuple(case for case in cries if not signals_in(case.text)),
        right_kind=sum(bool(case.expected & set(signals_in(case.text))) for case in cries),
        look_alikes=len(calm),
        false_alarms=tuple(case for case in calm if signals_in(case.text)),
    )


def report(name: str, *, details: bool) -> str:
    figures = measure(load_cases(name))
    lines = [
        f"{name}: recall {figures.recall:.1%} ({figures.cries - len(figures.missed)} of {figures.cries}), "
        f"right kind {figures.right_kind} of {figures.cries}, "
        f"false alarms {figures.false_alarm_rate:.1%} ({len(figures.false_alarms)} of {figures.look_alikes})"
    ]
    if details:
        lines += [f"  missed [{case.phrase}] {case.text}" for case in figures.missed]
        lines += [
            f"  false  [{case.phrase}] {case.text} {rules_hit(case.text)}" for case in figures.false_alarms
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    wanted = [name for name in sys.argv[1:] if name in CORPORA] or list(CORPORA)
    for corpus in wanted:
        sys.stdout.write(report(corpus, details="--details" in sys.argv) + "\n")
