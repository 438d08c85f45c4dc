"""What a handler works with and what it gives back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.dialogue.effects import Effect
from bot.dialogue.heard import Heard, Sorted
from bot.dialogue.people import NOBODY, People
from bot.dialogue.state import Phase, State
from bot.forms.form import Form, View
from domain.questionnaire import Question


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one input: the next state and what has to be done, in order. `event` names what was heard."""

    state: State
    effects: tuple[Effect, ...] = ()
    event: str = ""

    def before(self, *effects: Effect) -> "Turn":
        """The same turn with effects put in front."""
        return Turn(self.state, effects + self.effects)


def look(state: State, form: Form, now: datetime) -> View:
    """One look at the form with the answers so far. `now` is UTC."""
    return form.view(state.answers, now, seed=state.seed, language=state.language)


@dataclass(frozen=True, slots=True)
class Context:
    """One turn while it is being worked out. `now` is UTC."""

    state: State
    form: Form
    heard: Heard
    event: Sorted
    now: datetime
    view: View
    """One look at the form, shared for as long as the answers stay the same."""
    people: People = NOBODY

    def having(self, **changes: Any) -> "Context":
        """The same turn with the state changed."""
        return self.at(self.state.having(**changes))

    def at(self, state: State) -> "Context":
        """The same turn in another state."""
        was = self.state
        same = state.answers is was.answers and (state.seed, state.language) == (was.seed, was.language)
        view = self.view if same else look(state, self.form, self.now)
        return Context(state, self.form, self.heard, self.event, self.now, view, self.people)

    @property
    def question(self) -> Question | None:
        """The question at hand, if there is one."""
        return self.form.question(self.state.at) if self.state.at and self.form.has(self.state.at) else None

    @property
    def is_under_way(self) -> bool:
        """Whether a question waits somewhere behind the present phase."""
        return bool(self.state.at) and self.state.phase is not Phase.FINISHED
