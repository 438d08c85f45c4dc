"""What expressions mean: the values that OpenRosa gives them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.forms.expressions import compile_tree
from bot.forms.syntax import FUNCTIONS, ExpressionError, nodes_in, parse
from bot.forms.values import to_text

LATE = datetime(2026, 11, 23, 23, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Amsterdam"))


@dataclass
class Nodes:
    values: dict[str, str] = field(default_factory=dict)
    local: datetime = LATE
    at: tuple[int, ...] = ()
    position: int = 0
    item: dict[str, str] | None = None
    version: str = "7"

    @property
    def world(self) -> "Nodes":
        return self

    @property
    def origin(self) -> "Nodes":
        return self

    def read(self, path: str) -> str:
        return self.values.get(path, "")

    kept = read

    def count(self, repeat: str) -> int:
        return 0

    def is_there(self, path: str) -> bool:
        return path in self.values

    def items(self, name: str) -> list[dict[str, str]]:
        return [{"name": "a", "label": "Een", "rank": "2"}, {"name": "b", "label": "Twee", "rank": "1"}]

    def choice_label(self, path: str, value: str) -> str:
        return f"{path}:{value}"

    def token(self, place: str) -> str:
        return "0123456789abcdef" * 2


NODES = Nodes(
    {"g/x": "7", "g/y": "ja nee", "a": "10", "born": "2026-11-20", "when": "2026-11-20T06:00:00", "z": ""}
)


def evaluate(text: str) -> str:
    return to_text(compile_tree(parse(text, "g/x", "data"), "g/x")(NODES))


GIVES = [
    (".", "7"),
    ("../y", "ja nee"),
    ("../../a", "10"),
    ("/data/a", "10"),
    ("current()/../y", "ja nee"),
    ("current()", "7"),
    ("'current()'", "current()"),
    ('"it\'s"', "it's"),
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("7 div 2", "3.5"),
    ("-7 mod 3", "-1"),
    ("1 div 0", "Infinity"),
    ("0 div 0", "NaN"),
    ("5 mod 0", "NaN"),
    ("- .", "-7"),
    ("0.1 + 0.2", "0.30000000000000004"),
    ("1 div 10000000", "0.0000001"),
    (". < /data/a", "true"),
    (". = 7.0", "true"),
    (". = '7.0'", "false"),
    ("/data/z = ''", "true"),
    ("/data/z != 'yes'", "true"),
    ("/data/z < 1", "false"),
    ("/data/z + 1", "NaN"),
    ("/data/z = 0", "false"),
    ("true() = 'x'", "true"),
    ("not(/data/z)", "true"),
    ("not(.)", "false"),
    ("1 = 1 and 2 = 1 or 3 = 3", "true"),
    ("selected(../y, 'nee')", "true"),
    ("selected(../y, 'ne')", "false"),
    ("selected(/data/z, '')", "true"),
    ("selected-at(../y, 1)", "nee"),
    ("selected-at(../y, 2)", ""),
    ("count-selected(../y)", "2"),
    ("count-selected(/data/z)", "0"),
    ("count-non-empty(., /data/z, /data/a)", "2"),
    ("if(. > 5, 'big', 'small')", "big"),
    ("if('', 1, 2)", "2"),
    ("coalesce(/data/z, .)", "7"),
    ("coalesce(/data/z, '')", ""),
    ("string-length()", "1"),
    ("string-length(../y)", "6"),
    ("int('7.9')", "7"),
    ("int(-7.9)", "-7"),
    ("number('x')", "NaN"),
    ("number('1e3')", "NaN"),
    ("number(true())", "1"),
    ("string(1.50)", "1.5"),
    ("string(2.0)", "2"),
    ("boolean(0)", "false"),
    ("boolean('0')", "true"),
    ("concat('a', 1, true())", "a1true"),
    ("contains('abc', 'b')", "true"),
    ("starts-with('abc', 'b')", "false"),
    ("ends-with('abc', 'bc')", "true"),
    ("substr('abcd', 1)", "bcd"),
    ("substr('abcd', 1, 3)", "bc"),
    ("substr('abcd', -2)", "cd"),
    ("substr('abcd', 'x')", ""),
    ("substr('abcd', 1, 'x')", ""),
    ("normalize-space(' a  b ')", "a b"),
    ("regex(/data/a, '[0-9]+')", "true"),
    ("regex(../y, 'ja')", "false"),
    ("round(2.5)", "3"),
    ("round(-2.5)", "-2"),
    ("round(2.345, 2)", "2.35"),
    ("round(1234, -2)", "1200"),
    ("round('x')", "NaN"),
    ("round(1 div 0)", "Infinity"),
    ("floor(-1.5)", "-2"),
    ("ceiling(1.2)", "2"),
    ("min(3, ., /data/z)", "3"),
    ("max(3, ., /data/z)", "7"),
    ("max(/data/z)", "NaN"),
    ("sum(., /data/a, /data/z)", "17"),
    ("once('new')", "7"),
    ("today()", "2026-11-24"),
    ("now()", "2026-11-24T00:30:00.000+01:00"),
    ("today() - /data/born", "4"),
    ("/data/born < today()", "true"),
    ("date('1970-01-11') + 1", "11"),
    ("date(10)", "1970-01-11"),
    ("date(today() + 7)", "2026-12-01"),
    ("date('nonsense')", ""),
    ("number(/data/when) - number(/data/born)", "0.25"),
    ("format-date(/data/born, '%d-%m-%Y %e/%n %y')", "20-11-2026 20/11 26"),
    ("format-date(/data/when, '%H:%M:%S %h 100%% %q')", "06:00:00 6 100% %q"),
    ("format-date('', '%Y')", ""),
    ("int((today() - date('2000-02-29')) div 365.25)", "26"),
    ("1 = 2 = 0", "true"),
    ("count(/data/a)", "1"),
    ("count(/data/gone)", "0"),
    ("join(', ', 'a', 'b')", "a, b"),
    ("position()", "1"),
    ("position(/data/a)", "1"),
    ("regex(/data/a, concat('[', '0-9'))", "false"),
    ("regex(/data/a, concat('[0-9]', '+'))", "true"),
    ("abs(-2)", "2"),
    ("pow(2, 10)", "1024"),
    ("sqrt(-1)", "NaN"),
    ("log10(0)", "NaN"),
    ("round(pi(), 4)", "3.1416"),
    ("substring-before('a-b', '-')", "a"),
    ("substring-after('a-b', '-')", "b"),
    ("substring-after('a-b', '+')", ""),
    ("substring-before('a-b', '')", ""),
    ("substring-after('a-b', '')", "a-b"),
    ("translate('abca', 'ab', 'x')", "xcx"),
    ("boolean-from-string('1')", "true"),
    ("boolean-from-string('yes')", "false"),
    ("checklist(1, 2, 1, 0, 1)", "true"),
    ("checklist(-1, 1, 1, 0, 1)", "false"),
    ("weighted-checklist(3, 9, 1, 2, 1, 1)", "true"),
    ("digest('abc', 'MD5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"),
    ("digest('abc', 'SHA-1')", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
    ("digest('abc', 'CRC-32')", ""),
    ("base64-decode('aMOp')", "hé"),
    ("base64-decode('!')", ""),
    ("decimal-time('06:00:00')", "0.25"),
    ("decimal-time('soon')", "NaN"),
    ("decimal-date-time('1970-01-02T11:00:00Z')", "1.5"),
    ("decimal-date-time('1970-01-02T12:00:00')", "1.5"),
    ("date-time('1970-01-02T12:00:00')", "1970-01-02T12:00:00.000"),
    ("date-time('soon')", ""),
    ("date-time('2026-02-30')", ""),
    ("format-date('2026-11-20', '%a %b %j')", "Fri Nov 324"),
    ("round(distance('52 5 0 0;52 6 0 0') div 100)", "685"),
    ("round(area('0 0;0 1;1 1;1 0') div 1000000)", "12391"),
    ("area('0 0;0 1')", "0"),
    ("distance('52 5;nowhere;52 5')", "0"),
    ("area('0 0;nowhere;0 1')", "0"),
    ("version()", "7"),
    ("random()", "0.004444444444444251"),
    ("uuid()", "01234567-89ab-4def-a123-456789abcdef"),
    ("uuid(4)", "0123"),
    ("jr:choice-name(., '../y')", "g/y:7"),
    ("instance('t')/root/item[name = 'b']/label", "Twee"),
    ("instance('t')/root/item[rank < 2 or name = current()/../y]/label", "Twee"),
    ("instance('t')/root/item[2]/name", "b"),
    ("instance('t')/root/item[./name = 'b']/label", "Twee"),
    ("count(instance('t')/root/item)", "2"),
    ("sum(instance('t')/root/item/rank)", "3"),
    ("pulldata('t', 'label', 'name', 'a')", "Een"),
    ("/data/a[. > 5]", "10"),
    ("/data/a[. > 50]", ""),
]


@pytest.mark.parametrize(("text", "value"), GIVES)
def test_expression_gives(text: str, value: str) -> None:
    assert evaluate(text) == value


def test_nodes_with_the_name_of_a_function_are_nodes() -> None:
    for name in [*FUNCTIONS, "div", "mod", "and", "or", "text", "node", "id"]:
        assert parse(f"/data/{name} = 1", "x", "data") == ["=", ["node", name], ["number", 1.0]], name


def test_nodes_in_names_every_node() -> None:
    assert nodes_in(parse("if(/data/a = 1, ../b, concat(., 'c'))", "g/x", "data")) == {"a", "g/b", "g/x"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("jr:choice-name(., 7)", "the second argument of jr:choice-name() is not a question between quotes"),
        ("property('deviceid')", "the function property() is not supported"),
        ("/data/a | /data/b", '"|" is not supported in an expression'),
        ("/data/a//b", '"//" is not supported in an expression'),
        ("/data/*", '"*" is not supported in an expression'),
        ("*", '"*" is not supported in an expression'),
        ("@id", '"@" is not supported in an expression'),
        ("$a", '"$" is not supported in an expression'),
        ("if(1, 2)", "if() has 2 arguments"),
        ("(/data/a)/b", '")/" is not supported in an expression'),
        ("(/data/a)[1]", '")[" is not supported in an expression'),
        ("1 + )", "the expression \"1 + )\" cannot be read (unexpected ')')"),
        ("../../../a", '".." is not supported in an expression'),
        ("/data/a[. > 5]/../z", '".." is not supported in an expression'),
        (
            "instance(/data/a)/root/item",
            "the expression \"instance(/data/a)/root/item\" cannot be read (')' is missing)",
        ),
        ("instance(a)/root/item", '"instance()" is not supported in an expression'),
        ("instance('t')/root/item[./'b']", "\"'b'\" is not supported in an expression"),
        ("regex(., '[')", "the pattern of regex() cannot be read (unterminated character set at position 0)"),
        (
            "indexed-repeat(., /data/a, 1)",
            "indexed-repeat() does not name a question and the repeats around it",
        ),
        ("", 'the expression "" cannot be read (it is empty)'),
        ("1 +", 'the expression "1 +" cannot be read (something is missing at the end)'),
        ("(1", "the expression \"(1\" cannot be read (')' is missing)"),
        ("1 2", "the expression \"1 2\" cannot be read (unexpected '2')"),
        ("'a", 'the expression "\'a" cannot be read (unexpected "\'a")'),
        ("instance('t')/row", "a path into 't' does not go through root and item"),
        ("/other/a", '"/other/a" has a path that does not start at the form\'s root'),
    ],
)
def test_expression_is_refused(text: str, rule: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_tree(parse(text, "g/x", "data"), "g/x")
    assert refusal.value.rule == rule


@pytest.mark.parametrize(
    ("text", "fix"),
    [("if(1, 2)", "Give it 3"), ("round()", "Give it 1 or 2"), ("min()", "Give it 1 or more")],
)
def test_expression_with_too_few_arguments_is_told_how_many(text: str, fix: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse(text, "g/x", "data")
    assert refusal.value.fix == fix


COMPILED = [compile_tree(parse(text, "g/x", "data"), "g/x") for text, _ in GIVES]
WORDS = st.text(max_size=8) | st.sampled_from(
    ["9" * 400, "-.5", "2026-02-30", "9999-12-31", "0001-01-01", "ja nee"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=6, max_size=6))
def test_expressions_give_something_whatever_was_answered(words: list[str]) -> None:
    nodes = Nodes(dict(zip(NODES.values, words, strict=True)))
    for expression in COMPILED:
        to_text(expression(nodes))
