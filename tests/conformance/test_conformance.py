"""Our form logic agrees with ODK's own engine on other people's forms, but for the differences in docs/conformance.md."""

import re
from pathlib import Path

import pytest

from tests.conformance.expressions import KNOWN
from tests.conformance.foreign import ForeignForm, MissingError, find_forms
from tests.conformance.players import Odk
from tests.conformance.run import Walks, compare, compare_expressions, show, tell

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
KNOWN_ON_FORMS = {
    (
        "pyxform/pyxform/tests_v1/test_bug_round_calculation.py#1",
        "rounded",
    ): "halves-below-zero-are-rounded-up",
}
"""(form, path) of the differences on foreign forms, each with its heading in docs/conformance.md."""
FORMS_AT_LEAST = 70


@pytest.fixture(scope="module")
def forms() -> list[ForeignForm]:
    """A machine without Node, npm or the registry leaves this group out, and is told what is missing."""
    try:
        with Odk():
            return find_forms()
    except MissingError as missing:
        pytest.skip(str(missing))


# pyxform warns of what it will not do with some of these forms: that is between it and their authors.
@pytest.mark.filterwarnings("ignore")
def test_foreign_forms_agree_with_odk(forms: list[ForeignForm]) -> None:
    report = compare(forms, Walks(number=2, steps=20, seed=1))

    unknown = [each for each in report.differences if (each.form, each.path) not in KNOWN_ON_FORMS]
    assert [show(each) for each in unknown] == []
    assert not report.crashed and not report.odk_broke
    assert len(report.walked) >= FORMS_AT_LEAST, tell(report)


@pytest.mark.usefixtures("forms")
def test_expressions_agree_with_odk() -> None:
    report, expressions = compare_expressions(Walks(number=4, steps=60, seed=1))

    unknown = [
        f"{expressions[int(each.path[1:])]}: {show(each)}"
        for each in report.differences
        if not re.fullmatch(r"c\d+", each.path) or expressions[int(each.path[1:])] not in KNOWN
    ]
    assert unknown == []
    assert not report.crashed and not report.odk_broke


def test_each_known_difference_has_its_section() -> None:
    headings = re.findall(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    sections = {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}

    assert {*KNOWN.values(), *KNOWN_ON_FORMS.values()} <= sections
