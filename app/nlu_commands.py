"""The commands `wijkverhaal nlu ...`: how well people are understood, for whoever works on the sentences."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from domain.errors import DomainError
from nlu.rasa_data import DATA
from nlu.rasa_environment import Missing, find_environment
from nlu.rasa_train import OWN_PARTS, quiet_environment

nlu = typer.Typer(help="Look at how well people are understood.", no_args_is_help=True)
MEASURE = OWN_PARTS / "measure.py"
_MOST_CONFUSIONS = 15


@nlu.callback()
def only_a_group() -> None:
    """So that there is a command name even while there is one command."""


@nlu.command("test")
def measure_command(
    out: Annotated[Path, typer.Option(help="Folder for the figures and the drawings.")] = Path("results/nlu"),
    folds: Annotated[
        int,
        typer.Option(min=1, max=20, help="Parts for the cross-validation; with 1 only the held-out files."),
    ] = 3,
) -> None:
    """Measure the model: on the held-out files, and on its own sentences and answers by cross-validation.

    It takes some minutes. The drawings show what is taken for what, and what a confidence is worth.

    Example: `wijkverhaal nlu test --folds 5`
    """
    from app.cli import say

    figures = measure(os.environ, out, folds, say)
    show(figures, Console())
    say(f"Drawn: {', '.join(str(path) for path in sorted(out.glob('*.svg')))}")


@nlu.command("review")
def review_command(
    as_list: Annotated[bool, typer.Option("--list", help="A table, and no questions.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same for programs.")] = False,
    choose: Annotated[
        list[str] | None,
        typer.Option(help="ID=INTENT, or ID=INTENT=OTHER WORDS: write it. May be given several times."),
    ] = None,
    delete: Annotated[
        list[int] | None, typer.Option(help="An ID to take away. May be given several times.")
    ] = None,
) -> None:
    """Look at messages that were not understood, and write chosen ones into the training data.

    Only those of people who agreed, without names and numbers. What is written or deleted here is gone from the database.

    Example: `wijkverhaal nlu review --choose "12=skip"`
    """
    from app.cli import run, settings_now
    from app.nlu_review import review

    ask = input if sys.stdin.isatty() and sys.stdout.isatty() else None
    run(
        review(
            settings_now(),
            print,
            ask=ask,
            as_list=as_list,
            as_json=as_json,
            choose=choose or (),
            delete=delete or (),
        )
    )


@nlu.command("figures")
def figures_command(
    part: Annotated[
        str, typer.Option(help="Which files of nlu/corpus: 'held', or 'dev' that the rules were made with.")
    ] = "held",
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Do not ask Rasa.")] = False,
    details: Annotated[bool, typer.Option("--details", help="Each line that is not right.")] = False,
    page: Annotated[
        Path | None,
        typer.Option(help="Put the table in this page, between its marks 'figures: begin' and 'end'."),
    ] = None,
) -> None:
    """Count what is understood rightly, wrongly and asked back, by rules and by rules with the model.

    The files with answers are `nlu/corpus/held_{scale,yesno,number,commands}.tsv` and `held_times.jsonl`.

    Example: `wijkverhaal nlu figures --rules-only --details`
    """
    from app.cli import run, say, settings_now
    from app.nlu_figures import figures, write_table
    from nlu.measure_rules import as_table

    async def tell() -> None:
        rows = await figures(settings_now(), part, say, rules_only=rules_only, details=details)
        print(as_table(rows))
        if page is not None:
            write_table(rows, page)

    run(tell())


def measure(env: Mapping[str, str], out: Path, folds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """The figures, which are in `out` too. Raises DomainError "no_model" without Rasa's environment, "not_measured" when
    it went wrong."""
    environment = find_environment(env)
    if isinstance(environment, Missing):
        raise DomainError("no_model", reason=environment.reason)
    command = [str(environment.python), "-u", str(MEASURE), str(DATA), str(out.absolute()), str(folds)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=quiet_environment(env)
    ) as process:
        assert process.stdout is not None
        last = "nothing was said"
        for line in process.stdout:
            last = line.rstrip()
            say(last)
    if process.returncode != 0:
        raise DomainError("not_measured", reason=last)
    figures: dict[str, Any] = json.loads((out / "figures.json").read_text(encoding="utf-8"))
    return figures


def show(figures: Mapping[str, Any], console: Console) -> None:
    table = Table("sentences", "number", "right", "macro-F1", "among two", "out of scope (AUROC)")
    for name, key in (("held out", "held_out"), ("cross-validated", "crossed")):
        if key in figures:
            found = figures[key]
            shares = (found[each] for each in ("accuracy", "macro_f1", "among_two", "out_of_scope_auroc"))
            table.add_row(name, str(found["sentences"]), *(f"{share:.3f}" for share in shares))
    console.print(table)
    if "themes" in figures:
        themes = figures["themes"]
        console.print(
            f"Themes, {themes['answers']} answers, cross-validated: macro-F1 {themes['macro_f1']:.3f}, "
            f"micro-F1 {themes['micro_f1']:.3f}; of what is heard right: kind {themes['kind_right']:.2f}, "
            f"valence {themes['valence_right']:.2f}, level {themes['level_right']:.2f}."
        )
    confused = Table("meant", "heard as", "times", title="Most confused, held out")
    for wanted, heard, times in figures["held_out"]["confusions"][:_MOST_CONFUSIONS]:
        confused.add_row(wanted, heard, str(times))
    console.print(confused)
