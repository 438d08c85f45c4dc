"""Numbers for choices, the same in every file of an export and in its codebook."""

import re
from collections.abc import Iterable, Mapping

MISSING_CODES: Mapping[str, int] = {
    "skipped": -99,
    "dont_know": -98,
    "refused": -97,
    "not_asked": -96,
    "withheld": -95,
}
"""What stands in an SPSS file for a question without a value, by its status."""

_WHOLE = re.compile(r"0|[1-9]\d{0,8}")


def codes(names: Iterable[str]) -> dict[str, int]:
    """A number for each choice: its own name when all of them are numbers, else its place in the form from 1."""
    listed = list(names)
    if all(_WHOLE.fullmatch(name) for name in listed):
        return {name: int(name) for name in listed}
    return {name: place for place, name in enumerate(listed, 1)}
