"""Single stretches beside a meemaker's usual week: when they cannot after all, or can. Each can be taken back on its own."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.dialogue.effects import Key, Phrase, Words
from bot.dialogue.turn import Turn
from bot.meeting.agenda import duo_key, menu
from bot.meeting.hours_words import stretch_words
from bot.meeting.meemaker_here import Here
from bot.meeting.taps import DuoTap, Tapped, payload
from domain.session import Stretch

MOST_KEYS = 8


def told(here: Here) -> list[tuple[Stretch, bool]]:
    """Those they told of themselves that are not over, soonest first; True is when they can extra."""
    found = here.desk.exceptions(here.who.id)
    return sorted(
        {each for each in found if each[0].end > here.now}, key=lambda each: (each[0].start, each[0].end)
    )


def back_key() -> Key:
    return duo_key(DuoTap.BACK, title="duo.button.back")


def are_away(here: Here, when: Sequence[Stretch]) -> bool:
    """Whether they said that they cannot in some of that time."""
    return any(not free and stretch.overlaps(each) for stretch, free in told(here) for each in when)


def show(here: Here, *lead: Words) -> Turn:
    """With a button to take each back."""
    found = told(here)
    if not found:
        return here.say(*lead, Phrase("duo.back.none"), keys=_after())
    keys = [_key(stretch, free, here.now) for stretch, free in found[:MOST_KEYS]]
    return here.say(
        *lead, Phrase("duo.back.which"), keys=(*keys, duo_key(DuoTap.AGENDA, title="duo.button.leave"))
    )


def tapped(here: Here, tap: Tapped) -> Turn:
    """The button under the list, or one that takes an exception back as the list was then."""
    when = _read(tap)
    if when is None:
        return show(here)
    if when not in [stretch for stretch, _ in told(here)]:
        return show(here, Phrase("duo.back.gone"))
    put_back(here, when, [each for each in _touching(here, when) if each[0] != when])
    return _taken_back(here, when)


def cut(here: Here, when: Sequence[Stretch]) -> Turn:
    """They can in that time after all; what they told of other times stays."""
    for each in when:
        put_back(here, each, without(_touching(here, each), each, free=False))
    return here.say(Phrase("duo.back.can"), keys=_after())


def note_away(here: Here, when: Stretch) -> None:
    """What they told before that they could all the same gives way, for that time alone."""
    touching = _touching(here, when)
    if any(free for _, free in touching):
        put_back(here, when, without(touching, when, free=True))
    here.desk.add_away(here.who.id, when)


def put_back(here: Here, when: Stretch, kept: Iterable[tuple[Stretch, bool]]) -> None:
    """Of what they told of that time only `kept` stays."""
    here.desk.drop_exceptions(here.who.id, when)
    for stretch, free in kept:
        add = here.desk.add_extra if free else here.desk.add_away
        add(here.who.id, stretch)


def without(
    found: Iterable[tuple[Stretch, bool]], when: Stretch, *, free: bool
) -> list[tuple[Stretch, bool]]:
    """What is left when those of one kind give way to that time."""
    left: list[tuple[Stretch, bool]] = []
    for stretch, is_free in found:
        if is_free is not free:
            left.append((stretch, is_free))
            continue
        rests = (Stretch(stretch.start, when.start), Stretch(when.end, stretch.end))
        left += [(each, is_free) for each in rests if each.start < each.end]
    return left


def _touching(here: Here, when: Stretch) -> list[tuple[Stretch, bool]]:
    return [each for each in here.desk.exceptions(here.who.id) if each[0].overlaps(when)]


def _taken_back(here: Here, when: Stretch) -> Turn:
    said = Phrase("duo.back.kept", {"when": stretch_words(when, here.now)})
    return show(here, said) if told(here) else here.say(said, keys=_after())


def _key(stretch: Stretch, free: bool, now: datetime) -> Key:
    """Names the exception by its time: a late press takes back nothing else."""
    title = "duo.back.extra" if free else "duo.back.away"
    named = [str(int(each.timestamp())) for each in (stretch.start, stretch.end)]
    return Key(Phrase(title, {"when": stretch_words(stretch, now)}), payload(DuoTap.BACK, *named))


def _read(tap: Tapped) -> Stretch | None:
    if not all(each.isascii() and each.isdecimal() and len(each) < 12 for each in (tap.about, tap.value)):
        return None
    start, end = (datetime.fromtimestamp(int(each), UTC) for each in (tap.about, tap.value))
    return Stretch(start, end)


def _after() -> tuple[Key, ...]:
    return (duo_key(DuoTap.AGENDA), *menu())
