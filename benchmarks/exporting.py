"""How fast an export is and how much memory it takes: `python -m benchmarks.exporting`. A database of 30,000 responses
of the shipped questionnaire is made first; each format is written by the real command, in a process of its own."""

import argparse
import asyncio
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.shelf import open_shelf
from domain.consent import Purpose
from domain.questionnaire import Question, QuestionKind
from storage import Vault, open_store, schema
from storage.sqlite import create_engine

RESPONSES = 30_000
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT_ONCE = 1_000
_UNANSWERED = ("skipped", "dont_know", "refused")
_TEXT = """de bewoners van onze straat helpen elkaar als er iets is maar het groen wordt slecht onderhouden en de bus rijdt
niet vaak genoeg ik zou graag een plek hebben om samen koffie te drinken met mensen uit de buurt mijn buren zijn aardig
de huur is te hoog voor wat je krijgt 's avonds voelt het niet altijd veilig op straat"""
_WORDS = _TEXT.split()


def make_database(file: Path, key: Path, responses: int = RESPONSES) -> int:
    """Fills a new SQLite file with finished responses of real-looking people; the number of answers in it. The same
    number of responses gives the same answers."""
    file.parent.mkdir(parents=True, exist_ok=True)
    vault = Vault.open(key)
    chance = random.Random(responses)
    asyncio.run(_make_schema(file, vault))
    engine = create_engine(sa.URL.create("sqlite", database=str(file)), vault)
    count = 0
    for first in range(0, responses, AT_ONCE):
        rows = _rows(range(first, min(first + AT_ONCE, responses)), chance)
        with engine.begin() as connection:
            for table, values in rows.items():
                connection.execute(sa.insert(table), values)
        count += len(rows[schema.answers])
    engine.dispose()
    return count


async def _make_schema(file: Path, vault: Vault) -> None:
    store = open_store(f"sqlite:///{file}", vault=vault, new_id=lambda: "nobody")
    await store.close()


def _rows(people: range, chance: random.Random) -> dict[sa.Table, list[dict[str, Any]]]:
    form = open_shelf().current()
    questions = [each for each in form.questionnaire.questions if each.waits and not each.reach]
    rows: dict[sa.Table, list[dict[str, Any]]] = {
        schema.responses: [],
        schema.answers: [],
        schema.consents: [],
    }
    for person in people:
        response = f"{chance.getrandbits(120):030x}"
        began = BEGAN + timedelta(minutes=7 * person)
        rows[schema.responses].append({
            "id": response, "reference": None, "questionnaire": form.questionnaire.id,
            "version": form.questionnaire.version, "language": "nl", "channel": chance.choice(["telegram", "web"]),
            "simulated": False, "started_at": began, "closed_at": began + timedelta(minutes=8),
            "outcome": "finished", "campaign": "", "wave": 0, "assisted_by": "", "session": "", "meemaker": "",
        })  # fmt: skip # read as one row of a table
        said = dict(_answers(questions, chance))
        for place, (path, (status, value)) in enumerate(said.items()):
            question = form.question(path)
            at = began + timedelta(seconds=10 * place)
            rows[schema.answers].append({
                "response": response, "path": path, "status": status, "value": value, "at": at, "by": "tap",
                "model": "", "purpose": question.purpose.value, "typed_by": "",
            })  # fmt: skip # read as one row of a table
            if question.consent is not None:
                rows[schema.consents].append({
                    "reference": None, "response": response, "purpose": question.consent.value,
                    "given": value == "yes", "text_version": "1", "at": at,
                })  # fmt: skip # read as one row of a table
    return rows


def _answers(questions: Sequence[Question], chance: random.Random) -> Iterator[tuple[str, tuple[str, str]]]:
    """(path, (status, value)): valid for its question, about one in ten not answered; no talk and no wishes for most."""
    wants_talk = chance.random() < 0.3
    for question in questions:
        if question.wish and not wants_talk:
            continue
        if question.consent is Purpose.ANSWERS or (question.consent and chance.random() < 0.7):
            yield question.path, ("answered", "yes")
        elif question.name == "talk_offer":
            yield question.path, ("answered", "yes" if wants_talk else "no")
        elif chance.random() < 0.1 and question.consent is None:
            yield question.path, (chance.choice(_UNANSWERED), "")
        else:
            yield question.path, ("answered", _value(question, chance))


def _value(question: Question, chance: random.Random) -> str:
    if question.kind is QuestionKind.TEXT:
        return " ".join(chance.choices(_WORDS, k=chance.randint(4, 30)))
    if question.kind is QuestionKind.INTEGER:
        return str(chance.randint(1, 10))
    names = [choice.name for choice in question.choices if choice.name not in ("under_16", "elsewhere")]
    if question.kind is QuestionKind.SELECT_MULTIPLE:
        return " ".join(name for name in names if chance.random() < 0.4) or names[0]
    return chance.choice(names)


def measure(data: Path, out: Path, options: Sequence[str]) -> dict[str, float]:
    """Seconds, seconds of the processor and peak memory (MB, of the process and its children) of one export."""
    environment = {**os.environ, "WIJKVERHAAL_DATA": str(data)}
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    code = (
        "import resource, sys; from app.cli import app; app(standalone_mode=False); "
        "own, kids = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)); "
        "print(own / 1024, kids / 1024)"
    )
    command = [sys.executable, "-c", code, "export", "--out", str(out), *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own, children = map(float, done.stdout.split()[-2:])
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "seconds": time.perf_counter() - began,
        "processor": processor,
        "MB": own,
        "MB of a child": children,
    }


_RAW = """
import csv, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "select r.id, a.path, a.status, a.value, a.at from responses r join answers a on a.response = r.id"
    " order by r.started_at, r.id, a.path, a.id"
)
with open(sys.argv[2], "w", newline="") as file:
    csv.writer(file).writerows(rows)
"""


def measure_raw(data: Path, out: Path) -> dict[str, float]:
    """The raw limit of one core: every answer as it is stored into one CSV file, with nothing looked at."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", _RAW, str(data / "wijkverhaal.db"), str(out)]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": time.perf_counter() - began, "processor": processor}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=RESPONSES)
    parser.add_argument("--formats", default="csv,jsonl", help="which formats, with commas between")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, help="keep the database here, and use it again")
    parser.add_argument("options", nargs="*", help="more options of `wijkverhaal export`, after --")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = asked.data or Path(folder) / "data"
        known = data / "answers.json"
        if not known.exists():
            answers = make_database(data / "wijkverhaal.db", data / "vault.key", asked.responses)
            known.write_text(json.dumps(answers))
        answers = json.loads(known.read_text())
        print(f"{answers:,} answers")
        for _ in range(asked.rounds):
            # A busy neighbour slows all in a round: read the ratios.
            raw = measure_raw(data, Path(folder) / "raw.csv")
            say("raw limit", raw, raw, answers)
            for name in asked.formats.split(","):
                out = Path(folder) / name
                say(name, measure(data, out, ["--format", name, *asked.options]), raw, answers)
                shutil.rmtree(out)


def say(name: str, found: dict[str, float], raw: dict[str, float], answers: int) -> None:
    figures = ", ".join(f"{value:.1f} {what}" for what, value in found.items())
    print(
        f"{name}: {answers / found['seconds']:,.0f} answers/s, {figures}; "
        f"{found['seconds'] / raw['seconds']:.1f} x the time and {found['processor'] / raw['processor']:.1f} x the work of the raw limit",
        flush=True,
    )


if __name__ == "__main__":
    main()
