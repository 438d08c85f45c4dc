"""Shows what was found: tables for the terminal, Markdown and JSON for later; measures nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.series import Found, Series, Target

COLUMNS = ("at once", "turns/s", "lowest-highest", "p50 ms", "p95 ms", "CPU ms a turn", "turns")
BUSY = 0.7
VERDICTS = {True: "yes", False: "NO", None: "-"}


def row_of(series: Series) -> tuple[str, ...]:
    """Medians over the rounds, and the turns of all of them."""
    rates = [each.rate for each in series.rounds]
    cpu = series.middle(lambda each: each.cpu)
    return (
        str(series.residents),
        f"{series.rate:,.0f}",
        f"{min(rates):,.0f}-{max(rates):,.0f}",
        f"{series.middle(lambda each: each.p50):.2f}",
        f"{series.middle(lambda each: each.p95):.2f}",
        f"{cpu:.2f}" if cpu else "-",
        f"{sum(each.turns for each in series.rounds):,}",
    )


def remarks(found: Found) -> Iterator[str]:
    yield from found.broken
    yield from found.notes
    busiest = max((each.busy for series in found.series for each in series.rounds), default=0.0)
    yield f"The load generator used at most {busiest:.0%} of one core."
    if busiest > BUSY:
        yield "That is much: the fastest figures may be its own limit."


def show(found: Found, console: Console) -> None:
    table = Table("", *COLUMNS, title="Turns", title_justify="left")
    last = ""
    for series in found.series:
        if last and series.name != last:
            table.add_section()
        table.add_row("" if series.name == last else series.name, *row_of(series))
        last = series.name
    for column in table.columns[1:]:
        column.justify = "right"
    verdicts = Table("promise", "found", "reached", title="Targets", title_justify="left")
    for target in found.targets:
        verdicts.add_row(target.promise, target.found, VERDICTS[target.reached], style=_style(target))
    console.print(table, verdicts)
    for name, value in found.facts.items():
        console.print(f"- {name}: {value:.3g}", markup=False, highlight=False)
    for remark in remarks(found):
        console.print(f"- {remark}", markup=False, highlight=False)


def _style(target: Target) -> str:
    return {True: "green", False: "bold red", None: "dim"}[target.reached]


def to_markdown(found: Found) -> str:
    lines = ["# What the measurement found", ""]
    lines += [f"- {name}: {value}" for name, value in found.machine.items()]
    lines += ["", "## Targets", "", "| promise | found | reached |", "|---|---|---|"]
    lines += [f"| {each.promise} | {each.found} | {VERDICTS[each.reached]} |" for each in found.targets]
    lines += ["", "## Turns", "", f"| | {' | '.join(COLUMNS)} |", "|---" + "|---:" * len(COLUMNS) + "|"]
    lines += [f"| {series.name} | {' | '.join(row_of(series))} |" for series in found.series]
    if found.facts:
        lines += ["", "## By itself", "", *(f"- {name}: {value:.3g}" for name, value in found.facts.items())]
    return "\n".join([*lines, "", "## Remarks", "", *(f"- {remark}" for remark in remarks(found))]) + "\n"


def write(found: Found, folder: Path) -> None:
    """`bench.json` with every round and `bench.md` to read."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found.document(), indent=1, ensure_ascii=False)
    (folder / "bench.json").write_text(text + "\n", encoding="utf-8")
    (folder / "bench.md").write_text(to_markdown(found), encoding="utf-8")
