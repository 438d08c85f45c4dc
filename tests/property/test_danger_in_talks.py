"""Wherever a talk about a talk in person stands, danger gets the safety answer, and stop stops."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.state import Phase
from domain.session import SessionStatus
from tests.effort import effort
from tests.unit.bot.meeting.town import Resident, Town

DANGER = st.sampled_from(
    [
        "ik wil niet meer leven", "ik maak er een eind aan", "I want to kill myself", "mijn man slaat mij",
        "er ligt iemand bewusteloos op straat",
    ]
)  # fmt: skip # read as one list
# Each leads on to the next step; how many are said decides where the danger comes.
WAY = st.sampled_from(
    [
        ["ik wil praten", "ja", "in de buurt", "nazareth", "altijd", "iets anders", "nog iets", "vrouw", "1", "afspraak afzeggen"],
        ["hallo", "ja", "ik wil praten", "ja", "thuis", "pottenberg", "dinsdagmiddag", "de eerste", "Kerkstraat 12"],
        ["ik wil praten", "ja", "in een groep", "sla over", "bloemkool", "donderdag", "1", "afspraak verzetten"],
    ]
)  # fmt: skip # a way a line


async def walk(folder: Path, way: list[str], said: str) -> tuple[Resident, str]:
    town = Town(folder)
    await town.settle()
    ria = town.resident()
    for each in way:
        await ria.say(each)
    reply = await ria.say(said)
    state = await ria.state()
    assert state.meeting == ""
    if said == "stop":
        assert state.phase is Phase.STOPPED
    talks = await ria.talks()
    assert all(each.status is not SessionStatus.CANCELLED for each in talks)
    await town.store.close()
    return ria, reply


@settings(max_examples=effort(20), deadline=None)
@given(way=WAY, steps=st.integers(1, 10), said=DANGER)
def test_danger_in_any_step_gets_the_safety_answer(way: list[str], steps: int, said: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, reply = asyncio.run(walk(Path(folder), way[:steps], said))
    assert "112" in reply
    assert "Ik ben een computer en geen nooddienst" in reply or "not an emergency service" in reply
    assert "Welke tijd kiest u" not in reply


@settings(max_examples=10, deadline=None)
@given(way=WAY, steps=st.integers(1, 10))
def test_stop_in_any_step_stops(way: list[str], steps: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(walk(Path(folder), way[:steps], "stop"))
