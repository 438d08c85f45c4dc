"""A stored value in the words that people say it with; a value that cannot be read is shown as it is stored."""

from datetime import date, datetime, time

from bot.dialogue.effects import Literal, Phrase, Words
from domain.questionnaire import QuestionKind


def value_words(kind: QuestionKind, value: str) -> Words:
    """Moments are shown by the clock they were written with, in no other time zone."""
    try:
        match kind:
            case QuestionKind.DATE:
                return _date(date.fromisoformat(value[:10]))
            case QuestionKind.TIME:
                return _clock(time.fromisoformat(value))
            case QuestionKind.DATETIME:
                moment = datetime.fromisoformat(value)
                return Phrase("value.moment", {"date": _date(moment), "clock": _clock(moment)})
    except ValueError:
        return Literal(value)
    if kind is QuestionKind.GEOPOINT:
        return Phrase("value.place")
    return number_words(value) if kind in (QuestionKind.DECIMAL, QuestionKind.RANGE) else Literal(value)


def number_words(value: str) -> Words:
    """A number as it is written in the language of the resident."""
    whole, point, part = value.partition(".")
    return Phrase("value.decimal", {"whole": whole, "part": part}) if point else Literal(value)


def _date(day: date) -> Phrase:
    return Phrase("value.date", {"day": day.day, "month": Phrase(f"month.{day.month}"), "year": day.year})


def _clock(clock: time | datetime) -> Phrase:
    return Phrase("value.clock", {"hour": clock.hour, "minute": f"{clock.minute:02}"})
