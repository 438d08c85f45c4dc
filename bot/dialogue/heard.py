"""What came in, sorted into one of a closed list of events that the transition table knows."""

from dataclasses import dataclass
from enum import StrEnum

from bot.dialogue.options import options
from bot.dialogue.state import Phase, State
from bot.dialogue.taps import ANSWER, DONE, EDIT, MORE, NO, PLACED, SPEAK, TAKE, UNTICK, VALUE, YES, Tap
from bot.forms.form import Form
from domain.answer import answered
from domain.message import IncomingKind
from domain.questionnaire import Question, QuestionKind
from domain.understanding import Command, Social, Understanding, UnderstandingKind


@dataclass(frozen=True, slots=True)
class Heard:
    """One input. `understanding` is there for text, `tap` for a button; neither for media and an opened chat.

    `reference` is where a sent place or file is (see Incoming); `seed` is fresh chance for a response that begins;
    `reachable` tells whether we can write to the resident later in this channel. `rest_of` is the path of the text
    answer that these words go on with, `unseen` tells that our reply to it had not been sent yet, `soon` that they came
    right after we asked for more of it. `mark` names the message, and `may_go_on` tells that more pieces may follow (see
    bot.dialogue.pieces). `corrects` is the path of the earlier answer that these words take back; `understanding` is
    then what they make of it.
    """

    kind: IncomingKind
    text: str = ""
    tap: Tap | None = None
    understanding: Understanding | None = None
    language: str = ""
    code: str = ""
    reference: str = ""
    seed: str = ""
    reachable: bool = True
    rest_of: str = ""
    soon: bool = False
    unseen: bool = False
    mark: str = ""
    may_go_on: bool = False
    corrects: str = ""


class Event(StrEnum):
    OPENED = "opened"
    ANSWERED = "answered"  # `value` is the answer to the question at hand
    TOOK_DEFAULT = "took_default"  # the answer that the form proposes
    CONTINUED = "continued"  # `value` goes on with the answer to `path`
    EDITED = "edited"  # the message that answered `path` says `value` now
    CORRECTED = "corrected"  # words say that the answer to `path` is `value`
    EDITED_OTHER = "edited_other"  # a message was changed that gave no answer we know of
    TICKED = "ticked"  # `value` is one choice of a multiple choice
    UNTICKED = "unticked"
    AMBIGUOUS = "ambiguous"  # `values` are the likeliest meanings
    NOT_UNDERSTOOD = "not_understood"
    YES = "yes"
    NO = "no"
    GREETED = "greeted"
    THANKED = "thanked"
    DANGER = "danger"
    SENT_MEDIA = "sent_media"
    TAPPED_OLD = "tapped_old"  # `path`: a button of an earlier question
    CHOSE_ANSWER = "chose_answer"  # `path`: an answer picked from the list, to be changed
    TAPPED_AGAIN = "tapped_again"  # the same button twice: nothing to do
    TAPPED_DEAD = "tapped_dead"  # a button of something that is over
    ASKED_MORE = "asked_more"
    CHOSE_LANGUAGE = "chose_language"
    STOP = "stop"
    PAUSE = "pause"
    SKIP = "skip"
    DONT_KNOW = "dont_know"
    REFUSE = "refuse"
    EXPLAIN = "explain"
    WHY = "why"
    REPEAT = "repeat"
    BACK = "back"
    HELP = "help"
    HUMAN = "human"
    PRIVACY = "privacy"
    ERASE = "erase"
    MY_DATA = "my_data"
    PROGRESS = "progress"
    LANGUAGE = "language"
    RESCHEDULE = "reschedule"
    CANCEL_SESSION = "cancel_session"
    MY_SESSIONS = "my_sessions"
    START = "start"


@dataclass(frozen=True, slots=True)
class Sorted:
    """An event with what belongs to it."""

    event: Event
    value: str = ""
    values: tuple[str, ...] = ()
    path: str = ""


_SENT_FOR = {
    IncomingKind.LOCATION: QuestionKind.GEOPOINT,
    IncomingKind.VOICE: QuestionKind.AUDIO,
    IncomingKind.PHOTO: QuestionKind.IMAGE,
}
_COMMANDS = {command.value for command in Command}
_PLACED = {DONE, MORE, TAKE, *PLACED}


# Words that mean something else anywhere but here: at a multiple choice with ticks, and at a yes or no of ours.
DONE_WORDS = frozenset(
    {
        "klaar",
        "klaar met kiezen",
        "dat was het",
        "dat is alles",
        "meer niet",
        "done",
        "done choosing",
        "that is all",
        "that's all",
    }
)
# The title of the button, typed.
MORE_WORDS = frozenset({"meer keuzes", "more choices"})
LEAVE_IT_WORDS = frozenset(
    {
        "laat maar",
        "nee laat maar",
        "nee, laat maar",
        "laat maar staan",
        "laat maar zitten",
        "toch niet",
        "never mind",
        "leave it",
    }
)


def sort_input(state: State, heard: Heard, form: Form) -> Sorted:
    """The event that `heard` is in this state. Total: every input is some event."""
    if heard.tap is not None:
        return _sort_tap(state, heard.tap, form)
    if heard.kind is IncomingKind.EDIT:
        return _sort_edited(state, heard, form)
    if heard.understanding is not None:
        return _sort_words(state, heard, heard.understanding, form)
    if heard.kind is IncomingKind.OPEN:
        # Somebody who follows a link with a code asks to begin; a page that is merely opened does not.
        return Sorted(Event.START if heard.code else Event.OPENED)
    waits = state.phase is Phase.ASKING and form.has(state.at)
    if heard.reference and waits and form.question(state.at).kind is _SENT_FOR.get(heard.kind):
        return Sorted(Event.ANSWERED, heard.reference)
    return Sorted(Event.SENT_MEDIA)


def _sort_words(state: State, heard: Heard, understanding: Understanding, form: Form) -> Sorted:
    plain = heard.text.strip(" .!").casefold()
    if state.picked and plain in DONE_WORDS and _picks_several(state, form):
        return Sorted(Event.ANSWERED, " ".join(state.picked))
    if plain in MORE_WORDS and state.phase is Phase.ASKING and form.has(state.at):
        return Sorted(Event.ASKED_MORE)
    if state.phase is Phase.CONFIRMING and plain in LEAVE_IT_WORDS:
        return Sorted(Event.NO)
    if heard.corrects and understanding.kind is UnderstandingKind.ANSWER:
        return Sorted(Event.CORRECTED, understanding.value, path=heard.corrects)
    if heard.corrects:
        return Sorted(Event.CHOSE_ANSWER, path=heard.corrects)
    if heard.rest_of and understanding.kind is UnderstandingKind.ANSWER:
        return Sorted(Event.CONTINUED, heard.text, path=heard.rest_of)
    match understanding.kind:
        case UnderstandingKind.SAFETY:
            return Sorted(Event.DANGER, values=tuple(understanding.signals))
        case UnderstandingKind.COMMAND:
            return Sorted(Event(understanding.value))
        case UnderstandingKind.SOCIAL:
            return Sorted(Event.THANKED if understanding.value == Social.THANKS else Event.GREETED)
        case UnderstandingKind.ANSWER if state.phase is Phase.ASKING:
            return Sorted(Event.ANSWERED, understanding.value)
        case UnderstandingKind.ANSWER if understanding.value in ("yes", "no"):
            return Sorted(Event.YES if understanding.value == "yes" else Event.NO)
        case _ if understanding.alternatives and state.phase is Phase.ASKING:
            return Sorted(Event.AMBIGUOUS, values=understanding.alternatives)
        case _:
            return Sorted(Event.NOT_UNDERSTOOD)


def _sort_edited(state: State, heard: Heard, form: Form) -> Sorted:
    """Danger and STOP count as always; other commands do not: an old message is no wish of now."""
    understanding = heard.understanding
    path = state.path_of(heard.mark)
    path = path if form.has(path) else ""
    match understanding.kind if understanding is not None else None:
        case UnderstandingKind.SAFETY if understanding is not None:
            return Sorted(Event.DANGER, values=tuple(understanding.signals))
        case UnderstandingKind.COMMAND if understanding is not None and understanding.value == Command.STOP:
            return Sorted(Event.STOP)
        case UnderstandingKind.ANSWER if understanding is not None and path:
            return Sorted(Event.EDITED, understanding.value, path=path)
        case _:
            return (
                Sorted(Event.TAPPED_OLD, path=path) if path in state.answers else Sorted(Event.EDITED_OTHER)
            )


def _picks_several(state: State, form: Form) -> bool:
    at_hand = state.phase is Phase.ASKING and form.has(state.at)
    return at_hand and form.question(state.at).kind is QuestionKind.SELECT_MULTIPLE


def _sort_tap(state: State, tap: Tap, form: Form) -> Sorted:
    if tap.word == SPEAK:
        return Sorted(Event.CHOSE_LANGUAGE, tap.argument)
    if tap.word in (YES, NO):
        live = state.phase is Phase.CONFIRMING and tap.numbers == (state.asked,)
        return Sorted(Event(tap.word) if live else Event.TAPPED_DEAD)
    if tap.word in (ANSWER, UNTICK):
        return _sort_answer(state, tap, form)
    if tap.word == VALUE:
        return _sort_value(state, tap, form)
    if tap.word == EDIT:
        return _sort_edit(state, tap.numbers, form)
    if tap.word in _PLACED and tap.numbers:
        return _sort_placed(state, tap, form)
    if tap.word in _COMMANDS:
        return Sorted(Event(tap.word))
    return Sorted(Event.TAPPED_DEAD)


def _question_of(state: State, numbers: tuple[int, ...], form: Form, before: int = 2) -> Question | None:
    """The question a button belonged to; None when that was another response or no question of this form. The numbers
    of its instance come after `before` others."""
    if len(numbers) < 2 or not state.since < numbers[0] <= state.asked:
        return None
    path = form.instance(numbers[1], numbers[before:])
    return form.question(path) if path is not None else None


def _sort_placed(state: State, tap: Tap, form: Form) -> Sorted:
    question = _question_of(state, tap.numbers, form)
    if question is None or not _is_at_hand(state, question):
        return Sorted(Event.TAPPED_DEAD)
    if tap.word == DONE:
        return Sorted(Event.ANSWERED, " ".join(state.picked)) if state.picked else Sorted(Event.SKIP)
    if tap.word == TAKE:
        return Sorted(Event.TOOK_DEFAULT)
    return Sorted(Event.ASKED_MORE if tap.word == MORE else Event(tap.word))


def _sort_answer(state: State, tap: Tap, form: Form) -> Sorted:
    numbers = tap.numbers
    question = _question_of(state, numbers, form, 3)
    values = options(form, question) if question is not None else ()
    if question is None or len(numbers) < 3 or numbers[2] >= len(values):
        return Sorted(Event.TAPPED_DEAD)
    value = values[numbers[2]]
    if _is_at_hand(state, question):
        if state.pending is not None and state.pending.answer == answered(value):
            return Sorted(Event.TAPPED_AGAIN)
        if question.kind is not QuestionKind.SELECT_MULTIPLE:
            return Sorted(Event.ANSWERED, value)
        return Sorted(Event.UNTICKED if tap.word == UNTICK else Event.TICKED, value)
    return _sort_old(state, question, "" if question.kind is QuestionKind.SELECT_MULTIPLE else value)


def _sort_value(state: State, tap: Tap, form: Form) -> Sorted:
    question = _question_of(state, tap.numbers, form)
    if question is None:
        return Sorted(Event.TAPPED_DEAD)
    if _is_at_hand(state, question) and question.kind is not QuestionKind.SELECT_MULTIPLE:
        return Sorted(Event.ANSWERED, tap.argument)
    return _sort_old(state, question, tap.argument)


def _sort_old(state: State, question: Question, value: str) -> Sorted:
    """A button of an earlier question that says `value`; empty when it is one of several."""
    former = state.answers.get(question.path)
    if former is None:
        return Sorted(Event.TAPPED_DEAD)
    if value and former.value == value:
        return Sorted(Event.TAPPED_AGAIN)
    return Sorted(Event.TAPPED_OLD, path=question.path)


def _sort_edit(state: State, numbers: tuple[int, ...], form: Form) -> Sorted:
    question = _question_of(state, numbers, form)
    if question is None or question.path not in state.answers:
        return Sorted(Event.TAPPED_DEAD)
    return Sorted(Event.CHOSE_ANSWER, path=question.path)


def _is_at_hand(state: State, question: Question) -> bool:
    """Also while a yes or no of ours is open, paused or resting: the question itself still waits."""
    waiting = state.phase in (Phase.ASKING, Phase.CONFIRMING, Phase.PAUSED, Phase.RESTING)
    return waiting and state.at == question.path
