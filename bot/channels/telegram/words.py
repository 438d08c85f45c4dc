"""What this channel says by itself, outside any conversation: its menu, its introduction, and two short messages."""

from collections.abc import Mapping

LANGUAGES = ("nl", "en")
DEFAULT_LANGUAGE = "nl"

MENU: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "verder": "Ga verder met de vragen",
        "pauze": "Stop even, ga later verder",
        "stop": "Stop met de vragen",
        "hulp": "Hulp, of praat met een mens",
        "antwoorden": "Bekijk uw antwoorden",
        "privacy": "Wat er met uw antwoorden gebeurt",
        "wissen": "Wis al uw gegevens",
        "taal": "Kies een andere taal",
    },
    "en": {
        "continue": "Go on with the questions",
        "pause": "Take a break, go on later",
        "stop": "Stop the questions",
        "help": "Help, or talk to a person",
        "answers": "See your answers",
        "privacy": "What happens with your answers",
        "erase": "Erase all your data",
        "language": "Choose another language",
    },
}
"""Commands (without "/") and what they do, in the order of the menu."""

DESCRIPTION: Mapping[str, str] = {
    "nl": (
        "Hoe gaat het met u en met uw buurt? Dit is een computer die u daar een paar vragen over stelt. "
        "Meedoen is vrijwillig. U kunt altijd stoppen. Dit is geen hulpdienst: bel bij gevaar 112."
    ),
    "en": (
        "How are you, and how is your neighbourhood? This is a computer that asks you a few questions about that. "
        "Taking part is your choice. You can always stop. This is not an emergency service: in danger call 112."
    ),
}
"""Shown in an empty chat; at most 512 characters."""

GROUP_REFUSAL: Mapping[str, str] = {
    "nl": "Ik praat alleen met één persoon tegelijk, zodat uw antwoorden van u blijven. Stuur mij een eigen bericht.",
    "en": "I only talk with one person at a time, so that your answers stay yours. Please send me a private message.",
}

APOLOGY: Mapping[str, str] = {
    "nl": (
        "Sorry, er ging iets mis. Dat ligt niet aan u. Wilt u het nog een keer sturen? "
        "Stuur /hulp als u met een mens wilt praten."
    ),
    "en": "Sorry, something went wrong. It is not your fault. Please send it again. Send /help to talk to a person.",
}


def in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language, texts[DEFAULT_LANGUAGE])
