"""The measurements themselves: which servers stand side by side, who talks with them, in which order."""

import asyncio
import contextlib
import itertools
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from app.shelf import open_shelf
from benchmarks import servers, talks, targets
from benchmarks.client import Address
from benchmarks.load import Talk, drive, endless
from benchmarks.seed import seed
from benchmarks.series import Found, round_of
from benchmarks.servers import DidNotStartError, Running
from bot.dialogue.expect import expect_answer
from domain.questionnaire import QuestionKind
from domain.understanding import Expected, UnderstandingKind
from nlu.rasa_environment import Missing, find_environment, models_folder
from nlu.rasa_server import RasaServer, Serving
from nlu.rasa_train import NotTrained, find_model
from nlu.understand import understand

Say = Callable[[str], None]
BEGUN = 8  # turns of an intake after which a question of the questionnaire waits
SIDE_TURNS = 100
LONG_AGO = 1_000
HELD_OUT = Path(__file__).resolve().parent.parent / "nlu" / "data" / "tests" / "nl"
SENTENCES_OF = ("agree", "agree_strongly", "disagree", "disagree_strongly", "neutral", "affirm", "deny")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `seconds` is one contestant in one round."""

    rounds: int
    seconds: float
    residents: Sequence[int]
    volumes: Sequence[int]
    intakes: int
    typed: int


FULL = Plan(
    rounds=5, seconds=3.0, residents=(1, 8, 32), volumes=(0, 100_000, 1_000_000), intakes=1_000, typed=300
)
QUICK = Plan(rounds=3, seconds=0.8, residents=(1, 8, 32), volumes=(0, 100_000), intakes=200, typed=100)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server with those who talk to it."""

    name: str
    server: Running
    residents: Sequence[int]
    talk: Callable[[str], Talk]
    path: str = servers.REST


async def measure(contestant: Contestant, residents: int, seconds: float, found: Found, label: str) -> None:
    """One contestant in one round. `label` makes its people new ones."""
    server, made = contestant.server, endless(lambda number: contestant.talk(f"{label}-{residents}-{number}"))
    before = server.cpu_seconds()
    sample = await drive(server.at(contestant.path), made, residents, seconds)
    found.add(contestant.name, residents, round_of(sample, server.cpu_seconds() - before))


async def race(contestants: Sequence[Contestant], plan: Plan, found: Found, label: str) -> None:
    """Rounds in turn, so that what else the machine does meets everybody; the first to go changes every round."""
    for contestant in contestants:
        await measure(contestant, contestant.residents[-1], 1.0, Found({}), f"warm-{label}")
    for number in range(plan.rounds):
        shift = number % len(contestants)
        for contestant in [*contestants[shift:], *contestants[:shift]]:
            for residents in contestant.residents:
                await measure(contestant, residents, plan.seconds, found, f"{label}-{number}")


async def measure_taps(plan: Plan, found: Found, folder: Path, say: Say) -> None:
    """Whole tapped intakes beside the plain Rasa form bot and the raw limit."""
    async with AsyncExitStack() as stack:
        say(
            "Starting the assistant, the raw limit and, where they can be had, PostgreSQL and the Rasa form bot."
        )
        app = await stack.enter_async_context(servers.app(folder / "app"))
        each = await stack.enter_async_context(servers.raw_limit(folder / "each", "each"))
        group = await stack.enter_async_context(servers.raw_limit(folder / "group", "group"))
        contestants = [
            Contestant(targets.APP, app, plan.residents, talks.intake),
            Contestant(targets.RAW_EACH, each, plan.residents, talks.intake_without_end),
            Contestant(targets.RAW_GROUP, group, plan.residents, talks.intake_without_end),
        ]
        with _left_out(found, targets.ON_POSTGRES):
            url = stack.enter_context(servers.postgres(folder / "postgres"))
            on_postgres = await stack.enter_async_context(servers.app(folder / "app-postgres", url))
            contestants.append(Contestant(targets.ON_POSTGRES, on_postgres, plan.residents, talks.intake))
        with _left_out(found, targets.FORM_BOT):
            form_bot = await stack.enter_async_context(servers.form_bot(folder / "form-bot"))
            few = [residents for residents in plan.residents if residents <= 8]
            contestants.append(Contestant(targets.FORM_BOT, form_bot, few, talks.form_bot_intake))
        say(f"Measuring tapped intakes: {plan.rounds} rounds of {len(contestants)} servers.")
        await race(contestants, plan, found, "taps")


@contextlib.contextmanager
def _left_out(found: Found, name: str) -> Iterator[None]:
    try:
        yield
    except (DidNotStartError, TimeoutError) as error:
        found.notes.append(f"Left out: {name}. {str(error) or 'It did not start in time'}.")


async def measure_memory(plan: Plan, found: Found, folder: Path, say: Say) -> None:
    say(f"Measuring memory over {plan.intakes:,} intakes.")
    async with servers.app(folder / "memory") as app:
        people = (talks.intake(f"memory-{number}") for number in range(plan.intakes))
        sample = await drive(app.at(), people, 16, 240.0)
        found.memory_mb, found.intakes = app.memory_mb(), sample.talks


async def measure_volume(plan: Plan, found: Found, folder: Path, say: Say) -> None:
    """The same intakes on databases that hold more and more."""
    async with AsyncExitStack() as stack:
        contestants = []
        for volume in plan.volumes:
            say(f"Storing {volume:,} answers.")
            place = folder / f"volume-{volume}"
            await asyncio.to_thread(asyncio.run, seed(place / "data", volume))
            app = await stack.enter_async_context(servers.app(place))
            contestants.append(Contestant(targets.stored(volume), app, (8,), talks.intake))
        say("Measuring a turn against what is stored.")
        shorter = Plan(2 * plan.rounds, plan.seconds / 2, (8,), (), 0, 0)
        await race(contestants, shorter, found, "volume")


async def measure_length(plan: Plan, found: Found, folder: Path, say: Say) -> None:
    """Turn 10 of new people against turn 1,000 of people who have asked a lot."""
    say("Measuring a turn against the length of a conversation.")
    async with servers.app(folder / "length") as app:
        rounds = range(2 * plan.rounds)
        await _prepare(app, [f"old-{number}" for number in rounds])
        await _side_turns(app, [f"old-{number}" for number in rounds], LONG_AGO - BEGUN, BEGUN, 8)
        await _prepare(app, [f"new-{number}" for number in rounds])
        for number in rounds:
            both = [(targets.TURN_10, f"new-{number}", BEGUN), (targets.TURN_1000, f"old-{number}", LONG_AGO)]
            for name, person, begun in both if number % 2 else reversed(both):
                before = app.cpu_seconds()
                sample = await drive(
                    app.at(), iter([talks.side_questions(person, SIDE_TURNS, begun)]), 1, 30.0
                )
                found.add(name, 1, round_of(sample, app.cpu_seconds() - before))


async def _prepare(app: Running, people: Iterable[str]) -> None:
    await drive(app.at(), (talks.beginning(person, BEGUN) for person in people), 8, 60.0)


async def _side_turns(app: Running, people: Sequence[str], turns: int, begun: int, at_once: int) -> None:
    asked = (talks.side_questions(person, turns, begun) for person in people)
    await drive(app.at(), asked, at_once, 120.0)


async def measure_typed(plan: Plan, found: Found, folder: Path, say: Say) -> None:
    """Typed answers: those the rules know, and those that need Rasa beside Rasa alone."""
    with _left_out(found, targets.TYPED_RASA):
        async with _rasa(folder / "rasa", say) as (url, token):
            variables = {"WIJKVERHAAL_RASA_URL": url, "WIJKVERHAAL_RASA_TOKEN": token}
            async with servers.app(folder / "typed", **variables) as app:
                say("Measuring typed answers.")
                port = int(url.rpartition(":")[2])
                await _race_typed(plan, found, app, Address(port, f"/model/parse?token={token}"))


async def _race_typed(plan: Plan, found: Found, app: Running, parse: Address) -> None:
    sentences = unknown_to_rules()
    calls = failures = turns = 0.0
    for number in range(plan.rounds + 1):
        into = found if number else Found({})  # the first round warms up
        people = [f"typed-{number}-{person}" for person in range(plan.typed)]
        texts = list(itertools.islice(itertools.cycle(sentences), number, number + plan.typed))
        await _prepare(app, people)
        sample = await drive(parse, iter([talks.parses([text]) for text in texts]), 8, 60.0)
        into.add(targets.PARSE, 8, round_of(sample))
        before, asked = app.cpu_seconds(), await _asked_of_model(app)
        typed = [talks.one_turn(person, text, BEGUN) for person, text in zip(people, texts, strict=True)]
        sample = await drive(app.at(), iter(typed), 8, 60.0)
        into.add(targets.TYPED_RASA, 8, round_of(sample, app.cpu_seconds() - before))
        after = await _asked_of_model(app)
        calls, failures, turns = (
            calls + after[0] - asked[0],
            failures + after[1] - asked[1],
            turns + plan.typed,
        )
        known = Contestant(targets.TYPED_RULES, app, (8,), lambda sender: talks.intake(sender, types=True))
        await measure(known, 8, plan.seconds, into, f"known-{number}")
    found.notes.append(
        f"Of {turns:.0f} typed answers that the rules do not know, {calls / turns:.0%} went to Rasa and "
        f"{failures:.0f} came back without an answer in time."
    )


async def _asked_of_model(app: Running) -> tuple[float, float]:
    async with aiohttp.ClientSession() as http, http.get(app.at("/metrics").url) as answer:
        text = await answer.text()
    found = [
        re.search(rf"^wijkverhaal_model_{name}_total (\S+)", text, re.M) for name in ("calls", "failures")
    ]
    calls, failures = (float(each[1]) if each else 0.0 for each in found)
    return calls, failures


@contextlib.asynccontextmanager
async def _rasa(work: Path, say: Say) -> AsyncIterator[tuple[str, str]]:
    environment, model = find_environment(os.environ), find_model(models_folder(os.environ))
    if isinstance(environment, Missing):
        raise DidNotStartError(environment.reason.rstrip("."))
    if isinstance(model, NotTrained):
        raise DidNotStartError(model.reason.rstrip("."))
    work.mkdir(parents=True)
    token = secrets.token_urlsafe(24)
    server = RasaServer(
        environment=environment,
        model=model.path,
        token=token,
        work=work,
        env=os.environ,
        clock=time.monotonic,
    )
    say("Starting Rasa (about 20 seconds).")
    try:
        await server.start()
        if not isinstance(await server.wait_until_settled(), Serving):
            raise DidNotStartError("Rasa did not start")
        yield server.base_url, token
    finally:
        await asyncio.shield(server.stop())


def unknown_to_rules() -> list[str]:
    """Held-out sentences about a statement that the rules make nothing of, whichever question was asked."""
    found = []
    for intent in SENTENCES_OF:
        lines = (HELD_OUT / f"{intent}.yml").read_text(encoding="utf-8").splitlines()
        found += [
            line.strip()[2:] for line in lines if line.strip().startswith("- ") and "intent:" not in line
        ]
    expected = [
        expect_answer(question, "nl")
        for question in open_shelf().current().questionnaire.questions
        if question.kind is QuestionKind.SELECT_ONE
    ]
    return [text for text in dict.fromkeys(found) if all(_is_unknown(text, each) for each in expected)]


def _is_unknown(text: str, expected: Expected) -> bool:
    understood = understand(text, expected, now=datetime(2026, 3, 2, 9, tzinfo=UTC))
    return understood.kind is UnderstandingKind.UNCLEAR and not understood.alternatives
