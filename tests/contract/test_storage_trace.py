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
        settings, "hallo", "ja", "nazareth", "zzz", "terug", "pottenberg", "sla over", "ik wil dood", "stop"
    )
    found, told = await traced(settings, reference)
    assert found
    lines = [line for line in told.splitlines() if "message" not in line]
    consent = "'Mogen de gemeente en haar partners uw antwoorden bewaren en gebruiken voor de wijkagenda? Meedoen i…'"
    wijk, age = "'In welke wijk woont u, of bent u actief?'", "'Hoe oud bent u?'"
    version = lines[6].partition("(version ")[2].partition(")")[0]
    assert lines == [
        f"{reference}: telegram, nl, 9 turns",
        "Times are those of the Netherlands.",
        "",
        "2026-07-02",  # half past midnight, where it is summer
        "  00:31  said hello",
        f"  00:31  was asked {consent}",
        f"  00:32  began the questionnaire veerkracht (version {version}), in nl",
        f"  00:32  consent for answers: yes (version veerkracht {version})",
        f"  00:32  answered {consent} with 'Ja, dat mag' (in words)",
        f"  00:32  was asked {wijk}",
        f"  00:33  answered {wijk} with 'Nazareth' (in words)",
        f"  00:33  was asked {age}",
        "  00:34  was not understood",
        f"  00:34  was asked {age}",
        "  00:35  went back",
        f"  00:35  was asked {wijk}",
        f"  00:36  changed the answer to {wijk} to 'Pottenberg' (in words)",
        f"  00:36  was asked {age}",
        f"  00:37  skipped: {age}",
        "  00:37  was asked 'Wat past het best bij u in deze wijk?'",
        "  00:38  said something that sounds like danger, and was told where help is",
        "  00:38  a signal for staff: suicide (still open)",
        "  00:39  stopped",
        f"  00:39  the questionnaire veerkracht (version {version}) is closed: stopped",
    ]
    assert "ik wil dood" not in told
    assert CHAT not in told


async def test_trace_tells_what_is_planned_and_what_waits(settings: object) -> None:
    reference = await talk(settings, "hallo")
    _, told = await traced(settings, reference)
    assert told.splitlines()[-4:] == [
        "  00:31  was asked 'Mogen de gemeente en haar partners uw antwoorden bewaren en gebruiken voor de "
        "wijkagenda? Meedoen i…'",
        "",
        "Planned",
        "  forgetting this conversation, unless there is a consent by then, planned for 2026-07-03 00:31",
    ]
    assert told.splitlines()[5] == "  00:31  a message waits to be sent (2 times)"


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
