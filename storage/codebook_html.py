"""The codebook as one page: to read on a phone, to print, and with a screen reader."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from storage.codebook import scale_facts

_NAME = re.compile("`([^`]+)`")
_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 0 auto; padding: 1rem }
h2 { margin-top: 2.5rem; border-bottom: 2px solid }
h3 { margin-top: 2rem }
h1, h2, h3, p, dt, dd { overflow-wrap: anywhere }
code { font-size: .95em }
dt { font-weight: bold; margin-top: .5rem }
dd { margin: 0 0 0 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid; padding: .25rem .5rem; text-align: left; vertical-align: top }
.text { font-size: 1.1rem; white-space: pre-line }
nav ul { padding-left: 1.2rem }
a { color: inherit }
@media print { nav { display: none } body { max-width: none; padding: 0 } h2, h3 { break-after: avoid }
  section, tr, dd { break-inside: avoid } }
"""


def to_html(codebook: Mapping[str, Any], language: str) -> str:
    """`language` is that of the questions and labels; the rest is English."""
    forms = [_form(number, form, language) for number, form in enumerate(codebook["questionnaires"], 1)]
    parts = [*_about(codebook), *forms]
    contents = "".join(f'<li><a href="#{id}">{escape(title)}</a></li>' for id, title, _ in parts)
    sections = "\n".join(
        f'<section aria-labelledby="{id}"><h2 id="{id}">{escape(title)}</h2>\n{text}</section>'
        for id, title, text in parts
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Codebook</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Codebook</h1>\n"
        f'<nav aria-label="Contents"><ul>{contents}</ul></nav>\n{sections}\n</main>\n</body>\n</html>\n'
    )


_Part = tuple[str, str, str]
"""Its id in the page, its title as text, and what stands in it as HTML."""


def _about(codebook: Mapping[str, Any]) -> Iterator[_Part]:
    columns = "<p>One row is one response.</p>" + _terms(codebook["columns"])
    yield "columns", "Columns of every response", columns
    missing = codebook["missing_codes"]
    rows = (
        (status, meaning, str(missing.get(status, ""))) for status, meaning in codebook["statuses"].items()
    )
    statuses = _table("What a status says", ("Status", "Meaning", "In SPSS"), rows)
    notes = (
        f"An empty score: {codebook['empty_score']}.",
        f"__look beside an open answer: {codebook['look']}.",
    )
    yield "statuses", "Answers, and why there is none", statuses + _paragraphs(notes)
    yield "reading", "How to read the files", _paragraphs(codebook["reading"])
    yield "answers", "One row for each answer: a file of its own", _terms(codebook["answers"])
    yield "themes", "Themes of open answers: a file of its own when there are any", _terms(codebook["themes"])
    yield "sessions", "Talks: a file of its own when there are any", _terms(codebook["sessions"])


def _form(number: int, form: Mapping[str, Any], language: str) -> _Part:
    lang = f' lang="{escape(language)}"'
    questions = [_question(question, lang) for question in form["questions"]]
    for repeat in form["repeats"]:
        questions += [
            f"<h3>Repeat <code>{escape(repeat['repeat'])}</code>: a file of its own, one row is one instance</h3>",
            _terms(repeat["columns"]),
            *(_question(question, lang) for question in repeat["questions"]),
        ]
    scales = [_scale(scale) for scale in form["scales"]]
    title = f"{form['title']} ({form['id']}, version {form['version']})"
    return f"form-{number}", title, "\n".join(questions + scales)


def _question(question: Mapping[str, Any], lang: str) -> str:
    text = escape(question["text"]) or "(no text)"
    kind = escape(f"{question['kind']}, kept for: {question['purpose']}")
    lines = [
        f"<h3><code>{escape(question['column'])}</code></h3>",
        f'<p class="text"{lang}>{text}</p>',
        f"<p>{kind}</p>",
    ]
    if question["relevant"]:
        lines.append(f"<p>Asked when: <code>{escape(question['relevant'])}</code></p>")
    if question["choices"]:
        lines.append(_choices(question, lang))
    return "\n".join(lines)


def _choices(question: Mapping[str, Any], lang: str) -> str:
    name, choices, numbers = f"Choices of {question['column']}", question["choices"], question["codes"]
    if not numbers:
        return _table(name, ("Value", "Label"), choices.items(), lang)
    rows = ((each, label, str(numbers[each])) for each, label in choices.items())
    return _table(name, ("Value", "Label", "In SPSS"), rows, lang)


def _scale(scale: Mapping[str, Any]) -> str:
    return f"<h3>Scale <code>{escape(scale['id'])}</code></h3>\n{_terms(scale_facts(scale))}"


def _terms(terms: Mapping[str, str]) -> str:
    listed = "".join(
        f"<dt><code>{escape(name)}</code></dt><dd>{_said(meaning)}</dd>" for name, meaning in terms.items()
    )
    return f"<dl>{listed}</dl>\n"


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{_said(line)}</p>\n" for line in lines)


def _said(text: str) -> str:
    """With names between backquotes as they stand in a file."""
    return _NAME.sub(r"<code>\1</code>", escape(text))


def _table(name: str, header: Sequence[str], rows: Iterable[Sequence[str]], lang: str = "") -> str:
    """The first cell of a row names it; the second is in the language `lang`."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in header)
    body = "".join(
        f'<tr><th scope="row"><code>{escape(value)}</code></th><td{lang}>{escape(label)}</td>'
        + "".join(f"<td>{escape(each)}</td>" for each in more)
        + "</tr>"
        for value, label, *more in rows
    )
    # A table may be wider than a phone: then it moves under the finger, and the keys of who has none.
    return (
        f'<div class="wide" role="region" aria-label="{escape(name)}" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>\n"
    )
