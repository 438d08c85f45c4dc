"""A campaign: one questionnaire, asked of many people in one round, through a link or an invitation."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.consent import Purpose


@dataclass(frozen=True, slots=True)
class Campaign:
    """`code` is what stands in its link. `wave` counts the rounds of the same questionnaire, from 1. Only who agreed to
    one of `purposes` is invited."""

    code: str
    name: str
    questionnaire: str
    version: str
    wave: int = 1
    purposes: Collection[Purpose] = (Purpose.CONTACT,)


@dataclass(frozen=True, slots=True)
class CampaignCounts:
    """How a campaign stands: invitations sent, invitations that still wait, responses begun and finished."""

    invited: int
    waiting: int
    begun: int
    finished: int
