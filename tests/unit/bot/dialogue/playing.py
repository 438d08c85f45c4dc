"""Plays lines of a transcript and gives what a resident sees, for the cases that need more than a file of lines."""

from bot.dialogue.people import NOBODY
from bot.dialogue.state import State, state_from_json
from bot.forms.form import Form
from bot.forms.load import load_form
from tests.transcripts.test_transcripts import HERE, Player

SMALL, OPEN, REPEATS = (load_form(HERE / f"{name}.md") for name in ("small", "open", "repeats"))


class Resident:
    """Talks about one form, which may be exchanged for another on the way."""

    def __init__(self, form: Form, *lines: str) -> None:
        self._player = Player(form, "nl", NOBODY)
        for line in lines:
            self.say(line)

    def say(self, line: str) -> str:
        """A line of a transcript, and all that comes of it."""
        _, *told = self._player.play(line)
        return "\n".join(told)

    def change_form(self, form: Form) -> None:
        self._player.form = form

    @property
    def state(self) -> State:
        return state_from_json(self._player.stored)
