"""Four calendars of other people judge our invitations: libical, khal, Radicale (a CalDAV server) and ical.js."""

import ctypes
import ctypes.util
import json
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.session import (
    InvitationStatus,
    Place,
    Room,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
)
from scheduler.calendar import Attendee, EventWords, Organizer, cancellation, feed, invitation
from tests.patience import PATIENCE, wait_until

FOREIGN = Path(__file__).parents[1] / "foreign"
BIN = Path(sys.executable).parent
STAMP = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACE = Place(
    "hall", "Buurthuis 't Hof; achterom", "Hofstraat 1, Maastricht", "nazareth", True, (Room("1", 4),), ()
)
ORGANIZER = Organizer("Wijkverhaal", "wijk@example.org", "wijk.example.org")
DUO = (
    Attendee("els", 'Els "de" Vries, wijkgids', "els@example.org", InvitationStatus.ACCEPTED),
    Attendee("jo", "Jo Ĉapelisto: zzp"),
)
WORDS = EventWords(
    "Gesprek met een bewoner",
    "U doet dit samen met Jo; verzetten kan in de chat, ook 's avonds. " * 3 + "\nTot dan!",
    "Bij een bewoner thuis",
)


def stretch(*start: int, minutes: int = 90) -> Stretch:
    begin = datetime(*start, tzinfo=UTC)  # type: ignore[misc,arg-type]  # a date in whole numbers
    return Stretch(begin, begin + timedelta(minutes=minutes))


TIMES = (
    stretch(2026, 3, 28, 23, 0, minutes=180),  # over the night in which the clock goes forward
    stretch(2026, 10, 24, 23, 0, minutes=240),  # and back
    stretch(2027, 3, 28, 0, 30, minutes=60),  # from half past one to half past three
    stretch(2027, 10, 31, 8, 0),
    stretch(2027, 10, 31, 8, 0),
)
BOOKED = Session(
    "talk-1", SessionKind.PRIVATE, "els-jo", "els", "jo", "hall", "1", TIMES[0], SessionStatus.ASKED
)
STORY = (
    BOOKED,
    *(replace(BOOKED, when=TIMES[each], sequence=each, status=SessionStatus.CONFIRMED) for each in (1, 2, 3)),
    replace(BOOKED, when=TIMES[4], sequence=4, status=SessionStatus.CANCELLED),
)
# Both times that the clock shows half past two, and times on both sides of each change.
NIGHTS = tuple(
    replace(BOOKED, id=f"night-{number}", when=when)
    for number, when in enumerate(
        stretch(*day, hour, 30, minutes=minutes)
        for day in ((2026, 3, 29), (2026, 10, 25), (2027, 3, 28), (2027, 10, 31))
        for hour in (0, 1)
        for minutes in (30, 60, 90)
    )
)


def told(session: Session) -> bytes:
    tell = cancellation if session.status is SessionStatus.CANCELLED else invitation
    return tell(session, PLACE, ORGANIZER, DUO, WORDS, stamp=STAMP + timedelta(days=session.sequence))


LETTERS = [told(session) for session in STORY]
FEED = feed([(session, PLACE, WORDS) for session in (*NIGHTS, BOOKED)], "Els", ORGANIZER, stamp=STAMP)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.ics" for number in range(len(LETTERS))]
    for path, letter in zip(paths, LETTERS, strict=True):
        path.write_bytes(letter)
    return paths


# libical

LIBICAL = ctypes.util.find_library("ical") or ""
NO_LIBICAL = (
    "" if LIBICAL else "libical is not on this machine: install Debian's libical3 (or brew's libical)."
)


def restrictions_broken(text: bytes) -> list[str]:
    """What libical has against a calendar: iTIP's table of what each METHOD needs, allows and forbids."""
    library = ctypes.CDLL(LIBICAL)
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    library.icalrestriction_check.argtypes = [ctypes.c_void_p]
    library.icalcomponent_as_ical_string.restype = ctypes.c_char_p
    library.icalcomponent_as_ical_string.argtypes = [ctypes.c_void_p]
    component = library.icalparser_parse_string(text)
    assert component
    good = library.icalrestriction_check(component)
    errors = re.findall(
        r"^X-LIC-ERROR.*$", library.icalcomponent_as_ical_string(component).decode(), re.MULTILINE
    )
    return errors or ([] if good else ["refused without a word"])


@pytest.mark.skipif(bool(NO_LIBICAL), reason=NO_LIBICAL or "all there")
@pytest.mark.parametrize("letter", [*LETTERS, FEED, *map(told, NIGHTS)])
def test_libical_has_nothing_against_it(letter: bytes) -> None:
    assert restrictions_broken(letter) == []


@pytest.mark.skipif(bool(NO_LIBICAL), reason=NO_LIBICAL or "all there")
@pytest.mark.parametrize("line", [rb"ORGANIZER;[^\r]*\r\n", rb"SEQUENCE:\d\r\n", rb"UID:[^\r]*\r\n"])
def test_libical_would_have_said_what_is_missing(line: bytes) -> None:
    without, times = re.subn(line, b"", LETTERS[4])

    assert times == 1
    assert restrictions_broken(without) != []


# khal

NO_KHAL = "" if (BIN / "khal").exists() else "khal is not installed: run `make setup`, it brings khal."


@pytest.mark.skipif(bool(NO_KHAL), reason=NO_KHAL or "all there")
def test_khal_has_one_event_all_along(files: list[Path], tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.mkdir()
    settings = tmp_path / "khal.conf"
    settings.write_text(
        f"[calendars]\n[[own]]\npath = {events}\n[locale]\nlocal_timezone = Europe/Amsterdam\n"
        "default_timezone = Europe/Amsterdam\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ntimeformat = %H:%M\n"
        f"datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n[sqlite]\npath = {tmp_path / 'khal.db'}\n"
    )

    def khal(*command: str) -> str:
        done = subprocess.run(
            [BIN / "khal", "-c", str(settings), *command], capture_output=True, text=True, timeout=PATIENCE, check=False,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        )  # fmt: skip # a command in one line
        assert done.returncode == 0, done.stderr
        return done.stdout

    seen = []
    for file in files:
        khal("import", "--batch", "-a", "own", str(file))
        [kept] = events.glob("*.ics")  # beside it, khal leaves files of its own
        sequence = re.findall(r"^SEQUENCE:(\d+)", kept.read_text(encoding="utf-8"), re.MULTILINE)
        form = "{uid}|{start-long-full}|{end-long-full}|{status}"
        lines = khal("list", "--once", "--format", form, "2026-01-01", "2028-01-01").splitlines()
        [event] = [[field.strip() for field in line.split("|")] for line in lines if "|" in line]
        seen.append((sequence, event))

    assert [sequence for sequence, _ in seen] == [["0"], ["1"], ["2"], ["3"], ["4"]]
    assert {event[0] for _, event in seen} == {"talk-1@wijk.example.org"}
    assert [(event[1], event[2]) for _, event in seen] == [
        ("2026-03-29 00:00", "2026-03-29 04:00"),
        ("2026-10-25 01:00", "2026-10-25 04:00"),
        ("2027-03-28 01:30", "2027-03-28 03:30"),
        ("2027-10-31 09:00", "2027-10-31 10:30"),
        ("2027-10-31 09:00", "2027-10-31 10:30"),
    ]
    assert [event[3] for _, event in seen] == ["TENTATIVE", *["CONFIRMED"] * 3, "CANCELLED"]


# Radicale

NO_RADICALE = (
    "" if (BIN / "radicale").exists() else "Radicale is not installed: run `make setup`, it brings Radicale."
)


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[str]:
    """The address of a CalDAV calendar on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "radicale", "--config", "", "--server-hosts", f"127.0.0.1:{port}", "--auth-type", "none",
         "--storage-filesystem-folder", str(tmp_path / "caldav")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip # a command in one line
    try:
        wait_until(lambda: _answers(port), "Radicale answers")
        calendar = f"http://127.0.0.1:{port}/els/talks/"
        assert _ask("MKCALENDAR", calendar)[0] == 201
        yield calendar
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _answers(port: int) -> bool:
    with socket.socket() as here:
        return here.connect_ex(("127.0.0.1", port)) == 0


def _ask(
    method: str, where: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    # "els" is who comes, without a password.
    request = urllib.request.Request(
        where, body, {"Authorization": "Basic ZWxzOmVscw==", **named}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


@pytest.mark.skipif(bool(NO_RADICALE), reason=NO_RADICALE or "all there")
def test_a_caldav_server_has_one_event_all_along(radicale: str) -> None:
    where, tag, sequences = f"{radicale}talk-1.ics", "", []
    report = (
        b'<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
        b'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>'
    )
    for letter in LETTERS:
        # A calendar program keeps an invitation without its METHOD (RFC 4791, 4.1).
        kept = re.sub(rb"METHOD:\w+\r\n", b"", letter)
        same = {"If_Match": tag} if tag else {"If_None_Match": "*"}
        status, headers, _ = _ask("PUT", where, kept, Content_Type="text/calendar; charset=utf-8", **same)
        assert status in (201, 204)
        tag = headers["ETag"]
        status, _, found = _ask("REPORT", radicale, report, Content_Type="application/xml", Depth="1")
        assert status == 207
        assert found.count("BEGIN:VEVENT") == 1
        assert "UID:talk-1@wijk.example.org" in found
        sequences += re.findall(r"SEQUENCE:(\d+)", found)

    assert sequences == ["0", "1", "2", "3", "4"]
    assert "STATUS:CANCELLED" in found


@pytest.mark.skipif(bool(NO_RADICALE), reason=NO_RADICALE or "all there")
def test_a_caldav_server_refuses_a_second_event_of_the_same_talk(radicale: str) -> None:
    letter = re.sub(rb"METHOD:\w+\r\n", b"", LETTERS[0])

    assert _ask("PUT", f"{radicale}one.ics", letter, Content_Type="text/calendar")[0] == 201
    assert _ask("PUT", f"{radicale}two.ics", letter, Content_Type="text/calendar")[0] == 409


# ical.js


def lacks_ical_js() -> str:
    if shutil.which("node") is None:
        return "Node.js 20 or later is not on this machine: install it, then run `npm ci` in tests/foreign."
    if not (FOREIGN / "node_modules" / "ical.js").is_dir():
        return "ical.js is not installed: run `npm ci` in tests/foreign."
    return ""


NO_ICAL_JS = lacks_ical_js()


def read_by_ical_js(*files: Path) -> list[dict[str, object]]:
    done = subprocess.run(
        ["node", str(FOREIGN / "calendar.mjs"), *map(str, files)],
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip # a command in one line
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


@pytest.mark.skipif(bool(NO_ICAL_JS), reason=NO_ICAL_JS or "all there")
def test_ical_js_has_one_event_all_along(files: list[Path]) -> None:
    read = read_by_ical_js(*files)
    events = [event for each in read for event in each["events"]]  # type: ignore[attr-defined]  # read from JSON

    assert [each["method"] for each in read] == ["REQUEST"] * 4 + ["CANCEL"]
    assert [event["sequence"] for event in events] == [0, 1, 2, 3, 4]
    assert {event["uid"] for event in events} == {"talk-1@wijk.example.org"}
    assert [event["status"] for event in events] == ["TENTATIVE", *["CONFIRMED"] * 3, "CANCELLED"]
    assert [(event["start"], event["end"]) for event in events] == [
        (utc(session.when.start), utc(session.when.end)) for session in STORY
    ]
    assert {event["zone"] for event in events} == {"Europe/Amsterdam"}


@pytest.mark.skipif(bool(NO_ICAL_JS), reason=NO_ICAL_JS or "all there")
def test_ical_js_reads_every_word(files: list[Path]) -> None:
    [read] = read_by_ical_js(files[0])
    [event] = read["events"]  # type: ignore[misc]  # read from JSON

    assert event["summary"] == WORDS.summary
    assert event["description"] == WORDS.description.replace(" \n", "\n")
    assert event["location"] == "Buurthuis 't Hof; achterom, 1, Hofstraat 1, Maastricht"
    assert event["organizer"] == "mailto:wijk@example.org"
    assert event["names"] == ["Els 'de' Vries, wijkgids", "Jo Ĉapelisto: zzp"]
    assert event["attendees"][0] == "mailto:els@example.org"
    assert event["attendees"][1].startswith("urn:uuid:")


@pytest.mark.skipif(bool(NO_ICAL_JS), reason=NO_ICAL_JS or "all there")
def test_ical_js_puts_every_night_of_the_clock_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "feed.ics").write_bytes(FEED)

    [read] = read_by_ical_js(tmp_path / "feed.ics")

    assert read["method"] == "PUBLISH"
    assert [(event["start"], event["end"]) for event in read["events"]] == [  # type: ignore[attr-defined]  # read from JSON
        (utc(session.when.start), utc(session.when.end)) for session in (*NIGHTS, BOOKED)
    ]
