"""What came in, heard where the conversation stands: a button, words, a piece of an answer, a changed message."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.dialogue.correcting import names_something, question_meant
from bot.dialogue.expect import expect_at
from bot.dialogue.heard import Heard
from bot.dialogue.pieces import hear_piece, unfinished_at
from bot.dialogue.state import Phase, State
from bot.dialogue.taps import parse_tap
from bot.dialogue.turn import look
from bot.forms.form import Form
from bot.ports import Understand
from domain.message import Incoming, IncomingKind
from domain.understanding import Command, Expected, ExpectedKind, ModelParse, Understanding, UnderstandingKind

NOTHING = Expected(ExpectedKind.NONE)
_CORRECTABLE = (Phase.ASKING, Phase.PAUSED, Phase.FINISHED)
_UNCLEAR = Understanding(UnderstandingKind.UNCLEAR, confidence=0.0)
_URGENT = (Command.STOP, Command.ERASE)


@dataclass(frozen=True, slots=True)
class Hearing:
    """`asks_model`: there is a model that may know what the rules do not. `pieces`: answers may come in pieces."""

    understand: Understand
    asks_model: bool
    pieces: bool

    def hear(
        self,
        incoming: Incoming,
        state: State,
        form: Form,
        expected: Expected,
        parse: ModelParse | None,
        by_rules: Understanding | None,
        held: bool,
        mark: str,
    ) -> Heard | Understanding:
        """What the rules made of it when only the model may know. `held`: our reply to the words before waits; `mark`
        names the message; `by_rules` is what the rules made of it before the model was asked."""
        tap = parse_tap(incoming.text) if incoming.kind is IncomingKind.TAP else None
        if tap is not None:
            return Heard(IncomingKind.TAP, incoming.text, tap=tap)
        if incoming.kind is IncomingKind.EDIT:
            return self._hear_edit(incoming, state, form, held, mark)
        if incoming.kind not in (IncomingKind.TEXT, IncomingKind.TAP):
            said = self._rules(incoming.text, NOTHING, incoming.at)
            danger = said if said.kind is UnderstandingKind.SAFETY else None
            return Heard(
                incoming.kind,
                understanding=danger,
                language=incoming.language,
                code=incoming.code,
                reference=incoming.reference,
            )
        # Programs answer faster than anybody reads: what they say at once is no piece. A meemaker waits for our reply.
        pieces = self.pieces and not incoming.simulated and not state.assisted
        heard = Heard(IncomingKind.TEXT, incoming.text, mark=mark, may_go_on=pieces)
        path = unfinished_at(state, form, incoming.at) if pieces else ""
        if path:
            piece = hear_piece(heard, path, state, form, partial(self._rules, at=incoming.at), unseen=held)
            if piece is not None:
                return piece
        understanding = self.understand(
            incoming.text, expected, now=incoming.at, parse=parse, by_rules=by_rules
        )
        corrected = self._correction(heard, understanding, expected, state, form, incoming.at)
        if corrected is not None:
            return corrected
        unclear = understanding.kind is UnderstandingKind.UNCLEAR
        if unclear and parse is None and self.asks_model and incoming.text.strip():
            return understanding
        return replace(heard, understanding=understanding)

    def _correction(
        self, heard: Heard, said: Understanding, expected: Expected, state: State, form: Form, at: datetime
    ) -> Heard | None:
        """The words as a correction of an earlier answer; None when they are none, or fit no earlier answer.

        Danger, stopping and erasing are heard before this. In an answer in somebody's own words only what names an
        earlier question beyond doubt is a correction: the rest is their story.
        """
        correction = said.correction
        if correction is None or state.phase not in _CORRECTABLE or _is_urgent(said):
            return None
        is_story = expected.kind is ExpectedKind.TEXT
        if is_story and not (correction.is_sure and correction.about):
            return None
        path = question_meant(correction, state, form, look(state, form, at))
        if not path:
            # It was about some other question: then it is no answer to this one.
            elsewhere = names_something(correction) and said.kind is UnderstandingKind.ANSWER and not is_story
            return replace(heard, understanding=_UNCLEAR) if elsewhere else None
        instead = self._rules(correction.instead, expect_at(path, state, form, at), at)
        fits = instead.kind is UnderstandingKind.ANSWER
        if not correction.is_sure and not (fits or not correction.instead):
            return None
        return replace(heard, understanding=instead, corrects=path)

    def _rules(self, text: str, expected: Expected, at: datetime) -> Understanding:
        return self.understand(text, expected, now=at, parse=None)

    def _hear_edit(self, incoming: Incoming, state: State, form: Form, held: bool, mark: str) -> Heard:
        """Understood against the question it once answered; danger is listened for in the whole answer too."""
        path = state.path_of(mark)
        if not path or not form.has(path):
            said = self._rules(incoming.text, NOTHING, incoming.at)
            return Heard(IncomingKind.EDIT, incoming.text, understanding=said, mark=mark)
        expected = expect_at(path, state, form, incoming.at)
        said = self._rules(incoming.text, expected, incoming.at)
        others = " ".join(each.words for each in state.said[path] if each.mark != mark)
        whole = self._rules(f"{others} {incoming.text}", expected, incoming.at)
        unseen = held and state.unfinished is not None and state.unfinished.path == path
        danger = whole.kind is UnderstandingKind.SAFETY
        return Heard(
            IncomingKind.EDIT,
            incoming.text,
            understanding=whole if danger else said,
            unseen=unseen,
            mark=mark,
        )


def _is_urgent(said: Understanding) -> bool:
    is_command = said.kind is UnderstandingKind.COMMAND and said.value in _URGENT
    return is_command or said.kind is UnderstandingKind.SAFETY
