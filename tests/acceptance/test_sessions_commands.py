"""Group sessions and street moments from the command line, and what meemakers and residents hear of them."""

import asyncio
import csv
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from app.due_work import do_due_work
from app.sessions import read_new_start, read_start
from app.settings import read_settings
from app.talk_desk import open_desk
from app.wiring import House, open_house
from bot.conversation import Reply
from bot.dialogue.state import Phase, State, state_to_json
from bot.meeting.taps import DuoTap, payload
from bot.ports import Changes, NewResponse, RecordedConsent, TurnDb
from domain.consent import Purpose
from domain.message import Incoming, IncomingKind, Message
from domain.session import InvitationStatus, SeatStatus, SessionStatus, Stretch
from scheduler.hours import AMSTERDAM
from storage.sessions import SessionTable
from tests.acceptance.running import environment
from tests.acceptance.test_people_and_places import run, said, written
from tests.unit.storage.talking import answer, saving, words

PEOPLE = """\
naam;soort;talen;wijken;max per week;beschikbaar;duo
Els Peeters;bewoner;nl;Nazareth;5;ma-vr 09:00-17:00;Jo
Jo;professional;nl;Nazareth;5;ma-vr 09:00-17:00;
"""
PLACES = "naam;adres;wijk;openingstijden;ruimtes;drempelvrij\nBuurthuis;Kerkplein 1;Nazareth;ma-vr 09:00-17:00;zaal 12;ja\n"


REPORT_WORDS = ("2", "2", "wonen", "klaar", "een wens", "Ik wil een bankje.", "ja", "nee")


def next_tuesday() -> str:
    now = datetime.now(AMSTERDAM)
    return f"{now.date() + timedelta(days=7 + (1 - now.weekday()) % 7)} 14:00"


def with_town(folder: Path) -> None:
    said(folder, "people", "import", written(folder, PEOPLE))
    said(folder, "places", "import", written(folder, PLACES, "plekken.csv"))


def add_group(folder: Path, *more: str) -> str:
    told = said(
        folder,
        "sessions",
        "add-group",
        "--place",
        "buurthuis",
        "--duo",
        "Els+Jo",
        "--start",
        next_tuesday(),
        *more,
    )
    (session,) = re.findall(r"Group session (\S+):", told)
    return str(session)


def test_a_group_is_opened_listed_and_called_off(tmp_path: Path) -> None:
    with_town(tmp_path)
    session = add_group(tmp_path, "--seats", "8")
    listed = said(tmp_path, "sessions", "list")
    assert f"{session}: " in listed
    assert "group, Buurthuis; asked; Els (asked) and Jo (asked); 0 of 8 seats" in listed

    again = run(
        tmp_path,
        "sessions",
        "add-group",
        "--place",
        "buurthuis",
        "--duo",
        "Els Peeters + Jo Smit",
        "--start",
        next_tuesday(),
    )
    assert again.returncode == 1
    assert "Els has another talk then" in again.stderr
    assert "every room of Buurthuis" in again.stderr

    assert "2 people hear it" in said(
        tmp_path, "sessions", "cancel", session, "--reason", "De zaal is dicht."
    )
    assert "group, Buurthuis; cancelled" in said(tmp_path, "sessions", "list")
    late = run(tmp_path, "sessions", "cancel", session, "--reason", "nog eens")
    assert "no session" in late.stderr
    add_group(tmp_path)


def test_every_problem_is_told_at_once_and_nothing_is_done(tmp_path: Path) -> None:
    with_town(tmp_path)
    done = run(
        tmp_path, "sessions", "add-street", "--duo", "Piet", "--start", "morgen", "--minutes", "10",
        "--neighbourhood", "Atlantis",
    )  # fmt: skip # read as one line
    assert done.returncode == 1
    for option in ("--duo", "--start", "--minutes", "--neighbourhood", "--where"):
        assert f"- {option}: " in done.stderr
    past = run(
        tmp_path,
        "sessions",
        "add-group",
        "--place",
        "Buurthuis",
        "--duo",
        "Els+Jo",
        "--start",
        "2020-01-07 14:00",
    )
    assert "in the past" in past.stderr
    closed = next_tuesday().replace("14:00", "20:00")
    shut = run(
        tmp_path, "sessions", "add-group", "--place", "Buurthuis", "--duo", "Els+Jo", "--start", closed
    )
    assert "Buurthuis is not open" in shut.stderr
    assert "Nothing is planned" in said(tmp_path, "sessions", "list")
    assert "is no day" in run(tmp_path, "sessions", "list", "--from", "gisteren").stderr
    assert "Say why" in run(tmp_path, "sessions", "cancel", "x", "--reason", " ").stderr


def test_a_group_moves_with_its_seats_and_who_sits_in_it_hears_why(tmp_path: Path) -> None:
    with_town(tmp_path)
    session = add_group(tmp_path)
    asyncio.run(seat(tmp_path, session, "ria"))
    moved = said(
        tmp_path, "sessions", "move", session, "--start", next_tuesday().replace("14:", "10:"),
        "--end", "12 uur", "--reason", "De zaal is 's middags dicht.",
    )  # fmt: skip # read as one line
    assert "10:00, 12 seats in zaal." in moved
    assert "1 residents hear it and keep their seat. Both meemakers are asked anew." in moved
    assert "asked; Els (asked) and Jo (asked); 1 of 12 seats" in said(tmp_path, "sessions", "list")
    [message] = asyncio.run(messages(tmp_path, "ria"))
    assert message.text.startswith("Uw gesprek in een groep is verzet. U houdt uw plek.")
    assert "10.00 uur\nBuurthuis, Kerkplein 1" in message.text
    assert message.text.endswith("De reden: De zaal is 's middags dicht.")
    assert [each.title for each in message.buttons] == ["Verzetten", "Afzeggen"]
    assert message.document is not None
    assert "SEQUENCE:1" in message.document.content


def test_a_move_that_cannot_be_says_all_that_is_in_the_way_and_changes_nothing(tmp_path: Path) -> None:
    with_town(tmp_path)
    session = add_group(tmp_path)
    before = said(tmp_path, "sessions", "list")

    def refused(*change: str) -> str:
        done = run(tmp_path, "sessions", "move", session, *change)
        assert done.returncode == 1
        return str(done.stderr)

    assert "then and there already" in refused()
    assert "in the past" in refused("--start", "2020-01-07 14:00")
    assert "Buurthuis is not open" in refused("--start", next_tuesday().replace("14:", "20:"))
    assert "--end: it has to take" in refused("--end", "14:15")
    both = refused("--start", "straks", "--place", "Atlantis")
    assert "--start: 'straks' names no one day and time" in both
    assert "there is no location Atlantis" in both
    assert "there is no room kelder" in refused("--room", "kelder")
    assert "--end: 'ooit' names" in refused("--end", "ooit")
    assert "Say why" in refused("--reason", "x" * 400, "--end", "16:00")
    assert said(tmp_path, "sessions", "list") == before
    assert "no session" in run(tmp_path, "sessions", "move", "x", "--end", "16:00").stderr
    said(tmp_path, "sessions", "cancel", session, "--reason", "Dicht.")
    assert "no session" in refused("--end", "16:00")


async def seat(folder: Path, session: str, name: str) -> None:
    async with house_at(folder) as house:
        at = house.now()
        await resident(house, name, "nazareth", at)

        def sit(db: TurnDb) -> None:
            reference = db.load("telegram", name).reference
            cast(SessionTable, db.sessions).set_seat(session, reference, SeatStatus.BOOKED, at=at)

        await house.store.turn(sit)
        await told(house, at)


async def messages(folder: Path, name: str) -> list[Message]:
    async with house_at(folder) as house:
        now = house.now()
        found = await house.store.claim("telegram", now=now, limit=99, lease=timedelta(minutes=1))
        return [each.message for each in found if each.channel_ref == name]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("dinsdag 8 december om twee uur", datetime(2026, 12, 8, 13, tzinfo=UTC)),
        ("morgen om 10 uur", datetime(2026, 11, 29, 9, tzinfo=UTC)),
        ("2026-12-08 14:00", datetime(2026, 12, 8, 13, tzinfo=UTC)),
        ("om 10 uur", None),
        ("dinsdag", None),
        ("december 8 at 2pm", None),
    ],
)
def test_a_new_start_may_be_in_words_that_name_a_day_and_a_time(
    typed: str, expected: datetime | None
) -> None:
    found = read_new_start(typed, datetime(2026, 11, 28, 21, tzinfo=UTC))
    assert found == expected if expected else "names no one day and time" in str(found)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-12-08 14:00", datetime(2026, 12, 8, 13, tzinfo=UTC)),
        ("8-7-2026 09:15", datetime(2026, 7, 8, 7, 15, tzinfo=UTC)),
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_start_is_by_the_clock_in_amsterdam(typed: str, expected: datetime) -> None:
    assert read_start(typed) == expected


@pytest.mark.parametrize(
    ("typed", "why"), [("2027-03-28 02:30", "does not exist"), ("straks", "is no moment")]
)
def test_a_start_that_is_none_is_refused(typed: str, why: str) -> None:
    assert why in str(read_start(typed))


@asynccontextmanager
async def house_at(folder: Path) -> AsyncIterator[House]:
    settings = replace(read_settings(environment(folder / "data")), rules_only=True)
    async with open_house(settings, say=lambda _: None) as house:
        yield house


async def resident(
    house: House, name: str, wijk: str, at: datetime, *, agrees: bool = True, phase: Phase = Phase.FINISHED
) -> None:
    changes = Changes(
        state_to_json(State(phase=phase)),
        language="nl",
        begin=NewResponse(f"response-{name}", "veerkracht", "1", "nl"),
        answers=[answer("wijk", wijk)],
        consents=[RecordedConsent(Purpose.CONTACT, agrees, "veerkracht 1")],
    )
    await house.store.turn(saving(changes, ref=name, at=at))


async def told(house: House, now: datetime) -> dict[str, str]:
    """What waits for whom, sent and out of the way."""
    found = await house.store.claim("telegram", now=now, limit=99, lease=timedelta(minutes=1))
    for each in found:
        await house.store.mark_sent(each.id, at=now)
    return {each.channel_ref: each.message.text for each in found}


def test_a_street_moment_is_told_once_to_who_lives_near_and_agreed(tmp_path: Path) -> None:
    with_town(tmp_path)
    told_of = said(
        tmp_path, "sessions", "add-street", "--where", "Op het plein", "--neighbourhood", "Nazareth",
        "--duo", "els + jo", "--start", next_tuesday(),
    )  # fmt: skip # read as one line
    (session,) = re.findall(r"Street moment (\S+):", told_of)
    start = datetime.strptime(next_tuesday(), "%Y-%m-%d %H:%M").replace(tzinfo=AMSTERDAM).astimezone(UTC)
    asyncio.run(days_before(tmp_path, session, start))


async def days_before(folder: Path, session: str, start: datetime) -> None:
    async with house_at(folder) as house:
        before = start - timedelta(days=6)
        await resident(house, "near", "nazareth", before)
        await resident(house, "far", "pottenberg", before)
        await resident(house, "no", "nazareth", before, agrees=False)
        await resident(house, "stopped", "nazareth", before, phase=Phase.STOPPED)
        await resident(house, "busy", "nazareth", before)
        await resident(house, "heard", "nazareth", before)
        await told(house, before)

        def take_time(table: SessionTable) -> None:
            for each in table.invitations(session):
                table.put_invitation(replace(each, until=start))

        await house.store.with_sessions(take_time)
        tell_at = start - timedelta(hours=28)
        await house.store.turn(
            saving(
                Changes("", messages=words("Dag!"), deliver_later=True),
                ref="heard",
                at=tell_at - timedelta(hours=3),
            )
        )
        await told(house, tell_at - timedelta(hours=3))

        await do_due_work(house, tell_at)
        assert await told(house, tell_at) == {}  # the duo has not said yes

        def accept(table: SessionTable) -> None:
            found = table.session(session)
            assert found is not None
            table.put_session(replace(found, status=SessionStatus.CONFIRMED), at=before)

        await house.store.with_sessions(accept)
        night = tell_at.replace(hour=3) + timedelta(days=1)
        await do_due_work(house, tell_at + timedelta(hours=2))
        first = await told(house, tell_at + timedelta(hours=2))
        assert sorted(first) == ["busy", "near"]
        assert "Waar: Op het plein" in first["near"]
        assert "tot 15.30 uur" in first["near"]
        await do_due_work(house, tell_at + timedelta(hours=4))
        assert await told(house, tell_at + timedelta(hours=4)) == {}
        await do_due_work(house, night)
        assert await told(house, night) == {}
        morning = start - timedelta(hours=4)
        await do_due_work(house, morning)
        assert await told(house, morning) == {"heard": first["near"]}
        await do_due_work(house, start + timedelta(hours=1))
        assert await told(house, start + timedelta(hours=1)) == {}


@pytest.mark.parametrize("moves", [False, True])
def test_who_was_told_of_a_street_moment_hears_once_that_it_is_off_or_moves(
    tmp_path: Path, moves: bool
) -> None:
    with_town(tmp_path)
    told_of = said(
        tmp_path, "sessions", "add-street", "--where", "Op het plein", "--neighbourhood", "Nazareth",
        "--duo", "els + jo", "--start", next_tuesday(),
    )  # fmt: skip # read as one line
    (session,) = re.findall(r"Street moment (\S+):", told_of)
    start = datetime.strptime(next_tuesday(), "%Y-%m-%d %H:%M").replace(tzinfo=AMSTERDAM).astimezone(UTC)
    tell_at, evening = start - timedelta(hours=28), start - timedelta(hours=15)
    asyncio.run(told_before_it_changes(tmp_path, session, start, tell_at))
    if moves:
        told_of = said(tmp_path, "sessions", "move", session, "--start", next_tuesday().replace("14:", "15:"))
        assert "Both meemakers are asked anew." in told_of
        asyncio.run(both_say_yes(tmp_path, session))
    else:
        said(tmp_path, "sessions", "cancel", session, "--reason", "Het regent.")
    texts = asyncio.run(told_at(tmp_path, evening, start - timedelta(hours=5)))
    assert texts[0] == {}  # it is 23:00
    if moves:
        assert "op een ander moment of een andere plek" in texts[1]["near"]
        assert "15.00 uur, tot 16.30 uur" in texts[1]["near"]
        assert sorted(texts[1]) == ["near", "waits"]
        assert "langskomen" in texts[1]["waits"]  # who read nothing before hears when it is now
    else:
        assert list(texts[1]) == ["near"]  # not whom it only waited for, nor who said stop since
        assert "gaat helaas niet door" in texts[1]["near"]
    assert asyncio.run(told_at(tmp_path, start - timedelta(hours=1))) == [{}]


async def told_before_it_changes(folder: Path, session: str, start: datetime, tell_at: datetime) -> None:
    async with house_at(folder) as house:
        before = start - timedelta(days=6)
        for name in ("near", "waits", "stops"):
            await resident(house, name, "nazareth", before)
        await resident(house, "far", "pottenberg", before)
        await told(house, before)

        def accept(table: SessionTable) -> None:
            found = table.session(session)
            assert found is not None
            table.put_session(replace(found, status=SessionStatus.CONFIRMED), at=before)
            for each in table.invitations(session):
                table.put_invitation(replace(each, until=start, status=InvitationStatus.ACCEPTED))

        await house.store.with_sessions(accept)
        await do_due_work(house, tell_at)
        found = await house.store.claim("telegram", now=tell_at, limit=99, lease=timedelta(minutes=1))
        for each in found:
            if each.channel_ref == "waits":
                await house.store.mark_again(each.id, not_before=start - timedelta(hours=6))
            else:
                await house.store.mark_sent(each.id, at=tell_at)
        stopped = Changes(state_to_json(State(phase=Phase.STOPPED)), language="nl")
        await house.store.turn(saving(stopped, ref="stops", at=tell_at))


async def both_say_yes(folder: Path, session: str) -> None:
    async with house_at(folder) as house:

        def accept(db: TurnDb) -> None:
            table = cast(SessionTable, db.sessions)
            found = table.session(session)
            assert found is not None
            for each in found.meemakers:
                open_desk(table, lambda: "").accept(each, session, now=house.now())

        await house.store.turn(accept)


async def told_at(folder: Path, *moments: datetime) -> list[dict[str, str]]:
    found = []
    async with house_at(folder) as house:
        for each in moments:
            await do_due_work(house, each)
            found.append(await told(house, each))
    return found


def test_a_report_comes_out_of_an_export_with_its_talk(tmp_path: Path) -> None:
    with_town(tmp_path)
    session = add_group(tmp_path)
    (code,) = re.findall(r"start=(mm-\S+)", said(tmp_path, "people", "invite", "Els Peeters"))
    asyncio.run(report(tmp_path, session, code))

    said(tmp_path, "export", "--out", str(tmp_path / "out"))
    with (tmp_path / "out" / "gespreksverslag.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = list(csv.DictReader(file))
    assert (row["outcome"], row["consent_quote"]) == ("finished", "0")
    # A talk has another name in an export than in calendars and on the command line.
    [talk] = talks_in(tmp_path / "out")
    assert (talk["session"], talk["kind"], talk["status"]) == (row["session"], "group", "done")
    assert not any(session in path.read_text("utf-8") for path in (tmp_path / "out").iterdir())
    assert (row["present/residents"], row["themes"]) == ("2", "wonen")
    (of_words,) = (tmp_path / "out").glob("gespreksverslag*words.csv")
    with of_words.open(encoding="utf-8-sig", newline="") as file:
        [words_row] = list(csv.DictReader(file))
    assert (words_row["words/said"], words_row["words/may_quote"]) == ("Ik wil een bankje.", "yes")


def talks_in(out: Path) -> list[dict[str, str]]:
    with (out / "sessions.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def report(folder: Path, session: str, code: str) -> None:
    """Els joins by her link, and reports on a talk that was held."""
    async with house_at(folder) as house:
        now = house.now()

        async def say(text: str, code: str = "") -> Reply:
            nonlocal now
            now += timedelta(minutes=1)
            kind = (
                IncomingKind.OPEN if code else IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
            )
            return await house.conversations.take(
                Incoming("telegram", "els", kind, now, text=text, code=code)
            )

        await say("", code=code)

        def held(table: SessionTable) -> None:
            found = table.session(session)
            assert found is not None
            when = Stretch(now - timedelta(hours=3), now - timedelta(hours=2))
            table.put_session(replace(found, status=SessionStatus.DONE, when=when), at=now)

        await house.store.with_sessions(held)
        await say(payload(DuoTap.REPORT, session))
        for each in REPORT_WORDS:
            await say(each)
        for _ in range(6):
            await say("sla over")


def test_how_a_talk_was_comes_out_of_an_export_with_its_talk(tmp_path: Path) -> None:
    with_town(tmp_path)
    session = add_group(tmp_path)
    asyncio.run(was_good(tmp_path, session))

    said(tmp_path, "export", "--out", str(tmp_path / "out"))
    with (tmp_path / "out" / "hoe_was_het.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = list(csv.DictReader(file))
    assert (row["how"], row["outcome"]) == ("good", "finished")
    [talk] = talks_in(tmp_path / "out")
    assert (talk["session"], talk["came"]) == (row["session"], "1")
    assert "reference" not in row
    assert "Hoe was het gesprek?" in (tmp_path / "out" / "codebook.md").read_text("utf-8")


async def was_good(folder: Path, session: str) -> None:
    async with house_at(folder) as house:
        at = house.now()
        await resident(house, "ria", "nazareth", at)

        def sat(db: TurnDb) -> None:
            reference = db.load("telegram", "ria").reference
            cast(SessionTable, db.sessions).set_seat(session, reference, SeatStatus.CAME, at=at)
            assert db.keep_afterwards(reference, session, "good", text_version="veerkracht 1", at=at)

        await house.store.turn(sat)
