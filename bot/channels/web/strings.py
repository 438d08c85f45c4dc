"""The words of the chat page itself, from the catalogue; what the conversation says comes from elsewhere."""

from collections.abc import Mapping

from bot.texts.catalogue import LANGUAGES, load_catalogue

DEFAULT = LANGUAGES[0]
_PREFIX = "page."


def page_words() -> Mapping[str, Mapping[str, str]]:
    """Language to every word of the page: its key without "page." and its text."""
    return {language: load_catalogue().sentences(_PREFIX, language) for language in LANGUAGES}


def names_of_languages() -> Mapping[str, str]:
    """Each language as it calls itself."""
    return {language: load_catalogue().sentence(f"language.{language}", language) for language in LANGUAGES}


def language_payload(language: str) -> str:
    return f"/lang.{language}"


def known_language(language: str, otherwise: str = DEFAULT) -> str:
    return language if language in LANGUAGES else otherwise
