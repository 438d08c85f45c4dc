"""Feeds the rules whatever may break them, led by which lines have run: `make fuzz`. A crash, a hang of five seconds or a
result that cannot be ends it, with the text in a file."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / ".cache" / "fuzz"
"""What was found before: the next run goes on from there."""
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)

with atheris.instrument_imports(include=["nlu", "domain"]):
    from domain.questionnaire import Choice, Meaning
    from domain.understanding import Expected, ExpectedKind, UnderstandingKind
    from nlu.rules.foreign import foreign_language, languages
    from nlu.rules.safety import signals_in
    from nlu.rules.windows import read_windows
    from nlu.understand import understand

KINDS = list(ExpectedKind)
CHOICES = (
    Choice("yes", {"nl": "Ja", "en": "Yes"}, Meaning.YES),
    Choice("some", {"nl": "Min of meer", "en": "More or less"}, Meaning.SOMEWHAT),
    Choice("no", {"nl": "Nee", "en": "No"}, Meaning.NO),
)


def read_one(data: bytes) -> None:
    """The first byte says what is asked, the rest is what somebody typed."""
    number, text = (data[0], data[1:].decode("utf-8", "surrogateescape")) if data else (0, "")
    kind = KINDS[number % len(KINDS)]
    expected = Expected(kind, CHOICES if number > 127 else (), "nl" if number % 2 else "en")
    said = understand(text, expected, now=NOW)
    assert 0 <= said.confidence <= 1
    assert (said.kind is UnderstandingKind.SAFETY) == bool(said.signals)
    assert bool(signals_in(text)) == bool(said.signals)
    assert foreign_language(text) in {"", *languages()}
    ends = [(window.start, window.end) for window in read_windows(text, NOW)]
    assert all(start < end for start, end in ends)
    json.dumps(said.value)


def plant_seeds() -> None:
    """Our own sentences: what is found comes from small changes to them."""
    SEEDS.mkdir(parents=True, exist_ok=True)
    if any(SEEDS.iterdir()):
        return
    lines = (ROOT / "nlu" / "corpus" / "safety.tsv").read_text(encoding="utf-8").splitlines()[1:]
    lines += (
        (ROOT / "nlu" / "data" / "tests" / "nl" / "inform_time.yml").read_text(encoding="utf-8").splitlines()
    )
    for number, line in enumerate(lines):
        text = line.split("\t")[0].removeprefix("      - ")
        (SEEDS / f"seed{number}").write_bytes(bytes([number % 256]) + text.encode())


if __name__ == "__main__":
    plant_seeds()
    atheris.Setup([sys.argv[0], "-timeout=20", "-max_len=5000", *sys.argv[1:], str(SEEDS)], read_one)
    atheris.Fuzz()
