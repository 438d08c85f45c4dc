"""Several questionnaires for one person: which one a link or a button means, and how one waits while another goes on.

PURE. Each response is a track with a state of its own; one is active, the others are parked inside the active one's
state. A question is never taken from one track to another: a fresh track has no answers, and when a parked one comes
back, every button of before is over. Nothing is parked without consent: until then nothing may be kept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogue import taps
from bot.dialogue.asking import key
from bot.dialogue.effects import Key, Phrase, Words
from bot.dialogue.heard import Heard
from bot.dialogue.state import Parked, Phase, State
from domain.campaign import Campaign
from domain.consent import Purpose
from domain.message import IncomingKind

REPORT = "gespreksverslag"
"""The questionnaire about a talk in person. It is begun by the button under that talk and nowhere else."""

_FIRST = frozenset(
    {"1", "eerste", "nieuwe", "de eerste", "de nieuwe", "eerst de nieuwe", "de nieuwe eerst", "de nieuwe vragen",
     "de nieuwe vragenlijst", "de bovenste", "first", "the first", "the first one", "the new one", "the new questions"}
)  # fmt: skip # read as one piece
_SECOND = frozenset(
    {"2", "tweede", "oude", "de tweede", "de oude", "eerst de oude", "de oude eerst", "de oude vragen",
     "de oude vragenlijst", "de onderste", "second", "the second", "the second one", "the old one", "the old questions"}
)  # fmt: skip # read as one piece
_LEAD = re.compile(
    r"^(ik wil |graag |liever |ga |doe |i want to )*(eerst |first |((verder|door) met|(go on|continue) with) )?"
)
_MAY_CHOOSE = (Phase.PAUSED, Phase.STOPPED, Phase.FINISHED)
"""Where a choice of questionnaire may be at hand, and words are no answer to a question."""

_ASIDE = (Phase.ASKING, Phase.CONFIRMING, Phase.RESTING)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a turn goes on. With `heard` the dialogue takes it from there; otherwise `said` is all there is to say.
    `response` is the id under which answers are kept from here."""

    state: State
    response: str
    heard: Heard | None = None
    said: tuple[Words, ...] = ()
    keys: tuple[Key, ...] = ()


def follow(
    state: State, response: str, campaign: Campaign, *, is_done: bool, title: Words, other: Words
) -> Route | None:
    """What following a campaign's link means here; None when the dialogue itself knows: that campaign is at hand.

    `is_done`: this person finished it before. `title` is what the questionnaire at hand is called, `other`
    what the campaign's is.
    """
    if is_done:
        back = key("start", title="go_on") if _waits(state) else key("my_data")
        return Route(state, response, said=(Phrase("campaign.done"),), keys=(back,))
    if state.campaign == campaign.code and state.phase is not Phase.NEW:
        return None
    known = next((each for each in state.parked if each.state.campaign == campaign.code), None)
    if not _is_under_way(state):
        return _open(state, response, known) if known else _begin(state, campaign)
    aside = known.state if known else _fresh(state, campaign)
    if known is None:
        state = state.having(parked=(*state.parked, Parked("", aside)))
    phase = Phase.PAUSED if state.phase in _ASIDE else state.phase
    keys = (
        Key(Phrase("tracks.first", {"title": other}), taps.track_payload(aside.track)),
        Key(Phrase("tracks.go_on", {"title": title}), "/start"),
    )
    said = (Phrase("tracks.which_first", {"title": title, "other": other}),)
    return Route(state.having(phase=phase, pending=None), response, said=said, keys=keys)


def go_to(state: State, response: str, number: int) -> Route | None:
    """The track that a button names; None when there is none any more."""
    if number == state.track and _waits(state):
        return Route(state, response, heard=_START)
    known = next((each for each in state.parked if each.state.track == number), None)
    return _open(state, response, known) if known else None


def chosen(state: State, said: str, titles: Mapping[int, tuple[str, int]]) -> int | None:
    """The track that typed words choose where its button could be pressed; None when they choose none. `titles` are
    the title and the wave of every track. The new one stands on the first button, the one at hand on the second."""
    if state.phase not in _MAY_CHOOSE or not state.parked:
        return None
    words = _plain(said)
    if state.phase is not Phase.FINISHED and words in _FIRST | _SECOND:
        return state.parked[-1].state.track if words in _FIRST else state.track
    name = _LEAD.sub("", words)
    shown = [track for track, (title, wave) in titles.items() if name in _shown(_plain(title), wave)]
    loose = [track for track, (title, _) in titles.items() if name == _plain(title)]
    found = shown or loose
    return found[0] if len(found) == 1 else None


def _plain(words: str) -> str:
    return " ".join(words.replace(",", " ").split()).strip(" .!?'\"").casefold()


def _shown(title: str, wave: int) -> tuple[str, ...]:
    return (f"{title} ronde {wave}", f"{title} round {wave}") if wave > 1 else (title,)


def begin_report(state: State, response: str, version: str) -> State:
    """A fresh track for a report of a talk; what is at hand waits. No consent is asked: a meemaker tells what they do as a
    meemaker, and for each sentence of a resident the report itself asks whether it may be quoted."""
    return State(
        language=state.language,
        questionnaire=REPORT,
        version=version,
        consents={Purpose.ANSWERS.value: True},
        asked=state.asked,
        since=state.asked,
        began=True,
        earlier=state.began or state.earlier,
        track=_next_track(state),
        parked=_park(state, response),
    )


def leave_report(state: State) -> Route:
    """After a report a new start is one of the ordinary questionnaire, from its first word."""
    fresh = State(
        language=state.language,
        asked=state.asked,
        since=state.asked,
        earlier=True,
        track=_next_track(state),
        parked=state.parked,
    )
    return Route(fresh, "", heard=Heard(IncomingKind.OPEN))


def left_keys(state: State, titles: dict[int, Words]) -> tuple[Key, ...]:
    """A button for each track that waits."""
    return tuple(
        Key(Phrase("tracks.go_on", {"title": titles[each.state.track]}), taps.track_payload(each.state.track))
        for each in state.parked
    )


def carry(before: State, after: State) -> State:
    """What belongs to the person and not to one response outlives whatever the dialogue made of its state. An
    invitation is answered by the next thing said, whatever that is."""
    wave = before.wave if after.campaign == before.campaign else 0
    kept = {
        "parked": before.parked,
        "track": before.track,
        "wave": wave,
        "assisted": before.assisted,
        "invited": "",
    }
    return (
        after if all(getattr(after, name) == value for name, value in kept.items()) else after.having(**kept)
    )


_START = Heard(IncomingKind.TAP, "/start", tap=taps.Tap("start"))


def _is_under_way(state: State) -> bool:
    return _waits(state) and state.began


def _waits(state: State) -> bool:
    return bool(state.at) and state.phase not in (Phase.NEW, Phase.FINISHED)


def _begin(state: State, campaign: Campaign) -> Route:
    fresh = _fresh(state, campaign).having(parked=state.parked)
    return Route(fresh, "", heard=Heard(IncomingKind.OPEN, code=campaign.code))


def _fresh(state: State, campaign: Campaign) -> State:
    """A response without a single answer, so that nothing of an earlier wave shows through."""
    return State(
        language=state.language,
        questionnaire=campaign.questionnaire,
        version=campaign.version,
        asked=state.asked,
        since=state.asked,
        earlier=state.began or state.earlier,
        campaign=campaign.code,
        wave=campaign.wave,
        track=_next_track(state),
        assisted=state.assisted,
    )


def _next_track(state: State) -> int:
    return 1 + max([state.track, *(each.state.track for each in state.parked)])


def _open(state: State, response: str, known: Parked) -> Route:
    rest = tuple(each for each in state.parked if each is not known)
    opened = known.state.having(
        language=state.language,
        asked=state.asked,
        since=state.asked,
        earlier=known.state.earlier or state.began or state.earlier,
        parked=_park(state.having(parked=rest), response),
    )
    is_new = opened.phase is Phase.NEW
    heard = Heard(IncomingKind.OPEN, code=opened.campaign) if is_new else _START
    return Route(opened, known.response, heard=heard)


def _park(state: State, response: str) -> tuple[Parked, ...]:
    """The tracks that wait once this one is left; a finished one is in the storage and needs no place here."""
    if not _is_under_way(state):
        return state.parked
    phase = Phase.PAUSED if state.phase in _ASIDE else state.phase
    left = state.having(
        phase=phase, pending=None, editing=False, picked=(), parked=(), invited="", assisting=""
    )
    return (*state.parked, Parked(response, left))
