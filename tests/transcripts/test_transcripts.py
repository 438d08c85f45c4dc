"""Golden conversations: each .txt file is read, played against the real dialogue, and must come out word for word.

The state goes through JSON after every turn. After an intended change: `WIJKVERHAAL_WRITE_TRANSCRIPTS=1 pytest
tests/transcripts`, and read the difference aloud.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.effects import Effect, Phrase, Record, Say
from bot.dialogue.expect import expect
from bot.dialogue.heard import Heard
from bot.dialogue.people import NOBODY, People
from bot.dialogue.state import State, state_from_json, state_to_json
from bot.dialogue.talking import hand_back
from bot.dialogue.taps import parse_tap
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.handover.hours import hours_words, moment_words, parse_hours
from bot.hearing import Hearing
from bot.texts.catalogue import load_catalogue
from bot.texts.render import Renderer
from domain.message import Incoming, IncomingKind, Message
from nlu.understand import understand

HERE = Path(__file__).parent
SHIPPED = HERE.parent.parent / "bot" / "questionnaires" / "veerkracht.md"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TRANSCRIPTS = sorted(HERE.glob("*.txt"))
CATALOGUE = load_catalogue()
HOURS = parse_hours("ma-vr 09:00-17:00")
STAFF = {
    "none": NOBODY,
    "open": People(True, hours_words(HOURS)),
    "closed": People(True, hours_words(HOURS), moment_words(NOW.replace(day=24, hour=8), NOW)),
    "on duty": People(hear_danger=True),
    "nobody on duty": People(hear_danger=False),
}
HEARING = Hearing(understand, asks_model=False, pieces=True)


class Player:
    """Plays one transcript and writes down what happens."""

    def __init__(self, form: Form, language: str, people: People, *, reachable: bool = True) -> None:
        self.people, self.reachable = people, reachable
        self.form, self.stored = form, state_to_json(State(language=language))
        self.shown: list[Message] = []
        self.now, self.lines, self.event = NOW, 0, ""

    def play(self, line: str) -> Iterator[str]:
        """`> words`, `> [button]` (the latest button with that title; `> [/payload]` is one that is not shown),
        `> (photo)`, a reference after it, or `> {Anna}`, who hands back; `> +words` come within seconds, before our reply was sent, and `> ~3 words` change the message of
        the third line. Each line comes half a minute after the one before."""
        self.lines += 1
        self.now += timedelta(seconds=2 if line.startswith("+") else 30)
        state = state_from_json(self.stored)
        turn = self._turn(state, line)
        self.stored, self.event = state_to_json(turn.state), turn.event
        assert state_from_json(self.stored) == turn.state
        yield f"> {line}"
        for effect in turn.effects:
            yield from self._tell(effect, turn.state)

    def _turn(self, state: State, line: str) -> Turn:
        if line.startswith("{") and line.endswith("}"):
            return hand_back(state, self.form, NOW, Phrase("person.handed_back", {"name": line[1:-1]}))
        heard = replace(self._hear(line, state), reachable=self.reachable)
        people = replace(self.people, said_before=self.event == "danger")
        return advance(state, heard, self.form, self.now, people)

    def _hear(self, line: str, state: State) -> Heard:
        if line.startswith("[") and line.endswith("]"):
            payload = self._payload(line[1:-1])
            return Heard(IncomingKind.TAP, payload, tap=parse_tap(payload))
        if line.startswith("(") and line.endswith(")"):
            kind, _, reference = line[1:-1].partition(" ")
            return Heard(IncomingKind(kind), reference=reference)
        kind, mark, words = IncomingKind.TEXT, str(self.lines), line.removeprefix("+")
        if line.startswith("~"):
            kind, (mark, _, words) = IncomingKind.EDIT, line[1:].partition(" ")
        incoming = Incoming("telegram", "resident", kind, self.now, text=words)
        held = line.startswith("+")
        expected = expect(state, self.form, self.now)
        heard = HEARING.hear(incoming, state, self.form, expected, None, None, held, mark)
        assert isinstance(heard, Heard)
        return heard

    def _payload(self, title: str) -> str:
        if title.startswith("/"):
            return title
        for message in reversed(self.shown):
            for button in message.buttons:
                if button.title == title:
                    return button.payload
        raise AssertionError(f"no button says {title!r}")

    def _tell(self, effect: Effect, state: State) -> Iterator[str]:
        if not isinstance(effect, Say):
            yield f"    ({_in_words(effect)})"
            return
        view = self.form.view(state.answers, NOW, seed=state.seed, language=state.language)
        message = Renderer(CATALOGUE, self.form, state.language, view).message(effect)
        self.shown.append(message)
        for paragraph in message.text.split("\n"):
            yield f"  {paragraph}".rstrip()
        if message.buttons:
            yield "  " + " ".join(f"[{button.title}]" for button in message.buttons)


def _in_words(effect: Effect) -> str:
    if isinstance(effect, Record):
        return f"kept: {effect.path} = {effect.answer.value or effect.answer.status.value}"
    fields = [str(getattr(effect, name)) for name in getattr(effect, "__slots__", ())]
    return " ".join([type(effect).__name__.lower(), *filter(None, fields)])


def replay(text: str) -> str:
    head, _, body = text.partition("\n\n")
    settings = dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines() if ": " in line)
    form = load_form(SHIPPED if settings["form"] == "veerkracht" else HERE / f"{settings['form']}.md")
    staff, reachable = STAFF[settings.get("staff", "none")], settings.get("channel") != "web"
    player = Player(form, settings.get("language", "nl"), staff, reachable=reachable)
    told = [head, ""]
    for line in body.splitlines():
        if line.startswith("> "):
            told += [*player.play(line[2:]), ""]
    return "\n".join(told).rstrip() + "\n"


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript_plays_word_for_word(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    played = replay(text)
    if os.environ.get("WIJKVERHAAL_WRITE_TRANSCRIPTS"):
        path.write_text(played, encoding="utf-8")
        return
    assert played == text
