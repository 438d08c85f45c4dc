"""Hears that somebody takes back an earlier answer, and which words name it; which question that is, is left to the
dialogue."""

import re
from collections.abc import Iterator

from domain.understanding import Correction
from nlu.rules.normalise import fold

_LONGEST = 160
_CALLED = r"(?P<about>\w+(?: \w+){0,4}?)"
_SURE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:nee |sorry |oeps |wacht |nou |nee nee )*(?:ik )?(?:bedoel|bedoelde)(?: ik)?(?: eigenlijk| toch)? (?P<instead>.+?) bij"
        rf"(?: de| het| mijn)?(?: vraag(?: over| naar)?(?: de| het| mijn)?)? {_CALLED}",
        rf"(?:de |het |dat |die |mijn |m n |mn )?{_CALLED} (?:klopt|klopte|klopten|kloppen) (?:toch |eigenlijk |ook )?niet(?: meer)?(?: (?:het|dat|die) (?:is|moet|moest)(?: zijn)? (?P<instead>.+))?",
        rf"(?:de |het |dat |die |mijn |m n |mn )?{_CALLED} (?:heb|had) ik (?:fout|verkeerd|niet goed) (?:ingevuld|gezegd|getypt|ingetypt|gedaan|opgegeven)",
        rf"(?:ik heb |ik had )?(?:de |het |mijn |m n |mn )?{_CALLED} (?:is |was )?(?:fout|verkeerd|niet goed) (?:ingevuld|gezegd|getypt|ingetypt|opgegeven)",
        rf"(?:(?:ik wil|wil ik|kan ik|mag ik|kunt u|kun je|wilt u|graag|even) )*(?:verander|wijzig|corrigeer|verbeter|herstel)(?:t)?(?: maar| graag| even)? (?:de |het |mijn |m n |mn )?{_CALLED}(?: (?:in|naar|op|tot) (?P<instead>.+))?",
        rf"(?:(?:ik wil|wil ik|kan ik|mag ik|graag|even) )+(?:nog )?(?:de |het |mijn |m n |mn )?{_CALLED} (?:veranderen|wijzigen|aanpassen|corrigeren|verbeteren)(?: (?:in|naar|op|tot) (?P<instead>.+))?",
        rf"(?:de |het |mijn |m n |mn )?{_CALLED} (?:moet|moest)(?: toch| eigenlijk)? (?P<instead>.+?) (?:zijn|wezen|worden)",
        rf"(?:no |sorry |oops )*i mean(?:t)? (?P<instead>.+?) (?:for|at|with)(?: the| my)?(?: question about(?: the| my)?)? {_CALLED}",
        rf"(?:the |my )?{_CALLED} (?:is|was) (?:wrong|incorrect|not right|not correct)(?: it (?:is|should be) (?P<instead>.+))?",
        rf"(?:(?:i want to|can i|please|id like to|let me) )*(?:change|correct) (?:the |my )?{_CALLED}(?: (?:to|into) (?P<instead>.+))?",
        rf"(?:the |my )?{_CALLED} should (?:be|have been) (?P<instead>.+)",
    )
)
_UNSURE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:de |het |dat |die |mijn |m n |mn )?{_CALLED} (?:is|was) (?:toch |eigenlijk )?(?:fout|verkeerd|onjuist|niet goed|niet juist)",
        rf"(?:mijn |m n |mn |my ){_CALLED} (?:is|was) (?:toch |eigenlijk |actually )?(?P<instead>.+)",
        r"(?:nee |sorry |oeps |wacht )*(?:ik )?(?:bedoel|bedoelde)(?: ik)?(?: eigenlijk| toch)? (?P<instead>.+)",
        r"(?:no |sorry |oops )*i mean(?:t)? (?P<instead>.+)",
    )
)
_INSTEAD_OF = (
    re.compile(
        r"(?:(?:nee|sorry|oeps|ik|ben|het|is|was|toch|mijn|dat) )*(?:geen|niet) (?P<was>.+?) maar (?P<instead>.+?)(?: jaar| jaor)?"
    ),
    re.compile(r"(?:(?:no|sorry|oops|i|am|im|it|is|was) )*not (?P<was>.+?) but (?P<instead>.+)"),
)
# One of these stands in every text that the expressions above know: most texts need not be read by them at all.
_HINTS = re.compile(
    r"bedoel|klop|verander|wijzig|aanpas|corrig|verbeter|herstel|fout|verkeerd|onjuist|niet|geen|moet|moest|mijn|mn |m n "
    r"|my |mean|wrong|incorrect|change|correct|should|not "
)


def read_correction(text: str) -> Correction | None:
    """What a text says of an earlier answer, or None. Pure."""
    if len(text) > _LONGEST:
        return None
    folded = fold(text)
    if not _HINTS.search(folded):
        return None
    return next(_readings(folded), None)


def _readings(folded: str) -> Iterator[Correction]:
    for is_sure, patterns in ((True, _SURE), (False, (*_UNSURE, *_INSTEAD_OF))):
        for pattern in patterns:
            found = pattern.fullmatch(folded)
            if found is not None:
                parts = found.groupdict()
                yield Correction(
                    parts.get("about") or "", parts.get("instead") or "", parts.get("was") or "", is_sure
                )
