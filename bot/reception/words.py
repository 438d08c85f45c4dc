"""What staff and residents are told about a talk, as messages; when it is told is decided elsewhere."""

from collections.abc import Sequence
from datetime import datetime

from bot.dialogue.effects import Key, Literal, Phrase, Say, Words
from bot.dialogue.talking import EDITED
from bot.handover.hours import date_words
from bot.texts.catalogue import Catalogue
from bot.texts.render import Renderer
from domain.message import Message
from domain.safety import Case, SignalKind
from domain.staff import KeptLine, StaffMember, Talk

TAKE, NOT_NOW, DONE, LIST, LEAVE = "/take", "/notnow", "/klaar", "/lijst", "/afmelden"
TAKE_SIGNAL, CLOSE_SIGNAL, SIGNALS = "/handle", "/handled", "/signalen"
SHOWN_AT_ONCE = 8

_LINE = {False: "staff.line", True: "staff.marked"}


class DeskWords:
    """Messages for one reader, in their language. `renderer` needs no form: these texts name no question."""

    def __init__(self, catalogue: Catalogue, renderer: Renderer) -> None:
        self._catalogue, self._renderer = catalogue, renderer

    def message(self, *lines: Words, keys: Sequence[Key] = ()) -> Message:
        return self._renderer.message(Say(lines, tuple(keys)))

    def offer(self, talk: Talk) -> Message:
        keys = (
            Key(Phrase("button.staff_take"), f"{TAKE}.{talk.reference}"),
            Key(Phrase("button.staff_not_now"), f"{NOT_NOW}.{talk.reference}"),
        )
        return self.message(Phrase("staff.offer", _about(talk)), keys=keys)

    def yours(self, talk: Talk, member: StaffMember) -> Message:
        said = Phrase("staff.yours", {"reference": talk.reference, "name": member.first_name})
        return self.message(said, keys=(Key(Phrase("button.staff_done"), DONE),))

    def line(self, line: KeptLine) -> Message:
        text: Words = Literal(line.text)
        if line.text.startswith(EDITED):
            text = Phrase("staff.edited", {"text": Literal(line.text.removeprefix(EDITED))})
        return self.message(Phrase(_LINE[line.is_marked], {"text": text}))

    def waiting(self, talks: Sequence[Talk]) -> Message:
        if not talks:
            return self.message(Phrase("staff.nobody_waits"))
        shown = list(enumerate(talks[:SHOWN_AT_ONCE], start=1))
        lines = [Phrase("staff.list_line", {"number": number, **_about(talk)}) for number, talk in shown]
        keys = [
            Key(Phrase("button.staff_take_number", {"number": number}), f"{TAKE}.{talk.reference}")
            for number, talk in shown
        ]
        return self.message(Phrase("staff.list"), *lines, keys=keys)

    def signal(self, case: Case, *, keys: bool = True) -> Message:
        """Everything that staff are told of a case. Without `keys` where nothing can be pressed."""
        lines = [Phrase("staff.signal", _signal(case, case.kinds, case.at))]
        if case.count > 1:
            lines.append(
                Phrase("staff.signal_count", {"count": case.count, "when": date_words(case.heard_at)})
            )
        return self.message(*lines, keys=_case_keys(case) if keys else ())

    def signal_again(self, case: Case, new: Sequence[SignalKind], *, keys: bool = True) -> Message:
        """What was heard in a case that is known: kinds that are `new` in it, or only how often by now."""
        said = _signal(case, new or case.kinds, case.heard_at)
        line = Phrase("staff.signal_more" if new else "staff.signal_counted", {**said, "count": case.count})
        return self.message(line, keys=_case_keys(case) if keys else ())

    def signal_passed_on(self, case: Case) -> Message:
        return self.about_signal("staff.signal_passed_on", case, keys=True)

    def about_signal(self, key: str, case: Case, name: str = "", *, keys: bool = False) -> Message:
        said = Phrase(key, {"reference": case.reference, "name": name})
        return self.message(said, keys=_case_keys(case) if keys else ())


def _signal(case: Case, kinds: Sequence[SignalKind], at: datetime) -> dict[str, str | int | Words]:
    first, *others = (Phrase(f"signal.{kind.value}") for kind in kinds)
    words: Words = first
    for each in others:
        words = Phrase("signal.and", {"first": words, "second": each})
    return {"reference": case.reference, "kinds": words, "when": date_words(at)}


def _case_keys(case: Case) -> tuple[Key, ...]:
    """What can be done about it now."""
    if case.taken_by:
        return (Key(Phrase("button.signal_close"), f"{CLOSE_SIGNAL}.{case.id}"),)
    return (Key(Phrase("button.signal_take"), f"{TAKE_SIGNAL}.{case.id}"),)


def _about(talk: Talk) -> dict[str, str | int | Words]:
    return {
        "reference": talk.reference,
        "wijk": Literal(talk.wijk) if talk.wijk else Phrase("staff.unknown_wijk"),
        "question": Literal(talk.question) if talk.question else Phrase("staff.no_question"),
    }
