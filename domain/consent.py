"""What a resident can agree to, each on its own and each withdrawable."""

from enum import StrEnum


class Purpose(StrEnum):
    """Why something is kept. A response may only hold what its consents cover."""

    ANSWERS = "answers"  # my answers, for the neighbourhood agenda
    SENSITIVE = "sensitive"  # loneliness and making ends meet
    CONTACT = "contact"  # getting in touch about a talk
    REMINDERS = "reminders"  # a message when I stopped halfway
    QUOTE = "quote"  # my words, word for word
    LEARN = "learn"  # sentences that were not understood, to understand people better
