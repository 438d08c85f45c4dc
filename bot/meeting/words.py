"""Words about a talk in person that mean the same in every step: asking for one, parts of the day, and which offer."""

import re

from bot.dialogue.plain_words import DECLINING, plain

_ABOUT = frozenset(
    {
        "praten", "gesprek", "gesprekje", "afspraak", "afspreken", "meemaker", "meemakers", "duo",
        "talk", "appointment", "meeting", "conversation",
        "praote", "praoten", "kalle", "kallen", "gesjprek", "aafsjpraok",
    }
)  # fmt: skip # read as one list of words
_MEETING = frozenset({"meet", "ontmoeten", "ontmoeting"})
"""As good as the above with a wish beside them: "I met someone" is none."""
_ARRANGED = frozenset({"afspreken", "afspraak", "appointment"})
_SPEAKING = frozenset({"spreken", "speak", "chat", "zien", "see"})
"""So are these where it has to be in person."""
_WISH = frozenset(
    {
        "wil", "will", "willen", "wel", "graag", "zou", "kan", "mag", "want", "wanna", "like", "can", "may", "could", "please",
        "welt", "kin", "gaer", "gere", "mug",
    }
)  # fmt: skip # read as one list of words
_SOMEBODY = frozenset({"iemand", "someone", "somebody", "anyone", "one", "of", "people"})
"""With a talk in person alone: "I want to talk to someone" asks for a person now."""
_BESIDE = _WISH | frozenset(
    {
        "ik", "een", "n", "met", "u", "jullie", "toch", "ook", "eens",
        "maken", "plannen", "inplannen", "aanvragen", "hebben", "voeren", "nieuw", "nieuwe", "de", "het", "er", "over",
        "nu", "alsjeblieft", "alstublieft", "aub", "bij", "echt", "eigenlijk", "binnenkort", "keer", "zo", "persoonlijk",
        "i", "to", "would", "a", "an", "make", "have", "book", "plan", "arrange", "with", "you",
        "the", "id", "d", "new", "real",
        "iech", "ich", "mèt", "mit", "eine", "ein", "ene", "uch",
    }
)  # fmt: skip # read as one list of words
_IN_PERSON = re.compile(
    r"\b(?:in person|in real life|face to face|face-to-face|in (?:het|'t|t|et) echt|persoonlijke?)\b"
)
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_SLIP = 6
"""Letters of a word that may be written with a slip; shorter ones become other words too easily."""
_OTHER_WORDS = frozenset(
    {"platen", "raten", "kraten", "pralen", "meting", "melting", "prater", "praatte", "palen"}
)
"""One slip away from ours."""

# Each with what follows of "weekday_morning" and the like: who says no more than "'s middags" means a working day too.
_PARTS = {
    "weekday_morning": ("ochtend", "ochtends", "ochtenden", "morgens", "morning", "mornings"),
    "weekday_afternoon": ("middag", "middags", "middagen", "afternoon", "afternoons"),
    "weekday_evening": ("avond", "avonds", "avonden", "evening", "evenings"),
    "weekend": ("weekend", "weekends", "weekeinde"),
}
_BESIDE_PARTS = frozenset(
    {
        "s", "in", "het", "de", "een", "of", "en", "doordeweeks", "door", "week", "liefst", "graag", "liever", "op", "or", "and",
        "the", "a", "at", "on", "weekday", "weekdays", "ik", "kan", "alleen",
    }
)  # fmt: skip # read as one list of words
_ANY = frozenset(
    {
        "maakt niet uit", "maakt mij niet uit", "maakt me niet uit", "altijd", "ik kan altijd", "wanneer dan ook", "any time", "anytime",
        "always", "it does not matter", "it doesn't matter", "no preference", "geen voorkeur", "alles is goed", "alles kan",
    }
)  # fmt: skip # read as one list of words
_NUMBERS = (
    frozenset({"1", "een", "één", "eerste", "first", "one"}),
    frozenset({"2", "twee", "tweede", "second", "two"}),
    frozenset({"3", "drie", "derde", "third", "three"}),
)
_BESIDE_NUMBERS = frozenset(
    {
        "de", "die", "doe", "maar", "graag", "nummer", "optie", "tijd", "neem", "kies", "ik", "wil", "the", "number", "option", "take",
        "please", "e", "i", "ll",
    }
)  # fmt: skip # read as one list of words
_OTHERS = frozenset(
    {
        "iets anders", "geen van deze", "geen van die", "geen", "andere", "andere tijden", "een andere tijd", "andere tijd",
        "geen een", "dat kan ik niet", "dan kan ik niet", "kan ik niet", "kan niet", "something else", "none of these", "none",
        "other times", "another time", "i cannot", "i can't",
    }
)  # fmt: skip # read as one list of words


_CANNOT = re.compile(
    r"(?:sorry|helaas|oh?)?[ ,]*(?:"
    r"(?:ik )?(?:kan|red)(?: ik)?(?: het| helaas| toch| dan| morgen| vandaag| vanmiddag| vanavond| die dag| er)* niet"
    r"(?: meer| komen| bij zijn| bij| halen| door)*"
    r"|ik ben (?:helaas |erg |heel |een beetje )?(?:ziek|verhinderd)(?: geworden)?"
    r"|i (?:cannot|can't|cant|can not)(?: come| make it| be there)(?: today| tomorrow)?|i am (?:ill|sick)|i'm (?:ill|sick)"
    r")[ .!]*"
)
_WHERE = re.compile(
    r"(?:waar|hoe laat) (?:is|was|begint) (?:het|dat|mijn gesprek)(?: ook)?(?: alweer| al weer| precies)?[ ?!.]*"
    r"|(?:met wie|wie) (?:praat|spreek|zie) ik(?: ook)?(?: alweer)?[ ?!.]*|where is it[ ?!.]*|who (?:do|will) i (?:talk to|meet)[ ?!.]*"
)


def cannot_come(text: str) -> bool:
    """Words that mean, of somebody with a talk to come, that they cannot."""
    return _CANNOT.fullmatch(text.strip().casefold()) is not None


def asks_about_it(text: str) -> bool:
    """Words that ask, of somebody with a talk to come, where, when or with whom it is."""
    return _WHERE.fullmatch(text.strip().casefold()) is not None


def asks_for_talk(text: str) -> bool:
    """Whether these words ask for a talk in person and say nothing else. "Ik wil iemand spreken" asks for a person now. In
    Dutch, English and Limburgish, and with a slip in the word that matters."""
    folded = text.casefold().replace("’", "'")
    in_person = bool(_IN_PERSON.search(folded))
    said = set(_WORD.findall(_IN_PERSON.sub(" ", folded)))
    about = {word for word in said if _is_about(word)}
    if said & _WISH:
        about |= said & (_MEETING | _SPEAKING if in_person else _MEETING)
    is_surely = in_person or not about.isdisjoint(_MEETING | _ARRANGED)
    return bool(about) and said <= about | _BESIDE | (_SOMEBODY if is_surely else frozenset())


def _is_about(word: str) -> bool:
    if word in _ABOUT or len(word) < _SHORTEST_SLIP - 1 or word in _BESIDE | _OTHER_WORDS:
        return word in _ABOUT
    return any(len(each) >= _SHORTEST_SLIP and _is_one_slip(word, each) for each in _ABOUT)


def _is_one_slip(written: str, right: str) -> bool:
    """One letter too many, too few, another, or two changed places."""
    short, long = sorted((written, right), key=len)
    if len(long) - len(short) > 1:
        return False
    same = next(
        (at for at, (one, other) in enumerate(zip(short, long, strict=False)) if one != other), len(short)
    )
    if len(short) < len(long):
        return short[same:] == long[same + 1 :]
    rest = (short[same:], long[same:])
    return rest[0][1:] == rest[1][1:] or (rest[0][:2] == rest[1][:2][::-1] and rest[0][2:] == rest[1][2:])


def parts_in(text: str) -> frozenset[str]:
    """The parts of the day that are named, when nothing but those is."""
    said = set(_WORD.findall(text.casefold()))
    found = {part: said & set(names) for part, names in _PARTS.items()}
    named = set().union(*found.values())
    if not named or not said <= named | _BESIDE_PARTS:
        return frozenset()
    return frozenset(part for part, names in found.items() if names)


def is_any_time(text: str) -> bool:
    return plain(text) in _ANY


def number_in(text: str) -> int | None:
    """Which offer is named, from 0; None when none is, or more than that is said."""
    said = set(re.findall(r"\w+", text.casefold()))
    rest = said - _BESIDE_NUMBERS
    return next((number for number, names in enumerate(_NUMBERS) if rest and rest <= names), None)


def wants_others(text: str) -> bool:
    return plain(text) in _OTHERS


def declines(text: str) -> bool:
    return plain(text) in DECLINING
