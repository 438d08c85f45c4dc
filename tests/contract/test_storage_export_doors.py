"""By default an export tells nobody who somebody is; what more leaves, leaves with a reason. On both databases."""

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.effects import Record
from bot.ports import Changes, NewResponse
from domain.answer import answered
from domain.consent import Purpose
from domain.errors import DomainError
from domain.questionnaire import Choice, Group, Question, QuestionKind, Questionnaire
from domain.session import (
    Duo,
    Meemaker,
    MeemakerKind,
    Place,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
)
from storage import Store
from storage.export import Door, ExportForm, ExportOptions, ExportSummary, export_responses
from storage.export_rows import Said
from storage.export_tables import Tables
from storage.sessions import SessionTable
from tests.unit.storage.talking import AT, answer, consent, saving, stored

pytestmark = pytest.mark.anyio

CANARY = "Kanariegeel bankje"
PHONE = "06-12345678"
YES_NO = (Choice("yes", {"nl": "Ja"}), Choice("no", {"nl": "Nee"}))
FORM = Questionnaire(
    "veerkracht",
    "1",
    {"nl": "Veerkracht"},
    "nl",
    ("nl",),
    (
        Question("age", QuestionKind.INTEGER, {"nl": "Hoe oud bent u?"}),
        Question("older", QuestionKind.CALCULATE, {}),
        Question("open", QuestionKind.TEXT, {"nl": "Wat wilt u?"}),
        Question("likes", QuestionKind.SELECT_MULTIPLE, {"nl": "Wat dan?"}, choices=YES_NO),
        Question("prefers", QuestionKind.SELECT_ONE, {"nl": "Met wie?"}, choices=YES_NO, wish=True),
        Question("number", QuestionKind.TEXT, {"nl": "Uw nummer?"}, reach=True),
        Question("talk/said", QuestionKind.TEXT, {"nl": "Wat zei men?"}),
        Question("talk/may_quote", QuestionKind.SELECT_ONE, {"nl": "Mag dat?"}, choices=YES_NO),
        Question("talk", QuestionKind.REPEAT, {"nl": "Nog iets?"}),
    ),
    (Group("talk", {"nl": "Gesprek"}, is_repeat=True),),
)
DERIVED = {"older": frozenset({"age"})}
WHY = "a test of what leaves"


def read(said: Mapping[str, Said], _at: datetime, _channel: str) -> dict[str, Said]:
    older = {"older": Said.of(str(int(said["age"].value) + 1))} if "age" in said else {}
    return {**said, **older}


def lookup(questionnaire: str, version: str) -> ExportForm | None:
    known = (questionnaire, version) == (FORM.id, FORM.version)
    return ExportForm(FORM, read, DERIVED) if known else None


async def respond(
    store: Store, name: str, *changes: Changes, person: str = "", number: int = 0, **begin: Any
) -> None:
    started = NewResponse(name, begin.pop("form", "veerkracht"), "1", "nl", **begin)
    for place, each in enumerate((Changes("", begin=started, consents=[consent()]), *changes)):
        at = AT + timedelta(days=number, minutes=place)
        await store.turn(saving(each, ref=person or name, at=at))


def export(store: Store, out: Path, door: Door = Door(), **options: Any) -> ExportSummary:
    reason = WHY if door != Door() else ""
    wanted = ExportOptions(door=door, reason=reason, **options)
    return export_responses(
        store, lookup, (), wanted, out=out, look=look, alias=lambda name: f"alias of {name[:2]}"
    )


def look(text: str) -> tuple[str, ...]:
    return ("phone",) if PHONE in text else ()


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def everything_in(out: Path) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in out.rglob("*") if file.is_file())


def reference(store: Store) -> str:
    [(found,)] = stored(store, "reference", "responses")
    return str(found)


async def test_by_default_nothing_says_who_somebody_is(store: Store, tmp_path: Path) -> None:
    said = [answer("open", CANARY), answer("age", "41"), answer("prefers", "yes")]
    await respond(store, "r1", Changes("", answers=said), person="ria-peeters")

    out = tmp_path / "out"
    export(store, out)

    [row] = rows(out / "veerkracht.csv")
    assert (row["age"], row["age__label"], row["age__status"]) == ("30_44", "30 tot en met 44", "answered")
    assert (row["older"], row["older__status"]) == ("", "withheld")
    assert (row["open"], row["open__status"]) == ("", "withheld")
    assert [name for name in row if name.startswith(("prefers", "reference", "assisted_by"))] == []
    written = everything_in(out)
    assert [
        each for each in (CANARY, reference(store), "ria-peeters", '"41"', ",41,", ",42,") if each in written
    ] == []

    # The same words are found where they may leave, so the test can see them.
    export(store, out, Door(personal=True, open_answers=True))
    [row] = rows(out / "veerkracht.csv")
    assert (row["age"], row["older"], row["open"], row["prefers"]) == ("41", "42", CANARY, "yes")
    assert row["reference"] == reference(store)


async def test_personal_has_no_words_and_open_answers_no_pseudonyms(store: Store, tmp_path: Path) -> None:
    await respond(store, "r1", Changes("", answers=[answer("open", CANARY), answer("age", "41")]))

    export(store, tmp_path / "personal", Door(personal=True))
    [row] = rows(tmp_path / "personal/veerkracht.csv")
    assert (row["age"], row["open"], row["reference"]) == ("41", "", reference(store))
    assert CANARY not in everything_in(tmp_path / "personal")

    export(store, tmp_path / "open", Door(open_answers=True))
    [row] = rows(tmp_path / "open/veerkracht.csv")
    assert (row["age"], row["open"]) == ("30_44", CANARY)
    assert reference(store) not in everything_in(tmp_path / "open")


@pytest.mark.parametrize("door", [Door(personal=True), Door(open_answers=True)])
@pytest.mark.parametrize("reason", ["", "  \n"])
async def test_more_without_a_reason_is_refused_and_nothing_is_written(
    store: Store, tmp_path: Path, door: Door, reason: str
) -> None:
    await respond(store, "r1", Changes("", answers=[answer("open", CANARY)]))
    with pytest.raises(DomainError) as caught:
        export_responses(store, lookup, (), ExportOptions(door=door, reason=reason), out=tmp_path / "out")
    assert caught.value.code == "export_reason"
    assert not (tmp_path / "out").exists()


async def test_words_leave_with_the_consent_to_be_quoted_until_it_is_taken_back(
    store: Store, tmp_path: Path
) -> None:
    quote = Changes("", answers=[answer("open", CANARY)], consents=[consent(Purpose.QUOTE)])
    await respond(store, "r1", quote)
    export(store, tmp_path / "out")
    assert CANARY in everything_in(tmp_path / "out")

    taken_back = Changes("", consents=[consent(Purpose.QUOTE, given=False)])
    await store.turn(saving(taken_back, ref="r1", at=AT + timedelta(hours=1)))
    export(store, tmp_path / "out")
    assert CANARY not in everything_in(tmp_path / "out")
    [row] = rows(tmp_path / "out/veerkracht.csv")
    assert (row["open__status"], row["consent_quote"]) == ("withheld", "0")


async def test_who_takes_the_consent_to_be_quoted_back_later_takes_back_all_their_words(
    store: Store, tmp_path: Path
) -> None:
    quote = Changes("", answers=[answer("open", CANARY)], consents=[consent(Purpose.QUOTE)])
    await respond(store, "first", quote, person="ria")
    await respond(store, "other", quote, person="jo")
    no = Changes("", consents=[consent(Purpose.QUOTE, given=False)])
    await respond(store, "second", no, person="ria", number=1)

    export(store, tmp_path / "out")
    found = {row["response"]: row["open"] for row in rows(tmp_path / "out/veerkracht.csv")}
    assert found == {"first": "", "second": "", "other": CANARY}


async def test_each_sentence_of_a_report_has_a_consent_of_its_own(store: Store, tmp_path: Path) -> None:
    said = {
        "talk[1]/said": "Mag wel", "talk[1]/may_quote": "yes", "talk[2]": "yes", "talk[2]/said": CANARY,
        "talk[2]/may_quote": "no",
    }  # fmt: skip # read as one piece
    await respond(store, "r1", Changes("", answers=[answer(path, value) for path, value in said.items()]))

    export(store, tmp_path / "out")
    found = [
        (row["talk/said"], row["talk/said__status"]) for row in rows(tmp_path / "out/veerkracht__talk.csv")
    ]
    assert found == [("Mag wel", "answered"), ("", "withheld")]
    assert CANARY not in everything_in(tmp_path / "out")


async def test_nothing_leaves_of_a_form_that_nobody_has_any_more_but_by_both_doors(
    store: Store, tmp_path: Path
) -> None:
    await respond(store, "r1", Changes("", answers=[answer("q", CANARY)]), form="old")
    for door in (Door(), Door(personal=True), Door(open_answers=True)):
        export(store, tmp_path / "out", door)
        [row] = rows(tmp_path / "out/old.csv")
        assert (row["q"], row["q__status"]) == ("", "withheld")
    export(store, tmp_path / "out", Door(personal=True, open_answers=True))
    assert rows(tmp_path / "out/old.csv")[0]["q"] == CANARY


async def test_words_that_may_name_somebody_are_listed_without_the_words(
    store: Store, tmp_path: Path
) -> None:
    said = {
        "number": PHONE,
        "open": f"Bel {PHONE}",
        "talk[1]/said": f"Ook {PHONE}",
        "talk[2]": "yes",
        "talk[2]/said": "Niets",
    }
    await respond(store, "r1", Changes("", answers=[answer(path, value) for path, value in said.items()]))

    summary = export(store, tmp_path / "out", Door(open_answers=True), format="jsonl")
    assert summary.to_check == 2
    assert rows(tmp_path / "out/to_check.csv") == [
        {"response": "r1", "questionnaire": "veerkracht", "path": "open", "kinds": "phone"},
        {"response": "r1", "questionnaire": "veerkracht", "path": "talk[1]/said", "kinds": "phone"},
    ]
    export(store, tmp_path / "out", Door(open_answers=True))
    assert rows(tmp_path / "out/veerkracht.csv")[0]["open__look"] == "phone"
    assert [row["talk/said__look"] for row in rows(tmp_path / "out/veerkracht__talk.csv")] == ["phone", ""]

    # What does not leave needs no look.
    assert export(store, tmp_path / "out").to_check == 0
    assert not (tmp_path / "out/to_check.csv").exists()


async def test_there_is_a_row_for_each_answer_too(store: Store, tmp_path: Path) -> None:
    quote = [consent(Purpose.QUOTE)]
    said = [
        answer("age", "41"),
        answer("open", CANARY),
        answer("likes", "yes no"),
        answer("talk[1]/said", "Ja"),
    ]
    heard = Record("talk[1]/may_quote", answered("yes"), Purpose.ANSWERS, "rasa", "nlu-2")
    await respond(store, "r1", Changes("", answers=[*said, heard], consents=quote))

    summary = export(store, tmp_path / "out")
    at = "2026-03-01T12:01:00+00:00"
    assert [tuple(row.values()) for row in rows(tmp_path / "out/veerkracht.answers.csv")] == [
        ("r1", "age", "Hoe oud bent u?", "answered", "30_44", "30 tot en met 44", at),
        ("r1", "likes", "Wat dan?", "answered", "yes no", "Ja; Nee", at),
        ("r1", "open", "Wat wilt u?", "answered", CANARY, "", at),
        ("r1", "talk[1]/may_quote", "Mag dat?", "answered", "yes", "Ja", at),
        ("r1", "talk[1]/said", "Wat zei men?", "answered", "Ja", "", at),
        ("r1", "older", "", "withheld", "", "", ""),
    ]
    assert summary.answers == 6


async def test_rounds_and_days_choose_responses(store: Store, tmp_path: Path) -> None:
    await respond(store, "alone")
    await respond(store, "early", campaign="straat", wave=1, number=1)
    await respond(store, "late", campaign="straat", wave=2, number=2)

    def chosen(**options: Any) -> list[str]:
        export(store, tmp_path / "out", **options)
        return [row["response"] for row in rows(tmp_path / "out/veerkracht.csv")]

    assert chosen() == ["alone", "early", "late"]
    assert chosen(wave=2) == ["late"]
    assert chosen(wave=0) == ["alone"]
    assert chosen(since=AT + timedelta(days=1)) == ["early", "late"]
    assert chosen(since=AT + timedelta(days=1, microseconds=1)) == ["late"]


async def test_talks_stand_beside_their_reports_under_another_name(store: Store, tmp_path: Path) -> None:
    when = Stretch(AT, AT + timedelta(hours=1))

    def plan(table: SessionTable) -> None:
        for name, kind in (("els-jansen", MeemakerKind.RESIDENT), ("bo", MeemakerKind.PROFESSIONAL)):
            person = Meemaker(name, kind, frozenset({"nl"}), frozenset({"nazareth"}))
            table.put_meemaker(person, name=f"{name} Jansen", at=AT)
        table.put_duo(Duo("duo", "els-jansen", "bo"))
        table.put_place(Place("huis", "Buurthuis", "Straat 1", "nazareth", True, (), ()))
        talk = Session(
            "s1-secret",
            SessionKind.GROUP,
            "duo",
            "els-jansen",
            "bo",
            "huis",
            "",
            when,
            SessionStatus.DONE,
            0,
            "nl",
            4,
        )
        table.put_session(talk, at=AT)
        home = replace(
            talk,
            id="s0-secret",
            kind=SessionKind.HOME,
            place=None,
            seats=1,
            when=Stretch(AT - timedelta(days=2), AT),
        )
        table.put_session(home, at=AT)
        table.set_seat("s1-secret", "ria-peeters", SeatStatus.CAME, at=AT)
        table.set_seat("s1-secret", "jo", SeatStatus.CAME, at=AT)
        table.set_seat("s1-secret", "al", SeatStatus.MISSED, at=AT)

    await store.with_sessions(plan)
    await respond(store, "report", session="s1-secret")

    summary = export(store, tmp_path / "out")
    home, talk = rows(tmp_path / "out/sessions.csv")
    assert talk == {
        "session": "alias of s1", "kind": "group", "start_at": "2026-03-01T12:00:00+00:00",
        "end_at": "2026-03-01T13:00:00+00:00", "place": "Buurthuis", "neighbourhood": "nazareth", "status": "done",
        "seats": "4", "came": "2", "language": "nl",
    }  # fmt: skip # read as one row
    assert (home["place"], home["neighbourhood"], home["came"]) == ("", "", "0")
    assert rows(tmp_path / "out/veerkracht.csv")[0]["session"] == "alias of s1"
    assert summary.sessions == 2
    written = everything_in(tmp_path / "out")
    assert [
        each for each in ("secret", "Jansen", "Straat 1", "ria-peeters", "els-jansen") if each in written
    ] == []

    export(store, tmp_path / "since", since=AT)
    assert [row["session"] for row in rows(tmp_path / "since/sessions.csv")] == ["alias of s1"]
    export(store, tmp_path / "personal", Door(personal=True))
    assert rows(tmp_path / "personal/sessions.csv")[1]["session"] == "s1-secret"
    assert not (tmp_path / "without").exists()
    export(store, tmp_path / "without", sessions=False)
    assert not (tmp_path / "without/sessions.csv").exists()


async def test_a_talk_of_simulated_residents_is_in_no_export_that_does_not_ask_for_them(
    store: Store, tmp_path: Path
) -> None:
    real = await store.turn(saving(Changes(""), ref="ria"))
    simulated = await store.turn(saving(Changes(""), ref="demo", simulated=True))
    assert real is not None
    assert simulated is not None
    people = {"mixed": (real.reference, simulated.reference), "only": (simulated.reference,), "empty": ()}

    def plan(table: SessionTable) -> None:
        for number, (name, seated) in enumerate(people.items()):
            when = Stretch(AT + timedelta(days=number), AT + timedelta(days=number, hours=1))
            kind, done = SessionKind.GROUP, SessionStatus.DONE
            talk = Session(f"{name}-secret", kind, "duo", "els", "bo", None, "", when, done, 0, "nl", 4)
            table.put_session(talk, at=AT)
            for reference in seated:
                table.set_seat(talk.id, reference, SeatStatus.CAME, at=AT)

    await store.with_sessions(plan)
    export(store, tmp_path / "out")
    export(store, tmp_path / "all", include_simulated=True)

    found, every = rows(tmp_path / "out/sessions.csv"), rows(tmp_path / "all/sessions.csv")
    assert [(row["session"], row["came"]) for row in found] == [("alias of mi", "1"), ("alias of em", "0")]
    assert [row["came"] for row in every] == ["2", "1", "0"]


async def test_manifest_says_what_was_asked_and_what_there_is(store: Store, tmp_path: Path) -> None:
    await respond(store, "r1", Changes("", answers=[answer("age", "41")]))
    made_at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    export(store, tmp_path / "out", Door(personal=True), made_at=made_at, product="1.2.3", wave=0)

    found = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))
    files = found.pop("files")
    assert set(files) >= {"veerkracht.csv", "veerkracht.answers.csv", "codebook.md"}
    assert found == {
        "made_by": "wijkverhaal export 2",
        "product": "1.2.3",
        "made_at": "2026-11-28T12:00:00+00:00",
        "format": "csv",
        "language": "nl",
        "options": {
            "questionnaire": "", "wave": 0, "since": "", "personal": True, "open_answers": False, "reason": WHY,
        },
        "simulated": False,
        "versions": [{"questionnaire": "veerkracht", "version": "1"}],
        "responses": {"veerkracht": 1},
        "withdrawn": 0,
        "answers": 2,
        "sessions": 0,
        "rows": {"veerkracht": 1, "veerkracht.answers": 2},
        "to_check": 0,
        "notes": [],
    }  # fmt: skip # read as one document


async def test_an_export_that_fails_halfway_leaves_everything_as_it_was(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = Changes("", answers=[answer("open", CANARY)], consents=[consent(Purpose.QUOTE)])
    await respond(store, "r1", quote)

    def full(_: Tables) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Tables, "describe", full)
        with pytest.raises(DomainError) as caught:
            export(store, tmp_path / "a" / "out")
    assert caught.value.code == "no_disk"
    assert list(tmp_path.iterdir()) == [path for path in tmp_path.iterdir() if path.name == "data"]

    export(store, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr(Tables, "describe", full)
        with pytest.raises(DomainError):
            export(store, tmp_path / "out", format="jsonl")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


async def test_new_folders_are_for_who_makes_them_alone(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "exports" / "today")
    for folder in ("exports", "exports/today"):
        assert (tmp_path / folder).stat().st_mode & 0o077 == 0


async def test_progress_is_told_up_to_the_end(store: Store, tmp_path: Path) -> None:
    await respond(store, "r1")
    await respond(store, "gone", Changes("", consents=[consent(given=False)]))
    told: list[tuple[int, int]] = []
    export_responses(store, lookup, out=tmp_path / "out", tell=lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (2, 2)]
