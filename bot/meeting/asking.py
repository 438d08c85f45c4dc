"""A resident's turn about talks in person: what it knows, and how it ends or asks on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.dialogue.asking import put_again
from bot.dialogue.effects import Effect, Key, Phrase, Say, Words
from bot.dialogue.heard import Event, Heard, Sorted
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import Context, Turn, look
from bot.forms.form import Form
from bot.meeting.ports import TalkDesk
from bot.meeting.step import Step, step_from_json, step_to_json
from bot.meeting.talk_wish import answers_of
from bot.meeting.taps import Tapped
from bot.ports import Conversation, TurnDb
from domain.consent import Purpose
from domain.session import Session


@dataclass(frozen=True, slots=True)
class Asking:
    """A turn of a resident about talks in person. `now` is UTC; `tap` is the button of ours that was pressed, if any."""

    db: TurnDb
    desk: TalkDesk
    conversation: Conversation
    state: State
    heard: Heard
    form: Form
    now: datetime
    tap: Tapped | None = None

    @property
    def reference(self) -> str:
        return self.conversation.reference

    @property
    def may_contact(self) -> bool:
        return self.state.consents.get(Purpose.CONTACT.value, False)

    @property
    def has_talks(self) -> bool:
        """Whether there are talks to be had here at all: as long as there is no place, nobody is asked to wait for one."""
        return bool(self.desk.places())

    def upcoming(self) -> Session | None:
        """Their talk that has not begun."""
        found = (each for each in self.desk.mine(self.reference, now=self.now) if each.when.start > self.now)
        return next(found, None)

    def known(self) -> dict[str, str]:
        """What they said of a talk, in the questionnaire or just now."""
        step = step_from_json(self.state.meeting)
        return {**answers_of(self.state, self.form), **(step.given if step is not None else {})}


def on_its_own(asking: Asking) -> Asking:
    """Without what lies over the question at hand: a yes or no of ours is dropped, and no words go on with an answer."""
    state, pending = asking.state, asking.state.pending
    if pending is not None:
        state = state.having(phase=pending.back_to, pending=None)
    return replace(asking, state=state.having(unfinished=None) if state.unfinished is not None else state)


def given_so_far(asking: Asking) -> Mapping[str, str]:
    step = step_from_json(asking.state.meeting)
    return step.given if step is not None else {}


def asked(asking: Asking, step: Step, lines: tuple[Words, ...], keys: tuple[Key, ...]) -> Turn:
    return Turn(asking.state.having(meeting=step_to_json(step)), (Say(lines, keys),))


def over(asking: Asking, *lines: Words, keys: tuple[Key, ...] = ()) -> Turn:
    """The talk about a talk ends; the question that waited is put again, where one did."""
    state = asking.state.having(meeting="")
    view = look(state, asking.form, asking.now)
    context = Context(state, asking.form, asking.heard, Sorted(Event.OPENED), asking.now, view)
    if state.phase is Phase.ASKING and context.question is not None:
        return put_again(context).before(Say(lines, keys))
    if state.phase in (Phase.NEW, Phase.PAUSED, Phase.RESTING):
        keys = (*keys, Key(Phrase("meeting.button.questions"), "/start"))
    return Turn(state, (Say(lines, keys),))


def with_key(effects: Sequence[Effect], key: Key) -> tuple[Effect, ...]:
    """One button more under what is said last."""
    last = max((number for number, each in enumerate(effects) if isinstance(each, Say)), default=-1)
    return tuple(
        replace(each, keys=(*each.keys, key)) if number == last and isinstance(each, Say) else each
        for number, each in enumerate(effects)
    )


def with_line(effects: Sequence[Effect], line: Words) -> tuple[Effect, ...]:
    """One line more in what is said first."""
    first = next((each for each in effects if isinstance(each, Say)), None)
    return tuple(
        replace(first, lines=(*first.lines, line)) if each is first and first is not None else each
        for each in effects
    )
