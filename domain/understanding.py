"""What a person is expected to say and what they were understood to mean."""

from dataclasses import dataclass
from enum import StrEnum

from domain.questionnaire import Choice
from domain.safety import SignalKind
from domain.theme import ThemeSuggestion


class ExpectedKind(StrEnum):
    NONE = "none"  # nothing was asked
    YESNO = "yesno"
    CHOICE = "choice"  # one of the choices
    CHOICES = "choices"  # one or more of the choices
    SCALE5 = "scale5"
    SCALE4 = "scale4"
    SCALE3 = "scale3"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    PLACE = "place"  # "latitude longitude altitude accuracy"
    TEXT = "text"  # their own words


@dataclass(frozen=True, slots=True)
class Expected:
    """What the question at hand can take. `choices` are in the order shown; for SCALE5 from the first to the last
    as shown, with their `meaning` saying which end is which. `language` is the conversation's. `low`/`high` bound
    a number where the question says so."""

    kind: ExpectedKind
    choices: tuple[Choice, ...] = ()
    language: str = "nl"
    low: float | None = None
    high: float | None = None
    whole: bool = True


class UnderstandingKind(StrEnum):
    ANSWER = "answer"
    COMMAND = "command"
    SOCIAL = "social"
    UNCLEAR = "unclear"
    SAFETY = "safety"


class By(StrEnum):
    """Which step decided."""

    SAFETY = "safety"
    TAP = "tap"
    RULES = "rules"
    RASA = "rasa"
    NOBODY = "nobody"


class Command(StrEnum):
    STOP = "stop"
    PAUSE = "pause"
    SKIP = "skip"
    DONT_KNOW = "dont_know"
    REFUSE = "refuse"
    EXPLAIN = "explain"
    WHY = "why"
    REPEAT = "repeat"
    BACK = "back"
    HELP = "help"
    HUMAN = "human"
    PRIVACY = "privacy"
    ERASE = "erase"
    MY_DATA = "my_data"
    PROGRESS = "progress"
    LANGUAGE = "language"
    RESCHEDULE = "reschedule"
    CANCEL_SESSION = "cancel_session"
    MY_SESSIONS = "my_sessions"
    START = "start"  # begin, go on, pick up again


class Social(StrEnum):
    GREET = "greet"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Correction:
    """Words that take an earlier answer back, folded to plain lower case: `about` names the question, `instead` is the
    new answer, `was` the old one; each may be empty. Unless it `is_sure`, the same words may well mean something
    else, and count only where they fit an earlier answer."""

    about: str = ""
    instead: str = ""
    was: str = ""
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a text was taken to mean.

    `value`: for ANSWER the choice name, names separated by one space for CHOICES, digits for NUMBER ("7", "2.5"),
    ISO 8601 for DATE, TIME and DATETIME, the text itself for TEXT; for COMMAND and SOCIAL the word from the enum; "yes", "no"
    or "later" where a YESNO has no choices of its own. For UNCLEAR `alternatives` are answer values or
    "command:<word>", likeliest first, for one clarifying question. `confidence` is in 0..1 (1 for taps).
    `model` names the model that helped, empty when none did. `correction` is there when the text may be about an
    earlier answer, whatever else it may mean. `foreign` is the code of another language than ours, when the text is clearly
    written in one.
    """

    kind: UnderstandingKind
    value: str = ""
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    signals: tuple[SignalKind, ...] = ()
    language: str = "nl"
    by: By = By.RULES
    model: str = ""
    correction: Correction | None = None
    foreign: str = ""


@dataclass(frozen=True, slots=True)
class ModelParse:
    """What the model made of a text: intents, likeliest first, with confidences that sum to about 1; and the themes it
    hears, likeliest first."""

    intents: tuple[tuple[str, float], ...]
    model: str
    themes: tuple[ThemeSuggestion, ...] = ()
