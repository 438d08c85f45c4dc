"""How long what is kept, by name: a rule for each reason something is kept for. Days, counted back from a night."""

from collections.abc import Mapping
from dataclasses import dataclass

MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class KeepRule:
    """`days` is how long unless it is set otherwise; `from_when` what they count from, `what` what goes then: both as they
    stand in a sentence."""

    days: int
    from_when: str
    what: str


_FIVE_YEARS = 1825

KEEP_RULES: Mapping[str, KeepRule] = {
    "answers": KeepRule(_FIVE_YEARS, "the response began", "the response, with all answers and consents in it"),
    "sensitive": KeepRule(_FIVE_YEARS, "the response began", "the answers of the sensitive block"),
    "quote": KeepRule(_FIVE_YEARS, "the response began", "the permission to quote; the words go with the answers"),
    "signals": KeepRule(730, "it was heard, or its case was closed", "signals, and cases with what was done"),
    "hand_overs": KeepRule(365, "they asked", "that somebody asked for a person"),
    "events": KeepRule(90, "it happened", "what kind of thing happened in a turn"),
    "sessions": KeepRule(_FIVE_YEARS, "the talk ended", "the talk, with its seats and invitations"),
    "times": KeepRule(30, "it was over", "when a meemaker was away or there"),
    "meemakers": KeepRule(365, "their last duo, talk and word", "a meemaker who left"),
    "contact": KeepRule(
        90,
        "the last word, talk or invitation",
        "who somebody is; their answers stay, and nothing leads from them to a person",
    ),
}  # fmt: skip # a line for each
"""In the order in which they are looked at: a meemaker who left is somebody like everybody else to the rules after it."""


def usual_days() -> dict[str, int]:
    return {name: rule.days for name, rule in KEEP_RULES.items()}
