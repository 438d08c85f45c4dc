"""What a resident asks of a talk, made of what they answered in the questionnaire."""

from collections.abc import Iterable, Mapping

from bot.dialogue.state import State
from bot.forms.form import Form
from domain.session import Gender, Place, SessionKind, TalkWish

KINDS = {"home": SessionKind.HOME, "nearby": SessionKind.PRIVATE, "group": SessionKind.GROUP}
"""The answers to "where would you like to talk" and what they are here."""

GENDERS = {"woman": Gender.WOMAN, "man": Gender.MAN}
PARTS = ("weekday_morning", "weekday_afternoon", "weekday_evening", "weekend")
NEIGHBOURHOOD = "wijk"
ANYWHERE = "*"
"""Stands for any neighbourhood where a choice of one is kept."""


def answers_of(state: State, form: Form) -> dict[str, str]:
    """The answers that say something of a talk, by the name of their question (whatever group it is in)."""
    named = ("place", "times", "prefers", "talk_language", "step_free", "language", NEIGHBOURHOOD)
    found = {
        form.question(path).name: answer.value for path, answer in state.answers.items() if form.has(path)
    }
    return {name: found[name] for name in named if found.get(name)}


def neighbourhoods(places: Iterable[Place]) -> list[str]:
    """In the order of their names."""
    return sorted({each.neighbourhood for each in places})


def make_wish(said: Mapping[str, str], places: Iterable[Place], language: str) -> TalkWish:
    """`said` is as `answers_of` gives it; what was not said is left open. `language` is the conversation's."""
    known = neighbourhoods(places)
    own = said.get(NEIGHBOURHOOD, "")
    accepts = frozenset({own}) if own in known else frozenset(known)
    tongue = said.get("talk_language") or said.get("language") or language
    return TalkWish(
        KINDS.get(said.get("place", ""), SessionKind.PRIVATE),
        own if own in known else "",
        accepts,
        language if tongue == "other" else tongue,
        GENDERS.get(said.get("prefers", "")),
        said.get("step_free") == "yes",
        parts=frozenset(said.get("times", "").split()) & frozenset(PARTS),
    )
