"""Turns the text of an XPath expression into a small tree of lists; what the tree means is left to expressions.

The tree is plain JSON, so that a form can be kept with its expressions already parsed: the XPath parser is heavy to
import and not needed then. Node references are resolved here, to paths from the form's root ("home/age").
"""

import re
from typing import Any

Tree = list[Any]
"""["text", str] | ["number", float] | ["node", path] | ["call", name, *trees] | [operator, tree, tree] | ["minus", tree]"""

FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "boolean": (1, 1),
    "ceiling": (1, 1),
    "coalesce": (1, None),
    "concat": (1, None),
    "contains": (2, 2),
    "count-non-empty": (1, None),
    "count-selected": (1, 1),
    "date": (1, 1),
    "ends-with": (2, 2),
    "false": (0, 0),
    "floor": (1, 1),
    "format-date": (2, 2),
    "if": (3, 3),
    "int": (1, 1),
    "max": (1, None),
    "min": (1, None),
    "normalize-space": (0, 1),
    "not": (1, 1),
    "now": (0, 0),
    "number": (0, 1),
    "once": (1, 1),
    "regex": (2, 2),
    "round": (1, 2),
    "selected": (2, 2),
    "selected-at": (2, 2),
    "starts-with": (2, 2),
    "string": (0, 1),
    "string-length": (0, 1),
    "substr": (2, 3),
    "sum": (1, None),
    "today": (0, 0),
    "true": (0, 0),
}
"""Every function an expression may call, with the least and the most arguments."""

OPERATORS = frozenset({"or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"})
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALL = re.compile(r"([A-Za-z_][\w.:-]*)\s*\(")
_CURRENT = re.compile(r"\bcurrent\s*\(\s*\)")
_ON_ITSELF = frozenset({"normalize-space", "number", "string", "string-length"})


class ExpressionError(ValueError):
    """An expression that cannot be used; the message says which rule it breaks."""

    def __init__(self, rule: str, fix: str) -> None:
        super().__init__(rule)
        self.rule, self.fix = rule, fix


def parse(text: str, context: str, root: str) -> Tree:
    """The tree of `text`, an expression on the node at `context` in a form whose root node is called `root`.

    Raises ExpressionError for what is not XPath 1.0 or not supported.
    """
    for name in _CALL.findall(_LITERAL.sub("''", text)):
        if name not in FUNCTIONS and name not in OPERATORS and name != "current":
            known = ", ".join(sorted(FUNCTIONS))
            raise ExpressionError(f"the function {name}() is not supported", f"Use one of: {known}")
    return _Reader(context, root).tree(_parse_tokens(text))


_parser: Any = None


def _parse_tokens(text: str) -> Any:
    from elementpath.exceptions import ElementPathError

    try:
        return _open_rosa_parser().parse(_without_current(text))
    except ElementPathError as error:
        reason = str(error).partition("] ")[2] or str(error)
        raise ExpressionError(
            f'the expression "{text.strip()}" cannot be read ({reason})',
            "Check its brackets, quotes and operators",
        ) from error


def _open_rosa_parser() -> Any:
    """The XPath 1.0 parser with the OpenRosa functions known by name. Imported on first use: it takes 0.2 s."""
    global _parser
    if _parser is None:
        from elementpath import XPath1Parser

        class OpenRosaParser(XPath1Parser):
            def parse(self, source: str) -> Any:
                """Without the evaluation that XPath1Parser tries: these functions have no meaning there."""
                return super(XPath1Parser, self).parse(source)

        for name in FUNCTIONS:
            OpenRosaParser.symbol_table.pop(name, None)
            OpenRosaParser.function(name, nargs=(0, None))
        OpenRosaParser.build()
        _parser = OpenRosaParser()
    return _parser


def _without_current(text: str) -> str:
    """Without predicates current() is the same as "."."""
    pieces = re.split(f"({_LITERAL.pattern})", text)
    return "".join(piece if place % 2 else _CURRENT.sub(".", piece) for place, piece in enumerate(pieces))


class _Reader:
    """Turns tokens into a tree, for one expression."""

    def __init__(self, context: str, root: str) -> None:
        self.context, self.root = context, root

    def tree(self, token: Any) -> Tree:
        symbol, items = token.symbol, list(token)
        if symbol == "(string)":
            return ["text", token.value]
        if symbol in ("(integer)", "(decimal)", "(float)"):
            return ["number", float(token.value)]
        if symbol in OPERATORS and len(items) == 2:
            return [symbol, self.tree(items[0]), self.tree(items[1])]
        if symbol == "-" and len(items) == 1:
            return ["minus", self.tree(items[0])]
        if symbol == "(" and len(items) == 1:
            return self.tree(items[0])
        if symbol in FUNCTIONS:
            return self.call(symbol, items)
        return ["node", "/".join(self.steps(token))]

    def call(self, name: str, items: list[Any]) -> Tree:
        least, most = FUNCTIONS[name]
        if len(items) < least or (most is not None and len(items) > most):
            raise ExpressionError(
                f"{name}() has {len(items)} arguments", f"Give it {_arguments(least, most)}"
            )
        arguments = [self.tree(item) for item in items]
        if not arguments and name in _ON_ITSELF:
            arguments = [["node", self.context]]
        return ["call", name, *arguments]

    def steps(self, token: Any) -> list[str]:
        """The names from the root to the node that `token` points at."""
        symbol, items = token.symbol, list(token)
        if symbol == ".":
            return self.context.split("/")
        if symbol == "..":
            return self.context.split("/")[:-1]
        if symbol == "(name)":
            return [*self.context.split("/"), token.value]
        if symbol == "/" and len(items) == 1:
            return self.from_root(items[0])
        if symbol == "/" and len(items) == 2:
            return self.below(self.steps(items[0]), items[1])
        raise ExpressionError(
            f'"{token.source}" is not supported in an expression',
            "Point at one question with ${name}; sets of nodes, predicates and axes cannot be used",
        )

    def from_root(self, token: Any) -> list[str]:
        if token.symbol == "(name)" and token.value == self.root:
            return []
        raise ExpressionError(
            f'"/{token.source}" does not start at the form\'s root',
            f"Begin with /{self.root} or use ${{name}}",
        )

    def below(self, base: list[str], token: Any) -> list[str]:
        if token.symbol == "(name)":
            return [*base, token.value]
        if token.symbol == "..":
            return base[:-1]
        if token.symbol == ".":
            return base
        raise ExpressionError(
            f'"{token.source}" is not supported in a path', "Point at one question with ${name}"
        )


def _arguments(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} or {most}"


def nodes_in(tree: Tree) -> set[str]:
    """The paths of every node that `tree` reads."""
    if tree[0] == "node":
        return {tree[1]}
    return {path for part in tree[1:] if isinstance(part, list) for path in nodes_in(part)}
