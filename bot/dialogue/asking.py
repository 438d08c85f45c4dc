"""How a question is put: its words, its buttons, and the count that marks them as its own."""

from collections.abc import Sequence

from bot.dialogue import taps
from bot.dialogue.effects import FormText, Key, Literal, Part, Phrase, Say, Words
from bot.dialogue.options import option_words, options
from bot.dialogue.showing import number_words, value_words
from bot.dialogue.state import Pending, Phase, State
from bot.dialogue.turn import Context, Turn
from bot.forms.form import is_counted
from bot.forms.values import to_text
from domain.answer import Answer, AnswerStatus
from domain.questionnaire import Question, QuestionKind

MORE_WORDS = ("dont_know", "refuse", "explain", "why", "back", "pause", "human", "privacy", "stop")
_HOW = {
    QuestionKind.DATETIME: "question.moment",
    QuestionKind.GEOPOINT: "question.place",
    QuestionKind.AUDIO: "question.audio",
    QuestionKind.IMAGE: "question.image",
}
_NAMED = ("nl", "en")
_SENT = (QuestionKind.AUDIO, QuestionKind.IMAGE)
_VALUED = (
    QuestionKind.INTEGER,
    QuestionKind.DECIMAL,
    QuestionKind.RANGE,
    QuestionKind.DATE,
    QuestionKind.TIME,
    QuestionKind.DATETIME,
)


def key(word: str, *, title: str = "") -> Key:
    """A button that means the same everywhere."""
    return Key(Phrase(f"button.{title or word}"), f"/{word}")


def language_key(code: str) -> Key:
    """To go on in this language; its name stands in that language itself."""
    title = Phrase(f"language.{code}") if code in _NAMED else Literal(code)
    return Key(title, taps.language_payload(code))


def put_question(context: Context, *lead: Words, fresh: bool = True) -> Turn:
    """Puts the question at hand. `lead` comes first in the same message; `fresh` shows how far we are."""
    question = context.question
    assert question is not None
    state = context.state.having(phase=Phase.ASKING, pending=None, asked=context.state.asked + 1)
    lines: list[Words] = list(lead)
    if context.state.assisted and fresh:
        lines.append(Phrase("assisted.read_aloud" if question.consent is not None else "assisted.mark"))
    if fresh:
        lines += _where_we_are(context, question)
    lines += _question_lines(context, question)
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
        return Turn(context.state, (Say(lead, (key("start"), key("help"))),))
    asked = put_question(context, fresh=False)
    return asked.before(Say(lead)) if lead else asked


def confirm(context: Context, pending: Pending, *words: Words, misses: int = 0) -> Turn:
    """A yes or no of ours, with its two buttons."""
    asked = context.state.asked + 1
    state = context.state.having(phase=Phase.CONFIRMING, pending=pending, asked=asked, misses=misses)
    keys = tuple(
        Key(Phrase(f"confirm.{pending.kind.value}.{word}"), taps.confirm_payload(word, state.asked))
        for word in (taps.YES, taps.NO)
    )
    return Turn(state, (Say(words, keys),))


def _where_we_are(context: Context, question: Question) -> list[Words]:
    if not is_counted(question):
        return []
    number, total = context.view.place(question.path)
    return [Phrase("question.number", {"number": number, "total": total})]


def _question_lines(context: Context, question: Question) -> list[Words]:
    if question.kind is QuestionKind.REPEAT:
        return [Phrase("repeat.more", {"group": FormText(question.path)})]
    lines: list[Words] = [FormText(question.path)]
    if question.media:
        lines.append(Phrase("question.media", {"names": ", ".join(question.media)}))
    proposed = proposal(context, question)
    if proposed is not None and options(context.form, question):
        lines.append(Phrase("question.proposed", {"value": proposed}))
    if question.hint:
        lines.append(FormText(question.path, Part.HINT))
    elif question.kind is QuestionKind.SELECT_MULTIPLE:
        lines.append(Phrase("question.several"))
    elif question.kind is QuestionKind.RANGE and not options(context.form, question):
        low, high = (number_words(to_text(bound or 0.0)) for bound in context.form.bounds(question.path))
        lines.append(Phrase("question.range", {"low": low, "high": high}))
    elif question.kind in _HOW:
        lines.append(Phrase(_HOW[question.kind]))
    return lines


def _question_keys(state: State, question: Question, context: Context) -> tuple[Key, ...]:
    index, at = place_of_question(context, question)
    keys = choice_keys(context, state, question)
    if question.kind is QuestionKind.SELECT_MULTIPLE:
        keys.append(Key(Phrase("button.done"), taps.placed_payload(taps.DONE, state.asked, index, at)))
    proposed = proposal(context, question)
    if proposed is not None and not keys:
        payload = taps.placed_payload(taps.TAKE, state.asked, index, at)
        keys.append(Key(Phrase("button.take", {"value": proposed}), payload))
    if state.editing and question.path in state.answers:
        keys.append(key("start", title="keep"))
    elif _can_be_skipped(question) and not context.view.is_required(question.path):
        keys.append(placed_key("skip", state, index, at))
    keys.append(Key(Phrase("button.more"), taps.placed_payload(taps.MORE, state.asked, index, at)))
    return tuple(keys)


def _can_be_skipped(question: Question) -> bool:
    return question.consent is None and question.kind is not QuestionKind.REPEAT


def choice_keys(
    context: Context, state: State, question: Question, only: Sequence[str] | None = None
) -> list[Key]:
    """A button for everything that can be chosen (or for `only` those named); a ticked one says so."""
    index, at = place_of_question(context, question)
    offered = _offered(context, question)
    keys = []
    for number, value in enumerate(options(context.form, question)):
        if (only is not None and value not in only) or (offered is not None and value not in offered):
            continue
        title = option_words(context.form, question, value)
        ticked = value in state.picked
        if ticked:
            title = Phrase("button.ticked", {"choice": title})
        keys.append(Key(title, taps.answer_payload(state.asked, index, number, at, untick=ticked)))
    return keys


def value_keys(context: Context, state: State, question: Question, values: Sequence[str]) -> list[Key]:
    """A button for each of `values` that no button stands for and that may be the answer."""
    index, at = place_of_question(context, question)
    if question.kind not in _VALUED or options(context.form, question):
        return []
    return [
        Key(
            Phrase("button.value", {"value": shown_value(context, question, value)}),
            taps.value_payload(state.asked, index, value, at),
        )
        for value in values
        if context.view.accepts(question.path, value)
    ]


def place_of_question(context: Context, question: Question) -> tuple[int, tuple[int, ...]]:
    """What a button of the question carries: its index and the numbers of its instance."""
    return context.form.index(question.path), context.form.numbers(question.path)


def _offered(context: Context, question: Question) -> set[str] | None:
    """The choices that a filter leaves; None without a filter."""
    if not question.choice_filter:
        return None
    return {choice.name for choice in context.view.offered(question.path)}


def proposal(context: Context, question: Question) -> Words | None:
    """What the form proposes as the answer, as long as there is none."""
    if not (question.default or question.dynamic_default or question.triggers):
        return None
    value = proposed_value(context, question)
    if not value or question.path in context.state.answers:
        return None
    return shown_value(context, question, value)


def proposed_value(context: Context, question: Question) -> str:
    """A trigger's value when it filled one in, else the default."""
    value = context.view.recalculated(question.path) or context.view.default(question.path)
    return value if value and context.view.accepts(question.path, value) else ""


def shown_answer(context: Context, question: Question, answer: Answer) -> Words:
    """An answer in the words that a resident knows it by."""
    if answer.status is not AnswerStatus.ANSWERED:
        return Phrase(f"status.{answer.status.value}")
    if question.reach:
        return Phrase("status.kept_apart")
    if question.kind is QuestionKind.SELECT_MULTIPLE and " " in answer.value:
        count = len(answer.value.split())
        return Phrase("status.several", {"count": count}, count)
    return shown_value(context, question, answer.value)


def shown_value(context: Context, question: Question, value: str) -> Words:
    if value in options(context.form, question):
        return option_words(context.form, question, value)
    if question.kind in _SENT:
        return Phrase(f"value.{question.kind.value}")
    return value_words(question.kind, value)


def placed_key(word: str, state: State, index: int, at: tuple[int, ...] = (), *, title: str = "") -> Key:
    """A button that works only at its own question."""
    return Key(Phrase(f"button.{title or word}"), taps.placed_payload(word, state.asked, index, at))


def command_key(word: str, state: State, index: int, at: tuple[int, ...] = ()) -> Key:
    """A button for something one can do at a question; what means the same everywhere is not bound to it."""
    return placed_key(word, state, index, at) if word in taps.PLACED else key(word)


def more_keys(context: Context, state: State) -> tuple[Key, ...]:
    """Everything else one can do at a question, as buttons."""
    question = context.question
    assert question is not None
    index, at = place_of_question(context, question)
    required = context.view.is_required(question.path)
    words = [word for word in MORE_WORDS if not (required and word in ("dont_know", "refuse"))]
    return tuple(command_key(word, state, index, at) for word in words)
