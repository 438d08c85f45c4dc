"""Every word of the chat page itself, in each language it is shown in; what the conversation says comes from elsewhere."""

from collections.abc import Mapping

NL: Mapping[str, str] = {
    "title": "Wijkverhaal",
    "tagline": "Vertel hoe het gaat in uw wijk.",
    "who": "U praat met een computer, namens de gemeente en haar partners.",
    "privacy": "Wat gebeurt er met mijn antwoorden?",
    "skip": "Ga naar het tekstvak",
    "language": "Taal",
    "chat": "Gesprek",
    "you": "U zegt:",
    "bot": "Wijkverhaal zegt:",
    "choices": "Kies een antwoord",
    "welcome": "Welkom. U kunt hier vertellen hoe het met u en uw wijk gaat.",
    "begin": "Begin of ga verder",
    "field": "Uw antwoord",
    "hint": "Met Enter verstuurt u. Met Shift en Enter begint u een nieuwe regel.",
    "send": "Verstuur",
    "always": "Dit kan altijd",
    "pause": "Pauze",
    "stop": "Stop",
    "help": "Help",
    "erase": "Wis mijn gegevens",
    "leave": "Sluit het gesprek op dit apparaat",
    "leave_why": "Gebruiken meer mensen dit apparaat? Sluit dan hier het gesprek. "
    "U kunt er daarna zelf ook niet meer in verder.",
    "left": "Het gesprek is op dit apparaat gesloten.",
    "thinking": "Even wachten, het antwoord komt eraan.",
    "trouble": "Het lukt nu even niet. Uw antwoord staat er nog. Probeer het zo nog eens.",
    "slow_down": "Dat ging heel snel. Uw antwoord staat er nog. Wacht even en probeer het dan nog eens.",
    "too_long": "Uw bericht is te lang om te versturen. Maak het korter of verstuur het in delen.",
    "refused": "Dit bericht kunnen we niet lezen. Laad de pagina opnieuw en probeer het nog eens.",
    "broken": "Er ging iets mis bij ons. Uw antwoord staat er nog. Probeer het nog eens. "
    "Lukt het weer niet? Dan kunt u vragen om een mens: stuur het woord mens.",
    "fresh": "We kennen dit gesprek niet meer. Daarom beginnen we opnieuw. "
    "Gebeurt dit steeds? Dan bewaart uw browser misschien geen cookies.",
    "retry": "Probeer opnieuw",
    "not_sent": "Nog niet verstuurd",
}

EN: Mapping[str, str] = {
    "title": "Wijkverhaal",
    "tagline": "Tell us how things are in your neighbourhood.",
    "who": "You are talking to a computer, on behalf of the municipality and its partners.",
    "privacy": "What happens with my answers?",
    "skip": "Go to the text field",
    "language": "Language",
    "chat": "Conversation",
    "you": "You say:",
    "bot": "Wijkverhaal says:",
    "choices": "Choose an answer",
    "welcome": "Welcome. Here you can tell us how you and your neighbourhood are doing.",
    "begin": "Start or go on",
    "field": "Your answer",
    "hint": "Enter sends. Shift and Enter starts a new line.",
    "send": "Send",
    "always": "Always possible",
    "pause": "Pause",
    "stop": "Stop",
    "help": "Help",
    "erase": "Erase my data",
    "leave": "Close the conversation on this device",
    "leave_why": "Do more people use this device? Then close the conversation here. "
    "After that, you cannot go on with it either.",
    "left": "The conversation is closed on this device.",
    "thinking": "One moment, the answer is coming.",
    "trouble": "This is not working right now. Your answer is still here. Please try again in a moment.",
    "slow_down": "That went very fast. Your answer is still here. Wait a moment and then try again.",
    "too_long": "Your message is too long to send. Make it shorter or send it in parts.",
    "refused": "We cannot read this message. Load the page again and try once more.",
    "broken": "Something went wrong on our side. Your answer is still here. Please try again. "
    "Does it fail again? Then you can ask for a person: send the word human.",
    "fresh": "We no longer know this conversation. That is why we start again. "
    "Does this keep happening? Then your browser may not be keeping cookies.",
    "retry": "Try again",
    "not_sent": "Not sent yet",
}

WORDS: Mapping[str, Mapping[str, str]] = {"nl": NL, "en": EN}
DEFAULT = "nl"
NAMES: Mapping[str, str] = {"nl": "Nederlands", "en": "English"}

# What the page's own buttons send; the dialogue knows these words in every state.
PAYLOADS: Mapping[str, str] = {
    "privacy": "/privacy",
    "pause": "/pause",
    "stop": "/stop",
    "help": "/help",
    "erase": "/erase",
}


def language_payload(language: str) -> str:
    return f"/lang.{language}"


def known_language(language: str, otherwise: str = DEFAULT) -> str:
    return language if language in WORDS else otherwise
