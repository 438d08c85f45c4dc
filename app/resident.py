"""A simulated resident: reads the bot's messages as a person would and taps or types an answer. Pure."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

STORIES = (
    "De buren helpen elkaar goed, dat is fijn.",
    "Het groen in de straat is mooier geworden.",
    "Er is te weinig te doen voor de kinderen na school.",
    "De lift is vaak kapot en niemand komt.",
    "Ik zou graag een plek willen om samen koffie te drinken.",
    "Het verkeer rijdt te hard door onze straat.",
)
REACHED_AT = "06 00000000"
"""Nobody's number."""
ASIDE = ("/more", "/skip", "/done", "/stop", "/pause", "/human", "/privacy", "/back", "/explain", "/why", "/erase",
         "/my_data", "/help", "/dont_know", "/refuse")  # fmt: skip # read as one list of words
ENDS_EARLY = ("jonger dan", "younger than", "buiten maastricht", "outside maastricht")


class Resident:
    """Keeps nothing but chance: each reply follows from the last messages alone."""

    def __init__(self, chance: random.Random, *, types: bool = False) -> None:
        self._chance, self._types = chance, types

    def next_message(self, messages: Sequence[Mapping[str, Any]]) -> str | None:
        """What to send after these messages; None when the questionnaire is over."""
        if not messages:
            return None
        buttons = messages[-1].get("buttons") or []
        payloads = [button["payload"] for button in buttons]
        if "/erase" in payloads or (payloads and payloads[0] == "/start"):
            return None
        answers = [button for button in buttons if not button["payload"].startswith(ASIDE)]
        done = [payload for payload in payloads if payload.startswith("/done")]
        if done and any(button["title"].startswith("✓") for button in answers):
            return str(done[0])
        if answers:
            return self._choose(answers)
        if any(word in str(messages[-1].get("text")) for word in ("telefoonnummer", "phone number")):
            return REACHED_AT
        return self._chance.choice(STORIES)

    def _choose(self, answers: Sequence[Mapping[str, str]]) -> str:
        """Mostly goes along: the first choice of a yes/no, any choice of a longer list; few end it early."""
        likely = [button for button in answers if not button["title"].lower().startswith(ENDS_EARLY)]
        usual = likely if self._chance.random() < 0.98 else answers
        button = answers[0] if len(answers) == 2 else self._chance.choice(usual)
        return button["title"] if self._types else button["payload"]
