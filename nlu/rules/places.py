"""Reads typed coordinates: two decimal numbers, north first; names of places are nobody's business here."""

import re

from nlu.rules.reading import Reading, answer

_PAIR = re.compile(r"\s*(-?\d{1,2}[.]\d+)\s*[,; ]\s*(-?\d{1,3}[.]\d+)\s*")


def read_place(text: str) -> Reading | None:
    """ "latitude longitude altitude accuracy", the last two unknown (0)."""
    found = _PAIR.fullmatch(text)
    if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        return None
    return answer(f"{found[1]} {found[2]} 0 0")
