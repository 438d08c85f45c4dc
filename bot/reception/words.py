"""What staff and residents are told about a talk, as messages; when it is told is decided elsewhere."""

from collections.abc import Sequence

from bot.dialogue.effects import Key, Literal, Phrase, Say, Words
from bot.dialogue.talking import EDITED
from bot.texts.catalogue import Catalogue
from bot.texts.render import Renderer
from domain.message import Message
from domain.safety import SignalKind
from domain.staff import KeptLine, StaffMember, Talk

TAKE, NOT_NOW, DONE, LIST, LEAVE = "/take", "/notnow", "/klaar", "/lijst", "/afmelden"
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

    def signal(self, reference: str, kind: SignalKind) -> Message:
        said: dict[str, str | int | Words] = {"reference": reference, "kind": Phrase(f"signal.{kind.value}")}
        return self.message(Phrase("staff.signal", said))


def _about(talk: Talk) -> dict[str, str | int | Words]:
    return {
        "reference": talk.reference,
        "wijk": Literal(talk.wijk) if talk.wijk else Phrase("staff.unknown_wijk"),
        "question": Literal(talk.question) if talk.question else Phrase("staff.no_question"),
    }
