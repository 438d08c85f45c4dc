"""What this channel says by itself, outside any conversation: its menu, its introduction, and two short messages."""

from collections.abc import Mapping

from bot.texts.catalogue import LANGUAGES, load_catalogue

DEFAULT_LANGUAGE = LANGUAGES[0]

_MENU: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "verder": "go_on",
        "pauze": "pause",
        "stop": "stop",
        "hulp": "help",
        "antwoorden": "answers",
        "privacy": "privacy",
        "wissen": "erase",
        "taal": "language",
    },
    "en": {
        "continue": "go_on",
        "pause": "pause",
        "stop": "stop",
        "help": "help",
        "answers": "answers",
        "privacy": "privacy",
        "erase": "erase",
        "language": "language",
    },
}
"""The commands that `translate` knows and what they do, in the order of the menu."""


def menu(language: str) -> dict[str, str]:
    """Commands (without "/") and their descriptions, in the order of the menu."""
    return {command: _say(f"menu.{name}", language) for command, name in _MENU[language].items()}


def description(language: str) -> str:
    """Shown in an empty chat; at most 512 characters."""
    return _say("description", language)


def group_refusal(language: str) -> str:
    return _say("group", language)


def apology(language: str) -> str:
    """In Dutch where the language is unknown."""
    return _say("apology", language)


def too_often(language: str) -> str:
    """In Dutch where the language is unknown."""
    return _say("too_often", language)


def _say(key: str, language: str) -> str:
    return load_catalogue().sentence(f"telegram.{key}", language)
