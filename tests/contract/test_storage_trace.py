"""One person's trace on both databases: everything in order, in Dutch time, and nothing that says who they are."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.settings import read_settings
from app.tracing import SIMULATED, trace_person
from app.wiring import open_house
from domain.message import Incoming, IncomingKind
from tests.contract.conftest import KEY, Database

pytestmark = pytest.mark.anyio
AT = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
CHAT = "4455667788"


async def talk(settings: object, *texts: str, simulated: bool = False) -> str:
    now, reference = AT, ""
    async with open_house(settings) as house:  # type: ignore[arg-type]  # the test's own shorthand
        for text in texts:
            now += timedelta(minutes=1)
            incoming = Incoming("telegram", CHAT, IncomingKind.TEXT, now, text=text, simulated=simulated)
            reference = (await house.conversations.take(incoming)).reference
    return reference


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> object:
    plain = read_settings({"WIJKVERHAAL_DATA": str(tmp_path / "data"), "WIJKVERHAAL_RULES_ONLY": "yes"})
    return replace(plain, database=database.url, key=KEY)


async def traced(settings: object, reference: str, *, as_json: bool = False) -> tuple[bool, str]:
    written: list[str] = []
    found = await trace_person(settings, reference, as_json, written.append)  # type: ignore[arg-type]  # the test's own shorthand
    return found, "\n".join(written)


async def test_trace_tells_everything_in_order_in_dutch_time(settings: object) -> None:
    reference = await talk(
        settings, "hallo", "ja", "nazareth", "pottenberg", "terug", "nazareth", "ik wil dood"
    )
    found, told = await traced(settings, reference)
    assert found
    lines = [line.strip() for line in told.splitlines()]
    assert lines[0] == f"{reference}: telegram, nl, 7 turns"
    assert "2026-07-02" in lines  # half past midnight, where it is summer
    assert "00:31:00  heard greeted; asked consent_answers" in lines
    places = [next(place for place, line in enumerate(lines) if words in line) for words in (
        "response questionnaire=veerkracht", "consent answers: yes", "answer consent_answers = yes",
        "answer about_you/wijk = nazareth", "heard danger", "signal danger=suicide",
    )]  # fmt: skip # read as one piece
    assert places == sorted(places)
    assert CHAT not in told
    assert "ik wil dood" not in told


async def test_trace_as_json_holds_the_same(settings: object) -> None:
    reference = await talk(settings, "hallo", "ja")
    found, told = await traced(settings, reference, as_json=True)
    document = json.loads(told)
    assert found
    assert (document["reference"], document["simulated"], document["turns"]) == (reference, False, 2)
    assert document["events"][0] == {
        "at": "2026-07-02T00:31:00+02:00", "kind": "turn", "heard": "greeted", "question": "consent_answers"
    }  # fmt: skip # read as one piece
    assert {"answer", "consent", "response", "turn", "message"} == {
        each["kind"] for each in document["events"]
    } - {"planned"}


async def test_trace_of_somebody_simulated_says_so(settings: object) -> None:
    reference = await talk(settings, "hallo", simulated=True)
    assert SIMULATED in (await traced(settings, reference))[1].splitlines()


async def test_trace_of_somebody_unknown_or_erased_is_one_sentence(settings: object) -> None:
    reference = await talk(settings, "hallo", "ja", "wis mijn gegevens", "ja")
    for asked in (reference, "nobody"):
        found, told = await traced(settings, asked)
        assert not found
        assert told == (
            f"Nobody is known by the reference {asked}. It may be mistyped, or this person was erased: "
            "then nothing is left to tell."
        )


async def test_every_look_is_logged_without_content(settings: object) -> None:
    reference = await talk(settings, "hallo", "ja", "nazareth")
    with capture_logs() as logged:
        await traced(settings, reference)
        await traced(settings, "nobody@example.org")
    assert logged == [
        {"event": "trace_read", "log_level": "warning", "reference": reference, "found": True},
        {"event": "trace_read", "log_level": "warning", "reference": "unknown", "found": False},
    ]
