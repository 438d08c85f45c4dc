"""The state of a conversation: a frozen value and its versioned JSON form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from domain.answer import Answer, AnswerStatus

VERSION = 1


class Phase(StrEnum):
    NEW = "new"  # nothing said yet
    ASKING = "asking"  # a question is at hand
    CONFIRMING = "confirming"  # a yes or no to something of ours is at hand (see Pending)
    PAUSED = "paused"  # the resident asked for a pause, or we did not understand them: the question waits
    TALKING = "talking"  # a person was asked for: what is said is for that person
    RESTING = "resting"  # after a safety message or a hand-over: nothing is asked until the resident wants
    STOPPED = "stopped"  # STOP was said: silence until the resident starts again
    FINISHED = "finished"  # the questionnaire is done, or ended without anything kept


class PendingKind(StrEnum):
    ERASE = "erase"  # wipe everything about me?
    CHANGE = "change"  # change the old answer to `path`?
    RESTART = "restart"  # start the questionnaire again?
    LEAVE = "leave"  # stop and wipe the answers? That is where the new `answer` to `path` leads


@dataclass(frozen=True, slots=True)
class Pending:
    """A yes or no of ours that waits for an answer; `back_to` is the phase to return to when it is no. `answer` is
    what LEAVE would put in the place of the old answer, and nothing of it is kept before the yes."""

    kind: PendingKind
    back_to: Phase
    path: str = ""
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The text answer at `path` that may still go on: its last words came `at`; a button was pressed `left`, if at
    all. UTC."""

    path: str
    at: datetime
    left: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One message that gave an answer, or a piece of one: the message's mark, and its words with what joins them to
    the piece before; empty words stand for the whole answer."""

    mark: str
    words: str = ""


@dataclass(frozen=True)
class State:
    """Where a conversation is.

    `answers` maps a question's path to the latest answer; `at` is the path of the question at hand. `asked` counts
    every time a question or a yes/no of ours was put and is part of each button, so that an old button is known
    for what it is; `since` is the value it had when this response began. `editing` is set while an earlier answer
    is being changed. `picked` holds the choices ticked so far of a multiple choice. `misses` counts
    misunderstandings in a row. `probed` names the open questions that were asked on. `began` tells that consent
    was given in this response, `earlier` that a former response is kept. `campaign` is the code of the link that
    brought the resident, `wave` the round that campaign is. `talk_from` is the phase in which a person was asked for.
    `seed` is what the form's random() and uuid() come from. `unfinished` is the text answer that more words may follow,
    `said` tells for each answer that was typed which messages gave it (where the channel lets people change a message).
    `assisted` tells that a meemaker types for the resident. `track` numbers this response among those of the same
    person, `parked` holds the others that wait halfway (see bot.dialogue.tracks), `invited` is the campaign of the last
    invitation. `after_danger` tells, where no question waits, that danger was heard last. `foreign` is the other language in which we
    asked, once, which of ours they speak. `assisting` is, in a meemaker's own conversation, the resident they are typing for.
    `meeting` is where the talk about a talk in person is, as bot.meeting writes it; empty when there is none: it lies over
    everything else, and the question at hand waits under it.
    """

    phase: Phase = Phase.NEW
    language: str = "nl"
    questionnaire: str = ""
    version: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)
    at: str = ""
    asked: int = 0
    since: int = 0
    editing: bool = False
    picked: tuple[str, ...] = ()
    misses: int = 0
    probed: tuple[str, ...] = ()
    pending: Pending | None = None
    began: bool = False
    earlier: bool = False
    campaign: str = ""
    talk_from: Phase | None = None
    seed: str = ""
    unfinished: Unfinished | None = None
    said: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    wave: int = 0
    assisted: bool = False
    track: int = 0
    parked: tuple["Parked", ...] = ()
    invited: str = ""
    assisting: str = ""
    after_danger: bool = False
    foreign: str = ""
    meeting: str = ""

    def path_of(self, mark: str) -> str:
        """The question that the message with this mark answered; empty when it answered none that we know of."""
        found = (path for path, said in self.said.items() if any(each.mark == mark for each in said))
        return next(found, "") if mark else ""

    def having(self, **changes: Any) -> "State":
        """The same state with some fields changed. Several times a turn: `dataclasses.replace` costs five times as
        much, which is also why this class alone has no slots. Raises TypeError for a field that is not there."""
        if not changes.keys() <= self.__dataclass_fields__.keys():
            raise TypeError(f"a state has no {', '.join(changes.keys() - self.__dataclass_fields__.keys())}")
        after = object.__new__(State)
        after.__dict__.update(self.__dict__, **changes)
        return after


_SHORT = {
    AnswerStatus.ANSWERED: "a",
    AnswerStatus.SKIPPED: "s",
    AnswerStatus.DONT_KNOW: "d",
    AnswerStatus.REFUSED: "r",
}
_LONG = {short: status for status, short in _SHORT.items()}


def _shorten(answer: Answer) -> str:
    return _SHORT[answer.status] + answer.value


def _lengthen(short: str) -> Answer:
    return Answer(_LONG[short[0]], short[1:])


def _pending_to_json(pending: Pending) -> list[str]:
    answer = [_shorten(pending.answer)] if pending.answer is not None else []
    return [pending.kind.value, pending.back_to.value, pending.path, *answer]


def _pending_from_json(kind: str, back_to: str, path: str, answer: str = "") -> Pending:
    return Pending(PendingKind(kind), Phase(back_to), path, _lengthen(answer) if answer else None)


def state_to_json(state: State) -> str:
    """The state as compact JSON with its version; fields at their default are left out."""
    return orjson.dumps(_document(state)).decode()


def _document(state: State) -> dict[str, Any]:
    document: dict[str, Any] = {"v": VERSION, "phase": state.phase.value, "language": state.language}
    if state.questionnaire:
        document["questionnaire"] = [state.questionnaire, state.version]
    if state.answers:
        document["answers"] = {path: _shorten(answer) for path, answer in state.answers.items()}
    for name in (
        "consents",
        "at",
        "asked",
        "since",
        "editing",
        "picked",
        "misses",
        "probed",
        "began",
        "earlier",
        "campaign",
        "talk_from",
        "seed",
        "wave",
        "assisted",
        "track",
        "invited",
        "assisting",
        "after_danger",
        "foreign",
        "meeting",
    ):
        value = getattr(state, name)
        if value:
            document[name] = value
    if state.pending:
        document["pending"] = _pending_to_json(state.pending)
    if state.unfinished:
        document["unfinished"] = [
            state.unfinished.path,
            *map(_moment_to_json, (state.unfinished.at, state.unfinished.left)),
        ]
    if state.said:
        document["said"] = {
            path: [[each.mark, each.words] for each in said] for path, said in state.said.items()
        }
    if state.parked:
        document["parked"] = [[each.response, _document(each.state)] for each in state.parked]
    return document


def _moment_to_json(moment: datetime | None) -> str:
    return moment.isoformat() if moment is not None else ""


def _unfinished_from_json(document: list[str] | None) -> Unfinished | None:
    if document is None:
        return None
    path, at, left = document
    return Unfinished(path, datetime.fromisoformat(at), datetime.fromisoformat(left) if left else None)


def state_from_json(text: str) -> State:
    """The state that `text` holds, brought up to the present version; a new State for empty text.

    Raises ValueError for a version from the future: an older program must not overwrite it.
    """
    if not text:
        return State()
    return _state_from(migrate(orjson.loads(text)))


def _state_from(document: dict[str, Any]) -> State:
    questionnaire, version = document.get("questionnaire", ("", ""))
    pending = document.get("pending")
    return State(
        phase=Phase(document["phase"]),
        language=document["language"],
        questionnaire=questionnaire,
        version=version,
        answers={path: _lengthen(short) for path, short in document.get("answers", {}).items()},
        consents=document.get("consents", {}),
        at=document.get("at", ""),
        asked=document.get("asked", 0),
        since=document.get("since", 0),
        editing=document.get("editing", False),
        picked=tuple(document.get("picked", ())),
        misses=document.get("misses", 0),
        probed=tuple(document.get("probed", ())),
        pending=_pending_from_json(*pending) if pending else None,
        began=document.get("began", False),
        earlier=document.get("earlier", False),
        campaign=document.get("campaign", ""),
        talk_from=Phase(document["talk_from"]) if "talk_from" in document else None,
        seed=document.get("seed", ""),
        unfinished=_unfinished_from_json(document.get("unfinished")),
        said={
            path: tuple(Said(mark, words) for mark, words in said)
            for path, said in document.get("said", {}).items()
        },
        wave=document.get("wave", 0),
        assisted=document.get("assisted", False),
        track=document.get("track", 0),
        parked=tuple(
            Parked(response, _state_from(migrate(each))) for response, each in document.get("parked", ())
        ),
        invited=document.get("invited", ""),
        assisting=document.get("assisting", ""),
        after_danger=document.get("after_danger", False),
        foreign=document.get("foreign", ""),
        meeting=document.get("meeting", ""),
    )


@dataclass(frozen=True, slots=True)
class Parked:
    """A response that waits while the person is busy with another one; `response` is its id in the storage, empty
    when it has not begun. Its own state holds nothing parked."""

    response: str
    state: State


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From version n to n + 1. None yet; each comes with a golden file in tests/unit/bot/dialogue/states/."""


def migrate(document: dict[str, Any]) -> dict[str, Any]:
    version = document.get("v", 0)
    if version > VERSION:
        raise ValueError(f"state version {version} is newer than this program knows ({VERSION})")
    while version < VERSION:
        document = MIGRATIONS[version](document)
        version += 1
    return document
