"""When words are not understood: one clarifying question, then the buttons and a person, then a pause; never a loop."""

from dataclasses import replace

from bot.dialogue.asking import (
    choice_keys,
    command_key,
    key,
    language_key,
    more_keys,
    place_of_question,
    placed_key,
    put_again,
    value_keys,
)
from bot.dialogue.effects import FormText, Key, Part, Phrase, Say, Words
from bot.dialogue.options import options
from bot.dialogue.state import Phase
from bot.dialogue.turn import Context, Turn
from domain.questionnaire import Question, QuestionKind

MISSES_BEFORE_REST = 4
MOST_INSISTING = 2
_COMMAND = "command:"


def offer_meanings(context: Context) -> Turn:
    """One clarifying question with the likeliest meanings, as buttons. A single command is no choice: that may be said
    just as well with the button that is there already."""
    question, meant = context.question, context.event.values
    assert question is not None
    names = [value for value in meant if not value.startswith(_COMMAND)]
    if context.state.misses or (not names and len(meant) < 2):
        return not_understood(context)
    asked = context.having(misses=context.state.misses + 1, asked=context.state.asked + 1)
    index, at = place_of_question(context, question)
    keys = choice_keys(asked, asked.state, question, names) + value_keys(asked, asked.state, question, names)
    words = [value.removeprefix(_COMMAND) for value in meant if value.startswith(_COMMAND)]
    keys += [command_key(word, asked.state, index, at) for word in words]
    if not keys:
        return put_again(asked, Phrase("clarify.none"))
    keys.append(placed_key("repeat", asked.state, index, at, title="other"))
    return Turn(asked.state, (Say((Phrase("clarify.which"),), tuple(keys)),))


def not_accepted(context: Context, why: Words) -> Turn:
    """The words were clear, the answer cannot be: say why, twice at the most."""
    if context.state.misses >= 2:
        return not_understood(context)
    return put_again(context.having(misses=context.state.misses + 1), why)


def not_understood(context: Context) -> Turn:
    """First another way of saying, then the buttons and a person, then rest; never the same sentence three times. Who
    writes in another language is asked once, in that language, which of ours they speak."""
    if foreign := foreign_language(context):
        return ask_in(foreign, context)
    misses = context.state.misses + 1
    missed = context.having(misses=misses)
    if misses == 1:
        return put_again(missed, Phrase(_another_way(context)))
    if misses == 2:
        return _with_keys(put_again(missed, Phrase("miss.second")), key("human"))
    if misses < MISSES_BEFORE_REST:
        return _only_ways_out(missed)
    return _rest(missed)


_WITH_EXAMPLE = {
    QuestionKind.DATE: "miss.first_date",
    QuestionKind.TIME: "miss.first_time",
    QuestionKind.INTEGER: "miss.first_integer",
    QuestionKind.DECIMAL: "miss.first_decimal",
}


def _another_way(context: Context) -> str:
    """What to say first: with an example where there is no button to press."""
    question = context.question
    if question is None or options(context.form, question):
        return "miss.first"
    return _WITH_EXAMPLE.get(question.kind, "miss.first")


def foreign_language(context: Context) -> str:
    """The other language these words are in, when we have not asked about it yet."""
    said = context.heard.understanding
    return said.foreign if said is not None and not context.state.foreign else ""


def ask_in(foreign: str, context: Context) -> Turn:
    """Which of our languages they speak, or a person: asked in theirs."""
    human = Key(Phrase(f"foreign.{foreign}.human"), "/human")
    keys = (*map(language_key, context.form.questionnaire.languages), human)
    return Turn(context.state.having(foreign=foreign), (Say((Phrase(f"foreign.{foreign}"),), keys),))


def insist(context: Context, question: Question) -> Turn:
    """No answer where the form needs one: say so, then in other words with the ways out, then rest."""
    misses = context.state.misses + 1
    missed = context.having(misses=misses)
    if misses == 1:
        own = question.required_message
        return put_again(missed, FormText(question.path, Part.REQUIRED) if own else Phrase("answer.needed"))
    if misses > MOST_INSISTING:
        return _rest(missed)
    asked = put_again(missed, Phrase("answer.needed_again"))
    back = placed_key("back", asked.state, *place_of_question(context, question))
    return _with_keys(asked, key("stop"), key("human"), back)


def _rest(context: Context) -> Turn:
    state = replace(context.state, phase=Phase.PAUSED, misses=0)
    return Turn(state, (Say((Phrase("miss.rest"),), (key("start"), key("human"), key("stop"))),))


def _with_keys(turn: Turn, *keys: Key) -> Turn:
    """The last message gets more buttons."""
    *first, last = turn.effects
    assert isinstance(last, Say)
    return Turn(turn.state, (*first, replace(last, keys=(*last.keys, *keys))))


def _only_ways_out(context: Context) -> Turn:
    state = replace(context.state, asked=context.state.asked + 1)
    return Turn(state, (Say((Phrase("miss.third"),), more_keys(context, state)),))
