"""The statuses of questions, and other words of ours among the labels of values, in the languages of labels."""

from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "answered": "beantwoord",
        "skipped": "overgeslagen",
        "dont_know": "weet niet",
        "refused": "wil niet zeggen",
        "not_asked": "niet gevraagd",
        "withheld": "beantwoord, niet in deze export",
        "yes": "ja",
        "no": "nee",
        "chosen": "gekozen",
        "not_chosen": "niet gekozen",
        "status": "hoe beantwoord",
    },
    "en": {
        "answered": "answered",
        "skipped": "skipped",
        "dont_know": "does not know",
        "refused": "does not want to say",
        "not_asked": "not asked",
        "withheld": "answered, not in this export",
        "yes": "yes",
        "no": "no",
        "chosen": "chosen",
        "not_chosen": "not chosen",
        "status": "how it was answered",
    },
}


def words(language: str) -> Mapping[str, str]:
    """Those of one language, of English where there are none."""
    return _WORDS.get(language, _WORDS["en"])
