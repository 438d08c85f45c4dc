"""What a turn wants done: words to say and decisions to keep, as values that somebody else carries out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.answer import Answer
from domain.consent import Purpose
from domain.safety import SignalKind


class Part(StrEnum):
    """Which text of a question is meant."""

    LABEL = "label"
    HINT = "hint"
    GUIDANCE = "guidance"
    WHY = "why"
    PROBE = "probe"
    CONSTRAINT = "constraint"
    REQUIRED = "required"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of our own, by key. `params` may hold other words to be rendered in the same language;
    `count` picks the plural form."""

    key: str
    params: "Mapping[str, str | int | Words]" = field(default_factory=dict)
    count: int | None = None


@dataclass(frozen=True, slots=True)
class FormText:
    """A text of the questionnaire: the label (or another part) of the row at `path`."""

    path: str
    part: Part = Part.LABEL


@dataclass(frozen=True, slots=True)
class ChoiceText:
    """The label of the choice `name` of the question at `path`."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """Words of the resident, shown back exactly as written."""

    text: str


Words = Phrase | FormText | ChoiceText | Literal


@dataclass(frozen=True, slots=True)
class Key:
    """A button: what stands on it and what comes back when it is pressed (see bot.dialogue.taps)."""

    title: Words
    payload: str


@dataclass(frozen=True, slots=True)
class Say:
    """One message: its lines are put under each other, with an empty line between."""

    lines: tuple[Words, ...]
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One answer to keep. Earlier answers to the same path stay as history. `by` names what understood it, `model` the
    model's id where one helped; `purpose` is the consent it falls under."""

    path: str
    answer: Answer
    purpose: Purpose
    by: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class SetConsent:
    purpose: Purpose
    given: bool


@dataclass(frozen=True, slots=True)
class Begin:
    """Consent was given: a response starts. `campaign` is the code of the link that brought the resident; `session` the
    talk in person that a report is about."""

    campaign: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """The resident would like to talk in person; `preferences` maps path to value, and may be empty. None: not, or
    no longer, wanted."""

    preferences: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How to reach the resident, as answered to the question at `path`: for the vault alone. None: no longer."""

    path: str
    how: str | None


@dataclass(frozen=True, slots=True)
class RaiseSignal:
    kind: SignalKind


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person is asked for. `talk`: staff can write back, so a talk begins; otherwise it is only noted."""

    talk: bool = False


@dataclass(frozen=True, slots=True)
class Relay:
    """Words of the resident for the person they talk with; `is_marked` when the safety floor heard danger in them."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """The response ends: "finished" or "stopped"; or it is "open" again."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing of what was answered is kept; the chat goes on to exist."""


@dataclass(frozen=True, slots=True)
class Erase:
    """Every trace of the person goes."""


@dataclass(frozen=True, slots=True)
class CancelWork:
    """Nothing that was planned for this person happens any more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Something to do `after_hours` from now, once per `kind` and person."""

    kind: str
    after_hours: float


@dataclass(frozen=True, slots=True)
class Hold:
    """What is said in this turn may wait some seconds where it is sent later: more words may follow."""


@dataclass(frozen=True, slots=True)
class Missed:
    """The question at `path` was not understood twice in a row: worth a look by whoever keeps the questionnaire."""

    path: str


Effect = (
    Say
    | Record
    | SetConsent
    | Begin
    | Wish
    | Reach
    | RaiseSignal
    | HandOver
    | Relay
    | Close
    | Forget
    | Erase
    | CancelWork
    | Plan
    | Hold
    | Missed
)
