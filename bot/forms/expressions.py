"""Compiles an expression's tree into plain Python functions with OpenRosa's meaning; reading the text is left to syntax.

A compiled expression is called with the scope it is evaluated in and gives a Value. The scope says what a node
reads as at this moment, and nothing else is known here of forms or answers.
"""

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.forms.syntax import ExpressionError, Tree
from bot.forms.values import (
    Value,
    is_equal,
    to_date,
    to_moment,
    to_number,
    to_text,
    to_truth,
)


class Scope(Protocol):
    @property
    def local(self) -> datetime:
        """The present moment in Europe/Amsterdam."""
        ...

    def read(self, path: str) -> str:
        """What the node at `path` reads as; empty when it has no answer or is not relevant."""
        ...


Compiled = Callable[[Scope], Value]


def compile_tree(tree: Tree, own: str) -> Compiled:
    """The function for `tree`, an expression on the node at `own`. Raises ExpressionError for a wrong pattern."""
    kind = tree[0]
    if kind in ("text", "number"):
        return _constant(tree[1])
    if kind == "node":
        return _node(tree[1])
    if kind == "minus":
        inner = compile_tree(tree[1], own)
        return lambda scope: -to_number(inner(scope))
    if kind == "call":
        return _call(tree[1], tree[2:], own)
    return _operator(kind, compile_tree(tree[1], own), compile_tree(tree[2], own))


def _constant(value: Value) -> Compiled:
    return lambda scope: value


def _node(path: str) -> Compiled:
    return lambda scope: scope.read(path)


def _operator(symbol: str, left: Compiled, right: Compiled) -> Compiled:
    if symbol == "and":
        return lambda scope: to_truth(left(scope)) and to_truth(right(scope))
    if symbol == "or":
        return lambda scope: to_truth(left(scope)) or to_truth(right(scope))
    if symbol == "=":
        return lambda scope: is_equal(left(scope), right(scope))
    if symbol == "!=":
        return lambda scope: not is_equal(left(scope), right(scope))
    number = _ON_NUMBERS[symbol]
    return lambda scope: number(to_number(left(scope)), to_number(right(scope)))


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)


def _remain(left: float, right: float) -> float:
    return math.fmod(left, right) if right and math.isfinite(left) else math.nan


_ON_NUMBERS: dict[str, Callable[[float, float], Value]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": _divide,
    "mod": _remain,
}


def _call(name: str, arguments: list[Tree], own: str) -> Compiled:
    parts = [compile_tree(argument, own) for argument in arguments]
    if name == "if":
        test, yes, no = parts
        return lambda scope: yes(scope) if to_truth(test(scope)) else no(scope)
    if name == "regex":
        return _regex(parts[0], arguments[1])
    if name == "once":
        return lambda scope: scope.read(own) or parts[0](scope)
    if name == "today":
        return lambda scope: scope.local.date().isoformat()
    if name == "now":
        return lambda scope: scope.local.isoformat(timespec="seconds")
    function = _FUNCTIONS[name]
    return lambda scope: function(*[part(scope) for part in parts])


def _regex(text: Compiled, pattern: Tree) -> Compiled:
    if pattern[0] != "text":
        raise ExpressionError(
            "the pattern of regex() is not a plain text", "Write the pattern between quotes"
        )
    try:
        whole = re.compile(pattern[1]).fullmatch
    except re.error as error:
        raise ExpressionError(
            f"the pattern of regex() cannot be read ({error})", "Mend the pattern"
        ) from error
    return lambda scope: whole(to_text(text(scope))) is not None


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if to_text(value) != ""), "")


def _selected_at(names: Value, index: Value) -> Value:
    every, place = to_text(names).split(), to_number(index)
    return every[int(place)] if 0 <= place < len(every) else ""


def _substr(text: Value, start: Value, end: Value = math.inf) -> Value:
    """As in OpenRosa: zero-based, the end not included, negative counts from the end."""
    first, last, whole = to_number(start), to_number(end), to_text(text)
    if math.isnan(first) or math.isnan(last) or math.isinf(first):
        return ""
    return whole[int(first) :] if math.isinf(last) else whole[int(first) : int(last)]


def _whole(value: Value) -> Value:
    number = to_number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def _down(value: Value) -> Value:
    number = to_number(value)
    return float(math.floor(number)) if math.isfinite(number) else number


def _up(value: Value) -> Value:
    number = to_number(value)
    return float(math.ceil(number)) if math.isfinite(number) else number


def _round(value: Value, digits: Value = 0.0) -> Value:
    """Halves go up, as in XPath."""
    number, places = to_number(value), to_number(digits)
    if not math.isfinite(number) or not math.isfinite(places) or abs(places) > 15:
        return number
    factor = 10.0 ** int(places)
    return math.floor(number * factor + 0.5) / factor if math.isfinite(number * factor) else number


def _numbers(values: tuple[Value, ...]) -> list[float]:
    return [to_number(value) for value in values if to_text(value) != ""]


def _least(*values: Value) -> Value:
    return min(_numbers(values), default=math.nan)


def _most(*values: Value) -> Value:
    return max(_numbers(values), default=math.nan)


def _sum(*values: Value) -> Value:
    return sum(_numbers(values), 0.0)


_DATE_FIELDS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "n": lambda moment: str(moment.month),
    "d": lambda moment: f"{moment.day:02}",
    "e": lambda moment: str(moment.day),
    "H": lambda moment: f"{moment.hour:02}",
    "h": lambda moment: str(moment.hour),
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "%": lambda moment: "%",
}


def _format_date(value: Value, pattern: Value) -> Value:
    moment = to_moment(value)
    if moment is None:
        return ""
    return re.sub(r"%(.)", lambda found: _date_field(found, moment), to_text(pattern))


def _date_field(found: re.Match[str], moment: datetime) -> str:
    field = _DATE_FIELDS.get(found[1])
    return field(moment) if field else found[0]


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "boolean": to_truth,
    "ceiling": _up,
    "coalesce": _coalesce,
    "concat": lambda *values: "".join(map(to_text, values)),
    "contains": lambda text, part: to_text(part) in to_text(text),
    "count-non-empty": lambda *values: float(sum(to_text(value) != "" for value in values)),
    "count-selected": lambda names: float(len(to_text(names).split())),
    "date": to_date,
    "ends-with": lambda text, end: to_text(text).endswith(to_text(end)),
    "false": lambda: False,
    "floor": _down,
    "format-date": _format_date,
    "int": _whole,
    "max": _most,
    "min": _least,
    "normalize-space": lambda text: " ".join(to_text(text).split()),
    "not": lambda value: not to_truth(value),
    "number": to_number,
    "round": _round,
    "selected": lambda names, name: to_text(name) in to_text(names).split(),
    "selected-at": _selected_at,
    "starts-with": lambda text, start: to_text(text).startswith(to_text(start)),
    "string": to_text,
    "string-length": lambda text: float(len(to_text(text))),
    "substr": _substr,
    "sum": _sum,
    "true": lambda: True,
}
