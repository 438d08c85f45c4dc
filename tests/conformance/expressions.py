"""A form with one calculation for each expression, so that a walk tries every function with every kind of value."""

from xml.sax.saxutils import quoteattr

INPUTS = {
    "n": "decimal",
    "k": "int",
    "t": "string",
    "u": "string",
    "d": "date",
    "h": "time",
    "m": "select",
    "s": "select1",
}

EXPRESSIONS = (
    "{n} + {k}", "{n} - {k}", "{n} * {k}", "{n} div {k}", "-{n}", "{t} + 1", "{d} + 1", "{d} - 1",
    "{n} = {k}", "{n} != {k}", "{t} = {n}", "{n} < {k}", "{n} >= 1", "{t} = {u}", "{t} = {n}", "{t} != ''", "{t} < {u}", "{d} = '2026-11-23'",
    "{d} < '2026-11-24'", "{d} > today()", "{d} <= today()", "{h} < '12:00'", "{n} or {t}", "{n} and {t}", "not({t})", "{s} = 'a'",
    "boolean({n})", "boolean({t})", "boolean({d})", "number({t})", "number({d})", "number({n} > 1)", "number({t} = '')", "string({k} = 1)",
    "string({n} div 0)", "string(0 div 0)", "if({n} > 1, 'more', 'less')", "if({t}, {t}, {u})", "if({k} = '', 'none', {k})", "if('0', 'yes', 'no')", "if(0, 'yes', 'no')",
    "round({n})", "round({n}, 1)", "round({n}, -1)", "round({t})", "int({n})", "int({t})", "floor({n})", "ceiling({n})",
    "abs({n})", "pow({n}, 2)", "sqrt({n})", "exp({n})", "log({n})", "pi()",
    "min({n}, {k})", "max({n}, {k})", "sum({n})", "count({n})", "min({n}, {t})", "coalesce({n}, {k})", "coalesce({t}, 'x')",
    "concat({t}, '-', {u})", "concat({n}, {d})", "concat({k} = 1)", "join(' ', {t}, {u})", "contains({t}, 'n')", "contains({t}, {u})", "starts-with({t}, 'A')", "ends-with({t}, 'a')",
    "substr({t}, 1)", "substr({t}, 1, 3)", "substr({t}, -2)", "substr({t}, 0, 1)", "substring({t}, 2, 2)", "substring-before({t}, 'n')", "substring-after({t}, 'n')",
    "string-length({t})", "string-length({n})", "normalize-space({t})", "translate({t}, 'an', 'e')", "regex({t}, '^[A-Z].*')", "regex({t}, '[0-9]+')", "regex({t}, '\\d{{2,10}}')",
    "selected({m}, 'a')", "selected({m}, {t})", "selected({s}, 'b')", "not(selected({m}, 'c'))", "count-selected({m})", "count-selected({s})", "count-selected({t})",
    "selected-at({m}, 0)", "selected-at({m}, 1)", "selected-at({m}, 9)", "selected-at({m}, -1)",
    "date({d})", "date({t})", "date({k})", "date('2026-11-23')", "date-time({d})", "string(date({d}) + 1)", "decimal-date-time({d})", "decimal-date-time(today())", "decimal-time({h})",
    "today()", "now()", "today() - {d}", "int((today() - date({d})) div 365.25)", "format-date({d}, '%Y-%m-%d')", "format-date({d}, '%e %n %y')", "format-date({d}, '%b %a')",
    "format-date-time({d}, '%H:%M')", "format-date-time(now(), '%Y-%m-%d %H:%M:%S')", "format-date(today(), '%d/%m/%Y')", "format-date({t}, '%Y')",
    "count-non-empty({t})", "once({t})", "once(today())", "once({n})", "true()", "false()", "true() + 1", "string(true())", "{n} * 0.1", "{n} div 3", "{n} * 1000000", "{n} div 1000000",
    "100 * {n}", "0.1 + 0.2", "1 div 3", "1 div 4", "string(2.50)", "{k} * {k} * {k} * 1000000", "jr:choice-name({s}, '{s}')", "string-length({m})", "{m} = 'a b'", "{m} = 'a'",
    "boolean-from-string({t})", "digest({t}, 'SHA-256')", "position(..)", "checklist(1, 2, {n}, {k})", "weighted-checklist(1, 2, {n}, 1, {k}, 1)", "uuid() != ''", "random() < 1", "concat('a', 'b') = 'ab'", "string({d})", "{d} != ''", "number('')", "number(' 12 ')", "number('1e3')", "number('0x1')", "number('+1')", "'abc' < 'abd'", "'2' > '10'", "'1.0' = '1'", "1.0 = '1'", "number('1.0') = 1", "string(1.0)", "string(1e6)" ,
)  # fmt: skip # read as one piece

KNOWN = {
    **dict.fromkeys(("not({t})", "boolean({n})", "boolean({t})", "boolean({d})", "if({t}, {t}, {u})", "{n} or {t}", "{n} and {t}",
        "checklist(1, 2, {n}, {k})", "weighted-checklist(1, 2, {n}, 1, {k}, 1)"), "an-empty-answer-is-not-true"),
    **dict.fromkeys(("min({n}, {k})", "max({n}, {k})", "sum({n})", "min({n}, {t})"), "empty-answers-do-not-count-in-min-max-and-sum"),
    **dict.fromkeys(("number('1e3')", "number('0x1')", "number('+1')", "number({t})", "{t} + 1", "{t} < {u}", "round({t})", "int({t})"), "what-is-a-number"),
    **dict.fromkeys(("round({n})", "round({n}, 1)", "round({n}, -1)"), "halves-below-zero-are-rounded-up"),
    **dict.fromkeys(("regex({t}, '[0-9]+')", "regex({t}, '\\d{{2,10}}')"), "a-pattern-is-for-the-whole-text"),
    **dict.fromkeys(("{d} + 1", "{d} - 1", "number({d})", "today() - {d}", "string(date({d}) + 1)", "decimal-date-time({d})", "decimal-date-time(today())"), "a-date-is-a-whole-number-of-days"),
    **dict.fromkeys(("date({k})", "date({t})", "format-date({t}, '%Y')"), "what-is-not-a-date-is-empty"),
    **dict.fromkeys(("string-length({n})", "concat({n}, {d})", "{n} = {k}", "{t} = {n}", "{n} != {k}", "string({n})"), "a-decimal-stays-as-it-was-written"),
    **dict.fromkeys(("date-time({d})",), "a-date-with-a-time-has-a-time"),
    **dict.fromkeys(("{n} div 1000000",), "no-exponents"),
    **dict.fromkeys(("log({n})", "exp({n})"), "what-cannot-be-worked-out-is-empty"),
    **dict.fromkeys(("string({n} div 0)", "string(0 div 0)"), "the-text-nan"),
    **dict.fromkeys(("string-length({t})", "substr({t}, 1, 3)", "substr({t}, -2)"), "a-character-is-a-character"),
}  # fmt: skip # read as one piece
"""Expressions that are known to differ, each with its heading in docs/conformance.md."""

_CONTROLS = {"select": "select", "select1": "select1"}


RULES = (
    ("{n} > 1", "", "true()"),
    ("{t} != '' and {k} >= 2", ". != 'Anna'", "{n} > 5"),
    ("selected({m}, 'a')", "string-length(.) > 2", ""),
    ("{d} <= today()", "regex(., '^[a-z].*')", "{s} = 'a'"),
    ("{s} = 'b' or {s} = 'c'", ". != {t}", "count-selected({m}) > 1"),
    ("/data/r0 != ''", "not(contains(., ' ')) and {k} < 20", "/data/r0 != {t}"),
    ("/data/r4 = ''", "selected({m}, .) or . = {t}", "not(selected({s}, 'c'))"),
)
"""(relevant, constraint, required) of a text question each, r0, r1, ...: beside the calculations."""


def xform_with(expressions: tuple[str, ...]) -> str:
    """An XForm that asks for INPUTS and by RULES; calculation c0, c1, ... is the expression of that number."""
    places = {name: f"/data/{name}" for name in INPUTS}
    rules = [[part.format(**places) for part in rule] for rule in RULES]
    calculations = [expression.format(**places) for expression in expressions]
    return (
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"'
        ' xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>x</h:title><model><instance><data id="x" version="1">'
        + "".join(f"<{name}/>" for name in INPUTS)
        + "".join(f"<c{number}/>" for number in range(len(calculations)))
        + "".join(f"<r{number}/>" for number in range(len(rules)))
        + "</data></instance>"
        + "".join(f'<bind nodeset="/data/{name}" type="{_type(kind)}"/>' for name, kind in INPUTS.items())
        + "".join(
            f'<bind nodeset="/data/c{number}" type="string" calculate={quoteattr(each)}/>'
            for number, each in enumerate(calculations)
        )
        + "".join(_bind(number, rule) for number, rule in enumerate(rules))
        + "</model></h:head><h:body>"
        + "".join(_control(name, kind) for name, kind in INPUTS.items())
        + "".join(_control(f"r{number}", "string") for number in range(len(rules)))
        + "</h:body></h:html>"
    )


def _bind(number: int, rule: list[str]) -> str:
    columns = zip(("relevant", "constraint", "required"), rule, strict=True)
    filled = " ".join(f"{column}={quoteattr(text)}" for column, text in columns if text)
    return f'<bind nodeset="/data/r{number}" type="string" {filled}/>'


def _type(kind: str) -> str:
    return "string" if kind in _CONTROLS else kind


def _control(name: str, kind: str) -> str:
    tag = _CONTROLS.get(kind, "input")
    items = "".join(f"<item><label>{each}</label><value>{each}</value></item>" for each in "abc")
    return f'<{tag} ref="/data/{name}"><label>{name}</label>{items if kind in _CONTROLS else ""}</{tag}>'
