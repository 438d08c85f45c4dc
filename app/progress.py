"""How far long work is: a bar in a terminal, a line now and then anywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LINES = 10
"""Without a terminal so many lines at most."""


@contextmanager
def counted(what: str, console: Console) -> Iterator[Callable[[int, int], None]]:
    """Gives what is to be told (done, total). `what` is what is counted, in the plural."""
    if not console.is_terminal:
        yield _in_lines(what, console)
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


def _in_lines(what: str, console: Console) -> Callable[[int, int], None]:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenth = done * LINES // total if total else 0
        if tenth > told:
            told = tenth
            console.print(f"{done} of {total} {what}", markup=False)

    return tell
