"""The commands as people and programs use them: help, chat in JSON lines, starting, stopping, exports, the demo."""

from __future__ import annotations

import csv
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from app.cli import app as command_line
from storage.vault import new_key
from tests.acceptance.running import (
    COMMAND,
    ROOT,
    Assistant,
    Resident,
    Wire,
    buttons_of,
    counts,
    environment,
    lines_to_chat,
    rows,
    run_command,
    running_assistant,
    text_of,
)
from tests.acceptance.test_main_job import CLOSED, OPENING, TAPPED, tap_through
from tests.patience import PATIENCE

SMALL_FORM = """\
| survey | |
| | type | name | label | required | relevant |
| | select_one yes_no | dog | Hebt u een hond? | | |
| | integer | walks | Hoe vaak wandelt u op een dag? | | ${dog} = 'yes' |
| | text | wish | Wat mist u in het park? | | |

| choices | |
| | list_name | name | label |
| | yes_no | yes | Ja |
| | yes_no | no | Nee |

| settings | |
| | form_id | version | form_title |
| | park | 1 | Het park |
"""

COMMANDS = ("serve", "setup", "chat", "export", "demo")


# Help


def test_help_names_every_command() -> None:
    done = run_command("--help", data=ROOT / "data")

    assert done.returncode == 0
    assert [name for name in COMMANDS if f" {name} " not in done.stdout] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_has_an_example(name: str) -> None:
    done = CliRunner().invoke(command_line, [name, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})

    assert done.exit_code == 0
    assert f"Example: wijkverhaal {name}" in done.output


def test_every_command_and_option_is_documented() -> None:
    assert undocumented(typer.main.get_command(command_line)) == []


def test_an_undocumented_command_and_option_are_noticed() -> None:
    bare = typer.Typer()

    @bare.command()
    def first(depth: int = 1) -> None: ...

    @bare.command()
    def second() -> None:
        """Does something."""

    assert undocumented(typer.main.get_command(bare)) == ["first", "first --depth", "second has no example"]


def undocumented(group: Any) -> list[str]:
    """What lacks a text in its help, or an example."""
    found = []
    for name, command in group.commands.items():
        text = command.help or ""
        if text and getattr(command, "commands", None):  # a group: its commands have the examples
            found += [f"{name} {lack}" for lack in undocumented(command)]
            continue
        if not text:
            found.append(name)
        elif "Example: `wijkverhaal " not in text:
            found.append(f"{name} has no example")
        found += [
            f"{name} {option.opts[0]}" for option in command.params if not getattr(option, "help", None)
        ]
    return found


# chat --jsonl


def say(text: str, sender: str = "ik", **more: str) -> Wire:
    return {"sender": sender, "text": text, **more}


def test_lines_give_messages_and_an_end_for_each_turn(tmp_path: Path) -> None:
    out, done = lines_to_chat(
        [say("hallo"), {"sender": "ik", "tap": "/a.1.1.0"}, say("nazaret")], data=tmp_path
    )

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    ends = [index for index, line in enumerate(out) if line == {"turn_end": True, "sender": "ik"}]
    assert len(ends) == 3
    assert ends[-1] == len(out) - 1
    assert all(line["recipient_id"] == "ik" and line["text"] for line in out if "turn_end" not in line)
    assert list(buttons_of(out[: ends[0]]))[:2] == ["Ja, dat mag", "Nee, liever niet"]
    assert "In welke wijk" in text_of(out[ends[0] + 1 : ends[1]])
    assert "Ik noteer: Nazareth" in text_of(out[ends[1] + 1 : ends[2]])


def test_people_of_one_chat_do_not_mix_and_the_same_id_counts_once(tmp_path: Path) -> None:
    lines = [
        say("hallo", "a"),
        say("ja", "a", id="2"),
        say("hello", "b", language="en"),
        say("ja", "a", id="2"),
    ]
    out, _ = lines_to_chat(lines, data=tmp_path)
    turns = turns_of(out)

    assert [line["sender"] for line in out if "turn_end" in line] == ["a", "a", "b", "a"]
    assert "Yes, you may" in buttons_of(turns[2])
    assert turns[3] == turns[1]


def test_same_lines_at_a_fixed_time_give_the_same_answers(tmp_path: Path) -> None:
    lines = [say("hallo"), say("ja"), say("nazaret"), say("45"), say("mwah"), say("leg uit")]
    first, _ = lines_to_chat(lines, "--now", "2026-11-23T09:30:00+01:00", data=tmp_path / "a")
    second, _ = lines_to_chat(lines, "--now", "2026-11-23T09:30:00+01:00", data=tmp_path / "b")

    assert first == second
    assert len(first) > len(lines)


def test_database_option_keeps_what_was_said_at_the_time_it_was_said(tmp_path: Path) -> None:
    database = tmp_path / "kept.db"
    url = f"sqlite:///{database}"
    begin = [say("hallo"), say("ja"), say("nazaret", at="2026-11-24T10:00:00+01:00"), say("45")]
    lines_to_chat(begin, "--db", url, "--now", "2026-11-23T09:30:00+01:00", data=tmp_path)
    out, _ = lines_to_chat([say("bewoner")], "--db", url, "--now", "2026-11-25T12:00:00Z", data=tmp_path)

    assert "Ik noteer: Bewoner" in text_of(out)
    stored = rows(database, "select value, datetime(at / 1000000, 'unixepoch') from answers order by id")
    assert stored == [
        ("yes", "2026-11-23 08:30:00"),
        ("nazareth", "2026-11-24 09:00:00"),
        ("45_64", "2026-11-24 09:00:00"),
        ("resident", "2026-11-25 12:00:00"),
    ]


def test_without_database_option_nothing_is_kept(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    out, _ = lines_to_chat(
        [say("hallo"), say("ja")], data=tmp_path / "data", extra={"TMPDIR": str(temporary)}
    )

    assert "In welke wijk" in text_of(out[:-1])
    assert list(temporary.iterdir()) == []
    assert [path for path in (tmp_path / "data").rglob("*") if path.suffix == ".db"] == []


def turns_of(out: list[Wire]) -> list[list[Wire]]:
    turns: list[list[Wire]] = [[]]
    for line in out:
        if "turn_end" in line:
            turns.append([])
        else:
            turns[-1].append(line)
    return turns[:-1]


BAD_LINES = {
    "no JSON": "hallo\n",
    "half a line": '{"sender": "ik", "text": \n',
    "a list": '["ik", "hallo"]\n',
    "no sender": '{"text": "hallo"}\n',
    "an empty sender": '{"sender": "", "text": "hallo"}\n',
    "a number as sender": '{"sender": 7, "text": "hallo"}\n',
    "no text": '{"sender": "ik"}\n',
    "a number as text": '{"sender": "ik", "text": 7}\n',
    "no text but null": '{"sender": "ik", "text": null}\n',
    "no such moment": '{"sender": "ik", "text": "hallo", "at": "gisteren"}\n',
    "a number as moment": '{"sender": "ik", "text": "hallo", "at": 7}\n',
}


def test_bad_lines_give_an_error_and_the_chat_goes_on(tmp_path: Path) -> None:
    out, done = lines_to_chat([*BAD_LINES.values(), "\n", say("hallo")], data=tmp_path)

    assert done.returncode == 0
    errors, rest = out[: len(BAD_LINES)], out[len(BAD_LINES) :]
    assert [set(line) for line in errors] == [{"error"}] * len(BAD_LINES)
    assert "Ja, dat mag" in buttons_of(rest[:-1])


def test_bytes_that_are_no_utf8_give_an_error_and_the_chat_goes_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "chat", "--jsonl", "--rules-only"],
        input=b'{"sender": "ik", "text": "\xff\xfe"}\n' + json.dumps(say("hallo")).encode() + b"\n",
        capture_output=True,
        cwd=ROOT,
        env=environment(tmp_path),
        check=False,
    )

    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert b"Ja, dat mag" in done.stdout


OPEN_QUESTION = [say("hallo"), say("ja"), say("ja"), say("3")]
"""In the small form: consent, a dog, three walks; then comes the open question."""


@pytest.fixture
def small_form(tmp_path: Path) -> str:
    path = tmp_path / "park.md"
    path.write_text(SMALL_FORM, encoding="utf-8")
    return str(path)


def test_form_option_asks_its_questions_behind_our_consent(tmp_path: Path, small_form: str) -> None:
    """Whoever says no leaves nothing, whoever says yes is asked everything."""
    url = f"sqlite:///{tmp_path / 'park.db'}"
    lines = [
        say("hallo", "nee-zegger"),
        say("nee", "nee-zegger"),
        *OPEN_QUESTION,
        say("Een bankje in de zon graag"),
    ]
    out, done = lines_to_chat(lines, "--form", small_form, "--db", url, data=tmp_path)
    _, refusal, *turns = [text_of(turn) for turn in turns_of(out)]

    assert done.returncode == 0
    assert "We bewaren niets" in refusal
    expected = [
        "Mogen we uw antwoorden bewaren?",
        "Hebt u een hond?",
        "Hoe vaak wandelt u",
        "Wat mist u",
        "Dank u wel",
    ]
    assert [words for words, turn in zip(expected, turns, strict=True) if words not in turn] == []
    stored = rows(tmp_path / "park.db", "select path, value from answers order by id")
    assert stored == [
        ("wv_consent", "yes"),
        ("dog", "yes"),
        ("walks", "3"),
        ("wish", "Een bankje in de zon graag"),
    ]
    assert rows(tmp_path / "park.db", "select questionnaire, outcome from responses") == [
        ("park", "finished")
    ]
    assert counts(tmp_path / "park.db")["consents"] == 1


def test_broken_form_is_refused_with_every_problem(tmp_path: Path) -> None:
    form = ROOT / "tests" / "broken" / "all_at_once.md"
    _, done = lines_to_chat([], "--form", str(form), data=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The questionnaire cannot be used:\n")
    problems = done.stderr.splitlines()[1:]
    assert len(problems) >= 4
    assert [line for line in problems if not line.startswith("all_at_once.md, sheet ")] == []


def test_form_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    _, done = lines_to_chat([], "--form", str(tmp_path / "gone.md"), data=tmp_path)

    assert (done.returncode, done.stderr) == (1, f"There is no questionnaire at {tmp_path / 'gone.md'}.\n")


# Starting and stopping


def test_interrupt_ends_in_order_and_leaves_nothing_running(tmp_path: Path) -> None:
    with running_assistant(tmp_path) as assistant:
        Resident(assistant, "somebody").say("hallo")
        assert assistant.group() == [assistant.process.pid]
        assistant.send(signal.SIGINT)

        assert assistant.wait_for_end() == 0
        assert assistant.said[-2:] == ["Stopping.", "Stopped."]
        assert assistant.group() == []
        assert [line for line in assistant.said if "Traceback" in line] == []
    # Everything is in the one file: the log is gone.
    assert [path.name for path in tmp_path.glob("wijkverhaal.db*")] == ["wijkverhaal.db"]


def test_second_interrupt_ends_at_once(tmp_path: Path) -> None:
    with running_assistant(tmp_path) as assistant:
        # A request that never comes to an end keeps an orderly end waiting.
        with closing(socket.create_connection(assistant.address)) as slow:
            slow.sendall(b"POST /webhooks/rest/webhook HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{")
            Resident(assistant, "somebody").say("hallo")
            assistant.send(signal.SIGINT)
            assistant.wait_for_line("Stopping.")
            assistant.send(signal.SIGINT)

            assert assistant.wait_for_end() in (0, 130)
        assert assistant.group() == []
        assert [line for line in assistant.said if "Traceback" in line] == []


def test_start_is_said_with_where_everything_is(assistant: Assistant) -> None:
    said = "\n".join(assistant.said)

    assert f"REST channel   {assistant.url}/webhooks/rest/webhook" in said
    assert "Telegram       off (set TELEGRAM_BOT_TOKEN to switch it on)" in said
    assert f"SQLite, {assistant.database}" in said


def test_programs_without_a_token_find_no_door_on_an_address_that_others_reach(tmp_path: Path) -> None:
    with running_assistant(tmp_path, extra={"WIJKVERHAAL_HOST": "0.0.0.0"}) as assistant:
        said = "\n".join(assistant.said)
        assert "REST channel   off on an address that others can reach (set WIJKVERHAAL_REST_TOKEN" in said
        body = json.dumps({"sender": "s", "message": "hoi"})
        statuses = {
            path: _status(assistant, *call)
            for path, call in {
                "rest": ("POST", "/webhooks/rest/webhook", body),
                "metrics": ("GET", "/metrics"),
                "page": ("GET", "/"),
            }.items()
        }
    assert statuses == {"rest": 404, "metrics": 404, "page": 200}


def _status(assistant: Assistant, method: str, path: str, body: str | None = None) -> int:
    port = assistant.address[1]
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body=body)
        return connection.getresponse().status


def test_a_webhook_without_a_secret_does_not_start(tmp_path: Path) -> None:
    said = refused(tmp_path, TELEGRAM_BOT_TOKEN="1:A", WIJKVERHAAL_WEBHOOK_URL="https://chat.example.nl")
    assert "WIJKVERHAAL_WEBHOOK_SECRET" in said
    assert "secrets.token_urlsafe(32)" in said


def refused(tmp_path: Path, *arguments: str, data: Path | None = None, **extra: str) -> str:
    """The one sentence of a start that cannot be."""
    done = run_command("serve", "--rules-only", *arguments, data=data or tmp_path, extra=extra)
    said = [line for line in done.stderr.splitlines() if not line.startswith("A new key was made")]
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False), done.stderr
    assert len(said) == 1
    return said[0]


def test_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        assert refused(tmp_path, "--port", str(port)) == (
            f"Port {port} on 127.0.0.1 is in use by another program. "
            "Stop that one, or choose another with WIJKVERHAAL_PORT."
        )


def test_database_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "wijkverhaal.db").write_text("a letter to the council " * 40)

    assert "is no database" in refused(tmp_path, "--port", "0")


def test_file_where_the_data_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "WIJKVERHAAL_DATA" in refused(tmp_path, "--port", "0", data=tmp_path / "file")


WRONG_SETTINGS = {
    "words as port": {"WIJKVERHAAL_PORT": "abc"},
    "another kind of database": {"WIJKVERHAAL_DB": "mysql://somebody:secret@host/name"},
    "no database server": {"WIJKVERHAAL_DB": "postgresql://somebody:secret@127.0.0.1:1/name"},
    "no such host": {"WIJKVERHAAL_HOST": "no.such.host.invalid"},
    "a key that is none": {"WIJKVERHAAL_KEY": "secret"},
}


@pytest.mark.parametrize("extra", WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
def test_wrong_setting_is_one_sentence_without_secrets(tmp_path: Path, extra: dict[str, str]) -> None:
    port = () if "WIJKVERHAAL_PORT" in extra else ("--port", "0")
    sentence = refused(tmp_path, *port, **extra)

    assert sentence.endswith((".", "?"))
    assert "secret" not in sentence


def test_impossible_port_option_is_told_without_a_traceback(tmp_path: Path) -> None:
    done = run_command("serve", "--rules-only", "--port", "65536", data=tmp_path)

    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk to fill")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let a test mount a small disk to fill")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    with (folder / "full").open("wb", buffering=0) as handle:
        try:
            while True:
                handle.write(bytes(4096))
        except OSError:
            return


def test_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    with running_assistant(small_disk) as assistant:
        resident = Resident(assistant, "somebody")
        resident.say("hallo")
        resident.tap("Ja, dat mag")
        fill(small_disk)
        acknowledged = talk_until_refused(resident)
        (small_disk / "full").unlink()

        assert resident.say("Sla over") != []
        (response,) = [row[0] for row in rows(assistant.database, "select id from responses")]
        stored = rows(assistant.database, "select count(*) from answers where response = ?", response)[0][0]
        assert stored == acknowledged + 1
        assert assistant.end(signal.SIGINT) == 0
        assert [line for line in assistant.said if "Traceback" in line] == []


def test_full_disk_at_the_start_is_one_sentence(small_disk: Path) -> None:
    with running_assistant(small_disk):
        pass
    fill(small_disk)

    assert refused(small_disk, "--port", "0") == (
        "There is no room left on the disk for the database. Make room and start again."
    )


def talk_until_refused(resident: Resident) -> int:
    """Taps on until the assistant says that it cannot keep it; how many answers it did take."""
    taken = 1
    for asked in TAPPED[1:30]:
        payload = resident.buttons[asked.button]
        body = json.dumps({"sender": resident.sender, "message": payload}).encode()
        status, reply = resident.post(body)
        if status == 503:
            assert json.loads(reply)["error"] == "storage_unavailable"
            return taken
        assert status == 200
        resident.last = json.loads(reply)
        taken += 1
    raise AssertionError("the disk never was full")


# Export and demo


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after one finished intake, one that stopped without a sensitive block, and a simulated one."""
    data = tmp_path_factory.mktemp("talked")
    with running_assistant(data) as assistant:
        whole = Resident(assistant, "whole")
        whole.say("hallo")
        tap_through(whole, TAPPED)
        part = Resident(assistant, "part")
        part.say("hallo")
        tap_through(part, OPENING)
        part.say_all(["sla over", "weet ik niet", "wil ik niet zeggen"])
        tap_through(part, CLOSED[3:-1])
        part.tap("Nee, liever niet")
        part.say("stop")
        refuses = Resident(assistant, "refuses")
        refuses.say("hallo")
        refuses.tap("Nee, liever niet")
        simulated = Resident(assistant, "simulated", simulated=True)
        simulated.say("hallo")
        tap_through(simulated, [*TAPPED[:4]])
        assistant.end()
    return data


def exported(talked: Path, out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = run_command("export", "--out", str(out), *arguments, data=talked)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def as_csv(talked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("csv") / "out"
    assert "veerkracht: 2 responses" in exported(talked, out).stderr
    return out


@pytest.fixture(scope="module")
def with_simulated(talked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody, with English labels."""
    out = tmp_path_factory.mktemp("all") / "out"
    exported(talked, out, "--include-simulated", "--language", "en")
    return out


def read_csv(out: Path) -> list[dict[str, str]]:
    with (out / "veerkracht.csv").open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_csv_export_has_a_row_with_labels_and_scores_for_each_response(as_csv: Path) -> None:
    whole, part = read_csv(as_csv)

    assert (whole["outcome"], part["outcome"]) == ("finished", "stopped")
    shown = {
        name: whole[name]
        for name in (
            "about_you/wijk",
            "about_you/wijk__label",
            "life/life_satisfaction",
            "life/res_1__label",
            "trust/trust_municipality__label",
            "life/res_1__status",
            "consent_quote",
            "channel",
            "simulated",
        )
    }
    assert shown == {
        "about_you/wijk": "pottenberg",
        "about_you/wijk__label": "Pottenberg",
        "life/life_satisfaction": "8",
        "life/res_1__label": "Eens",
        "trust/trust_municipality__label": "Niet zo veel",
        "life/res_1__status": "answered",
        "consent_quote": "1",
        "channel": "rest",
        "simulated": "0",
    }
    # 3+4+1+0+2+3+3+3+3 of the resilience scale; all six of the loneliness scale; mean of 4 (reversed), 4, 4, 5.
    assert float(whole["res__score"]) == 22
    assert float(whole["de_jong_gierveld_6__score"]) == 6
    assert whole["de_jong_gierveld_6__band"] == "strongly"
    assert float(whole["cohesion__score"]) == 4.25
    assert float(whole["cohesion__rescaled"]) == 8.125


def test_export_tells_the_ways_of_not_answering_apart(as_csv: Path) -> None:
    part = read_csv(as_csv)[1]

    paths = ("life/life_satisfaction", "life/res_1", "life/res_2", "life/res_3", "sensitive/lonely_a")
    assert [(part[path], part[f"{path}__status"]) for path in paths] == [
        ("", "skipped"),
        ("", "dont_know"),
        ("", "refused"),
        ("disagree", "answered"),
        ("", "not_asked"),
    ]
    # Seven of nine answered: scored all the same; loneliness was not asked.
    assert part["res__score"] != ""
    assert part["de_jong_gierveld_6__score"] == ""


def test_second_export_as_jsonl_takes_the_place_of_the_first_and_says_the_same(
    talked: Path, as_csv: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(as_csv, out)
    exported(talked, out, "--format", "jsonl")

    assert sorted(path.name for path in out.iterdir()) == [
        "codebook.html",
        "codebook.json",
        "codebook.md",
        "codebook.xml",
        "manifest.json",
        "veerkracht.answers.jsonl",
        "veerkracht.jsonl",
    ]
    lines = (out / "veerkracht.jsonl").read_text(encoding="utf-8").splitlines()
    for line, row in zip(map(json.loads, lines), read_csv(as_csv), strict=True):
        assert {path: (one.get("value", ""), one["status"]) for path, one in line["answers"].items()} == {
            path: (row[path], row[f"{path}__status"]) for path in line["answers"]
        }
        assert {name: "" if value is None else str(value) for name, value in line["scores"].items()} == {
            name: row[name] for name in line["scores"]
        }


def test_export_has_a_codebook_and_a_manifest_that_fits(as_csv: Path) -> None:
    manifest = json.loads((as_csv / "manifest.json").read_text(encoding="utf-8"))
    codebook = (as_csv / "codebook.md").read_text(encoding="utf-8")

    assert sorted(path.name for path in as_csv.iterdir()) == [
        "codebook.html",
        "codebook.json",
        "codebook.md",
        "codebook.xml",
        "manifest.json",
        "veerkracht.answers.csv",
        "veerkracht.csv",
    ]
    for name, facts in manifest["files"].items():
        assert hashlib.sha256((as_csv / name).read_bytes()).hexdigest() == facts["sha256"]
    columns = read_csv(as_csv)[0]
    paths = [name for name in columns if f"{name}__status" in columns]
    assert [path for path in paths if path not in codebook] == []
    assert "unconfirmed" in codebook


def test_simulated_residents_are_in_an_export_only_when_asked_for(as_csv: Path, with_simulated: Path) -> None:
    assert [row["simulated"] for row in read_csv(as_csv)] == ["0", "0"]
    assert sorted(row["simulated"] for row in read_csv(with_simulated)) == ["0", "0", "1"]


def test_export_in_english_has_english_labels(with_simulated: Path) -> None:
    assert read_csv(with_simulated)[0]["life/res_1__label"] == "Agree"


def test_export_names_nobody(talked: Path, with_simulated: Path) -> None:
    references = rows(talked / "wijkverhaal.db", "select reference from conversations")
    written = b"".join(path.read_bytes() for path in with_simulated.iterdir())

    assert len(references) >= 3
    assert [name for (name,) in references if name.encode() in written] == []


def test_export_leaves_a_folder_with_other_files_alone(talked: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    done = run_command("export", "--out", str(tmp_path), data=talked)

    assert (done.returncode, done.stderr) == (
        1,
        f"{tmp_path} holds other files. Choose an empty folder for the export.\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize("door", ["--personal", "--open-answers"])
def test_export_of_more_without_a_reason_is_refused(talked: Path, tmp_path: Path, door: str) -> None:
    audited = rows(talked / "wijkverhaal.db", "select count(*) from audit")
    done = run_command("export", "--out", str(tmp_path / "out"), door, data=talked)

    assert (done.returncode, done.stderr) == (
        1,
        'Say with --reason "..." why more is needed than by default; it is kept in the audit log. Nothing was written.\n',
    )
    assert not (tmp_path / "out").exists()
    assert rows(talked / "wijkverhaal.db", "select count(*) from audit") == audited


def test_export_of_more_says_in_the_audit_log_why(talked: Path, tmp_path: Path) -> None:
    exported(talked, tmp_path / "default")
    exported(talked, tmp_path / "more", "--personal", "--open-answers", "--reason", "a talk went wrong")

    references = [name for (name,) in rows(talked / "wijkverhaal.db", "select reference from conversations")]
    default, more = (
        b"".join(path.read_bytes() for path in (tmp_path / name).iterdir()).decode("utf-8", "replace")
        for name in ("default", "more")
    )
    assert [name for name in references if name in default] == []
    assert [name for name in references if name in more] != []
    last = rows(
        talked / "wijkverhaal.db", "select action, thing, reason from audit order by number desc limit 2"
    )
    assert [row[0] for row in last] == ["exported", "export"]
    assert last[1][1:] == ("csv, personal, open answers", "a talk went wrong")
    assert last[0][1].startswith("csv, personal, open answers: ")


def test_export_without_a_folder_goes_to_one_of_its_own_in_the_data_folder(talked: Path) -> None:
    done = run_command("export", data=talked)

    assert done.returncode == 0, done.stderr
    assert "2 of 2 responses" in done.stderr.splitlines()
    [out] = (talked / "exports").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{6}", out.name)
    assert (out / "veerkracht.csv").exists()
    assert out.stat().st_mode & 0o077 == 0


def test_export_from_a_day_that_is_none_says_how_to_write_it(talked: Path, tmp_path: Path) -> None:
    done = run_command("export", "--out", str(tmp_path / "out"), "--since", "gisteren", data=talked)
    assert (done.returncode, done.stderr) == (1, "'gisteren' is no day. Write it as 2026-12-08.\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("format", "file"),
    [
        ("xlsx", "veerkracht.xlsx"),
        ("sav", "veerkracht.sav"),
        ("parquet", "veerkracht.parquet"),
        ("flow-results", "veerkracht/datapackage.json"),
    ],
)
def test_export_knows_every_format(talked: Path, tmp_path: Path, format: str, file: str) -> None:
    exported(talked, tmp_path / "out", "--format", format, "--since", "2026-01-01", "--wave", "0")

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["responses"] == {"veerkracht": 2}
    assert file in manifest["files"]
    assert (tmp_path / "out" / file).stat().st_size > 100


def test_export_without_a_single_response_says_so(tmp_path: Path) -> None:
    done = run_command("export", "--out", str(tmp_path / "out"), data=tmp_path / "data")

    assert done.returncode == 0
    assert "There are no responses yet." in done.stderr.splitlines()


def test_second_start_on_the_same_data_knows_everything(talked: Path, tmp_path: Path) -> None:
    data = shutil.copytree(talked, tmp_path / "copy")
    with running_assistant(data) as assistant:
        resident = Resident(assistant, "part")
        resident.say("start")

        assert "Wat gaat er goed" in resident.text
        assert [line for line in assistant.said if "new key" in line] == []
        assert counts(assistant.database) == counts(talked / "wijkverhaal.db")
    assert (data / "vault.key").stat().st_mode & 0o777 == 0o600


def test_locked_database_is_one_sentence(talked: Path, tmp_path: Path) -> None:
    data = shutil.copytree(talked, tmp_path / "copy")
    with closing(sqlite3.connect(data / "wijkverhaal.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert refused(data, "--port", "0") == (
            "The database is locked by another program. Close whatever has it open and start again."
        )


def test_other_key_is_one_sentence(talked: Path, tmp_path: Path) -> None:
    data = shutil.copytree(talked, tmp_path / "copy")
    (data / "vault.key").write_text(f"{new_key()}\n")

    assert refused(data, "--port", "0") == (
        "The key does not fit this database: the personal data in it cannot be read. "
        "Put back the key file that belongs to it."
    )


def test_lost_key_is_one_sentence_and_no_new_one_is_made(talked: Path, tmp_path: Path) -> None:
    data = shutil.copytree(talked, tmp_path / "copy")
    key = data / "vault.key"
    key.unlink()

    assert refused(data, "--port", "0") == (
        f"The key {key} is not there. Put back the key file that belongs to this data, or set WIJKVERHAAL_KEY; "
        "a new key would not fit."
    )
    assert not key.exists()


def test_demo_talks_with_a_running_assistant(assistant: Assistant, tmp_path: Path) -> None:
    before = counts(assistant.database)
    done = run_command("demo", "--residents", "3", "--url", assistant.url, data=tmp_path)
    after = counts(assistant.database)

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert done.stderr.splitlines()[-1].startswith("3 simulated residents had their say in ")
    assert after["conversations"] - before["conversations"] == 3


def test_demo_without_an_address_starts_an_assistant_of_its_own(tmp_path: Path) -> None:
    done = run_command("demo", "--residents", "3", data=tmp_path)
    found = rows(tmp_path / "wijkverhaal.db", "select simulated from conversations")

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert "3 simulated residents had their say in " in done.stderr
    assert found == [(1,)] * 3


def test_demo_without_anybody_at_the_address_is_one_sentence(tmp_path: Path) -> None:
    done = run_command("demo", "--residents", "3", "--url", "http://127.0.0.1:1", data=tmp_path)

    assert (done.returncode, done.stderr) == (
        1,
        "No wijkverhaal answers at http://127.0.0.1:1. Start it with 'make run', or leave --url out.\n",
    )
