"""Reads numbers in digits and words, positions ("de tweede") and bands ("35 tot 44"); knows no dates or times."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from rapidfuzz.distance import OSA

from domain.questionnaire import Choice
from nlu.rules.dutch import ordinary_words
from nlu.rules.normalise import plain, words
from nlu.rules.reading import Reading, answer, ask
from nlu.rules.tables import table

_MOST_WORDS = 12
_DIGITS = re.compile(r"(?<![\w.,])-?\d{1,9}(?:[.,]\d{1,4})?(?![\w]|[.,]\d)")
# "Ach" is eight in Limburgish, alone or before what is counted; before anything else it is a sigh.
_SIGH = re.compile(
    r"\bach\b(?=[\s,.!]+(?!uur\b|jao?r\b|jaar\b|kier\b|keer\b|minu|euro|mins)\w)", re.IGNORECASE
)
_HALF_SIGN = re.compile(r"(\d?) ?½")
_AND_A_HALF = re.compile(r"(?<![\w.,])(\d{1,6}) (?:en|and) (?:een |a )?hal(?:f|ve)\b")
_OUT_OF = re.compile(r"(\d{1,3}(?:[.,]\d)?)\s*(?:/|van de|uit de|op de|out of|van|uit|op)\s*(10|100|tien)\b")
_BAND = re.compile(r"(\d+)\s*(?:tot en met|t/m|tot|-|–|to|through|until)\s*(\d+)")
_BELOW = re.compile(r"(?:jonger dan|onder de|onder|minder dan|under|younger than|less than|<)\s*(\d+)")
_ABOVE = re.compile(r"(\d+)\s*(?:\+|jaar of ouder|of ouder|of meer|en ouder|or older|or more|and over|plus)")
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?(?![\w]|[.,]\d)")
_EITHER_COMMA = re.compile(r"(?<![\w.,])([1-9]\d{0,2}),(\d{3})(?![\w]|[.,]\d)")
_UNIT = re.compile(r"(\d)(?=(?:jaar|jaor|jr|keer|euro|uur|km|kinderen|dagen|weken|x|j)\b)")
_TOGETHER = re.compile(
    r"\b(?:(?:met|mit) (?:z n|zn|zijn|ons|hun|n|us|ozze|sien|zien)|z n|zn|zijn|wij|ons)"
    r" (twee|tweje|drie|vier|vijv|viev|zes|zeven|acht|negen|tien|elf|twaalf)(?:en|n|tjes)\b"
)
_AMOUNT = r"\d{1,4}(?:[.,]\d{1,2})?|anderhalve|(?:een )?halve|[a-z]+"
_QUARTERS = re.compile(
    rf"\b(?:(?:({_AMOUNT}) )?(?:uur|uurtjes?|uren|hours?) (?:en |and )?)?(?:({_AMOUNT}) )?kwartier(?:tjes?)?\b"
)
_HOURS = re.compile(r"\b(?:uur|uurtjes?|uren|hours?)\b")
_TON = re.compile(rf"\b({_AMOUNT}) ton\b")
_PEOPLE = (
    r"(?:kids?|kind|kinderen|kinder|kleintjes?|zoons?|zonen|zoontjes?|dochters?|dochtertjes?|jongens?|meiden|meisjes?|baby|kleinkinderen"
    r"|sons?|daughters?|children|boys?|girls?)"
)
_OWN = (
    r"(?:vrouw|man|partner|vriend|vriendin|moeder|vader|ouders|zus|broer|oma|opa|wife|husband|girlfriend|boyfriend|mother|father|mum"
    r"|mom|dad|vrow)"
)
_PART_OF_HOME = re.compile(
    rf"\b(?:(?:mijn|mn|m n|me|my|de) {_OWN}|(?:samen )?(?:met|mit|with) (?:(?:mijn|mn|m n|my|onze?|our|me) )?\w+ (?:\w+ )?{_PEOPLE}"
    rf"|(?:ik|me|i|iech|ich) (?:en|and|plus|met|mit) (?:(?:mijn|mn|m n|my|me) )?\w+ (?:\w+ )?{_PEOPLE}"
    rf"|(?:en|and|plus|met) (?:een|n|a|mijn|mn|my) (?:{_PEOPLE}|{_OWN}))\b"
)
"""Words that count some of who lives together, beside whoever writes."""
_IN_ALL = re.compile(r"\b(?:dus|totaal|bij elkaar|alles bij elkaar|total|altogether|so)\b|=")
_CORRECTED = re.compile(
    r"\b(?:nee wacht|wacht nee|nee sorry|sorry nee|oh nee|o nee|of nee|ik bedoel|nee|no wait|sorry|i mean|no|is te (?:kort|lang|weinig|veel))\b,?"
)
_BORN = re.compile(
    r"\b(?:bouwjaar|geboren in|geboortejaar|geboren|geboorte|born in|born|ik ben van|ben van|van bouwjaar|van)(?: het| jaar| is)* ?"
    r"((?:19|20)\d\d)\b|\b(?:bouwjaar|geboren in|geboortejaar|ik ben van|k ben van|ben van|born in) ?(\d\d)\b(?! jaar)"
)
_ROUGH = re.compile(
    r"\b(?:meer dan|minder dan|minstens|minimaal|zeker|op zijn minst|tenminste|ten minste|hooguit|hoogstens|maximaal|hoger dan"
    r"|lager dan|boven de|onder de|over de|ruim|dik|ergens|midden|eind|begin|half in de|in de (?=\w+ig)|at least|more than"
    r"|less than|over|under|mid|early|late|of meer|of minder|or more|or less|plus)\b"
)
_ABOUT = re.compile(
    r"\b(?:een|n) (?:kleine|goeie|goede|krappe|dikke|slordige|good) "
    r"(?=\d|\w*(?:tig|tien|elf|twaalf|vijf|zes|zeven|acht|negen|honderd|duizend|ton|dozijn)\b)"
)
_NEARLY = re.compile(r"\b(?:bijna|word|worden|wordt|bekans|haast|almost|nearly|turning|turn)\b(?! ik niet)")
_LOWEST, _HIGHEST = -1.0, 1e9


@dataclass(frozen=True, slots=True)
class Band:
    """A choice that stands for a range of numbers, both ends included."""

    name: str
    low: float
    high: float


def read_number(
    text: str, *, low: float | None, high: float | None, whole: bool, now: datetime | None = None
) -> Reading | None:
    """The number someone gives; several, a rough one ("meer dan tien") or a broken one where a whole one is needed are
    asked back. With `now` (UTC) a year of birth is asked back as the two ages it may be."""
    text = _SIGH.sub(" ", text)
    said = since_corrected(plain(_HALF_SIGN.sub(_with_half, text)))
    if len(words(said)) > _MOST_WORDS:
        return None
    if now is not None and (ages := _ages(said, now)):
        return _asked(ages, low, high)
    found = tuple(dict.fromkeys(number for number in numbers_in(said, highest=high)))
    if len(found) > 2 and found[0] == sum(found[1:]):  # "acht, vijf jongens en drie meiden"
        found = found[:1]
    fits = tuple(
        number for number in found if (low is None or number >= low) and (high is None or number <= high)
    )
    if not fits or len(fits) < len(found):
        return None
    if whole and any(number != int(number) for number in fits):
        around = [side for number in fits for side in (float(int(number)), float(int(number) + 1))]
        return ask(*(as_text(side) for side in around if high is None or side <= high))
    if len(fits) > 1:
        return ask(*map(as_text, fits))
    if _PART_OF_HOME.search(said) and not _IN_ALL.search(said):
        return _asked((fits[0], fits[0] + _beside(said)), low, high)
    if _NEARLY.search(said):
        return _asked((fits[0] - 1, fits[0]), low, high)
    is_rough = _ROUGH.search(said) or _ABOUT.search(said)
    return _asked(fits, low, high) if is_rough else answer(as_text(fits[0]))


def _beside(said: str) -> int:
    """How many people are named without a number, beside those that are counted: "mijn vrouw en twee kinderen" are two
    more, whoever writes being one of them."""
    named = len(re.findall(rf"\b{_OWN}\b", said))
    is_child = re.search(rf"\b(?:en|and|plus|met) (?:een|n|a) {_PEOPLE}\b", said) is not None
    return named + (1 if named or not is_child else 0) + is_child


def since_corrected(said: str) -> str:
    """ "Achttien, nee wacht, negentien": what was said first does not count."""
    *_, last = _CORRECTED.split(said)
    return last if last != said and numbers_in(last) else said


def _ages(said: str, now: datetime) -> tuple[float, ...]:
    """Both ages of somebody born in a year: before and after the birthday."""
    match = _BORN.search(said)
    if match is None:
        return ()
    year = int(match[1] or match[2])
    if year < 100:
        year += 1900 if year > now.year % 100 else 2000
    age = now.year - year
    return (float(age), float(age - 1)) if 0 < age < 120 else ()


def _asked(values: tuple[float, ...], low: float | None, high: float | None) -> Reading | None:
    fits = [each for each in values if (low is None or each >= low) and (high is None or each <= high)]
    return ask(*map(as_text, fits)) if fits else None


def as_text(number: float) -> str:
    """Digits, without a tail of zeros: "7", "2.5"."""
    return str(int(number)) if number == int(number) else repr(number)


def numbers_in(text: str, highest: float | None = None) -> tuple[float, ...]:
    """Every number said, in order. "7/10" is 7 where ten is the highest."""
    said = _AND_A_HALF.sub(r"\1.5", plain(_HALF_SIGN.sub(_with_half, text)))
    said = _UNIT.sub(r"\1 ", said.replace("€", " ").replace(",-", " "))
    said = _TOGETHER.sub(lambda match: f" {as_text(number_word(match[1]) or 0)} ", said)
    said = _TON.sub(_in_full, _QUARTERS.sub(_in_hours, said))
    if out_of := _OUT_OF.search(said):
        scale = {"tien": 10.0}.get(out_of[2]) or float(out_of[2])
        if highest == scale:
            return (_value(out_of[1]),)
    thousands = tuple(_value(match[0].replace(".", "")) for match in _THOUSANDS.finditer(said))
    if thousands:
        return thousands
    either = _EITHER_COMMA.search(said)
    if either:
        return _value(f"{either[1]}.{either[2]}"), _value(either[1] + either[2])
    if digits := tuple(_value(match[0]) for match in _DIGITS.finditer(said)):
        return digits
    said = _spoken_sets(said)
    digits = tuple(_value(match[0]) for match in _DIGITS.finditer(said))
    return digits or _numbers_in_words(words(said))


def _in_hours(match: re.Match[str]) -> str:
    """ "Drie kwartier" is 0.75, "twee uurtjes en een kwartier" 2.25; as it stands where no number is said."""
    quarters = _amount(match[2]) if match[2] else 1.0
    hours = (_amount(match[1]) if match[1] else 1.0) if _HOURS.search(match[0]) else 0.0
    if quarters is None or hours is None:
        return match[0]
    return as_text(hours + quarters / 4)


def _in_full(match: re.Match[str]) -> str:
    """ "Anderhalve ton" is 150,000."""
    amount = _amount(match[1])
    return match[0] if amount is None else as_text(amount * 100_000)


def _amount(said: str) -> float | None:
    if said[0].isdigit():
        return _value(said)
    return (
        0.5 if said.endswith("halve") and said != "anderhalve" else _halves().get(said) or number_word(said)
    )


def _spoken_sets(said: str) -> str:
    """ "Een tiental", "twee keer", "een dozijn"."""
    for phrase, number in _sets():
        if phrase in said:
            said = re.sub(rf"\b{phrase}\b", f" {number} ", said)
    bare = " ".join(each for each in words(said) if each not in table("numbers")["around_nothing"])
    if bare in table("numbers")["nothing"]:
        return "nul"
    return "een" if bare in table("numbers")["alone"] else said


@cache
def _sets() -> tuple[tuple[str, object], ...]:
    """The longest first."""
    return tuple(sorted(table("numbers")["sets"].items(), key=lambda each: -len(each[0])))


def _with_half(match: re.Match[str]) -> str:
    return f"{match[1] or '0'}.5"


def _value(digits: str) -> float:
    return float(digits.replace(",", "."))


def _numbers_in_words(found: tuple[str, ...]) -> tuple[float, ...]:
    numbers: list[float] = []
    half = _halves()
    is_alone = sum(each not in table("numbers")["around_nothing"] for each in found) == 1
    for place, word in enumerate(found):
        before = found[place - 1] if place else ""
        value = number_word(word, alone=is_alone or _is_tens(before))
        if value is None and len(found) < 4:
            value = _misspelt(word)
        if value is None and word in half:
            numbers.append(half[word])
        elif value is not None:
            joined = _joined(found, place, numbers[-1] if numbers else None, value)
            if joined is not None:
                numbers[-1] = joined
            else:
                numbers.append(value)
        elif word in ("half", "halve"):
            numbers = [*numbers[:-1], numbers[-1] + 0.5] if numbers else [0.5]
    return tuple(numbers)


def _joined(found: tuple[str, ...], place: int, former: float | None, value: float) -> float | None:
    """One number in two words: "twenty one", "honderd vijf", "drie en twintig"; None where it is another number."""
    if former is None:
        return None
    before = found[place - 1]
    if _is_tens(before) and value < 10:
        return former + value
    last = found[place - 2] if before in ("en", "and") and place > 1 else before
    if number_word(last) is None and not last.isdecimal():
        return None
    if (former >= 1000 and former % 1000 == 0 and value < 1000) or (
        100 <= former < 1000 and former % 100 == 0 and value < 100
    ):
        return former + value
    if value in (100.0, 1000.0) and before == last and 1 < former < 100:
        return former * value
    if before == "en" and former < 10 and value % 10 == 0 and 20 <= value < 100:
        return former + value
    return None


def _misspelt(word: str) -> float | None:
    """A number of one word with a slip in it: "vijfitg", "achtien"."""
    if len(word) < 5 or word in ordinary_words() or not word.isalpha():
        return None
    near = {
        number for known, number in _small_words().items() if OSA.distance(word, known, score_cutoff=1) <= 1
    }
    return near.pop() if len(near) == 1 else None


@cache
def _small_words() -> dict[str, float]:
    return {word: number for word, number in _known_words().items() if len(word) > 4 and number < 100}


def _is_tens(word: str) -> bool:
    return word in table("numbers")["en_tens"]


def number_word(word: str, *, alone: bool = True) -> float | None:
    """The value of one number word below a million ("zevenendertig", "vijftienhonderd"); "een" counts only alone."""
    if word in table("numbers")["articles"] and not alone:
        return None
    known = _known_words().get(word)
    if known is not None or len(word) < 8:
        return known
    for name, size in (("duizend", 1000.0), ("honderd", 100.0)):
        before, found, after = word.partition(name)
        if found:
            many = number_word(before) if before else 1.0
            rest = number_word(after.removeprefix("en")) if after else 0.0
            return (
                None if many is None or rest is None or many >= 1000 or rest >= size else many * size + rest
            )
    return None


@cache
def _known_words() -> dict[str, float]:
    entry = table("numbers")
    known: dict[str, float] = {word: float(value) for word, value in entry["words"].items()}
    known.update({word: float(value) for word, value in entry["en_tens"].items()})
    for unit, number in entry["nl_units"].items():
        for tens, ten in entry["nl_tens"].items():
            known[f"{unit}en{tens}".replace("eee", "ee")] = float(ten + number)  # as words() folds it
    known.update({word: float(value) for word, value in entry["nl_tens"].items()})
    small = dict(known)
    for unit, number in {"": 1, **entry["nl_units"]}.items():
        known[f"{unit}honderd"] = number * 100.0
        known.update(
            {f"{unit}honderd{word}": number * 100.0 + value for word, value in small.items() if value}
        )
    return known


@cache
def _halves() -> dict[str, float]:
    return (
        {
            f"{unit}{tail}": number + 0.5
            for unit, number in table("numbers")["nl_units"].items()
            for tail in ("enhalf", "eneenhalf", "enhalve")
        }
        | {"tweneenhalf": 2.5, "tweeneenhalf": 2.5, "tweenhalf": 2.5, "tweneenhalve": 2.5, "driekwart": 0.75}
        | {"anderhalf": 1.5, "anderhalve": 1.5}
    )


def position_of(found: tuple[str, ...], size: int) -> int | None:
    """The place (from 0) someone points at: "2", "de tweede", "optie 3", "de laatste"; None when beyond `size`."""
    core = [word for word in found if word not in table("numbers")["around_position"]]
    if len(core) != 1 or _is_praise(found):
        return None
    return _place(core[0], size, counting=True)


def positions_in(found: tuple[str, ...], size: int) -> tuple[int, ...]:
    """Every place pointed at in a list: "1 en 3", "de eerste twee", "de laatste en de tweede"; empty when unsure."""
    core = [word for word in found if word not in table("numbers")["around_position"]]
    if _is_praise(found):
        return ()
    if len(core) == 2 and core[0] in ("eerste", "first", "laatste", "last"):
        count = number_of(core[1])
        if count is not None and 0 < count <= size:
            return tuple(range(count)) if core[0] in ("eerste", "first") else tuple(range(size - count, size))
    places = [_place(word, size, counting=True) for word in core]
    known = tuple(place for place in places if place is not None)
    return known if known and len(known) == len(places) else ()


def says_position(found: tuple[str, ...]) -> bool:
    """Whether a place in a list is meant ("de tweede", "optie 2"), more than a bare number that may be anything."""
    entry = table("numbers")
    return not _is_praise(found) and any(
        word in entry["ordinals"] or word in entry["position_words"] for word in found
    )


def _is_praise(found: tuple[str, ...]) -> bool:
    """ "Top" is no place in a list, "the top one" is."""
    return "top" in found and {"the", "one", "option", "button", "de"}.isdisjoint(found)


def number_of(word: str) -> int | None:
    """The whole number that one word says, in digits or letters."""
    value = float(word) if word.isdecimal() and len(word) < 4 else number_word(word)
    return None if value is None else int(value)


def _place(word: str, size: int, *, counting: bool) -> int | None:
    ordinals: dict[str, int] = table("numbers")["ordinals"]
    number = ordinals.get(word)
    if number is None and counting:
        number = number_of(word)
    if number is None or number == 0 or number > size or number < -size:
        return None
    return number - 1 if number > 0 else size + number


def bands_of(choices: tuple[Choice, ...]) -> tuple[Band, ...]:
    """The ranges the choices stand for, when at least half of them are numbers or ranges; else empty."""
    found = [
        band for choice in choices for label in choice.label.values() if (band := _band(choice.name, label))
    ]
    distinct = tuple({band.name: band for band in reversed(found)}.values())
    return distinct if 2 * len(distinct) >= len(choices) and distinct else ()


def _band(name: str, label: str) -> Band | None:
    said = plain(label)
    if match := _BAND.search(said):
        high = float(match[2])
        return Band(name, float(match[1]), high)
    if match := _BELOW.search(said):
        return Band(name, _LOWEST, float(match[1]) - 1)
    if match := _ABOVE.search(said):
        return Band(name, float(match[1]), _HIGHEST)
    return Band(name, float(said), float(said)) if said.strip().isdecimal() and len(said) < 9 else None
