"""No expression of the rules can take time that grows out of hand with the text: none has an endless repeat inside an
endless repeat, where a text can be cut up in endlessly many ways."""

import importlib
import pkgutil
import re
import re._constants as parts
import re._parser as parser
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

import nlu.rules
from domain.understanding import Expected, ExpectedKind
from nlu.rules import phrases
from nlu.rules.safety import signals_in
from nlu.understand import understand

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
ENDLESS = 100
"""Repeats: what may come no oftener cannot explode."""


def expressions() -> Iterator[re.Pattern[str]]:
    """Every expression that stands in a module of the rules or in their tables."""
    for found in pkgutil.iter_modules(nlu.rules.__path__):
        module = importlib.import_module(f"nlu.rules.{found.name}")
        yield from patterns_in(vars(module).values())
    for name in ("commands", "social", "grades"):
        yield from (pattern for _, pattern in phrases.load_phrases(name).patterns)


def patterns_in(values: object) -> Iterator[re.Pattern[str]]:
    for value in values if isinstance(values, (list, tuple)) else list(values):  # type: ignore[call-overload]  # a parsed expression has no types
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from patterns_in(value)


def explodes(expression: str) -> bool:
    return _has_endless_in_endless(parser.parse(expression), inside=False)


def _has_endless_in_endless(tree: object, *, inside: bool) -> bool:
    for operator, argument in tree:  # type: ignore[attr-defined]  # a parsed expression has no types
        if operator in (parts.MAX_REPEAT, parts.MIN_REPEAT):
            _, most, body = argument
            endless = most is parts.MAXREPEAT or most >= ENDLESS
            # A word of one kind of letter with a fixed end after each ("(?:[a-z]+ )*") has one way to be cut up.
            if endless and inside:
                return True
            ends_fixed = len(body) > 0 and body[len(body) - 1][0] in (parts.LITERAL,)
            if _has_endless_in_endless(body, inside=(inside or endless) and not ends_fixed):
                return True
        elif operator is parts.SUBPATTERN:
            if _has_endless_in_endless(argument[3], inside=inside):
                return True
        elif operator is parts.BRANCH:
            if any(_has_endless_in_endless(each, inside=inside) for each in argument[1]):
                return True
        elif operator in (parts.ASSERT, parts.ASSERT_NOT) and _has_endless_in_endless(
            argument[1], inside=inside
        ):
            return True
    return False


@pytest.mark.parametrize("expression", [r"(a+)+b", r"(?:\w*x?)*", r"(a|b+)*c"])
def test_what_explodes_is_seen(expression: str) -> None:
    assert explodes(expression)


def test_no_expression_explodes() -> None:
    found = {each.pattern for each in expressions()}

    assert len(found) > 250
    assert {each for each in found if explodes(each)} == set()


WORDS = "ik wil niet meer dood hij slaat me mijn man kind brand mes pillen gas help na zeven uur dinsdag en of 1 12-3 half"
LONG = [
    "a" * 10_000,
    "a*" * 5_000,
    "1" * 10_000,
    "1-2-" * 2_500,
    "ﷺ" * 4_000,
    "é" * 10_000,
    "😀" * 5_000,
    ". " * 5_000,
    "sj" * 30 + " " + "oeieaoaasjzj" * 5 + " neet " * 800,
    " ".join(WORDS.split()[number * 7 % 29 % len(WORDS.split())] for number in range(2_000)),
    "ikwildoodgaanenhijslaatmemetbrand" * 300,
    "hij slaat me niet " * 600,
    "\u200d" * 10_000,
    "\ud800" * 1_000,
]


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_long_texts_of_one_kind_end(text: str) -> None:
    """One that hangs is ended by whoever runs the tests: no test measures time."""
    signals_in(text)
    for kind in ExpectedKind:
        understand(text[:5_000], Expected(kind), now=NOW)
