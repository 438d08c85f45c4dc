"""Invitations to a campaign: who may still be asked, in which words, and at what hours; storage keeps and queues them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.dialogue import taps
from bot.dialogue.asking import key
from bot.dialogue.effects import Key, Phrase, Say
from bot.dialogue.state import Phase, State, state_from_json, state_to_json
from bot.ports import FormShelf, Invited
from bot.texts.catalogue import Catalogue
from bot.texts.render import Renderer
from bot.tracking import Tracks
from domain.campaign import Campaign

ZONE = ZoneInfo("Europe/Amsterdam")
FROM_HOUR, UNTIL_HOUR = 9, 20
_AT_A_QUESTION = (Phase.ASKING, Phase.CONFIRMING, Phase.RESTING)


def is_daytime(now: datetime) -> bool:
    """Whether a message that nobody waits for may come now (UTC): not between 20:00 and 9:00 in Amsterdam."""
    return FROM_HOUR <= now.astimezone(ZONE).hour < UNTIL_HOUR


class Inviting:
    def __init__(self, shelf: FormShelf, catalogue: Catalogue) -> None:
        self._shelf, self._catalogue, self._tracks = shelf, catalogue, Tracks(shelf)

    def compose(self, campaign: Campaign, stored: str) -> Invited | None:
        """The invitation; None after STOP, for who has this campaign at hand, and where its form is not there."""
        form = self._shelf.find(campaign.questionnaire, campaign.version)
        state = state_from_json(stored)
        if form is None or state.phase is Phase.STOPPED or _has(state, campaign.code):
            return None
        named = State(
            language=state.language,
            questionnaire=campaign.questionnaire,
            version=campaign.version,
            wave=campaign.wave,
        )
        said = Phrase("campaign.invite", {"title": self._tracks.title(named)})
        keys = (Key(Phrase("campaign.join"), taps.join_payload(campaign.code)), key("stop"))
        message = Renderer(self._catalogue, form, state.language).message(Say((said,), keys))
        return Invited(state_to_json(_after(state, campaign)), message)


def _has(state: State, code: str) -> bool:
    return code in (state.campaign, *(each.state.campaign for each in state.parked))


def _after(state: State, campaign: Campaign) -> State:
    """A yes that follows is for the invitation, never for a question that was left lying."""
    phase = Phase.PAUSED if state.phase in _AT_A_QUESTION else state.phase
    return state.having(phase=phase, pending=None, invited=campaign.code)
