"""What Prometheus may see: counts and states, never a person."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from app.wiring import House

if TYPE_CHECKING:  # a start without the model does without their libraries
    from nlu.rasa_client import RasaClient
    from nlu.rasa_server import RasaServer


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
            yield from _model_metrics(understanding.client, understanding.server)


def _model_metrics(client: "RasaClient", server: "RasaServer | None") -> Iterator[Metric]:
    yield CounterMetricFamily("wijkverhaal_model_calls", "Texts sent to the model.", client.calls)
    yield CounterMetricFamily(
        "wijkverhaal_model_failures", "Texts the model gave no answer to.", client.failures
    )
    outcomes = CounterMetricFamily(
        "wijkverhaal_model_outcomes", "Texts for the model, by what became of them.", labels=["outcome"]
    )
    for outcome, count in client.outcomes.items():
        outcomes.add_metric([outcome.value], count)
    yield outcomes
    servers = GaugeMetricFamily(
        "wijkverhaal_model_servers",
        "Servers that are asked, and that are left alone for now.",
        labels=["state"],
    )
    servers.add_metric(["asked"], client.servers - client.left_alone)
    servers.add_metric(["left_alone"], client.left_alone)
    yield servers
    models = GaugeMetricFamily("wijkverhaal_model_in_use", "1 for each model in use.", labels=["model"])
    for model in client.models:
        models.add_metric([model], 1)
    yield models
    if server is not None:
        yield CounterMetricFamily(
            "wijkverhaal_model_restarts",
            "Times the server beside the app was started again.",
            server.restarts,
        )


def build_registry(house: House) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HouseCollector(house))
    return registry
