"""How hard the tests look: enough in `make test`, and many times that in `make test-long`."""

import os

IS_LONG = bool(os.environ.get("WIJKVERHAAL_LONG"))
"""Whether this is the long suite."""

_MORE = 20


def effort(enough: int, long: int | None = None) -> int:
    """How many examples to try, cycles to kill or rows to write: `enough`, or in the long suite `long` (20 times as
    many unless said otherwise)."""
    return enough if not IS_LONG else long or _MORE * enough
