"""The codebook of an export, as a page and as DDI-Codebook 2.5."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from lxml import etree, html

from domain.questionnaire import Choice, Group, Question, QuestionKind, Questionnaire
from storage.codebook import STATUSES, ExportForm, ExportScale, describe, to_markdown
from storage.codebook_ddi import NAMESPACE, DescribedTable, to_ddi
from storage.codebook_html import to_html
from storage.export_formats.codes import MISSING_CODES, codes
from storage.export_formats.spec import Column, TableSpec
from tests.ddi import complaints
from tests.tables import COLUMNS, HOSTILE, spec

DDI = {"d": NAMESPACE}


def question(path: str, kind: QuestionKind, text: str, *names: str) -> Question:
    choices = tuple(Choice(name, {"nl": f"{name}, op zijn Nederlands"}) for name in names)
    return Question(path, kind, {"nl": text}, choices=choices)


def form(*questions: Question, version: str = "1", title: str = "Veerkracht in de wijk") -> ExportForm:
    groups = (Group("pet", {"nl": "Huisdieren"}, is_repeat=True),)
    asked = Questionnaire("veerkracht", version, {"nl": title}, "nl", ("nl",), questions, groups)
    return ExportForm(asked, lambda answers, *_: answers)


MOOD = question("mood", QuestionKind.SELECT_ONE, "Hoe gaat het met u?", "good", "bad")
FORM = form(
    replace(MOOD, relevant="${alone} = 'yes'"),
    question("needs", QuestionKind.SELECT_MULTIPLE, "Wat mist u?", "care", "money"),
    question("story", QuestionKind.TEXT, "Vertel eens.\nAlles mag."),
    question("pet/name", QuestionKind.TEXT, "Hoe heet het dier?"),
)
SCALE = ExportScale("brs", ("mood",), ("brs", "brs__n"), lambda _: {}, {"title": "Brief Resilience Scale"})
CODEBOOK = describe([FORM], [SCALE], "nl")
HOSTILE_FORM = form(
    *(question(name.replace(" ", "_"), QuestionKind.SELECT_ONE, text, "a") for name, text in HOSTILE.items()),
    title='<script>alert("x")</script> & meer',
)


def tables(about: TableSpec) -> list[DescribedTable]:
    return [
        DescribedTable(("veerkracht.sav",), about, 12),
        DescribedTable(("pets/datapackage.json", "pets/responses.json"), about, None),
    ]


def ddi(about: TableSpec | None = None, codebook: dict[str, object] = CODEBOOK) -> bytes:
    return to_ddi(codebook, tables(about or spec()), "nl")


# DDI


def test_a_codebook_keeps_to_ddi_codebook_2_5() -> None:
    assert complaints(ddi()) == []


def test_a_codebook_of_hostile_words_does_too() -> None:
    words = [*HOSTILE.values(), "\x00\x0b\ud800"]
    about = spec([Column(text, "choice", text, {text: text}, has_status=True) for text in words])
    found = ddi(about, describe([HOSTILE_FORM], [], "nl"))
    assert complaints(found) == []
    labels = etree.fromstring(found).xpath("//d:var/d:qstn/d:qstnLit/text()", namespaces=DDI)
    assert labels[0] == HOSTILE["quotes"]


def test_an_export_of_nothing_has_a_codebook() -> None:
    assert complaints(to_ddi(describe([], [], "nl"), [], "nl")) == []


def test_every_column_is_a_variable_of_its_file_with_its_question() -> None:
    root = etree.fromstring(ddi())
    names = root.xpath("//d:var[@files='F1']/@name", namespaces=DDI)
    assert names == [column.name for column in COLUMNS]
    [mood] = root.xpath("//d:var[@files='F1'][@name='mood']", namespaces=DDI)
    assert mood.get("nature") == "ordinal"
    assert mood.xpath("d:qstn/d:qstnLit/text()", namespaces=DDI) == ["Hoe gaat het?"]
    assert mood.xpath("d:universe/text()", namespaces=DDI) == ["Asked when: ${alone} = 'yes'"]
    assert root.xpath("//d:fileDscr/d:fileTxt/d:dimensns/d:caseQnty/text()", namespaces=DDI) == ["12"]
    assert root.xpath("//d:fileDscr[@ID='F1']/d:fileTxt/d:fileName/text()", namespaces=DDI) == [
        "veerkracht.sav"
    ]


def test_ddi_has_values_labels_and_every_reason_as_missing() -> None:
    [alone] = etree.fromstring(ddi()).xpath("//d:var[@files='F1'][@name='home/alone']", namespaces=DDI)
    found = [
        (
            each.get("missing"),
            *(each.xpath(f"string(d:{part})", namespaces=DDI) for part in ("catValu", "labl", "txt")),
        )
        for each in alone.xpath("d:catgry", namespaces=DDI)
    ]
    assert found[:2] == [(None, "yes", "Ja", "SPSS: 1"), (None, "no", "Nee", "SPSS: 2")]
    assert found[2:] == [
        ("Y", status, STATUSES[status], f"SPSS: {code}") for status, code in MISSING_CODES.items()
    ]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b"<qstn ", b"<location/><qstn ", "var may not have <labl><location>"),
        (b'nature="ordinal"', b'nature="oridnal"', "var may not have nature"),
        (b'files="F1"', b'files="F9"', "there is no F9"),
        (b'ID="V1"', b'ID="V2"', "the ID V2 is there twice"),
        (b'missing="Y"', b'missing="yes"', "catgry may not have missing"),
        (b"<varFormat", b"<varLabel/><varFormat", "var may not have"),
        (b"<stdyInfo>", b"<stdyInfo><notes/>", "stdyInfo may not have"),
        (b"<caseQnty>12", b"<caseQnty>many", "caseQnty is no number"),
    ],
)
def test_the_check_would_have_said_what_is_wrong(old: bytes, new: bytes, complaint: str) -> None:
    document = ddi()
    assert old in document
    assert any(what.startswith(complaint) for what in complaints(document.replace(old, new, 1)))


# The page


def page(codebook: dict[str, object] = CODEBOOK) -> html.HtmlElement:
    found: html.HtmlElement = html.document_fromstring(to_html(codebook, "nl"))
    return found


def test_the_page_has_every_question_with_its_choices_and_their_numbers() -> None:
    text = " ".join(page().text_content().split())
    assert "Hoe gaat het met u?" in text
    assert "Asked when: ${alone} = 'yes'" in text
    assert "good good, op zijn Nederlands 1" in " ".join(" ".join(page().itertext()).split())
    assert "Hoe heet het dier?" in text
    assert "Brief Resilience Scale" in text
    assert "skipped" in text
    assert "apostrophe" in text


def test_the_page_can_be_read_aloud_and_found_the_way_in() -> None:
    found = page()
    assert found.get("lang") == "en"
    assert {each.get("lang") for each in found.xpath("//p[@class='text']")} == {"nl"}
    levels = [int(each.tag[1]) for each in found.xpath("//h1|//h2|//h3")]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    ids = found.xpath("//@id")
    assert len(set(ids)) == len(ids)
    assert {link.removeprefix("#") for link in found.xpath("//nav//a/@href")} == set(ids)
    assert all(each.get("scope") for each in found.xpath("//th"))


def test_nothing_that_somebody_wrote_in_a_form_becomes_part_of_the_page() -> None:
    written = to_html(describe([HOSTILE_FORM], [], 'nl"><script>'), 'nl"><script>')
    found = html.document_fromstring(written)
    assert found.xpath("//script") == []
    assert '<script>alert("x")</script> & meer (veerkracht, version 1)' in found.xpath("//h2/text()")
    assert HOSTILE["markup"] in found.xpath("//p[@class='text']/text()")


# The numbers of choices


def test_a_choice_has_one_number_in_all_versions() -> None:
    """As in the file: the newest form's order, and after it what only older ones had."""
    older = form(question("mood", QuestionKind.SELECT_ONE, "?", "bad", "good", "fair"), version="1")
    newer = form(question("mood", QuestionKind.SELECT_ONE, "?", "good", "fine", "bad"), version="2")
    first, second = (
        version["questions"][0]["codes"] for version in describe([older, newer], [], "nl")["questionnaires"]
    )
    assert second == {"good": 1, "fine": 2, "bad": 3}
    assert first == {"bad": 3, "good": 1, "fair": 4}


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["yes", "no"], [1, 2]),
        (["5", "4", "0"], [5, 4, 0]),
        (["1", "01"], [1, 2]),
        (["-1", "1"], [1, 2]),
        (["1", "other"], [1, 2]),
        ([], []),
    ],
)
def test_choices_that_are_numbers_are_those_numbers(names: list[str], numbers: list[int]) -> None:
    assert list(codes(names).values()) == numbers


def test_every_status_without_a_value_has_a_number() -> None:
    assert list(MISSING_CODES) == [status for status in STATUSES if status != "answered"]


def test_markdown_has_the_numbers_and_how_to_read_the_files() -> None:
    text = to_markdown(CODEBOOK)
    assert "- `good`: good, op zijn Nederlands (SPSS: 1)" in text
    assert "In SPSS: -99 `skipped`, -98 `dont_know`" in text
    assert re.search("^## How to read the files$", text, re.MULTILINE)
    assert "storage.export_formats.words.restored" in text
