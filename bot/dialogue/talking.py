"""Talking with a person: asking for one, passing words on, and coming back; which person that is, is decided elsewhere.

While a resident talks, their words are for that person: only danger, stop, erase and going back mean something to us.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.dialogue import flow
from bot.dialogue.asking import key, put_question
from bot.dialogue.effects import Effect, HandOver, Key, Phrase, RaiseSignal, Relay, Say, Words
from bot.dialogue.heard import Event, Heard, Sorted
from bot.dialogue.people import NOBODY
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import Context, Turn, look
from bot.forms.form import Form
from domain.message import IncomingKind

BACK_WORDS = frozenset(
    {
        "terug naar de vragen",
        "verder met de vragen",
        "naar de vragen",
        "back to the questions",
        "to the questions",
    }
)
EDITED = "✎ "
"""Stands before words that a resident changed afterwards; whoever shows them says so in the reader's language."""

_STOP_WORDS = frozenset({"🛑", "✋", "quit", "exit", "unsubscribe", "uitschrijven", "afmelden"})


def is_talking(state: State) -> bool:
    """Also while a yes or no of ours is open on top of it."""
    pending = state.pending
    over = state.phase is Phase.CONFIRMING and pending is not None and pending.back_to is Phase.TALKING
    return over or state.phase is Phase.TALKING


def ask(context: Context) -> Turn:
    """A person is asked for. Where nobody could write back, that is said instead."""
    if is_talking(context.state):
        return still(context)
    if not context.people.can_write:
        return _say_when(context, flow.hand_over(context))
    state, people = context.state, context.people
    came_from = state.pending.back_to if state.pending is not None else state.phase
    state = replace(state, phase=Phase.TALKING, talk_from=came_from, pending=None, misses=0)
    there = (
        Phrase("person.open", {"hours": people.hours})
        if people.opens is None
        else Phrase("person.closed", {"hours": people.hours, "when": people.opens})
    )
    said = Say((Phrase("person.asked"), there, Phrase("person.how"), Phrase("human.numbers")), keys(state))
    return Turn(state, (said, HandOver(talk=True)))


def _say_when(context: Context, turn: Turn) -> Turn:
    """Where nobody can write back, a call is the way: with the hours at which somebody is there, where they are known."""
    if context.heard.reachable or context.people.hours == NOBODY.hours:
        return turn
    hours = Phrase("human.hours", {"hours": context.people.hours})
    return replace(turn, effects=tuple(_with_hours(effect, hours) for effect in turn.effects))


def _with_hours(effect: Effect, hours: Phrase) -> Effect:
    return replace(effect, lines=(*effect.lines[:-1], hours)) if isinstance(effect, Say) else effect


def keys(state: State) -> tuple[Key, ...]:
    """The way back, by what is there to go back to."""
    resting = state.talk_from in (Phase.STOPPED, Phase.FINISHED, Phase.NEW)
    return (key("start", title="end_talk" if resting or not state.at else "to_questions"),)


def relay(context: Context) -> Turn:
    """Words for the person, also when they are changed afterwards; an old button is none, nor a changed answer: staff
    see no answers."""
    heard = context.heard
    is_edit = heard.kind is IncomingKind.EDIT and not context.state.path_of(heard.mark)
    is_said = heard.tap is None and (is_edit or heard.kind is IncomingKind.TEXT)
    if not is_said or not heard.text.strip():
        return still(context)
    if not is_edit and heard.text.strip(" .!").casefold() in BACK_WORDS:
        return leave(context)
    return Turn(context.state, (Relay(_words(heard)),))


def _words(heard: Heard) -> str:
    return f"{EDITED}{heard.text}" if heard.kind is IncomingKind.EDIT else heard.text


def still(context: Context) -> Turn:
    """Says that the words go to a person now, and how to go back."""
    state = replace(context.state, phase=Phase.TALKING, pending=None)
    return Turn(state, (Say((Phrase("person.still"),), keys(state)),))


def refuse_media(context: Context) -> Turn:
    return Turn(context.state, (Say((Phrase("person.only_text"),), keys(context.state)),))


def by_button(handler: Callable[[Context], Turn], context: Context) -> Turn:
    """What a button asks is done; the same in words may be meant for the person."""
    if context.heard.tap is None:
        return relay(context)
    turn = handler(context)
    return Turn(turn.state, tuple(_with_way_back(effect, turn.state) for effect in turn.effects))


def _with_way_back(effect: Effect, state: State) -> Effect:
    """A button that would go on with the questions says so: it ends the talk."""
    if not isinstance(effect, Say) or all(each.payload != "/start" for each in effect.keys):
        return effect
    return replace(effect, keys=(*keys(state), *(each for each in effect.keys if each.payload != "/start")))


def stop(context: Context) -> Turn:
    """Stops at a plain word for it. Milder words, such as "ik ben er klaar mee", are for the person."""
    plain = context.heard.text.strip(" .!").casefold()
    is_meant = context.heard.tap is not None or "stop" in plain or plain in _STOP_WORDS
    return flow.stop(context) if is_meant else relay(context)


def keep_safe(context: Context) -> Turn:
    """Help comes first, also during a talk; the words go to the person too, with a mark, and the talk goes on."""
    turn = flow.keep_safe(context)
    if not is_talking(context.state):
        return turn
    state = replace(context.state, phase=Phase.TALKING, pending=None)
    said = next(effect for effect in turn.effects if isinstance(effect, Say))
    signals = [effect for effect in turn.effects if isinstance(effect, RaiseSignal)]
    if context.people.hear_danger is False:  # nobody is left who could read along
        lines = said.lines[:-1]
    else:
        lines = (*said.lines[: len(signals)], Phrase("person.danger"))
    others = tuple(effect for effect in turn.effects if not isinstance(effect, Say))
    passed_on = (Relay(_words(context.heard), is_marked=True),) if context.heard.text.strip() else ()
    return Turn(state, (Say(lines, keys(state)), *passed_on, *others))


def leave(context: Context) -> Turn:
    """Back to where the resident was, because they want to."""
    here = _returned(context)
    match here.state.phase:
        case Phase.NEW:
            return flow.begin(here)
        case Phase.STOPPED:
            return Turn(here.state, (Say((Phrase("person.ended"), Phrase("stop.still")), (key("start"),)),))
        case Phase.FINISHED:
            return flow.rest_after_finish(here).before(Say((Phrase("person.ended"),)))
        case _:
            return flow.resume(here)


def _returned(context: Context) -> Context:
    came_from = context.state.talk_from or Phase.ASKING
    return context.having(phase=came_from, talk_from=None, pending=None, misses=0)


def hand_back(state: State, form: Form, now: datetime, *lead: Words) -> Turn:
    """The talk is over and the resident did not ask for that: says so, and puts the question again where one waited.

    An open yes or no of ours stays open. `now` is UTC.
    """
    view = look(state, form, now)
    context = Context(state, form, Heard(IncomingKind.OPEN), Sorted(Event.OPENED), now, view)
    here = _returned(context)
    if state.phase is Phase.CONFIRMING and state.pending is not None:
        came_from = here.state.phase
        pending = replace(state.pending, back_to=came_from)
        return Turn(replace(state, pending=pending, talk_from=None), (Say(lead, (key("start"),)),))
    if here.state.phase in (Phase.ASKING, Phase.RESTING, Phase.CONFIRMING) and here.question is not None:
        return put_question(here, *lead)
    title = "begin" if here.state.phase is Phase.NEW else "start"
    return Turn(here.state, (Say(lead, (key("start", title=title),)),))
