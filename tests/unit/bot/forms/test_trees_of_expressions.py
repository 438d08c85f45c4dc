"""The tree of each kind of expression, what it looks at, and what it gives from rows of a list."""

import pytest

from bot.forms.expressions import compile_tree
from bot.forms.syntax import ExpressionError, Tree, lists_in, nodes_in, parse
from bot.forms.trees import calls_in
from bot.forms.values import to_text
from tests.unit.bot.forms.test_expressions import Nodes

CHILD = ["set", [["child", ["=", ["call", "position"], ["number", 1.0]], [">", ["node", "child/age"], ["node", "lim"]]], ["age"]]]  # fmt: skip # read as one tree


def tree_of(text: str) -> Tree:
    return parse(text, "g/x", "data")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("current()", ["node", "g/x"]),
        ("current()/../y", ["node", "g/y"]),
        ("/data/a/b", ["node", "a/b"]),
        ("current", ["node", "g/x/current"]),
        ("not(../y)", ["call", "not", ["node", "g/y"]]),
        ("position(..)", ["call", "position", ["node", "g"]]),
        ("string()", ["call", "string", ["node", "g/x"]]),
        ("1 - -2", ["-", ["number", 1.0], ["minus", ["number", 2.0]]]),
        ("1 or 2 and 3", ["or", ["number", 1.0], ["and", ["number", 2.0], ["number", 3.0]]]),
        ("1 div mod", ["div", ["number", 1.0], ["node", "g/x/mod"]]),
        ("2 * mod", ["*", ["number", 2.0], ["node", "g/x/mod"]]),
        ("'(' * 2", ["*", ["text", "("], ["number", 2.0]]),
        ("../a[b = 1]/c + ../d",
         ["+", ["set", [["g"], ["a", ["=", ["node", "g/a/b"], ["number", 1.0]]], ["c"]]], ["node", "g/d"]]),
        ("concat(1 or 2, 'a')", ["call", "concat", ["or", ["number", 1.0], ["number", 2.0]], ["text", "a"]]),
        ("../child[age > current()/../z]/name",
         ["set", [["g"], ["child", [">", ["node", "g/child/age"], ["origin", "g/z"]]], ["name"]]]),
        ("sum(/data/child[position() = 1][age > /data/lim]/age)", ["call", "sum", CHILD]),
        ("sum(/data/child[name = ../other[age = 1]/name][age = 2])",
         ["call", "sum", ["set", [["child",
            ["=", ["node", "child/name"], ["set", [["other", ["=", ["node", "other/age"], ["number", 1.0]]], ["name"]]]],
            ["=", ["node", "child/age"], ["number", 2.0]]]]]]),
        ("instance('l')/root/item[position() = 2]", ["lookup", "l", [["=", ["call", "position"], ["number", 2.0]]], ""]),
        ("instance('l')/root/item[name = current()/../y][./rank = /data/a]/label",
         ["lookup", "l",
          [["=", ["field", "name"], ["origin", "g/y"]], ["=", ["field", "rank"], ["node", "a"]]], "label"]),
        ("jr:choice-name(../y, '../y')", ["call", "jr:choice-name", ["node", "g/y"], ["node", "g/y"]]),
    ],
)  # fmt: skip # read as rows of a table
def test_expression_has_this_tree(text: str, tree: Tree) -> None:
    assert tree_of(text) == tree


@pytest.mark.parametrize(
    ("text", "nodes", "lists", "calls"),
    [
        ("position(..) + ../y", {"g/y"}, set(), {"position"}),
        ("count(../y) + not(../z)", {"g/y", "g/z"}, set(), {"count", "not"}),
        ("sum(/data/child[position() = 1][age > /data/lim]/age)", {"child/age", "lim"}, set(), {"sum", "position"}),
        ("/data/child[name = pulldata('far', 'a', 'b', ../y)]/age", {"child/age", "child/name", "y"}, {"far"}, {"pulldata"}),
        ("instance('l')/root/item[name = ''][rank = current()/../y]/label", {"g/y"}, {"l"}, set()),
        ("instance('l')/root/item[name = instance('m')/root/item[rank = 1]/name]/label", set(), {"l", "m"}, set()),
        ("instance('l')/root/item[name = current()/../y]/label", {"g/y"}, {"l"}, set()),
        ("instance('l')/root/item/label", set(), {"l"}, set()),
        ("pulldata(../y, 'a', 'b', 'c')", {"g/y"}, set(), {"pulldata"}),
        ("pulldata('l', ../y, 'b', 'c')", {"g/y"}, {"l"}, {"pulldata"}),
        ("if(random() > 0.5, once(uuid()), 'a')", set(), set(), {"if", "random", "once", "uuid"}),
    ],
)  # fmt: skip # read as rows of a table
def test_expression_looks_at_these(text: str, nodes: set[str], lists: set[str], calls: set[str]) -> None:
    tree = tree_of(text)
    assert (nodes_in(tree), lists_in(tree), calls_in(tree)) == (nodes, lists, calls)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("count(/data/a | /data/b)", '"|" is not supported in an expression'),
        ("1 | 2", '"|" is not supported in an expression'),
        ("/data/a@b", '"@" is not supported in an expression'),
        ("/data/a[1]::b", '"::" is not supported in an expression'),
        ("1 + #a2345678901234567890", 'the expression "1 + #a2345678901234567890" cannot be read (unexpected \'#a234567890123456789\')'),
        ("/data/a//b", '"//" is not supported in an expression'),
        ("/data/a/@b", '"@" is not supported in an expression'),
        ("/data/a::b", '"a" is not supported in an expression'),
        ("$a", '"$" is not supported in an expression'),
        ("/data/a$b", '"$" is not supported in an expression'),
        ("/data/text()", '"text" is not supported in an expression'),
        ("/data/", '"/" is not supported in an expression'),
        ("* + 1", '"*" is not supported in an expression'),
        ("::a", '"::" is not supported in an expression'),
        ("| 1", '"|" is not supported in an expression'),
        (") + 1", "the expression \") + 1\" cannot be read (unexpected ')')"),
        ("jr:choice-name(../y, ../y)", "the second argument of jr:choice-name() is not a question between quotes"),
        ("jr:choice-name(../y, '1 + 1')", "the second argument of jr:choice-name() is not a question between quotes"),
        ("last()", "the function last() is not supported"),
    ],
)  # fmt: skip # read as rows of a table
def test_expression_that_cannot_be_read_is_refused_with_its_reason(text: str, rule: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        tree_of(text)
    assert (raised.value.rule, str(raised.value)) == (rule, rule)


ROWS = [{"name": "a", "label": "Een", "rank": "2"}, {"name": "b", "label": "Twee"}]


class Listed(Nodes):
    def items(self, name: str) -> list[dict[str, str]]:
        return ROWS if name == "l" else []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("instance('l')/root/item[position() = 2]/name", "b"),
        ("instance('l')/root/item[2]/name", "b"),
        ("instance('l')/root/item[name = 'b']/rank", ""),
        ("instance('l')/root/item[name = 'z']/rank", ""),
        ("instance('l')/root/item[rank = '']/name", "b"),
        ("concat('<', instance('l')/root/item/rank, '>')", "<2>"),
        ("pulldata('l', 'rank', 'name', 'a')", "2"),
        ("pulldata('l', 'rank', 'name', 'b')", ""),
        ("pulldata('l', 'rank', 'name', 'z')", ""),
        ("string-length(uuid(0))", "0"),
        ("string-length(uuid(1))", "1"),
        ("string-length(uuid(40))", "32"),
        ("string-length(uuid(1 div 0))", "32"),
        ("string-length(uuid(0 div 0))", "32"),
        ("position()", "1"),
    ],
)
def test_list_of_the_form_gives_this(text: str, value: str) -> None:
    assert to_text(compile_tree(tree_of(text), "g/x")(Listed())) == value
