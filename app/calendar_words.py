"""What people read in their calendar about a talk, and when a calendar of their own cannot be read."""

from bot.texts.catalogue import Catalogue
from domain.session import Session, SessionStatus
from scheduler.busy_times import CalendarTrouble
from scheduler.calendar import EventWords


def event_words(catalogue: Catalogue, language: str, session: Session, other: str) -> EventWords:
    """For a meemaker; `other` is the name of the other half of the duo. Nothing in it is about the resident."""

    def say(key: str) -> str:
        return catalogue.sentence(f"calendar.{key}", language)

    summary = say(f"summary.{session.kind}")
    if session.status is SessionStatus.CANCELLED:
        summary = say("called_off") % {"summary": summary}
    return EventWords(summary, say("description") % {"other": other}, say("at_home"))


def resident_words(catalogue: Catalogue, language: str, session: Session, names: str) -> EventWords:
    """For a resident; `names` are those of the duo."""

    def say(key: str) -> str:
        return catalogue.sentence(f"calendar.{key}", language)

    summary = say("mine.summary")
    if session.status is SessionStatus.CANCELLED:
        summary = say("called_off") % {"summary": summary}
    return EventWords(summary, say("mine.description") % {"names": names}, say("mine.at_home"))


def trouble_text(catalogue: Catalogue, language: str, trouble: CalendarTrouble) -> str:
    return catalogue.sentence(f"calendar.trouble.{trouble}", language)
