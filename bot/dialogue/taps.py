"""What stands behind a button: a short payload that still says, weeks later, which question it belonged to.

Grammar: "/" word ("." number)* ["~" value]. Position-bound words carry the ask count and the question's index in the
questionnaire; a choice adds its own index; in repeats the numbers of the instance follow. A value is a number, a date or
a time that no choice stands for. Telegram allows 64 bytes; the longest without a value is about 25, and 4 more for each
repeat around a question; a value is at most 29.
"""

import re
from dataclasses import dataclass

ANSWER = "a"
UNTICK = "u"
VALUE = "v"
DONE = "done"
MORE = "more"
YES = "yes"
NO = "no"
SPEAK = "lang"
EDIT = "e"
TAKE = "take"
JOIN = "join"
TRACK = "track"

PLACED = frozenset({"skip", "dont_know", "refuse", "explain", "why", "repeat", "back"})
"""Commands whose button means something only at its own question; typed, or without numbers, they mean it anywhere."""

MAX_DIGITS = 9
MAX_CODE = 48
_VALUE = re.compile(r"[0-9T:+.-]{1,29}")
_CODE = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_CODE}}}")

# What people type or tap in a command menu, next to the English words that buttons carry.
ALIASES = {
    "pauze": "pause",
    "hulp": "help",
    "taal": "language",
    "wissen": "erase",
    "antwoorden": "my_data",
    "verder": "start",
    "begin": "start",
    "mens": "human",
    "terug": "back",
    "herhaal": "repeat",
    "overslaan": "skip",
    "uitleg": "explain",
    "waarom": "why",
    "voortgang": "progress",
    "restart": "start",
    "continue": "start",
    "answers": "my_data",
}


@dataclass(frozen=True, slots=True)
class Tap:
    """A pressed button: its word and the numbers behind it, and what stands behind "lang", "join" and "v"."""

    word: str
    numbers: tuple[int, ...] = ()
    argument: str = ""


def answer_payload(
    ask: int, question: int, choice: int, at: tuple[int, ...] = (), *, untick: bool = False
) -> str:
    """Ticking and unticking are told apart, so that the same press sent twice does what it did once."""
    return f"/{UNTICK if untick else ANSWER}.{ask}.{question}.{choice}{_instance(at)}"


def value_payload(ask: int, question: int, value: str, at: tuple[int, ...] = ()) -> str:
    """An answer that no choice stands for: `value` is digits or ISO 8601, as it would be stored."""
    return f"/{VALUE}.{ask}.{question}{_instance(at)}~{value}"


def placed_payload(word: str, ask: int, question: int, at: tuple[int, ...] = ()) -> str:
    """A button that means something only at its own question: skip, back, done, more, explain..."""
    return f"/{word}.{ask}.{question}{_instance(at)}"


def _instance(at: tuple[int, ...]) -> str:
    return "".join(f".{number}" for number in at)


def confirm_payload(word: str, ask: int) -> str:
    return f"/{word}.{ask}"


def language_payload(language: str) -> str:
    return f"/{SPEAK}.{language}"


def join_payload(campaign: str) -> str:
    """Begins the questionnaire of a campaign, as following its link does."""
    return f"/{JOIN}.{campaign}"


def track_payload(number: int) -> str:
    """Goes on with another response of the same person."""
    return f"/{TRACK}.{number}"


def parse_tap(payload: str) -> Tap | None:
    """The tap that `payload` stands for, or None when it is not one of ours."""
    if not payload.startswith("/") or len(payload) > 64:
        return None
    placed, mark, value = payload[1:].strip().partition("~")
    word, *rest = placed.split(".")
    word = ALIASES.get(word.lower(), word.lower())
    if not word.isascii() or not word.replace("_", "").isalpha():
        return None
    if word == SPEAK:
        return Tap(word, (), rest[0]) if len(rest) == 1 and rest[0].isascii() and rest[0].isalpha() else None
    if word == JOIN:
        return Tap(word, (), rest[0]) if len(rest) == 1 and _CODE.fullmatch(rest[0]) else None
    if bool(mark) != (word == VALUE) or (mark and not _VALUE.fullmatch(value)):
        return None
    if not all(part.isascii() and part.isdigit() and len(part) <= MAX_DIGITS for part in rest):
        return None
    return Tap(word, tuple(int(part) for part in rest), value)
