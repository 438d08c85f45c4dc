"""count() of a repeat, of all its instances or of some, where a count or the resident says how many there are."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.forms.load import load_form
from bot.forms.tracing import Tracer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLE = """
| survey | |
| | type | name | label | relevant | calculation | repeat_count |
| | integer | a | Hoeveel? |
| | begin group | g | Thuis | ${a} != 9 |
| | begin repeat | r | Kind | | | %s |
| | integer | n | Hoe oud? |
| | end repeat |
| | calculate | beside | | | count(../r) |
| | end group |
| | calculate | every | | | count(${r}) |
| | calculate | some | | | count(${r}[${n} > 1]) |
| | calculate | filled | | | count-non-empty(${r}) |
| settings | |
| | form_id | version |
| | counting | 1 |
"""


def _values(count: str, *given: tuple[str, str]) -> dict[str, Any]:
    tracer = Tracer(load_form(Path("counting.md"), text=TABLE % count), seed="s")
    told: dict[str, Any] = {}
    for name, value in given:
        told = json.loads(tracer.take(json.dumps({"name": name, "value": value}), NOW))
        assert told["accepted"] is True
    values: dict[str, Any] = told["values"]
    return {name: values.get(name, "") for name in ("g/beside", "every", "some", "filled")}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("a", "0")], ("0", "0", "0")),
        ([("a", "2")], ("2", "2", "0")),
        ([("a", "2"), ("g/r[1]/n", "1"), ("g/r[2]/n", "5")], ("2", "2", "1")),
        ([("a", "2"), ("g/r[2]/n", "5"), ("a", "1")], ("1", "1", "0")),
        ([("a", "9")], ("", "0", "0")),
    ],
)
def test_count_of_a_repeat_with_a_count_is_its_number_of_instances(
    given: list[tuple[str, str]], expected: tuple[str, str, str]
) -> None:
    beside, every, some = expected
    assert _values("${a}", *given) == {"g/beside": beside, "every": every, "some": some, "filled": "0"}


def test_count_of_a_repeat_without_a_count_is_its_number_of_instances() -> None:
    assert _values("", ("g/r[1]/n", "3"), ("g/r[2]/n", "1")) == {
        "g/beside": "2",
        "every": "2",
        "some": "1",
        "filled": "0",
    }
