"""Guesses whether a text is Dutch or English from its small words; Limburgish counts as Dutch."""

from functools import cache

from nlu.rules.tables import table


def detect_language(found: tuple[str, ...], default: str) -> str:
    """ "nl", "en", or the default when the words (folded) do not tell."""
    dutch, english = _function_words()
    nl = sum(word in dutch for word in found)
    en = sum(word in english for word in found)
    if default == "nl":
        return "en" if en >= 2 and en > 2 * nl else "nl"
    if nl >= 2 and nl > en:
        return "nl"
    if en >= 2 and en > nl:
        return "en"
    return default


@cache
def _function_words() -> tuple[frozenset[str], frozenset[str]]:
    entry = table("language")
    return frozenset(entry["nl"]), frozenset(entry["en"])
