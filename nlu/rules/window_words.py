"""Cuts a text into marks of time: days, parts of the day, clock times, and words for can and cannot; lays nothing on a
calendar but dates that are named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from nlu.rules.dutch import ordinary_words
from nlu.rules.normalise import plain
from nlu.rules.numbers import number_word
from nlu.rules.tables import table

DAY = 24 * 60
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DIGITAL = re.compile(r"(?<![\d./:])([01]?\d|2[0-4])[.:h](?=[0-5]\d(?:[^\d/]|$))")
_SHORTENED = re.compile(
    r"\b(ma|di|dins|wo|woe|woens|do|don|dond|vr|za|zo|jan|feb|mrt|apr|jun|jul|aug|sept?|okt|oct|nov|dec|mon|tues?|wed|thurs?|fri|sat|sun|u)\.(?= )"
)
_FROM = re.compile(
    r"\bv\. ?a\.?(?=\W)|\bva(?= ?\d| (?:half|kwart|nu|morgen|volgende|maan|dins|woens|dond|vrij|zat|zond|ma|di|wo|do|vr|za|een|twee"
    r"|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf))"
)
_OR_SO = re.compile(r"\b(\w+) of ?zo(?: ?iets)?\b(?! *(?:s och|s mid|s av|och|mid|av|\d))")
_SHORT_DAYS = {"vrij": "vrijdag", "zat": "zaterdag", "zon": "zondag", "maan": "maandag"}
_DAYISH = r"(?:ma|di|wo|woe|do|don|vr|za|zo|dins|woens|dond|[a-z]{1,9}d[aei]*g|vrij|zat|zon|maan)\b\.?"
_OR_DAY = r" ?(?:,|/|\+|&|-|\b(?:of|en|or|and|tm|tot)\b|t/m) ?"
_SOME_HOUR = r" (?:s |in de |om |na |voor |tussen |rond |vanaf |tegen )?(?:och|mid|av|mor|aov|\d|half|kwart)"
_SHORT_DAY = re.compile(
    rf"^(?:vrij\.|zat\.?|zon\.?|maan\.?)$|(?P<before>{_DAYISH}{_OR_DAY})(?:vrij|zat|zon|maan)\b\.?"
    rf"(?=$|[,!?/-]| (?:of|en|or|and|niet|wel|kan)\b|{_SOME_HOUR})"
    rf"|(?P<start>^|\bop |\bliefst |\bgraag |, )(?:vrij|zat|zon|maan)\b\.?(?={_OR_DAY}{_DAYISH})"
    rf"|(?P<open>^|\bop |\bliefst |\bgraag )(?:vrij\.|zat\b\.?|zon\b\.?|maan\b\.?)(?={_SOME_HOUR})"
    r"|(?P<on>\bop )(?:vrij|zat|zon|maan)\b\.?(?=$|[,!?])"
)
"""Days that are cut off to a word of another meaning, where only a day can stand: "op vrij.", "don of zat"."""
_JOINED = re.compile(
    r"\b(half|kwartvoor|kwartover)"
    r"(een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|\d{1,2})\b"
)
_HALVES = ("half", "haaf", "hauf")
_QUARTERS = ("kwart", "quarter", "kwartier")
_RUN = re.compile(r"\w+")
_NUMBERED = re.compile(r"(\d{1,2})[-/](\d{1,2})(?:[-/](\d{2,4}))?")
_RANGE = re.compile(r"\d{1,2}-\d{1,2}")
_HOURS_AND_MINUTES = re.compile(r"(\d{1,2}):(\d{2})")
_TOKEN = re.compile(r"\d{1,2}:\d{2}|\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?(?![\d:])|\d+|[^\W\d_]+|[,;.!?&+\n–/-]")
_SHORTEST_SLIP, _LONG = 5, 8
_FEW = 5
"""So many times may be offered: "de derde" of them is no day of the month."""
_SOME_DAY = re.compile(
    r"s?([a-z]{1,8}?)(?:d[aeiyj]{0,3}g{1,2}|d[aei]{1,3}ch)(s|en|e)?((?:s?[aomn][a-z]{3,9})?)"
)
_TWO_DAYS = re.compile(r"d[ou]ns?d[aie]+g")
"""As near to tuesday or sunday as to thursday."""
_VOWELS = re.compile(r"[aeiouyj]")
_TWICE = re.compile(r"(.)\1+")


class Kind(StrEnum):
    """What a mark says."""

    WEEKDAY = "weekday"
    DATE = "date"
    DAYS = "days"
    WEEK = "week"
    PART = "part"
    CLOCK = "clock"
    AFTER = "after"
    BEFORE = "before"
    THROUGH = "through"
    TO = "to"
    FROM = "from"
    BETWEEN = "between"
    AT = "at"
    AND = "and"
    COMMA = "comma"
    STOP = "stop"
    BUT = "but"
    BECAUSE = "because"
    SO = "so"
    IF = "if"
    NOT = "not"
    NO = "no"
    CAN = "can"
    BUSY = "busy"
    EVERY = "every"
    EXCEPT = "except"
    OTHERS = "others"
    THEN = "then"
    AFTERWARDS = "afterwards"
    BEFOREHAND = "beforehand"
    THE_NEXT = "the_next"
    INSTEAD = "instead"
    HOME = "home"
    ANY = "any"
    LATER = "later"
    PAST = "past"
    SOON = "soon"
    ALTERNATE = "alternate"
    SHIFT = "shift"
    PARITY = "parity"
    WEEKEND = "weekend"
    WHOLE_DAY = "whole_day"
    SAME = "same"
    UNREAD = "unread"
    FILLER = "filler"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Mark:
    """`number` is a weekday (monday 0), weeks from this one, minutes since midnight or minutes from now; `hours` is a
    part of the day in minutes; `days` are weekdays; `is_sure`: nobody can mean the other half of the day."""

    kind: Kind
    number: int = 0
    hours: tuple[int, int] | None = None
    days: frozenset[int] = frozenset()
    day: date | None = None
    is_every: bool = False
    is_sure: bool = False


def marks_in(text: str, today: date) -> list[Mark]:
    """Every mark of time in a text, in order, with the words between them."""
    words = [_spelt(word) for word in _TOKEN.findall(_simpler(plain(text)))]
    found: list[Mark] = []
    place = 0
    while place < len(words):
        timed = None
        if _may_begin_time(words[place]):
            timed = _date_at(words, place, today) or _clock_at(words, place, found)
        marks, width = timed or _word_at(words, place)
        found.extend(marks)
        place += width
    return [_noed(found, place) if mark.kind is Kind.NO else mark for place, mark in enumerate(found)]


def _may_begin_time(word: str) -> bool:
    """Whether a date or a time of day can begin with it: most words need no look."""
    return (
        not word.isalpha()
        or word in _beginnings()
        or number_word(word) is not None
        or (word.endswith(("de", "ste")) and _ordinal_word(word) > 0)
    )


@cache
def _beginnings() -> frozenset[str]:
    entry, others = table("windows"), ("weekvan", "over", "in", "euver", "een", "n", "a")
    named = (
        entry["feasts"],
        entry["clock"],
        entry["hours"],
        table("times")["months"],
        table("numbers")["ordinals"],
    )
    return frozenset((*others, *_HALVES, *_QUARTERS, *(word for words in named for word in words)))


_TIMES = frozenset({Kind.WEEKDAY, Kind.DATE, Kind.PART, Kind.SOON, Kind.CLOCK})


def _noed(marks: Sequence[Mark], place: int) -> Mark:
    """ "Dinsdag nee" is not on tuesday; in "morgen? nee, overmorgen" it takes back; elsewhere it says nothing."""
    before = [mark.kind for mark in marks[max(0, place - 2) : place]]
    after = [mark.kind for mark in marks[place + 1 : place + 3] if mark.kind not in (Kind.COMMA, Kind.FILLER)]
    if before and before[-1] in _TIMES:
        return Mark(Kind.NOT)
    if (
        len(before) > 1
        and before[-1] in (Kind.STOP, Kind.COMMA)
        and before[0] in _TIMES
        and after[:1]
        and after[0] in _TIMES
    ):
        return Mark(Kind.INSTEAD)
    return Mark(Kind.FILLER)


def _simpler(said: str) -> str:
    said = _ISO.sub(lambda match: f"{match[3]}-{match[2]}-{match[1]}", said)
    said = _DIGITAL.sub(r"\1:", said)
    said = said.strip()
    if any(short in said for short in _SHORT_DAYS):
        said = _SHORT_DAY.sub(_in_full, _SHORT_DAY.sub(_in_full, said))
    said = _OR_SO.sub(_without_or_so, _FROM.sub(" vanaf ", _SHORTENED.sub(r"\1", said)))
    said = re.sub(r"\b(\d{1,2})u(\d{2})\b", r"\1:\2", said)
    said = _regional().sub(lambda match: str(table("windows")["dialect"][match[0]]), said)
    said = re.sub(r"\b(\d{1,2})-?en\b", r"\1 nen", said)
    said = re.sub(
        r"\bs[ -](?=(?:och|mor|mid|av|nach|aov|oav|mer|maan|dins|woen|donder|vrij|zat|zon))", "s", said
    )
    said = _JOINED.sub(
        lambda match: f"half {match[2]}" if match[1] == "half" else f"kwart {match[1][5:]} {match[2]}", said
    )
    place = 0
    while (found := _first_phrase(said, place)) is not None:
        _, expression, simple = _phrases()[found]
        said = expression.sub(simple, said)
        place = found + 1
    return _several_days().sub(_with_month, said)


def _in_full(match: re.Match[str]) -> str:
    before = next((said for said in match.groupdict().values() if said), "")
    return before + _SHORT_DAYS[match[0][len(before) :].rstrip(".")]


def _without_or_so(match: re.Match[str]) -> str:
    """ "Dinsdag of zo" is about tuesday; "za of zo" may be sunday too."""
    is_day = match[1] in _weekdays() and (len(match[1]) < 5 or _weekdays()[match[1]] == 5)
    return match[0] if is_day and " zo" in match[0] and "iets" not in match[0] else match[1]


@cache
def _phrases() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """The longest first, all of them twice: what one becomes may be part of another."""
    known = sorted(table("windows")["phrases"].items(), key=lambda each: -len(each[0]))
    return tuple(
        (phrase, re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)"), f" {simple} ") for phrase, simple in known
    )


def _first_phrase(said: str, place: int) -> int | None:
    """Of the phrases from `place` on, the first that is in the text."""
    by_word = _phrases_by_word()
    begun = (number for word in by_word.keys() & _RUN.findall(said) for number in by_word[word])
    return min(
        (number for number in begun if number >= place and _phrases()[number][0] in said), default=None
    )


@cache
def _phrases_by_word() -> dict[str, list[int]]:
    """Which phrases have it as their first word: few of them need a look."""
    found: dict[str, list[int]] = {}
    for number, (phrase, _, _) in enumerate(_phrases()):
        first = _RUN.search(phrase)
        assert first is not None
        found.setdefault(first[0], []).append(number)
    return found


@cache
def _regional() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(table('windows')['dialect'])})\b")


@cache
def _several_days() -> re.Pattern[str]:
    months = "|".join(table("times")["months"])
    item = r"\d{1,2}(?:e|de|ste|st|nd|rd|th)?"
    return re.compile(
        rf"\b({item}(?:\s*(?:en|of|and|or|to|tot|tm|,|-|–|&)\s*{item})+)\s+(?:of )?({months})\b"
    )


def _with_month(match: re.Match[str]) -> str:
    """ "1 en 2 december" as "1 december en 2 december"."""
    return re.sub(r"(\d{1,2})(?:e|de|ste|st|nd|rd|th)?\b", rf"\1 {match[2]} ", match[1])


def _spelt(word: str) -> str:
    """The word as the tables know it, when it is a slip of the pen away from just one of theirs."""
    if (day := _some_day(word)) is not None:
        return day
    if _TWO_DAYS.match(word) or word in table("windows")["no_days"]:
        return word
    if len(word) < _SHORTEST_SLIP or word in _known() or not word.isalpha() or word in ordinary_words():
        return word
    slips = 2 if len(word) > _LONG else 1
    near = extractOne(word, _spellings(), scorer=OSA.distance, score_cutoff=slips)
    return near[0] if near and near[0][0] == word[0] else word


def _some_day(word: str) -> str | None:
    """A weekday by what is left of it without vowels, with the part of the day that is joined to it: "wnsdag", "donnesjdig",
    "dnsdagmidag"; None where it is none, or may be two."""
    match = _SOME_DAY.fullmatch(word) if len(word) > 3 else None
    if match is None or word in _known() or word in ordinary_words() or word in table("windows")["no_days"]:
        return None
    stem, entry = match[1], table("windows")
    bones = _TWICE.sub(r"\1", _VOWELS.sub("", stem))
    if bones == "dns" and stem[1] in "ou":
        day = "donderdag" if re.fullmatch(r"d[ou]n+[ei]sj?", stem) else None
    else:
        day = entry["bones"].get(bones)
    part = match[3] and _nearest(match[3], tuple(entry["joined_parts"]))
    return None if day is None or part is None else f"{day}{part}" if part else day + (match[2] or "")


def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    near = extractOne(word, known, scorer=OSA.distance, score_cutoff=1)
    return near[0] if near else None


def _may_be_a_day(word: str) -> bool:
    """Whether a word that nobody knows looks like a weekday: then none is guessed."""
    if len(word) < _SHORTEST_SLIP or word in ordinary_words() or word in table("windows")["no_days"]:
        return False
    if not (match := _SOME_DAY.fullmatch(word)) and not word.endswith("day"):
        return False
    bare = word.removesuffix(match[3]) if match else word
    near = extractOne(bare, tuple(_weekdays()), scorer=OSA.distance, score_cutoff=2)
    return near is not None and len(near[0]) > _SHORTEST_SLIP


@cache
def _known() -> frozenset[str]:
    entry = table("windows")
    kinds = [word for words in entry["marks"].values() for word in words]
    return frozenset(
        (
            *kinds,
            *_compounds(),
            *entry["parts"],
            *entry["days"],
            *entry["soon"],
            *entry["hours"],
            *table("times")["months"],
        )
    )


@cache
def _spellings() -> tuple[str, ...]:
    """What slips are compared with: the ordinary spellings only."""
    entry = table("windows")
    days = [day for day in table("times")["weekdays"] if len(day) > 5]
    words = {f"{day}{part}" for day in days for part in ("", "ochtend", "middag", "avond")}
    words.update(
        (day for day in entry["weekdays"] if len(day) > 6),
        entry["soon"],
        entry["days"],
        table("times")["months"],
        entry["spelt"],
    )
    return tuple(sorted(word for word in words if len(word) >= _SHORTEST_SLIP))


@cache
def _compounds() -> dict[str, tuple[int, tuple[int, int] | None, bool]]:
    """Weekdays with what may be joined to them: number, part of the day, whether every such day is meant."""
    found: dict[str, tuple[int, tuple[int, int] | None, bool]] = {}
    entry = table("windows")
    for name, number in (
        *_weekdays().items(),
        *((name, _weekdays()[day]) for name, day in _SHORT_DAYS.items()),
    ):
        if name not in _SHORT_DAYS:
            found[name] = (number, None, False)
        if len(name) < 3:
            continue
        if len(name) > 4:
            found.update({f"{name}{tail}": (number, None, True) for tail in ("s", "en", "e")})
            found[f"s{name}s"] = (number, None, True)
        for part, hours in {**entry["parts"], "morgen": [6, 12], "morge": [6, 12]}.items():
            if part not in ("overdag", "daytime"):
                is_every = (
                    part.endswith(("den", "gen", "mornings", "afternoons", "evenings", "nights"))
                    and part != "morgen"
                )
                found[f"{name}{part}"] = (number, minutes(hours), is_every)
                found.setdefault(f"{name}{part}en", (number, minutes(hours), True))
    return found


@cache
def _weekdays() -> dict[str, int]:
    return {**table("times")["weekdays"], **table("windows")["weekdays"]}


def minutes(hours: Sequence[int]) -> tuple[int, int]:
    """Hours of the clock as minutes since midnight."""
    return hours[0] * 60, hours[1] * 60


Found = tuple[list[Mark], int]


def _word_at(words: Sequence[str], place: int) -> Found:
    word, entry = words[place], table("windows")
    after = words[place + 1] if place + 1 < len(words) else ""
    if word in ("geen", "gein", "no") and (
        after in _compounds() or after in entry["parts"] or after in entry["days"]
    ):
        return [Mark(Kind.NOT)], 1
    if word in entry["soon"]:
        later, first, last = entry["soon"][word]
        part = [Mark(Kind.PART, hours=minutes((first, last)))] if (first, last) != (0, 24) else []
        return [Mark(Kind.SOON, number=later), *part], 1
    if word in _compounds() and not _is_no_day(words, place):
        number, hours, is_every = _compounds()[word]
        marks = [Mark(Kind.WEEKDAY, number=number, is_every=is_every)]
        if after in ("morgen", "morge"):
            return [*marks, Mark(Kind.PART, hours=(6 * 60, 12 * 60))], 2
        return ([*marks, Mark(Kind.PART, hours=hours, is_sure=True)] if hours else marks), 1
    if word in entry["parts"]:
        return [Mark(Kind.PART, hours=minutes(entry["parts"][word]))], 1
    if word in entry["days"]:
        return [Mark(Kind.DAYS, days=frozenset(entry["days"][word]))], 1
    if word in entry["some_days"]:
        return [Mark(Kind.WEEKDAY, number=number) for number in entry["some_days"][word]], 1
    if word in entry["weekends"]:
        return [Mark(Kind.WEEKEND, number=entry["weekends"][word])], 1
    if word in entry["shifts"]:
        return [Mark(Kind.SHIFT, number=entry["shifts"][word])], 1
    if word in entry["parity"]:
        return [Mark(Kind.PARITY, number=entry["parity"][word])], 1
    if word == "heledag":
        return [Mark(Kind.WHOLE_DAY)], 1
    if word in entry["weeks"]:
        return [Mark(Kind.WEEK, number=entry["weeks"][word])], 1
    if word not in _kinds() and _may_be_a_day(word):
        return [Mark(Kind.UNREAD)], 1
    return [Mark(_kinds().get(word, Kind.WORD), number=int(word in entry["past_the_day"]))], 1


@cache
def _kinds() -> dict[str, Kind]:
    return {word: Kind(kind) for kind, words in table("windows")["marks"].items() for word in words}


def _is_no_day(words: Sequence[str], place: int) -> bool:
    """ "Zo" is mostly no sunday, "do" no thursday after "I can"."""
    word = words[place]
    before = words[place - 1] if place else ""
    after = words[place + 1] if place + 1 < len(words) else ""
    days = _weekdays()
    if word == "zo":
        has_day_beside = any(each in days and each != "zo" for each in words[max(0, place - 2) : place + 3])
        return not (
            has_day_beside or after in table("windows")["parts"] or re.match(r"\d", after) or before == "op"
        )
    if word == "don" and after == "t":
        return True
    if word == "do" and (
        after in ("it", "that", "this", "not", "you", "i", "we")
        or not {"i", "can", "we", "you", "could"}.isdisjoint(words[max(0, place - 3) : place])
    ):
        return True
    if word in ("do", "sun", "sat", "ma", "mon"):
        return before in (
            "i",
            "can",
            "could",
            "we",
            "you",
            "to",
            "ill",
            "would",
            "cant",
            "the",
            "mijn",
            "mn",
            "me",
            "ons",
        )
    return False


def _date_at(words: Sequence[str], place: int, today: date) -> Found | None:
    word, months = words[place], table("times")["months"]
    after = words[place + 1] if place + 1 < len(words) else ""
    then = words[place + 2] if place + 2 < len(words) else ""
    day: date | None = None
    width = 0
    if (
        word == "weekvan"
        and after
        and (dated := _date_at(words, place + 1, today))
        and (first := dated[0][0].day)
    ):
        monday = today.toordinal() - today.weekday()
        return [Mark(Kind.WEEK, number=(first.toordinal() - monday) // 7)], dated[1] + 1
    if word[0].isdigit() and (match := _NUMBERED.fullmatch(word)):
        if match[3] or "/" in word or _is_date(words, place, int(match[1]), int(match[2])):
            day, width = _named(int(match[1]), int(match[2]), match[3] or "", today), 1
    elif word in table("windows")["feasts"]:
        month, number = table("windows")["feasts"][word]
        day, width = _named(number, month, "", today), 1
    elif (number := _day_number(word)) and (
        after in months or (after in ("of", "van", "vaan", "in") and then in months)
    ):
        width = 2 if after in months else 3
        year = (
            words[place + width]
            if place + width < len(words) and re.fullmatch(r"20\d\d", words[place + width])
            else ""
        )
        day, width = _named(number, months[words[place + width - 1]], year, today), width + bool(year)
    elif word in months and (told := _ordinal_at(words, place + 1)):
        day, width = _named(told[0], months[word], "", today), 1 + told[1]
    elif (told := _ordinal_at(words, place)) and told[1] == 2 and _points(words, place):
        day, width = _day_of_month(told[0], today), 2
    elif (number := _told_day(words, place)) is not None:
        day, width = _day_of_month(number, today), 1
    if width:
        return ([Mark(Kind.DATE, day=day)] if day else [Mark(Kind.WORD)]), width
    return _counted_at(words, place)


def _day_number(word: str) -> int | None:
    number = int(word) if word.isdecimal() and len(word) < 3 else None
    if number is None:
        number = _ordinal_word(word) or int(number_word(word) or 0)
    return number if 1 <= number <= 31 else None


def _ordinal_word(word: str) -> int:
    """ "Negende", "eenentwintigste"; nought for any other word."""
    known = int(table("numbers")["ordinals"].get(word, 0))
    if known or not word.endswith(("de", "ste")):
        return known
    return int(number_word(word.removesuffix("ste" if word.endswith("ste") else "de")) or 0)


def _told_day(words: Sequence[str], place: int) -> int | None:
    """The day of the month in "woensdag de negende", "op de derde", "de zesde om drie uur"; "de eerste" alone may be anything."""
    number = _ordinal_word(words[place])
    before = words[max(0, place - 2) : place]
    after = words[place + 1] if place + 1 < len(words) else ""
    if not 1 <= number <= 31 or not before or after in table("windows")["not_dated"] or after in _weekdays():
        return None
    has_day = any(word in _compounds() for word in before)
    is_pointed = before[-1] == "de" and (number > _FEW or before[0] == "op")
    return number if (has_day and (before[-1] == "de" or before[-1] in _compounds())) or is_pointed else None


def _ordinal_at(words: Sequence[str], place: int) -> tuple[int, int] | None:
    """A number of a day and how many words it takes: "9 e" is two (the letters are cut from the digits)."""
    if place >= len(words) or not words[place].isdecimal() or not 1 <= int(words[place][:3]) <= 31:
        return None
    has_tail = place + 1 < len(words) and words[place + 1] in ("e", "de", "ste", "st", "nd", "rd", "th")
    return int(words[place]), 1 + has_tail


def _points(words: Sequence[str], place: int) -> bool:
    following = words[place + 2] if place + 2 < len(words) else ""
    return not following.isalpha() or following not in table("windows")["not_dated"]


def _is_date(words: Sequence[str], place: int, first: int, second: int) -> bool:
    """ "3-12" may be a day or hours."""
    if not (1 <= first <= 31 and 1 <= second <= 12):
        return False
    before = words[place - 1] if place else ""
    after = words[place + 1] if place + 1 < len(words) else ""
    if after in table("windows")["hour_words"] or before in ("van", "tussen", "between", "from"):
        return False
    is_padded = words[place].startswith("0") or first > 24
    return (
        is_padded
        or before == "op"
        or second <= first
        or any(
            ":" in word or word in ("om", "at") or word in table("windows")["parts"]
            for word in words[place + 1 : place + 4]
        )
    )


def _named(day: int, month: int, year: str, today: date) -> date | None:
    """The day with this name that is to come."""
    years = (int(year) + (2000 if len(year) == 2 else 0),) if year else (today.year, today.year + 1)
    found = [each for number in years if (each := _valid(number, month, day))]
    return next((each for each in found if each >= today), None)


def _day_of_month(day: int, today: date) -> date | None:
    months = ((today.year * 12 + today.month - 1 + each) for each in range(3))
    found = (_valid(month // 12, month % 12 + 1, day) for month in months)
    return next((each for each in found if each is not None and each >= today), None)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _counted_at(words: Sequence[str], place: int) -> Found | None:
    """ "Over drie dagen", "over een uur", "in two weeks"."""
    if words[place] not in ("over", "in", "euver") or place + 2 >= len(words):
        return None
    entry = table("windows")["units"]
    count, unit, width = words[place + 1], words[place + 2], 3
    if count in ("een", "n", "an", "a") and unit in ("half", "paar") and place + 3 < len(words):
        count, unit, width = unit, words[place + 3], 4
    if unit not in entry or count == "paar":
        return None
    number = {"een": 1, "n": 1, "a": 1, "an": 1, "half": 0}.get(count)
    number = _small(count) if number is None else number
    if number is None:
        return None
    name, size = entry[unit]
    if name == "minutes":
        return [Mark(Kind.LATER, number=max(number * size, size // 2))], width
    if name == "weeks":
        return [Mark(Kind.SHIFT, number=number)], width
    return [Mark(Kind.SOON, number=number * size)], width


def _small(word: str) -> int | None:
    value = float(word) if word.isdecimal() and len(word) < 3 else number_word(word)
    return int(value) if value is not None and value == int(value) and 0 <= value < 60 else None


def _hour(word: str) -> int | None:
    known = table("windows")["hours"].get(word)
    hour = _small(word) if known is None else int(known)
    return hour if hour is not None and hour <= 24 else None


_MARKS_BEFORE_CLOCK = frozenset({Kind.AFTER, Kind.BEFORE, Kind.BETWEEN, Kind.AT, Kind.TO, Kind.THROUGH})


def _clock_at(words: Sequence[str], place: int, found: Sequence[Mark]) -> Found | None:
    """A time of day; a bare number only after a word that expects one, before a part of the day, or in a range."""
    rest = [*words[place : place + 5], "", "", "", "", ""]
    if rest[0][0].isdigit() and _RANGE.fullmatch(rest[0]):
        return _hours_with_dash(rest)
    timed = _digital(rest) or _half(rest) or _quarter(rest) or _whole(rest) or _bare(words, place, found)
    return ([timed[0]], timed[1]) if timed else None


def _hours_with_dash(rest: Sequence[str]) -> Found | None:
    low, high = (int(each) for each in rest[0].split("-"))
    if low > 24 or high > 24:
        return None
    ends = 1 + (rest[1] in table("windows")["hour_words"])
    shift = 720 if rest[1] == "pm" and high < 12 else 0
    marks = [
        Mark(Kind.CLOCK, number=low * 60 + shift),
        Mark(Kind.TO),
        Mark(Kind.CLOCK, number=high * 60 + shift),
    ]
    return marks, ends + (rest[1] in ("am", "pm"))


Timed = tuple[Mark, int]


def _digital(rest: Sequence[str]) -> Timed | None:
    match = _HOURS_AND_MINUTES.fullmatch(rest[0]) if ":" in rest[0] else None
    if not match:
        return None
    minute = int(match[1]) * 60 + int(match[2])
    if minute > DAY:
        return None
    if rest[1] in ("am", "pm"):
        return Mark(Kind.CLOCK, number=_am_pm(minute, rest[1]), is_sure=True), 2
    is_sure = len(match[1]) == 2
    return Mark(Kind.CLOCK, number=minute, is_sure=is_sure), 1 + (rest[1] in table("windows")["hour_words"])


def _am_pm(minute: int, half: str) -> int:
    return minute % 720 + (720 if half == "pm" else 0)


def _half(rest: Sequence[str]) -> Timed | None:
    if rest[0] not in _HALVES:
        return None
    if rest[1] == "past" and (hour := _hour(rest[2])) is not None:
        return Mark(Kind.CLOCK, number=hour * 60 + 30), 3
    hour = _hour(rest[1])
    if hour is None or hour == 0:
        return None
    return Mark(Kind.CLOCK, number=(hour - 1) * 60 + 30 if hour > 1 else 12 * 60 + 30), 2 + (
        rest[2] in table("windows")["hour_words"]
    )


def _quarter(rest: Sequence[str]) -> Timed | None:
    count, skip = rest[0], 0
    minute = 15 if count in _QUARTERS else _small(count)
    if minute is None or minute == 0 or minute > 29:
        return None
    if rest[1] in ("minuten", "minutes", "min"):
        skip = 1
    side = rest[1 + skip]
    if side not in ("voor", "over", "past", "to", "veur", "veur", "euver", "veuer"):
        return None
    if side == "to" and rest[0].isdecimal() and not skip:  # "9 to 11" is a range
        return None
    half = rest[2 + skip] in ("half", "haaf")
    hour = _hour(rest[2 + skip + half])
    if hour is None or hour == 0:
        return None
    base = hour * 60 - (30 if half else 0)
    total = base + (minute if side in ("over", "past", "euver") else -minute)
    return Mark(Kind.CLOCK, number=total if total >= 60 else total + 720), 3 + skip + half


def _whole(rest: Sequence[str]) -> Timed | None:
    hours = table("windows")["hour_words"]
    if rest[0] in ("een", "n", "a") and rest[1] in ("uur", "uurtje", "oor") and rest[2] == "of":
        hour = _hour(rest[3])
        return (Mark(Kind.CLOCK, number=hour * 60), 4 + (rest[4] in hours)) if hour is not None else None
    if rest[0] in table("windows")["clock"]:
        return Mark(Kind.CLOCK, number=table("windows")["clock"][rest[0]] * 60, is_sure=True), 1
    hour = _hour(rest[0])
    if hour is None:
        return None
    if rest[1] in ("am", "pm") and hour <= 12:
        return Mark(Kind.CLOCK, number=_am_pm(hour * 60, rest[1]), is_sure=True), 2
    if rest[1] in hours and rest[0] not in table("windows")["not_hours"]:
        minute = int(rest[2]) if rest[2].isdecimal() and len(rest[2]) == 2 and int(rest[2]) < 60 else 0
        return Mark(Kind.CLOCK, number=hour * 60 + minute), 2 + (minute > 0)
    return None


def _bare(words: Sequence[str], place: int, found: Sequence[Mark]) -> Timed | None:
    hour = _hour(words[place])
    if hour is None:
        return None
    tail = 1 + (place + 1 < len(words) and words[place + 1] == "nen")
    after = words[place + tail] if place + tail < len(words) else ""
    if after in table("windows")["counted"]:
        return None
    if after in ("e", "de", "ste", "st", "nd", "rd", "th") and words[place].isdecimal():
        return None
    near = [mark.kind for mark in found[-8:] if mark.kind is not Kind.FILLER]
    last = near[-1] if near else Kind.WORD
    is_second = (
        last is Kind.AND
        and len(near) > 2
        and near[-2] in (Kind.CLOCK, Kind.PART)
        and Kind.BETWEEN in near[-5:]
    )
    if (
        last in _MARKS_BEFORE_CLOCK
        or is_second
        or tail == 2
        or _opens_range(words, place)
        or _opens_choice(words, place)
        or _has_part(words, place)
    ):
        return Mark(Kind.CLOCK, number=hour * 60), tail
    return None


def _opens_range(words: Sequence[str], place: int) -> bool:
    rest = [*words[place + 1 : place + 4], "", "", ""]
    if rest[0] not in ("tot", "to", "till", "until", "-", "–", "tm"):
        return False
    return rest[1] in ("half", "kwart") or _hour(rest[1]) is not None or ":" in rest[1]


def _opens_choice(words: Sequence[str], place: int) -> bool:
    """ "10 of half 11", "2 of 3 uur"."""
    rest = [*words[place + 1 : place + 4], "", "", ""]
    is_told = rest[1] in ("half", "kwart") or rest[2] in table("windows")["hour_words"]
    return (
        rest[0] in ("of", "or", "en")
        and is_told
        and (rest[1] in ("half", "kwart") or _hour(rest[1]) is not None)
    )


def _has_part(words: Sequence[str], place: int) -> bool:
    after = [*words[place + 1 : place + 4], "", "", ""]
    parts = table("windows")["parts"]
    return (after[0] in parts and after[0].startswith("s")) or (
        after[0] in ("in", "op") and after[1] in ("de", "the") and after[2] in parts
    )
