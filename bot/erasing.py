"""The proof that somebody was erased: a number that stands in their chat and in our receipt, and nowhere else."""

import base64
import hashlib
from dataclasses import replace

from bot.dialogue.effects import Erase, Phrase, Say, Words
from bot.dialogue.turn import Turn

_GOODBYE, _RECEIPT = "erase.done", "erase.receipt"


def new_code(chance: str, blocks: int = 4) -> str:
    """A code that can be read aloud and written down, of 20 bits a block: "K3MQ-7RTX-2HPD-5WNB"."""
    letters = base64.b32encode(hashlib.sha256(chance.encode()).digest()).decode()
    return "-".join(letters[start : start + 4] for start in range(0, 4 * blocks, 4))


def new_number(chance: str) -> str:
    """The number of a receipt, as short as somebody still writes down: "7KQ4-M2XD"."""
    return new_code(chance, blocks=2)


def is_erased(turn: Turn) -> bool:
    return any(isinstance(effect, Erase) for effect in turn.effects)


def receipt_told(number: str) -> Words:
    return Phrase(_RECEIPT, {"number": number})


def with_receipt(turn: Turn, number: str) -> Turn:
    """The goodbye tells the number."""
    effects = (
        replace(effect, lines=(*effect.lines, receipt_told(number)))
        if isinstance(effect, Say) and Phrase(_GOODBYE) in effect.lines
        else effect
        for effect in turn.effects
    )
    return replace(turn, effects=tuple(effects))


def number_told(turn: Turn) -> str:
    """The number that this turn tells, "" for every other turn."""
    lines = (line for effect in turn.effects if isinstance(effect, Say) for line in effect.lines)
    told = (line for line in lines if isinstance(line, Phrase) and line.key == _RECEIPT)
    return next((str(line.params["number"]) for line in told), "")
