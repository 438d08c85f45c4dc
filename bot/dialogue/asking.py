"""How a question is put: its words, its buttons, and the count that marks them as its own."""

from collections.abc import Sequence

from bot.dialogue import taps
from bot.dialogue.effects import FormText, Key, Part, Phrase, Say, Words
from bot.dialogue.options import option_words, options
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import Context, Turn
from domain.questionnaire import Question, QuestionKind

MORE_WORDS = ("dont_know", "refuse", "explain", "why", "back", "pause", "human", "privacy", "stop")
_UNPLACED = ("pause", "human", "privacy", "stop", "help")


def key(word: str, *, title: str = "") -> Key:
    """A button that means the same everywhere."""
    return Key(Phrase(f"button.{title or word}"), f"/{word}")


def put_question(context: Context, *lead: Words, fresh: bool = True) -> Turn:
    """Puts the question at hand. `lead` comes first in the same message; `fresh` shows how far we are."""
    question = context.question
    assert question is not None
    state = context.state.having(phase=Phase.ASKING, pending=None, asked=context.state.asked + 1)
    lines: list[Words] = list(lead)
    if fresh:
        lines += _where_we_are(context, question)
    lines += _question_lines(question)
    return Turn(state, (Say(tuple(lines), _question_keys(state, question, context)),))


def reopen(context: Context, path: str) -> Context:
    """An earlier question at hand again, to be answered anew; what was ticked there stands ticked."""
    answer, question = context.state.answers.get(path), context.form.question(path)
    several = question.kind is QuestionKind.SELECT_MULTIPLE and answer is not None
    picked = tuple(answer.value.split()) if several and answer is not None else ()
    return context.having(at=path, editing=True, picked=picked, misses=0)


def put_again(context: Context, *lead: Words) -> Turn:
    """After a side question: the same question once more, without the count of how far we are."""
    if context.question is None:
        return Turn(context.state, (Say(lead, (key("start"), key("help"))),) if lead else ())
    answer = Turn(context.state, (Say(lead),)) if lead else Turn(context.state)
    asked = put_question(context, fresh=False)
    return asked.before(*answer.effects)


def _where_we_are(context: Context, question: Question) -> list[Words]:
    if question.consent is not None or question.wish:
        return []
    number, total = context.view.place(question.path)
    return [Phrase("question.number", {"number": number, "total": total})]


def _question_lines(question: Question) -> list[Words]:
    lines: list[Words] = [FormText(question.path)]
    if question.hint:
        lines.append(FormText(question.path, Part.HINT))
    elif question.kind is QuestionKind.SELECT_MULTIPLE:
        lines.append(Phrase("question.several"))
    return lines


def _question_keys(state: State, question: Question, context: Context) -> tuple[Key, ...]:
    index = context.form.index(question.path)
    keys = choice_keys(context, state, question)
    if question.kind is QuestionKind.SELECT_MULTIPLE:
        keys.append(Key(Phrase("button.done"), taps.placed_payload(taps.DONE, state.asked, index)))
    if state.editing and question.path in state.answers:
        keys.append(key("start", title="keep"))
    elif question.consent is None and not context.view.is_required(question.path):
        keys.append(placed_key("skip", state, index))
    keys.append(Key(Phrase("button.more"), taps.placed_payload(taps.MORE, state.asked, index)))
    return tuple(keys)


def choice_keys(
    context: Context, state: State, question: Question, only: Sequence[str] | None = None
) -> list[Key]:
    """A button for everything that can be chosen (or for `only` those named); a ticked one says so."""
    index = context.form.index(question.path)
    keys = []
    for number, value in enumerate(options(context.form, question)):
        if only is not None and value not in only:
            continue
        title = option_words(context.form, question, value)
        ticked = value in state.picked
        if ticked:
            title = Phrase("button.ticked", {"choice": title})
        keys.append(Key(title, taps.answer_payload(state.asked, index, number, untick=ticked)))
    return keys


def placed_key(word: str, state: State, index: int, *, title: str = "") -> Key:
    """A button that works only at its own question."""
    return Key(Phrase(f"button.{title or word}"), taps.placed_payload(word, state.asked, index))


def more_keys(context: Context, state: State) -> tuple[Key, ...]:
    """Everything else one can do at a question, as buttons."""
    question = context.question
    assert question is not None
    index = context.form.index(question.path)
    required = context.view.is_required(question.path)
    words = [word for word in MORE_WORDS if not (required and word in ("dont_know", "refuse"))]
    return tuple(key(word) if word in _UNPLACED else placed_key(word, state, index) for word in words)
