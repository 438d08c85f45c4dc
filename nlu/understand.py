"""What did this person mean? The safety floor first, then rules, then what the model made of it; asks nobody."""

import re
from dataclasses import replace
from datetime import datetime

from domain.understanding import (
    By,
    Command,
    Expected,
    ExpectedKind,
    ModelParse,
    Understanding,
    UnderstandingKind,
)
from nlu.model_reading import read_parse
from nlu.rules.choices import read_choice, read_choices
from nlu.rules.conditions import core_of
from nlu.rules.corrections import read_correction
from nlu.rules.foreign import foreign_language
from nlu.rules.grades import grade_of, read_yes_no
from nlu.rules.language import detect_language
from nlu.rules.leanings import in_plain_forms, is_unsure, willing_of
from nlu.rules.normalise import words
from nlu.rules.numbers import read_number
from nlu.rules.phrases import load_phrases
from nlu.rules.places import read_place
from nlu.rules.reading import Reading, ask
from nlu.rules.safety import signals_in
from nlu.rules.times import read_date, read_moment, read_time

_LONGEST_RULE = 400
_WONT_SAY = re.compile(
    r"\b(?:niet|niks|neet|not|dont) (?:\w+ )?(?:zeggen|say|answer|beantwoorden|vertellen)\b|\bzeg ik niet\b"
)
_IN_PART = re.compile(r"\b(?:de helft|een deel|deels|gedeeltelijk|sommigen?|een paar|some of|partly)\b")
_LONGEST_NUMBER = 8
"""Words around a number that is still taken for the answer."""
_ASKING = frozenset(
    [
        "hoe",
        "hoeveel",
        "hoelang",
        "wat",
        "welke",
        "waar",
        "waarom",
        "wanneer",
        "wie",
        "how",
        "what",
        "which",
        "where",
        "why",
        "when",
        "who",
    ]
)


def understand(
    text: str,
    expected: Expected,
    *,
    now: datetime,
    parse: ModelParse | None = None,
    by_rules: Understanding | None = None,
) -> Understanding:
    """What `text` means where `expected` was asked. Pure; never raises on any text. `now` is UTC. `by_rules` is what
    this function made of the same text and `expected` without the model: it need not be worked out again."""
    if by_rules is None:
        by_rules = _without_model(text, expected, now)
    if by_rules.kind is not UnderstandingKind.UNCLEAR or by_rules.alternatives or parse is None:
        return by_rules
    if by_rules.foreign:  # the model has learned from no such sentence, and would guess
        return by_rules
    if len(text) > _LONGEST_RULE and expected.kind is not ExpectedKind.TEXT:
        return by_rules
    return read_parse(parse, expected, by_rules.language)


def _without_model(text: str, expected: Expected, now: datetime) -> Understanding:
    found = words(text[:_LONGEST_RULE])
    language = detect_language(found, expected.language)
    signals = signals_in(text)
    if signals:
        return Understanding(UnderstandingKind.SAFETY, signals=signals, language=language, by=By.SAFETY)
    if len(text) > _LONGEST_RULE and expected.kind is not ExpectedKind.TEXT:
        return Understanding(UnderstandingKind.UNCLEAR, confidence=0.0, language=language, by=By.NOBODY)
    said = _by_rules(text, " ".join(found), expected, now, language)
    correction = read_correction(text)
    return replace(said, correction=correction) if correction is not None else said


def _by_rules(text: str, folded: str, expected: Expected, now: datetime, language: str) -> Understanding:
    if _only_asks(text):
        return Understanding(UnderstandingKind.COMMAND, Command.EXPLAIN, language=language)
    if expected.kind is ExpectedKind.TEXT:
        return _spoken(folded, language) or _own_words(text, language)
    spoken = _spoken(folded, language)
    # "Nog een keer" is no one, and "wil ik niet zeggen" is no no; "liever niet" may be one.
    if spoken and (expected.kind is ExpectedKind.NUMBER or _WONT_SAY.search(folded)):
        return spoken
    reading = _read(text, folded, expected, now)
    if reading and reading.is_answer:
        return Understanding(
            UnderstandingKind.ANSWER, reading.values[0], confidence=reading.confidence, language=language
        )
    if spoken:
        return spoken
    alternatives = reading.values[:3] if reading else ()
    return Understanding(
        UnderstandingKind.UNCLEAR,
        confidence=0.0,
        alternatives=alternatives,
        language=language,
        by=By.NOBODY,
        foreign="" if alternatives else foreign_language(text),
    )


def _only_asks(text: str) -> bool:
    """ "?" and "???!": signs that the rules for words do not see."""
    said = text.strip()
    return "?" in said and set(said) <= set("?! ")


def _own_words(text: str, language: str) -> Understanding:
    if not text.strip():
        return Understanding(UnderstandingKind.UNCLEAR, confidence=0.0, language=language, by=By.NOBODY)
    return Understanding(
        UnderstandingKind.ANSWER, text, language=language, foreign=foreign_language(text[:_LONGEST_RULE])
    )


def _read(text: str, folded: str, expected: Expected, now: datetime) -> Reading | None:
    match expected.kind:
        case ExpectedKind.NONE | ExpectedKind.TEXT:
            return None
        case ExpectedKind.NUMBER:
            reading = read_number(text, low=expected.low, high=expected.high, whole=expected.whole, now=now)
            return ask(*reading.values) if reading and _tells_more(text, folded) else reading
        case ExpectedKind.DATE:
            return read_date(text, now)
        case ExpectedKind.TIME:
            return read_time(text)
        case ExpectedKind.DATETIME:
            return read_moment(text, now)
        case ExpectedKind.PLACE:
            return read_place(text)
        case ExpectedKind.CHOICES:
            return read_choices(text, expected.choices)
        case _ if expected.choices:
            return read_choice(text, expected.choices, now)
        case ExpectedKind.YESNO:
            return _yes_or_no(folded)
        case _:
            return None


def _tells_more(text: str, folded: str) -> bool:
    """A question, or a story in which a number happens to stand: it may be the answer, and that is asked."""
    found = folded.split()
    return len(found) > _LONGEST_NUMBER or "?" in text or (bool(found) and found[0] in _ASKING)


def _yes_or_no(folded: str) -> Reading | None:
    if _is_put_off(folded):
        return read_yes_no("later")
    if _IN_PART.search(folded) or is_unsure(folded):
        return ask("yes", "no")
    will = willing_of(folded)
    if core_of(tuple(folded.split())) is not None:
        return ask("yes", "no")
    if will == "declines" and load_phrases("commands").find_exact(folded) == Command.REFUSE:
        return read_yes_no("declines")
    grade = grade_of(folded)
    return read_yes_no(grade) if grade else None


def _is_put_off(folded: str) -> bool:
    return "later" in (willing_of(folded), willing_of(in_plain_forms(folded)))


def _spoken(folded: str, language: str) -> Understanding | None:
    command = load_phrases("commands").find(folded)
    if command:
        return Understanding(UnderstandingKind.COMMAND, command, language=language)
    social = load_phrases("social").find(folded)
    return Understanding(UnderstandingKind.SOCIAL, social, language=language) if social else None
