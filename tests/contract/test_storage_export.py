"""An export holds what may be known of each response, is safe in a spreadsheet, and explains itself."""

import csv
import gc
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.effects import Record
from bot.ports import Changes, NewResponse
from domain.answer import Answer, AnswerStatus, answered
from domain.consent import Purpose
from domain.errors import DomainError
from domain.questionnaire import Choice, Group, Question, QuestionKind, Questionnaire
from storage import Store, export_rows
from storage.export import ExportForm, ExportOptions, ExportScale, export_responses
from storage.export_door import EVERYTHING
from storage.export_formats import spooled
from storage.export_rows import CHUNK, ExportStatements, Said, StoredResponse, Wanted, read_responses
from tests.unit.storage.talking import AT, answer, consent, saving

pytestmark = pytest.mark.anyio

YES_NO = (Choice("yes", {"nl": "Ja", "en": "Yes"}), Choice("no", {"nl": "Nee", "en": "No"}))
FORM = Questionnaire(
    "veerkracht",
    "1",
    {"nl": "Veerkracht"},
    "nl",
    ("nl", "en"),
    (
        Question(
            "agree", QuestionKind.SELECT_ONE, {"nl": "Mag het?"}, choices=YES_NO, consent=Purpose.ANSWERS
        ),
        Question("home/alone", QuestionKind.SELECT_ONE, {"nl": "Woont u alleen?"}, choices=YES_NO),
        Question(
            "home/with", QuestionKind.SELECT_MULTIPLE, {"nl": "Met wie?"}, choices=YES_NO, relevant="no"
        ),
        Question("age", QuestionKind.INTEGER, {"nl": "Leeftijd?"}),
        Question("open", QuestionKind.TEXT, {"nl": "Wat wilt u?"}),
        Question("twice", QuestionKind.CALCULATE, {}),
        Question("thanks", QuestionKind.NOTE, {"nl": "Dank u"}),
    ),
)


def read(answers: Mapping[str, Said], at: datetime, channel: str) -> dict[str, Said]:
    """The form's logic: who lives alone is not asked with whom, and `twice` is worked out."""
    kept = dict(answers)
    if "home/alone" in kept and kept["home/alone"].value == "yes":
        kept.pop("home/with", None)
    if "age" in kept and kept["age"].value:
        kept["twice"] = Said.of(str(2 * int(kept["age"].value)))
    return kept


def lookup(questionnaire: str, version: str) -> ExportForm | None:
    return ExportForm(FORM, read) if (questionnaire, version) == (FORM.id, FORM.version) else None


def score(values: Mapping[str, str]) -> dict[str, object]:
    return {"aging_total": float(values["age"]) if "age" in values else None, "aging_flag": "age" in values}


SCALE = ExportScale(
    "aging",
    ("age",),
    ("aging_total", "aging_flag"),
    score,
    {"citation": "Own work (2026)", "wording": {"nl": "unconfirmed"}},
)
OTHER = ExportScale("other", ("not_in_this_form",), ("other_total",), score)
DEAD_END = Answer(AnswerStatus.DONT_KNOW)


async def respond(
    store: Store, name: str, *changes: Changes, simulated: bool = False, form: str = "veerkracht"
) -> None:
    begin = Changes("", begin=NewResponse(name, form, "1", "nl"), consents=[consent()])
    for number, each in enumerate((begin, *changes)):
        at = AT + timedelta(minutes=number)
        await store.turn(saving(each, ref=name, at=at, simulated=simulated))


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


ALL: dict[str, Any] = {"door": EVERYTHING, "reason": "a test of what is there"}


def export(store: Store, out: Path, **options: Any) -> Path:
    """By both doors, so that everything is there."""
    export_responses(store, lookup, [SCALE, OTHER], ExportOptions(**ALL, **options), out=out)
    return out


async def test_csv_has_values_labels_statuses_and_scores(store: Store, tmp_path: Path) -> None:
    answers = [
        answer("home/alone", "no"),
        answer("home/with", "yes no"),
        answer("age", "41"),
        answer("open", DEAD_END),
    ]
    await respond(
        store,
        "r1",
        Changes("", answers=answers),
        Changes("", answers=[answer("age", "42")], close="finished"),
    )

    [row] = rows(export(store, tmp_path / "out") / "veerkracht.csv")
    assert row == {
        "response": "r1",
        "questionnaire": "veerkracht",
        "version": "1",
        "language": "nl",
        "channel": "telegram",
        "simulated": "0",
        "started_at": "2026-03-01T12:00:00+00:00",
        "closed_at": "2026-03-01T12:02:00+00:00",
        "outcome": "finished",
        "campaign": "",
        "wave": "0",
        "assisted": "0",
        "assisted_by": "",
        "reference": "person-1",
        "consent_quote": "0",
        "session": "",
        "home/alone": "no",
        "home/alone__label": "Nee",
        "home/alone__status": "answered",
        "home/with": "yes no",
        "home/with__status": "answered",
        "age": "42",
        "age__status": "answered",
        "open": "",
        "open__status": "dont_know",
        "open__look": "",
        "twice": "84",
        "twice__status": "answered",
        "aging_total": "42.0",
        "aging_flag": "1",
    }


async def test_jsonl_says_the_same(store: Store, tmp_path: Path) -> None:
    quote = consent(Purpose.QUOTE)
    await respond(store, "r1", Changes("", answers=[answer("home/alone", "yes")], consents=[quote]))

    out = export(store, tmp_path / "out", format="jsonl", language="en")
    [line] = (out / "veerkracht.jsonl").read_text(encoding="utf-8").splitlines()
    found = json.loads(line)
    assert found["answers"] == {
        "home/alone": {"status": "answered", "value": "yes", "label": "Yes"},
        "home/with": {"status": "not_asked"},
        "age": {"status": "not_asked"},
        "open": {"status": "not_asked"},
        "twice": {"status": "not_asked"},
    }
    assert found["scores"] == {"aging_total": None, "aging_flag": False}
    assert (found["consent_quote"], found["simulated"]) == (True, False)


async def test_jsonl_names_the_model_that_helped_to_understand_the_answer_that_counts(
    store: Store, tmp_path: Path
) -> None:
    heard = Record("child[1]/pet[2]/name", answered("Rex"), Purpose.ANSWERS, "rasa", "nlu-2")
    pets = [answer("child[1]", "yes"), answer("child[1]/pet[2]", "yes"), heard]
    await respond(store, "pets", Changes("", answers=pets), form="pets")
    before = Record("age", answered("41"), Purpose.ANSWERS, "rasa", "nlu-1")
    after = Record("home/alone", answered("yes"), Purpose.ANSWERS, "rasa", "nlu-2")
    await respond(
        store, "r1", Changes("", answers=[before, after]), Changes("", answers=[answer("age", "42")])
    )

    form = ExportForm(PETS, lambda answers, _at, _channel: answers)
    wanted = ExportOptions(questionnaire="pets", format="jsonl", **ALL)
    export_responses(store, lambda *_: form, [], wanted, out=tmp_path / "pets")
    out = export(store, tmp_path / "out", questionnaire="veerkracht", format="jsonl")
    [line] = (out / "veerkracht.jsonl").read_text(encoding="utf-8").splitlines()
    found = json.loads(line)["answers"]
    assert found["home/alone"] == {"status": "answered", "value": "yes", "label": "Ja", "model": "nlu-2"}
    assert found["age"] == {"status": "answered", "value": "42"}
    [pet] = (tmp_path / "pets" / "pets__child__pet.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(pet)["answers"]["child/pet/name"]["model"] == "nlu-2"


async def test_answer_that_became_irrelevant_is_absent(store: Store, tmp_path: Path) -> None:
    answers = [answer("home/alone", "no"), answer("home/with", "yes"), answer("home/alone", "yes")]
    await respond(store, "r1", Changes("", answers=answers))

    [row] = rows(export(store, tmp_path / "out") / "veerkracht.csv")
    assert (row["home/with"], row["home/with__status"]) == ("", "not_asked")


async def test_answers_under_a_withdrawn_consent_are_absent(store: Store, tmp_path: Path) -> None:
    sensitive = Purpose.SENSITIVE
    answers = [answer("age", "42"), answer("open", "eenzaam", sensitive)]
    await respond(
        store,
        "r1",
        Changes("", answers=answers, consents=[consent(sensitive)]),
        Changes("", consents=[consent(sensitive, given=False)]),
    )

    [row] = rows(export(store, tmp_path / "out") / "veerkracht.csv")
    assert (row["age"], row["open"], row["open__status"]) == ("42", "", "not_asked")


async def test_answers_that_came_after_the_no_are_absent(store: Store, tmp_path: Path) -> None:
    sensitive = Purpose.SENSITIVE
    await respond(
        store,
        "r1",
        Changes("", consents=[consent(sensitive, given=False)]),
        Changes("", answers=[answer("age", "42"), answer("open", "eenzaam", sensitive)]),
    )

    [row] = rows(export(store, tmp_path / "out") / "veerkracht.csv")
    assert (row["age"], row["open"], row["open__status"]) == ("42", "", "not_asked")


async def test_response_whose_consent_is_withdrawn_is_absent(store: Store, tmp_path: Path) -> None:
    await respond(store, "gone", Changes("", consents=[consent(given=False)]))
    await respond(store, "kept")

    summary = export_responses(store, lookup, out=tmp_path / "out")
    assert [row["response"] for row in rows(tmp_path / "out" / "veerkracht.csv")] == ["kept"]
    assert (summary.responses, summary.withdrawn) == ({"veerkracht": 1}, 1)


async def test_simulated_people_come_only_when_asked_for(store: Store, tmp_path: Path) -> None:
    await respond(store, "real")
    await respond(store, "simulated", simulated=True)

    without = rows(export(store, tmp_path / "a") / "veerkracht.csv")
    with_them = rows(export(store, tmp_path / "b", include_simulated=True) / "veerkracht.csv")
    assert [row["response"] for row in without] == ["real"]
    assert sorted(row["response"] for row in with_them) == ["real", "simulated"]


async def test_erased_person_is_absent(store: Store, tmp_path: Path) -> None:
    await respond(store, "r1", Changes("", answers=[answer("open", "Kanarie")]))
    assert "Kanarie" in (export(store, tmp_path / "out") / "veerkracht.csv").read_text()
    await store.turn(saving(Changes("", erase=True), ref="r1"))

    export(store, tmp_path / "out")
    assert not any("Kanarie" in file.read_text() for file in (tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "text, cell",
    [
        ("=1+1", "'=1+1"),
        ("+31 6 12345678", "'+31 6 12345678"),
        ("-niets", "'-niets"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("-5", "-5"),
        ("+3.5", "+3.5"),
        ('zeg "ja", of;\nnee', 'zeg "ja", of;\nnee'),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_words_never_run_in_a_spreadsheet(store: Store, tmp_path: Path, text: str, cell: str) -> None:
    await respond(store, "r1", Changes("", answers=[answer("open", text)]))

    [row] = rows(export(store, tmp_path / "out") / "veerkracht.csv")
    assert row["open"] == cell


async def test_form_that_is_not_at_hand_is_exported_as_stored(store: Store, tmp_path: Path) -> None:
    await respond(store, "r1", Changes("", answers=[answer("q", "x")]), form="../old form")

    [row] = rows(export(store, tmp_path / "out") / "___old_form.csv")
    assert (row["q"], row["q__status"]) == ("x", "answered")


async def test_one_questionnaire_may_be_asked_for(store: Store, tmp_path: Path) -> None:
    await respond(store, "r1")
    await respond(store, "r2", form="other")

    out = export(store, tmp_path / "out", questionnaire="other")
    assert sorted(file.name for file in out.glob("*.csv")) == ["other.answers.csv", "other.csv"]


async def test_every_response_is_there_beyond_one_chunk(store: Store, tmp_path: Path) -> None:
    names = [f"r{number}" for number in range(CHUNK + 5)]
    for name in names:
        begin = Changes("", begin=NewResponse(name, "veerkracht", "1", "nl"), answers=[answer("open", name)])
        await store.turn(saving(begin, ref=name))

    found = rows(export(store, tmp_path / "out") / "veerkracht.csv")
    assert sorted(row["response"] for row in found) == sorted(names)
    assert all(row["open"] == row["response"] for row in found)


async def test_what_leads_to_people_is_not_even_read(store: Store) -> None:
    await respond(store, "r1")
    for traceable in (False, True):
        sql, wanted = ExportStatements(store.dialect, traceable=traceable), Wanted(traceable=traceable)
        with store.reading() as db:
            [found] = read_responses(db, sql, wanted)
        assert bool(found.reference) == traceable


async def test_however_many_there_are_a_few_are_in_memory(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, out = 10, tmp_path / "out"
    monkeypatch.setattr(export_rows, "CHUNK", few)
    monkeypatch.setattr(spooled, "_ROWS", few)
    for number in range(6 * few):
        begin = NewResponse(f"r{number:02}", "veerkracht", "1", "nl")
        await store.turn(saving(Changes("", begin=begin, answers=[answer("open", "x" * 1000)]), ref=begin.id))
    seen: list[str] = []
    in_memory: list[int] = []
    on_disk: list[int] = []

    def count(words: str) -> tuple[str, ...]:
        seen.append(words)
        if len(seen) in (2 * few, 6 * few):  # looking through all of the memory takes its time
            in_memory.append(sum(isinstance(each, StoredResponse) for each in gc.get_objects()))
            on_disk.append(sum(path.stat().st_size for path in out.iterdir()))
        return ()

    export_responses(store, lookup, (), ExportOptions(door=EVERYTHING, reason="audit"), out=out, look=count)
    assert len(in_memory) == 2
    assert max(in_memory) <= 2 * few
    assert on_disk[-1] >= 4 * few * 1000


async def test_export_explains_itself(store: Store, tmp_path: Path) -> None:
    await respond(store, "r1")
    out = export(store, tmp_path / "out")

    codebook = (out / "codebook.md").read_text(encoding="utf-8")
    for part in (
        "Woont u alleen?",
        "`yes`: Ja",
        "Own work (2026)",
        "nl: unconfirmed",
        "dont_know",
        "not_asked",
    ):
        assert part in codebook, part
    [form] = json.loads((out / "codebook.json").read_text(encoding="utf-8"))["questionnaires"]
    assert [scale["id"] for scale in form["scales"]] == ["aging"]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["responses"] == {"veerkracht": 1}
    for name, facts in manifest["files"].items():
        assert facts["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()
    assert sorted(file.name for file in out.iterdir()) == sorted([*manifest["files"], "manifest.json"])


PETS = Questionnaire(
    "pets",
    "1",
    {"nl": "Dieren"},
    "nl",
    ("nl",),
    (
        Question("age", QuestionKind.INTEGER, {"nl": "Leeftijd?"}),
        Question("child/alone", QuestionKind.SELECT_ONE, {"nl": "Alleen?"}, choices=YES_NO),
        Question("child/pet/name", QuestionKind.TEXT, {"nl": "Naam?"}),
        Question("child/pet", QuestionKind.REPEAT, {"nl": "Dier"}),
        Question("child", QuestionKind.REPEAT, {"nl": "Kind"}),
    ),
    (Group("child", {"nl": "Kind"}, is_repeat=True), Group("child/pet", {"nl": "Dier"}, is_repeat=True)),
)


async def test_repeats_have_a_file_each_with_a_row_for_each_instance(store: Store, tmp_path: Path) -> None:
    said = {
        "age": "40", "child[1]/alone": "yes", "child[1]/pet[1]/name": "Bo", "child[1]/pet[2]": "yes",
        "child[1]/pet[2]/name": "Rex", "child[1]/pet[3]": "no", "child[2]": "yes", "child[3]": "no",
    }  # fmt: skip # read as one piece
    await respond(
        store, "a", Changes("", answers=[answer(path, value) for path, value in said.items()]), form="pets"
    )

    form = ExportForm(PETS, lambda answers, _at, _channel: answers)
    summary = export_responses(store, lambda *_: form, [], ExportOptions(**ALL), out=tmp_path / "out")

    assert summary.files[:3] == ("pets.csv", "pets__child.csv", "pets__child__pet.csv")
    (main,) = rows(tmp_path / "out/pets.csv")
    assert [name for name in main if "child" in name] == []
    assert rows(tmp_path / "out/pets__child.csv") == [
        {"response": "a", "instance": "child[1]", "child/alone": "yes", "child/alone__label": "Ja", "child/alone__status": "answered"},
        {"response": "a", "instance": "child[2]", "child/alone": "", "child/alone__label": "", "child/alone__status": "not_asked"},
    ]  # fmt: skip # read as one piece
    pets = rows(tmp_path / "out/pets__child__pet.csv")
    assert [(row["instance"], row["child/pet/name"]) for row in pets] == [
        ("child[1]/pet[1]", "Bo"),
        ("child[1]/pet[2]", "Rex"),
    ]
    assert "### Repeat `child/pet`" in (tmp_path / "out/codebook.md").read_text("utf-8")


async def test_earlier_export_is_replaced_and_nothing_else(store: Store, tmp_path: Path) -> None:
    await respond(store, "r1")
    out = export(store, tmp_path / "out", format="jsonl")
    export(store, out)
    assert sorted(file.name for file in out.iterdir()) == [
        "codebook.html",
        "codebook.json",
        "codebook.md",
        "codebook.xml",
        "manifest.json",
        "veerkracht.answers.csv",
        "veerkracht.csv",
    ]

    (out / "notes.txt").write_text("mine")
    with pytest.raises(DomainError) as caught:
        export(store, out)
    assert caught.value.code == "out_exists"
    assert (out / "notes.txt").read_text() == "mine"


async def test_empty_database_gives_a_codebook_without_questions(store: Store, tmp_path: Path) -> None:
    summary = export_responses(store, lookup, out=tmp_path / "out")

    assert summary.responses == {}
    assert summary.files == ("codebook.json", "codebook.md", "codebook.html", "codebook.xml", "manifest.json")
