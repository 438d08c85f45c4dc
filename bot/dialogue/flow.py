"""Beginning, pausing, stopping and picking up again; danger, a person, and what happens when words are not understood."""

from collections.abc import Callable
from dataclasses import replace

from bot.dialogue.answering import FORGET_HOURS, go_on, settle_answer, settled, take_answer
from bot.dialogue.asking import confirm, key, put_again, put_question, reopen
from bot.dialogue.effects import (
    CancelWork,
    Close,
    Erase,
    FormText,
    HandOver,
    Phrase,
    Plan,
    RaiseSignal,
    Say,
    Words,
)
from bot.dialogue.heard import Event
from bot.dialogue.misses import ask_in, foreign_language
from bot.dialogue.people import People
from bot.dialogue.side import wanted_language
from bot.dialogue.state import Pending, PendingKind, Phase, State
from bot.dialogue.talks import facts
from bot.dialogue.turn import Context, Turn
from domain.message import IncomingKind
from domain.safety import SignalKind
from domain.understanding import UnderstandingKind


def begin(context: Context, *lead: Words) -> Turn:
    """The first words and the first question."""
    form = context.form.questionnaire
    language = context.state.language if context.state.language in form.languages else form.default_language
    started = context.having(
        campaign=context.heard.code or context.state.campaign,
        language=language,
        questionnaire=form.id,
        version=form.version,
        since=context.state.asked,
        seed=context.heard.seed,
        after_danger=False,
        answers={**context.state.answers, **facts(context.form, reachable=context.heard.reachable)},
    )
    started = started.having(answers=settled(started, started.state.answers, ()))
    turn = go_on(started, *lead)
    return turn.before(Plan("forget", FORGET_HOURS))


def begin_unless_foreign(context: Context) -> Turn:
    """Who begins in another language is asked first which of ours they speak."""
    foreign = foreign_language(context)
    return ask_in(foreign, context) if foreign else begin(context)


def begin_in_other_language(context: Context) -> Turn:
    return begin(context.having(language=wanted_language(context) or context.state.language))


def resume(context: Context) -> Turn:
    """Greets the resident where they were and puts the question again."""
    return _pick_up(context, Phrase("resume.welcome_back"))


def _without_pending(context: Context) -> Context:
    """A yes or no of ours that is dropped leaves us in the phase it came from."""
    pending = context.state.pending
    return context.having(phase=pending.back_to, pending=None) if pending is not None else context


def _pick_up(context: Context, *lead: Words) -> Turn:
    context = _without_pending(context)
    if not context.state.at:
        return ask_restart(context) if context.state.began else begin(context, *lead)
    here = context.having(misses=0, after_danger=False)
    is_gone = context.question is None  # the form this began with is there no more
    turn = go_on(here, *lead) if is_gone else put_question(here, *lead)
    was_closed = context.state.phase is Phase.STOPPED and context.state.began
    return turn.before(Close("open")) if was_closed and turn.state.phase is Phase.ASKING else turn


def stop(context: Context) -> Turn:
    """Stops at once, says so once, and cancels what was planned."""
    state = replace(context.state, phase=Phase.STOPPED, pending=None, misses=0, picked=(), after_danger=False)
    said = Say((Phrase("stop.done"),), (key("start"), key("erase")))
    ends_early = state.began and context.view.next_step().question is not None
    closed = (Close("stopped"),) if ends_early else ()
    return Turn(state, (said, CancelWork(), *_forget_later(state), *closed))


def _forget_later(state: State) -> tuple[Plan, ...]:
    """Without consent the conversation itself goes after a day, also when it was stopped."""
    return () if state.began or state.earlier else (Plan("forget", FORGET_HOURS),)


TIMES_SAID = 2
"""Where nothing is asked, the same is said this often in a row; after that only what asks for something is answered."""


def _said_enough(context: Context) -> bool:
    """Whether words or an old button get no answer any more. A command and an opened chat always get one."""
    heard = context.heard
    said = heard.understanding.kind if heard.understanding is not None else None
    pressed = heard.tap is not None and not heard.tap.numbers
    asks = said is UnderstandingKind.COMMAND or pressed or heard.kind is IncomingKind.OPEN
    return context.state.misses >= TIMES_SAID and not asks


def _say_once_more(context: Context, say: Say) -> Turn:
    """`say`, counted; silence once it was said often enough."""
    if _said_enough(context):
        return Turn(context.state)
    return Turn(context.state.having(misses=min(context.state.misses + 1, TIMES_SAID)), (say,))


def stay_stopped(context: Context) -> Turn:
    if context.event.event is Event.STOP:
        context = context.having(after_danger=False)
    if context.state.after_danger:
        return _stay_near(context)
    return _say_once_more(context, Say((Phrase("stop.still"),), (key("start"),)))


def pause(context: Context) -> Turn:
    context = _without_pending(context)
    if context.state.phase is Phase.STOPPED:
        return stay_stopped(context)
    if not context.is_under_way:
        return rest_after_finish(context)
    state = replace(context.state, phase=Phase.PAUSED, misses=0)
    return Turn(state, (Say((Phrase("pause.done"),), (key("start"), key("stop"))),))


def stay_paused(context: Context) -> Turn:
    """Something was said in a pause: ask whether to go on, once in other words, and then wait in silence. Who was in
    danger or asked for a person never meets silence."""
    if context.state.phase is Phase.RESTING:
        return _stay_near(context)
    said = "pause.still_again" if context.state.misses else "pause.still"
    return _say_once_more(context, Say((Phrase(said),), (key("start"), key("human"), key("stop"))))


def greet_in_pause(context: Context) -> Turn:
    """Hello, and whether to go on; after that it is the same pause."""
    lines = (Phrase("social.greet"), Phrase("pause.still"))
    return _say_once_more(context, Say(lines, (key("start"), key("human"), key("stop"))))


def keep_pausing(context: Context) -> Turn:
    """No, not now: a pause, or still one."""
    if context.state.phase is Phase.RESTING:
        return _stay_near(context)
    return _say_once_more(context, Say((Phrase("pause.done"),), (key("start"), key("stop"))))


def _stay_near(context: Context) -> Turn:
    """After danger, or a wish for a person whom we cannot reach: where somebody listens, in two ways by turns."""
    said = "safety.near_again" if context.state.misses else "safety.near"
    state = context.state.having(misses=0 if context.state.misses else 1)
    return Turn(state, (Say((Phrase(said),), (key("start"), key("human"), key("stop"))),))


_SAFETY_KEYS = {
    SignalKind.SUICIDE: "safety.suicide",
    SignalKind.VIOLENCE: "safety.violence",
    SignalKind.EMERGENCY: "safety.emergency",
    SignalKind.CHILD: "safety.child",
}
_MOST_URGENT_FIRST = (SignalKind.EMERGENCY, SignalKind.SUICIDE, SignalKind.CHILD, SignalKind.VIOLENCE)


def keep_safe(context: Context) -> Turn:
    """Says where help is and whether anybody is told, asks nothing, and rests until the resident wants to go on."""
    kinds = [kind for kind in _MOST_URGENT_FIRST if kind.value in context.event.values]
    helped = tuple(Phrase(_SAFETY_KEYS[kind]) for kind in kinds)
    lines = (*helped, *_who_hears(context.people), Phrase("safety.closing"))
    context = _without_pending(context)
    under_way = context.is_under_way and context.state.phase not in (Phase.STOPPED, Phase.NEW)
    resting = context.state.having(phase=Phase.RESTING, misses=0)
    state = resting if under_way else context.state.having(misses=0, after_danger=True)
    keys = (key("start"), key("human")) if under_way else (key("human"),)
    return Turn(state, (Say(lines, keys), *(RaiseSignal(kind) for kind in kinds)))


def _who_hears(people: People) -> tuple[Phrase, ...]:
    """Whether anybody of ours is told; never twice in a row."""
    if people.hear_danger is None or people.said_before:
        return ()
    return (Phrase("safety.told" if people.hear_danger else "safety.nobody"),)


def hand_over(context: Context) -> Turn:
    """A person is asked for: passed on, and the questions rest."""
    context = _without_pending(context)
    resting = context.is_under_way and context.state.phase is not Phase.STOPPED
    state = replace(context.state, phase=Phase.RESTING, misses=0) if resting else context.state
    keys = (key("start"), key("stop")) if resting else (key("start"),)
    passed_on = Phrase("human.passed_on" if context.heard.reachable else "human.call")
    return Turn(state, (Say((passed_on, Phrase("human.numbers")), keys), HandOver()))


def offer_change(context: Context) -> Turn:
    """A button of an earlier question, or words about it: they never answer the present one; the change is offered."""
    path = context.event.path
    said = "change.ask" if context.heard.tap is not None else "change.ask_said"
    context = _without_pending(context)
    pending = Pending(PendingKind.CHANGE, context.state.phase, path)
    return confirm(context, pending, Phrase(said, {"question": FormText(path)}))


def change_answer(context: Context) -> Turn:
    """A button from the list of answers: that question again, at once."""
    return put_question(reopen(_without_pending(context), context.event.path), Phrase("change.now"))


def ask_erase(context: Context) -> Turn:
    phase, pending = context.state.phase, context.state.pending
    back_to = pending.back_to if phase is Phase.CONFIRMING and pending is not None else phase
    return confirm(context, Pending(PendingKind.ERASE, back_to), Phrase("erase.ask"))


def ask_restart(context: Context) -> Turn:
    """Once finished: a second time is possible, but never by accident."""
    context = context.having(campaign=context.heard.code or context.state.campaign)
    if not context.state.began:
        return begin(context)
    return confirm(context, Pending(PendingKind.RESTART, Phase.FINISHED), Phrase("restart.ask"))


def confirm_yes(context: Context) -> Turn:
    pending = context.state.pending
    match pending.kind if pending is not None else None:
        case PendingKind.ERASE:
            return Turn(
                State(language=context.state.language), (Say((Phrase("erase.done"),)), CancelWork(), Erase())
            )
        case PendingKind.CHANGE if pending is not None and _can_change(context, pending.path):
            return put_question(reopen(context, pending.path), Phrase("change.now"))
        case PendingKind.RESTART:
            fresh = replace(
                State(language=context.state.language, asked=context.state.asked),
                earlier=True,
                campaign=context.state.campaign,
            )
            return begin(context.at(fresh))
        case PendingKind.LEAVE if pending is not None and pending.answer and context.form.has(pending.path):
            question = context.form.question(pending.path)
            return settle_answer(context, question, pending.answer, is_sure=True)
        case _:
            return confirm_no(context)


def _can_change(context: Context, path: str) -> bool:
    return path in context.state.answers and context.form.has(path)


def confirm_no(context: Context) -> Turn:
    """Everything stays as it was. An old answer that was not changed after all leaves us where we were before."""
    pending = context.state.pending
    back_to = pending.back_to if pending is not None else Phase.ASKING
    returned = context.having(phase=back_to, pending=None)
    unchanged = Phrase("confirm.unchanged")
    if pending is not None and pending.kind is PendingKind.LEAVE:
        return go_on(returned, unchanged)
    if back_to is Phase.ASKING:
        return put_again(returned, unchanged)
    keys = (key("my_data"),) if back_to is Phase.FINISHED else (key("start"),)
    if back_to is Phase.TALKING:
        keys = (key("start", title="to_questions"),)
    return Turn(returned.state, (Say((unchanged,), keys),))


def confirm_again(context: Context) -> Turn:
    """Neither yes nor no: ask once more, then leave everything as it was."""
    pending = context.state.pending
    if pending is None or context.state.misses >= 1:
        return confirm_no(context.having(misses=0))
    return confirm(context, pending, Phrase("confirm.again"), misses=1)


def explain_erasing(otherwise: Callable[[Context], Turn], context: Context) -> Turn:
    """What erasing does, and the same yes or no again, which is no miss; `otherwise` at another yes or no."""
    pending = context.state.pending
    if pending is None or pending.kind is not PendingKind.ERASE:
        return otherwise(context)
    return confirm(context, pending, Phrase("erase.explain"), misses=context.state.misses)


def ignore(context: Context) -> Turn:
    return Turn(context.state)


def say_over(context: Context) -> Turn:
    """A button of something that is over: say so kindly and show where we are."""
    if context.state.phase is Phase.ASKING:
        return put_again(context, Phrase("tap.over"))
    return Turn(context.state, (Say((Phrase("tap.over"),), (key("start"), key("help"))),))


def set_aside(context: Context) -> Turn:
    """A photo, sticker, voice message or place where the question takes none."""
    kind = context.heard.kind.value
    said = Phrase("media.voice" if kind == "voice" else "media.other")
    if context.state.phase is Phase.ASKING:
        return put_again(context, said)
    return Turn(context.state, (Say((said,), (key("start"), key("help"))),))


def answer_while_aside(context: Context) -> Turn:
    """An answer to the waiting question, given in a pause or by its button during a yes/no of ours."""
    return take_answer(context.having(pending=None, misses=0))


def rest_after_finish(context: Context) -> Turn:
    """After the end: friendly, with what is still possible."""
    if context.state.after_danger:
        return _stay_near(context)
    words = (
        Phrase("after.kept") if context.state.began or context.state.earlier else Phrase("after.nothing_kept")
    )
    keys = (
        (key("my_data"), key("start"), key("human"))
        if context.state.began
        else (key("start", title="begin"), key("human"))
    )
    return _say_once_more(context, Say((words,), keys))
