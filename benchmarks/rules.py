"""How long the rules take: `python -m benchmarks.rules`. Ten thousand different lines, and the texts that cost most."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from domain.understanding import Expected, ExpectedKind
from nlu.measure_safety import load_cases
from nlu.rasa_data import DATA, HELD_OUT, read_examples
from nlu.rules.safety import warm_up
from nlu.rules.safety_patterns import load_rules
from nlu.rules.windows import read_windows
from nlu.understand import understand

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
LETTERS = 4_096
"""The longest message that Telegram sends."""
TIMES = 5


def main() -> None:
    for _ in warm_up():
        pass
    _read("hallo")
    lines = [example.text for example in read_examples(DATA) + read_examples(HELD_OUT)]
    lines = (lines * (10_000 // len(lines) + 1))[:10_000]
    each = sorted(seconds(line, once=True) for line in lines)
    print(
        f"{len(lines)} lines ({len(set(lines))} different): {sum(each):.1f} s; one takes {statistics.median(each) * 1e3:.2f} ms, "
        f"one in a hundred {each[-len(each) // 100] * 1e3:.1f} ms or more, the longest {each[-1] * 1e3:.1f} ms"
    )
    for name, text in hard_texts().items():
        print(f"{name:>24} ({len(text)} letters): {seconds(text) * 1e3:5.1f} ms")


def seconds(text: str, *, once: bool = False) -> float:
    """The best of some, or one: all that the rules make of a text where nothing was asked."""
    return min(_timed(lambda: _read(text)) for _ in range(1 if once else TIMES))


def _read(text: str) -> None:
    understand(text, Expected(ExpectedKind.NONE), now=NOW)
    read_windows(text, NOW)


def _timed(work: Callable[[], None]) -> float:
    began = time.process_time()  # of the processor: other programs do not count
    work()
    return time.process_time() - began


def hard_texts() -> dict[str, str]:
    """Made to cost as much as they can."""
    chance = random.Random(4)
    words = sorted(
        {word for rule in load_rules() for way in rule.says for row in way.rows for word in row.first}
    )
    cases = load_cases("safety")
    cries = [case.text for case in cases if case.expected]
    calm = [case.text for case in cases if not case.expected]
    letters = "abcdefghijklmnoprstuvwz"
    junk = ["".join(chance.choices(letters, k=chance.randint(5, 14))) for _ in range(500)]
    dialect = ["".join(chance.choices("aeiouhjks", k=chance.randint(5, 14))) for _ in range(500)]
    joined = ["".join(chance.choices(words, k=9))[:58] for _ in range(80)]
    texts = {
        "words of the rules": " ".join(chance.choices(words, k=900)),
        "cries": " ".join(chance.choices(cries, k=200)),
        "look-alikes": " ".join(chance.choices(calm, k=200)),
        "one denial": "hij slaat me niet " * 240,
        "junk": " ".join(junk),
        "junk in dialect": "sj " + " ".join(dialect),
        "words in one": " ".join(joined),
        "hidden words": ("a" + "*" * 9 + "b ") * 350,
        "ligatures": "\ufdfa" * LETTERS,
        "one letter": "a" * LETTERS,
    }
    return {name: text[:LETTERS] for name, text in texts.items()}


if __name__ == "__main__":
    main()
