"""Says which kinds of what may lead to a person stand in somebody's words, for a person to look at; it never says which
words, and is never certain."""

import re
import unicodedata
from collections.abc import Iterator

from nlu.deidentify import LONGEST, deidentify, has_other_letters, is_plainly_harmless

_OVERLAP = 40
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_PLACEHOLDER = re.compile(r"\[([a-z-]+)\]")
_KIND = {
    "naam": "name",
    "adres": "address",
    "postcode": "address",
    "e-mail": "e-mail",
    "rekening": "account",
    "link": "link",
    "datum": "date",
    "nummer": "number",
}
KINDS = ("name", "phone", "address", "e-mail", "bsn", "account", "link", "date", "number", "other_letters")
"""`number` is one that is nothing of the others; `other_letters` are letters that nothing here reads."""

_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\+?(?<!\w)\(?\d(?:[\s().\-/]{0,2}\d){5,}")
_PHONE = re.compile(r"(?:0031|\+31|0)[1-9]\d{8}|\+\d{8,14}|00[1-9]\d{8,13}")
_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def look(text: str) -> tuple[str, ...]:
    """Those of KINDS that are found, in that order."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    found = {_KIND[kind] for piece in _pieces(text) for kind in _placeholders(piece)}
    if has_other_letters(text):
        found.add("other_letters")
    numbers = [_plain(number) for number in _DIGITS.findall(text)] if _DIGIT.search(text) else []
    if any(_PHONE.fullmatch(number.replace("+310", "+31")) for number in numbers):
        found.add("phone")
    if any(is_bsn(number) for number in numbers):
        found.add("bsn")
    if found & {"phone", "bsn"} and all(_PHONE.fullmatch(each) or is_bsn(each) for each in numbers):
        found.discard("number")
    return tuple(kind for kind in KINDS if kind in found)


def is_bsn(digits: str) -> bool:
    """Whether eight or nine digits pass the test that every burgerservicenummer passes (elfproef)."""
    if len(digits) not in (8, 9) or not digits.isdigit() or not int(digits):
        return False
    weighed = zip(_BSN_WEIGHTS, digits.zfill(9), strict=True)
    return sum(weight * int(digit) for weight, digit in weighed) % 11 == 0


def _plain(number: str) -> str:
    digits = re.sub(r"\D", "", re.sub(r"\(0\)", "", number))
    return f"+{digits}" if number.startswith("+") else digits


def _placeholders(piece: str) -> list[str]:
    """Other letters than ours are taken out first: what stands beside them is read all the same."""
    if is_plainly_harmless(piece):
        return []
    latin = piece
    if has_other_letters(piece):
        latin = "".join(" " if has_other_letters(each) else each for each in piece)
    left = deidentify(latin)
    # What has nothing left beside what was taken out comes back empty: a word of ours keeps it.
    left = left or deidentify(f"{latin[: LONGEST - 4]} dus")
    return _PLACEHOLDER.findall(left) if "[" in left else []


def _pieces(text: str) -> Iterator[str]:
    """Sentence by sentence; a long one in pieces that overlap, as a name may stand where it is cut."""
    for sentence in _SENTENCE.split(text):
        while len(sentence) > LONGEST - 4:
            end = sentence.rfind(" ", _OVERLAP + 1, LONGEST - 4)
            end = end if end > 0 else LONGEST - 4
            yield sentence[:end]
            sentence = sentence[max(end - _OVERLAP, 1) :]
        yield sentence
