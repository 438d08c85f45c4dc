"""Says in plain words when a question is asked, where its condition is simple; otherwise nothing is said here."""

import re
from collections.abc import Mapping

from bot.forms.form import Form
from bot.forms.syntax import Tree
from domain.questionnaire import OUTPUT

LONGEST_LABEL = 70
_ANSWER = re.compile(f"{OUTPUT[0]}(.*?){OUTPUT[1]}", re.DOTALL)

_WORDS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "is": "het antwoord op \u201c{question}\u201d is \u201c{value}\u201d",
        "is_not": "het antwoord op \u201c{question}\u201d is niet \u201c{value}\u201d",
        "picked": "bij \u201c{question}\u201d is ook \u201c{value}\u201d gekozen",
        "empty": "er is geen antwoord op \u201c{question}\u201d",
        "filled": "er is een antwoord op \u201c{question}\u201d",
        ">": "het antwoord op \u201c{question}\u201d is meer dan {value}",
        ">=": "het antwoord op \u201c{question}\u201d is {value} of meer",
        "<": "het antwoord op \u201c{question}\u201d is minder dan {value}",
        "<=": "het antwoord op \u201c{question}\u201d is {value} of minder",
        "and": "{left}, en {right}",
        "or": "{left}, of {right}",
    },
    "en": {
        "is": "the answer to \u201c{question}\u201d is \u201c{value}\u201d",
        "is_not": "the answer to \u201c{question}\u201d is not \u201c{value}\u201d",
        "picked": "\u201c{value}\u201d is among the answers to \u201c{question}\u201d",
        "empty": "there is no answer to \u201c{question}\u201d",
        "filled": "there is an answer to \u201c{question}\u201d",
        ">": "the answer to \u201c{question}\u201d is more than {value}",
        ">=": "the answer to \u201c{question}\u201d is {value} or more",
        "<": "the answer to \u201c{question}\u201d is less than {value}",
        "<=": "the answer to \u201c{question}\u201d is {value} or less",
        "and": "{left}, and {right}",
        "or": "{left}, or {right}",
    },
}
_OPPOSITE = {"is": "is_not", "is_not": "is", "empty": "filled", "filled": "empty",
             ">": "<=", "<=": ">", "<": ">=", ">=": "<"}  # fmt: skip # read as rows of a table


def shown_text(text: str) -> str:
    """A text of a form with "(who)" where an answer to `who` will stand."""
    return _ANSWER.sub(lambda found: f"({found[1].rpartition('/')[2].strip()})", text)


def condition_of(form: Form, path: str, language: str) -> str:
    """When the question at `path` is asked, its groups' conditions included; empty when always.

    What cannot be said simply is shown as its author wrote it.
    """
    parts = path.split("/")
    said = []
    for place in ("/".join(parts[: length + 1]) for length in range(len(parts))):
        tree = form.trees.get(f"{place}#relevant")
        if tree is not None:
            said.append(in_words(form, tree, language) or _as_written(form, place))
    words = _WORDS.get(language, _WORDS["en"])
    return "" if not said else _joined(said, words["and"])


def in_words(form: Form, tree: Tree, language: str) -> str | None:
    """None when the condition is not a simple one."""
    words = _WORDS.get(language, _WORDS["en"])
    if tree[0] in ("and", "or"):
        left, right = (in_words(form, part, language) for part in tree[1:3])
        return words[tree[0]].format(left=left, right=right) if left and right else None
    found = _simple(tree)
    if found is None:
        return None
    word, path, value = found
    if path not in form.rows:
        return None
    return words[word].format(
        question=_label(form, path, language), value=_value(form, path, value, language)
    )


def _simple(tree: Tree) -> tuple[str, str, str] | None:
    """(word, path, value) of one comparison of a question with a fixed value."""
    operator, parts = tree[0], tree[1:]
    if operator == "call" and parts[0] == "selected" and _is_fixed(parts[1:]):
        return "picked", parts[1][1], _fixed(parts[2])
    if operator == "call" and parts[0] == "not":
        found = _simple(parts[1])
        return (_OPPOSITE[found[0]], *found[1:]) if found and found[0] in _OPPOSITE else None
    if operator not in ("=", "!=", "<", "<=", ">", ">=") or not _is_fixed(parts):
        return None
    path, value = parts[0][1], _fixed(parts[1])
    if operator in ("=", "!="):
        words = ("empty", "filled") if value == "" else ("is", "is_not")
        return words[operator == "!="], path, value
    return operator, path, value


def _is_fixed(parts: list[Tree]) -> bool:
    return len(parts) == 2 and parts[0][0] == "node" and parts[1][0] in ("text", "number")


def _fixed(tree: Tree) -> str:
    return tree[1] if tree[0] == "text" else f"{tree[1]:g}"


def _label(form: Form, path: str, language: str) -> str:
    question = form.question(path)
    default = form.questionnaire.default_language
    whole = shown_text(question.label.get(language) or question.label.get(default) or question.name)
    return whole if len(whole) <= LONGEST_LABEL else f"{whole[: LONGEST_LABEL - 1].rstrip()}\u2026"


def _value(form: Form, path: str, value: str, language: str) -> str:
    default = form.questionnaire.default_language
    labels = (choice.label for choice in form.question(path).choices if choice.name == value)
    return next((label.get(language) or label.get(default) or value for label in labels), value)


def _as_written(form: Form, place: str) -> str:
    if place in form.rows:
        return form.rows[place].question.relevant
    return next(group.relevant for group in form.questionnaire.groups if group.path == place)


def _joined(said: list[str], pattern: str) -> str:
    whole = said[0]
    for each in said[1:]:
        whole = pattern.format(left=whole, right=each)
    return whole
