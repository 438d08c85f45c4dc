"""Side questions: answered on the spot, then the question at hand is put again without losing the place."""

from dataclasses import replace

from bot.dialogue import taps
from bot.dialogue.answering import go_on, instance_title
from bot.dialogue.asking import (
    key,
    language_key,
    more_keys,
    place_of_question,
    put_again,
    put_question,
    reopen,
    shown_answer,
)
from bot.dialogue.effects import FormText, Key, Part, Phrase, Say, Words
from bot.dialogue.plain_words import plain
from bot.dialogue.state import Phase
from bot.dialogue.turn import Context, Turn
from domain.questionnaire import Question

ANSWERS_A_MESSAGE = 12
_WHO = frozenset({"wie ben je", "wie ben jij", "wie bent u", "wie is dit", "who are you"})
_A_MACHINE = frozenset(
    {"robot", "bot", "computer", "machine", "automaat", "mens", "persoon", "human", "person"}
)


def _aside(context: Context, *words: Words, keys: tuple[Key, ...] = ()) -> Turn:
    """Says `words`; while asking, the question comes again after it."""
    if context.state.phase is Phase.ASKING:
        return put_again(context.having(misses=0), *words)
    return Turn(context.state, (Say(words, keys or (key("start"),)),))


def explain(context: Context) -> Turn:
    question = context.question
    if question is None:
        return help_out(context)
    return _aside(
        context, FormText(question.path, Part.GUIDANCE) if question.guidance else Phrase("explain.none")
    )


def tell_why(context: Context) -> Turn:
    question = context.question
    if question is not None and question.why:
        return _aside(context, FormText(question.path, Part.WHY))
    return _aside(context, Phrase("why.general"))


def repeat(context: Context) -> Turn:
    return put_question(context) if context.question is not None else _aside(context, Phrase("help.text"))


def leave_as_is(context: Context) -> Turn:
    """ "Verder": while an earlier answer is being changed it stays as it was; otherwise the question again."""
    if context.state.editing and context.state.at in context.state.answers:
        return go_on(context)
    return repeat(context)


def help_out(context: Context) -> Turn:
    lead = (Phrase("help.computer"),) if _asks_who_we_are(context) else ()
    return _aside(context, *lead, Phrase("help.text"), keys=(key("start"), key("human"), key("privacy")))


def _asks_who_we_are(context: Context) -> bool:
    said = plain(context.heard.text)
    return said in _WHO or not _A_MACHINE.isdisjoint(said.split())


def tell_privacy(context: Context) -> Turn:
    return _aside(context, Phrase("privacy.text"), keys=(key("start"), key("erase")))


def greet(context: Context) -> Turn:
    return _aside(context, Phrase("social.greet"))


def thank(context: Context) -> Turn:
    return _aside(context, Phrase("social.thanks"))


def talk_later(context: Context) -> Turn:
    """Appointments: nothing is booked in the chat yet, the wish for a talk is asked at the end."""
    return _aside(context, Phrase("talk.no_session"), keys=(key("start"), key("human")))


def tell_progress(context: Context) -> Turn:
    if context.question is None:
        return _aside(context, Phrase("progress.none"))
    done, total = context.view.progress()
    left = max(total - done, 1)
    minutes = max(1, round(left * 8 / 30))
    said = Phrase("progress.left", {"left": left}, left)
    return _aside(context, said, Phrase("progress.minutes", {"minutes": minutes}, minutes))


def show_more(context: Context) -> Turn:
    """The other things one can do here, as buttons."""
    state = replace(context.state, phase=Phase.ASKING, pending=None, asked=context.state.asked + 1)
    return Turn(state, (Say((Phrase("more.text"),), more_keys(context, state)),))


def go_back(context: Context) -> Turn:
    """The question before this one, to answer again; what was said stays until something else is."""
    before = _answered_before(context)
    if before is None:
        return _aside(context, Phrase("back.first"))
    former = before.path
    shown = shown_answer(context, before, context.state.answers[former])
    lead = (Phrase("back.was", {"answer": shown}), *instance_title(before))
    return put_question(reopen(context, former), *lead)


def _answered_before(context: Context) -> Question | None:
    paths = context.view.answered_paths()
    if context.question is not None:
        here = context.form.order(context.state.at)
        paths = [path for path in paths if context.form.order(path) < here]
    return context.form.question(paths[-1]) if paths else None


def show_answers(context: Context) -> Turn:
    """Everything answered so far, with a button at each to change it."""
    paths = context.view.answered_paths()
    if not paths:
        return _aside(context, Phrase("my_data.nothing"))
    state = replace(context.state, asked=context.state.asked + 1)
    here = context.at(state)
    says = []
    for start in range(0, len(paths), ANSWERS_A_MESSAGE):
        says.append(_answers_message(here, paths[start : start + ANSWERS_A_MESSAGE], start))
    after = "my_data.after_stopped" if context.state.phase is Phase.STOPPED else "my_data.after"
    turn = _aside(here, Phrase(after), keys=(key("privacy"), key("erase")))
    return turn.before(*says)


def _answers_message(context: Context, paths: list[str], start: int) -> Say:
    lines: list[Words] = [] if start else [Phrase("my_data.intro")]
    keys = []
    for offset, path in enumerate(paths):
        question = context.form.question(path)
        number = start + offset + 1
        shown = shown_answer(context, question, context.state.answers[path])
        lines.append(Phrase("my_data.line", {"number": number, "question": FormText(path), "answer": shown}))
        index, at = place_of_question(context, question)
        payload = taps.placed_payload(taps.EDIT, context.state.asked, index, at)
        if context.state.phase is not Phase.STOPPED:
            keys.append(Key(Phrase("button.change_number", {"number": number}), payload))
    return Say(tuple(lines), tuple(keys))


# How people name a language, in any of them.
LANGUAGE_NAMES = {
    "nl": ("nederlands", "hollands", "dutch"),
    "en": ("engels", "english", "ingels"),
}


def wanted_language(context: Context) -> str:
    """The language that was pressed or named, or the other one where there are two; empty when it is not clear."""
    languages = context.form.questionnaire.languages
    if context.event.value in languages:
        return context.event.value
    said = context.heard.text.casefold()
    named = [code for code in languages if any(name in said for name in LANGUAGE_NAMES.get(code, (code,)))]
    if len(named) == 1:
        return named[0]
    others = [code for code in languages if code != context.state.language]
    return others[0] if len(others) == 1 else ""


def change_language(context: Context) -> Turn:
    """To the language that was meant; asks which where there are more than two."""
    wanted = wanted_language(context)
    if wanted:
        return _aside(context.having(language=wanted), Phrase("language.changed"))
    keys = tuple(map(language_key, context.form.questionnaire.languages))
    return Turn(context.state, (Say((Phrase("language.which"),), keys),))
