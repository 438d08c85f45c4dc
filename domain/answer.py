"""What a resident answered, with the three ways of not answering kept apart."""

from dataclasses import dataclass
from enum import StrEnum


class AnswerStatus(StrEnum):
    ANSWERED = "answered"
    SKIPPED = "skipped"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `value` is the XForms lexical value: a choice name, space-separated choice names for
    select_multiple, an ISO 8601 date or time, a number in digits, or the resident's words exactly as written.
    It is empty for every status but ANSWERED."""

    status: AnswerStatus
    value: str = ""


def answered(value: str) -> Answer:
    return Answer(AnswerStatus.ANSWERED, value)
