"""Taking an answer: is it allowed, what is kept of it, and what comes next."""

from collections.abc import Mapping
from dataclasses import replace

from bot.dialogue.asking import (
    confirm,
    key,
    place_of_question,
    placed_key,
    proposed_value,
    put_again,
    put_question,
    shown_answer,
    shown_value,
)
from bot.dialogue.effects import (
    Begin,
    CancelWork,
    Close,
    Effect,
    Forget,
    FormText,
    Part,
    Phrase,
    Plan,
    Record,
    Say,
    SetConsent,
    Words,
)
from bot.dialogue.heard import Event
from bot.dialogue.misses import insist, not_accepted
from bot.dialogue.plain_words import NOTHING, plain
from bot.dialogue.state import Pending, PendingKind, Phase, State
from bot.dialogue.talks import forget_reach, set_apart, wish
from bot.dialogue.turn import Context, Turn
from bot.forms.actions import settle
from domain.answer import Answer, AnswerStatus, answered
from domain.consent import Purpose
from domain.message import IncomingKind
from domain.questionnaire import Exit, Question, QuestionKind
from domain.understanding import By

SHORT_ANSWER_WORDS = 4
NEW_LINE = "\n"
FORGET_HOURS = 24.0
"""Somebody who never agreed to anything is forgotten after this long."""


def take_answer(context: Context) -> Turn:
    """An answer to the question at hand."""
    question = context.question
    assert question is not None
    value = context.event.value
    if _is_probing(context, question):
        return _take_more(context, question, value)
    if not context.view.accepts(question.path, value):
        return _refuse_value(context, question)
    if _wants_probe(context, question, value):
        return _probe(context, question, value)
    return settle_answer(context, question, answered(value))


def _is_probing(context: Context, question: Question) -> bool:
    """Whether words now are the rest of a short answer; while an answer is being changed they take its place."""
    return question.path in context.state.probed and not context.state.editing


def take_default(context: Context) -> Turn:
    """The answer that the form proposes."""
    question = context.question
    assert question is not None
    value = proposed_value(context, question)
    if not value:
        return put_again(context)
    return settle_answer(context, question, answered(value))


def settled(
    context: Context, answers: Mapping[str, Answer], changed: tuple[str, ...]
) -> Mapping[str, Answer]:
    """`answers` with what the form stores besides: see bot.forms.actions."""
    return settle(context.form, answers, changed, context.now, seed=context.state.seed)


def tick(context: Context) -> Turn:
    """One choice of a multiple choice is ticked or unticked; the question stays until it is done."""
    question = context.question
    assert question is not None
    value, picked = context.event.value, context.state.picked
    names = {*picked, value} if context.event.event is Event.TICKED else {*picked} - {value}
    in_order = tuple(choice.name for choice in question.choices if choice.name in names)
    return put_question(context.having(picked=in_order), fresh=False)


def give_no_answer(context: Context) -> Turn:
    """Skipped, not known or not told: three different things, each kept as what it is."""
    question = context.question
    assert question is not None
    if _is_probing(context, question) and question.path in context.state.answers:
        return go_on(context)
    # Consent to keep answers is a yes or a no, also where a form's author forgot to require it.
    if question.consent is Purpose.ANSWERS or context.view.is_required(question.path):
        return insist(context, question)
    return settle_answer(context, question, Answer(_NO_ANSWER[context.event.event.value]))


_NO_ANSWER = {
    "skip": AnswerStatus.SKIPPED,
    "dont_know": AnswerStatus.DONT_KNOW,
    "refuse": AnswerStatus.REFUSED,
}


def _refuse_value(context: Context, question: Question) -> Turn:
    return not_accepted(context, _why_not(question))


def _why_not(question: Question) -> Words:
    """Why a value cannot be the answer, in the form's words where it has any."""
    own = question.constraint_message
    return FormText(question.path, Part.CONSTRAINT) if own else Phrase("answer.not_possible")


def _wants_probe(context: Context, question: Question, value: str) -> bool:
    if not question.probe or context.state.editing or plain(value) in NOTHING:
        return False
    return len(value.split()) < SHORT_ANSWER_WORDS


def _probe(context: Context, question: Question, value: str) -> Turn:
    """Keeps the short answer and asks once for a little more."""
    answer = answered(value)
    before = context.state.answers
    answers = settled(context, {**before, question.path: answer}, (question.path,))
    after = context.having(answers=answers, probed=(*context.state.probed, question.path), misses=0)
    state = replace(after.state, asked=after.state.asked + 1, phase=Phase.ASKING)
    keys = (placed_key("skip", state, *place_of_question(context, question), title="go_on"),)
    kept = (*_keep(after, question, answer), *_keep_besides(after, before, question.path))
    effects: tuple[Effect, ...] = (*kept, Say((FormText(question.path, Part.PROBE),), keys))
    return Turn(state, effects)


def _take_more(context: Context, question: Question, value: str) -> Turn:
    """The words after a probe are put below the first ones."""
    former = context.state.answers.get(question.path)
    if former is None or former.status is not AnswerStatus.ANSWERED:
        return settle_answer(context, question, answered(value))
    if plain(value) in NOTHING:
        return go_on(context)
    return settle_answer(
        context, question, answered(f"{former.value}{' ' if context.heard.soon else NEW_LINE}{value}")
    )


def take_rest(context: Context) -> Turn:
    """More words of the answer before: what the whole would have led to. A button pressed since has moved us on."""
    question, unfinished = context.form.question(context.event.path), context.state.unfinished
    former = context.state.answers[question.path]
    value = f"{former.value} {context.event.value}"
    if not context.view.accepts(question.path, value):
        return put_again(context, _why_not(question))
    if unfinished is not None and unfinished.left is not None:
        return keep_only(context, question, value)
    probed = tuple(path for path in context.state.probed if path != question.path)
    back = context.having(at=question.path, probed=probed)
    if context.heard.unseen and _wants_probe(back, question, value):
        return _probe(back, question, value)
    return settle_answer(back.having(probed=context.state.probed), question, answered(value))


def keep_only(context: Context, question: Question, value: str) -> Turn:
    """Another answer to a question that is not at hand: kept, and nothing moves."""
    before = context.state.answers
    answers = settled(context, {**before, question.path: answered(value)}, (question.path,))
    after = context.having(answers=answers)
    kept = (*_keep(after, question, answered(value)), *_keep_besides(after, before, question.path))
    return Turn(after.state, (*kept, *wish(context, after)))


def change_to(context: Context, question: Question, value: str) -> Turn:
    """Another answer to an earlier question, and on to where we were."""
    return settle_answer(context, question, answered(value))


def settle_answer(context: Context, question: Question, answer: Answer, *, is_sure: bool = False) -> Turn:
    """The answer stands: keep it, with what it means for consent, and go on. A changed answer that would cost all
    others is asked about first, unless the resident `is_sure`."""
    answer, apart = set_apart(context, question, answer)
    before = context.state.answers
    answers = settled(context, {**before, question.path: answer}, (question.path,))
    after = context.having(answers=answers, picked=())
    after, consent_effects = _apply_consent(after, question, answer)
    if not is_sure and _would_cost_answers(context, after, question):
        return _ask_to_leave(context, question, answer)
    after, forgotten = forget_reach(context, after)
    kept = (*_keep(after, question, answer), *_keep_besides(after, before, question.path))
    turn = go_on(after, *_echo(after, question, answer, is_kept=bool(kept)))
    if not turn.state.questionnaire:  # it ended with nothing kept
        return turn
    return turn.before(*consent_effects, *kept, *apart, *forgotten, *wish(context, after))


def _would_cost_answers(before: Context, after: Context, question: Question) -> bool:
    """Whether changing an old answer wipes what was kept. A first answer to a question leads straight out."""
    if question.path not in before.state.answers or not before.state.began:
        return False
    kept = [before.form.question(path) for path in before.state.answers if before.form.has(path)]
    return any(each.waits and each.consent is None for each in kept) and _ends_empty(after)


def _ends_empty(context: Context) -> bool:
    """Whether `go_on` would leave with nothing kept."""
    step = context.view.next_step()
    if step.exit is not None:
        return step.exit.exit is Exit.DISCARD
    return context.state.consents.get(Purpose.ANSWERS.value) is False


def _ask_to_leave(context: Context, question: Question, answer: Answer) -> Turn:
    pending = Pending(PendingKind.LEAVE, Phase.ASKING, question.path, answer)
    shown = shown_answer(context, question, answer)
    return confirm(context.having(editing=True, picked=()), pending, Phrase("leave.ask", {"answer": shown}))


def _apply_consent(
    context: Context, question: Question, answer: Answer
) -> tuple[Context, tuple[Effect, ...]]:
    """What a consent question sets off. The first yes to ANSWERS begins the response and keeps what was said before."""
    purpose = question.consent
    if purpose is None:
        return context, ()
    given = answer.value == "yes"
    consents = {**context.state.consents, purpose.value: given}
    context = context.having(consents=consents)
    effects: tuple[Effect, ...] = (SetConsent(purpose, given),)
    if not given:
        return _without_answers_under(context, purpose), effects
    if purpose is Purpose.ANSWERS and not context.state.began:
        earlier = [
            path
            for path in context.state.answers
            if path != question.path and context.form.has(path) and context.form.question(path).waits
        ]
        context = context.having(began=True)
        kept = [effect for path in earlier for effect in _keep_earlier(context, path)]
        effects = (Begin(context.state.campaign), CancelWork(), *effects, *kept)
    return context, effects


def _keep_earlier(context: Context, path: str) -> tuple[Effect, ...]:
    return _keep(context, context.form.question(path), context.state.answers[path])


def _without_answers_under(context: Context, purpose: Purpose) -> Context:
    """A consent that is taken back takes the answers given under it out of the conversation too."""
    form = context.form
    gone = {
        path
        for path in context.state.answers
        if form.has(path) and form.question(path).purpose is purpose and form.question(path).consent is None
    }
    answers = {path: answer for path, answer in context.state.answers.items() if path not in gone}
    return context.having(answers=answers)


def _keep(context: Context, question: Question, answer: Answer) -> tuple[Record, ...]:
    """A Record, but only under a consent that stands: nothing is stored for a purpose without it."""
    purpose = Purpose.ANSWERS if question.consent is not None else question.purpose
    allowed = context.state.consents.get(purpose.value, False) and context.state.began
    if not allowed:
        return ()
    understanding = context.heard.understanding
    by = understanding.by if understanding is not None else By.TAP
    return (Record(question.path, answer, purpose, by.value, understanding.model if understanding else ""),)


def _keep_besides(context: Context, before: Mapping[str, Answer], path: str) -> tuple[Effect, ...]:
    """What the form stored of itself along with the answer at `path`."""
    answers = context.state.answers
    if not context.form.acting:
        return ()
    changed = [each for each in answers if each != path and answers[each] != before.get(each)]
    return tuple(
        replace(effect, by="form")
        for each in changed
        for effect in _keep(context, context.form.question(each), answers[each])
    )


def _echo(context: Context, question: Question, answer: Answer, *, is_kept: bool) -> tuple[Words, ...]:
    """What was understood of typed words, so that a mistake is seen and can be mended at once."""
    if context.heard.kind is IncomingKind.EDIT:
        return (Phrase("edit.changed"),)
    if context.heard.rest_of:
        return (Phrase("answer.thanks" if context.heard.unseen else "answer.added"),) if is_kept else ()
    if context.heard.kind is not IncomingKind.TEXT or answer.status is not AnswerStatus.ANSWERED:
        return ()
    if question.kind is QuestionKind.TEXT:
        return (Phrase("answer.thanks"),) if is_kept else ()
    names = answer.value.split() if question.kind is QuestionKind.SELECT_MULTIPLE else []
    if len(names) > 1:
        return (Phrase("answer.noted_several", {"count": len(names)}),)
    shown = shown_value(context, question, answer.value)
    return (Phrase("answer.corrected" if context.heard.corrects else "answer.noted", {"answer": shown}),)


def go_on(context: Context, *lead: Words) -> Turn:
    """The next question, or the end."""
    after = context.state.at if context.question is not None else ""
    step = context.view.next_step(after)
    notes = tuple(Say((FormText(note.path),)) for note in step.notes)
    if step.exit is not None:
        return leave(context, step.exit, lead, notes)
    if context.state.consents.get(Purpose.ANSWERS.value) is False:
        return leave_empty(context, Phrase("after.no_consent"))
    if step.question is None:
        return _finish(context, lead, notes)
    opening = _block_opening(context, step.question)
    moved = context.having(at=step.question.path, editing=False, picked=(), misses=0)
    asked = put_question(moved, *lead, *opening) if not notes else put_question(moved, *opening)
    if notes and lead:
        return asked.before(Say(lead), *notes)
    return asked.before(*notes)


def _block_opening(context: Context, question: Question) -> tuple[Words, ...]:
    """The name of a block when it begins."""
    former = context.question
    instance = _instance_opening(context, question)
    if not question.block or (former is not None and former.block == question.block):
        return instance
    if instance and question.block in context.form.repeats:
        return instance
    return (Phrase("block.begins", {"block": FormText(question.block, Part.GROUP)}), *instance)


def _instance_opening(context: Context, question: Question) -> tuple[Words, ...]:
    """The name of a repeat, with a number, when an instance begins."""
    instance = question.path.rpartition("]")[0]
    return () if context.state.at.startswith(f"{instance}]/") else instance_title(question)


def instance_title(question: Question) -> tuple[Words, ...]:
    """The name and number of the instance of a repeat that the question is in; nothing outside one."""
    if "[" not in question.path or question.kind is QuestionKind.REPEAT:
        return ()
    place, _, number = question.path.rpartition("]")[0].rpartition("[")
    return (Phrase("repeat.begins", {"group": FormText(place, Part.GROUP), "number": int(number)}),)


def _finish(context: Context, lead: tuple[Words, ...], notes: tuple[Say, ...]) -> Turn:
    state = replace(context.state, phase=Phase.FINISHED, at="", editing=False, pending=None, misses=0)
    closing = notes or (Say((Phrase("finished"),)),)
    last = replace(closing[-1], keys=(key("my_data"), key("privacy"), key("erase")))
    said = (Say(lead), *closing[:-1], last) if lead else (*closing[:-1], last)
    return Turn(state, (*said, Close("finished")) if state.began else said)


def leave(context: Context, note: Question, lead: tuple[Words, ...], notes: tuple[Say, ...]) -> Turn:
    """The way out that a note of the form shows: with what was answered, or with nothing kept."""
    if note.exit is Exit.FINISH:
        return _finish(context, lead, (*notes, Say((FormText(note.path),))))
    return leave_empty(context, FormText(note.path), notes)


def leave_empty(context: Context, words: Words, notes: tuple[Say, ...] = ()) -> Turn:
    """Nothing of this response is kept, not even in the conversation; an earlier finished one stays."""
    earlier, began = context.state.earlier, context.state.began
    state = State(
        phase=Phase.FINISHED,
        language=context.state.language,
        asked=context.state.asked,
        since=context.state.asked,
        earlier=earlier,
    )
    said = Say((words,), (key("start", title="begin"), key("human")))
    gone = (Forget(),) if began or not earlier else ()
    later = () if earlier else (Plan("forget", FORGET_HOURS),)
    return Turn(state, (*notes, said, CancelWork(), *gone, *later))
