"""Cuts the text of an XPath expression into tokens; how they belong together is left to syntax."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<name>[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)"
    r"|(?P<mark>\.\.|::|//|!=|<=|>=|[][()/@,|+\-=<>*.$]))"
)
_NAMED = frozenset({"and", "or", "div", "mod"})
_OPENS = frozenset({"", "(", "[", ",", "/", "//", "@", "::", "|", "+", "-", "=", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is text, number, name, mark or operator (a word such as "and", or a multiplying "*")."""

    kind: str
    text: str


def cut(expression: str) -> list[Token]:
    """Raises ValueError with the part that is not XPath."""
    tokens: list[Token] = []
    place, end = 0, len(expression.rstrip())
    while place < end:
        found = _TOKEN.match(expression, place)
        if found is None:
            raise ValueError(expression[place:].strip())
        kind = found.lastgroup or ""
        tokens.append(_classed(kind, found[kind], tokens))
        place = found.end()
    return tokens


def _classed(kind: str, text: str, before: list[Token]) -> Token:
    """XPath 1.0: after something that can end an expression, "*" multiplies and "div" divides."""
    ended = bool(before) and before[-1].kind != "operator" and before[-1].text not in _OPENS
    if ended and (text == "*" or (kind == "name" and text in _NAMED)):
        return Token("operator", text)
    return Token(kind, text)
