"""Compiles an expression's tree into plain Python functions with OpenRosa's meaning; reading the text is left to syntax.

A compiled expression is called with the scope it is evaluated in and gives a Value. The scope says where we are and
what a node reads as at this moment (bot.forms.nodesets), and nothing else is known here of forms or answers.
"""

import math
import re
from collections.abc import Callable
from functools import cache

from bot.forms.calling import PLAIN_FUNCTIONS
from bot.forms.nodesets import (
    PLAIN,
    Compiled,
    Reference,
    Scope,
    Shape,
    compile_indexed,
    compile_lookup,
    compile_place,
    compile_reference,
)
from bot.forms.syntax import ExpressionError, Tree
from bot.forms.values import Value, is_equal, to_number, to_text, to_truth

Many = Callable[[Scope], list[Value]]


def compile_tree(tree: Tree, own: str, shape: Shape = PLAIN) -> Compiled:
    """The function for `tree`, an expression on the node at `own`. Raises ExpressionError for a wrong pattern."""
    return _Compiler(own, own, shape).one(tree)


class _Compiler:
    """`own` is what paths are taken from: the node the expression stands on, or what a predicate tries."""

    def __init__(self, own: str, origin: str, shape: Shape) -> None:
        self.own, self.origin, self.shape = own, origin, shape

    def one(self, tree: Tree) -> Compiled:
        kind = tree[0]
        if kind in ("text", "number"):
            value = tree[1]
            return lambda scope: value
        if kind in ("node", "set", "origin"):
            return self.reference(tree).one
        if kind == "minus":
            inner = self.one(tree[1])
            return lambda scope: -to_number(inner(scope))
        if kind == "call":
            return self.call(tree[1], tree[2:])
        if kind == "lookup":
            rows, column = compile_lookup(tree, self.own, self.below), tree[3]
            return lambda scope: next((row.get(column, "") for row in rows(scope)), "")
        if kind == "field":
            column = tree[1]
            return lambda scope: (scope.item or {}).get(column, "")
        return _operator(kind, self.one(tree[1]), self.one(tree[2]))

    def reference(self, tree: Tree) -> Reference:
        own = self.origin if tree[0] == "origin" else self.own
        return compile_reference(tree, own, self.shape, self.below)

    def below(self, tree: Tree, path: str) -> Compiled:
        """A predicate on the node at `path`."""
        return _Compiler(path, self.origin, self.shape).one(tree)

    def many(self, tree: Tree) -> Many:
        """Every value, for the functions that take sets."""
        if tree[0] in ("node", "set", "origin"):
            return self.reference(tree).all
        if tree[0] == "lookup":
            rows, column = compile_lookup(tree, self.own, self.below), tree[3]
            return lambda scope: [row.get(column, "") for row in rows(scope)]
        one = self.one(tree)
        return lambda scope: [one(scope)]

    def call(self, name: str, arguments: list[Tree]) -> Compiled:
        special = getattr(self, f"call_{name.replace('-', '_').replace(':', '_')}", None)
        if special is not None:
            compiled: Compiled = special(arguments)
            return compiled
        if name in _ON_SETS:
            return self.on_sets(PLAIN_FUNCTIONS[name], arguments)
        function = PLAIN_FUNCTIONS[name]
        parts = [self.one(argument) for argument in arguments]
        return lambda scope: function(*[part(scope) for part in parts])

    def on_sets(self, function: Callable[..., Value], arguments: list[Tree]) -> Compiled:
        sets = [self.many(argument) for argument in arguments]
        return lambda scope: function(*[value for each in sets for value in each(scope)])

    def call_if(self, arguments: list[Tree]) -> Compiled:
        test, yes, no = (self.one(argument) for argument in arguments)
        return lambda scope: yes(scope) if to_truth(test(scope)) else no(scope)

    def call_coalesce(self, arguments: list[Tree]) -> Compiled:
        parts = [self.one(argument) for argument in arguments]
        return lambda scope: next((value for part in parts if not _is_null(value := part(scope))), "")

    def call_regex(self, arguments: list[Tree]) -> Compiled:
        text, pattern = self.one(arguments[0]), arguments[1]
        if pattern[0] == "text":
            try:
                whole = re.compile(pattern[1]).fullmatch
            except re.error as error:
                rule = f"the pattern of regex() cannot be read ({error})"
                raise ExpressionError(rule, "Mend the pattern") from error
            return lambda scope: whole(to_text(text(scope))) is not None
        worked_out = self.one(pattern)
        return lambda scope: _matches(to_text(worked_out(scope)), to_text(text(scope)))

    def call_once(self, arguments: list[Tree]) -> Compiled:
        place, first = compile_place(self.origin, self.shape), self.one(arguments[0])
        return lambda scope: scope.world.kept(place(scope)) or first(scope)

    def call_today(self, arguments: list[Tree]) -> Compiled:
        return lambda scope: scope.local.date().isoformat()

    def call_now(self, arguments: list[Tree]) -> Compiled:
        return lambda scope: scope.local.isoformat(timespec="milliseconds")

    def call_version(self, arguments: list[Tree]) -> Compiled:
        return lambda scope: scope.world.version

    def call_random(self, arguments: list[Tree]) -> Compiled:
        place = compile_place(self.origin, self.shape)
        return lambda scope: int(scope.world.token(f"{place(scope)}#random")[:13], 16) / 16.0**13

    def call_uuid(self, arguments: list[Tree]) -> Compiled:
        place = compile_place(self.origin, self.shape)
        if arguments:
            length = self.one(arguments[0])
            return lambda scope: scope.world.token(f"{place(scope)}#uuid")[: _size(length(scope))]
        return lambda scope: _as_uuid(scope.world.token(f"{place(scope)}#uuid"))

    def call_position(self, arguments: list[Tree]) -> Compiled:
        if not arguments:
            return lambda scope: float(scope.position or (scope.at[-1] if scope.at else 1))
        tree = arguments[0]
        if tree[0] == "set":
            places = self.reference(tree).places
            return lambda scope: next(map(_position_of, places(scope)), math.nan)
        level = len(self.shape.around(tree[1])) if tree[0] in ("node", "origin") else 0
        if not level:
            return lambda scope: 1.0
        if tree[0] == "origin":
            return lambda scope: _number_at(scope.origin.at, level)
        return lambda scope: _number_at(scope.at, level)

    def call_indexed_repeat(self, arguments: list[Tree]) -> Compiled:
        plain = arguments[0][0] == "node" and all(tree[0] == "node" for tree in arguments[1::2])
        around = self.shape.around(arguments[0][1]) if plain else []
        if len(arguments) % 2 == 0 or not plain or not {tree[1] for tree in arguments[1::2]} <= set(around):
            fix = "Write indexed-repeat(${name}, ${repeat}, number)"
            raise ExpressionError("indexed-repeat() does not name a question and the repeats around it", fix)
        return compile_indexed(arguments, self.shape, self.one)

    def call_jr_choice_name(self, arguments: list[Tree]) -> Compiled:
        value, place = self.one(arguments[0]), self.place(arguments[1])
        return lambda scope: scope.world.choice_label(place(scope), to_text(value(scope)))

    def place(self, tree: Tree) -> Callable[[Scope], str]:
        places, path = self.reference(tree).places, tree[1]
        return lambda scope: next(iter(places(scope)), path)

    def call_pulldata(self, arguments: list[Tree]) -> Compiled:
        name, column, key, value = (self.one(argument) for argument in arguments)

        def look_up(scope: Scope) -> Value:
            wanted, found, told = to_text(key(scope)), to_text(value(scope)), to_text(column(scope))
            rows = scope.world.items(to_text(name(scope)))
            return next((row.get(told, "") for row in rows if row.get(wanted) == found), "")

        return look_up


_ON_SETS = frozenset({
    "area", "checklist", "concat", "count", "count-non-empty", "distance", "enclosed-area", "join", "max", "min", "sum",
    "weighted-checklist",
})  # fmt: skip # read as one piece


def _position_of(place: str) -> float:
    """Of an instance ("child[2]") its number; whatever else there is, is there once."""
    return float(place[place.rindex("[") + 1 : -1]) if place.endswith("]") else 1.0


def _number_at(at: tuple[int, ...], level: int) -> float:
    """The number of the instance we are in; from outside the repeat the first of the set counts."""
    return float(at[level - 1]) if level <= len(at) else 1.0


def _is_null(value: Value) -> bool:
    return value == "" or (isinstance(value, float) and math.isnan(value))


def _as_uuid(token: str) -> str:
    """Version 4, by chance."""
    return f"{token[:8]}-{token[8:12]}-4{token[13:16]}-a{token[17:20]}-{token[20:]}"


def _size(value: Value) -> int | None:
    """None is everything."""
    number = to_number(value)
    return max(0, int(number)) if math.isfinite(number) else None


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    found = _pattern(pattern)
    return found is not None and found.fullmatch(text) is not None


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
