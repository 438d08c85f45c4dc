"""Parses every expression of a questionnaire and checks what they point at; how they are evaluated is left to form."""

from collections.abc import Iterable, Iterator, Mapping

from bot.forms.expressions import compile_tree
from bot.forms.faults import Fault
from bot.forms.nodesets import Shape
from bot.forms.syntax import ExpressionError, Tree, lists_in, nodes_in, parse, parts_of
from domain.questionnaire import OUTPUT, LocalText, Question, QuestionKind, Questionnaire

Trees = Mapping[str, Tree]
"""The tree of each expression that is there, by "path#column"."""

_COLUMNS = (
    "relevant", "constraint", "calculation", "required", "dynamic_default", "recalculation", "choice_filter"
)  # fmt: skip # read as one piece
_SHEET_COLUMN = {"dynamic_default": "default", "recalculation": "calculation", "count": "repeat_count"}
_TEXTS = ("label", "hint", "guidance", "constraint_message", "required_message", "why", "probe")


def expressions_of(questionnaire: Questionnaire) -> Iterator[tuple[str, str, str]]:
    """(path, column, text) of every expression; groups first. Those inside a text have the column "output ..."."""
    for group in questionnaire.groups:
        for column in ("relevant", "count"):
            if text := getattr(group, column):
                yield group.path, column, text
        yield from _outputs(group.path, [group.label])
    for question in questionnaire.questions:
        for column in _COLUMNS:
            text = getattr(question, column)
            if text:
                yield question.path, column, text
        texts = [getattr(question, name) for name in _TEXTS]
        yield from _outputs(question.path, texts)


def _outputs(path: str, texts: Iterable[LocalText]) -> Iterator[tuple[str, str, str]]:
    found = {
        part.partition(OUTPUT[1])[0]: None
        for text in texts
        for words in text.values()
        if OUTPUT[0] in words
        for part in words.split(OUTPUT[0])[1:]
    }
    for expression in found:
        yield path, f"output {expression}", expression


def shape_of(questionnaire: Questionnaire) -> Shape:
    return Shape(frozenset(group.path for group in questionnaire.groups if group.is_repeat))


def parse_expressions(questionnaire: Questionnaire, root: str) -> tuple[dict[str, Tree], list[Fault]]:
    trees: dict[str, Tree] = {}
    faults: list[Fault] = []
    shape = shape_of(questionnaire)
    known = {question.path for question in questionnaire.questions} | shape.repeats
    for path, column, text in expressions_of(questionnaire):
        shown = "label" if column.startswith("output ") else _SHEET_COLUMN.get(column, column)
        try:
            tree = parse(text, path, root)
            compile_tree(tree, path, shape)
        except ExpressionError as error:
            faults.append(Fault(path, shown, error.rule, error.fix))
            continue
        trees[f"{path}#{column}"] = tree
        for missing in sorted(nodes_in(tree) - known):
            faults.append(
                Fault(path, shown, f'"/{missing}" is not a question', "Point at a question of this form")
            )
        for name in sorted(lists_in(tree) - set(questionnaire.lists)):
            rule = f'the list "{name}" is not in the form'
            faults.append(Fault(path, shown, rule, "Put its choices on the choices sheet"))
    return trees, faults or _circles(questionnaire, trees)


def calls_in(tree: Tree) -> set[str]:
    """The names of all functions in a tree."""
    own = {tree[1]} if tree[0] == "call" else set[str]()
    return own.union(*(calls_in(part) for part in parts_of(tree)))


def _circles(questionnaire: Questionnaire, trees: Trees) -> list[Fault]:
    """A node may not depend on itself: what it reads as follows from its relevance, its groups' and its calculation."""
    circle = _find_circle(_all_needs(questionnaire, trees))
    if not circle:
        return []
    shown = " -> ".join(f"${{{each.rpartition('/')[2]}}}" for each in circle)
    column = "relevant" if f"{circle[0]}#relevant" in trees else "calculation"
    return [Fault(circle[0], column, f"these depend on each other: {shown}", "Break the circle")]


def _all_needs(questionnaire: Questionnaire, trees: Trees) -> dict[str, set[str]]:
    needs = {question.path: _needs(question.path, trees) for question in questionnaire.questions}
    for group in questionnaire.groups:
        if group.is_repeat:
            needs[group.path] = _needs(group.path, trees)
    return needs


def _needs(path: str, trees: Trees) -> set[str]:
    """What has to be known first: for a node in a repeat also how many there are."""
    parts = path.split("/")
    ways = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    keys = [
        f"{path}#calculation",
        f"{path}#choice_filter",
        *(f"{way}#{column}" for way in ways for column in ("relevant", "count")),
    ]
    return {node for key in keys if key in trees for node in nodes_in(trees[key])}


def _find_circle(needs: Mapping[str, set[str]]) -> list[str]:
    """The first circle, from a node back to itself; without recursion, for chains of thousands."""
    settled: set[str] = set()
    for start in needs:
        trail: dict[str, Iterator[str]] = {start: iter(sorted(needs[start]))}
        while trail and start not in settled:
            path, waiting = next(reversed(trail.items()))
            needed = next((each for each in waiting if each not in settled), None)
            if needed is None:
                settled.add(path)
                del trail[path]
            elif needed in trail:
                every = list(trail)
                return [*every[every.index(needed) :], needed]
            else:
                trail[needed] = iter(sorted(needs.get(needed, ())))
    return []


def depths_of(questionnaire: Questionnaire, trees: Trees) -> dict[str, int]:
    """How many rows stand below each other under a row, through what it depends on."""
    needs = _all_needs(questionnaire, trees)
    depths: dict[str, int] = {}
    for start in needs:
        waiting = [start]
        while waiting:
            path = waiting[-1]
            open_ends = [each for each in needs.get(path, ()) if each not in depths and each in needs]
            if open_ends and path not in depths:
                waiting += open_ends
            else:
                depths.setdefault(path, 1 + max((depths.get(e, 0) for e in needs.get(path, ())), default=-1))
                waiting.pop()
    return depths


def repeat_questions(questionnaire: Questionnaire) -> tuple[Question, ...]:
    """The questions with one "is there another one?" after the rows of each repeat without a count."""
    asked = list(questionnaire.questions)
    for group in questionnaire.groups:
        inside = [place for place, each in enumerate(asked) if each.path.startswith(f"{group.path}/")]
        if group.is_repeat and not group.count and inside:
            purposes = [asked[place].purpose for place in inside]
            block = asked[inside[0]].block
            asked.insert(
                inside[-1] + 1,
                Question(group.path, QuestionKind.REPEAT, group.label, block=block, purpose=purposes[-1]),
            )
    return tuple(asked)
