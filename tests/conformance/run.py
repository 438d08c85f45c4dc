"""Walks through every foreign form with both engines and tells how far they agree: `python -m tests.conformance.run`."""

import argparse
import contextlib
import sys
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from domain.errors import DefinitionError
from tests.conformance.expressions import EXPRESSIONS, xform_with
from tests.conformance.foreign import ForeignForm, MissingError, find_forms
from tests.conformance.players import Odk, OdkBrokeError, is_form, our_form, rules_of, xform_of
from tests.conformance.walk import ASPECTS, Difference, Tally, Walked, walk


@dataclass(frozen=True, slots=True)
class Walks:
    """How many walks through each form, of how many answers at most, and the seed of their chance."""

    number: int
    steps: int
    seed: int


@dataclass(slots=True)
class Report:
    found: int = 0
    converted: int = 0
    odk_refused: dict[str, str] = field(default_factory=dict)
    odk_broke: dict[str, str] = field(default_factory=dict)
    crashed: dict[str, str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    refused_forms: dict[str, set[str]] = field(default_factory=dict)
    walked: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    @property
    def differences(self) -> list[Difference]:
        return list(self.tally.differences.values())


def compare(forms: list[ForeignForm], walks: Walks) -> Report:
    report = Report(found=len(forms))
    with Odk() as odk:
        for form in forms:
            xform = _convert(form, report)
            if is_form(xform):
                report.converted += 1
                both = _read_by_both(odk, form.name, xform, report)
                if both:
                    _walk_form(odk, both, walks, report)
    return report


def _readable(report: Report) -> list[str]:
    """The expressions that we can read; those that we cannot are refused at once, each by its place."""
    try:
        our_form(xform_with(EXPRESSIONS))
    except DefinitionError as error:
        for problem in error.problems:
            place, _, rule = problem.rule.partition(": ")
            report.refused_forms.setdefault(EXPRESSIONS[int(place.removeprefix("/c"))], set()).add(rule)
    return [each for each in EXPRESSIONS if each not in report.refused_forms]


def compare_expressions(walks: Walks) -> tuple[Report, list[str]]:
    """The report on one form with every expression that both engines know, and those expressions in order."""
    report = Report(found=len(EXPRESSIONS))
    with Odk() as odk:
        known = [each for each in _readable(report) if odk.load(xform_with((each,)))["loaded"]]
        form = _read_by_both(odk, "expressions", xform_with(tuple(known)), report)
        assert form is not None
        _walk_form(odk, form, walks, report)
    return report, known


def _convert(form: ForeignForm, report: Report) -> str:
    try:
        return xform_of(form)
    except Exception as error:  # a bug of ours or of pyxform: to be told, with the others
        report.crashed[form.name] = repr(error)
        return ""


def _read_by_both(odk: Odk, name: str, xform: str, report: Report) -> Walked | None:
    try:
        ours = our_form(xform)
    except DefinitionError as error:
        report.refused_forms[name] = rules_of(error)
        report.refused.update(report.refused_forms[name])
        return None
    except Exception as error:  # the same
        report.crashed[name] = repr(error)
        return None
    theirs = odk.load(xform)
    if not theirs["loaded"]:
        report.odk_refused[name] = theirs["message"]
        return None
    return Walked(name, xform, ours)


def _walk_form(odk: Odk, form: Walked, walks: Walks, report: Report) -> None:
    report.walked.append(form.name)
    for number in range(walks.number):
        chance = Random(f"{walks.seed} {form.name} {number}")
        try:
            walk(odk, form, chance, walks.steps, report.tally)
        except OdkBrokeError as error:
            report.odk_broke[form.name] = str(error).splitlines()[0]


def tell(report: Report) -> str:
    tally = report.tally
    lines = [
        f"forms found {report.found}, made into XForms {report.converted}, refused by ours {len(report.refused_forms)}, "
        f"of the rest refused by ODK {len(report.odk_refused)}, walked by both {len(report.walked)}",
        f"steps {tally.steps}",
        *(
            f"{aspect:17} {tally.percentage(aspect):7.3f}%  ({tally.agreed[aspect]} of {tally.compared[aspect]})"
            for aspect in ASPECTS
        ),
        "",
        *(f"{count:4} forms refused by ours: {rule}" for rule, count in report.refused.most_common()),
        *(f"CRASHED on {name}: {why[:150]}" for name, why in report.crashed.items()),
        *(f"ODK refused {name}: {why[:150]}" for name, why in report.odk_refused.items()),
        *(f"ODK broke on {name}: {why[:150]}" for name, why in report.odk_broke.items()),
        "",
        *(show(each) for each in report.differences),
    ]
    return "\n".join(lines)


def show(found: Difference) -> str:
    trail = " ".join(f"{path}={value!r}" for path, value in found.trail[-6:])
    return f"DIFFERENT {found.form} {found.aspect} {found.path}: ODK {found.odk!r}, ours {found.ours!r} after {trail}"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--walks", type=int, default=20, help="walks through each form")
    options.add_argument("--steps", type=int, default=40, help="answers in each walk")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="a part of the form's name")
    options.add_argument("--expressions", action="store_true", help="the form with every expression instead")
    given = options.parse_args()
    walks = Walks(given.walks, given.steps, given.seed)
    try:
        forms = [] if given.expressions else [form for form in find_forms() if given.only in form.name]
        report = compare_expressions(walks)[0] if given.expressions else compare(forms, walks)
    except MissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    with contextlib.suppress(BrokenPipeError):
        print(tell(report))
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
