"""Where the talk about a talk stands: a small value that lives as short JSON in the state of the conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson


@dataclass(frozen=True, slots=True)
class Step:
    """What a resident was asked last: `name` says what, `about` names the session it is about ("" for a new talk), `given`
    is what they said so far. `misses` counts what was not understood in a row."""

    name: str
    about: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    misses: int = 0

    def having(self, **given: str) -> "Step":
        return replace(self, given={**self.given, **given})


_MARK = "resident"


def step_to_json(step: Step) -> str:
    return orjson.dumps([_MARK, step.name, step.about, dict(step.given), step.misses]).decode()


def step_from_json(text: str) -> Step | None:
    """None for a step that is no resident's, and for none at all."""
    found = orjson.loads(text) if text.startswith(f'["{_MARK}"') else None
    return Step(*found[1:]) if found else None
