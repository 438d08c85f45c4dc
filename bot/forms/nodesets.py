"""Compiles references to nodes of a form: one value, all values, or the places of all of them.

Theory of operation. A form's definition has a node once ("child/age"); a person's answers have it once per instance
("child[2]/age"). A reference is taken from where its expression stands: repeats that both lie in mean the instance
the expression is in, all other repeats mean every instance. As in ODK's engine, nodes that are not relevant are in no
set, and where one value is wanted the first of a set counts.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.forms.syntax import Tree
from bot.forms.values import Value, to_number, to_truth


class World(Protocol):
    """A form with one person's answers. Paths carry instance numbers from one."""

    def read(self, path: str) -> str:
        """What the node at `path` reads as; empty when it has no answer or is not relevant."""
        ...

    def kept(self, path: str) -> str:
        """What was stored at `path` before, whatever is calculated now."""
        ...

    def count(self, repeat: str) -> int:
        """How many instances the repeat has; `repeat` carries the numbers of those around it only."""
        ...

    def is_there(self, path: str) -> bool:
        """Whether the node or instance exists and is relevant."""
        ...

    def items(self, name: str) -> Sequence[Mapping[str, str]]:
        """The rows of a list of the form."""
        ...

    def choice_label(self, path: str, value: str) -> str: ...

    def token(self, place: str) -> str:
        """32 hexadecimal digits by chance, always the same for one place of one response."""
        ...

    @property
    def version(self) -> str: ...


class Scope(Protocol):
    """Where an expression is evaluated. `at` holds the instance numbers of the repeats around it; inside a predicate
    `position` counts what is tried, `item` is the row that is tried, `origin` the scope outside all predicates."""

    @property
    def at(self) -> tuple[int, ...]: ...
    @property
    def local(self) -> datetime:
        """The present moment in Europe/Amsterdam."""
        ...

    @property
    def world(self) -> World: ...
    @property
    def position(self) -> int: ...
    @property
    def item(self) -> Mapping[str, str] | None: ...
    @property
    def origin(self) -> "Scope": ...
    def read(self, path: str) -> str: ...


class Frame:
    """A scope inside a repeat or a predicate."""

    __slots__ = ("_origin", "at", "item", "local", "position", "world")

    def __init__(
        self,
        outside: Scope,
        at: tuple[int, ...],
        *,
        position: int = 0,
        item: Mapping[str, str] | None = None,
        origin: Scope | None = None,
    ) -> None:
        self.world, self.local, self.at = outside.world, outside.local, at
        self.position, self.item, self._origin = position, item, origin

    @property
    def origin(self) -> Scope:
        return self if self._origin is None else self._origin

    def read(self, path: str) -> str:
        return self.world.read(path)


Compiled = Callable[[Scope], Value]
Compile = Callable[[Tree, str], Compiled]
Places = Callable[[Scope], list[str]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What references depend on: the paths of all repeats, and of the nodes that hold numbers."""

    repeats: frozenset[str] = field(default_factory=frozenset)
    numbers: frozenset[str] = field(default_factory=frozenset)

    def around(self, path: str) -> list[str]:
        """The repeats on the way to `path`, itself included, the outermost first."""
        if not self.repeats:
            return []
        parts = path.split("/")
        ways = ["/".join(parts[: length + 1]) for length in range(len(parts))]
        return [way for way in ways if way in self.repeats]


PLAIN = Shape()


@dataclass(frozen=True, slots=True)
class Reference:
    """`one` is the value where one is wanted, `places` where all are; `typed` turns what a node reads as into its
    value."""

    one: Compiled
    places: Places
    typed: Callable[[str], Value]

    def all(self, scope: Scope) -> list[Value]:
        read = scope.world.read
        return [self.typed(read(place)) for place in self.places(scope)]


def _as_text(value: str) -> Value:
    return value


def _as_number(value: str) -> Value:
    return to_number(value) if value else value


def compile_reference(tree: Tree, own: str, shape: Shape, compile: Compile) -> Reference:
    """For a node, set or origin tree of an expression that stands on `own`."""
    steps = tree[1] if tree[0] == "set" else [[name] for name in tree[1].split("/")]
    path = "/".join(step[0] for step in steps)
    typed = _as_number if path in shape.numbers else _as_text
    if tree[0] != "set" and not shape.around(path):
        return _plain(path, typed)
    walk = _compile_walk(steps, own, shape, compile)
    if tree[0] == "origin":
        inner = walk
        walk = lambda scope: inner(scope.origin)  # noqa: E731 one of two walks with one name
    return Reference(lambda scope: _first(walk(scope), scope, typed), walk, typed)


def _plain(path: str, typed: Callable[[str], Value]) -> Reference:
    def places(scope: Scope) -> list[str]:
        return [path] if scope.world.is_there(path) else []

    if typed is _as_text:
        return Reference(lambda scope: scope.read(path), places, typed)
    return Reference(lambda scope: typed(scope.read(path)), places, typed)


def _first(places: list[str], scope: Scope, typed: Callable[[str], Value]) -> Value:
    return typed(scope.world.read(places[0])) if places else ""


Found = tuple[str, tuple[int, ...]]
"""An instance path and the instance numbers in it."""
Step = Callable[[Scope, list[Found]], list[Found]]


def _compile_walk(steps: Sequence[list[Any]], own: str, shape: Shape, compile: Compile) -> Places:
    own_parts, path, level, shared = own.split("/"), "", 0, True
    walk: list[Step] = []
    for number, (name, *predicates) in enumerate(steps):
        path = f"{path}/{name}" if path else name
        shared = shared and number < len(own_parts) and own_parts[number] == name
        if path not in shape.repeats:
            walk.append(_child(name))
        elif shared and not predicates:
            walk.append(_same_instance(name, level))
        else:
            walk.append(_every_instance(name))
        level += path in shape.repeats
        walk += [_only(compile(predicate, path)) for predicate in predicates]
    return lambda scope: _run(walk, scope)


def _run(walk: list[Step], scope: Scope) -> list[str]:
    found: list[Found] = [("", ())]
    for step in walk:
        found = step(scope, found)
    is_there = scope.world.is_there
    return [path for path, _ in found if is_there(path)]


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _child(name: str) -> Step:
    return lambda scope, found: [(_below(path, name), at) for path, at in found]


def _same_instance(name: str, level: int) -> Step:
    return lambda scope, found: [
        (f"{_below(path, name)}[{scope.at[level]}]", (*at, scope.at[level])) for path, at in found
    ]


def _every_instance(name: str) -> Step:
    def step(scope: Scope, found: list[Found]) -> list[Found]:
        count = scope.world.count
        return [
            (f"{below}[{number}]", (*at, number))
            for path, at in found
            for below in (_below(path, name),)
            for number in range(1, count(below) + 1)
        ]

    return step


def _only(predicate: Compiled) -> Step:
    def step(scope: Scope, found: list[Found]) -> list[Found]:
        return [
            each
            for position, each in enumerate(found, start=1)
            if holds(predicate(Frame(scope, each[1], position=position, origin=scope.origin)), position)
        ]

    return step


def holds(value: Value, position: int) -> bool:
    """A predicate that is a number asks for that position."""
    return value == position if isinstance(value, float) else to_truth(value)


def compile_lookup(tree: Tree, own: str, compile: Compile) -> Callable[[Scope], list[Mapping[str, str]]]:
    """The rows of a list that all predicates of a lookup tree hold for."""
    name, predicates = tree[1], [compile(each, own) for each in tree[2]]

    def rows(scope: Scope) -> list[Mapping[str, str]]:
        found = list(scope.world.items(name))
        for predicate in predicates:
            found = [
                item
                for position, item in enumerate(found, start=1)
                if holds(
                    predicate(Frame(scope, scope.at, position=position, item=item, origin=scope.origin)),
                    position,
                )
            ]
        return found

    return rows


def compile_indexed(arguments: list[Tree], shape: Shape, compile: Callable[[Tree], Compiled]) -> Compiled:
    """indexed-repeat(node, repeat, number, ...): that node in those instances; empty where there is none."""
    path = arguments[0][1]
    numbers = {
        tree[1]: compile(number) for tree, number in zip(arguments[1::2], arguments[2::2], strict=True)
    }
    typed = _as_number if path in shape.numbers else _as_text
    around = shape.around(path)

    def read(scope: Scope) -> Value:
        place, done = "", ""
        for level, repeat in enumerate(around):
            place += repeat[len(done) :]
            number = to_number(numbers[repeat](scope)) if repeat in numbers else _own_number(scope, level)
            if math.isnan(number) or not 1 <= number <= scope.world.count(place):
                return ""
            place, done = f"{place}[{int(number)}]", repeat
        return typed(scope.world.read(place + path[len(done) :]))

    return read


def _own_number(scope: Scope, level: int) -> float:
    return float(scope.at[level]) if level < len(scope.at) else 1.0


def compile_place(own: str, shape: Shape) -> Callable[[Scope], str]:
    """The instance path of the node that an expression stands on."""
    around = shape.around(own)
    if not around:
        return lambda scope: own
    return lambda scope: place_of(own, around, scope.origin.at)


def place_of(path: str, around: Sequence[str], at: Sequence[int]) -> str:
    """The instance path of `path`, with the numbers `at` for the repeats `around` it; ("a/b", ["a"], [2]) is "a[2]/b"."""
    place, done = "", ""
    for repeat, number in zip(around, at, strict=False):
        place, done = f"{place}{repeat[len(done) :]}[{number}]", repeat
    return place + path[len(done) :]
