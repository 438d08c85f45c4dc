"""Takes out of a short text what may lead to a person; pure but for the word lists it reads once, and never certain."""

import re
import unicodedata
from collections import Counter
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from nlu.rasa_data import DATA, read_examples
from nlu.rules.dutch import ordinary_words
from nlu.rules.normalise import plain


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


LONGEST = 200
"""More letters than this are somebody's story, and are not kept."""

_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|jan|feb|mrt|apr|jun|jul|aug"
    "|sept?|okt|nov|dec|january|february|march|may|june|july|august|october"
)
_DIGIT = "nul|een|één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|\\w+tig|\\w+tien|zero|one|two|three|four|five|six|seven|eight|nine"
_LETTER = r"[^\W\d_]"
_STREET = r"straat|str|laan|weg|plein|hof|singel|kade|gracht|steeg|dreef|dijk|pad|baan|ring|allee|park|markt|wal|veld|berg"
_NUMBER = r"\d{1,4}(?:\s?-?\s?[a-z]\b)?"
# What must be in a text for a row to find anything: most texts have none of it.
_ANY, _DIGIT_IN, _DOT = (re.compile(each) for each in ("", r"\d", "[./]"))
_CHAIN = (
    (re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:nl|com|org|net|be|de|eu)(?:/\S*)?(?![\w@])", re.I), "link", _DOT),
    (re.compile(r"\b[A-Z]{2}\s?\d{2}\s?(?:[A-Z]{4}(?:\s?\d){7,}|[A-Z0-9]{11,})\b", re.I), "rekening", _DIGIT_IN),
    (re.compile(r"\b\d{4}\s?[a-z]{2}\b(?!\w)(?:\s?\d{1,4}\b)?", re.I), "postcode", _DIGIT_IN),
    (re.compile(rf"\b\d{{1,2}}(?:e|ste|de|th|st)?\s?-?(?:{_MONTHS})\b\.?(?:\s?'?\d{{2,4}}\b)?", re.I), "datum", _DIGIT_IN),
    (re.compile(r"(?<![\d.\-])\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?'?\d{2,4}\b(?![-/.]\d)"), "datum", _DIGIT_IN),
    (re.compile(r"\b(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}\b"), "datum", _DIGIT_IN),
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Z])[A-Z\d]{1,3}-[A-Z\d]{2,3}-[A-Z\d]{1,2}\b", re.I), "nummer", _DIGIT_IN),
    (re.compile(r"\+?(?<!\w)\(?\d(?:[\s().\-/]{0,2}\d){5,}"), "nummer", _DIGIT_IN),
    (re.compile(rf"\b(?:(?:{_DIGIT})[\s,-]+){{4,}}(?:{_DIGIT})\b", re.I), "nummer", _ANY),
    (re.compile(rf"\b{_LETTER}[\w'-]{{2,}}\s?(?:{_STREET})\s+(?:nr\.?|nummer|no\.?|huisnummer)?\s?{_NUMBER}", re.I), "adres", _DIGIT_IN),
    (re.compile(rf"\b(?:huisnummer|nummer|nr\.?|flat|no\.)\s?{_NUMBER}", re.I), "adres", _DIGIT_IN),
    (re.compile(rf"\b{_LETTER}[\w'-]{{2,}}(?:straat|laan|plein|singel|kade|gracht|steeg|dreef|dijk)\b", re.I), "adres", _ANY),
    (re.compile(r"\d{4,}"), "nummer", _DIGIT_IN),
    (re.compile(r"\b(?:[A-Z]\.\s?){1,3}(?=[A-Z])"), "naam", _DOT),
)  # fmt: skip # read as a table
_BRACKETS = re.compile(r"[\[\](){}]")
_MAIL = (
    re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+"),
    re.compile(r"\S+\s+\(?(?:ape?n?staart(?:je)?|at)\)?\s+\S+\s*(?:\.|punt|dot)\s*(?:nl|com|org|net|be|eu)\b", re.I),
)  # fmt: skip # one expression a line
_AT = re.compile(r"staart|\bat\b", re.I)
_HANDLE = re.compile(r"@\w{2,}")
_WORD = re.compile(rf"{_LETTER}(?:[\w]|['’-](?={_LETTER}))*")
# After these a name comes, whatever it looks like.
_NAMING = re.compile(
    r"(?:\bik heet|\bnaam is|\bnaam:|\bheet|\bheten|\bgenaamd|\bnoemen (?:ze )?(?:me|mij)|\b(?:me|my) name is|\bmy name's"
    r"|\bm(?:e)?vr\w*\.?|\bmevrouw|\bmeneer|\bmijnheer|\bdhr\.?|\bmr\.?|\bmrs\.?|\bdr\.?|\bdokter|\bfam\.?|\bfamilie"
    r"|\btante|\bome|\boom|\bjuf|\bmeester|\bzuster|\bpastoor|\bopa|\boma|\bgroetjes|\bgroeten|\bgroet van|\bgr\.?"
    r"|\bmvg)[\s,:]+",
    re.I,
)
_BETWEEN = _listed("van de der den het 't ter ten te el al la le von bin ibn vande vander d")
# Names in the neighbourhoods that the lists lack.
_MORE_NAMES = _listed(
    """olena oleksandr oksana andriy iryna tetiana nataliia kateryna dmytro serhiy volodymyr yulia kowalski kowalska nowak
    wisniewski wojcik agnieszka haddad alami bouazza bouchiba hamidi khalil darwish shevchenko kovalenko bondarenko tkachenko
    vrijens vandewall nijsten"""
)
_NOT_NAMES = _listed(
    """maandag dinsdag woensdag donderdag vrijdag zaterdag zondag monday tuesday wednesday thursday friday saturday
    sunday nederlands engels nederland maastricht nazareth pottenberg limburg limburgs mestreechs telegram whatsapp
    gemeente wmo cbs god"""
)


def deidentify(text: str) -> str:
    """The text with [naam], [adres], [nummer] and the like where something personal stood. Empty when it must not be
    kept at all: longer than LONGEST, in other letters than ours, or with nothing left beside what was taken out."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if len(text) > LONGEST or has_other_letters(text):
        return ""
    text = _BRACKETS.sub(" ", text)
    if "@" in text or _AT.search(text):
        for pattern in _MAIL:
            text = pattern.sub("[e-mail]", text)
    text = _HANDLE.sub("[naam]", text)
    there = {needed: needed.search(text) is not None for needed in (_ANY, _DIGIT_IN, _DOT)}
    for pattern, kind, needed in _CHAIN:
        if there[needed]:
            text = pattern.sub(partial(_instead, kind), text)
    text = " ".join(_without_names(text).split())
    return text if any(c.isalnum() or ord(c) > 0x2190 for c in re.sub(r"\[[^\]]*\]", "", text)) else ""


# Without any of these, and in small letters, only words by themselves can lead to a person.
_SIGN = re.compile(r"[\d@/\\[\](){}]|\.(?!\Z)")
_NUMBER_WORD = re.compile(rf"\b(?:{_DIGIT})\b")
# The words that `_NAMING` begins with where it looks at more than one.
_BEFORE_NAMES = re.compile("naam|name|noem|groet|heet")
_KNOWN_WORDS = 20_000
_ORDINARY, _ONE_NUMBER, _SUSPECT = 0, 1, 5
"""What a word weighs: five words for numbers can be one number, and so can one that is suspect by itself."""


def is_plainly_harmless(text: str) -> bool:
    """Whether it is certain at a glance that `deidentify` finds nothing: small letters but for the first, no digits or
    signs that matter, and no word that alone or with others could be something. Words are remembered, so that a
    text of ordinary words costs next to nothing. False says nothing."""
    if not text.isascii() or not text[1:].islower() or _SIGN.search(text):
        return False
    return sum(map(_weights.__getitem__, text.lower().split())) < _SUSPECT


class _Weights(dict[str, int]):
    def __missing__(self, token: str) -> int:
        weight = _weigh(token)
        if len(self) >= _KNOWN_WORDS:
            self.clear()
        self[token] = weight
        return weight


_weights = _Weights()


def _weigh(token: str) -> int:
    if (
        _AT.search(token)
        or _NAMING.search(f"{token} ")
        or _BEFORE_NAMES.search(token)
        or not _telling_names().isdisjoint(map(plain, _WORD.findall(token)))
        or any(pattern.search(token) for pattern, _, needed in _CHAIN if needed is _ANY)
    ):
        return _SUSPECT
    if not _NUMBER_WORD.search(token):
        return _ORDINARY
    several = not token.rstrip(",.!?;:").isalpha()
    return _SUSPECT if several else _ONE_NUMBER


def has_other_letters(text: str) -> bool:
    """Whether there are letters in it that are not Latin."""
    return not text.isascii() and any(c.isalpha() and "LATIN" not in unicodedata.name(c, "") for c in text)


def holds_something_personal(text: str) -> bool:
    """Whether `deidentify` would change more of the text than its spaces."""
    return deidentify(text) != " ".join(unicodedata.normalize("NFKC", text).split())


def _instead(kind: str, found: re.Match[str]) -> str:
    """ "afslaan" and "zijstraat" are no addresses: an ordinary word without a number."""
    words = found.group()
    return words if kind == "adres" and plain(words) in ordinary_words() else f"[{kind}]"


def _without_names(text: str) -> str:
    """Known names; words in capitals inside a sentence that are no ordinary words; what comes after "ik heet" and the
    like; and with each of them the words of the name that follow."""
    parts: list[str] = []
    end, after_name = 0, False
    pending = ""  # "van der", of which it is not sure yet that it is part of a name
    if _has_no_name(text):
        return text
    after_naming = {naming.end() for naming in _NAMING.finditer(text)}
    has_placeholders = "[" in text
    for found in _WORD.finditer(text):
        start = found.start()
        if has_placeholders and text.count("[", 0, start) > text.count("]", 0, start):
            continue  # inside a placeholder of ours
        word, gap = found.group(), text[end:start]
        goes_on = after_name and not gap.strip()
        if goes_on and plain(word) in _BETWEEN:
            pending += gap + word
            end = found.end()
            continue
        if _is_name(word, text, start, is_named=start in after_naming, goes_on=goes_on):
            if not goes_on:
                parts.append(gap + "[naam]")
            after_name = True
        else:
            parts.append(pending + gap + word)
            after_name = False
        pending, end = "", found.end()
    return "".join(parts) + pending + text[end:]


def _has_no_name(text: str) -> bool:
    """Whether that is plain without a look at each word: small letters but for the first, and none of the names."""
    if not text.isascii() or "[" in text or not text[1:].islower() or _NAMING.search(text):
        return False
    return _telling_names().isdisjoint(map(plain, _WORD.findall(text)))


def _is_name(word: str, text: str, start: int, *, is_named: bool, goes_on: bool) -> bool:
    folded = plain(word)
    if folded in _NOT_NAMES or len(folded) < 2:
        return False
    if is_named:
        return folded not in _common() or (folded in _names() and word[0].isupper())
    is_capital = word[0].isupper() and not word.isupper()
    if is_capital and (goes_on or not _starts(text[:start].rstrip())):
        return (folded in _names() and folded not in _everyday()) or folded not in ordinary_words()
    if folded in _names():
        return folded not in _common()
    return goes_on and folded not in ordinary_words()


def _starts(before: str) -> bool:
    """Whether a sentence begins after this."""
    return not before or before[-1] in ".!?:"


@cache
def _names() -> frozenset[str]:
    """First and last names as people in the Netherlands have them, folded: the lists of the package deduce."""
    found = find_spec("deduce")
    assert found is not None
    assert found.origin is not None
    lists = Path(found.origin).parent / "data" / "lookup" / "src" / "names"
    lines = [
        line
        for each in ("lst_first_name", "lst_surname")
        for line in (lists / each / "items.txt").read_text(encoding="utf-8").splitlines()
    ]
    return _MORE_NAMES | {plain(line.strip()) for line in lines if len(line.strip()) > 1}


@cache
def _telling_names() -> frozenset[str]:
    """Names that are no words as well."""
    return _names() - _common()


@cache
def _common() -> frozenset[str]:
    """Words in small letters in our own sentences: there they are no names."""
    return frozenset(_in_small_letters())


@cache
def _everyday() -> frozenset[str]:
    """The same, for words that are there more than now and then."""
    return frozenset(word for word, times in _in_small_letters().items() if times > 4)


@cache
def _in_small_letters() -> Counter[str]:
    said = (word for each in read_examples(DATA) for word in re.findall(r"[^\W\d_]+", each.text))
    return Counter(plain(word) for word in said if word.islower())
