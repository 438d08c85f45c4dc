"""What one rule made of a text, before it becomes an Understanding."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """`values` are answer values, likeliest first. One value that is `sure` is an answer; anything else is a
    question to ask back. `confidence` is in 0..1."""

    values: tuple[str, ...]
    sure: bool = True
    confidence: float = 1.0

    @property
    def is_answer(self) -> bool:
        return self.sure and len(self.values) == 1


def answer(value: str, confidence: float = 1.0) -> Reading:
    return Reading((value,), True, confidence)


def ask(*values: str) -> Reading:
    """Several things it may mean; the person decides."""
    return Reading(tuple(dict.fromkeys(values)), False, 0.5)


def one_of(values: tuple[str, ...], confidence: float = 1.0) -> Reading | None:
    """One candidate is an answer, several are a question, none is nothing."""
    distinct = tuple(dict.fromkeys(values))
    if not distinct:
        return None
    return answer(distinct[0], confidence) if len(distinct) == 1 else ask(*distinct)
