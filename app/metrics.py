"""What Prometheus may see: counts and states, never a person."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from app.wiring import House


class HouseCollector:
    """Reads the counters of the running parts when asked."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        turns = CounterMetricFamily("wijkverhaal_turns", "Turns taken, by channel.", labels=["channel"])
        for channel, count in sorted(self._house.conversations.counts.items()):
            turns.add_metric([channel], count)
        yield turns
        understanding = self._house.understanding
        warm = GaugeMetricFamily(
            "wijkverhaal_understanding_full", "1 when the model answers, 0 with rules only."
        )
        warm.add_metric([], float(understanding.is_warm))
        yield warm
        if understanding.client is not None:
            yield CounterMetricFamily(
                "wijkverhaal_model_calls", "Texts sent to the model.", understanding.client.calls
            )
            yield CounterMetricFamily(
                "wijkverhaal_model_failures",
                "Texts the model gave no answer to.",
                understanding.client.failures,
            )


def build_registry(house: House) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HouseCollector(house))
    return registry
