"""Weighs the words of a sentence about agreement, one by one, where no phrase says it as a whole: "daar kan ik me niet zo
in vinden"; says nothing where the words lean two ways or where too much else is said."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache

from nlu.rules.forms import written_out
from nlu.rules.tables import table

_LONGEST = 140
_MOST_OTHER = 2
_MOST_OTHER_LATER = 3
_COMPARED = re.compile(r"\b(?:eerder|meer|liever|rather|more) (.+?) (?:dan|than) .+")
_BUT = re.compile(
    r"(?<!reken )(?<!doe )(?<!zeg )(?<!zet )(?<!geef )(?<!alleen )\b(?:maar|mar|mer|al|alhoewel|hoewel|though|although|but)\b"
)
_NEGATION = re.compile(
    r"\b(?:niet|nie|neet|geen|not|dont|nooit|never|behalve)\b(?! nee\b| bezwaar| probleem| punt| moeite)"
)
_QUESTION = re.compile(
    r"(?:en |eh |maar )?(?:wat (?!een\b)|wie (?!verzint\b)|hoe |waarom (?!niet\b|ook\b)|welke? |wanneer |what (?!a\b)|whats |why (?!not\b)"
    r"|how |who |where |when |which |waar (?:kan|zit|woon|slaat|is|ga|staat|moet)\b|can (?:i|we|you) |is (?:it|het|er|dat) |wordt |gaat het reg"
    r"|regent |was |hebben |heb (?!.*\b(?:nu|geen)\b)|will |verandert |hebt |ga (?!akkoord|je gang|uw gang|maar|ik akkoord))"
)
# "Het is zo zwaar" tells how it is; "het is zo" and "het is zo hoor" agree.
_SO_MUCH = re.compile(
    r"\b(?:is|ist|so|was) (?:zo|so|zoe) (?!(?:ja|jao|hoor|heur|maar|waar|is|het|joh|ook|gewoon|echt|he|als)\b)\w"
)
_STORY = re.compile(
    r"\b(?:want|omdat|omda|umdet|because|cause|cuz|coz|aangezien|sinds|since|vanwege|dankzij|doordat)\b"
)
# Said with a wink it may mean the opposite; between two is none of them; what was so may be so no longer.
_IRONY = re.compile(
    r"\b(?:yeah right|ja ja tuurlijk|alsof|as if|lol|lmao|sarcas\w{0,6}|kuch|dream on|sure jan|right sure|vroeger|voorheen|destijds|used to)\b|🙄|🤡|😏|🙃"
)
_BETWEEN = re.compile(
    r"\b(?:tussen|between) (?!eens en oneens|ja en nee|nee en ja|yes and no|agree and disagree|mee eens en mee oneens)"
    r"(?:\w{1,15} ){1,4}(?:en|of|and|or) \w"
)
_LATER_THAN = re.compile(
    r"(?!.*\b(?:hoe|hoeveel|hoelang|welke|waar|where|how|what)\b)(?:ja |nee |oke |nou |zeker |prima |yes |no |sure )?(?:maar |but )?(?:eerst (?!vraag|vragen|wil|mijn antwoorden|waarom|wat|hoe|weten|uitleg|vertel"
    r"|iemand|een mens|meer|nog iets)|first (?!time|what|why|how|tell|question)|even wachten|wacht (?:even|tot)\b|wait (?:a|until|till)\b|zo meteen\b|zometeen\b|straks\b|dadelijk\b|nu niet\b|niet nu\b"
    r"|not now\b|(?:geef|gimme|give) (?:me |mij )?(?:nog |just )?(?:even|een|a|\w{1,7}) ?(?:\w{1,8} )?(?:min|minuten|minuutjes|minuutje|minutes"
    r"|minute|mins|uur|uurtje|hour|tijd|tellen|sec|second)\b|(?:nog )?(?:over|in) (?:\w{1,8} ){1,3}(?:min|minuten|minuutjes|minutes|mins|uur|uren"
    r"|uurtje|uurtjes|hour|hours|kwartier|kwartiertje|dag|dagen|days|week|weken|weeks|maand)\b"
    r"|na (?:de |het |mijn |t )?(?:eten|werk|vakantie|ramadan|suikerfeest|kerst|examens|zomer|weekend|feestdagen|les|school|film|voetbal)\b"
    r"|(?:als|zodra|wanneer) (?:ik|we|ze|mijn \w{1,12}|mn \w{1,12}) (?:\w{1,12} ){0,4}(?:weer|thuis|klaar|beter|terug|opgeknapt)\b"
    r"|nu komt (?:het|dat) (?:\w{1,8} ){0,3}(?:niet|slecht|beroerd) (?:\w{1,8} ){0,3}uit\b).{0,70}"
)
_NOT_YET = re.compile(r"\b(?:niet nu|nu niet|nu even niet|nog niet|not now|not yet|not right now)\b")
# After a "nee" these may take it back, or say that it is no answer.
_NO_PLAIN_NO = re.compile(
    r"\b(?:wel|toch|maar|but|tenzij|unless|mits|bezwaar|probleem|problem|moeite|punt|erg|hoezo|waarom|why|wacht|wait|bedoel|mean|graag|rust"
    r"|stop|stopt|stoppen|nooit meer|niet meer|no more|next|volgende|back|terug|out|vertel|vertellen|zeg|zeggen|tell|say|comment|messages"
    r"|berichten|berichtjes|person|persoon|name|naam|namen|voorletters|dezelfde|same|different|opnemen|recording|clue|idee|begrijp|snap|kap|kappen|ophouden|op|weg|klaar|genoeg|quit|enough|verkeerd|fout|wrong|andere?|nummer|ja|yes|prima|goed|fine|ok|oke|dood|leven|of|or)\b|\d"
)
_MOST_AFTER_NO = 9


class _Sign(StrEnum):
    FOR = "for"
    AGAINST = "against"
    NONSENSE = "nonsense"
    FOR_BARE = "for_bare"
    AGAINST_BARE = "against_bare"
    MIDDLE = "middle"
    NOT = "not"
    SOFT_NOT = "soft_not"
    STRONG_NOT = "strong_not"
    STRONG = "strong"
    WEAK = "weak"
    YES = "ja"
    NO = "nee"
    STRONG_FOR = "strong_for"
    HEDGE = "hedge"
    NOWHERE = "nowhere"
    OTHER = "other"


def leaning_of(folded: str) -> str | None:
    """The grade ("yes_strong", "yes", "mostly", "middling", "hardly", "no", "no_strong") of a whole text, folded; None where it
    is not clear."""
    if not folded or len(folded) > _LONGEST or _is_elsewhere(folded):
        return None
    said = _STORY.split(folded, maxsplit=1)[0].strip()
    if not said:
        return None
    if compared := _COMPARED.search(said):
        return _softened(_lean(_signs(compared[1])))
    whole = _signs(said)
    if _Sign.MIDDLE in whole:
        return "middling" if _may_be_middle(whole) else None
    parts = [part for each in _BUT.split(said) if (part := _signs(each)) and _tells(part)]
    leans = [_lean(part) for part in parts]
    if len(leans) == 2 and leans[0] is not None and leans[1] is not None:
        return _of_two(leans[0], leans[1])
    if len(leans) > 1:
        return None
    return leans[0] if leans else None


def is_about_else(folded: str) -> bool:
    """Whether a text asks something, or is about something else than an answer (an appointment, a button, a stop)."""
    return _is_elsewhere(folded)


def is_unsure(folded: str) -> bool:
    """Whether a text says something that may not be taken as it stands: with a wink, between two, or of
    the past."""
    return bool(_IRONY.search(folded) or _BETWEEN.search(folded))


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(phrase for phrase in (*_known(), *_willing()) if " " not in phrase)


def in_plain_forms(folded: str) -> str:
    """The same text with words of dialect, of chat and with slips as the tables write them."""
    return written_out(folded, _vocabulary()) if len(folded) <= _LONGEST else folded


def is_bare_word(word: str) -> bool:
    """Whether a word says no more than yes or no, or nothing at all."""
    return _known().get(word) in (_Sign.YES, _Sign.NO, _Sign.NOWHERE)


def leans_nowhere(word: str) -> bool:
    """Whether a word beside an answer changes nothing of it."""
    return _known().get(word) is _Sign.NOWHERE


def _signs(said: str) -> list[_Sign]:
    words = said.split()
    found: list[_Sign] = []
    place = 0
    known = _known()
    while place < len(words):
        for width in range(min(10, len(words) - place), 0, -1):
            sign = known.get(" ".join(words[place : place + width]))
            if sign is not None:
                break
        else:
            sign, width = _Sign.OTHER, 1
        found.append(sign)
        place += width
    return found


@cache
def _known() -> dict[str, _Sign]:
    """Where one phrase stands under two signs, the first counts."""
    known: dict[str, _Sign] = {}
    for name, phrases in table("leanings")["signs"].items():
        for phrase in phrases:
            known.setdefault(phrase, _Sign(name))
    return known


class _Will(StrEnum):
    ACCEPTS = "accepts"
    DECLINES = "declines"
    LATER = "later"


def willing_of(folded: str) -> str | None:
    """Whether a whole text, folded, accepts ("fine"), declines ("declines") or puts off ("later") what was proposed; None where
    it does not, or two at once."""
    if not folded or len(folded) > _LONGEST or _is_elsewhere(folded):
        return None
    words = folded.split()
    said, others = _wills(words)
    opening = _known().get(words[0])
    if _LATER_THAN.fullmatch(folded):
        return None if _Will.DECLINES in said else "later"
    if _Will.LATER in said and others <= _MOST_OTHER_LATER:
        is_two = _Will.DECLINES in said and opening is _Sign.NO
        is_long_yes = opening is _Sign.YES and (_Will.ACCEPTS in said or len(words) > 3)
        is_long_yes = is_long_yes and _NOT_YET.search(folded) is None
        return None if is_two or is_long_yes else "later"
    if opening is _Sign.NO and said <= {_Will.DECLINES} and _is_plain_no(words):
        return "declines"
    if others > 1 or len(said) != 1:
        return None
    if opening in (_Sign.YES, _Sign.NO):
        agrees = (opening is _Sign.YES) is (_Will.ACCEPTS in said)
        return ("fine" if opening is _Sign.YES else "declines") if agrees else None
    return "fine" if said == {_Will.ACCEPTS} and _NEGATION.search(folded) is None else _declined(said)


def _is_plain_no(words: Sequence[str]) -> bool:
    """A "nee" and why, with nothing that may take it back: "nee, das privé"."""
    rest = words[1:]
    return words[0] != "no" and 0 < len(rest) <= _MOST_AFTER_NO and not _NO_PLAIN_NO.search(" ".join(rest))


def _is_elsewhere(folded: str) -> bool:
    return (
        bool(_QUESTION.match(folded))
        or not _elsewhere().isdisjoint(folded.split())
        or "toestemming in" in folded
        or bool(_SO_MUCH.search(folded))
    )


@cache
def _elsewhere() -> frozenset[str]:
    return frozenset(table("leanings")["elsewhere"])


def _declined(said: set[_Will]) -> str | None:
    return "declines" if said == {_Will.DECLINES} else None


def _wills(words: Sequence[str]) -> tuple[set[_Will], int]:
    """What is said, and how many words say something else."""
    place, others = 0, 0
    said: set[_Will] = set()
    known, signs = _willing(), _known()
    while place < len(words):
        for width in range(min(7, len(words) - place), 0, -1):
            will = known.get(" ".join(words[place : place + width]))
            if will is not None:
                said.add(will)
                break
        else:
            width = 1
            others += words[place] not in signs
        place += width
    return said, others


@cache
def _willing() -> dict[str, _Will]:
    return {
        phrase: _Will(name) for name, phrases in table("leanings")["willing"].items() for phrase in phrases
    }


def _may_be_middle(signs: Sequence[_Sign]) -> bool:
    is_strong = _Sign.STRONG in signs and _Sign.NOT in signs
    return not is_strong and signs.count(_Sign.OTHER) <= _MOST_OTHER


_TELLING = frozenset(
    {
        _Sign.FOR,
        _Sign.AGAINST,
        _Sign.YES,
        _Sign.NO,
        _Sign.STRONG_NOT,
        _Sign.STRONG_FOR,
        _Sign.NONSENSE,
        _Sign.FOR_BARE,
        _Sign.AGAINST_BARE,
    }
)


def _tells(signs: Sequence[_Sign]) -> bool:
    return any(sign in _TELLING for sign in signs)


def _lean(signs: Sequence[_Sign]) -> str | None:
    """What one part of a sentence says; None where it leans two ways, or where a "yes" begins a story."""
    leans = set(_turned(signs))
    says = {sign is _Sign.YES for sign in signs if sign in (_Sign.YES, _Sign.NO)}
    others = signs.count(_Sign.OTHER)
    if not leans:
        if not says and _Sign.STRONG_NOT in signs and others == 0:
            return "no_strong"
        if _Sign.STRONG_FOR in signs and others == 0 and says <= {True} and _NOTS.isdisjoint(signs):
            return "yes_strong"
        is_bare = others == 0 and not (_Sign.YES in signs and any(sign in _NOTS for sign in signs))
        leans = set(says) if is_bare else set()
    elif says and says != leans:
        return None
    elif (
        others and not says and all(sign in _BARE for sign in signs if sign in _SIDES)
    ):  # "waar kan ik parkeren"
        return None
    if len(leans) != 1 or others > _MOST_OTHER:
        return None
    is_for = leans.pop()
    return None if is_for is None or _has_unknown_measure(signs) else _graded(is_for, signs)


def _has_unknown_measure(signs: Sequence[_Sign]) -> bool:
    """ "Zwoar mit eins": a word right before it that nobody knows may say how much."""
    return any(
        sign in _SIDES and place and signs[place - 1] is _Sign.OTHER for place, sign in enumerate(signs)
    )


def _turned(signs: Sequence[_Sign]) -> Iterator[bool | None]:
    """For each word for or against, which way it leans: a "not" before it, or after the last, turns it round. "Niet mee
    oneens" leans nowhere (None)."""
    last = max((place for place, sign in enumerate(signs) if sign in _SIDES), default=-1)
    for place, sign in enumerate(signs):
        if sign not in _SIDES:
            continue
        near = [*signs[:place], *(signs[place + 1 :] if place == last else ())]
        if sign not in (_Sign.FOR, _Sign.FOR_BARE):
            yield None if near.count(_Sign.NOT) or near.count(_Sign.SOFT_NOT) else False
        else:
            yield not any(each in _NOTS for each in near) if sum(each in _NOTS for each in near) < 2 else None


_BARE = frozenset({_Sign.FOR_BARE, _Sign.AGAINST_BARE})
_SIDES = frozenset({_Sign.FOR, _Sign.AGAINST, _Sign.NONSENSE, *_BARE})
_NOTS = frozenset({_Sign.NOT, _Sign.SOFT_NOT, _Sign.STRONG_NOT})


_STRENGTH = frozenset({_Sign.STRONG, _Sign.STRONG_NOT, _Sign.STRONG_FOR, _Sign.NONSENSE})


def _graded(is_for: bool, signs: Sequence[_Sign]) -> str:
    has_strong = not _STRENGTH.isdisjoint(signs)
    has_weak = not {_Sign.WEAK, _Sign.SOFT_NOT}.isdisjoint(signs) or (_Sign.HEDGE in signs and not has_strong)
    if has_strong and not has_weak:
        return "yes_strong" if is_for else "no_strong"
    if has_weak and not has_strong:
        return "mostly" if is_for else "hardly"
    return "yes" if is_for else "no"


def _softened(grade: str | None) -> str | None:
    return {"yes_strong": "mostly", "yes": "mostly", "no": "hardly", "no_strong": "hardly"}.get(
        grade or "", grade
    )


_FOR = frozenset({"yes_strong", "yes", "mostly"})


def _of_two(first: str, second: str) -> str | None:
    """Before and after "maar": alike is that, softened; two ways is not clear."""
    if (first in _FOR) is not (second in _FOR):
        return None
    return _softened(first if first != second else second)
