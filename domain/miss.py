"""Words that were not, or wrongly, understood, kept for people to learn from."""

from dataclasses import dataclass
from enum import StrEnum


class MissKind(StrEnum):
    """What went wrong."""

    UNCLEAR = "unclear"  # asked back
    GUESS = "guess"  # acted on by the model; only kept until the next answer shows whether that was right
    CORRECTED = "corrected"  # acted on, and the person then said otherwise


@dataclass(frozen=True, slots=True)
class Miss:
    """One message, without anything personal in its `text`.

    `path` names the question it was said to and `expected` what that can take (an ExpectedKind). `heard` are the
    meanings it was given, likeliest first: choice names or "command:<word>". `intents` are the model's likeliest two,
    empty without a model. `day` is the date in Amsterdam, ISO 8601. `chosen` is what the person meant, as they said next; empty
    while that is not known. `id` is 0 until it is stored.
    """

    text: str
    language: str
    path: str
    expected: str
    heard: tuple[str, ...]
    intents: tuple[str, ...]
    day: str
    kind: MissKind
    chosen: str = ""
    id: int = 0
