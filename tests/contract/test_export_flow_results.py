"""Packages of Flow Results, by the text of the specification."""

import json
from pathlib import Path
from typing import Any

import pytest

from storage.export_formats.spec import Column
from tests.flow_results import complaints
from tests.tables import (
    HALVES,
    HOSTILE,
    LONG,
    ONE_OF_EACH,
    UNSAID,
    YES_NO,
    Line,
    Written,
    spec,
    write,
    write_rows,
    write_texts,
)


def rows(written: Written) -> list[list[Any]]:
    found: list[list[Any]] = json.loads(written.paths[1].read_bytes())
    return found


def questions(written: Written) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written.path.read_bytes())["resources"][0]["schema"]["questions"]
    return found


def said(written: Written, response: str = "r1") -> dict[str, Any]:
    return {row[4]: row[5] for row in rows(written) if row[3] == response}


@pytest.mark.parametrize("language", ["nl", "en", "tlh"])
@pytest.mark.parametrize("lines", [(), ONE_OF_EACH, [Line(f"r{number}") for number in range(30)]])
def test_a_package_keeps_to_the_specification(tmp_path: Path, language: str, lines: list[Line]) -> None:
    assert complaints(write(tmp_path, "flow-results", lines, language).path) == []


def test_a_package_of_hostile_words_does_too(tmp_path: Path) -> None:
    texts = [*HOSTILE.values(), HALVES, LONG]
    columns = [Column(text, "choice", text, {text: text}, has_status=True) for text in texts]
    written = write_rows(
        tmp_path, "flow-results", spec([Column("response"), *columns]), [("r1", *texts), (LONG, *texts)]
    )
    assert complaints(written.path) == []
    assert len(rows(written)) == 2 * len(texts)


def test_every_answer_is_a_row_as_its_question_has_it(tmp_path: Path) -> None:
    written = write(tmp_path, "flow-results")
    found = said(written)
    assert (found["home/alone"], found["mood"], found["needs"]) == ("no", "4", ["company", "money"])
    assert (found["home/size"], found["rent"], found["since"]) == (3, 612.5, "2019-05-04")
    assert (found["story"], found["brs"], found["simulated"]) == ("Het is fijn hier.", 3.5, "false")
    assert questions(written)["mood"] == {
        "type": "select_one",
        "label": "Hoe gaat het?",
        "type_options": {
            "choices": ["1", "2", "3", "4", "5"],
            "choice_labels": {str(grade): f"{grade} van de 5" for grade in range(1, 6)},
        },
    }
    [mood] = [row for row in rows(written) if row[4] == "home/alone"]
    assert mood[0] == "2026-03-01T12:01:30.250000+00:00"
    assert mood[6] == {"model": "nlu-2"}


def test_what_was_asked_and_not_answered_is_a_row_with_the_reason(tmp_path: Path) -> None:
    written = write(tmp_path, "flow-results", ONE_OF_EACH)
    for status in UNSAID:
        found = said(written, f"r-{status}")
        assert "mood" not in found
        # What nobody asked is no row at all.
        assert found.get("mood__status") == (status if status != "not_asked" else None)


def test_hostile_words_come_back_as_they_were_written(tmp_path: Path) -> None:
    written = write_texts(tmp_path, "flow-results", [*HOSTILE.values(), LONG])
    assert [row[5] for row in rows(written) if row[4] == "words"] == [*HOSTILE.values(), LONG]


def test_a_package_has_the_same_id_each_time(tmp_path: Path) -> None:
    first, second = (json.loads(write(tmp_path / name, "flow-results").path.read_bytes()) for name in "ab")
    assert first["id"] == second["id"]


def test_responses_of_one_person_have_one_contact_where_the_export_says_who(tmp_path: Path) -> None:
    columns = [Column("response"), Column("reference"), Column("q", "choice", "", YES_NO, has_status=True)]
    written = write_rows(tmp_path, "flow-results", spec(columns), [("r1", "p1", "yes"), ("r2", "p1", "no")])
    assert complaints(written.path) == []
    assert [row[2:6] for row in rows(written)] == [["p1", "r1", "q", "yes"], ["p1", "r2", "q", "no"]]


def test_instances_of_a_repeat_are_rows_of_their_own(tmp_path: Path) -> None:
    columns = [Column("response"), Column("instance"), Column("pet/name", has_status=True)]
    written = write_rows(
        tmp_path, "flow-results", spec(columns), [("r1", "pet[1]", "Bo"), ("r1", "pet[2]", "Bo")]
    )
    assert complaints(written.path) == []
    assert [row[1] for row in rows(written)] == ["r1:pet[1]:pet/name", "r1:pet[2]:pet/name"]


@pytest.mark.parametrize(
    ("part", "value", "complaint"),
    [
        (0, "2026-03-01T12:01:30Z", "row 0: timestamp"),
        (0, "2026-03-01 12:01:30+00:00", "row 0: timestamp"),
        (3, "", "row 0: an id is no text"),
        (4, "nobody asked", "row 0: question nobody asked is not in the schema"),
        (5, 7, "row 0: 7 is no response to home/alone"),
        (6, [], "row 0: the metadata is no object"),
    ],
)
def test_the_check_would_have_said_what_is_wrong(
    tmp_path: Path, part: int, value: object, complaint: str
) -> None:
    written = write(tmp_path, "flow-results")
    found = [row for row in rows(written) if row[4] == "home/alone"]
    found[0][part] = value
    written.paths[1].write_text(json.dumps(found), encoding="utf-8")
    assert complaints(written.path)[0].startswith(complaint)
