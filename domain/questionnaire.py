"""A questionnaire as data: questions in order, with their texts, choices and expressions as written by its author."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.consent import Purpose

LocalText = Mapping[str, str]
"""Language code ("nl", "en") to text; may lack a language, then the questionnaire's default language is used."""


OUTPUT = ("\ue000", "\ue001")
"""The marks, for private use in Unicode, around an expression whose value is said inside a text."""


class QuestionKind(StrEnum):
    """What a person is asked for. Every kind but NOTE, CALCULATE, HIDDEN and METADATA waits for an answer."""

    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    INTEGER = "integer"
    DECIMAL = "decimal"
    RANGE = "range"
    TEXT = "text"
    DATE = "date"
    TIME = "time"
    DATETIME = "dateTime"
    GEOPOINT = "geopoint"
    ACKNOWLEDGE = "acknowledge"
    AUDIO = "audio"
    IMAGE = "image"
    REPEAT = "repeat"  # "is there another one?" after an instance of a repeat without a count
    NOTE = "note"
    CALCULATE = "calculate"
    HIDDEN = "hidden"
    METADATA = "metadata"


SILENT_KINDS = frozenset(
    {QuestionKind.NOTE, QuestionKind.CALCULATE, QuestionKind.HIDDEN, QuestionKind.METADATA}
)


BIRTH_KINDS = frozenset(
    {
        QuestionKind.INTEGER,
        QuestionKind.DECIMAL,
        QuestionKind.RANGE,
        QuestionKind.DATE,
        QuestionKind.DATETIME,
    }
)
"""What an exact age, or a moment of birth, can be asked as."""


class Meaning(StrEnum):
    """What choosing something says, so that free words can be read against the choices at hand."""

    AGREE_STRONGLY = "agree_strongly"
    AGREE = "agree"
    NEUTRAL = "neutral"
    DISAGREE = "disagree"
    DISAGREE_STRONGLY = "disagree_strongly"
    YES = "yes"
    SOMEWHAT = "somewhat"
    NO = "no"
    LATER = "later"


class Exit(StrEnum):
    """How a note ends the questionnaire when it is reached."""

    DISCARD = "discard"  # nothing is kept: no consent, too young, another municipality
    FINISH = "finish"


class Fact(StrEnum):
    """What the product knows by itself and puts into a hidden row when the questionnaire begins."""

    REACHABLE = (
        "reachable"  # "yes" where we can write to the resident later (Telegram), "no" where not (web page)
    )


class Personal(StrEnum):
    """How far the answer to a question tells who somebody is, and so what of it leaves without a reason."""

    AGE = "age"  # an age, or a day or year of birth: leaves in bands
    IDENTIFYING = "identifying"  # leaves only with what is personal
    NO = "no"  # tells nothing of that kind, whatever its name and words look like


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice. `also` holds other words people use for it, per language; `meaning` says what it expresses."""

    name: str
    label: LocalText
    meaning: Meaning | None = None
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One row that can be reached: `path` is its place from the form's root with groups ("home/age").

    Expressions (`relevant`, `constraint`, `calculation`, `required`) are XPath as in the XForm, empty when absent;
    `relevant` is the row's own, its groups' come on top. `purpose` is the consent its answer is kept under.
    A question in a repeat is there once; its instances have paths of their own ("child[2]/age"). `default` is text,
    `dynamic_default` an expression for it. When a question in `triggers` changes, `recalculation` gives this one
    anew. `choice_filter` says which of `choices` are offered. `low`, `high` and `step` bound a range. Texts may hold
    expressions between OUTPUT marks. `media` names files that belong to the text. An answer to a `reach` question tells
    how to reach the resident: it is kept encrypted, apart from all answers.
    """

    path: str
    kind: QuestionKind
    label: LocalText
    hint: LocalText = field(default_factory=dict)
    guidance: LocalText = field(default_factory=dict)
    why: LocalText = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    required: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_message: LocalText = field(default_factory=dict)
    calculation: str = ""
    block: str = ""
    purpose: Purpose = Purpose.ANSWERS
    consent: Purpose | None = None
    exit: Exit | None = None
    probe: LocalText = field(default_factory=dict)
    appearance: str = ""
    wish: bool = False
    default: str = ""
    dynamic_default: str = ""
    triggers: tuple[str, ...] = ()
    recalculation: str = ""
    choice_filter: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    required_message: LocalText = field(default_factory=dict)
    media: tuple[str, ...] = ()
    reach: bool = False
    fact: Fact | None = None
    personal: Personal | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def waits(self) -> bool:
        """Whether a person has to say something before the questionnaire goes on."""
        return self.kind not in SILENT_KINDS


@dataclass(frozen=True, slots=True)
class Group:
    """A group of rows; `relevant` holds for everything inside it. A block is a group with a label at the top.

    A repeat is a group that is there any number of times: `count` says how many, or, when empty, people are asked
    for another one."""

    path: str
    label: LocalText = field(default_factory=dict)
    relevant: str = ""
    is_repeat: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A whole questionnaire. `questions` are in the order in which they are asked; a tap refers to their index."""

    id: str
    version: str
    title: LocalText
    default_language: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    groups: tuple[Group, ...] = ()
    lists: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    """The lists that expressions look into, by name: rows of column to cell."""
