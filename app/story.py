"""The story of one person in sentences for staff; what is kept of somebody and where it comes from is left to others."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.dialogue.effects import FormText
from bot.dialogue.options import option_words, options
from bot.forms.form import Form
from bot.texts.catalogue import Catalogue
from bot.texts.render import Renderer
from domain.questionnaire import QuestionKind
from domain.staff import Talk
from storage.telling import Traced

ZONE = ZoneInfo("Europe/Amsterdam")
LONGEST_QUESTION = 100

_DID = {
    "opened": "opened the chat",
    "answered": "gave an answer",
    "took_default": "took the proposed answer",
    "continued": "added to an answer",
    "edited": "changed an earlier message",
    "edited_other": "changed a message that was no answer",
    "ticked": "ticked a choice",
    "unticked": "unticked a choice",
    "ambiguous": "said something that may mean several things",
    "not_understood": "was not understood",
    "yes": "said yes",
    "no": "said no",
    "greeted": "said hello",
    "thanked": "said thank you",
    "danger": "said something that sounds like danger, and was told where help is",
    "sent_media": "sent a photo, a voice message or the like",
    "tapped_old": "pressed a button of an earlier question",
    "chose_answer": "chose an answer to change",
    "tapped_again": "pressed the same button again",
    "tapped_dead": "pressed a button of something that is over",
    "asked_more": "looked at what else is possible",
    "chose_language": "chose a language",
    "stop": "stopped",
    "pause": "paused",
    "skip": "wanted to skip",
    "dont_know": "did not know",
    "refuse": "would rather not say",
    "explain": "asked for an explanation",
    "why": "asked why this is asked",
    "repeat": "asked for the question again",
    "back": "went back",
    "help": "asked for help",
    "human": "asked for a person",
    "privacy": "asked who sees the answers",
    "erase": "asked to erase everything",
    "my_data": "looked at the answers so far",
    "progress": "asked how far it is",
    "language": "asked for another language",
    "reschedule": "asked about another time for a talk",
    "cancel_session": "asked to cancel a talk",
    "my_sessions": "asked which talks are planned",
    "start": "began or went on",
    "handed_back": "the talk with staff is over",
}
_STEP = {
    "told": "{who} was told of the signal",
    "told_more": "{who} was told of another signal",
    "counted": "{who} was told that it was heard again",
    "passed_on": "{who} was told that the signal was passed on",
    "taken": "{who} took the signal up",
    "let_go": "{who} left, and the signal went to the next person",
    "closed": "{who} closed the signal",
}
_NO_ANSWER = {"skipped": "skipped", "dont_know": "did not know", "refused": "would rather not answer"}
_BY = {"tap": "by button", "rules": "in words", "rasa": "in words, understood by the model"}
_PLANNED = {
    "remind_first": "reminder",
    "remind_last": "last reminder",
    "forget": "forgetting this conversation, unless there is a consent by then,",
    "talk": "a look at the talk with staff",
}
# What other lines of the same moment tell better.
_TOLD_BY_ANSWER = frozenset(
    {"answered", "took_default", "continued", "edited", "yes", "no", "skip", "dont_know", "refuse"}
)


@dataclass(slots=True)
class Story:
    """`find` gives a version of a questionnaire; `forms` are those that questions asked before any response may be of.
    `talk` is the one that goes on now, if any, and `taken_by` the name of who has it."""

    find: Callable[[str, str], Form | None]
    catalogue: Catalogue
    forms: Sequence[Form] = ()
    talk: Talk | None = None
    taken_by: str = ""
    _begun: list[Form] = field(default_factory=list)
    _last_asked: datetime | None = None
    _answered: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)

    def lines(self, traced: Sequence[Traced]) -> list[str]:
        """A heading for each day, the sentences of each moment under it, and at the end what is planned."""
        told: list[str] = []
        day = ""
        self._last_asked = max((each.at for each in traced if each.kind == "hand-over"), default=None)
        for at, each in groupby((one for one in traced if one.kind != "planned"), key=lambda one: one.at):
            date, _, clock = told_moment(at).partition(" ")
            told += [] if date == day else ["", date]
            told += [f"  {clock}  {sentence}" for sentence in self._moment(list(each))]
            day = date
        planned = [f"  {_planned(each)}" for each in traced if each.kind == "planned"]
        return [*told, "", "Planned", *planned] if planned else told

    def _moment(self, each: list[Traced]) -> Iterator[str]:
        self._begun += [form for one in each if one.kind == "response" and (form := self._form_named(one))]
        kinds = {one.kind for one in each}
        sentences: dict[str, int] = {}
        for one in each:
            heard = one.detail.get("heard", "")
            is_told = ("answer" in kinds and heard in _TOLD_BY_ANSWER) or (
                "hand-over" in kinds and heard == "human"
            )
            sentence = "" if one.kind == "turn" and is_told else self._sentence(one)
            if sentence:
                sentences[sentence] = sentences.get(sentence, 0) + 1
        yield from (f"{words} ({times} times)" if times > 1 else words for words, times in sentences.items())
        yield from (
            f"was asked {self._question(one.detail['question'])}"
            for one in each
            if one.kind == "turn" and "question" in one.detail
        )

    def _sentence(self, each: Traced) -> str:
        detail = each.detail
        match each.kind:
            case "turn":
                return _DID.get(detail.get("heard", ""), "") or "did something"
            case "missed":
                return f"not understood twice in a row at {self._question(detail.get('question', ''))}"
            case "response":
                campaign = f", for the campaign {detail['campaign']}" if "campaign" in detail else ""
                return f"began {_version(detail)}, in {detail['language']}{campaign}"
            case "consent":
                return f"consent for {detail['purpose']}: {detail['given']} (version {detail['text']})"
            case "answer":
                return self._answer(detail)
            case "wish":
                return f"would like to talk in person{self._wishes(detail.get('preferences', ''))}"
            case "signal":
                closed = (
                    f"closed {_moment_of(detail['closed_at'])}" if "closed_at" in detail else "still open"
                )
                return f"a signal for staff: {detail['danger']} ({closed})"
            case "signal-step":
                who = detail.get("member", "somebody who left the staff")
                return _STEP.get(detail["step"], "{who} did something about the signal").format(who=who)
            case "hand-over":
                return f"asked for a person; {self._talk(each.at, detail)}"
            case "message":
                return _message(each.at, detail)
            case "closed":
                return f"{_version(detail)} is closed: {detail['outcome']}"
            case kind:
                return kind

    def _answer(self, detail: Mapping[str, str]) -> str:
        path, status = detail["question"], detail["status"]
        self._turn_to(self.find(detail["questionnaire"], detail["version"]))
        question, value = self._question(path), self._value(path, detail.get("value", ""))
        form = self._form_of(path)
        former = self._answered.get((id(form), path))
        self._answered[(id(form), path)] = (status, detail.get("value", ""))
        if status != "answered":
            return f"{_NO_ANSWER.get(status, status)}: {question}"
        if detail["understood_by"] not in _BY:
            return f"the questionnaire filled in {question} with {value}"
        by = f"({_BY[detail['understood_by']]})"
        if former is None:
            return f"answered {question} with {value} {by}"
        if former == (status, detail.get("value", "")):
            return f"gave the same answer to {question}: {value} {by}"
        return f"changed the answer to {question} to {value} {by}"

    def _wishes(self, preferences: str) -> str:
        try:
            wished: Mapping[str, str] = json.loads(preferences or "{}")
        except ValueError:
            return ""
        told = [f"{self._question(path)} {self._value(path, value)}" for path, value in wished.items()]
        return f": {', '.join(told)}" if told else ""

    def _talk(self, at: datetime, detail: Mapping[str, str]) -> str:
        if "closed_at" in detail:
            return f"the talk ended {_moment_of(detail['closed_at'])}"
        if self.talk is None or at != self._last_asked:
            return "nobody could write back there"
        if not self.taken_by or self.talk.taken_at is None:
            return "nobody has taken it yet"
        return f"taken by {self.taken_by}, {told_moment(self.talk.taken_at)}"

    def _question(self, path: str) -> str:
        form = self._form_of(path)
        label = self._renderer(form).words(FormText(path)) if form is not None else ""
        label = " ".join((label or path).split())
        return (
            f"'{label if len(label) <= LONGEST_QUESTION else f'{label[: LONGEST_QUESTION - 1].rstrip()}…'}'"
        )

    def _value(self, path: str, value: str) -> str:
        form = self._form_of(path)
        if form is None:
            return f"'{_on_a_line(value)}'"
        question, render = form.question(path), self._renderer(form)
        names = value.split(" ") if question.kind is QuestionKind.SELECT_MULTIPLE else [value]
        known = options(form, question)
        words = (
            render.words(option_words(form, question, name)) if name in known else name for name in names
        )
        return f"'{_on_a_line(', '.join(words))}'"

    def _renderer(self, form: Form) -> Renderer:
        return Renderer(self.catalogue, form, form.questionnaire.default_language)

    def _form_named(self, each: Traced) -> Form | None:
        return self.find(each.detail["questionnaire"], each.detail["version"])

    def _turn_to(self, form: Form | None) -> None:
        """Somebody with several questionnaires went on with this one."""
        if form is not None:
            self._begun = [*(each for each in self._begun if each is not form), form]

    def _form_of(self, path: str) -> Form | None:
        """The form of the response that began or was answered last and asks this; before any consent, the form at
        hand."""
        return next((form for form in (*reversed(self._begun), *self.forms) if form.has(path)), None)


def _planned(each: Traced) -> str:
    what = _PLANNED.get(each.detail.get("what", ""), each.detail.get("what", ""))
    return f"{what} planned for {told_moment(each.at)}"


def _message(created_at: datetime, detail: Mapping[str, str]) -> str:
    match detail["status"]:
        case "sent":
            sent_at = datetime.fromisoformat(detail["sent_at"]) if "sent_at" in detail else created_at
            late = f", {told_moment(sent_at)}" if sent_at - created_at > timedelta(minutes=1) else ""
            return f"a message was sent{late}"
        case "failed":
            return f"a message could not be sent ({detail.get('code', 'no reason known')})"
        case "unknown":
            return "a message was sent, but perhaps it did not arrive; it is tried again"
        case _:
            from_then = datetime.fromisoformat(detail["not_before"])
            when = f", not before {told_moment(from_then)}" if from_then > created_at else ""
            return f"a message waits to be sent{when}"


def _version(detail: Mapping[str, str]) -> str:
    return f"the questionnaire {detail['questionnaire']} (version {detail['version']})"


def _on_a_line(words: str) -> str:
    return " / ".join(words.splitlines())


def _moment_of(written: str) -> str:
    return told_moment(datetime.fromisoformat(written))


def told_moment(moment: datetime) -> str:
    """On the clock of the Netherlands."""
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
