"""Whom a campaign may invite, when, and in which words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.dialogue.state import Parked, Phase, State, state_from_json, state_to_json
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.inviting import Inviting, is_daytime
from bot.texts.catalogue import load_catalogue
from domain.campaign import Campaign

FORM = load_form(Path(__file__).parents[2] / "transcripts" / "other.md")
CAMPAIGN = Campaign("park-2", "Park", "other", "1", 2)


class Shelf:
    def current(self) -> Form:
        return FORM

    def find(self, questionnaire: str, version: str) -> Form | None:
        return FORM if (questionnaire, version) == ("other", "1") else None


INVITING = Inviting(Shelf(), load_catalogue())


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-11-23T07:59:59", False), ("2026-11-23T08:00:00", True),  # winter: an hour ahead of UTC
        ("2026-11-23T18:59:59", True), ("2026-11-23T19:00:00", False),
        ("2026-07-01T06:59:59", False), ("2026-07-01T07:00:00", True),  # summer: two
        ("2026-07-01T17:59:59", True), ("2026-07-01T18:00:00", False),
    ],
)  # fmt: skip # read as rows of a table
def test_quiet_hours_follow_the_clock_on_the_wall(moment: str, allowed: bool) -> None:
    assert is_daytime(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == allowed


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "We hebben nieuwe vragen voor u: Het park, ronde 2."),
        ("en", "new questions for you: Het park, round 2."),
    ],
)
def test_the_invitation_speaks_the_persons_language(language: str, words: str) -> None:
    invited = INVITING.compose(CAMPAIGN, state_to_json(State(Phase.FINISHED, language)))

    assert invited is not None
    assert words in invited.message.text
    assert [button.payload for button in invited.message.buttons] == ["/join.park-2", "/stop"]


def test_a_question_that_waits_is_laid_aside_so_that_a_yes_is_no_answer_to_it() -> None:
    invited = INVITING.compose(CAMPAIGN, state_to_json(State(Phase.ASKING, at="park", began=True)))

    assert invited is not None
    after = state_from_json(invited.state)
    assert (after.phase, after.at, after.invited) == (Phase.PAUSED, "park", "park-2")


@pytest.mark.parametrize(
    "state",
    [
        State(Phase.STOPPED),
        State(Phase.FINISHED, campaign="park-2"),
        State(Phase.FINISHED, parked=(Parked("", State(campaign="park-2")),)),
    ],
)
def test_who_stopped_or_has_it_at_hand_is_not_asked(state: State) -> None:
    assert INVITING.compose(CAMPAIGN, state_to_json(state)) is None


def test_without_its_form_nobody_is_asked() -> None:
    gone = Campaign("park-3", "Park", "other", "2", 3)

    assert INVITING.compose(gone, state_to_json(State(Phase.FINISHED))) is None
