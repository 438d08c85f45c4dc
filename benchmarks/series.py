"""What a measurement found, as plain records: rounds of each contestant, medians and paired ratios. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.load import Sample, quantile


@dataclass(frozen=True, slots=True)
class Round:
    """One contestant in one round. `p50` and `p95` in milliseconds; `cpu` is what its process spent on a turn, in
    milliseconds, 0 when unknown; `busy` is the generator's share of one core."""

    turns: int
    rate: float
    p50: float
    p95: float
    cpu: float
    busy: float


def round_of(sample: Sample, cpu_seconds: float = 0.0) -> Round:
    turns = len(sample.times)
    return Round(
        turns,
        sample.rate,
        quantile(sample.times, 0.5) * 1e3,
        quantile(sample.times, 0.95) * 1e3,
        cpu_seconds * 1e3 / turns if turns else 0.0,
        sample.busy,
    )


@dataclass(slots=True)
class Series:
    """All rounds of one contestant with so many residents at once."""

    name: str
    residents: int
    rounds: list[Round] = field(default_factory=list)

    def middle(self, of: Callable[[Round], float]) -> float:
        return float(median(of(each) for each in self.rounds)) if self.rounds else 0.0

    @property
    def rate(self) -> float:
        return self.middle(lambda each: each.rate)


def paired(ours: Series, *theirs: Series) -> float:
    """The median over the rounds of our turns/s divided by the fastest of theirs in the same round.

    Neighbours on the machine slow a whole round down, so a ratio within one round says more than one of medians.
    """
    rivals = list(zip(*(each.rounds for each in theirs), strict=True))
    pairs = zip(ours.rounds, rivals, strict=True)
    return float(median(one.rate / max(other.rate for other in others) for one, others in pairs))


@dataclass(frozen=True, slots=True)
class Target:
    """What was to be reached. `found` is what was measured, in words; `reached` None when it could not be measured."""

    promise: str
    found: str
    reached: bool | None


@dataclass(slots=True)
class Found:
    """Everything of one run. `facts` are single figures, their unit in the name; `notes` are whole sentences
    for whoever reads the figures; `broken` tells which parts broke off, with what they had found until then
    still there."""

    machine: dict[str, str]
    series: list[Series] = field(default_factory=list)
    memory_mb: float = 0.0
    intakes: int = 0
    facts: dict[str, float] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def get(self, name: str, residents: int) -> Series | None:
        found = (each for each in self.series if (each.name, each.residents) == (name, residents))
        return next((each for each in found if each.rounds), None)

    def add(self, name: str, residents: int, found: Round) -> None:
        series = self.get(name, residents)
        if series is None:
            series = Series(name, residents)
            self.series.append(series)
        series.rounds.append(found)

    def document(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def names_of(series: Sequence[Series]) -> list[str]:
    return list(dict.fromkeys(each.name for each in series))
