"""`python -m benchmarks.compare_pipelines`: trains other Rasa pipelines on our sentences and sets them beside ours.

Every line of the table comes from the same sentences, the same held-out sentences and a server of its own. With DIET it
takes an hour or more on two cores; a model that was trained before is kept and used again.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.rasa_client import RasaClient
from nlu.rasa_data import HELD_OUT, Example, read_examples
from nlu.rasa_environment import Missing, find_environment, models_folder
from nlu.rasa_evaluate import Figures, Judged, judge, measure
from nlu.rasa_server import RasaServer, Serving
from nlu.rasa_train import Material, NotTrained, train_model

PIPELINES = Path(__file__).resolve().parent / "pipelines"
LONGEST_TRAINING_SECONDS = 3 * 3600
WORD = 200  # sentences over which the time of one is taken


@dataclass(frozen=True)
class Line:
    """One pipeline: `training_seconds` is None when the model was there already; times in milliseconds, one thread."""

    name: str
    figures: Figures
    among_two: float
    training_seconds: float | None
    median_ms: float
    slowest_ms: float
    resident_mb: float


@dataclass(frozen=True)
class Failed:
    """One pipeline that could not be measured, and why."""

    name: str
    reason: str


async def compare(name: str, material: Material, models: Path) -> Line | Failed:
    """Train one pipeline where needed, serve it, ask it every held-out sentence."""
    began = time.monotonic()
    before = set(models.glob("nlu-*.tar.gz"))
    model = train_model(models, os.environ, _say, material=material, longest_seconds=LONGEST_TRAINING_SECONDS)
    if isinstance(model, NotTrained):
        return Failed(name, model.reason)
    took = None if model.path in before else time.monotonic() - began
    environment = find_environment(os.environ)
    if isinstance(environment, Missing):
        return Failed(name, environment.reason)
    token = secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory() as work:
        server = RasaServer(
            environment=environment,
            model=model.path,
            token=token,
            work=Path(work),
            env=os.environ,
            clock=time.monotonic,
            memory_mb=4096,
            known=(),  # what a pipeline does not know is to be counted, not kept from being served
        )
        try:
            await server.start()
            if not isinstance(await server.wait_until_settled(), Serving) or server.pid is None:
                return Failed(name, "Its server did not come up, or does not know the simplest sentences.")
            async with RasaClient(
                [server.base_url], token, clock=time.monotonic, timeout_seconds=10.0
            ) as client:
                examples = read_examples(HELD_OUT)
                judged = await judge(client, examples)
                times = await _times(client, examples[:: max(1, len(examples) // WORD)])
            return Line(
                name,
                measure(judged),
                _among_two(judged),
                took,
                times[len(times) // 2],
                times[-1],
                _resident_mb(server.pid),
            )
        finally:
            await server.stop()


async def _times(client: RasaClient, examples: Sequence[Example]) -> list[float]:
    found = []
    for example in examples:
        began = time.perf_counter()
        await client.parse(example.text)
        found.append(1000 * (time.perf_counter() - began))
    return sorted(found)


def _among_two(judged: Sequence[Judged]) -> float:
    return sum(item.example.intent in [name for name, _ in item.parse.intents[:2]] for item in judged) / len(
        judged
    )


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def table(lines: Sequence[Line | Failed]) -> str:
    """Markdown."""
    rows = [
        "| pipeline | held-out accuracy / macro-F1 | out-of-scope AUROC | right among two | training "
        "| one sentence, median / slowest | memory of the server |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        if isinstance(line, Failed):
            rows.append(f"| {line.name} | not measured: {line.reason} | | | | | |")
            continue
        training = "kept" if line.training_seconds is None else f"{line.training_seconds:.0f} s"
        rows.append(
            f"| {line.name} | {line.figures.accuracy:.3f} / {line.figures.macro_f1:.3f} "
            f"| {line.figures.out_of_scope_auroc:.3f} | {line.among_two:.3f} | {training} "
            f"| {line.median_ms:.1f} / {line.slowest_ms:.0f} ms | {line.resident_mb:.0f} MB |"
        )
    return "\n".join(rows)


async def run(names: Sequence[str], models: Path) -> list[Line | Failed]:
    materials = {
        "ours": Material(),
        **{path.stem: Material(config=path) for path in sorted(PIPELINES.glob("*.yml"))},
    }
    found = []
    for name in names or list(materials):
        found.append(await compare(name, materials[name], models))
        print(table(found[-1:]).splitlines()[-1], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare_pipelines", description="Set other Rasa pipelines beside ours."
    )
    names = ["ours", *sorted(path.stem for path in PIPELINES.glob("*.yml"))]
    parser.add_argument(
        "pipelines", nargs="*", choices=[*names, []], help=f"which: {', '.join(names)} (default: all)"
    )
    chosen = parser.parse_args().pipelines
    print(table(asyncio.run(run(chosen, models_folder(os.environ)))))


if __name__ == "__main__":
    main()
