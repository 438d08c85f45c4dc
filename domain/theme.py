"""What an open answer is about, in the closed list of codes of the codebook, as a suggestion for people to decide on."""

from dataclasses import dataclass
from enum import StrEnum

from domain.questionnaire import Question, QuestionKind


class ThemeCode(StrEnum):
    """Version 1 of the codebook."""

    WONEN = "wonen"
    OPENBARE_RUIMTE_GROEN = "openbare_ruimte_groen"
    VEILIGHEID_OVERLAST = "veiligheid_overlast"
    GEZONDHEID_LICHAAM = "gezondheid_lichaam"
    GEZONDHEID_GEEST = "gezondheid_geest"
    GELD_SCHULDEN = "geld_schulden"
    WERK_OPLEIDING = "werk_opleiding"
    OPGROEIEN_OPVOEDEN = "opgroeien_opvoeden"
    CONTACT_EENZAAMHEID = "contact_eenzaamheid"
    MEEDOEN_ACTIVITEITEN = "meedoen_activiteiten"
    VOORZIENINGEN_ONTMOETING = "voorzieningen_ontmoeting"
    VERTROUWEN_GEMEENTE = "vertrouwen_gemeente"
    TROTS_KRACHT = "trots_kracht"
    ANDERS = "anders"


class ThemeKind(StrEnum):
    ERVARING = "ervaring"  # tells what is or was
    NOOD = "nood"  # something is lacking, help is needed
    WENS = "wens"


class Valence(StrEnum):
    KRACHT = "kracht"
    ZORG = "zorg"


class Level(StrEnum):
    IK = "ik"  # myself, my household
    BUURT = "buurt"  # the neighbourhood, others


class ThemeState(StrEnum):
    """How far people are with a theme of a stored answer."""

    SUGGESTED = "suggested"  # a model heard it, nobody decided yet


def is_open(question: Question) -> bool:
    """Whether people answer it in their own words, so that themes can be heard. How to reach somebody is no story."""
    return question.kind is QuestionKind.TEXT and not question.reach


@dataclass(frozen=True, slots=True)
class ThemeSuggestion:
    """One theme that a model hears in an answer. `confidence` in 0..1 is that of the code alone."""

    code: ThemeCode
    kind: ThemeKind
    valence: Valence
    level: Level
    confidence: float
