"""What is said to residents about talks in person: lines and buttons; what happens is decided elsewhere."""

from collections.abc import Mapping, Sequence

from bot.dialogue.effects import ChoiceText, FormText, Key, Literal, Phrase, Words
from bot.forms.form import Form
from bot.meeting.moments import when_words
from bot.meeting.ports import TalkDesk
from bot.meeting.talk_wish import ANYWHERE, KINDS, NEIGHBOURHOOD, PARTS
from bot.meeting.taps import TalkTap, payload
from domain.consent import Purpose
from domain.questionnaire import Question
from domain.session import Offer, Place, Session, SessionKind, SessionStatus

PREFERENCES = ("woman", "man", "either", "step_free")
TONGUES = ("nl", "en", "ar", "tr", "pl", "uk")
FEELINGS = ("good", "so_so", "bad")


def key(title: str, tap: TalkTap, about: str = "", value: str = "") -> Key:
    return Key(Phrase(f"meeting.button.{title}"), payload(tap, about, value))


WANT = key("want", TalkTap.WANT)
OTHERS = Key(Phrase("button.other"), payload(TalkTap.ELSE))
ANOTHER_TIME = key("time", TalkTap.WHEN)
ANOTHER_PLACE = key("place", TalkTap.KIND)
MORE = key("more", TalkTap.PREFER)
LEAVE = key("leave", TalkTap.LEAVE)
ANYWHERE_KEY = key("anywhere", TalkTap.AREA, ANYWHERE)
OFF_THE_LIST = key("off_the_list", TalkTap.CANCEL)
TYPED = (ANOTHER_TIME, ANOTHER_PLACE, MORE, LEAVE, ANYWHERE_KEY, OFF_THE_LIST)
"""Buttons whose title may be typed as well."""


def consent_question(form: Form) -> Question | None:
    found = (each for each in form.questionnaire.questions if each.consent is Purpose.CONTACT)
    return next(found, None)


def consent_lines(form: Form) -> tuple[Words, ...]:
    """The questionnaire's own words, where it has them."""
    question = consent_question(form)
    asked = FormText(question.path) if question is not None else Phrase("meeting.consent")
    return (Phrase("meeting.consent_first"), asked)


def consent_keys(form: Form) -> tuple[Key, ...]:
    question = consent_question(form)
    return tuple(
        Key(
            ChoiceText(question.path, name) if question is not None else Phrase(f"meeting.button.{name}"),
            payload(TalkTap.ALLOW, name),
        )
        for name in ("yes", "no")
    )


def kind_keys() -> tuple[Key, ...]:
    return (*(key(f"kind_{name}", TalkTap.KIND, name) for name in KINDS), LEAVE)


def when_keys() -> tuple[Key, ...]:
    return (*(key(part, TalkTap.WHEN, part) for part in PARTS), key("any_time", TalkTap.WHEN, "any"))


def area_name(form: Form, code: str) -> Words:
    """A neighbourhood as the questionnaire calls it."""
    named = (each for each in form.questionnaire.questions if each.name == NEIGHBOURHOOD)
    found = (each for each in named if any(choice.name == code for choice in each.choices))
    question = next(found, None)
    return ChoiceText(question.path, code) if question is not None else Literal(code)


def area_keys(form: Form, known: Sequence[str]) -> tuple[Key, ...]:
    """By number: the name of a neighbourhood may be long."""
    named = tuple(
        Key(area_name(form, code), payload(TalkTap.AREA, str(number))) for number, code in enumerate(known)
    )
    return (*named, key("any_area", TalkTap.AREA, ANYWHERE))


def preference_keys() -> tuple[Key, ...]:
    tongues = tuple(key(f"in_{code}", TalkTap.PREFER, "language", code) for code in TONGUES)
    return (*(key(f"prefers_{name}", TalkTap.PREFER, name) for name in PREFERENCES), *tongues, LEAVE)


def offer_keys(offers: Sequence[Offer], places: Mapping[str, Place]) -> tuple[Key, ...]:
    return tuple(
        Key(
            Phrase(
                "meeting.offer", {"when": when_words(each.when.start), "where": _named(each.place, places)}
            ),
            payload(TalkTap.TAKE, each.id),
        )
        for each in offers
    )


def _named(place: str | None, places: Mapping[str, Place]) -> Words:
    if place is None:
        return Phrase("meeting.at_home")
    return Literal(places[place].name) if place in places else Phrase("meeting.at_place")


def session_lines(desk: TalkDesk, session: Session) -> tuple[Words, ...]:
    """When, where and with whom, and whether it is certain."""
    place = desk.place(session.place) if session.place is not None else None
    told: dict[str, str | int | Words] = {
        "when": when_words(session.when.start),
        "where": _where(desk, session, place),
        "who": _who(desk, session),
    }
    free = (Phrase("meeting.step_free"),) if place is not None and place.step_free else ()
    return (Phrase("meeting.details", told), *free)


def _who(desk: TalkDesk, session: Session) -> Words:
    names = desk.names([each for each in session.meemakers if each])
    one, other = (names.get(each) for each in session.meemakers)
    if not one or not other:
        return Phrase("meeting.duo")
    said = "meeting.with" if session.status is SessionStatus.CONFIRMED else "meeting.asked"
    return Phrase(said, {"resident": Literal(one), "professional": Literal(other)})


def _where(desk: TalkDesk, session: Session, place: Place | None) -> Words:
    """Never the address of somebody's home: they know it, and it stands nowhere else."""
    if session.kind is SessionKind.HOME:
        return Phrase("meeting.where_home" if desk.address_of(session.id) else "meeting.where_home_unknown")
    if place is None:
        return Phrase("meeting.where_unknown")
    return Phrase("meeting.where", {"place": Literal(place.name), "address": Literal(place.address)})


def session_keys(desk: TalkDesk, session: Session) -> tuple[Key, ...]:
    wants_address = session.kind is SessionKind.HOME and not desk.address_of(session.id)
    address = (key("address", TalkTap.ADDRESS, session.id),) if wants_address else ()
    return (
        *address,
        Key(Phrase("button.reschedule"), payload(TalkTap.MOVE, session.id)),
        Key(Phrase("button.cancel_session"), payload(TalkTap.CANCEL, session.id)),
    )
