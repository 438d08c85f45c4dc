"""Parses every expression of a questionnaire and checks what they point at; how they are evaluated is left to form."""

from collections.abc import Iterator, Mapping

from bot.forms.expressions import compile_tree
from bot.forms.faults import Fault
from bot.forms.syntax import ExpressionError, Tree, nodes_in, parse
from domain.questionnaire import Questionnaire

Trees = Mapping[str, Tree]
"""The tree of each expression that is there, by "path#column"."""

_COLUMNS = ("relevant", "constraint", "calculation", "required")


def expressions_of(questionnaire: Questionnaire) -> Iterator[tuple[str, str, str]]:
    """(path, column, text) of every expression; groups first."""
    for group in questionnaire.groups:
        if group.relevant:
            yield group.path, "relevant", group.relevant
    for question in questionnaire.questions:
        for column in _COLUMNS:
            text = getattr(question, column)
            if text:
                yield question.path, column, text


def parse_expressions(questionnaire: Questionnaire, root: str) -> tuple[dict[str, Tree], list[Fault]]:
    trees: dict[str, Tree] = {}
    faults: list[Fault] = []
    known = {question.path for question in questionnaire.questions}
    for path, column, text in expressions_of(questionnaire):
        try:
            tree = parse(text, path, root)
            compile_tree(tree, path)
        except ExpressionError as error:
            faults.append(Fault(path, column, error.rule, error.fix))
            continue
        trees[f"{path}#{column}"] = tree
        for missing in sorted(nodes_in(tree) - known):
            faults.append(
                Fault(path, column, f'"/{missing}" is not a question', "Point at a question of this form")
            )
    return trees, faults or _circles(questionnaire, trees)


def _circles(questionnaire: Questionnaire, trees: Trees) -> list[Fault]:
    """A node may not depend on itself: what it reads as follows from its relevance, its groups' and its calculation."""
    needs = {question.path: _needs(question.path, trees) for question in questionnaire.questions}
    settled: set[str] = set()
    for path in needs:
        circle = _find_circle(path, needs, settled, [])
        if circle:
            shown = " -> ".join(f"${{{each.rpartition('/')[2]}}}" for each in circle)
            column = "relevant" if f"{path}#relevant" in trees else "calculation"
            return [Fault(circle[0], column, f"these depend on each other: {shown}", "Break the circle")]
    return []


def _needs(path: str, trees: Trees) -> set[str]:
    own = [f"{path}#relevant", f"{path}#calculation"]
    parts = path.split("/")
    groups = [f"{'/'.join(parts[:length])}#relevant" for length in range(1, len(parts))]
    return {node for key in (*own, *groups) if key in trees for node in nodes_in(trees[key])}


def _find_circle(path: str, needs: Mapping[str, set[str]], settled: set[str], trail: list[str]) -> list[str]:
    if path in trail:
        return [*trail[trail.index(path) :], path]
    if path in settled:
        return []
    for needed in sorted(needs[path]):
        circle = _find_circle(needed, needs, settled, [*trail, path])
        if circle:
            return circle
    settled.add(path)
    return []
