"""Rasa breaks in the middle of conversations, in every way it can: everybody gets their answer, and it comes back."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.broken_rasa import FAULTS, WELL, BrokenRasa, broken_rasa
from tests.acceptance.running import Assistant, Resident, rows, running_assistant
from tests.acceptance.test_main_job import INTAKE
from tests.patience import PATIENCE, wait_until

AGREES = "zwiepel de knots"
"""Words that no rule will ever know; the stand-in takes them for agreement."""

STATEMENT = {"Helemaal eens", "Eens", "Oneens"}


@dataclass
class Town:
    assistant: Assistant
    rasas: Sequence[BrokenRasa] = ()

    def resident_at_statement(self, name: str) -> Resident:
        resident = Resident(self.assistant, name)
        resident.say("hallo")
        for one in INTAKE:
            if one.name == "res_1":
                break
            resident.tap(one.button)
        assert set(resident.buttons) >= STATEMENT
        return resident

    def get(self, path: str) -> str:
        with closing(http.client.HTTPConnection(*self.assistant.address, timeout=PATIENCE)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    def understanding(self) -> str:
        return str(json.loads(self.get("/healthz"))["understanding"])

    def wait_for(self, understanding: str, rounds: int = 1) -> None:
        """So many times as long as anything else: a real Rasa starts slowly where much else runs."""
        for _ in range(rounds):
            try:
                wait_until(lambda: self.understanding() == understanding, "it is as wanted")
            except AssertionError:
                continue
            return
        raise AssertionError(f"understanding never became {understanding}")

    def last_answer(self) -> tuple[str, str, str, str]:
        """Question, value, which step decided, and the model that helped: of the answer that was stored last."""
        found = rows(
            self.assistant.database, "select path, value, by, model from answers order by id desc limit 1"
        )
        path, value, by, model = found[0]
        return path.rpartition("/")[2], value, by, model

    def understood(self, resident: Resident) -> str:
        """Says it until it is understood, for on a busy machine Rasa may be late once; the model that understood it."""

        def says_it() -> bool:
            resident.say(AGREES)
            return self.last_answer()[1:3] == ("agree", "rasa")

        wait_until(says_it, "it is understood")
        return self.last_answer()[3]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with broken_rasa(meaning="agree") as rasa:
        elsewhere = {"WIJKVERHAAL_RASA_URL": rasa.url}
        with running_assistant(tmp_path_factory.mktemp("away"), extra=elsewhere, arguments=()) as assistant:
            yield Town(assistant, [rasa])


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_in_the_middle_costs_one_question_back(town: Town, fault: str) -> None:
    [rasa] = town.rasas
    rasa.mood = WELL
    town.wait_for("full")
    resident = town.resident_at_statement(f"resident-{fault}")

    rasa.mood = fault
    resident.say(AGREES)
    assert set(resident.buttons) >= STATEMENT
    resident.tap("Oneens")
    assert town.last_answer() == ("res_1", "disagree", "tap", "")
    resident.say("helemaal mee eens")
    assert town.last_answer() == ("res_2", "agree_strongly", "rules", "")
    resident.say("ik wil dood")
    assert "113" in resident.text

    rasa.mood = WELL
    town.wait_for("full")
    other = town.resident_at_statement(f"after-{fault}")
    assert town.understood(other) == "nlu-of-the-stand-in"


def test_rasa_away_for_long_is_told_and_nobody_waits_for_it(town: Town) -> None:
    [rasa] = town.rasas
    rasa.mood = "hangs"
    town.wait_for("rules only")
    asked = len(rasa.asked)
    resident = town.resident_at_statement("patient")
    resident.say(AGREES)
    assert set(resident.buttons) >= STATEMENT
    assert AGREES not in rasa.asked[asked:]
    assert "wijkverhaal_understanding_full 0.0" in town.get("/metrics")

    rasa.mood = WELL
    town.wait_for("full")
    assert town.understood(resident) == "nlu-of-the-stand-in"
    assert "wijkverhaal_understanding_full 1.0" in town.get("/metrics")


def test_start_with_rasa_away_says_so(tmp_path: Path) -> None:
    with broken_rasa("away") as rasa:
        elsewhere = {"WIJKVERHAAL_RASA_URL": rasa.url}
        with running_assistant(tmp_path, extra=elsewhere, arguments=()) as assistant:
            assistant.wait_for_line("Understanding  rules only for now.")
            town = Town(assistant, [rasa])
            assert town.understanding() == "rules only"
            rasa.mood = WELL
            town.wait_for("full")


def test_one_of_two_goes_and_comes_back_while_people_are_understood(tmp_path: Path) -> None:
    with (
        broken_rasa(meaning="agree", model="nlu-one") as one,
        broken_rasa(meaning="agree", model="nlu-other") as other,
    ):
        elsewhere = {"WIJKVERHAAL_RASA_URL": f"{one.url}, {other.url}"}
        with running_assistant(tmp_path, extra=elsewhere, arguments=()) as assistant:
            town = Town(assistant, [one, other])

            def models(name: str, statements: int) -> set[str]:
                resident = town.resident_at_statement(name)
                return {town.understood(resident) for _ in range(statements)}

            assert models("first", 4) == {"nlu-one", "nlu-other"}
            one.mood = "away"
            assert models("second", 9) == {"nlu-other"}
            wait_until(lambda: 'servers{state="left_alone"} 1.0' in town.get("/metrics"), "one is left alone")
            assert town.understanding() == "full"
            one.mood, one.model = WELL, "nlu-three"
            wait_until(
                lambda: 'servers{state="left_alone"} 0.0' in town.get("/metrics"), "one is asked again"
            )
            assert models("third", 4) == {"nlu-three", "nlu-other"}
