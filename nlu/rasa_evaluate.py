"""Measures the Rasa model on the held-out sentences; it trains nothing and judges nothing.

Run as `python -m nlu.rasa_evaluate`: starts a server of its own, or asks the one named with --url and --token.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.rasa_client import RasaClient
from nlu.rasa_data import HELD_OUT, LANGUAGES, Example, read_examples
from nlu.rasa_environment import Missing, find_environment, models_folder
from nlu.rasa_parse import ModelParse
from nlu.rasa_server import Down, RasaServer, Serving
from nlu.rasa_train import NotTrained, find_model

OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Judged:
    """A held-out sentence with what the model made of it."""

    example: Example
    parse: ModelParse

    @property
    def guess(self) -> str:
        return self.parse.intents[0][0]


@dataclass(frozen=True)
class NotMeasured:
    """Nothing could be measured; `reason` is one or more whole sentences."""

    reason: str


@dataclass(frozen=True)
class Figures:
    """All from 0 to 1. `out_of_scope_auroc`: how well the confidence in "out of scope" sets those apart."""

    sentences: int
    accuracy: float
    macro_f1: float
    out_of_scope_auroc: float


def measure(judged: Sequence[Judged]) -> Figures:
    """The figures over at least one sentence."""
    right = sum(item.guess == item.example.intent for item in judged)
    return Figures(len(judged), right / len(judged), macro_f1(judged), out_of_scope_auroc(judged))


def macro_f1(judged: Sequence[Judged]) -> float:
    """The mean, over all intents held out or guessed, of the harmonic mean of precision and recall."""
    wanted = Counter(item.example.intent for item in judged)
    guessed = Counter(item.guess for item in judged)
    right = Counter(item.guess for item in judged if item.guess == item.example.intent)
    intents = wanted.keys() | guessed.keys()
    return sum(2 * right[name] / (wanted[name] + guessed[name]) for name in intents) / len(intents)


def out_of_scope_auroc(judged: Sequence[Judged]) -> float:
    """The chance that an out-of-scope sentence scores above another one; a tie counts half; 0.5 is guessing."""
    inside = [_outside(item) for item in judged if item.example.intent != OUT_OF_SCOPE]
    outside = [_outside(item) for item in judged if item.example.intent == OUT_OF_SCOPE]
    if not inside or not outside:
        return 0.5
    won = sum((high > low) + 0.5 * (high == low) for high in outside for low in inside)
    return won / (len(inside) * len(outside))


def _outside(item: Judged) -> float:
    return dict(item.parse.intents).get(OUT_OF_SCOPE, 0.0)


async def judge(client: RasaClient, examples: Sequence[Example]) -> list[Judged]:
    """Ask the model about each sentence; those without an answer are left out."""
    answers = [(example, await client.parse(example.text)) for example in examples]
    return [Judged(example, parse) for example, parse in answers if parse is not None]


def report(judged: Sequence[Judged], asked: int, *, show_mistakes: bool) -> str:
    """A table with one line per language and one for all; the held-out sentences are our own, not residents'."""
    lines = [f"{'language':10}{'sentences':>10}{'accuracy':>10}{'macro-F1':>10}{'AUROC':>8}"]
    for name, languages in (*((one, (one,)) for one in LANGUAGES), ("all", LANGUAGES)):
        chosen = [item for item in judged if item.example.language in languages]
        if chosen:
            found = measure(chosen)
            lines.append(
                f"{name:10}{found.sentences:>10}{found.accuracy:>10.3f}{found.macro_f1:>10.3f}"
                f"{found.out_of_scope_auroc:>8.3f}"
            )
    if len(judged) < asked:
        lines.append(f"{asked - len(judged)} sentences were not answered in time and are not counted.")
    wrong = [item for item in judged if item.guess != item.example.intent] if show_mistakes else []
    return "\n".join([*lines, *(f"{i.example.intent} -> {i.guess}: {i.example.text}" for i in wrong)])


async def evaluate(client: RasaClient, *, show_mistakes: bool) -> str | NotMeasured:
    examples = read_examples(HELD_OUT)
    judged = await judge(client, examples)
    if not judged:
        return NotMeasured("The Rasa server answered none of the sentences.")
    return report(judged, len(examples), show_mistakes=show_mistakes)


async def _evaluate_own_server(models: Path, *, show_mistakes: bool) -> str | NotMeasured:
    """Start a server, measure, end it."""
    environment, model = find_environment(os.environ), find_model(models)
    if isinstance(environment, Missing):
        return NotMeasured(environment.reason)
    if isinstance(model, NotTrained):
        return NotMeasured(model.reason)
    token = secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory() as work:
        server = RasaServer(
            environment=environment,
            model=model.path,
            token=token,
            work=Path(work),
            env=os.environ,
            clock=time.monotonic,
        )
        try:
            await server.start()
            state = await server.wait_until_settled()
            if not isinstance(state, Serving):
                return NotMeasured(
                    state.reason if isinstance(state, Down) else "The Rasa server is too slow."
                )
            return await _evaluate_at(server.base_url, token, show_mistakes=show_mistakes)
        finally:
            await server.stop()


async def _evaluate_at(url: str, token: str, *, show_mistakes: bool) -> str | NotMeasured:
    async with RasaClient([url], token, clock=time.monotonic, timeout_seconds=5.0) as client:
        return await evaluate(client, show_mistakes=show_mistakes)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nlu.rasa_evaluate", description="Measure the Rasa model."
    )
    parser.add_argument(
        "--models", type=Path, default=models_folder(os.environ), help="folder with the model files"
    )
    parser.add_argument("--url", help="a running Rasa server, instead of one of our own")
    parser.add_argument("--token", default="", help="the token of that server")
    parser.add_argument("--mistakes", action="store_true", help="also list what went wrong")
    chosen = parser.parse_args(arguments)
    work = (
        _evaluate_at(chosen.url, chosen.token, show_mistakes=chosen.mistakes)
        if chosen.url
        else _evaluate_own_server(chosen.models, show_mistakes=chosen.mistakes)
    )
    result = asyncio.run(work)
    if isinstance(result, NotMeasured):
        print(result.reason, file=sys.stderr)
        return 1
    print(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
