"""Turns the text of an XPath expression into a small tree of lists; what the tree means is left to expressions.

Theory of operation. The tree is plain JSON, so that a form can be kept with its expressions already parsed. Every
reference to a node is resolved here, to a path from the form's root without instance numbers ("child/age"); which
instances are meant is worked out when the expression is evaluated, from where it stands. Inside a predicate "." and
relative paths start at the node that is tried, current() at the node the expression stands on; inside a predicate on
a list of the form they name a column of the list.
"""

from typing import Any

from bot.forms.functions import FUNCTIONS, ON_ITSELF
from bot.forms.lexing import Token, cut

Tree = list[Any]
"""["text", str] | ["number", float] | ["node", path] | ["origin", path] (from current() inside a predicate) |
["set", [[name, *predicates], ...]] | ["lookup", list, predicates, column] | ["field", column] |
["call", name, *trees] | [operator, tree, tree] | ["minus", tree]"""

OPERATORS = frozenset({"or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"})
_LEVELS = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)
_NONE = Token("end", "")


class ExpressionError(ValueError):
    """An expression that cannot be used; the message says which rule it breaks."""

    def __init__(self, rule: str, fix: str) -> None:
        super().__init__(rule)
        self.rule, self.fix = rule, fix


def parse(text: str, context: str, root: str) -> Tree:
    """The tree of `text`, an expression on the node at `context` in a form whose root node is called `root`.

    Raises ExpressionError for what is not XPath 1.0 or not supported.
    """
    return _Reader(text, context, root).whole()


def _unsupported(what: str) -> ExpressionError:
    return ExpressionError(
        f'"{what}" is not supported in an expression',
        "Point at a question with ${name}; wildcards, attributes, axes and unions cannot be used",
    )


class _Reader:
    """One expression while it is read. `base` is what relative paths start from: the names from the root, or None
    inside a predicate on a list."""

    def __init__(self, text: str, context: str, root: str) -> None:
        self.text, self.context, self.root = text, context, root
        self.own = context.split("/") if context else []
        self.base: list[str] | None = self.own
        self.place = 0
        try:
            self.tokens = cut(text)
        except ValueError as error:
            raise self.unreadable(f"unexpected {str(error)[:20]!r}") from error

    def unreadable(self, reason: str) -> ExpressionError:
        return ExpressionError(
            f'the expression "{self.text.strip()}" cannot be read ({reason})',
            "Check its brackets, quotes and operators",
        )

    @property
    def now(self) -> Token:
        return self.tokens[self.place] if self.place < len(self.tokens) else _NONE

    @property
    def following(self) -> str:
        return self.tokens[self.place + 1].text if self.place + 1 < len(self.tokens) else ""

    def take(self) -> Token:
        token = self.now
        self.place += 1
        return token

    def skip(self, mark: str) -> bool:
        """Goes past `mark` when it is next."""
        found = self.now.kind == "mark" and self.now.text == mark
        self.place += found
        return found

    def demand(self, mark: str) -> None:
        if not self.skip(mark):
            raise self.unreadable(f"{mark!r} is missing")

    def whole(self) -> Tree:
        if not self.tokens:
            raise self.unreadable("it is empty")
        tree = self.operation(0)
        if self.now is not _NONE:
            raise (
                _unsupported("|")
                if self.now.text == "|"
                else self.unreadable(f"unexpected {self.now.text!r}")
            )
        return tree

    def operation(self, level: int) -> Tree:
        if level == len(_LEVELS):
            return self.unary()
        tree = self.operation(level + 1)
        while self.now.kind in ("mark", "operator") and self.now.text in _LEVELS[level]:
            symbol = self.take().text
            tree = [symbol, tree, self.operation(level + 1)]
        return tree

    def unary(self) -> Tree:
        if self.skip("-"):
            return ["minus", self.unary()]
        return self.single()

    def single(self) -> Tree:
        token = self.now
        if token.kind == "text":
            self.place += 1
            return ["text", token.text[1:-1]]
        if token.kind == "number":
            self.place += 1
            return ["number", float(token.text)]
        if token.kind == "name" and self.following == "(" and token.text not in ("current", "instance"):
            return self.call()
        if self.skip("("):
            tree = self.operation(0)
            self.demand(")")
            if self.now.text in ("/", "["):
                raise _unsupported(")" + self.now.text)
            return tree
        return self.reference()

    def call(self) -> Tree:
        name = self.take().text
        if name not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            raise ExpressionError(f"the function {name}() is not supported", f"Use one of: {known}")
        arguments = self.arguments()
        least, most = FUNCTIONS[name]
        if len(arguments) < least or (most is not None and len(arguments) > most):
            raise ExpressionError(
                f"{name}() has {len(arguments)} arguments", f"Give it {_arguments(least, most)}"
            )
        if not arguments and name in ON_ITSELF:
            arguments = [["node", self.context]]
        if name == "jr:choice-name":
            arguments[1] = self.quoted_node(arguments[1])
        return ["call", name, *arguments]

    def arguments(self) -> list[Tree]:
        self.demand("(")
        found: list[Tree] = []
        while not self.skip(")"):
            if found:
                self.demand(",")
            found.append(self.operation(0))
        return found

    def quoted_node(self, tree: Tree) -> Tree:
        """The second argument of jr:choice-name() is a path between quotes."""
        inner = _Reader(tree[1], self.context, self.root).whole() if tree[0] == "text" else tree
        if inner[0] != "node" or tree[0] != "text":
            raise ExpressionError(
                "the second argument of jr:choice-name() is not a question between quotes",
                "Write jr:choice-name(${name}, '${name}')",
            )
        return inner

    def reference(self) -> Tree:
        """A path to nodes of the form, or into one of its lists."""
        token = self.now
        if token.kind == "name" and token.text == "instance" and self.following == "(":
            return self.lookup()
        steps, kind = self.start()
        if steps is None:
            return self.field()
        if kind == "relative":
            self.step(steps)
        while self.skip("/"):
            self.step(steps)
        if self.now.text in ("//", "@", "|", "::", "$"):
            raise _unsupported(self.now.text)
        if any(len(step) > 1 for step in steps):
            return ["set", steps]
        return ["origin" if kind == "origin" else "node", "/".join(step[0] for step in steps)]

    def start(self) -> tuple[list[Tree] | None, str]:
        """The steps that a path starts from (None: a column of a list), and its kind."""
        token = self.now
        if token.text == "current" and self.following == "(":
            self.take()
            self.demand("(")
            self.demand(")")
            return [[name] for name in self.own], "origin" if self.base is not self.own else "absolute"
        if token.kind == "mark" and token.text == "/":
            self.take()
            if self.take().text != self.root:
                raise ExpressionError(
                    f'"{self.text.strip()}" has a path that does not start at the form\'s root',
                    f"Begin with /{self.root} or use ${{name}}",
                )
            return [], "absolute"
        if token.kind != "name" and not (token.kind == "mark" and token.text in (".", "..")):
            raise self.misplaced(token)
        if self.base is None:
            return None, ""
        return [[name] for name in self.base], "relative"

    def misplaced(self, token: Token) -> ExpressionError:
        if token is _NONE:
            return self.unreadable("something is missing at the end")
        if token.text in ("*", "@", "$", "//", "|", "::"):
            return _unsupported(token.text)
        return self.unreadable(f"unexpected {token.text!r}")

    def step(self, steps: list[Tree]) -> None:
        """One step further: a name with its predicates, "." or ".."."""
        token = self.take()
        if token.kind == "mark" and token.text == ".":
            return
        if token.kind == "mark" and token.text == "..":
            if not steps or len(steps[-1]) > 1:
                raise _unsupported("..")
            steps.pop()
            return
        if token.kind != "name" or self.now.text in ("::", "("):
            raise _unsupported(token.text or "/")
        found: Tree = [token.text]
        steps.append(found)
        found += self.predicates([step[0] for step in steps])

    def predicates(self, base: list[str] | None) -> list[Tree]:
        found = []
        while self.skip("["):
            outside, self.base = self.base, base
            found.append(self.operation(0))
            self.base = outside
            self.demand("]")
        return found

    def field(self) -> Tree:
        """A column of the list whose rows are tried."""
        if self.skip("."):
            self.demand("/")
        token = self.take()
        if token.kind != "name":
            raise _unsupported(token.text)
        return ["field", token.text]

    def lookup(self) -> Tree:
        self.take()
        self.demand("(")
        named = self.take()
        self.demand(")")
        if named.kind != "text":
            raise _unsupported("instance()")
        for name in ("root", "item"):
            self.demand("/")
            if self.take().text != name:
                raise ExpressionError(
                    f"a path into {named.text} does not go through root and item",
                    "Use instance('list')/root/item[...]/column",
                )
        predicates = self.predicates(None)
        column = self.take().text if self.skip("/") else ""
        return ["lookup", named.text[1:-1], predicates, column]


def _arguments(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} or {most}"


def nodes_in(tree: Tree) -> set[str]:
    """The paths of every node whose value `tree` reads; asking for a position reads none."""
    if tree[0] in ("node", "origin"):
        return {tree[1]}
    if tree[0] == "call" and tree[1] == "position":
        return set()
    if tree[0] == "set":
        named = {"/".join(step[0] for step in tree[1])}
        return named.union(*(nodes_in(each) for step in tree[1] for each in step[1:]))
    if tree[0] == "lookup":
        return set[str]().union(*(nodes_in(each) for each in tree[2]))
    return {path for part in tree[1:] if isinstance(part, list) for path in nodes_in(part)}


def lists_in(tree: Tree) -> set[str]:
    """The lists of the form that `tree` looks into."""
    own = {tree[1]} if tree[0] == "lookup" else set()
    if tree[:2] == ["call", "pulldata"] and tree[2][0] == "text":
        own = {tree[2][1]}
    return own.union(*(lists_in(part) for part in parts_of(tree)))


def parts_of(tree: Tree) -> list[Tree]:
    """The trees directly inside a tree: arguments, operands, and predicates."""
    if tree[0] == "set":
        return [each for step in tree[1] for each in step[1:]]
    return list(tree[2]) if tree[0] == "lookup" else [part for part in tree[1:] if isinstance(part, list)]
