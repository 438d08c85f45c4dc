"""Where a link or a button leads when somebody has several questionnaires, and what each of them keeps meanwhile."""

import pytest

from bot.dialogue.effects import Key, Literal, Phrase
from bot.dialogue.heard import Heard
from bot.dialogue.state import Parked, Pending, PendingKind, Phase, State
from bot.dialogue.taps import Tap
from bot.dialogue.tracks import Route, carry, chosen, follow, go_to
from domain.answer import answered
from domain.campaign import Campaign
from domain.message import IncomingKind

PARK = Campaign("park", "Park", "other", "3", 2)
SMALL, OTHER = Literal("Small"), Literal("Other, round 2")
START = Heard(IncomingKind.TAP, "/start", tap=Tap("start"))
LINK = Heard(IncomingKind.OPEN, code="park")
BUSY = State(
    phase=Phase.ASKING, language="en", questionnaire="small", version="1", answers={"agree": answered("yes")},
    consents={"answers": True}, at="about/wijk", asked=7, since=2, began=True, track=4,
)  # fmt: skip # read as one piece
FRESH = State(
    language="en", questionnaire="other", version="3", asked=7, since=7, earlier=True, campaign="park", wave=2, track=5,
)  # fmt: skip # read as one piece
WAITING = State(
    phase=Phase.PAUSED, language="nl", questionnaire="other", version="3", answers={"a": answered("b")}, at="c",
    asked=3, since=1, began=True, campaign="park", wave=2, track=9,
)  # fmt: skip # read as one piece
REST = Parked("r-rest", State(phase=Phase.PAUSED, questionnaire="open", at="x", began=True, track=6))
ASKED_WHICH = (Phrase("tracks.which_first", {"title": SMALL, "other": OTHER}),)
GO_ON = Key(Phrase("tracks.go_on", {"title": SMALL}), "/start")


def link(state: State, *, is_done: bool = False) -> Route | None:
    return follow(state, "r-now", PARK, is_done=is_done, title=SMALL, other=OTHER)


def first(track: int) -> Key:
    return Key(Phrase("tracks.first", {"title": OTHER}), f"/track.{track}")


@pytest.mark.parametrize(
    ("state", "back"),
    [
        (BUSY, Key(Phrase("button.go_on"), "/start")),
        (BUSY.having(phase=Phase.FINISHED, at=""), Key(Phrase("button.my_data"), "/my_data")),
        (State(), Key(Phrase("button.my_data"), "/my_data")),
    ],
)
def test_link_to_a_finished_campaign_leads_back_to_what_waits(state: State, back: Key) -> None:
    said = (Phrase("campaign.done"),)
    assert link(state, is_done=True) == Route(state, "r-now", said=said, keys=(back,))


def test_link_to_the_campaign_at_hand_changes_nothing() -> None:
    assert link(BUSY.having(campaign="park")) is None


def test_link_while_another_questionnaire_is_asked_asks_which_comes_first() -> None:
    pending = Pending(PendingKind.ERASE, Phase.ASKING)
    state = BUSY.having(parked=(REST,))
    after = state.having(phase=Phase.PAUSED, parked=(REST, Parked("", FRESH.having(track=7))))
    for phase in (Phase.ASKING, Phase.RESTING):
        route = link(state.having(phase=phase))
        assert route == Route(after, "r-now", said=ASKED_WHICH, keys=(first(7), GO_ON))
    confirming = link(state.having(phase=Phase.CONFIRMING, pending=pending))
    assert confirming == Route(after, "r-now", said=ASKED_WHICH, keys=(first(7), GO_ON))


def test_link_after_stop_asks_which_comes_first_and_stays_stopped() -> None:
    state = BUSY.having(phase=Phase.STOPPED)
    after = state.having(parked=(Parked("", FRESH),))
    assert link(state) == Route(after, "r-now", said=ASKED_WHICH, keys=(first(5), GO_ON))


def test_link_to_a_questionnaire_that_waits_already_offers_that_one() -> None:
    state = BUSY.having(parked=(REST, Parked("r-park", WAITING)))
    after = state.having(phase=Phase.PAUSED)
    assert link(state) == Route(after, "r-now", said=ASKED_WHICH, keys=(first(9), GO_ON))


def test_link_where_nothing_was_agreed_to_begins_at_once_and_keeps_nothing() -> None:
    state = BUSY.having(began=False, consents={}, assisted=True)
    fresh = FRESH.having(earlier=False, assisted=True)
    assert link(state) == Route(fresh, "", heard=LINK)


@pytest.mark.parametrize("earlier", [{"began": True}, {"began": False, "earlier": True}])
def test_link_after_the_end_begins_at_once_and_remembers_the_former_response(
    earlier: dict[str, bool],
) -> None:
    state = BUSY.having(phase=Phase.FINISHED, at="", parked=(REST,), **earlier)
    assert link(state) == Route(FRESH.having(track=7, parked=(REST,)), "", heard=LINK)


def test_link_after_the_end_to_what_waits_goes_on_there() -> None:
    state = BUSY.having(phase=Phase.FINISHED, at="", parked=(REST, Parked("r-park", WAITING)))
    opened = WAITING.having(language="en", asked=7, since=7, earlier=True, parked=(REST,))
    assert link(state) == Route(opened, "r-park", heard=START)


def test_button_of_the_questionnaire_at_hand_goes_on() -> None:
    assert go_to(BUSY, "r-now", 4) == Route(BUSY, "r-now", heard=START)


@pytest.mark.parametrize("state", [BUSY.having(at=""), BUSY.having(phase=Phase.FINISHED), BUSY])
def test_button_of_a_questionnaire_that_is_nowhere_leads_nowhere(state: State) -> None:
    assert go_to(state, "r-now", 4 if state is not BUSY else 8) is None


def test_button_of_what_waits_puts_the_other_aside_without_what_was_open() -> None:
    busy = BUSY.having(
        phase=Phase.CONFIRMING, pending=Pending(PendingKind.ERASE, Phase.ASKING), editing=True, picked=("a",),
        parked=(REST, Parked("r-park", WAITING)), invited="plein", assisting="els",
    )  # fmt: skip # read as one piece
    opened = WAITING.having(
        language="en", asked=7, since=7, earlier=True, parked=(REST, Parked("r-now", BUSY.having(phase=Phase.PAUSED)))
    )  # fmt: skip # read as one piece
    assert go_to(busy, "r-now", 9) == Route(opened, "r-park", heard=START)


@pytest.mark.parametrize(
    ("phase", "left"),
    [
        (Phase.ASKING, Phase.PAUSED),
        (Phase.RESTING, Phase.PAUSED),
        (Phase.STOPPED, Phase.STOPPED),
        (Phase.TALKING, Phase.TALKING),
    ],
)
def test_what_is_left_waits_in_a_pause_unless_it_was_stopped(phase: Phase, left: Phase) -> None:
    route = go_to(BUSY.having(phase=phase, parked=(REST,)), "r-now", 6)
    assert route is not None
    assert [each.state.phase for each in route.state.parked] == [left]


def test_button_of_what_has_not_begun_yet_follows_its_link() -> None:
    busy = BUSY.having(parked=(Parked("", FRESH),), earlier=True, began=False)
    route = go_to(busy, "r-now", 5)
    assert route == Route(FRESH, "", heard=LINK)


@pytest.mark.parametrize(
    ("before", "waiting", "earlier"),
    [(BUSY, WAITING.having(earlier=True), True), (BUSY.having(began=False), WAITING, False)],
)
def test_what_comes_back_knows_whether_a_former_response_is_kept(
    before: State, waiting: State, earlier: bool
) -> None:
    route = go_to(before.having(parked=(Parked("r-park", waiting),)), "r-now", 9)
    assert route is not None
    assert route.state.earlier is earlier


@pytest.mark.parametrize(
    "words",
    ["ik wil graag eerst other", "verder met ik wil other", "'Other'", "other, round 2", "OTHER."],
)
def test_words_around_a_title_do_not_hide_it(words: str) -> None:
    titles = {4: ("Small", 1), 9: ("Other", 2) if "round" in words else ("Other", 1)}
    known = chosen(BUSY.having(phase=Phase.PAUSED, parked=(Parked("r-park", WAITING),)), words, titles)
    assert known == (None if words.startswith("verder met ik wil") else 9)


def test_what_belongs_to_the_person_outlives_a_turn() -> None:
    before = BUSY.having(parked=(REST,), wave=2, assisted=True, invited="plein", campaign="park")
    after = State(phase=Phase.FINISHED, campaign="park")
    kept = {"parked": (REST,), "track": 4, "wave": 2, "assisted": True}
    assert carry(before, after) == after.having(**kept)
    assert carry(before, State()) == State(parked=(REST,), track=4, assisted=True)
    assert carry(before.having(invited=""), before) is not before
