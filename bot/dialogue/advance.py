"""One turn of the conversation: a pure, total function from a state and an input to the next state and effects.

Theory of operation. An input is first sorted into an Event (bot.dialogue.heard); the pair (phase, event) finds one
handler in TRANSITIONS, where a row for the phase wins over a row for ANY phase, and a handler returns a Turn. Nothing
else decides: there is no handler that calls another phase's handler except by name. Three rows matter most and hold
in every phase: DANGER (safety first), STOP (always stops) and ERASE (always possible). A question is only ever left
by an answer, by one of the three no-answers, or by going back; everything else puts it again. A question that is no
longer in the form is left by whatever is said to it: GONE says what that is.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.dialogue import answering, correcting, edits, flow, misses, pausing, pieces, proposing, side, talking
from bot.dialogue.heard import Event, Heard, sort_input
from bot.dialogue.people import NOBODY, People
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import Context, Turn, look
from bot.forms.form import Form

Handler = Callable[[Context], Turn]

ANY: dict[Event, Handler] = {
    Event.DANGER: talking.keep_safe,
    Event.STOP: flow.stop,
    Event.ERASE: flow.ask_erase,
    Event.HUMAN: talking.ask,
    Event.HELP: side.help_out,
    Event.PRIVACY: side.tell_privacy,
    Event.MY_DATA: side.show_answers,
    Event.LANGUAGE: side.change_language,
    Event.CHOSE_LANGUAGE: side.change_language,
    Event.PROGRESS: side.tell_progress,
    Event.RESCHEDULE: side.talk_later,
    Event.CANCEL_SESSION: side.talk_later,
    Event.MY_SESSIONS: side.talk_later,
    Event.GREETED: side.greet,
    Event.THANKED: side.thank,
    Event.SENT_MEDIA: flow.set_aside,
    Event.TAPPED_OLD: flow.offer_change,
    Event.CHOSE_ANSWER: flow.change_answer,
    Event.TAPPED_AGAIN: flow.ignore,
    Event.TAPPED_DEAD: flow.say_over,
    Event.ASKED_MORE: side.show_more,
    Event.EXPLAIN: side.explain,
    Event.WHY: side.tell_why,
    Event.ANSWERED: flow.answer_while_aside,
    Event.TOOK_DEFAULT: answering.take_default,
    Event.CONTINUED: answering.take_rest,
    Event.EDITED: edits.take_edit,
    Event.CORRECTED: correcting.take_correction,
    Event.EDITED_OTHER: edits.offer_list,
    Event.TICKED: answering.tick,
    Event.UNTICKED: answering.tick,
    Event.SKIP: answering.give_no_answer,
    Event.DONT_KNOW: answering.give_no_answer,
    Event.REFUSE: answering.give_no_answer,
    Event.BACK: side.go_back,
    Event.REPEAT: side.repeat,
    Event.START: flow.resume,
    Event.PAUSE: flow.pause,
    Event.OPENED: flow.resume,
    Event.YES: flow.resume,
    Event.NO: flow.pause,
    Event.AMBIGUOUS: flow.stay_paused,
    Event.NOT_UNDERSTOOD: flow.stay_paused,
}

_BEGIN: dict[Event, Handler] = {
    **dict.fromkeys(Event, flow.begin),
    Event.NOT_UNDERSTOOD: flow.begin_unless_foreign,
    Event.DANGER: flow.keep_safe,
    Event.STOP: flow.stop,
    Event.ERASE: flow.ask_erase,
    Event.HUMAN: talking.ask,
    Event.PRIVACY: side.tell_privacy,
    Event.HELP: side.help_out,
    Event.TAPPED_DEAD: flow.begin,
    Event.LANGUAGE: flow.begin_in_other_language,
    Event.CHOSE_LANGUAGE: flow.begin_in_other_language,
}

_STOPPED: dict[Event, Handler] = {
    **dict.fromkeys(Event, flow.stay_stopped),
    Event.DANGER: flow.keep_safe,
    Event.ERASE: flow.ask_erase,
    Event.HUMAN: talking.ask,
    Event.PRIVACY: side.tell_privacy,
    Event.HELP: side.help_out,
    Event.MY_DATA: side.show_answers,
    Event.LANGUAGE: side.change_language,
    Event.CHOSE_LANGUAGE: side.change_language,
    Event.START: flow.resume,
    Event.OPENED: flow.stay_stopped,
    Event.TAPPED_AGAIN: flow.ignore,
}

_FINISHED: dict[Event, Handler] = {
    **dict.fromkeys(Event, flow.rest_after_finish),
    **{event: ANY[event]
    for event in (
        Event.DANGER, Event.ERASE, Event.HUMAN, Event.PRIVACY, Event.HELP, Event.MY_DATA, Event.LANGUAGE,
        Event.CHOSE_LANGUAGE, Event.RESCHEDULE, Event.CANCEL_SESSION, Event.MY_SESSIONS, Event.TAPPED_OLD, Event.CHOSE_ANSWER,
        Event.TAPPED_AGAIN, Event.STOP, Event.SENT_MEDIA, Event.CONTINUED, Event.EDITED, Event.EDITED_OTHER,
        Event.CORRECTED,
    )},
    Event.START: flow.ask_restart,
    Event.YES: flow.ask_restart,
    Event.BACK: side.show_answers,
}  # fmt: skip # read as a table, a row a line


def _only_by_button(handler: Handler, context: Context) -> Turn:
    is_meant = context.heard.tap is not None and context.question is not None
    return handler(context) if is_meant else flow.stay_paused(context)


_ASIDE: dict[Event, Handler] = {
    Event.SKIP: partial(_only_by_button, answering.give_no_answer),
    Event.DONT_KNOW: partial(_only_by_button, answering.give_no_answer),
    Event.REFUSE: partial(_only_by_button, answering.give_no_answer),
    Event.OPENED: flow.stay_paused,
    Event.EXPLAIN: flow.stay_paused,
    Event.WHY: flow.stay_paused,
    Event.PAUSE: flow.stay_paused,
    Event.NO: flow.keep_pausing,
}

_PAUSED: dict[Event, Handler] = {
    **_ASIDE,
    Event.SKIP: partial(pausing.of_what_waits, answering.give_no_answer),
    Event.REFUSE: partial(pausing.of_what_waits, answering.give_no_answer),
    Event.EXPLAIN: side.explain,
    Event.WHY: side.tell_why,
    Event.GREETED: flow.greet_in_pause,
}

_TALKING: dict[Event, Handler] = {
    **dict.fromkeys(Event, talking.relay),
    Event.DANGER: talking.keep_safe,
    Event.STOP: talking.stop,
    Event.ERASE: flow.ask_erase,
    Event.START: talking.leave,
    Event.SENT_MEDIA: talking.refuse_media,
    Event.TAPPED_AGAIN: flow.ignore,
    Event.HELP: partial(talking.by_button, side.help_out),
    Event.PRIVACY: partial(talking.by_button, side.tell_privacy),
    Event.MY_DATA: partial(talking.by_button, side.show_answers),
    Event.LANGUAGE: partial(talking.by_button, side.change_language),
    Event.CHOSE_LANGUAGE: partial(talking.by_button, side.change_language),
}

GONE: dict[Event, Handler] = dict.fromkeys(
    (
        Event.ANSWERED, Event.AMBIGUOUS, Event.NOT_UNDERSTOOD, Event.YES, Event.NO, Event.SKIP, Event.DONT_KNOW,
        Event.REFUSE, Event.REPEAT, Event.START, Event.EXPLAIN, Event.WHY, Event.PROGRESS,
    ),
    flow.resume,
)  # fmt: skip # read as a table, a row a line

TRANSITIONS: dict[Phase, dict[Event, Handler]] = {
    Phase.NEW: _BEGIN,
    Phase.ASKING: {
        Event.ANSWERED: answering.take_answer,
        Event.AMBIGUOUS: misses.offer_meanings,
        Event.NOT_UNDERSTOOD: misses.not_understood,
        Event.START: side.leave_as_is,
        Event.YES: misses.not_understood,
        Event.NO: misses.not_understood,
    },
    Phase.CONFIRMING: {
        Event.YES: flow.confirm_yes,
        Event.NO: flow.confirm_no,
        Event.NOT_UNDERSTOOD: flow.confirm_again,
        Event.AMBIGUOUS: flow.confirm_again,
        Event.EXPLAIN: partial(flow.explain_erasing, side.explain),
        Event.WHY: partial(flow.explain_erasing, side.tell_why),
        Event.PROGRESS: partial(flow.explain_erasing, side.tell_progress),
        Event.SKIP: flow.confirm_no,
        Event.BACK: flow.confirm_no,
        Event.DONT_KNOW: flow.confirm_no,
        Event.REFUSE: flow.confirm_no,
    },
    Phase.PAUSED: _PAUSED,
    Phase.RESTING: _ASIDE,
    Phase.TALKING: _TALKING,
    Phase.STOPPED: _STOPPED,
    Phase.FINISHED: _FINISHED,
}


def advance(state: State, heard: Heard, form: Form, now: datetime, people: People = NOBODY) -> Turn:
    """The turn that follows from `heard`. `now` is UTC; `form` is the version the state's response began with;
    `people` tells who could write back, should a person be asked for."""
    event = pausing.sort_in_a_pause(state, heard, sort_input(state, heard, form), form)
    context = Context(state, form, heard, event, now, look(state, form, now), people)
    context = proposing.hear_agreement(context)
    return pieces.note_turn(context, _handler(context)(context))


def _handler(context: Context) -> Handler:
    phase, event = context.state.phase, context.event.event
    if phase is Phase.ASKING and context.question is None and event in GONE:
        return GONE[event]
    return TRANSITIONS[phase].get(event) or ANY[event]
