"""Words in a pause: an answer to the question that waits, or whether to go on.

Theory of operation. In a pause we expect an answer to the question that waits, unless that is a yes or no or asks for
somebody's own words: there anything would fit, so there words only tell whether to go on. A plain yes or no tells
that at every question. After danger (RESTING) no words are an answer: see `bot.dialogue.expect`.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import flow
from bot.dialogue.expect import is_answered_in_a_pause
from bot.dialogue.heard import Event, Heard, Sorted
from bot.dialogue.plain_words import AGREEING, DECLINING, plain
from bot.dialogue.state import State
from bot.dialogue.turn import Context, Turn
from bot.forms.form import Form
from domain.understanding import UnderstandingKind


def sort_in_a_pause(state: State, heard: Heard, event: Sorted, form: Form) -> Sorted:
    """The event that words are in a pause, where they were understood against the question that waits."""
    if event.event is not Event.NOT_UNDERSTOOD or not is_answered_in_a_pause(state, form):
        return event
    said, words = heard.understanding, plain(heard.text)
    if words in AGREEING:
        return replace(event, event=Event.YES)
    if words in DECLINING:
        return replace(event, event=Event.NO)
    if said is not None and said.kind is UnderstandingKind.ANSWER:
        return Sorted(Event.ANSWERED, said.value)
    return event


def of_what_waits(handler: Callable[[Context], Turn], context: Context) -> Turn:
    """What is meant for the question that waits; a pause stays one where the form does not have it any more."""
    return handler(context) if context.question is not None else flow.stay_paused(context)
