"""Long work tells how far it is: as a bar in a terminal, in a few lines anywhere else."""

from io import StringIO

from rich.console import Console

from app.progress import LINES, counted


def told(*, terminal: bool, steps: list[tuple[int, int]]) -> str:
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, width=80, color_system=None)
    with counted("responses", console) as tell:
        for done, total in steps:
            tell(done, total)
    return out.getvalue()


def test_without_a_terminal_there_are_a_few_lines() -> None:
    lines = told(terminal=False, steps=[(number, 1_000) for number in range(0, 1_001, 5)]).splitlines()
    assert lines[0] == "100 of 1000 responses"
    assert lines[-1] == "1000 of 1000 responses"
    assert len(lines) == LINES


def test_nothing_to_do_tells_nothing() -> None:
    assert told(terminal=False, steps=[(0, 0)]) == ""


def test_in_a_terminal_there_is_a_bar() -> None:
    shown = told(terminal=True, steps=[(0, 30), (30, 30)])
    assert "responses" in shown
    assert "30/30" in shown
